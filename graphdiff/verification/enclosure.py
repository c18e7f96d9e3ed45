"""Enclosures: every value and gradient as a ball that provably contains the true number."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..backward import accumulate
from ..domains.ball import Balls, working_precision
from ..errors import DomainError
from ..forward import Undefined, forward
from ..parsing.point import read_all
from .ball_arrays import ball_domain, bits_for, middles, radii, work

if TYPE_CHECKING:
    from ..trace import Trace

__all__ = ["MOST_WORK", "Enclosure", "ball_inputs", "blurred", "distance", "enclose"]

_MOST_BITS = 16_384
MOST_WORK = 800_000
"""Entries (see ``work``) up to which arrays are computed in balls; that takes some seconds."""
_ALL_WORK = 1_200_000
"""Entries of all attempts together past which there is no further one."""
_MORE = 4
"""Digits beyond those asked for, without which the last one could often be rounded either way."""
_EACH = 100
"""Entries up to which an array is shown whole, so that digits of each entry are wanted."""


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Balls for values and gradients by node; None where not even a finite ball is known.

    Arrays are numpy arrays of balls.  A program beyond ``MOST_WORK`` has no enclosure: ``bits`` is
    0 and there are no balls.
    """

    bits: int
    values: dict[int, Any]
    gradients: dict[int, Any]


def ball_inputs(trace: Trace, balls: Balls) -> dict[str, Any]:
    """The point in balls; ``pi/4`` is pi/4, not the double next to it."""
    return read_all(trace.point, ball_domain(trace, balls))


def enclose(trace: Trace, digits: int = 17) -> Enclosure:
    """Evaluate the trace in balls, doubling the precision until ``digits`` digits are certain.

    Stops after two doublings, or at 16,384 bits: a value that is exactly zero, but not provably so
    (sin(pi)), looks uncertain at every precision.  Large arrays have fewer attempts.
    """
    each = work(trace)
    if each > MOST_WORK:
        return Enclosure(0, {}, {})
    spent = each
    bits = bits_for(trace, max(128, int(digits * 3.33) + 64))
    most = min(_MOST_BITS, 4 * bits)
    while True:
        result = _at(trace, bits)
        need = int((digits + _MORE) * 3.33)
        unsure = any(
            not _certain(ball, need)
            for ball in (*result.values.values(), *result.gradients.values())
        )
        spent += each
        if not unsure or bits >= most or spent > _ALL_WORK:
            _refuse_poles(trace, result)
            return result
        bits *= 2


def _refuse_poles(trace: Trace, result: Enclosure) -> None:
    """Doubles see tan(pi/2) as 1.6e16; balls cannot tell it from the pole, and so nobody can."""
    graph = trace.graph
    for i, ball in result.values.items():
        number = trace.values[i]
        if ball is None or isinstance(number, Undefined | bool) or _defined(ball, number):
            continue
        op = graph.tape.nodes[i].op
        where = graph.labels.get(i, "a constant")
        raise DomainError(
            f"{op} at {where} cannot be told from a pole, or is not defined",
            source=graph.source,
            span=graph.tape.spans.get(i),
            hint="move the point; --verify none shows what doubles make of it",
        )


def _defined(ball: Any, number: Any) -> bool:
    """Whether balls are finite wherever the numbers are."""
    if not hasattr(ball, "shape"):
        return bool(ball.is_finite())
    return all(
        b.is_finite() or not math.isfinite(x) for b, x in zip(ball.flat, number.flat, strict=True)
    )


def _certain(ball: Any, bits: int) -> bool:
    if hasattr(ball, "shape"):
        return _certain_array(ball, bits)
    return ball is None or ball.is_zero() or bool(ball.rel_accuracy_bits() >= bits)


def _certain_array(balls: Any, bits: int) -> bool:
    """Every entry of a small array; in a large one, every entry relative to the largest."""
    if balls.size <= _EACH:
        return all(_certain(ball, bits) for ball in balls.flat)
    return bool(radii(balls).max() <= abs(middles(balls)).max() * 2.0**-bits)


def _at(trace: Trace, bits: int) -> Enclosure:
    graph = trace.graph
    with working_precision(bits) as balls:
        domain = ball_domain(trace, balls)
        values = forward(graph.tape, graph.order, ball_inputs(trace, balls), domain)
        gradients = accumulate(
            graph.tape, graph.order, graph.output, values, domain, trace.convention, trace.values,
            None if trace.wrt is None else trace.targets.values(),
        )  # fmt: skip
    return Enclosure(bits, {i: _balls(v) for i, v in values.items()}, gradients)


def _balls(value: Any) -> Any:
    """The value, unless it is missing or holds truth values."""
    first = value.flat[0] if hasattr(value, "flat") else value
    return value if hasattr(first, "is_finite") else None


def distance(ball: Any, number: Any) -> float:
    """An upper bound of |ball − number|, as a float (0.0 for an exact hit)."""
    exact = Balls().number(number) if isinstance(number, Fraction) else number
    return float(abs(ball - exact).upper())


def blurred(ball: Any) -> bool:
    """Whether a ball is so wide that it says little of its number: a kink lies within."""
    return not float(ball.rad()) <= 1e-9 * (1 + abs(float(ball.mid())))
