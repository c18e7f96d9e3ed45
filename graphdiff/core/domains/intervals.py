"""Intervals with their two ends: what is proved about a formula over a whole box.

A ball around 1 of radius 1 does not say that its square is never negative; [0, 2] does.  The ends
are exact numbers of flint's, rounded outwards (Moore, Kearfott & Cloud 2009, Introduction to
Interval Analysis, ch. 2–5).  Ends may be infinite.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

__all__ = ["Interval", "Outside", "enclosing", "hull"]


class Outside(ArithmeticError):
    """An operation that is not defined on all of its operands' intervals."""


class Interval:
    """All numbers from ``lo`` to ``hi``; arithmetic returns an interval that holds every result.

    >>> from graphdiff.core.domains.intervals import enclosing
    >>> x = enclosing(-1, 3)
    >>> print(x * x, x + 1, (x * 0).hi)
    [-3, 9] [0, 4] 0
    """

    __slots__ = ("hi", "lo")

    def __init__(self, lo: Any, hi: Any) -> None:
        self.lo, self.hi = lo, hi

    def __repr__(self) -> str:
        return f"[{float(self.lo):.6g}, {float(self.hi):.6g}]"

    def __float__(self) -> float:
        return self.mid()

    def mid(self) -> float:
        """A double inside, or at an end that is finite."""
        lo, hi = float(self.lo), float(self.hi)
        if math.isinf(lo) or math.isinf(hi):
            return 0.0 if lo < 0 < hi else (hi if math.isinf(lo) else lo)
        return lo + (hi - lo) / 2

    def width(self) -> float:
        """The length, rounded to a double."""
        return float(self.hi) - float(self.lo)

    def holds(self, number: Any) -> bool:
        """Whether the exact number lies inside."""
        return bool(self.lo <= number <= self.hi)

    @property
    def exact(self) -> bool:
        """Whether this is one number."""
        return bool(self.lo == self.hi)

    @property
    def finite(self) -> bool:
        """Whether both ends are."""
        return bool(self.lo.is_finite() and self.hi.is_finite())

    def ball(self) -> Any:
        """The same as a ball."""
        return self.lo.union(self.hi)

    def __add__(self, other: Any) -> Interval:
        other = _read(other)
        return Interval(down(self.lo + other.lo), up(self.hi + other.hi))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Interval:
        other = _read(other)
        return Interval(down(self.lo - other.hi), up(self.hi - other.lo))

    def __rsub__(self, other: Any) -> Interval:
        return _read(other) - self

    def __neg__(self) -> Interval:
        return Interval(-self.hi, -self.lo)

    def __mul__(self, other: Any) -> Interval:
        other = _read(other)
        a, b, c, d = self.lo, self.hi, other.lo, other.hi
        if a < 0 < b and c < 0 < d:
            return _around([_product(a, d), _product(b, c), _product(a, c), _product(b, d)])
        # The signs tell which ends make the smallest product and the largest.
        if c >= 0:
            low, high = (a, c if a >= 0 else d), (b, d if b >= 0 else c)
        elif d <= 0:
            low, high = (b, c if b >= 0 else d), (a, d if a >= 0 else c)
        else:
            low, high = ((b, c), (b, d)) if a >= 0 else ((a, d), (a, c))
        return Interval(down(_product(*low)), up(_product(*high)))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Interval:
        other = _read(other)
        if other.lo <= 0 <= other.hi:
            raise Outside("division by an interval that holds 0")
        return self * Interval(down(1 / other.hi), up(1 / other.lo))

    def __rtruediv__(self, other: Any) -> Interval:
        return _read(other) / self

    # Comparisons are certain or False: "every number here is below every number there".
    def __lt__(self, other: Any) -> bool:
        return bool(self.hi < _read(other).lo)

    def __le__(self, other: Any) -> bool:
        return bool(self.hi <= _read(other).lo)

    def __gt__(self, other: Any) -> bool:
        return bool(self.lo > _read(other).hi)

    def __ge__(self, other: Any) -> bool:
        return bool(self.lo >= _read(other).hi)


def _read(value: Any) -> Interval:
    if value.__class__ is Interval:
        return value
    if isinstance(value, int | float | Fraction):
        return enclosing(value, value)
    raise TypeError(f"no number: {value!r}")


def enclosing(low: Any, high: Any) -> Interval:
    """The interval between two numbers, rounded outwards where they are no binary fractions."""
    if low is high:
        number = _number(low)
        return Interval(down(number), up(number))
    return Interval(down(_number(low)), up(_number(high)))


def _number(value: Any) -> Any:
    from graphdiff.core.support.arithmetic import arb, fmpq

    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    if value is None:
        raise TypeError("no value lies in no interval")  # flint reads it as 0
    return value if isinstance(value, arb) else arb(value)


def hull(parts: list[Interval]) -> Interval:
    """The smallest interval around all."""
    lo, hi = parts[0].lo, parts[0].hi
    for part in parts[1:]:
        lo, hi = min(lo, part.lo), max(hi, part.hi)
    return Interval(lo, hi)


def _product(a: Any, b: Any) -> Any:
    # An infinite end stands for arbitrarily large numbers, and 0 times each of them is 0.
    return a if a.is_zero() else b if b.is_zero() else a * b


def _around(numbers: list[Any]) -> Interval:
    lows, highs = [down(x) for x in numbers], [up(x) for x in numbers]
    lo, hi = lows[0], highs[0]
    for low, high in zip(lows[1:], highs[1:], strict=True):
        lo, hi = min(lo, low), max(hi, high)
    return Interval(lo, hi)


def down(x: Any) -> Any:
    """A lower bound that is a number; −∞ where nothing is known."""
    if x.is_exact() and not x.is_nan():
        # Beyond the working precision the exact sum of two numbers would grow without end.
        return x if x.bits() <= _BITS else x.lower()
    low = x.lower()
    return x.neg_inf() if low.is_nan() else low


def up(x: Any) -> Any:
    """An upper bound that is a number; ∞ where nothing is known."""
    if x.is_exact() and not x.is_nan():
        return x if x.bits() <= _BITS else x.upper()
    high = x.upper()
    return x.pos_inf() if high.is_nan() else high


_BITS = 64
"""Working precision of the sweeps over boxes."""
