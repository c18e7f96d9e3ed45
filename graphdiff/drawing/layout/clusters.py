"""Groups in the layout: what a frame holds stands together, and nothing else stands there.

Graphviz has clusters, but forgets the order of operands beside them. So it orders the slots without
them; then what stands between the members of a group moves above or below all of them, as the
operands' order wants it, and groups stay as far apart as their frames and captions need. A group
for which that cannot be is left as it was; its frame will be in pieces.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, product

from graphdiff.drawing.parts.diagram import Diagram
from graphdiff.drawing.parts.styles import Style

from .balancing import Link, Separation, balance
from .grid import Grid
from .levels import Links

__all__ = [
    "FRAME_PAD", "Cluster", "clusters", "gathered", "in_columns", "neighbours", "widened",
]  # fmt: skip

FRAME_PAD = 5.5
"""Points between a frame and what it holds."""
# A caption and the gaps above and below it, in units of its type size.
_CAPTION = 1.5
# Of more groups than this none is left out to find one that contradicts the others.
_SINGLY = 40

Columns = dict[int, list[int]]
"""The slots of each column, from the top."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The slots that a frame holds, and the first and last of their columns."""

    slots: frozenset[int]
    first: int
    last: int

    @property
    def columns(self) -> range:
        """All columns that the frame covers."""
        return range(self.first, self.last + 1)


def clusters(diagram: Diagram, link: Links, grid: Grid) -> list[Cluster]:
    """The groups of a diagram, the largest first; equal ones once.

    A wire inside of a group belongs to it. Groups that share boxes without one holding the other
    have no rectangles of their own, so that the later one is left out.
    """
    index = {box.id: number for number, box in enumerate(diagram.boxes)}
    found: list[Cluster] = []
    for frame in sorted(diagram.enclosures, key=lambda frame: -len(frame.boxes)):
        boxes = {index[name] for name in frame.boxes if name in index}
        inside = set(boxes)
        for wire, row in enumerate(grid.rows):
            if link.source[wire] in boxes and link.target[wire] in boxes:
                inside.update(row)
        if inside and all(inside <= other.slots or not inside & other.slots for other in found):
            columns = [grid.slots[slot].column for slot in inside]
            cluster = Cluster(frozenset(inside), min(columns), max(columns))
            found += [] if cluster in found else [cluster]
    return found


def widened(found: Sequence[Cluster], gap: Sequence[float]) -> list[float]:
    """The gaps before the columns, wider where frames begin or end."""
    wide = list(gap)
    for column, count in Counter(cluster.first for cluster in _outlines(found, 0)).items():
        wide[column] += FRAME_PAD * count
    for column, count in Counter(cluster.last + 1 for cluster in _outlines(found, 1)).items():
        if column < len(wide):
            wide[column] += FRAME_PAD * count
    return wide


def _outlines(found: Sequence[Cluster], end: int) -> Iterator[Cluster]:
    """One cluster for every frame that has to be passed on that end of a column."""
    edges: dict[tuple[int, int], Cluster] = {}
    for cluster in found:
        depth = sum(cluster.slots < other.slots and _same(cluster, other, end) for other in found)
        edges.setdefault(((cluster.first, cluster.last)[end], depth), cluster)
    yield from edges.values()


def _same(one: Cluster, other: Cluster, end: int) -> bool:
    return one.last == other.last if end else one.first == other.first


def in_columns(grid: Grid, y: Sequence[float]) -> Columns:
    """The slots of each column in the order of their heights."""
    columns: Columns = {}
    for number, slot in enumerate(grid.slots):
        columns.setdefault(slot.column, []).append(number)
    for numbers in columns.values():
        numbers.sort(key=lambda number: (y[number], number))
    return columns


def neighbours(columns: Columns, grid: Grid, style: Style) -> Iterator[Separation]:
    """How far neighbours in each column must stay apart."""
    for numbers in columns.values():
        for upper, lower in pairwise(numbers):
            room = grid.slots[upper].extent.below + grid.slots[lower].extent.above
            yield Separation(upper, lower, room + style.row_gap)


def gathered(
    y: Sequence[float],
    pieces: Sequence[Link],
    link: Links,
    grid: Grid,
    groups: Sequence[Cluster],
    style: Style,
) -> list[float]:
    """Heights with as many of the groups together as there can be, given good ones without."""
    columns, kept = in_columns(grid, y), list[Cluster]()
    plain = neighbours(columns, grid, style)
    for cluster in groups:
        tried = _Gathering(grid, link, pieces, [*kept, cluster], columns).columns()
        if tried:
            columns = tried
            kept.append(cluster)
    apart = [*neighbours(columns, grid, style), *_between(kept, columns, grid, style)]
    try:
        return balance(y, pieces, apart, spread=True)
    except ValueError:
        # What Graphviz made level contradicts a group: find which.
        if len(groups) == 1 or len(groups) > _SINGLY:
            return balance(y, pieces, plain)
        return gathered(y, pieces, link, grid, kept[:-1] or groups[:1], style)


