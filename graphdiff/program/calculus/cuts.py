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
    vector rather than a matrix of weights, and no bias; a number where all inputs are numbers."""
    nodes = graph.tape.nodes

    def key(item: tuple[str, int]) -> tuple[bool, int, bool, int]:
        name, i = item
        reach = sum(active_nodes(graph.tape, graph.order, [i]))
        bias = not any(graph.tape.multiplies(k) for k, _ in graph.uses[i])
        return not name.lower().startswith("x"), -reach, bias, len(nodes[i].shape)

    inputs = [(name, i) for name, i in graph.inputs.items() if graph.active[i]]
    if not inputs:
        raise Unsupported("the program has no input to start from", hint="leave out --chain")
    return min([item for item in inputs if nodes[item[1]].shape] or inputs, key=key)[1]


def cuts_of(graph: Graph, data: int) -> list[int]:
    """Inner values that every path from the data to the output passes through (arrays, where the
    data are one): the named ones, or else the results of activations, or else where branches meet.

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
            like = bool(nodes[i].shape) or not nodes[data].shape
            if reach <= i and i not in (data, graph.output) and like:
                found.append(i)
            reach = max(reach, last.get(i, 0))
    named = set(graph.names.values())
    kept = [i for i in found if i in named]
    kept = kept or [i for i in found if _activation(graph, i)]
    return kept or [i for i in found if sum(active[k] for k in set(nodes[i].operands)) > 1]


def _activation(graph: Graph, i: int) -> bool:
    node = graph.tape.nodes[i]
    row = graph.tape.ops[node.op]
    return row.elementwise and len(node.operands) == 1 and node.op != "neg"
