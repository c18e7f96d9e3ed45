# title: A residual block, y = relu(x + F(x))
# source: He et al. 2016, Deep Residual Learning for Image Recognition, arXiv:1512.03385
# run: graphdiff backprop -f examples/networks/residual-block.gd --at @examples/networks/residual-block.json
x: 4
W1: 4x4
b1: 4
W2: 4x4
b2: 4
t: 4
h = relu(W1@x + b1)
F = W2@h + b2
y = relu(x + F)
L = sum((y - t)^2)/2
