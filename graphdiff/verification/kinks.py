"""Whether some gate of a trace sits on a kink, asked entry by entry without writing them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..forward import Undefined
from ..ir.shape import axes_of
from .ball_arrays import flat
from .enclosure import blurred

if TYPE_CHECKING:
    from ..trace import Trace
    from .enclosure import Enclosure

__all__ = ["near_kink", "on_kink"]


def on_kink(trace: Trace) -> bool:
    """Whether a gate sits on a kink at this point."""
    if not trace.graph.has_arrays:
        return bool(trace.kinks)
    return any(_gate(trace, i) for i in trace.graph.order if trace.live[i])


def _gate(trace: Trace, i: int) -> bool:
    import numpy

    node = trace.graph.tape.nodes[i]
    row = trace.graph.tape.ops.get(node.op)
    operands = [trace.values[k] for k in node.operands]
    if row is None or node.op == "where" or any(isinstance(x, Undefined) for x in operands):
        return False
    if node.op in ("amax", "amin", "winner"):
        return _tied(operands[0], node.op, dict(node.attr)["axis"])
    if row.kink is None:
        return False
    if row.kink.entries is not None:
        return bool(numpy.any(row.kink.entries(*operands)))
    return bool(numpy.any(numpy.frompyfunc(row.kink.at, len(operands), 1)(*operands)))


def _tied(x: Any, op: str, axis: Any) -> bool:
    """Whether the largest (or smallest) entry is there twice."""
    axes = axes_of(axis, x.ndim)
    best = (x.min if op == "amin" else x.max)(axis=axes, keepdims=True)
    return bool(((x == best).sum(axis=axes) > 1).any())


def near_kink(trace: Trace, enclosure: Enclosure) -> bool:
    """Whether balls leave it open on which side of its kink some gate is."""
    graph = trace.graph
    for i in graph.order:
        node = graph.tape.nodes[i]
        row = graph.tape.ops.get(node.op)
        if row is None or row.kink is None or not trace.live[i]:
            continue
        if row.condition:
            if _undecided(trace, enclosure, node.operands):
                return True
        elif any(blurred(ball) for ball in flat(enclosure.values.get(i)) if ball is not None):
            return True
    gradients = (ball for balls in enclosure.gradients.values() for ball in flat(balls))
    return any(hasattr(ball, "rad") and blurred(ball) for ball in gradients)


def _undecided(trace: Trace, enclosure: Enclosure, operands: tuple[int, ...]) -> bool:
    """Whether two compared numbers may or may not be equal."""
    left, right = (enclosure.values.get(k) for k in operands)
    if left is None or right is None:
        return False
    exact = [flat(trace.values[k]) for k in operands]
    sides = [flat(left), flat(right), *exact]
    most = max(map(len, sides))
    rows = zip(*[side * (most // len(side)) for side in sides], strict=True)
    return any(a.overlaps(b) and x != y for a, b, x, y in rows)
