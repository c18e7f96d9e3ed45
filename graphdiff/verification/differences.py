"""Difference quotients: in balls at high precision (a proof), in floats (as lectures teach it)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ..backward import active_nodes
from ..domains.ball import Balls, working_precision
from ..domains.floats import FLOAT
from ..errors import DomainError
from ..forward import Undefined, forward
from ..parsing.point import read_all
from .enclosure import ball_inputs

if TYPE_CHECKING:
    from ..trace import Trace

__all__ = ["Quotients", "ball_quotients", "directional_quotient", "float_quotients"]

BITS = 384
MOST_BITS = 6_144
STEP = 100
"""h = 2^−100·min(|x|, 1): truncation leaves about 60 correct digits."""
BUDGET = 40_000
"""Node evaluations past which single quotients give way to a few random directions."""


@dataclass(frozen=True, slots=True)
class Quotients:
    """Difference quotients of the output in one node: both sides and central, as balls."""

    left: Any
    right: Any
    central: Any

    @property
    def wide(self) -> bool:
        """Whether rounding has left less than 20 digits of the central quotient."""
        return not self.central.rad() <= 1e-20 * (1 + abs(self.central.mid()))


def dependents(trace: Trace, i: int) -> list[int]:
    """The nodes above i that depend on it."""
    graph = trace.graph
    marks = active_nodes(graph.tape, [k for k in graph.order if k >= i], [i])
    return [k for k in graph.order if k > i and marks[k]]


def affordable(trace: Trace) -> list[int]:
    """The nodes whose gradients are checked one by one: all, the inputs alone, or none."""
    graph = trace.graph
    nodes = [i for i in graph.order if graph.active[i] and _movable(trace, i)]
    inputs = [i for i in graph.inputs.values() if i in graph.uses]
    size = len(graph.order)
    if len(nodes) * size <= BUDGET:
        return nodes
    return inputs if len(inputs) * size <= 10 * BUDGET else []


def _movable(trace: Trace, i: int) -> bool:
    """Whether node i holds a number: not a condition, not the value of an untaken branch."""
    node = trace.graph.tape.nodes[i]
    condition = bool(node.operands) and trace.graph.tape.ops[node.op].condition
    return not condition and not isinstance(trace.values[i], Undefined)


def ball_quotients(
    trace: Trace, targets: Iterable[int], step: int = STEP
) -> dict[int, Quotients | None]:
    """Move one node at a time by ±h and evaluate what lies above it, in balls.

    The precision grows until cancellation leaves enough digits of each quotient.  None for a node
    that cannot be moved both ways inside the domain.
    """
    bits = BITS * step // STEP
    found = _quotients(trace, targets, bits, step)
    while bits < MOST_BITS:
        wide = [i for i, q in found.items() if q is not None and q.wide]
        if not wide:
            break
        bits *= 4
        found.update(_quotients(trace, wide, bits, step))
    return found


def _quotients(
    trace: Trace, targets: Iterable[int], bits: int, step: int
) -> dict[int, Quotients | None]:
    graph = trace.graph
    found: dict[int, Quotients | None] = {}
    with working_precision(bits) as balls:
        base = forward(graph.tape, graph.order, ball_inputs(trace, balls), balls)
        for i in targets:
            if isinstance(base[i], Undefined) or not base[i].is_finite():
                found[i] = None
                continue
            above = dependents(trace, i)
            h = _step(base[i], balls, step)
            here = base[graph.output]
            there = [
                forward(
                    graph.tape, above, {}, balls, start={**_operands(trace, above, base), i: moved}
                )[graph.output]
                if above
                else moved
                for moved in (base[i] - h, base[i] + h)
            ]
            if any(isinstance(x, Undefined) or not x.is_finite() for x in there):
                found[i] = None
            else:
                low, high = there
                found[i] = Quotients((here - low) / h, (high - here) / h, (high - low) / (2 * h))
    return found


def _operands(trace: Trace, above: list[int], base: dict[int, Any]) -> dict[int, Any]:
    nodes = trace.graph.tape.nodes
    return {k: base[k] for i in above for k in nodes[i].operands}


def _step(x: Any, balls: Balls, step: int) -> Any:
    """An exact power of two near 2^−step·min(|x|, 1); 2^−step at 0."""
    mid = x.mid()
    if mid.is_zero():
        return balls.arb(2) ** -step
    mantissa, exponent = mid.man_exp()
    return balls.arb(2) ** (min(int(exponent) + int(mantissa).bit_length(), 0) - step)


def directional_quotient(trace: Trace, signs: dict[str, int]) -> Any:
    """The central quotient along a direction of ±1 in every input, in balls, or None."""
    graph = trace.graph
    with working_precision(BITS) as balls:
        h = balls.arb(2) ** -STEP
        at = ball_inputs(trace, balls)
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


def float_quotients(trace: Trace, h: float = 1e-4) -> dict[str, float | None]:
    """The central difference (f(x+h) − f(x−h))/2h in doubles, as the lectures teach it.

    None where x ± h leaves the domain.  (CS231n notes, Gradient checks.)
    """
    graph = trace.graph
    at: dict[str, float] = {}
    try:
        at = read_all(trace.point, FLOAT)
    except (DomainError, OverflowError):
        return {}
    found: dict[str, float | None] = {}
    for name, i in graph.inputs.items():
        if i not in graph.uses:
            continue
        ends = [
            forward(graph.tape, graph.order, {**at, name: at[name] + side * h}, FLOAT)[graph.output]
            for side in (1, -1)
        ]
        undefined = any(isinstance(x, Undefined) for x in ends)
        found[name] = None if undefined else float(ends[0] - ends[1]) / (2 * h)
    return found
