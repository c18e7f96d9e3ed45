# title: Convolution, relu, max pooling and a dense layer, with cross-entropy
# source: CS231n notes, Convolutional networks, layer patterns
# run: graphdiff backprop -f examples/networks/conv-relu-pool-dense.gd --at @examples/networks/conv-relu-pool-dense.json
x: 2x6x6
K: 3x2x3x3
b: 3
W: 4x27
c: 4
y: scalar
a = relu(conv2d(x, K, b, padding=1))
p = max_pool2d(a, size=2)
s = dense(flatten(p), W, c)
L = cross_entropy(s, y)
