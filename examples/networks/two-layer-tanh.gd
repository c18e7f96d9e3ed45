# title: Tanh units, two layers
# source: LeCun et al. 1998, Efficient BackProp, sec. 4.4
# run: graphdiff backprop -f examples/networks/two-layer-tanh.gd --at @examples/networks/two-layer.json
x: 3
W1: 4x3
b1: 4
W2: 2x4
b2: 2
t: 2
h = tanh(W1@x + b1)
y = W2@h + b2
L = sum((y - t)^2)/2
