# title: A sum feeding a product, (x+y)*z
# source: CS231n notes, optimization-2, section 'Compound expressions'; CS231n 2016 slides L4 p.9-21
# at: x=-2,y=5,z=-4
# note: The example that lectures start with: a sum feeding a product.
q = x + y
f = q*z
