"""Counts that may be astronomically large: exact integers, and past a limit their logarithm.

The number of paths through a chain of n forks is 2^n: a chain of 100,000 gates has more paths than
an integer of this machine's memory should be spent on.
"""

from __future__ import annotations

import math

__all__ = ["Count", "count_data", "count_text", "log2", "plus", "product"]

Count = int | float
"""An exact number as an int; one of more than ``BITS`` bits as a float, its base-2 logarithm."""

BITS = 4_096


def plus(a: Count, b: Count) -> Count:
    """The sum of two counts.

    >>> plus(2, 3), plus(2**4095, 2**4095)
    (5, 4096.0)
    """
    if isinstance(a, int) and isinstance(b, int):
        return _bounded(a + b)
    high, low = sorted((log2(a), log2(b)), reverse=True)
    return high + math.log2(1.0 + 2.0 ** max(low - high, -1_000.0))


def product(a: Count, b: Count) -> Count:
    """The product of two counts.

    >>> product(6, 7), product(2**4000, 2**4000)
    (42, 8000.0)
    """
    if isinstance(a, int) and isinstance(b, int):
        return _bounded(a * b)
    return 0 if 0 in (a, b) else log2(a) + log2(b)


def _bounded(number: int) -> Count:
    return number if number.bit_length() <= BITS else math.log2(number)


def log2(count: Count) -> float:
    """The base-2 logarithm of a count; −∞ for none."""
    if isinstance(count, float):
        return count
    return math.log2(count) if count else -math.inf


def count_text(count: Count) -> str:
    """A count for people: all digits up to a quadrillion, then the leading ones.

    >>> count_text(1_234_567), count_text(2**100), count_text(8000.0)
    ('1,234,567', '1.268e30', 'about 2^8,000')
    """
    if isinstance(count, float):
        return f"about 2^{count:,.0f}"
    if count < 10**15:
        return f"{count:,}"
    exponent = len(str(count)) - 1
    return f"{count / 10**exponent:.3f}e{exponent}"


def count_data(count: Count) -> int | str | None:
    """A count for JSON: a number, digits as text where no double holds it, None past the limit."""
    if isinstance(count, float):
        return None
    return count if count <= 2**53 else str(count)
