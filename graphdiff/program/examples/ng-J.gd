# title: The course example J = 3(a + bc)
# source: deeplearning.ai / Coursera DL course 1 week 2, 'Computation graph' and 'Derivatives with a computation graph'
# at: a=5,b=3,c=2
u = b*c
v = a + u
J = 3*v
