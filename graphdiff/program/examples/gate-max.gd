# title: Max gate: gradient router
# source: CS231n 10th-anniversary slides, lecture 4 (April 10, 2025) p.101-104 'Patterns in gradient flow'
# at: a=4,b=5,g=9
# note: g injects the upstream gradient of the slide.
z = max(a, b)
L = g*z
