"""Kronecker products, found by rearranging a matrix so that they have rank one."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .entries import Entries, is_identity

__all__ = ["divisors", "kronecker"]


def kronecker(matrix: Any, certain: bool = False) -> tuple[Any, Any] | None:
    """A and B with matrix = A ⊗ B, or None; a factor that is a multiple of I is I.

    For every pair of sizes the entries are rearranged so that a Kronecker product becomes a matrix
    of rank one (Van Loan & Pitsianis 1993, Approximation with Kronecker products).  Factors that
    are diagonal come first, then those with the smallest A.

    >>> [part.tolist() for part in kronecker([[1, 2, 0, 0], [0, 0, 1, 2]])]
    [[[1, 0], [0, 1]], [[1, 2]]]
    """
    m = Entries.of(matrix, certain)
    rows, columns = m.values.shape
    found = []
    for r in divisors(rows):
        for c in divisors(columns):
            trivial = r * c == 1 or r * c == rows * columns
            flat = trivial or (r == rows and c == 1) or (r == 1 and c == columns)
            if not flat and (pair := _rank_one(m, r, c)) is not None:
                found.append(pair)
    return min(found, key=_plainness, default=None)


def _plainness(pair: tuple[Any, Any]) -> tuple[bool, int]:
    # The larger identity says more: I₆ ⊗ b, not I₂ ⊗ (I₃ ⊗ b).
    if is_identity(pair[0]):
        return False, -len(pair[0])
    if is_identity(pair[1]):
        return False, -len(pair[1])
    return True, int(pair[0].size)


def divisors(n: int) -> list[int]:
    """Ascending, 1 and n included."""
    return [k for k in range(1, n + 1) if n % k == 0]


def _rank_one(m: Entries, r: int, c: int) -> tuple[Any, Any] | None:
    """The factors if A may be r×c."""
    import numpy as np

    rows, columns = m.values.shape
    p, q = rows // r, columns // c
    filled = m.filled.reshape(r, p, c, q).transpose(0, 2, 1, 3).reshape(r * c, p * q)
    # A product is nonzero where both factors are; that is cheap to ask first.
    if not (filled == np.outer(filled.any(1), filled.any(0))).all():
        return None
    table = m.values.reshape(r, p, c, q).transpose(0, 2, 1, 3).reshape(r * c, p * q)
    i, j = divmod(int(np.argmax(abs(table))), p * q)
    pivot = Fraction(table[i, j]) if m.exact else table[i, j]
    left, right = table[:, j] / pivot, table[i] * (pivot / pivot)
    if not m.same(np.outer(left, right), table):
        return None
    left, right = left.reshape(r, c), right.reshape(p, q)
    lead = right[0, 0]
    if lead and lead != 1 and is_identity(right / lead):
        left, right = left * lead, right / lead
    if m.exact:
        whole = np.frompyfunc(lambda v: v if v.denominator > 1 else int(v), 1, 1)
        left, right = whole(left), whole(right)
    return left, right
