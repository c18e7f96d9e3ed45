"""Operations of a graph: how many elementary ones every node stands for."""

from __future__ import annotations

from graphdiff.core.ir.shape import size
from graphdiff.core.ir.tape import Tape

__all__ = ["operations"]

_FREE = frozenset({
    "broadcast", "reshape", "transpose", "getitem", "place", "concat", "stack", "flip", "take",
    "diag", "diagonal", "squeeze", "expand", "unfold",
})  # fmt: skip
"""Ops that move numbers and compute none."""


def operations(tape: Tape, i: int) -> int:
    """Elementary operations (one +, ·, exp …) that computing node i takes.

    A product of matrices m×n and n×p counts m·n·p multiplications and as many additions less one
    a sum; reductions count what they read; any other op counts once for every entry.

    >>> from graphdiff import parse
    >>> g = parse("W:3x4; x:4; q = W@x; sum(tanh(q))")
    >>> [operations(g.tape, i) for i in g.order if g.tape.nodes[i].operands]
    [21, 3, 3]
    """
    node = tape.nodes[i]
    if not node.operands or node.op in _FREE or tape.ops[node.op].transparent:
        return 0
    entries = size(node.shape)
    shapes = [tape.nodes[k].shape for k in node.operands]
    if tape.multiplies(i) or (node.op == "outer" and not shapes[0]):
        inner = shapes[0][-1] if shapes[0] else 1
        return entries * (2 * inner - 1)
    if tape.ops[node.op].elimination:
        n = shapes[0][-1]
        return max(1, n * size(shapes[0]))
    return max([entries, *map(size, shapes)])
