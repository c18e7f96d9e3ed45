# title: Squared norm of a matrix times a vector
# source: CS231n lecture 4, a vectorized example
# run: graphdiff backprop -f examples/lectures/cs231n-l2.gd --at "W=[[0.1,0.5],[-0.3,0.8]],x=[0.2,0.4]"
W: 2x2
x: 2
q = W@x
f = sum(q*q)
