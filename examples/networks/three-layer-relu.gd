# title: Rectified linear units, three layers
# source: Nair & Hinton 2010, Rectified Linear Units Improve RBMs
# run: graphdiff backprop -f examples/networks/three-layer-relu.gd --at @examples/networks/three-layer.json
x: 3
W1: 4x3
b1: 4
W2: 4x4
b2: 4
W3: 2x4
b3: 2
t: 2
h1 = relu(W1@x + b1)
h2 = relu(W2@h1 + b2)
y = W3@h2 + b3
L = sum((y - t)^2)/2