class _Gathering:
    """Brings the last of some groups together, the others being together already."""

    def __init__(
        self,
        grid: Grid,
        link: Links,
        pieces: Iterable[Link],
        groups: Sequence[Cluster],
        columns: Columns,
    ) -> None:
        self.grid, self.link, self.before = grid, link, columns
        *self.others, self.cluster = groups
        self.parts = self.foreign(pieces)

    def foreign(self, pieces: Iterable[Link]) -> list[set[int]]:
        """What moves as one: slots beside the members that are joined, or are one group."""
        beside = {
            slot
            for column in self.cluster.columns
            for slot in self.before.get(column, ())
            if slot not in self.cluster.slots
        }
        root = {slot: slot for slot in beside}

        def find(slot: int) -> int:
            while root[slot] != slot:
                root[slot] = root[root[slot]]
                slot = root[slot]
            return slot

        joined = [(piece.one, piece.other) for piece in pieces]
        for other in self.others:
            if not other.slots & self.cluster.slots:
                joined += pairwise(sorted(other.slots & beside))
        for one, two in joined:
            if one in root and two in root:
                root[find(one)] = find(two)
        parts: dict[int, set[int]] = defaultdict(set)
        for slot in sorted(beside):
            parts[find(slot)].add(slot)
        return list(parts.values())

    def columns(self) -> Columns:
        """The new order in all columns; empty if operands or other groups would get mixed up."""
        above = {slot for part in self.parts if self.is_above(part) for slot in part}
        members = self.cluster.slots
        after = dict(self.before)
        for column in self.cluster.columns:
            slots = self.before.get(column, [])
            after[column] = [
                *(slot for slot in slots if slot in above),
                *(slot for slot in slots if slot in members),
                *(slot for slot in slots if slot not in above and slot not in members),
            ]
        return after if self.is_ordered(after) and self.is_whole(after) else {}

    def is_above(self, part: set[int]) -> bool:
        """Whether something belongs above the members: as an operand, or since most is there."""
        votes = 0
        for box in self.cluster.slots:
            if box < len(self.link.into):
                ends = [self.grid.rows[wire][-1] for wire in self.link.into[box]]
                inside = [place for place, slot in enumerate(ends) if slot in self.cluster.slots]
                for place, slot in enumerate(ends):
                    if slot in part and inside:
                        votes += 1000 * (1 if place < min(inside) else -1)
        for column in self.cluster.columns:
            slots = self.before.get(column, [])
            places = [place for place, slot in enumerate(slots) if slot in self.cluster.slots]
            for place, slot in enumerate(slots):
                if slot in part and places:
                    votes += sum(1 if place < other else -1 for other in places)
        return votes > 0

    def is_ordered(self, columns: Columns) -> bool:
        """Whether the operands of every box keep their order."""
        place = {slot: at for slots in columns.values() for at, slot in enumerate(slots)}
        return all(
            place[self.grid.rows[one][-1]] < place[self.grid.rows[two][-1]]
            for wires in self.link.into
            for one, two in pairwise(wires)
        )

    def is_whole(self, columns: Columns) -> bool:
        """Whether every group has its slots side by side in each column."""
        for cluster in (*self.others, self.cluster):
            for column in cluster.columns:
                inside = [slot in cluster.slots for slot in columns.get(column, ())]
                if sum(one != two for one, two in pairwise([False, *inside, False])) > 2:
                    return False
        return True


def _between(
    found: Sequence[Cluster], columns: Columns, grid: Grid, style: Style
) -> Iterator[Separation]:
    """How far groups stay from each other and from single slots of their columns."""
    for cluster in found:
        top, bottom = _edge(cluster, columns, 0), _edge(cluster, columns, -1)
        for unit in _units(cluster, found, columns):
            shared = [column for column in cluster.columns if column in unit.columns]
            sides = {_is_over(unit, cluster, columns[column]) for column in shared} - {None}
            if sides == {True}:
                pairs = product(_edge(unit, columns, -1), top)
            elif sides == {False}:
                pairs = product(bottom, _edge(unit, columns, 0))
            else:
                continue
            for upper, lower in pairs:
                yield Separation(upper, lower, _distance(upper, lower, found, grid, style))


def _is_over(one: Cluster, other: Cluster, slots: Sequence[int]) -> bool | None:
    """Whether one group is above the other in a column; None if it is not there."""
    ones = [place for place, slot in enumerate(slots) if slot in one.slots]
    others = [place for place, slot in enumerate(slots) if slot in other.slots]
    return ones[0] < others[0] if ones and others else None


def _edge(cluster: Cluster, columns: Columns, end: int) -> list[int]:
    """The topmost (0) or the lowest (-1) slot of a group in each of its columns."""
    inside = (
        [slot for slot in columns[column] if slot in cluster.slots] for column in cluster.columns
    )
    return [slots[end] for slots in inside if slots]


def _units(cluster: Cluster, found: Sequence[Cluster], columns: Columns) -> Iterator[Cluster]:
    """What stands in a group's columns beside it: other groups, and single slots."""
    others = [other for other in found if not other.slots & cluster.slots]
    for other in others:
        if other.last >= cluster.first and other.first <= cluster.last:
            yield other
    held = {slot for other in (*others, cluster) for slot in other.slots}
    for column in cluster.columns:
        for slot in columns.get(column, ()):
            if slot not in held:
                yield Cluster(frozenset([slot]), column, column)


def _distance(upper: int, lower: int, found: Sequence[Cluster], grid: Grid, style: Style) -> float:
    """From the height of one slot to another's with the edges of all frames in between."""
    room = grid.slots[upper].extent.below + grid.slots[lower].extent.above + style.row_gap
    for cluster in found:
        if upper in cluster.slots and lower not in cluster.slots:
            room += FRAME_PAD
        elif lower in cluster.slots and upper not in cluster.slots:
            room += FRAME_PAD + _CAPTION * style.number
    return room
