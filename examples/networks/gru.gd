# title: GRU over five steps, a linear read-out of the last state
# source: Cho et al. 2014, arXiv:1406.1078; gates as in PyTorch documentation, torch.nn.GRU
# run: graphdiff backprop -f examples/networks/gru.gd --at @examples/networks/gru.json
X: 5x3
h0: 2
W: 6x3
U: 6x2
b: 6
c: 6
v: 2
t: scalar
H = gru(X, h0, W, U, b, c)
y = dot(v, H[4])
L = (y - t)^2/2
