# title: Add, max and multiply gates, 2*(x*y + max(z,w))
# source: CS231n notes, optimization-2, section 'Patterns in backward flow'
# at: x=3,y=-4,z=2,w=-1
# note: One gate of each kind: add distributes, max routes, mul switches.
m = x*y
r = max(z, w)
a = m + r
f = a*2
