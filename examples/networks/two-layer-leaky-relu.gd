# title: Leaky rectified units, slope 0.01, two layers
# source: Maas, Hannun & Ng 2013, Rectifier Nonlinearities
# run: graphdiff backprop -f examples/networks/two-layer-leaky-relu.gd --at @examples/networks/two-layer.json
x: 3
W1: 4x3
b1: 4
W2: 2x4
b2: 2
t: 2
h = leaky_relu(W1@x + b1)
y = W2@h + b2
L = sum((y - t)^2)/2
