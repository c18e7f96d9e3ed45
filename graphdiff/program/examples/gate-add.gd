# title: Add gate: gradient distributor
# source: CS231n 10th-anniversary slides, lecture 4 (April 10, 2025) p.101-104 'Patterns in gradient flow'
# at: a=3,b=4,g=2
# note: g injects the upstream gradient of the slide.
z = a + b
L = g*z
