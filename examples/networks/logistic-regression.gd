# title: Logistic regression on six points, mean cross-entropy
# source: Bishop 2006, Pattern Recognition and Machine Learning, sec. 4.3.2
# run: graphdiff backprop -f examples/networks/logistic-regression.gd --at @examples/networks/logistic-regression.json
X: 6x2
w: 2
b: scalar
y: 6
p = sigmoid(X@w + b)
L = -mean(y*log(p) + (1 - y)*log(1 - p))
