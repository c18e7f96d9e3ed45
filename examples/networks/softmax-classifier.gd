# title: Softmax classifier on a minibatch, with an L2 penalty
# source: CS231n notes, Linear classification; course assignment 1, softmax.py
# run: graphdiff backprop -f examples/networks/softmax-classifier.gd --at @examples/networks/softmax-classifier.json
X: 5x4
W: 4x3
b: 3
y: 5
lambda: scalar
S = X@W + b
data = cross_entropy(S, y)
penalty = lambda*sum(W^2)
L = data + penalty
