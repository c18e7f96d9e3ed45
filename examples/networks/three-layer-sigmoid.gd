# title: Sigmoid units, three layers
# source: CS231n notes, Neural Networks 1, commonly used activation functions
# run: graphdiff backprop -f examples/networks/three-layer-sigmoid.gd --at @examples/networks/three-layer.json
x: 3
W1: 4x3
b1: 4
W2: 4x4
b2: 4
W3: 2x4
b3: 2
t: 2
h1 = sigmoid(W1@x + b1)
h2 = sigmoid(W2@h1 + b2)
y = W3@h2 + b3
L = sum((y - t)^2)/2
