"""Which minimum a start leads to: many starts, the points where they end, and the share of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphdiff.errors import LimitExceeded
from graphdiff.language.reading.boxes import box_of, doubles_of

if TYPE_CHECKING:
    from .trajectory import Trajectory

__all__ = ["Basin", "basins", "ranges", "sampled"]

MOST_STARTS = 10_000
_NEAR = 0.01
"""Ends are one point where they are nearer than this part of what the starts spread over."""


@dataclass(frozen=True, slots=True)
class Basin:
    """Runs that end at one point."""

    point: tuple[float, ...]
    value: float
    runs: tuple[Trajectory, ...]
    share: float


def ranges(over: Mapping[str, Any] | str | Sequence[str]) -> dict[str, tuple[float, float]]:
    """Finite ranges by name.  Raises BadPoint.

    >>> ranges("x=-2..2,y=0..1/4")
    {'x': (-2.0, 2.0), 'y': (0.0, 0.25)}
    """
    return {name: doubles_of(name, given) for name, given in box_of(over).items()}


def sampled(
    over: Mapping[str, tuple[float, float]], count: int, seed: int = 0
) -> list[dict[str, float]]:
    """Starts that are spread evenly by chance; the same ones for the same seed.

    >>> len(sampled({"x": (-2, 2)}, 5))
    5
    """
    import numpy as np

    if not 0 < count <= MOST_STARTS:
        raise LimitExceeded(f"{count:,} starts", hint=f"from 1 to {MOST_STARTS:,}")
    low, high = np.array(list(over.values()), dtype=float).T
    points = np.random.default_rng(seed).uniform(low, high, size=(count, len(over)))
    return [dict(zip(over, point, strict=True)) for point in points.tolist()]


def basins(runs: Sequence[Trajectory]) -> list[Basin]:
    """The points where runs end that do not diverge, the lowest one first."""
    import numpy as np

    fine = sorted([run for run in runs if run.status != "diverged"], key=lambda run: run.value)
    if not fine:
        return []
    starts = np.array([run.points[0] for run in runs])
    near = _NEAR * float(np.ptp(starts, axis=0).max())
    groups: list[tuple[Any, list[Trajectory]]] = []
    for run in fine:
        end = run.points[-1]
        seat = next((own for point, own in groups if abs(point - end).max() <= near), None)
        if seat is None:
            groups.append((end, seat := []))
        seat.append(run)
    return [
        Basin(tuple(point.tolist()), own[0].value, tuple(own), len(own) / len(runs))
        for point, own in groups
    ]
