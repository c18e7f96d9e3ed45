# title: The operation sequence of 1 + x + x^2/2
# source: CppAD documentation introduction/exp_2
# at: x=0.5
# note: 1 + x + x^2/2 as CppAD's documentation steps through it; v1 collects two contributions.
v1 = 1*x
v2 = 1 + v1
v3 = v1*v1
v4 = v3/2
v5 = v2 + v4
