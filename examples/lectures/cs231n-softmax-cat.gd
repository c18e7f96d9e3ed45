# title: Softmax loss of a cat: scores 3.2, 5.1, −1.7
# source: CS231n lecture 3 (2016)
# run: graphdiff backprop -f examples/lectures/cs231n-softmax-cat.gd --at "s=[3.2,5.1,-1.7]"
s: 3
e = exp(s)
Z = sum(e)
p = e/Z
L = -log(p[0])
