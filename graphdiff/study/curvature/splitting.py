"""A sum without its terms that have kinks, where the rules of composition settle those."""

from __future__ import annotations

from collections.abc import Mapping

from graphdiff.core.algebra.scalars import copy_into
from graphdiff.core.domains.intervals import Interval
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.tape import Tape
from graphdiff.program.graph import Graph

from .disciplined import judge
from .sweeps import kinked

__all__ = ["undecided_terms"]

_MOST = 1_000


def undecided_terms(graph: Graph, box: Mapping[str, Interval], sign: int) -> Graph | None:
    """sign·f without the terms that have kinks and that the rules prove convex, as a program; None
    where there are none, or nothing else.

    >>> from graphdiff import parse
    >>> from graphdiff.core.domains.intervals import enclosing
    >>> g = parse("abs(x) + x^2 + cos(x)/2")
    >>> undecided_terms(g, {"x": enclosing(-2, 2)}, 1).show()
    'x^2 + cos(x)/2'
    """
    terms = _terms(graph.tape, graph.output, sign)
    if terms is None:
        return None
    shapes = judge(graph.tape, graph.output, box).shapes
    rest = []
    for i, s in terms:
        proved = shapes[i].convex if s > 0 else shapes[i].concave
        if not (proved and kinked(graph.tape, i)):
            rest.append((i, s))
    if not rest or len(rest) == len(terms):
        return None
    tape = Tape(graph.tape.ops, graph.tape.limits)
    total: Expr = constant(tape, 0)
    for i, s in rest:
        part = copy_into(tape, graph.tape, i)
        total = total + part if s > 0 else total - part
    nodes = enumerate(tape.nodes)
    inputs = {node.attr: i for i, node in nodes if node.op == "input"}
    return Graph(tape, total.id, {}, {n: inputs[n] for n in graph.inputs if n in inputs})


def _terms(tape: Tape, output: int, sign: int) -> list[tuple[int, int]] | None:
    terms: list[tuple[int, int]] = []
    todo = [(output, sign)]
    while todo:
        i, s = todo.pop()
        node = tape.nodes[i]
        if len(todo) + len(terms) > _MOST:
            return None
        if node.op in ("add", "sub"):
            todo.append((node.operands[1], s if node.op == "add" else -s))
            todo.append((node.operands[0], s))
        elif node.op == "neg":
            todo.append((node.operands[0], -s))
        else:
            terms.append((i, s))
    return terms
