"""Difference quotients: in balls at high precision (a proof), in floats (as lectures teach it)."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby, product
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.domains.ball import Balls, working_precision
from graphdiff.core.domains.ball_arrays import entry, flat
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.ir.shape import size
from graphdiff.core.sweeps.backward import active_nodes, array_local, local_gradient
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import DomainError, GraphDiffError
from graphdiff.language.reading.point import read_all
from graphdiff.program.runs.enclosure import ball_domain, ball_inputs, work

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["Quotients", "ball_quotients", "directional_quotient", "float_quotients"]

BITS = 384
MOST_BITS = 6_144
_SMALL = 2.0**-200
_TURN = 2.0**-60
STEP = 100
"""h = 2^−100·min(|x|, 1): truncation leaves about 60 correct digits."""
BUDGET = 40_000
"""Entry evaluations past which single quotients give way to a few random directions."""
_FLOAT_BUDGET = 100_000
_OVERHEAD = 10
"""Entries that could be computed in the time that a node of an array program takes by itself."""

Place = tuple[int, ...]
Target = tuple[int, Place]
"""A node and the place of one of its entries; () for a number."""


@dataclass(frozen=True, slots=True)
class Quotients:
    """Difference quotients of the output, in one entry or along a direction, as balls: both sides
    and central."""

    left: Any
    right: Any
    central: Any

    @property
    def wide(self) -> bool:
        """Whether rounding has left less than 20 digits of the central quotient, and a bound on
        it that is no small number either."""
        central = self.central
        return not (central.rad() <= 1e-20 * abs(central.mid()) or central.abs_upper() <= _SMALL)


def dependents(trace: Trace, moved: list[int]) -> list[int]:
    """The nodes that depend on one of those, without these."""
    graph = trace.graph
    first = min(moved)
    marks = active_nodes(graph.tape, [k for k in graph.order if k >= first], moved)
    return [k for k in graph.order if k > first and marks[k] and k not in moved]


def affordable(trace: Trace) -> list[Target]:
    """The entries whose gradients are checked one by one: all, those of the inputs, or none."""
    graph = trace.graph
    nodes = [i for i in graph.order if trace.live[i] and _movable(trace, i)]
    inputs = differentiated(trace)
    cost = len(graph.order)
    if graph.has_arrays:
        cost = _OVERHEAD * cost + work(graph)
    if _count(trace, nodes) * cost <= BUDGET:
        return _entries(trace, nodes)
    return _entries(trace, inputs) if _count(trace, inputs) * cost <= 10 * BUDGET else []


def differentiated(trace: Trace) -> list[int]:
    """The nodes that were asked for, by default the inputs, as far as the output depends on them;
    without labels."""
    return [i for i in trace.targets.values() if trace.live[i] and i in trace.graph.uses]


def _count(trace: Trace, nodes: list[int]) -> int:
    return sum(size(trace.graph.tape.nodes[i].shape) for i in nodes)


def _entries(trace: Trace, nodes: list[int]) -> list[Target]:
    shapes = [trace.graph.tape.nodes[i].shape for i in nodes]
    return [
        (i, place)
        for i, shape in zip(nodes, shapes, strict=True)
        for place in product(*map(range, shape))
        if not _missing(entry(trace.values[i], place))
    ]


def _missing(number: Any) -> bool:
    """Whether an entry has no value, which only a branch that is not taken may leave."""
    return bool(number != number)


def _movable(trace: Trace, i: int) -> bool:
    """Whether node i holds numbers: no condition, no labels, not the value of an untaken branch."""
    graph = trace.graph
    nodes, ops = graph.tape.nodes, graph.tape.ops
    labels = bool(graph.uses[i]) and all(p in ops[nodes[k].op].discrete for k, p in graph.uses[i])
    missing = isinstance(trace.values[i], Undefined) or trace.adjoints.get(i, 0) is None
    return not graph.is_condition(i) and not labels and not missing


def ball_quotients(
    trace: Trace, targets: Iterable[Target], step: int = STEP
) -> dict[Target, Quotients | None]:
    """Move one entry at a time by ±h and evaluate what lies above it, in balls.

    The precision grows until cancellation leaves enough digits of each quotient.  None for an
    entry that cannot be moved both ways inside the domain.
    """
    bits = BITS * step // STEP
    found = _quotients(trace, targets, bits, step)
    while bits < MOST_BITS:
        wide = [target for target, q in found.items() if q is not None and q.wide]
        if not wide:
            break
        bits *= 4
        found.update(_quotients(trace, wide, bits, step))
    return found


def _quotients(
    trace: Trace, targets: Iterable[Target], bits: int, step: int
) -> dict[Target, Quotients | None]:
    graph = trace.graph
    found: dict[Target, Quotients | None] = {}
    with working_precision(bits) as balls:
        domain = ball_domain(graph, balls)
        base = forward(graph.tape, graph.order, ball_inputs(graph, trace.point, balls), domain)
        for i, entries in groupby(targets, key=itemgetter(0)):
            above = dependents(trace, [i])
            for target in entries:
                x = base[i]
                x = x if isinstance(x, Undefined) else entry(x, target[1])
                if isinstance(x, Undefined) or not x.is_finite():
                    found[target] = None
                    continue
                h = _step(x, balls, step)
                ends = [
                    moved_output(trace, base, above, {i: _with(base[i], target[1], to)}, domain)
                    for to in (x - h, x + h)
                ]
                found[target] = quotients_of(ends[0], base[graph.output], ends[1], h)
    return found


def crosses_kink(trace: Trace, target: Target, step: int) -> bool:
    """Whether some gate changes its slope abruptly within that step of one entry."""
    graph = trace.graph
    with working_precision(BITS * step // STEP) as balls:
        domain = ball_domain(graph, balls)
        base = forward(graph.tape, graph.order, ball_inputs(graph, trace.point, balls), domain)
        i, place = target
        x = entry(base[i], place)
        h, above = _step(x, balls, step), dependents(trace, [i])
        start = _operands(trace, above, base)
        runs = [base]
        for to in (x - h, x + h):
            moved = {**start, i: _with(base[i], place, to)}
            runs.append({**base, **forward(graph.tape, above, {}, domain, start=moved)})
        for k in above:
            row = graph.tape.ops[graph.tape.nodes[k].op]
            if row.kink is not None and _turns(trace, k, runs, domain):
                return True
    return False


def _turns(trace: Trace, k: int, runs: list[dict[int, Any]], domain: Any) -> bool:
    """Whether the slopes of a gate differ between runs that are next to each other."""
    graph = trace.graph
    if graph.tape.ops[graph.tape.nodes[k].op].condition:
        return len({str(run[k]) for run in runs}) > 1
    local = array_local if graph.has_arrays else local_gradient
    for position in range(len(graph.tape.nodes[k].operands)):
        try:
            slopes = [flat(local(graph.tape, k, position, run, domain)) for run in runs]
        except GraphDiffError:
            return True
        for here, *others in zip(*slopes, strict=True):
            if any(not abs(domain.number(0) + here - other) < _TURN for other in others):
                return True
    return False


def _with(value: Any, place: Place, x: Any) -> Any:
    """The array with one entry replaced; for a number, the other number."""
    if not place:
        return x
    changed = value.copy()
    changed[place] = x
    return changed


def moved_output(
    trace: Trace, base: dict[int, Any], above: list[int], moved: dict[int, Any], domain: Any
) -> Any:
    """The output with some nodes moved, all other values known; ``above`` depends on these."""
    graph = trace.graph
    if graph.output in moved:
        return moved[graph.output]
    if graph.output not in above:  # a statement that the output does not need was moved
        return base[graph.output]
    start = {**_operands(trace, above, base), **moved}
    return forward(graph.tape, above, {}, domain, start=start)[graph.output]


def quotients_of(low: Any, here: Any, high: Any, h: Any) -> Quotients | None:
    """The three quotients from three outputs, or None if one is missing."""
    if any(isinstance(x, Undefined) or not x.is_finite() for x in (low, high)):
        return None
    return Quotients((here - low) / h, (high - here) / h, (high - low) / (2 * h))


def _operands(trace: Trace, above: list[int], base: dict[int, Any]) -> dict[int, Any]:
    nodes = trace.graph.tape.nodes
    return {k: base[k] for i in above for k in nodes[i].operands}


def _step(x: Any, balls: Balls, step: int) -> Any:
    """An exact power of two near 2^−step·min(|x|, 1); 2^−step where x may be 0."""
    mid = x.mid()
    if x.contains(0):
        return balls.arb(2) ** -step
    mantissa, exponent = mid.man_exp()
    return balls.arb(2) ** (min(int(exponent) + int(mantissa).bit_length(), 0) - step)


def directional_quotient(trace: Trace, signs: dict[str, int]) -> Any:
    """The central quotient along a direction of ±1 in every input, in balls, or None."""
    graph = trace.graph
    with working_precision(BITS) as balls:
        h = balls.arb(2) ** -STEP
        at = ball_inputs(graph, trace.point, balls)
        ends = [
            forward(
                graph.tape,
                graph.order,
                {x: v + side * signs.get(x, 0) * h for x, v in at.items()},
                balls,
            )[graph.output]
            for side in (1, -1)
        ]
        if any(isinstance(x, Undefined) or not x.is_finite() for x in ends):
            return None
        return (ends[0] - ends[1]) / (2 * h)


def float_quotients(trace: Trace, h: float = 1e-4) -> dict[Target, float | None]:
    """The central difference (f(x+h) − f(x−h))/2h in doubles, as the lectures teach it.

    An inner node that was asked for is moved itself.  None where x ± h has no finite value;
    empty for a large program.  (CS231n notes, Gradient checks.)
    """
    graph = trace.graph
    domain: Any = FloatArrays() if graph.has_arrays else FLOAT
    inputs = differentiated(trace)
    if _count(trace, inputs) * _float_cost(trace) >= _FLOAT_BUDGET:
        return {}
    try:
        at = read_all(trace.point, domain)
    except (DomainError, OverflowError):
        return {}
    found: dict[Target, float | None] = {}
    base = {i: at[node.attr] for i in inputs if (node := graph.tape.nodes[i]).op == "input"}
    if len(base) < len(inputs):
        base = forward(graph.tape, graph.order, at, domain)
    for target in _entries(trace, inputs):
        i, place = target
        if isinstance(base[i], Undefined):
            found[target] = None
            continue
        x = entry(base[i], place)
        ends = [
            float_output(trace, at, domain, {i: _with(base[i], place, x + side * h)})
            for side in (1, -1)
        ]
        found[target] = _central(ends, h)
    return found


def _float_cost(trace: Trace) -> int:
    # numpy computes some hundred entries in the time that it takes to call it.
    nodes = trace.graph.tape.nodes
    return sum(1 + size(nodes[i].shape) // 300 for i in trace.graph.order)


def float_output(
    trace: Trace, at: dict[str, Any], domain: Any, moved: dict[int, Any] | None = None
) -> float | None:
    """The output in doubles, some nodes moved; None where it has no finite value."""
    graph = trace.graph
    out = forward(graph.tape, graph.order, at, domain, overrides=moved or {})[graph.output]
    return None if isinstance(out, Undefined) or not math.isfinite(out) else float(out)


def _central(ends: list[float | None], h: float) -> float | None:
    high, low = ends
    return None if high is None or low is None else (high - low) / (2 * h)
