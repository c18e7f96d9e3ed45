# title: Single max gate
# source: CS231n notes, optimization-2, section 'Simple expressions'
# at: x=4,y=2
# note: At a tie the notes give both operands the full gradient; graphdiff gives each half and says so.
f = max(x, y)
