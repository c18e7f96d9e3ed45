# title: Sigmoid units, two layers
# source: CS231n notes, Neural Networks 1, commonly used activation functions
# run: graphdiff backprop -f examples/networks/two-layer-sigmoid.gd --at @examples/networks/two-layer.json
x: 3
W1: 4x3
b1: 4
W2: 2x4
b2: 2
t: 2
h = sigmoid(W1@x + b1)
y = W2@h + b2
L = sum((y - t)^2)/2
