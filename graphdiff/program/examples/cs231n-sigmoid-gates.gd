# title: 2-D sigmoid neuron, all gates
# source: CS231n notes, optimization-2, section 'Modularity: Sigmoid'; CS231n 2016 slides L4 p.28-43
# at: w0=2,x0=-1,w1=-3,x1=-2,w2=-3
# note: All 26 numbers of the slide. The slide's own 0.2 x 2 = 0.4 is a product of rounded numbers; the figure's 0.39 is right.
m0 = w0*x0
m1 = w1*x1
a0 = m0 + m1
s = a0 + w2
n = -1*s
e = exp(n)
d = e + 1
f = 1/d
