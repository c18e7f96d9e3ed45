# title: Maxout units, each the larger of two linear functions, two layers
# source: Goodfellow et al. 2013, Maxout Networks, arXiv:1302.4389
# run: graphdiff backprop -f examples/networks/two-layer-maxout.gd --at @examples/networks/two-layer-maxout.json
x: 3
W1: 4x3
b1: 4
V1: 4x3
c1: 4
W2: 2x4
b2: 2
t: 2
h = max(W1@x + b1, V1@x + c1)
y = W2@h + b2
L = sum((y - t)^2)/2
