"""Heights that please: level chains, gates in the middle of their operands, nothing wasted.

Graphviz minimises the sum of the climbs, for which a gate level with its first operand is as good
as one half-way between both. We keep its order of slots and what it made level, and minimise the
sum of the squared climbs instead, which has one answer, and a symmetrical one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf

__all__ = ["Link", "Separation", "balance"]

# Slots this near (points) were meant to be level; Graphviz rounds to whole points.
_LEVEL = 1.0
_SWEEPS_MOST, _STEPS_MOST = 40, 200_000
_STILL = 0.005
# More runs than this are not followed below what is seen.
_MANY = 500


@dataclass(frozen=True, slots=True)
class Link:
    """A piece of wire from one slot to the other: how strongly each end pulls the other.

    ``weight`` is how ``one`` pulls ``other``, ``back`` the reverse; ``straight`` pieces that are
    level stay so.
    """

    one: int
    other: int
    weight: float
    straight: bool
    back: float = 0.1


@dataclass(frozen=True, slots=True)
class Separation:
    """The lower slot of two neighbours in a column is at least ``distance`` below the upper."""

    upper: int
    lower: int
    distance: float


def balance(
    heights: Sequence[float],
    links: Sequence[Link],
    separations: Iterable[Separation],
    spread: bool = False,
) -> list[float]:
    """Better heights for the slots, given good ones that respect all separations.

    With ``spread`` they need not respect any: slots are moved downwards first, until all do.
    Raises ValueError if they cannot, since what is level and what is separate contradict.
    """
    run = _runs(heights, links)
    size = max(run, default=-1) + 1
    y = [0.0] * size
    for slot, number in enumerate(run):
        y[number] = heights[slot]
    pulls: list[list[tuple[int, float]]] = [[] for _ in range(size)]
    for link in links:
        one, other = run[link.one], run[link.other]
        if one != other:
            pulls[one].append((other, link.back))
            pulls[other].append((one, link.weight))
    above: list[dict[int, float]] = [{} for _ in range(size)]
    below: list[dict[int, float]] = [{} for _ in range(size)]
    for item in separations:
        upper, lower = run[item.upper], run[item.lower]
        distance = max(item.distance, above[lower].get(upper, 0.0))
        above[lower][upper] = below[upper][lower] = distance
    if spread:
        _spread(y, above, below)
    _relax(y, pulls, above, below)
    return [y[number] for number in run]


def _spread(
    y: list[float], above: Sequence[dict[int, float]], below: Sequence[dict[int, float]]
) -> None:
    """Move runs downwards, each after all that are above it, until none is too near to another."""
    waiting = [len(runs) for runs in above]
    order = [run for run, count in enumerate(waiting) if not count]
    for run in order:
        for lower, distance in below[run].items():
            y[lower] = max(y[lower], y[run] + distance)
            waiting[lower] -= 1
            if not waiting[lower]:
                order.append(lower)
    if len(order) < len(y):
        raise ValueError("some slots would have to be above themselves")


def _runs(heights: Sequence[float], links: Iterable[Link]) -> list[int]:
    """The run of each slot: slots that are level and joined by straight pieces move as one."""
    root = list(range(len(heights)))

    def find(slot: int) -> int:
        while root[slot] != slot:
            root[slot] = root[root[slot]]
            slot = root[slot]
        return slot

    for link in links:
        if link.straight and abs(heights[link.one] - heights[link.other]) < _LEVEL:
            root[find(link.other)] = find(link.one)
    numbers: dict[int, int] = {}
    return [numbers.setdefault(find(slot), len(numbers)) for slot in range(len(heights))]


def _relax(
    y: list[float],
    pulls: Sequence[Sequence[tuple[int, float]]],
    above: Sequence[dict[int, float]],
    below: Sequence[dict[int, float]],
) -> None:
    """Move each run to the mean of what pulls it, as far as its neighbours let it, until still.

    Downward and upward sweeps alternate, so that a run makes room before the next one needs it.
    A run is looked at again only after something near it moved: in large graphs most are still.
    """
    order = sorted((run for run in range(len(y)) if pulls[run]), key=lambda run: (y[run], run))
    near = [{*(one for one, _ in pulls[run]), *above[run], *below[run]} for run in range(len(y))]
    still = _STILL if len(y) > _MANY else 0.0
    awake = bytearray(b"\x01") * len(y)
    for sweep in range(max(4, min(_SWEEPS_MOST, _STEPS_MOST // max(1, len(y))))):
        moved = 0.0
        for run in order if sweep % 2 else reversed(order):
            if not awake[run]:
                continue
            awake[run] = 0
            place = _wish(run, y, pulls[run], above[run], below[run])
            by = abs(place - y[run])
            y[run] = place
            if by > still:
                moved = max(moved, by)
                for other in near[run]:
                    awake[other] = 1
        if moved < _STILL:
            return


def _wish(
    run: int,
    y: Sequence[float],
    pulls: Iterable[tuple[int, float]],
    above: dict[int, float],
    below: dict[int, float],
) -> float:
    """The mean of what pulls a run, or the nearest to it that its neighbours leave free.

    Loops instead of ``sum`` and ``max``: they are faster here, and add up alike in all Pythons.
    """
    total = height = 0.0
    for other, weight in pulls:
        total += weight
        height += y[other] * weight
    if not total:
        return y[run]
    place = height / total
    highest, lowest = -inf, inf
    for other, gap in above.items():
        if y[other] + gap > highest:
            highest = y[other] + gap
    for other, gap in below.items():
        if y[other] - gap < lowest:
            lowest = y[other] - gap
    return min(max(place, highest), lowest)
