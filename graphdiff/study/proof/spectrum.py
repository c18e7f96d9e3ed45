"""Eigenvalues of a symmetric matrix, enclosed, and its definiteness, proved.

An exact matrix: all roots of its characteristic polynomial are real, so Descartes' rule of signs
counts the positive ones exactly.  A matrix of balls: balls around its eigenvalues (Rump 2010,
Verification methods, sec. 13), and Sylvester's law of inertia.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any, Literal

__all__ = ["Definiteness", "Spectrum", "definiteness", "positive_definite", "spectrum"]

Definiteness = Literal[
    "positive definite",
    "negative definite",
    "indefinite",
    "positive semidefinite, singular",
    "negative semidefinite, singular",
    "zero",
    "undecided",
]
Matrix = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Spectrum:
    """What is proved of the eigenvalues."""

    positive: int
    negative: int
    zero: int
    unknown: int
    """Eigenvalues whose sign is not known."""
    values: tuple[Any, ...]
    """Balls in ascending order; empty where they cannot be told apart from anything."""
    reason: str
    """Why the signs are certain."""

    @property
    def definiteness(self) -> Definiteness:
        """In one word."""
        return definiteness(self.positive, self.negative, self.zero, self.unknown)

    @property
    def singular(self) -> bool | None:
        """Whether an eigenvalue is 0; None where that is not known."""
        return True if self.zero else None if self.unknown else False


def definiteness(positive: int, negative: int, zero: int, unknown: int) -> Definiteness:
    """The word for a number of eigenvalues of each sign.

    >>> definiteness(1, 1, 0, 0), definiteness(2, 0, 1, 0), definiteness(2, 0, 0, 1)
    ('indefinite', 'positive semidefinite, singular', 'undecided')
    """
    if positive and negative:
        return "indefinite"
    if unknown:
        return "undecided"
    if not positive and not negative:
        return "zero"
    sign = "positive" if positive else "negative"
    if not zero:
        return "positive definite" if positive else "negative definite"
    return f"{sign} semidefinite, singular"  # type: ignore[return-value]


def spectrum(exact: Matrix | None, balls: Matrix) -> Spectrum:
    """The spectrum of a symmetric matrix: of fractions where given, else of balls.

    >>> one, two = Fraction(1), Fraction(2)
    >>> found = spectrum([[two, one], [one, two]], [])
    >>> found.definiteness, [str(x) for x in found.values]
    ('positive definite', ['1.00000000000000', '3.00000000000000'])
    """
    if exact is not None:
        return _exact_spectrum(exact)
    return _ball_spectrum(balls)


def _exact_spectrum(matrix: Matrix) -> Spectrum:
    from graphdiff.core.support.arithmetic import fmpq, fmpq_mat

    rows = [[Fraction(x) for x in row] for row in matrix]
    made = fmpq_mat([[fmpq(x.numerator, x.denominator) for x in row] for row in rows])
    poly = made.charpoly()
    coefficients = [int(x.p) for x in poly.coeffs()]
    zero = next(k for k, c in enumerate(coefficients) if c)
    signs = [c > 0 for c in coefficients if c]
    positive = sum(a != b for a, b in pairwise(signs))
    negative = len(rows) - zero - positive
    reason = "exact fractions: signs of the characteristic polynomial's coefficients"
    return Spectrum(positive, negative, zero, 0, _roots(poly), reason)


def _roots(poly: Any) -> tuple[Any, ...]:
    found = []
    for root, multiplicity in poly.numer().complex_roots():
        found += [root.real] * multiplicity
    return tuple(sorted(found, key=lambda x: float(x.mid())))


def _ball_spectrum(balls: Matrix) -> Spectrum:
    n = len(balls)
    kept = [i for i in range(n) if any(not x.is_zero() for x in balls[i])]
    zeros = n - len(kept)  # a row of exact zeros is an eigenvalue 0
    core = [[balls[i][j] for j in kept] for i in kept]
    values = _eigenvalues(core)
    positive, negative = sum(x > 0 for x in values), sum(x < 0 for x in values)
    reason = "balls around the eigenvalues"
    if positive + negative < len(kept):
        if kept and positive_definite(core):
            positive, negative, reason = len(kept), 0, "LDLᵀ in balls: every pivot is positive"
        elif kept and positive_definite([[-x for x in row] for row in core]):
            positive, negative, reason = 0, len(kept), "LDLᵀ in balls: every pivot is negative"
        elif not values:
            positive, negative = _diagonal_signs(core)
            reason = "signs on the diagonal"
    unknown = len(kept) - positive - negative
    ordered = [*values, *[_zero()] * zeros] if values or not kept else []
    ordered.sort(key=lambda x: float(x.mid()))
    return Spectrum(positive, negative, zeros, unknown, tuple(ordered), reason)


def _zero() -> Any:
    from graphdiff.core.support.arithmetic import arb

    return arb(0)


def _diagonal_signs(matrix: Matrix) -> tuple[int, int]:
    """At least one eigenvalue is as large as the largest diagonal entry, and one as small as the
    smallest (Rayleigh)."""
    diagonal = [matrix[i][i] for i in range(len(matrix))]
    return int(any(x > 0 for x in diagonal)), int(any(x < 0 for x in diagonal))


def _eigenvalues(matrix: Matrix) -> list[Any]:
    """Balls around the eigenvalues; none where flint cannot enclose them."""
    from graphdiff.core.support.arithmetic import acb_mat, arb_mat

    if not matrix or not all(x.is_finite() for row in matrix for x in row):
        return []
    try:
        made = acb_mat(arb_mat([list(row) for row in matrix])).eig(multiple=True)
    except (ValueError, ZeroDivisionError):
        return []
    return sorted((x.real for x in made), key=lambda x: float(x.mid()))


def positive_definite(matrix: Matrix) -> bool:
    """Whether every symmetric matrix with entries in these balls (or intervals, or fractions) is
    positive definite: elimination meets only positive pivots.

    >>> positive_definite([[2, 1], [1, 2]]), positive_definite([[1, 1], [1, 1]])
    (True, False)
    """
    rows = [list(row) for row in matrix]
    n = len(rows)
    for k in range(n):
        pivot = rows[k][k]
        if not pivot > 0:
            return False
        for i in range(k + 1, n):
            for j in range(i, n):
                rows[i][j] = rows[i][j] - rows[k][i] * rows[k][j] / pivot
    return True
