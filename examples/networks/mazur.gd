# title: Mazur's network of 2-2-2 sigmoid neurons, in matrices
# source: Matt Mazur, 'A Step by Step Backpropagation Example' (2015)
# note: Each layer has one bias for all its neurons, as in the post.
# run: graphdiff backprop -f examples/networks/mazur.gd --at @examples/networks/mazur.json
x: 2
W1: 2x2
b1: scalar
W2: 2x2
b2: scalar
t: 2
neth = W1@x + b1
outh = sigmoid(neth)
neto = W2@outh + b2
outo = sigmoid(neto)
errors = (t - outo)^2/2
E = sum(errors)
