# title: A multiply gate, f = x*y
# source: karpathy.github.io nntutorial.md ('Hacker's guide to Neural Networks')
# at: x=-2,y=3
f = x*y
