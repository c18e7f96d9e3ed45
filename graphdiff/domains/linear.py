"""Determinants, inverses and linear systems over exact numbers, balls and expressions."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations
from typing import Any

__all__ = ["determinant", "inverse", "solution"]

_MOST = 4
"""Order up to which a determinant of expressions is written out."""


def determinant(d: Any, x: Any) -> Any:
    """The determinant: exact for rationals, enclosed for balls, written out for expressions."""
    matrix = _flint(d, x)
    if matrix is not None:
        return _number(d, matrix.det())
    if d.name != "symbolic":
        return d.np.linalg.det(x.astype(float))
    n = len(x)
    if n > _MOST:
        raise ValueError(f"a determinant of order {n} in symbols")
    total = 0
    for order in permutations(range(n)):
        term: Any = 1
        for row, column in enumerate(order):
            term = x[row, column] * term
        total = total + (term if _even(order) else -term)
    return total


def inverse(d: Any, x: Any) -> Any:
    """The inverse.  Raises ZeroDivisionError for a singular matrix."""
    matrix = _flint(d, x)
    if matrix is not None:
        return _unpack(d, matrix.inv())
    if d.name != "symbolic":
        return _floats(d.np.linalg.inv, d, x)
    return _adjugate(d, x) / determinant(d, x)


def solution(d: Any, a: Any, b: Any) -> Any:
    """x with a·x = b.  Raises ZeroDivisionError for a singular matrix."""
    matrix, right = _flint(d, a), _flint(d, b.reshape(len(b), -1))
    if matrix is not None and right is not None:
        return _unpack(d, matrix.solve(right)).reshape(b.shape)
    if d.name != "symbolic":
        return _floats(d.np.linalg.solve, d, a, b)
    return d.np.matmul(_adjugate(d, a), b) / determinant(d, a)


def _floats(function: Any, d: Any, *xs: Any) -> Any:
    try:
        return function(*[x.astype(float) for x in xs]).astype(object)
    except d.np.linalg.LinAlgError:
        raise ZeroDivisionError("singular matrix") from None


def _flint(d: Any, x: Any) -> Any:
    """A matrix of flint's, or None where the entries are no balls and not all rational."""
    if d.name == "ball":
        from flint import arb_mat

        return arb_mat([[d.base.arb(v) for v in row] for row in x.tolist()])
    if d.name != "rational" or any(isinstance(v, float) for v in x.flat):
        return None
    from flint import fmpq, fmpq_mat

    rows = [[Fraction(v) for v in row] for row in x.tolist()]
    return fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in rows])


def _number(d: Any, value: Any) -> Any:
    return value if d.name == "ball" else Fraction(int(value.p), int(value.q))


def _unpack(d: Any, matrix: Any) -> Any:
    out = d.np.empty((matrix.nrows(), matrix.ncols()), dtype=object)
    for place in d.np.ndindex(out.shape):
        out[place] = _number(d, matrix[place])
    return out


def _adjugate(d: Any, x: Any) -> Any:
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
