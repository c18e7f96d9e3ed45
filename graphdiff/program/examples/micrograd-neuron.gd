# title: A neuron with tanh
# source: karpathy/nn-zero-to-hero lectures/micrograd/micrograd_lecture_first_half_roughly.ipynb
# at: x1=2,x2=0,w1=-3,w2=1,b=6.881373587019543
# note: b is chosen so that the output is 1/sqrt(2) and the gradients come out round.
x1w1 = x1*w1
x2w2 = x2*w2
t = x1w1 + x2w2
n = t + b
o = tanh(n)
