# title: Mean of 3(x+2)² over a 2×2 matrix of ones
# source: PyTorch autograd tutorial (60-minute blitz)
# run: graphdiff backprop -f examples/lectures/pytorch-blitz-mean.gd --at "x=[[1,1],[1,1]]"
x: 2x2
y = x + 2
z = y*y*3
out = mean(z)
