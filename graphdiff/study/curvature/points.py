"""What a search for stationary points finds."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.intervals import Interval

__all__ = ["Search", "Stationary"]


@dataclass(frozen=True, slots=True)
class Stationary:
    """A point where the gradient is proved to be 0."""

    exact: tuple[Fraction, ...] | None
    """The point itself, where it is rational and simple."""
    around: tuple[Interval, ...]
    """An enclosure of it."""
    kind: str
    """``local minimum``, ``local maximum``, ``saddle point``, ``inflection point`` (one variable),
    ``degenerate``."""
    value: Any
    """An interval around f there; None where it is not known."""
    proof: str
    place: str
    """``inside``, ``on the boundary``, or ``at the boundary`` where that cannot be told."""


@dataclass(frozen=True, slots=True)
class Search:
    """What a search found."""

    points: tuple[Stationary, ...]
    complete: bool
    """Whether there are provably no others."""
    boxes: int
    left: int
    """Boxes that could not be settled."""
    reason: str
    interrupted: bool = False
    """Whether Ctrl-C ended it."""
