# title: (x + sigmoid(y))/(sigmoid(x) + (x+y)^2), staged
# source: CS231n notes, optimization-2, section 'Staged computation'
# at: x=3,y=-4
# note: The notes print no numbers for this one. x is used three times and y twice, so gradients add at forks.
sigy = 1/(1 + exp(-y))
num = x + sigy
sigx = 1/(1 + exp(-x))
xpy = x + y
xpysqr = xpy^2
den = sigx + xpysqr
invden = 1/den
f = num*invden
