"""Fractions that are easy to write, within bounds."""

from __future__ import annotations

import math
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
    terms: list[int] = []
    while True:
        whole = math.ceil(low)
        if whole <= high:
            terms.append(whole)
            break
        floor = math.floor(low)
        terms.append(floor)
        low, high = 1 / (high - floor), 1 / (low - floor)
    found = Fraction(terms.pop())
    while terms:
        found = terms.pop() + 1 / found
    return found
