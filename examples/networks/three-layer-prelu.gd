# title: Rectified units with one learned slope, three layers
# source: He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852
# run: graphdiff backprop -f examples/networks/three-layer-prelu.gd --at @examples/networks/three-layer-prelu.json
x: 3
W1: 4x3
b1: 4
W2: 4x4
b2: 4
W3: 2x4
b3: 2
a: scalar
t: 2
h1 = prelu(W1@x + b1, a)
h2 = prelu(W2@h1 + b2, a)
y = W3@h2 + b3
L = sum((y - t)^2)/2
