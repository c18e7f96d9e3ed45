# title: 2-D sigmoid neuron, fused sigmoid gate
# source: CS231n notes, optimization-2, section 'Modularity' (code); slides p.43
# at: w0=2,x0=-1,w1=-3,x1=-2,w2=-3
# note: The same neuron with one sigmoid gate, whose local gradient is s(1-s).
dot = w0*x0 + w1*x1 + w2
f = sigmoid(dot)
