# title: XOR by one hidden layer, all four inputs and the mean squared error
# source: Goodfellow, Bengio & Courville 2016, Deep Learning, sec. 6.1, equations 6.4–6.11
# note: The book's weights put three of the four inputs on a kink; there slopes of relu are taken as 0.
# note: With the book's bias b = 0 the error is 0; b = 0.25 leaves something to differentiate.
# run: graphdiff backprop -f examples/networks/xor-batch.gd --at @examples/networks/xor-batch.json
X: 4x2
W: 2x2
c: 2
w: 2
b: scalar
t: 4
H = relu(X@W + c)
y = H@w + b
J = mean((t - y)^2)
