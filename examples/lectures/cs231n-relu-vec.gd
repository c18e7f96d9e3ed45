# title: Relu on a vector, with a gradient from above
# source: CS231n lecture 4 (2025), backprop with vectors
# note: g is the gradient from above; its product with z brings it in.
# run: graphdiff backprop -f examples/lectures/cs231n-relu-vec.gd --at "x=[1,-2,3,-1],g=[4,-1,5,9]"
x: 4
g: 4
z = relu(x)
L = sum(g*z)
