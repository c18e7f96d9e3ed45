"""Gradient descent with graphdiff's gradients, in exact arithmetic.

Each step of x <- x - eta * f'(x) multiplies x by 3/5 here, and the fractions show it.
"""

from fractions import Fraction

import graphdiff as gd

graph = gd.parse("x^2")
x, eta = Fraction(10), Fraction(1, 5)
for step in range(4):
    trace = graph.backprop(x=x)
    print(f"step {step}: x = {x}, f = {trace.value}, gradient = {trace.gradients['x']}")
    x -= eta * trace.gradients["x"]

# prints: step 0: x = 10, f = 100, gradient = 20
# prints: step 1: x = 6, f = 36, gradient = 12
# prints: step 2: x = 18/5, f = 324/25, gradient = 36/5
# prints: step 3: x = 54/25, f = 2916/625, gradient = 108/25
