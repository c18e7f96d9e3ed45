# title: Gaussian error linear units, exact, two layers
# source: Hendrycks & Gimpel 2016, arXiv:1606.08415
# run: graphdiff backprop -f examples/networks/two-layer-gelu.gd --at @examples/networks/two-layer.json
x: 3
W1: 4x3
b1: 4
W2: 2x4
b2: 2
t: 2
h = gelu(W1@x + b1)
y = W2@h + b2
L = sum((y - t)^2)/2
