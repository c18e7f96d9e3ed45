# title: A network of 2-2-2 sigmoid neurons, first backward pass
# source: Matt Mazur, 'A Step by Step Backpropagation Example' (2015)
# at: i1=0.05,i2=0.1,w1=0.15,w2=0.2,w3=0.25,w4=0.3,b1=0.35,w5=0.4,w6=0.45,w7=0.5,w8=0.55,b2=0.6,t1=0.01,t2=0.99
# note: t1 and t2 are the targets. E1 and E2 carry the factor 1/2 as in the post.
neth1 = w1*i1 + w2*i2 + b1
outh1 = sigmoid(neth1)
neth2 = w3*i1 + w4*i2 + b1
outh2 = sigmoid(neth2)
neto1 = w5*outh1 + w6*outh2 + b2
outo1 = sigmoid(neto1)
neto2 = w7*outh1 + w8*outh2 + b2
outo2 = sigmoid(neto2)
E1 = (t1 - outo1)^2/2
E2 = (t2 - outo2)^2/2
E = E1 + E2
