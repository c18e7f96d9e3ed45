"""Large programs in doubles, proved by doubles with bounds: values, gradients, slopes.

Every number of the trace is compared with an enclosure that the rules give over ``BoundedArrays``;
and along a random direction in every input the gradient is compared with the slope of the program,
which the values' rules alone give (their derivatives are those of sums, products and flint's power
series, and not the rules that made the gradient).  Bounds on rounding grow with the length of a sum
and middles hardly do: where two middles differ by more than rounding explains, or bounds are wide,
nothing is said here, and balls of high precision decide.
"""

from __future__ import annotations

import math
from itertools import chain
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.ball_arrays import BallArrays
from graphdiff.core.domains.bounded import Bounded, BoundedArrays
from graphdiff.core.domains.mixed import Undecided
from graphdiff.core.ir.tape import Node
from graphdiff.core.sweeps.backward import active_nodes, nothing, rule, times
from graphdiff.core.sweeps.walks import ascend, descend, plus
from graphdiff.errors import GraphDiffError
from graphdiff.language.notation.numbers import significant
from graphdiff.language.reading.point import Stored
from graphdiff.program.runs.enclosure import Enclosure

from .differences import dependents, differentiated
from .directions import together, weights
from .kinks import on_kink
from .method import Method

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["Later", "bounded_methods"]

_LARGE, _MOST = 20_000, 4_000_000
"""Entries from which on this is tried, as smaller programs are as quick in balls, which see more;
and up to which it takes no more than a second or so."""
_BITS, _PIECE = 128, 1 << 16
_SHARP = 1e-9
"""Bounds, relative to 1 + the largest entry of an array, that say enough of it."""
_FAR = 2.0**-24
"""Errors of doubles, relative to the largest entry of their array, past which they are wrong."""
_WIDE = 1e-5
"""Bounds on a slope, relative to its size, that say too little."""
_ROUNDING = 2e-14
"""Differences of two middles, relative to the size of a slope, past which balls are asked."""


class Later(Enclosure):
    """The balls of a trace, computed when somebody looks at them."""

    __slots__ = ("_digits", "_found", "_trace")

    _trace: Trace
    _digits: int
    _found: Enclosure | None

    def __init__(self, trace: Trace, digits: int) -> None:
        for name, value in (("_trace", trace), ("_digits", digits), ("_found", None)):
            object.__setattr__(self, name, value)

    def _balls(self) -> Enclosure:
        found = self._found
        if found is None:
            found = self._trace.enclose(self._digits)
            object.__setattr__(self, "_found", found)
        return found

    @property
    def bits(self) -> int:
        return self._balls().bits

    @property
    def values(self) -> dict[int, Any]:
        return self._balls().values

    @property
    def gradients(self) -> dict[int, Any]:
        return self._balls().gradients

    @property
    def decided(self) -> dict[int, Any]:
        return self._balls().decided

    def __reduce__(self) -> Any:
        return Enclosure, (self.bits, self.values, self.gradients, self.decided)


def bounded_methods(trace: Trace) -> tuple[Method, Method] | None:
    """Slopes and bounds of a large trace in doubles, both proved; None where balls are needed."""
    if not _fits(trace):
        return None
    domain = BoundedArrays()
    try:
        with domain.floats.quietly():
            values = _values(trace, domain, {})
            gradients = _gradients(trace, domain, values)
            worst = _off(trace, values, gradients)
            error, gap, how, judged = _slopes(trace, domain, values, gradients)
    except (Undecided, GraphDiffError, ArithmeticError, ValueError, TypeError, AttributeError):
        return None  # also for a row of the user's own whose rule asks for plain numbers
    way = "in 1 input" if judged == 1 else f"one {how} {judged} inputs"
    told = (
        f"random directions, {way}: {significant(gap, 2)} from the gradient, "
        f"{significant(error, 2)} with all bounds on rounding"
    )
    off = f"off by at most {significant(worst, 2)} relative" if worst else "exact here"
    return (
        Method("slopes of the values in doubles with bounds", True, error, told),
        Method("bounds on every value and gradient", True, worst, f"doubles are {off}"),
    )


def _fits(trace: Trace) -> bool:
    """Whether a trace is large, in doubles, and on no kink."""
    graph = trace.graph
    targets = differentiated(trace)
    return bool(
        graph.has_arrays
        and _LARGE <= graph.entries <= _MOST
        and isinstance(trace.domain, FloatArrays)
        and not trace.rounded
        and not trace.singular
        and trace.live[graph.output]
        and targets
        and all(graph.tape.nodes[i].op == "input" and i in trace.adjoints for i in targets)
        and not on_kink(trace)
    )


def _inputs(trace: Trace, domain: BoundedArrays) -> dict[str, Any]:
    """The point; of numbers that are no doubles, their doubles with a bound."""
    import numpy as np

    found = {}
    with working_precision(_BITS) as balls:
        arrays = BallArrays(balls)
        for name, constant in trace.point.items():
            if isinstance(constant, Stored) and constant.entries.dtype == float:
                found[name] = domain.broadcast(constant.entries, shape=constant.shape)
            else:
                known = np.asarray(constant.read(arrays), dtype=object)
                found[name] = domain.of_balls(known.ravel().tolist(), known.shape)
    return found


