# title: Two squares, f = x0^2 + x1^2
# source: Saito, 'Deep Learning from Scratch' ch.4 (Korean: 밑바닥부터 시작하는 딥러닝), ch04/gradient_2d.py, p.127
# at: x0=3,x1=4
f = x0^2 + x1^2
