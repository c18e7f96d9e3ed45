# title: Twice the inner product of a vector with itself
# source: Zhang et al., Dive into Deep Learning, automatic differentiation
# run: graphdiff backprop -f examples/lectures/d2l-autograd.gd --at "x=[0,1,2,3]"
x: 4
y = 2*dot(x, x)
