# title: A parabola, 0.01x^2 + 0.1x at x = 5
# source: Saito, 'Deep Learning from Scratch' ch.4 (Korean: 밑바닥부터 시작하는 딥러닝), ch04/gradient_1d.py, p.124
# at: x=5
# note: The book's central difference prints 0.1999999999990898; the derivative is 1/5 exactly.
f = 0.01*x^2 + 0.1*x
