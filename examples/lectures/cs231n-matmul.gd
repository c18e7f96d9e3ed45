# title: A product of matrices, with a gradient from above
# source: CS231n lecture 4 (2025), backprop with matrices
# note: G is the gradient from above; its product with Y brings it in.
# run: graphdiff backprop -f examples/lectures/cs231n-matmul.gd --at "X=[[2,1,-3],[-3,4,2]],W=[[3,2,1,-1],[2,1,3,2],[3,2,1,-2]],G=[[2,3,-3,9],[-8,1,4,6]]"
X: 2x3
W: 3x4
G: 2x4
Y = X@W
L = sum(G*Y)
