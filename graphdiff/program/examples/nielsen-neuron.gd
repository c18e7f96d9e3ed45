# title: Saturating neuron, quadratic cost
# source: Nielsen, Neural Networks and Deep Learning ch. 3
# at: w=0.6,b=0.9
# note: Input 1, target 0; the cost carries the factor 1/2.
z = w + b
a = sigmoid(z)
C = a^2/2
