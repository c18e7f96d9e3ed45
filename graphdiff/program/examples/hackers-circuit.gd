# title: (x+y)*z as a circuit of real values
# source: karpathy.github.io nntutorial.md ('Hacker's guide to Neural Networks')
# at: x=-2,y=5,z=-4
q = x + y
f = q*z
