# title: Sine units (SIREN) with ω₀ = 30, two layers
# source: Sitzmann et al. 2020, Implicit Neural Representations, arXiv:2006.09661
# run: graphdiff backprop -f examples/networks/two-layer-siren.gd --at @examples/networks/two-layer-siren.json
x: 3
W1: 4x3
b1: 4
W2: 2x4
b2: 2
t: 2
h = sin(30*(W1@x + b1))
y = W2@h + b2
L = sum((y - t)^2)/2
