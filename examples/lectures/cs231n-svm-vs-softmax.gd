# title: Cross-entropy of the scores 0.28, 0.86, −2.85, correct class 2
# source: CS231n notes, Linear classification, figure svmvssoftmax
# run: graphdiff backprop -f examples/lectures/cs231n-svm-vs-softmax.gd --at "W=[[0.01,-0.05,0.1,0.05],[0.7,0.2,0.05,0.16],[0,-0.45,-0.2,0.03]],x=[-15,22,-44,56],b=[0,0.2,-0.3]"
W: 3x4
x: 4
b: 3
s = W@x + b
p = softmax(s)
L = -log(p[2])
