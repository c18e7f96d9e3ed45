# title: Gaussian error linear units, exact, three layers
# source: Hendrycks & Gimpel 2016, arXiv:1606.08415
# run: graphdiff backprop -f examples/networks/three-layer-gelu.gd --at @examples/networks/three-layer.json
x: 3
W1: 4x3
b1: 4
W2: 4x4
b2: 4
W3: 2x4
b3: 2
t: 2
h1 = gelu(W1@x + b1)
h2 = gelu(W2@h1 + b2)
y = W3@h2 + b3
L = sum((y - t)^2)/2
