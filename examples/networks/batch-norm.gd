# title: Dense layer, batch normalization in train mode, relu
# source: Ioffe & Szegedy 2015, Batch Normalization, arXiv:1502.03167, algorithm 1
# run: graphdiff backprop -f examples/networks/batch-norm.gd --at @examples/networks/batch-norm.json
X: 5x3
W: 3x4
gamma: 4
beta: 4
T: 5x4
Z = X@W
N = batch_norm(Z, gamma, beta)
A = relu(N)
L = mean((A - T)^2)
