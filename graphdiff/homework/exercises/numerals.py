"""Which numbers are pleasant on paper, how they are drawn, and how they are written."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, TypeVar

from graphdiff.language.notation.numbers import show_number

__all__ = ["DIGITS", "LARGEST", "Drawing", "bracketed", "entries_of", "is_pleasant", "shown"]

LARGEST = 100
DIGITS = 4
"""Significant digits of a number that is no short decimal."""

T = TypeVar("T")


def is_pleasant(value: Fraction) -> bool:
    """Whether it is an integer or a decimal with at most 2 places, and of at most 100.

    >>> is_pleasant(Fraction(7, 4)), is_pleasant(Fraction(1, 3)), is_pleasant(Fraction(101))
    (True, False, False)
    """
    return abs(value) <= LARGEST and 100 % value.denominator == 0


def entries_of(value: Any) -> list[Any]:
    """The entries of an array or of nested lists, or the number alone."""
    if isinstance(value, list):
        return [entry for part in value for entry in entries_of(part)]
    return list(value.flat) if hasattr(value, "flat") else [value]


def bracketed(value: Any, write: Callable[[Any], str]) -> str:
    """An array or nested lists in brackets, each entry as ``write`` writes a number.

    >>> bracketed([[1, 2], [3, 4]], str)
    '[[1, 2], [3, 4]]'
    """
    if getattr(value, "shape", ()):
        value = value.tolist()
    if isinstance(value, list):
        return "[" + ", ".join(bracketed(part, write) for part in value) + "]"
    return write(value)


def shown(value: Any) -> str:
    """A number of an exercise as text: exact if it is a short decimal, else to 4 digits; arrays
    entry by entry.

    >>> shown(Fraction(-7, 4)), shown(3), shown(0.19661193324), shown(1.04979)
    ('-1.75', '3', '0.1966', '1.050')
    >>> shown([[1, 2], [3, Fraction(1, 2)]])
    '[[1, 2], [3, 0.5]]'
    """
    return bracketed(value, _shown)


def _shown(value: Any) -> str:
    if isinstance(value, float) and 0.001 <= abs(value) < 1000:
        return f"{value:#.{DIGITS}g}"  # with its last digit, even if that is 0
    return show_number(value, DIGITS)


class Drawing:
    """Draws from pools, the same on every machine: ``random()`` of a seed is promised to stay."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed).random  # noqa: S311 - exercises are no secrets

    def one(self, pool: Sequence[T]) -> T:
        """One of the pool, each as likely as the others."""
        return pool[int(self._random() * len(pool))]
