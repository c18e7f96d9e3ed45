"""Where a program can be cut into layers: values that every path to the output passes through."""

from __future__ import annotations

from collections.abc import Sequence

from graphdiff.core.sweeps.backward import active_nodes
from graphdiff.errors import Unsupported
from graphdiff.program.graph import Graph

__all__ = ["cuts_of", "data_of", "letter_for"]


def letter_for(graph: Graph, cuts: Sequence[int]) -> str:
    """A letter for the values of the layers; x1 may be the program's own name for x_1."""
    taken = {name.replace("_", ""): i for name, i in {**graph.inputs, **graph.names}.items()}
    for letter in "gL":
        for k in range(len(cuts) + 1):
            if f"{letter}{k}" in taken:
                hint = "call it something else"
                raise Unsupported(f"{letter}_{k} is a name that the chain needs", hint=hint)
    for letter in "xahv":
        own = {f"{letter}{k}": i for k, i in enumerate(cuts)}
        if all(own.get(name, i) == i for name, i in taken.items() if name in own):
            return letter
    return "z"


def data_of(graph: Graph) -> int:
    """The input that the chain starts from: one called x, or else the one that most depends on, a
    vector rather than a matrix of weights, and no bias."""
    nodes = graph.tape.nodes

    def key(item: tuple[str, int]) -> tuple[bool, int, bool, int]:
        name, i = item
        reach = sum(active_nodes(graph.tape, graph.order, [i]))
        bias = not any(graph.tape.multiplies(k) for k, _ in graph.uses[i])
        return not name.lower().startswith("x"), -reach, bias, len(nodes[i].shape)

    arrays = [(name, i) for name, i in graph.inputs.items() if nodes[i].shape and graph.active[i]]
    if not arrays:
        raise Unsupported("the program has no vector to start from", hint="leave out --chain")
    return min(arrays, key=key)[1]


def cuts_of(graph: Graph, data: int) -> list[int]:
    """Inner arrays that every path from the data to the output passes through: the named ones, or
    else the results of activations.

    >>> from graphdiff import parse
    >>> g = parse("h = tanh(W@x); s = h + x; p = sigmoid(s); sum(p)")
    >>> [g.labels[i] for i in cuts_of(g, g.find("x"))]
    ['s', 'p']
    """
    nodes, order = graph.tape.nodes, graph.order
    active = active_nodes(graph.tape, order, [data])
    last = {k: i for i in order for k in nodes[i].operands if active[k] and active[i]}
    reach, found = 0, []
    for i in order:
        if active[i]:
            if reach <= i and i not in (data, graph.output) and nodes[i].shape:
                found.append(i)
            reach = max(reach, last.get(i, 0))
    named = set(graph.names.values())
    kept = [i for i in found if i in named]
    return kept or [i for i in found if _activation(graph, i)]


def _activation(graph: Graph, i: int) -> bool:
    node = graph.tape.nodes[i]
    row = graph.tape.ops[node.op]
    return row.elementwise and len(node.operands) == 1 and node.op != "neg"
