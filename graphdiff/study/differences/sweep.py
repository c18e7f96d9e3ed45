"""Difference quotients over many steps, and Richardson's extrapolation from a few."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from .lines import ComplexLine, Line

__all__ = ["STEPS", "TINY", "Richardson", "Row", "extrapolate", "least", "sweep"]

STEPS = tuple(float(f"1e-{k}") for k in range(1, 16))
"""Steps of the sweep: 1e-1 … 1e-15."""
TINY = {"float64": 1e-100, "float32": 1e-20}
"""The complex step as it is used: so small that its truncation is below all digits."""
_LEVELS = 6

Error = Callable[[float | None], float | None]
"""The distance of a quotient from the exact derivative."""


@dataclass(frozen=True, slots=True)
class Row:
    """The quotients for one h; None where a step leaves the domain, or without an exact value."""

    h: float
    forward: float | None
    forward_error: float | None
    central: float | None
    central_error: float | None
    complex: float | None
    complex_error: float | None


def sweep(
    line: Line, complex_line: ComplexLine | None, error: Error, steps: Iterable[float] = STEPS
) -> tuple[Row, ...]:
    """One row for every step."""
    rows = []
    for h in steps:
        forward, central = line.forward(h), line.central(h)
        turned = complex_line.slope(h) if complex_line is not None else None
        rows.append(Row(h, forward, error(forward), central, error(central), turned, error(turned)))
    return tuple(rows)


def least(pairs: Iterable[tuple[float, float | None]]) -> tuple[float, float] | None:
    """The step with the smallest error, and that error; of several the largest step."""
    known = [(h, error) for h, error in pairs if error is not None]
    return min(known, key=lambda pair: (pair[1], -pair[0])) if known else None


@dataclass(frozen=True, slots=True)
class Richardson:
    """Central quotients with h, h/2, h/4 …, extrapolated to h = 0.

    Column j of a row is (4ʲ·left − above left)/(4ʲ − 1), which removes the next power of h².
    """

    steps: tuple[float, ...]
    table: tuple[tuple[float, ...], ...]
    """A triangle: row i has i + 1 entries."""
    errors: tuple[tuple[float | None, ...], ...]
    best: tuple[int, int]
    """Row and column of the entry that its neighbours confirm most closely."""
    estimate: float
    """By how much that entry differs from its neighbours."""

    @property
    def value(self) -> float:
        """The best entry."""
        return self.table[self.best[0]][self.best[1]]


def extrapolate(line: Line, error: Error, start: float = 0.1) -> Richardson | None:
    """Richardson's table (Richardson 1911), the best entry chosen as Ridders does (1982, Accurate
    computation of F′(x) and F′(x)F″(x)); None where a step leaves the domain.

    >>> from graphdiff import parse
    >>> found = extrapolate(Line(parse("exp(x)").backprop(x=0), {"x": 1}), lambda q: None)
    >>> abs(found.value - 1) < 1e-13
    True
    """
    steps = tuple(start / 2**k for k in range(_LEVELS))
    table: list[list[float]] = []
    for i, h in enumerate(steps):
        first = line.central(h)
        if first is None:
            return None
        row = [first]
        for j in range(1, i + 1):
            left, above = row[j - 1], table[i - 1][j - 1]
            row.append(left + (left - above) / (4**j - 1))
        table.append(row)
    best, estimate = _confirmed(table)
    errors = tuple(tuple(error(entry) for entry in row) for row in table)
    return Richardson(steps, tuple(map(tuple, table)), errors, best, estimate)


def _confirmed(table: Sequence[Sequence[float]]) -> tuple[tuple[int, int], float]:
    """The entry that differs least from the two that it was made of."""
    found = {
        (i, j): max(abs(row[j] - row[j - 1]), abs(row[j] - table[i - 1][j - 1]))
        for i, row in enumerate(table)
        for j in range(1, i + 1)
    }
    best = min(found, key=lambda place: found[place])
    return best, found[best]
