# title: Single multiply gate
# source: CS231n notes, optimization-2, section 'Simple expressions'
# at: x=4,y=-3
f = x*y
