"""Fractions that are easy to write, within bounds."""

from __future__ import annotations

from fractions import Fraction

__all__ = ["simplest"]


def simplest(low: Fraction, high: Fraction) -> Fraction:
    """The fraction with the smallest denominator in a closed interval (Stern–Brocot).

    >>> simplest(Fraction(3, 10), Fraction(34, 100)), simplest(Fraction(-1), Fraction(2))
    (Fraction(1, 3), Fraction(0, 1))
    """
    if low <= 0 <= high:
        return Fraction(0)
    if high < 0:
        return -simplest(-high, -low)
    # In integers: a fraction would be reduced, and tell its kind, at every step.
    below, low_unit, above, high_unit = *low.as_integer_ratio(), *high.as_integer_ratio()
    terms: list[int] = []
    while (whole := -(-below // low_unit)) * high_unit > above:
        floor = whole - 1
        terms.append(floor)
        below, low_unit, above, high_unit = (
            high_unit, above - floor * high_unit, low_unit, below - floor * low_unit,
        )  # fmt: skip
    found, unit = whole, 1
    while terms:
        found, unit = terms.pop() * found + unit, found
    return Fraction(found, unit)
