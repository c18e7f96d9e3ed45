"""Intervals between fractions, as balls and as numbers inside them."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.fractions import simplest
from graphdiff.program.germs.coefficients import ball

__all__ = ["Inside", "ends", "fraction", "halfway", "hull", "inner_end", "middle", "simplest"]


class Inside(Balls):
    """Balls for functions that are known to be defined: a ball that reaches beyond the domain only
    by its rounding, or by its wide hull, is cut to it."""

    def sqrt(self, x: Any) -> Any:
        if x >= 0 or not x.is_finite() or x < 0:
            return x.sqrt()
        return ball(0).union(x.upper().sqrt())

    def pow(self, x: Any, y: Any) -> Any:
        found = super().pow(x, y)
        if found.is_finite() or y.is_integer() or not (y > 0 and x.upper() > 0):
            return found
        return ball(0).union(x.upper() ** y)

    def asin(self, x: Any) -> Any:
        low, high = _within(x)
        return low.asin().union(high.asin())

    def acos(self, x: Any) -> Any:
        low, high = _within(x)
        return low.acos().union(high.acos())


def _within(x: Any) -> tuple[Any, Any]:
    """The ends of a ball, cut to [−1, 1] where they are outside."""
    low, high = x.lower(), x.upper()
    return (ball(-1) if low < -1 <= high else low), (ball(1) if high > 1 >= low else high)


def fraction(value: Any) -> Fraction:
    """The midpoint of a ball, exactly."""
    mantissa, exponent = value.mid().man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def middle(low: Any, high: Any) -> Fraction:
    """A simple number well between two marks."""
    left, right = inner_end(low, 1), inner_end(high, -1)
    third = (right - left) / 3
    return simplest(left + third, right - third) if third > 0 else (left + right) / 2


def ends(inside: Any) -> tuple[Fraction, Fraction]:
    return fraction(inside.lower()), fraction(inside.upper())


def hull(low: Fraction, high: Fraction) -> Any:
    return ball(low).union(ball(high))


def halfway(low: Fraction, high: Fraction) -> Fraction:
    """A short number near the middle; by size where the ends differ much in size."""
    if low >= 0 and high > 16 and low < 1:
        size = max(1.0, math.sqrt(float(low + high)))
    elif high <= 0 and low < -16 and high > -1:
        size = -max(1.0, math.sqrt(float(-low - high)))
    elif low > 0 and high > 16 * low:
        size = math.sqrt(float(low)) * math.sqrt(float(high))
    elif high < 0 and low < 16 * high:
        size = -math.sqrt(float(-low)) * math.sqrt(float(-high))
    else:
        size = float((low + high) / 2)
    middle = Fraction(size)
    return middle if low < middle < high else (low + high) / 2


def inner_end(mark: Any, side: int) -> Fraction:
    if isinstance(mark, Fraction):
        return mark
    return fraction(mark.upper() if side > 0 else mark.lower())
