# title: 10*exp(sin(x)) + cos(x)^2 at x = 2
# source: university 'Backprop examples' page using HIPS autograd
# at: x=2
# note: An example given for HIPS autograd.
f = 10*exp(sin(x)) + cos(x)^2
