# title: Maxout units, each the larger of two linear functions, three layers
# source: Goodfellow et al. 2013, Maxout Networks, arXiv:1302.4389
# run: graphdiff backprop -f examples/networks/three-layer-maxout.gd --at @examples/networks/three-layer-maxout.json
x: 3
W1: 4x3
b1: 4
V1: 4x3
c1: 4
W2: 4x4
b2: 4
V2: 4x4
c2: 4
W3: 2x4
b3: 2
t: 2
h1 = max(W1@x + b1, V1@x + c1)
h2 = max(W2@h1 + b2, V2@h1 + c2)
y = W3@h2 + b3
L = sum((y - t)^2)/2
