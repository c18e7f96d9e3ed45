# title: Two paths, e = (a+b)*(b+1)
# source: colah.github.io posts/2015-08-Backprop
# at: a=2,b=1
# note: b is used by c and by d, so its gradient is the sum over two paths: 2 + 3 = 5.
c = a + b
d = b + 1
e = c*d
