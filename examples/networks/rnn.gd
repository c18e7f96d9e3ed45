# title: Recurrent network over five steps, cross-entropy at each step
# source: CS231n lecture on recurrent networks; Karpathy, minimal character-level language model
# note: The word hello, letter by letter: h, e, l, l, o predict e, l, l, o and, once more, h.
# run: graphdiff backprop -f examples/networks/rnn.gd --at @examples/networks/rnn.json
X: 5x4
h0: 3
W: 3x4
U: 3x3
b: 3
V: 4x3
c: 4
y: 5
h1 = tanh(W@X[0] + U@h0 + b)
h2 = tanh(W@X[1] + U@h1 + b)
h3 = tanh(W@X[2] + U@h2 + b)
h4 = tanh(W@X[3] + U@h3 + b)
h5 = tanh(W@X[4] + U@h4 + b)
H = [h1, h2, h3, h4, h5]
S = H@V.T + c
L = cross_entropy(S, y)
