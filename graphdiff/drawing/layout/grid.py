"""The grid that makes collisions impossible: columns of slots, joined by wires in the gaps.

Boxes stand in the even columns and the labels of wires in the odd ones, right after the box that
the wire comes from; where a wire passes a column on its way, it has an empty slot there. Within
a column every wire is straight, and no two slots of a column overlap. All bends are in the gaps
between columns, where nothing else is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .levels import Links

__all__ = ["Extent", "Grid", "Slot", "make_grid"]


@dataclass(frozen=True, slots=True)
class Extent:
    """Room that a slot needs: its width, and what it has above and below the wire's height."""

    width: float
    above: float
    below: float


@dataclass(frozen=True, slots=True)
class Slot:
    """One place in a column."""

    column: int
    extent: Extent


@dataclass(frozen=True, slots=True)
class Grid:
    """All slots (first those of the boxes, then those of the wires) and each wire's row of them."""

    slots: tuple[Slot, ...]
    rows: tuple[tuple[int, ...], ...]


def make_grid(
    level: Sequence[int],
    link: Links,
    boxes: Sequence[Extent],
    wires: Sequence[Extent],
) -> Grid:
    """The slots of a diagram whose boxes and wire labels have the given sizes."""
    slots = [Slot(2 * level[box], extent) for box, extent in enumerate(boxes)]
    rows = []
    for wire, extent in enumerate(wires):
        first = 2 * level[link.source[wire]] + 1
        last = 2 * level[link.target[wire]]
        row = [len(slots)]
        slots.append(Slot(first, extent))
        for column in range(first + 1, last):
            row.append(len(slots))
            slots.append(Slot(column, Extent(0.0, 0.0, 0.0)))
        rows.append(tuple(row))
    return Grid(tuple(slots), tuple(rows))
