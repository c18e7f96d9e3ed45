"""An exercise, and the search for some: draw, judge, keep; bounded, the same on every machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import Trace

from .numerals import Drawing, entries_of

__all__ = ["Exercise", "Progress", "Search"]

Progress = Callable[[int], None]
"""Called with the number of exercises found so far, now and then."""

_TRIES, _WORK = 8_000, 400_000
"""Draws in each stage, and draws times nodes: some seconds in all."""
_STAGES: tuple[tuple[Fraction, ...], ...] = (
    tuple(map(Fraction, range(2, 6))),
    tuple(map(Fraction, range(1, 10))),
    tuple(Fraction(n, 2) for n in range(1, 13)),
    tuple(sorted({Fraction(n, d) for d in (1, 2, 4, 5, 10) for n in range(1, 10 * d + 1)})),
)
"""Numbers that points are made of; later stages are for programs that few numbers suit."""


@dataclass(frozen=True, eq=False)
class Exercise:
    """A program at a point, to be worked out on paper."""

    program: str
    point: dict[str, Any]
    """A number for every input, or nested lists of them."""
    graph: Graph
    trace: Trace

    @property
    def rounded(self) -> bool:
        """Whether some of its numbers are no short decimals, so that solutions are rounded."""
        values = self.trace.values.values()
        return any(isinstance(x, float) for value in values for x in entries_of(value))


class Search:
    """Draws variants, and counts why others were not taken."""

    stages: tuple[tuple[Fraction, ...], ...] = _STAGES
    has_gates = False
    """Whether other gates would be more variants."""

    def __init__(self, drawing: Drawing, size: int) -> None:
        self.drawing = drawing
        self.tries = min(_TRIES, _WORK // size)
        self.reasons: Counter[str] = Counter()
        self.seen: set[tuple[Any, ...]] = set()

    def found(self, count: int, progress: Progress) -> list[Exercise]:
        """So many variants, or all there are; those with small numbers first."""
        found: list[Exercise] = []
        for pool in self.stages:
            for k in range(self.tries):
                if k % 256 == 0:
                    progress(len(found))
                exercise = self.drawn(pool)
                if exercise is not None:
                    found.append(exercise)
                if len(found) == count:
                    return found
        return found

    def drawn(self, pool: tuple[Fraction, ...]) -> Exercise | None:
        """One draw from numbers of this size; counts why it is not taken."""
        raise NotImplementedError
