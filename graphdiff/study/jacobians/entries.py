"""Matrices of exact numbers or doubles, and when two entries count as equal."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from graphdiff.core.domains.scaled import Scaled

__all__ = ["TOLERANCE", "Entries", "is_identity", "off_diagonal"]

TOLERANCE = 1e-12
"""Relative to the largest entry, of entries that are certain to each other; for doubles only."""


class Entries(NamedTuple):
    """A matrix, and how close two of its entries must be to be the same."""

    values: Any
    filled: Any
    """Which entries are not zero."""
    slack: float
    certain: bool = False
    """Whether each entry is right to its last digits, so that a small one is no rounding."""

    @classmethod
    def of(cls, matrix: Any, certain: bool = False) -> Entries:
        import numpy as np

        values = np.asarray(matrix)
        rounded = values.dtype.kind == "f" or any(
            isinstance(v, float | Scaled) or not isinstance(v, int | Fraction)
            for v in (values.flat if values.dtype == object else ())
        )
        if certain or not rounded:
            values = values.astype(object)
            slack = TOLERANCE if rounded else 0.0
            return cls(values, np.asarray(values != 0, dtype=bool), slack, certain)
        values = values.astype(float)
        slack = TOLERANCE * float(np.abs(values).max())
        return cls(values, np.abs(values) > slack, slack)

    @property
    def exact(self) -> bool:
        return not self.slack and self.values.dtype == object

    def same(self, a: Any, b: Any) -> bool:
        """Whether two arrays, or an array and a number, agree everywhere."""
        if self.exact:
            return bool((a == b).all())
        if self.certain:
            import numpy as np

            return bool((abs(a - b) <= self.slack * np.maximum(abs(a), abs(b))).all())
        return bool((abs(a - b) <= self.slack).all())

    @property
    def square(self) -> bool:
        rows, columns = self.values.shape
        return bool(rows == columns)


def off_diagonal(m: Entries) -> bool:
    """Whether something stands beside the diagonal of a square matrix, or it is not square."""
    return not m.square or bool(m.filled.sum() != m.filled.diagonal().sum())


def is_identity(part: Any) -> bool:
    """Whether a matrix is the identity."""
    entries = Entries.of(part)
    return not off_diagonal(entries) and entries.same(entries.values.diagonal(), 1)
