"""Determinants, inverses and linear systems over exact numbers, balls and expressions."""

from __future__ import annotations

from itertools import combinations, permutations
from typing import Any

from graphdiff.errors import LimitExceeded

from .base import Number

__all__ = ["cofactors", "determinant", "float_inverse", "float_solution", "inverse", "solution"]

_TERMS = 4
"""Order up to which a determinant of expressions is a sum of products."""
_MOST = 8
"""Order up to which it is written out; minors are shared past that."""


def determinant(d: Any, x: Number) -> Number:
    """The determinant: exact for rationals, enclosed for balls, written out for expressions."""
    matrix = _flint(d, x)
    if matrix is not None:
        return d.base.entry(matrix.det())
    if not d.symbolic:
        return float(d.np.linalg.det(x.astype(float)))
    n = len(x)
    if n > _MOST:
        raise LimitExceeded(
            f"a determinant of {n}×{n} formulas is too long to write out", hint=f"at most {_MOST}"
        )
    if n > _TERMS:
        return _by_minors(x)
    total = 0
    for order in permutations(range(n)):
        term: Any = 1
        for row, column in enumerate(order):
            term = x[row, column] * term
        total = total + (term if _even(order) else -term)
    return total


def _by_minors(x: Number) -> Number:
    """Expanded along the last row again and again: the minors of the first rows by their columns,
    each used by several larger ones."""
    n = len(x)
    found: dict[tuple[int, ...], Any] = {(): 1}
    for k in range(n):
        larger: dict[tuple[int, ...], Any] = {}
        for columns in combinations(range(n), k + 1):
            total: Any = 0
            for place, column in enumerate(columns):
                term = x[k, column] * found[columns[:place] + columns[place + 1 :]]
                total = total - term if (k + place) % 2 else total + term
            larger[columns] = total
        found = larger
    return found[tuple(range(n))]


def cofactors(d: Any, x: Number) -> Number:
    """The cofactor matrix, which is det x · x⁻ᵀ where x has an inverse."""
    if not d.symbolic:
        matrix = _flint(d, x)
        if matrix is None:
            return _float_cofactors(d.np, x.astype(float)).astype(d.dtype)
        try:
            return _unpack(d, (matrix.inv() * matrix.det()).transpose())
        except ZeroDivisionError:
            pass  # a singular matrix has cofactors too
    return d.np.transpose(_adjugate(d, x))


def _float_cofactors(np: Any, x: Number) -> Number:
    """By the singular values σ: those of the cofactors are products of all other σ (Stewart 1998,
    On the adjugate matrix)."""
    u, s, v = np.linalg.svd(x)
    others = [np.prod(np.delete(s, k)) for k in range(len(s))]
    return np.linalg.det(u) * np.linalg.det(v) * (u * others) @ v


def inverse(d: Any, x: Number) -> Number:
    """The inverse.  Raises ZeroDivisionError for a singular matrix."""
    matrix = _flint(d, x)
    if matrix is not None:
        return _unpack(d, matrix.inv())
    if not d.symbolic:
        return float_inverse(d.np, x.astype(float)).astype(object)
    return _adjugate(d, x) / determinant(d, x)


def solution(d: Any, a: Number, b: Number) -> Number:
    """x with a·x = b.  Raises ZeroDivisionError for a singular matrix."""
    matrix, right = _flint(d, a), _flint(d, b.reshape(len(b), -1))
    if matrix is not None and right is not None:
        if type(matrix) is not type(right):  # exact numbers beside balls
            from graphdiff.core.support.arithmetic import arb_mat

            matrix, right = arb_mat(matrix), arb_mat(right)
        return _unpack(d, matrix.solve(right)).reshape(b.shape)
    if not d.symbolic:
        return float_solution(d.np, a.astype(float), b.astype(float)).astype(object)
    return d.np.matmul(_adjugate(d, a), b) / determinant(d, a)


def float_inverse(np: Any, x: Number) -> Number:
    """The inverse in doubles.  Raises ZeroDivisionError where roundings decide whether there is
    one: a condition number of 2^52 leaves no digit."""
    try:
        made = np.linalg.inv(x)
    except np.linalg.LinAlgError:
        raise ZeroDivisionError("singular matrix") from None
    if not np.linalg.norm(x, 1) * np.linalg.norm(made, 1) < 2.0**52:
        raise ZeroDivisionError("singular matrix, as far as doubles tell")
    return made


def float_solution(np: Any, a: Number, b: Number) -> Number:
    """x with a·x = b in doubles.  Raises ZeroDivisionError as ``float_inverse`` does."""
    float_inverse(np, a)
    return np.linalg.solve(a, b)


def _flint(d: Any, x: Number) -> Any:
    """A matrix of flint's, or None where it has none of such numbers."""
    return d.base.matrix(x.tolist())


def _unpack(d: Any, matrix: Any) -> Any:
    out = d.np.empty((matrix.nrows(), matrix.ncols()), dtype=object)
    for place in d.np.ndindex(out.shape):
        out[place] = d.base.entry(matrix[place])
    return out


def _adjugate(d: Any, x: Number) -> Number:
    np = d.np
    n = len(x)
    if n == 1:
        return np.array([[d.number(1)]], dtype=object)
    out = np.empty((n, n), dtype=object)
    for i, j in np.ndindex(n, n):
        minor = determinant(d, np.delete(np.delete(x, i, 0), j, 1))
        out[j, i] = minor if (i + j) % 2 == 0 else -minor
    return out


def _even(order: tuple[int, ...]) -> bool:
    swaps = sum(a > b for k, a in enumerate(order) for b in order[k + 1 :])
    return swaps % 2 == 0
