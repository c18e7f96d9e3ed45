# title: L = (a*b + c)*f
# source: karpathy/nn-zero-to-hero lectures/micrograd/micrograd_lecture_first_half_roughly.ipynb
# at: a=2,b=-3,c=10,f=-2
e = a*b
d = e + c
L = d*f
