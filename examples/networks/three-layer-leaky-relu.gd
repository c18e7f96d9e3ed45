# title: Leaky rectified units, slope 0.01, three layers
# source: Maas, Hannun & Ng 2013, Rectifier Nonlinearities
# run: graphdiff backprop -f examples/networks/three-layer-leaky-relu.gd --at @examples/networks/three-layer.json
x: 3
W1: 4x3
b1: 4
W2: 4x4
b2: 4
W3: 2x4
b3: 2
t: 2
h1 = leaky_relu(W1@x + b1)
h2 = leaky_relu(W2@h1 + b2)
y = W3@h2 + b3
L = sum((y - t)^2)/2
