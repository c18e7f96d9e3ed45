# title: Sum of the squares of a vector
# source: Zhang et al., Dive into Deep Learning, automatic differentiation, non-scalar variables
# run: graphdiff backprop -f examples/lectures/d2l-autograd-sum.gd --at "x=[0,1,2,3]"
x: 4
u = x*x
y = sum(u)
