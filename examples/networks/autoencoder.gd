# title: Autoencoder with one code layer and mean squared reconstruction error
# source: Hinton & Salakhutdinov 2006, Reducing the Dimensionality of Data with Neural Networks
# run: graphdiff backprop -f examples/networks/autoencoder.gd --at @examples/networks/autoencoder.json
X: 3x6
W: 6x2
b: 2
V: 2x6
c: 6
code = tanh(X@W + b)
Y = sigmoid(code@V + c)
L = mse(Y, X)
