# title: A fork, b = a + a
# source: karpathy/nn-zero-to-hero lectures/micrograd/micrograd_lecture_first_half_roughly.ipynb
# at: a=3
# note: One node used twice by one gate: two edges, two contributions.
b = a + a
