# title: The example of micrograd's README
# source: karpathy/micrograd README.md
# at: a=-4,b=2
# note: The expression of micrograd's README; squares, cubes, relu and forks.
c0 = a + b
d0 = a*b + b^3
c1 = c0 + (c0 + 1)
c2 = c1 + (1 + c1 + (-a))
d1 = d0 + (d0*2 + relu(b + a))
d2 = d1 + (3*d1 + relu(b - a))
e = c2 - d2
f = e^2
g0 = f/2
g = g0 + 10/f
