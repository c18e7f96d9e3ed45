# title: Multiclass SVM loss, scores 13, -7, 11, margin 10
# source: CS231n notes, linear-classify
# at: s0=13,s1=-7,s2=11
# note: The first margin is -10, so its gate is off and s1 gets no gradient.
h1 = max(0, s1 - s0 + 10)
h2 = max(0, s2 - s0 + 10)
L = h1 + h2
