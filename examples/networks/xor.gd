# title: XOR by one hidden layer, at x = (1, 1)
# source: Goodfellow, Bengio & Courville 2016, Deep Learning, sec. 6.1, equations 6.4–6.11
# run: graphdiff backprop -f examples/networks/xor.gd --at @examples/networks/xor.json
x: 2
W: 2x2
c: 2
w: 2
u = W.T@x + c
h = relu(u)
y = dot(w, h)
