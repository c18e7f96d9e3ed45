# title: Buying apples and oranges
# source: Saito, 'Deep Learning from Scratch' ch.5 (Korean: 밑바닥부터 시작하는 딥러닝), ch05/buy_apple_orange.py, p.163
# at: apple=100,apple_num=2,orange=150,orange_num=3,tax=1.1
apple_price = apple*apple_num
orange_price = orange*orange_num
all_price = apple_price + orange_price
price = all_price*tax
