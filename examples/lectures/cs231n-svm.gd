# title: Hinge loss of the same scores
# source: CS231n notes, Linear classification, figure svmvssoftmax
# run: graphdiff backprop -f examples/lectures/cs231n-svm.gd --at "W=[[0.01,-0.05,0.1,0.05],[0.7,0.2,0.05,0.16],[0,-0.45,-0.2,0.03]],x=[-15,22,-44,56],b=[0,0.2,-0.3]"
W: 3x4
x: 4
b: 3
s = W@x + b
H = max(0, s[0] - s[2] + 1) + max(0, s[1] - s[2] + 1)