def _values(trace: Trace, domain: BoundedArrays, known: dict[int, Any]) -> dict[int, Any]:
    """All values; ``known`` ones, if there are any, are given, and only what depends on the moving
    ones among them is computed."""
    tape, graph = trace.graph.tape, trace.graph
    moved = [i for i, x in known.items() if getattr(x, "way", None) is not None]
    inputs = {} if known else _inputs(trace, domain)

    def gate(i: int, node: Node, xs: list[Any]) -> Any:
        if node.op == "const":
            made = domain.number(node.attr)
        elif node.op == "input":
            made = inputs[node.attr]
        else:
            made = tape.ops[node.op].value(domain, *xs, **dict(node.attr or ()))
        return _checked(domain, made, node.shape)

    order = dependents(trace, moved) if known else graph.order
    return ascend(tape, order, gate, values=dict(known))


def _checked(domain: BoundedArrays, made: Any, shape: tuple[int, ...]) -> Any:
    """A value in its shape.  Raises Undecided where doubles have left the finite numbers."""
    np = domain.np
    if getattr(made, "dtype", None) == "bool":
        return made
    made = domain.number(made) if made.__class__ is not Bounded else made
    if made.shape != shape:
        made = domain.broadcast(made, shape=shape)
    parts = [made.mid, made.rad]
    if made.way is not None:
        parts += [made.way.mid, made.way.rad]
    if not all(np.isfinite(part).all() for part in parts):
        raise Undecided
    return made


def _gradients(trace: Trace, domain: BoundedArrays, values: dict[int, Any]) -> dict[int, Any]:
    """Gradients by the rules of the table, as ``accumulate`` has them off every kink."""
    graph = trace.graph
    tape, nodes = graph.tape, graph.tape.nodes
    targets = None if trace.wrt is None else list(trace.targets.values())
    active = active_nodes(tape, graph.order, targets)

    def edge(i: int, position: int, k: int, above: Any, known: Any) -> Any:
        node = nodes[i]
        row, xs = tape.ops[node.op], [values[j] for j in node.operands]
        if row.vjp:
            pull = row.pullback(position)
            share = pull(domain, above, values[i], *xs, **dict(node.attr or ()))
        else:
            local = rule(row, position)(domain, values[i], *xs)
            if nothing(local):
                return None
            share = times(above, local)
        return plus(known, _checked(domain, share, nodes[k].shape))

    return descend(tape, graph.order, active, {graph.output: domain.number(1)}, edge)


def _off(trace: Trace, values: dict[int, Any], gradients: dict[int, Any]) -> float:
    """The largest relative error of doubles.  Raises Undecided where bounds do not say enough, or
    something is wrong."""
    import numpy as np

    worst = 0.0
    for numbers, found in ((trace.values, values), (trace.adjoints, gradients)):
        for i, bound in found.items():
            number = numbers.get(i)
            if number is None or bound.__class__ is not Bounded:
                continue
            number = np.asarray(number, dtype=float)
            if number.shape != bound.shape or not np.isfinite(number).all():
                raise Undecided
            size = np.max(abs(bound.mid))
            error = np.max(abs(bound.mid - number) + bound.rad) * (1 + 2.0**-45)
            if not np.all(bound.rad <= _SHARP * (1 + size)) or error > _FAR * size:
                raise Undecided
            if not np.all((number != 0) | ((bound.mid == 0) & (bound.rad == 0))):
                raise Undecided  # it may have underflowed
            worst = max(worst, float(error / size) if size else 0.0)
    return worst


def _slopes(
    trace: Trace, domain: BoundedArrays, values: dict[int, Any], gradients: dict[int, Any]
) -> tuple[float, float, str, int]:
    """The largest error of a slope along a direction, relative to its size, with bounds and not;
    how inputs move, and how many.

    Raises Undecided for one that is not as the gradient says.
    """
    nodes, worst, gaps = trace.graph.tape.nodes, 0.0, 0.0
    groups = [[i] for i in differentiated(trace)] if len(trace.targets) <= 12 else together(trace)
    for group in groups:
        ways = {i: weights(i, nodes[i].shape) for i in group}
        known = dict(values)
        for i, way in ways.items():
            x = values[i]
            known[i] = Bounded(x.mid, x.rad, domain.broadcast(way, shape=nodes[i].shape))
        end = _values(trace, domain, known)[trace.graph.output].way
        if end is None:
            raise Undecided
        ours, reach, scale = _along(gradients, ways)
        size = max(scale, abs(float(end.mid)), 1e-25)
        gap, wide = abs(float(end.mid) - ours), float(end.rad) + reach
        if not (gap <= wide and gap <= _ROUNDING * size and wide <= _WIDE * size):
            raise Undecided
        worst = max(worst, (gap + wide) / size * (1 + 2.0**-45))
        gaps = max(gaps, gap / size)
    inputs = sum(map(len, groups))
    return worst, gaps, "in each of" if len(groups) == inputs else "through all", inputs


def _along(gradients: dict[int, Any], ways: dict[int, Any]) -> tuple[float, float, float]:
    """The gradient times a direction, a bound on its error, and the 2-norm of its terms."""
    import numpy as np

    shares, reach, squares = [], 0.0, 0.0
    for i, way in ways.items():
        bound, size = gradients[i], np.abs(way)
        share = np.ravel(bound.mid * way)
        shares.append(share)
        # Radii, and what rounding the terms leaves; their own sums are inflated at the end.
        reach += float(np.sum(bound.rad * size)) + 2.0**-52 * float(np.sum(np.abs(share)))
        squares += float(share @ share)
    pieces = (x[k : k + _PIECE].tolist() for x in shares for k in range(0, len(x), _PIECE))
    total = math.fsum(chain.from_iterable(pieces))
    reach = (reach + 2.0**-52 * abs(total)) * (1 + 2.0**-20) + 1e-290
    return total, reach, math.sqrt(squares)
