# title: Saturated neuron w=b=2
# source: Nielsen, Neural Networks and Deep Learning ch. 3
# at: w=2,b=2
# note: Input 1, target 0: the neuron is wrong and yet learns slowly, because s(1-s) is small.
z = w + b
a = sigmoid(z)
C = a^2/2
