# title: Rectified units with one learned slope, two layers
# source: He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852
# run: graphdiff backprop -f examples/networks/two-layer-prelu.gd --at @examples/networks/two-layer-prelu.json
x: 3
W1: 4x3
b1: 4
W2: 2x4
b2: 2
a: scalar
t: 2
h = prelu(W1@x + b1, a)
y = W2@h + b2
L = sum((y - t)^2)/2
