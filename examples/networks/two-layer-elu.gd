# title: Exponential linear units, two layers
# source: Clevert, Unterthiner & Hochreiter 2015, arXiv:1511.07289
# run: graphdiff backprop -f examples/networks/two-layer-elu.gd --at @examples/networks/two-layer.json
x: 3
W1: 4x3
b1: 4
W2: 2x4
b2: 2
t: 2
h = elu(W1@x + b1)
y = W2@h + b2
L = sum((y - t)^2)/2
