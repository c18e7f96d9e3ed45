"""Boxes: a range for every variable, as ``--over x=-2..2,y=0..inf`` gives them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.intervals import Interval
from graphdiff.errors import BadPoint
from graphdiff.language.reading.boxes import ends_of
from graphdiff.language.reading.point import Constant, read_value
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.runs.trace import too_large

__all__ = ["Box", "Range", "read_box"]

_INFINITE = {"inf": 1, "+inf": 1, "-inf": -1, "oo": 1, "+oo": 1, "-oo": -1, "∞": 1, "-∞": -1}


@dataclass(frozen=True, slots=True)
class Range:
    """A range of one variable."""

    text: str
    low: Fraction | float
    """Exact where it is rational, else a double just inside; infinite ends are floats."""
    high: Fraction | float
    outer: Interval
    """An interval around the range."""

    @property
    def finite(self) -> bool:
        return not (math.isinf(self.low) or math.isinf(self.high))


@dataclass(frozen=True, slots=True)
class Box:
    """A range for every variable, in the order of the program's text."""

    ranges: dict[str, Range]

    @property
    def finite(self) -> bool:
        return all(r.finite for r in self.ranges.values())

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self.ranges)

    def outer(self) -> dict[str, Interval]:
        """Intervals around the ranges."""
        return {name: r.outer for name, r in self.ranges.items()}

    def holds(self, point: Sequence[Fraction]) -> bool:
        """Whether a point lies in the box."""
        return all(r.low <= x <= r.high for x, r in zip(point, self.ranges.values(), strict=True))

    def place(self, shares: Sequence[float]) -> list[Fraction]:
        """The point at these shares (0 … 1) of every range, a binary fraction that lies inside; of
        an infinite range the part within 8 of its end, or of 0, stands for the whole."""
        return [_place(r, t) for r, t in zip(self.ranges.values(), shares, strict=True)]

    def show(self) -> str:
        """``x = -2..2, y = 0..inf``."""
        return ", ".join(f"{name} = {r.text}" for name, r in self.ranges.items())


def _place(r: Range, share: float) -> Fraction:
    low, high = _reach(r)
    if share in (0, 1):
        return high if share else low
    wanted = low + (high - low) * Fraction(share)
    steps = Fraction(2) ** (20 - math.frexp(float(high - low) or 1.0)[1])
    near = Fraction(round(wanted * steps)) / steps
    return min(max(near, low), high)


def _reach(r: Range) -> tuple[Fraction, Fraction]:
    if r.finite:
        return Fraction(r.low), Fraction(r.high)
    if not math.isinf(r.low):
        return Fraction(r.low), Fraction(r.low) + 8
    if not math.isinf(r.high):
        return Fraction(r.high) - 8, Fraction(r.high)
    return Fraction(-8), Fraction(8)


def read_box(over: Mapping[str, Any], names: Sequence[str]) -> Box:
    """The box for these variables; ``over`` holds ``"lo..hi"`` texts or pairs of numbers.

    A range for an array's name is the range of each of its entries.

    Raises BadPoint for an empty or reversed range, a missing one, or one of no variable.
    """
    if not over:
        raise BadPoint(
            "there is no box", hint="add --over " + ",".join(f"{n}=-1..1" for n in names)
        )
    owners = {name: name.partition("[")[0] for name in names}
    for name in over:
        if name not in owners and name not in owners.values():
            known = dict.fromkeys([*owners.values(), *owners])
            raise no_variable(name, known, error=BadPoint)
    ranges = {}
    for name in names:
        given = over.get(name, over.get(owners[name]))
        if given is None:
            raise BadPoint(f"no range for {name}", hint=f"add {owners[name]}=-1..1 to the box")
        ranges[name] = _range(name, given)
    return Box(ranges)


def _range(name: str, given: Any) -> Range:
    ends = ends_of(name, given)
    text = f"{ends[0]}..{ends[1]}"
    with working_precision(64):
        (low_in, low_out), (high_in, high_out) = _end(name, ends[0], 1), _end(name, ends[1], -1)
    if low_in > high_in:
        raise BadPoint(
            f"the range {text} of {name} is empty: {ends[0]} is larger than {ends[1]}",
            hint=f"did you mean {ends[1]}..{ends[0]}?",
        )
    if low_in == high_in:
        hint = f"fix {name} with a value in the expression instead"
        raise BadPoint(f"the range {text} of {name} is a single point", hint=hint)
    return Range(text, low_in, high_in, Interval(low_out, high_out))


def _end(name: str, value: Any, inward: int) -> tuple[Fraction | float, Any]:
    """An end as an exact number inside the range, and as one at or outside it."""
    from graphdiff.core.domains.intervals import enclosing
    from graphdiff.core.support.arithmetic import arb

    sign = _INFINITE.get(value) if isinstance(value, str) else None
    if sign is None and isinstance(value, float) and math.isinf(value):
        sign = 1 if value > 0 else -1
    if sign is not None:
        if sign == inward:
            raise BadPoint(f"the range of {name} has {value} at the wrong end")
        return sign * math.inf, arb.pos_inf() if sign > 0 else arb.neg_inf()
    constant = read_value(name, value)
    if constant.shape:
        raise BadPoint(f"an end of the range of {name} is no number")
    exact = constant.read(RATIONAL)
    if too_large(exact):
        raise BadPoint(f"the range of {name} goes beyond 1.8e308", hint="-inf..inf has no end")
    if isinstance(exact, int | Fraction):
        around = enclosing(Fraction(exact), Fraction(exact))
        return Fraction(exact), around.lo if inward > 0 else around.hi
    return _irrational(constant, inward)


def _irrational(constant: Constant, inward: int) -> tuple[Fraction, Any]:
    from graphdiff.core.domains.ball import Balls

    ball = constant.read(Balls())
    inner, outer = (ball.upper(), ball.lower()) if inward > 0 else (ball.lower(), ball.upper())
    mantissa, exponent = inner.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent), outer
