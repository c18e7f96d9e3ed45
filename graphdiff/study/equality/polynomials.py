"""Polynomials with rational coefficients: what FLINT's own type does not say."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from graphdiff.core.support.arithmetic import Ordering, fmpq_mpoly_ctx

__all__ = ["Polynomial", "coefficient_bits", "context", "fraction"]

Polynomial = Any
"""A ``flint.fmpq_mpoly``."""


@cache
def context(size: int) -> Any:
    """The ring of polynomials in g0, g1, … of that number."""
    return fmpq_mpoly_ctx.get(tuple([f"g{k}" for k in range(size)]), Ordering.degrevlex)


def fraction(number: Any) -> Fraction:
    """FLINT's rational number as Python's."""
    return Fraction(int(number.p), int(number.q))


def coefficient_bits(polynomial: Polynomial) -> int:
    """The most binary digits of a numerator or denominator.

    >>> coefficient_bits(context(8).constant(12))
    4
    """
    widest = 1
    for c in polynomial.coeffs():
        widest = max(widest, int(c.p).bit_length(), int(c.q).bit_length())
    return widest
