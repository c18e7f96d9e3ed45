"""Whether some gate of a trace sits on a kink, asked entry by entry without writing them out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import entrywise
from graphdiff.core.domains.ball_arrays import flat
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import axes_of
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.program.runs.enclosure import blurred
from graphdiff.program.runs.trace import is_exact

if TYPE_CHECKING:
    from graphdiff.program.runs.enclosure import Enclosure
    from graphdiff.program.runs.trace import Trace

__all__ = ["near_kink", "on_kink"]


def on_kink(trace: Trace) -> bool:
    """Whether a gate sits on a kink at this point."""
    if not trace.graph.has_arrays:
        return bool(trace.kinks)
    return any(_gate(trace, i) for i in trace.graph.bends if trace.live[i])


def _gate(trace: Trace, i: int) -> bool:
    import numpy

    node = trace.graph.tape.nodes[i]
    row = trace.graph.tape.ops[node.op]
    operands = [trace.values[k] for k in node.operands]
    if any(isinstance(x, Undefined) for x in operands):
        return False
    if row.chooses_entries:
        return _tied(operands[0], dict(node.attr)["axis"], least=row.extreme == "least")
    assert row.kink is not None
    with numpy.errstate(invalid="ignore"):  # an entry without a value is on no kink
        if row.kink.entries is not None:
            return bool(numpy.any(row.kink.entries(*operands)))
        return bool(numpy.any(entrywise(row.kink.at, *operands)))


def _tied(x: Any, axis: Any, *, least: bool) -> bool:
    """Whether the largest (or smallest) entry is there twice."""
    import numpy

    x = numpy.asarray(x)  # max(x) of a number
    axes = axes_of(axis, x.ndim)
    with numpy.errstate(invalid="ignore"):  # an entry without a value ties with none
        best = (x.min if least else x.max)(axis=axes, keepdims=True)
        return bool(numpy.any(numpy.sum(x == best, axis=axes) > 1))


def near_kink(trace: Trace, enclosure: Enclosure) -> bool:
    """Whether balls leave it open on which side of its kink some gate is."""
    graph = trace.graph
    for i in graph.bends:
        node = graph.tape.nodes[i]
        row = graph.tape.ops[node.op]
        if row.kink is None or not trace.live[i]:
            continue
        if any(isinstance(trace.values[k], Undefined) for k in node.operands):
            continue
        if row.condition and _undecided(trace, enclosure, node.operands):
            return True
        if any(blurred(ball) for ball in flat(enclosure.values.get(i)) if hasattr(ball, "rad")):
            return True
        if _at_roundings(row, [trace.values[k] for k in node.operands]):
            return True
    if trace.singular:
        return False
    gradients = (ball for balls in enclosure.gradients.values() for ball in flat(balls))
    return any(hasattr(ball, "rad") and blurred(ball) for ball in gradients)


def _at_roundings(row: Op, values: list[Any]) -> bool:
    """Whether rounded numbers lie on the kink, which the true ones need not do."""
    assert row.kink is not None
    if all(map(is_exact, values)):
        return False
    entries = zip(*_broadcast(values), strict=True)
    return any(row.kink.at(*xs) and not all(map(is_exact, xs)) for xs in entries)


def _broadcast(values: list[Any]) -> list[list[Any]]:
    """The entries of values, all as many as the largest has."""
    rows = [flat(value) for value in values]
    most = max(map(len, rows))
    return [row * (most // len(row)) for row in rows]


def _undecided(trace: Trace, enclosure: Enclosure, operands: tuple[int, ...]) -> bool:
    """Whether two compared numbers may or may not be equal."""
    left, right = (enclosure.values.get(k) for k in operands)
    if left is None or right is None:
        return False
    exact = [trace.values[k] for k in operands]
    rows = zip(*_broadcast([left, right, *exact]), strict=True)
    return any(a.overlaps(b) and not (is_exact(x) and is_exact(y)) for a, b, x, y in rows)
