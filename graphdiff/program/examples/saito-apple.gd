# title: Buying 2 apples
# source: Saito, 'Deep Learning from Scratch' ch.5 (Korean: 밑바닥부터 시작하는 딥러닝), ch05/buy_apple.py, p.162
# at: apple=100,n=2,tax=1.1
# note: The tax is 1.1 exactly, so every number is exact.
apple_price = apple*n
price = apple_price*tax
