# title: Exponential linear units, three layers
# source: Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289
# run: graphdiff backprop -f examples/networks/three-layer-elu.gd --at @examples/networks/three-layer.json
x: 3
W1: 4x3
b1: 4
W2: 4x4
b2: 4
W3: 2x4
b3: 2
t: 2
h1 = elu(W1@x + b1)
h2 = elu(W2@h1 + b2)
y = W3@h2 + b3
L = sum((y - t)^2)/2
