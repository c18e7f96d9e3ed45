"""Fewer crossings than Graphviz finds: another order, other places of inputs, swapped operands.

What moves is a *strand*: a box and the only wire that leaves it, or one branch of a fork. All
strands stand in one order from the top, of which every column shows its part, so that two of them
can cross only where one of them begins or ends. Strand by strand goes where it crosses the fewest
others, as long as that helps (global sifting, Bachmaier et al. 2011). The operands of a gate keep
their order, unless they may change places.
"""

from __future__ import annotations

import random
from bisect import bisect
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import fsum

from graphdiff.drawing.parts.diagram import Diagram

from .clusters import Columns
from .grid import Extent, Grid, make_grid
from .levels import Links, levels

__all__ = ["Untangled", "crossings", "untangled"]

# Figures of more strands are left as they are; up to the second number more starts are tried.
_MOST, _FEW = 150, 60
_STARTS = 2
_ROUNDS = 12
_POINT = Extent(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Untangled:
    """Another way to draw a diagram: its levels, its wires by box, and the order of each column."""

    level: tuple[int, ...]
    link: Links
    columns: Columns


def crossings(link: Links, grid: Grid, columns: Columns) -> int:
    """How often wires cross if the slots of every column stand in this order."""
    place = {slot: at for slots in columns.values() for at, slot in enumerate(slots)}
    gaps: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for wire, row in enumerate(grid.rows):
        chain = (link.source[wire], *row, link.target[wire])
        for one, other in pairwise(chain):
            gaps[grid.slots[one].column].append((place[one], place[other]))
    return sum(
        (one[0] - two[0]) * (one[1] - two[1]) < 0
        for pieces in gaps.values()
        for one, two in combinations(pieces, 2)
    )


def untangled(
    diagram: Diagram, link: Links, level: Sequence[int], grid: Grid, columns: Columns
) -> Untangled | None:
    """A way with fewer crossings than these columns have, if one is found.

    Of equally good ones it is the first of: the same levels; inputs right before their use; and
    forks one level before it, so that inputs can stand between their branches.
    """
    if len(diagram.boxes) + len(diagram.wires) > 2 * _MOST:
        return None
    fewest, best = crossings(link, grid, columns), None
    for beside, apart in ((False, False), (True, False), (True, True)):
        if not fewest:
            break
        if beside:
            level = levels(diagram, link, beside=True, apart=apart)
            grid = make_grid(level, link, [_POINT] * len(link.into), [_POINT] * len(link.source))
        strands = _Strands(diagram, link, grid)
        if len(strands.slots) > _MOST:
            break
        for start in strands.starts(columns if not beside else {}):
            order = strands.sifted(start)
            found = strands.columns(order)
            count = crossings(link, grid, found)
            if count < fewest:
                fewest, best = count, Untangled(tuple(level), strands.sorted(order), found)
    return best


class _Strands:
    """The strands of a grid: their slots, and which of them begin where another one ends."""

    def __init__(self, diagram: Diagram, link: Links, grid: Grid) -> None:
        self.link, self.grid = link, grid
        self.slots: list[list[int]] = []
        self.of: dict[int, int] = {}
        for box, wires in enumerate(link.out_of):
            self.add([box, *(grid.rows[wires[0]] if len(wires) == 1 else ())])
        for wires in link.out_of:
            for wire in wires if len(wires) > 1 else ():
                self.add(grid.rows[wire])
        self.first = [grid.slots[slots[0]].column for slots in self.slots]
        self.last = [grid.slots[slots[-1]].column for slots in self.slots]
        self.before: list[list[int]] = [[] for _ in self.slots]
        self.after: list[list[int]] = [[] for _ in self.slots]
        for wire, row in enumerate(grid.rows):
            source, strand, target = (
                self.of[slot] for slot in (link.source[wire], row[0], link.target[wire])
            )
            if source != strand:
                self.join(source, strand)
            self.join(strand, target)
        self.kept = [
            [self.of[grid.rows[wire][-1]] for wire in wires]
            for box, wires in zip(diagram.boxes, link.into, strict=True)
            if len(wires) > 1 and not box.commutes
        ]
        self.gate = {strand: gate for gate, ends in enumerate(self.kept) for strand in ends}
        self.beside = [
            [other for other in range(len(self.slots)) if other != one and self.meet(one, other)]
            for one in range(len(self.slots))
        ]

    def meet(self, one: int, other: int) -> bool:
        """Whether two strands have a column in common, or a gate whose operands keep their order:
        others pass each other as they like."""
        both = self.first[one] <= self.last[other] and self.first[other] <= self.last[one]
        return both or (one in self.gate and self.gate[one] == self.gate.get(other))

    def add(self, slots: Sequence[int]) -> None:
        self.of.update(dict.fromkeys(slots, len(self.slots)))
        self.slots.append(list(slots))

    def join(self, one: int, other: int) -> None:
        self.after[one].append(other)
        self.before[other].append(one)

    def starts(self, columns: Columns) -> Iterator[list[int]]:
        """Orders to begin with: as the columns are, as the program is read, and at random."""
        if columns:
            share = {s: at / len(slots) for slots in columns.values() for at, s in enumerate(slots)}
            yield self.start([fsum(share[s] for s in slots) / len(slots) for slots in self.slots])
        yield self.start(self.read())
        chance = random.Random(len(self.slots))  # noqa: S311 - shuffles
        for _ in range(_STARTS if len(self.slots) <= _FEW else 0):
            yield self.start([chance.random() for _ in self.slots])

    def start(self, heights: Sequence[float]) -> list[int]:
        """The strands from the top, operands in their order."""
        order = sorted(range(len(heights)), key=lambda strand: (heights[strand], strand))
        place = {strand: at for at, strand in enumerate(order)}
        for ends in self.kept:
            for strand, at in zip(ends, sorted(place[one] for one in ends), strict=True):
                order[at] = strand
        return order

    def read(self) -> list[float]:
        """Heights for which a tree has no crossings: each gate between its operands."""
        height = [0.0] * len(self.slots)
        done: set[int] = set()
        ends = [box for box, wires in enumerate(self.link.out_of) if not wires]
        waiting = [(box, False) for box in reversed(ends)]
        while waiting:
            slot, arrived = waiting.pop()
            if arrived:
                height[self.of[slot]] = float(len(done))
            elif slot not in done:
                wires = self.link.into[slot]
                parts = [
                    part
                    for wire in wires
                    for part in ((self.grid.rows[wire][0], True), (self.link.source[wire], False))
                ]
                middle = 2 * (len(wires) // 2)
                waiting += reversed([*parts[:middle], (slot, True), *parts[middle:]])
            done.add(slot)
        return height

    def sifted(self, order: list[int]) -> list[int]:
        """The order after every strand went to its best place, until none goes on."""
        place = [0.0] * len(order)
        for at, strand in enumerate(order):
            place[strand] = at
        for _ in range(_ROUNDS):
            before = list(order)
            for strand in range(len(order)):
                here, there = int(place[strand]), self.best(strand, place)
                order.insert(there, order.pop(here))
                for at in range(min(here, there), max(here, there) + 1):
                    place[order[at]] = at
            if order == before:
                break
        return order

    def best(self, strand: int, place: list[float]) -> int:
        """Where in the order a strand crosses the fewest others, of which it passes one by one."""
        here, gate = int(place[strand]), self.gate.get(strand)
        best, there = 0, here
        others = sorted((place[other], other) for other in self.beside[strand])
        middle = bisect(others, (here, 0))
        for step, passed in ((1, others[middle:]), (-1, others[:middle][::-1])):
            count = 0
            for at, other in passed:
                if gate is not None and gate == self.gate.get(other):
                    break
                place[strand] = at - step / 2
                count += step * self.change(strand, other, place)
                if count < best:
                    best, there = count, int(at)
        place[strand] = here
        return there

    def change(self, one: int, other: int, place: Sequence[float]) -> int:
        """Crossings of two strands if the first is below the other, less those if it is above.

        They have a column in common: others never cross.
        """
        begins = self.first[one] - self.first[other]
        ends = self.last[other] - self.last[one]
        return _ordered(
            self.before[one] if begins >= 0 else (one,),
            self.before[other] if begins <= 0 else (other,),
            place,
        ) + _ordered(
            self.after[one] if ends >= 0 else (one,),
            self.after[other] if ends <= 0 else (other,),
            place,
        )

    def columns(self, order: Sequence[int]) -> Columns:
        """The slots of each column in that order."""
        found: Columns = {}
        for strand in order:
            for slot in self.slots[strand]:
                found.setdefault(self.grid.slots[slot].column, []).append(slot)
        return found

    def sorted(self, order: Sequence[int]) -> Links:
        """The links, with the wires into each box from the top."""
        place = {strand: at for at, strand in enumerate(order)}
        rows, of = self.grid.rows, self.of
        into = tuple(
            tuple(sorted(wires, key=lambda wire: place[of[rows[wire][-1]]]))
            for wires in self.link.into
        )
        return replace(self.link, into=into)


def _ordered(ones: Sequence[int], others: Sequence[int], place: Sequence[float]) -> int:
    """Pairs of which the first is above the other, less those where it is below."""
    found = 0
    for one in ones:
        for other in others:
            found += (place[one] < place[other]) - (place[one] > place[other])
    return found
