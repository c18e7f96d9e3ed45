# title: Multiply gate: swap multiplier
# source: CS231n 10th-anniversary slides, lecture 4 (April 10, 2025) p.101-104 'Patterns in gradient flow'
# at: a=2,b=3,g=5
# note: g injects the upstream gradient of the slide.
z = a*b
L = g*z
