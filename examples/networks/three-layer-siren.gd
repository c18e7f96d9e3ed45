# title: Sine units (SIREN) with ω₀ = 30, three layers
# source: Sitzmann et al. 2020, Implicit Neural Representations, arXiv:2006.09661
# run: graphdiff backprop -f examples/networks/three-layer-siren.gd --at @examples/networks/three-layer-siren.json
x: 3
W1: 4x3
b1: 4
W2: 4x4
b2: 4
W3: 2x4
b3: 2
t: 2
h1 = sin(30*(W1@x + b1))
h2 = sin(30*(W2@h1 + b2))
y = W3@h2 + b3
L = sum((y - t)^2)/2
