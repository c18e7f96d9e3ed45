#!/bin/sh
# One program in every format that graphdiff writes.  Run it in a folder of your own.
set -eu
program='q = x + y; f = q*z'
at='x=-2,y=5,z=-4'

# The suffix picks the format; -o may be repeated.
graphdiff backprop "$program" --at "$at" -o xyz.svg -o xyz.pdf -o xyz.png -o xyz.dot
graphdiff backprop "$program" --at "$at" -o xyz.json -o xyz.md

# A whole neuron as one gate, or gate by gate.
graphdiff backprop '1/(1+exp(-(w*x+b)))' --at w=2,x=-1,b=3 --fuse sigmoid -o fused.svg
graphdiff backprop '1/(1+exp(-(w*x+b)))' --at w=2,x=-1,b=3 -o gates.svg

# A built-in example, with the numbers of its source.
graphdiff gallery cs231n-sigmoid-gates --run -o neuron.svg
