"""Where two expressions are compared: stratified points, exact in binary, the same on every run.

Dyadic numbers keep ``x − x`` and ``x·x − 1`` exact in ball arithmetic, so that what is undefined
there is known to be, and not only unknown.  Small integers and halves come next: powers of negative
numbers, such as ((−2)²)^½ against −2, are told apart only there.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from math import isqrt

from graphdiff.core.domains.fractions import simplest

__all__ = [
    "Point", "between", "degenerate", "far_points", "odd_points", "ordinary", "sample_points",
    "scaled_points", "special_points",
]  # fmt: skip

Point = tuple[Fraction, ...]
"""One number per variable."""

_RANGES: dict[str, tuple[Fraction | int, Fraction | int]] = {
    "unit": (0, 1), "positive": (0, 4), "any": (-4, 4), "negative": (-4, 0), "above one": (1, 2),
    "wide": (-30, 30), "small": (Fraction(-1, 64), Fraction(1, 64)), "large": (-3000, 3000),
}  # fmt: skip
_ORDER = (
    "unit", "positive", "any", "negative", "above one", "any", "unit", "positive", "wide", "any",
    "negative", "large", "small", "positive", "any", "unit",
)  # fmt: skip
_SPECIAL = tuple(
    Fraction(n, d)
    for n, d in ((2, 1), (-1, 2), (-2, 1), (1, 2), (0, 1), (3, 1), (-1, 1), (1, 1), (-3, 1), (4, 1))
)
_STEP = 0x9E3779B97F4A7C15
"""2^64 over the golden ratio: its multiples spread evenly (Knuth, TAOCP 3, 6.4)."""
_WORD = (1 << 64) - 1


def _mixed(k: int) -> int:
    """A number below 2^64 that looks random (the finalizer of splitmix64: Steele et al. 2014)."""
    k = (k * _STEP) & _WORD
    k = ((k ^ (k >> 30)) * 0xBF58476D1CE4E5B9) & _WORD
    k = ((k ^ (k >> 27)) * 0x94D049BB133111EB) & _WORD
    return k ^ (k >> 31)


@lru_cache(maxsize=64)
def _step(k: int) -> int:
    """The step of the k-th coordinate; with one step for all, y − x would be the same at every
    point."""
    return _STEP if not k else _mixed(k) | 1


def _spread(i: int, k: int) -> Fraction:
    """The k-th coordinate of the i-th of evenly spread points, an odd multiple of 2^-10."""
    return Fraction(((i * _step(k)) & _WORD) >> 55 << 1 | 1, 1 << 10)


@lru_cache(maxsize=256)
def sample_points(variables: int, count: int, start: int = 0) -> tuple[Point, ...]:
    """Points in boxes of different size and sign; no number is a multiple of 1/2.

    >>> sample_points(1, 2)
    ((Fraction(633, 1024),), (Fraction(241, 256),))
    """
    return tuple(_sample(variables, i) for i in range(start, start + count))


def _sample(variables: int, i: int) -> Point:
    low, high = _RANGES[_ORDER[i % len(_ORDER)]]
    return tuple(low + (high - low) * _spread(1 + i, k) for k in range(variables))


@lru_cache(maxsize=256)
def special_points(variables: int, count: int) -> tuple[Point, ...]:
    """Small integers, halves and 0; for several variables, combinations that vary."""
    if variables == 1:
        return tuple((x,) for x in _SPECIAL[:count])
    chosen: dict[Point, None] = {}
    for i in range(4 * count):
        mixed = (_mixed(1 + i * variables + k) for k in range(variables))
        chosen[tuple(_SPECIAL[m % len(_SPECIAL)] for m in mixed)] = None
        if len(chosen) == count:
            break
    return tuple(chosen)


def far_points(variables: int) -> Iterator[Point]:
    """More points, of every size from 1/64 to 4096 and then to 10^12, for the sides of kinks."""
    for i in range(64, 304):
        scale = Fraction(2) ** (i % 19 - 6 if i < 224 else i % 80 - 40)
        yield tuple((2 * _spread(1 + i, k) - 1) * scale for k in range(variables))


def odd_points(variables: int, count: int, numbers: Iterable[int]) -> Iterator[Point]:
    """Points with a prime below the line that divides none of the numbers.

    sin(2^20·1013·πx) is 0 at all points with powers of two and 1013 below the line.
    """
    numbers = [n for n in numbers if n]
    prime = next(p for p in _primes(1013) if all(n % p for n in numbers))
    for point in sample_points(variables, count, 96):
        yield tuple(x * Fraction(prime - 4, prime) for x in point)


def _primes(start: int) -> Iterator[int]:
    odd = itertools.count(start, 2)
    return (n for n in odd if all(n % k for k in range(3, isqrt(n) + 1, 2)))


def scaled_points(variables: int, scale: Fraction) -> Iterator[Point]:
    """Points of that size in all variables, and in one of them while the others stay."""
    for k in (None, *range(variables)) if variables > 1 else (None,):
        for point in sample_points(variables, 4, 112):
            yield tuple(x * scale if k in (None, j) else x for j, x in enumerate(point))


def between(one: Point, other: Point) -> Point:
    """The point between two with the simplest numbers: on the kink, where that is at such a number.

    >>> between((Fraction(999_999, 1000), Fraction(-7)), (Fraction(1_000_001, 1000), Fraction(-7)))
    (Fraction(1000, 1), Fraction(-7, 1))
    """
    return tuple(simplest(*sorted(ends)) for ends in zip(one, other, strict=True))


def degenerate(point: Point) -> bool:
    """Whether a coordinate is 0 or another of the small numbers at which much vanishes or agrees.

    >>> degenerate((Fraction(0), Fraction(5, 8))), degenerate((Fraction(5, 8), Fraction(10**6)))
    (True, False)
    """
    return any(x.denominator <= 2 and abs(x) <= 4 for x in point)


def ordinary(point: Point) -> bool:
    """Whether all coordinates are of the size that functions are drawn for.

    >>> ordinary((Fraction(3), Fraction(1, 7))), ordinary((Fraction(3), Fraction(900)))
    (True, False)
    """
    return all(Fraction(1, 64) <= abs(x) <= 64 for x in point)
