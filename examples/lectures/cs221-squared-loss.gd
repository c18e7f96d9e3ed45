# title: Squared loss of a linear predictor
# source: Stanford CS221, Machine learning, backpropagation
# run: graphdiff backprop -f examples/lectures/cs221-squared-loss.gd --at "w=[3,1],phi=[1,2],y=2"
w: 2
phi: 2
y: scalar
score = dot(w, phi)
residual = score - y
loss = residual^2
