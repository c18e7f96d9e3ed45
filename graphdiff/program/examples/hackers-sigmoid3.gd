# title: A sigmoid gate at x = 3
# source: karpathy.github.io nntutorial.md ('Hacker's guide to Neural Networks')
# at: x=3
# note: The guide computes the slope from the rounded 0.95 and gets 0.0475; it is 0.0452.
f = sigmoid(x)
