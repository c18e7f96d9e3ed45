"""Where gradients add: every contribution of a node that is used more than once."""

from graphdiff.program import gallery

trace = gallery.load("colah").trace()
for edge in trace["b"].contributions:
    gate = trace.node(edge.target)
    print(f"via {gate.name}: upstream {gate.upstream} x local {edge.local} = {edge.contribution}")
print(f"together: {trace['b'].gradient}")

# prints: via c: upstream 2 x local 1 = 2
# prints: via d: upstream 3 x local 1 = 3
# prints: together: 5
