# title: LSTM over five steps, a linear read-out of the last state
# source: Hochreiter & Schmidhuber 1997; gates as in PyTorch documentation, torch.nn.LSTM
# run: graphdiff backprop -f examples/networks/lstm.gd --at @examples/networks/lstm.json
X: 5x3
h0: 2
c0: 2
W: 8x3
U: 8x2
b: 8
v: 2
t: scalar
H = lstm(X, h0, c0, W, U, b)
y = dot(v, H[4])
L = (y - t)^2/2
