"""Long figures in rows, as text is set: where rows end, and how wires come to the next one.

All is said for figures from left to right; for others, the layout swaps both axes at the end.
A row is a stretch of columns, moved as a whole, so that what is inside of it stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import fsum

from graphdiff.drawing.parts.geometry import Point

from .grid import Grid
from .levels import Links

__all__ = ["Sheet", "fold", "one_row"]

# Points between a row and the wires beside it, and between those wires.
_LEAD, _PITCH = 14.0, 8.0
# More wires than this are not led from one row to the next.
_CROSSING = 6
# Width of a slide; larger than so many times its own size a figure need not become.
_SLIDE, _ENOUGH = 960.0, 2.0
# A row may end in its last part, where the fewest wires go on.
_LAST = 0.7
_SLACK = (1.0, 1.03, 1.07, 1.15, 1.3)
_ROWS_MOST = 60
# What a row, and a second wire led to the next row, must gain in size to be worth it.
_PER_ROW, _PER_WIRE, _GAIN = 0.01, 0.1, 1.1
# What a last row costs that is shorter than this part of the longest, and one of a single gate.
_SHORT, _RAGGED, _LONELY = 0.6, 0.4, 0.5
# Rows that are equally wide may end by this part of their width earlier or later.
_EVEN = 0.25
_FEW = 2
# Between a wire that comes from another row and a name that it passes.
_CLEAR = 3.0


@dataclass(frozen=True, slots=True)
class Sheet:
    """Where every slot is: left and right end of its column, and its height.

    ``turns`` are the corners on the way of a wire from its last slot of a row to the next row.
    """

    left: tuple[float, ...]
    right: tuple[float, ...]
    y: tuple[float, ...]
    turns: dict[int, tuple[Point, ...]]


def one_row(grid: Grid, left: Sequence[float], right: Sequence[float], y: Sequence[float]) -> Sheet:
    """Everything in one row, for columns with these edges and slots of these heights."""
    columns = [slot.column for slot in grid.slots]
    return Sheet(
        tuple(left[column] for column in columns),
        tuple(right[column] for column in columns),
        tuple(y),
        {},
    )


def fold(
    grid: Grid,
    link: Links,
    edges: tuple[Sequence[float], Sequence[float]],
    y: Sequence[float],
    ratio: float,
) -> Sheet:
    """In as many rows as make the figure largest within a rectangle of that width : height."""
    if not grid.slots:
        return one_row(grid, *edges, y)
    folder = _Folder(grid, link, *edges, y)
    plain = folder.size(())
    best: tuple[int, ...] = ()
    most = _scale(plain, ratio)
    for cuts in folder.proposals():
        size = folder.size(cuts)
        wires = sum(len(folder.cuts[cut].crossing) - 1 for cut in cuts)
        cost = _PER_ROW * len(cuts) + _PER_WIRE * wires + folder.raggedness(cuts)
        gain = _scale(size, ratio) / (1 + cost)
        if gain > most * (1.0 if best else _GAIN):
            best, most = cuts, gain
    return folder.sheet(best)


def _scale(size: tuple[float, float], ratio: float) -> float:
    """How much larger a figure can be drawn on a slide of that shape, up to enough."""
    width, height = max(size[0], 1.0), max(size[1], 1.0)
    wide, high = (_SLIDE, _SLIDE / ratio) if ratio >= 1 else (_SLIDE * ratio, _SLIDE)
    return min(wide / width, high / height, _ENOUGH)


@dataclass(frozen=True, slots=True)
class _Cut:
    """The end of a row: slots whose wires go on in the next row, from the top, and those that
    belong to the next row already: inputs of its first gates."""

    column: int
    crossing: tuple[int, ...]
    ahead: frozenset[int]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row: its slots, and the two edges of what it holds in the unfolded figure."""

    slots: tuple[int, ...]
    begin: float
    end: float
    top: float
    bottom: float


class _Folder:
    """Tries ends of rows."""

    def __init__(
        self,
        grid: Grid,
        link: Links,
        left: Sequence[float],
        right: Sequence[float],
        y: Sequence[float],
    ) -> None:
        self.grid, self.link, self.left, self.right, self.y = grid, link, left, right, y
        self.columns: list[list[int]] = [[] for _ in right]
        for number, slot in enumerate(grid.slots):
            self.columns[slot.column].append(number)
        # A row ends after a column of labels, so that a label stays with the gate it comes from.
        # The last label stays with its arrow.
        found = [self.cut(column) for column in range(1, len(right) - 2, 2)]
        self.cuts = {cut.column: cut for cut in found if 0 < len(cut.crossing) <= _CROSSING}

    def cut(self, column: int) -> _Cut:
        """What goes on to the next row after a column of labels."""
        passing = sorted(self.columns[column], key=lambda slot: (self.y[slot], slot))
        ahead: set[int] = set()
        for box in self.columns[column - 1]:
            if box >= len(self.link.into) or self.link.into[box]:
                continue
            rows = [self.grid.rows[wire] for wire in self.link.out_of[box]]
            mine = {box, *(row[0] for row in rows)}
            others = [slot for slot in passing if slot not in mine]
            if all(len(row) == 1 for row in rows) and self.clear(mine, others):
                ahead |= mine
        return _Cut(column, tuple(s for s in passing if s not in ahead), frozenset(ahead))

    def clear(self, slots: set[int], passing: Sequence[int]) -> bool:
        """Whether level wires at the heights of the others pass these slots."""
        return all(
            not -extent.above - _CLEAR < self.y[other] - self.y[slot] < extent.below + _CLEAR
            for slot in slots
            for extent in (self.grid.slots[slot].extent,)
            for other in passing
        )

    def proposals(self) -> Iterator[tuple[int, ...]]:
        """Ends of rows to try: rows about equally wide, ending where few wires go on."""
        seen = set()
        for rows in range(2, min(_ROWS_MOST, len(self.cuts) + 1) + 1):
            tries = [tuple(self.packed(self.right[-1] / rows * slack)) for slack in _SLACK]
            for cuts in (*tries, self.even(rows)):
                if cuts and cuts not in seen:
                    seen.add(cuts)
                    yield cuts

    def even(self, rows: int) -> tuple[int, ...]:
        """Ends of so many rows as equally wide as the wires that go on allow."""
        begin, width = self.left[0], (self.right[-1] - self.left[0]) / rows
        ends = list[int]()
        for number in range(1, rows):
            wish = begin + number * width
            near = [
                column
                for column in self.cuts
                if abs(self.right[column] - wish) < _EVEN * width and column not in ends
            ]
            if not near:
                return ()
            ends.append(
                min(
                    near,
                    key=lambda c: (len(self.cuts[c].crossing), abs(self.right[c] - wish), c),
                )
            )
        return tuple(sorted(ends))

    def raggedness(self, cuts: Sequence[int]) -> float:
        """What a last row costs that is much shorter than the others, or holds a single gate."""
        rows = list(self.rows(cuts))
        longest = max(row.end - row.begin for row in rows)
        last = (rows[-1].end - rows[-1].begin) / longest if longest else 1.0
        into = self.link.into
        gates = {
            self.grid.slots[slot].column
            for slot in rows[-1].slots
            if slot < len(into) and into[slot] and self.link.out_of[slot]
        }
        return _RAGGED * max(0.0, _SHORT - last) + _LONELY * (len(gates) < _FEW)

    def packed(self, width: float) -> Iterator[int]:
        """Ends of rows that are up to so wide."""
        begin, fewest = self.left[0], -1
        for column, following in pairwise([*sorted(self.cuts), len(self.right) - 1]):
            reach = self.right[column] - begin
            if reach > _LAST * width and (
                fewest < 0 or len(self.cuts[column].crossing) <= len(self.cuts[fewest].crossing)
            ):
                fewest = column
            if fewest >= 0 and self.right[following] - begin > width:
                yield fewest
                begin, fewest = self.right[fewest], -1

    def rows(self, cuts: Sequence[int]) -> Iterator[_Row]:
        """The rows that end there."""
        first, ahead = 0, frozenset[int]()
        begin, carried = self.left[0], list[float]()
        for column in (*cuts, len(self.columns) - 1):
            following = self.cuts[column].ahead if column in cuts else frozenset[int]()
            slots = [
                *sorted(ahead),
                *(
                    s
                    for c in range(first, column + 1)
                    for s in self.columns[c]
                    if s not in following
                ),
            ]
            extents = [self.grid.slots[slot].extent for slot in slots]
            tops = [self.y[s] - extent.above for s, extent in zip(slots, extents, strict=True)]
            bottoms = [self.y[s] + extent.below for s, extent in zip(slots, extents, strict=True)]
            end = self.right[column]
            yield _Row(tuple(slots), begin, end, min(tops + carried), max(bottoms + carried))
            if column in cuts:
                first, ahead = column + 1, following
                begin = self.left[column - 1] if ahead else self.right[column]
                carried = [self.y[slot] for slot in self.cuts[column].crossing]

    def size(self, cuts: Sequence[int]) -> tuple[float, float]:
        """Width and height with the rows that end there."""
        rows = list(self.rows(cuts))
        most = max((len(self.cuts[cut].crossing) for cut in cuts), default=0)
        beside = 2 * (_LEAD + _PITCH * (most - 1)) if cuts else 0.0
        between = fsum(self.between(cut) for cut in cuts)
        height = fsum(row.bottom - row.top for row in rows) + between
        return max(row.end - row.begin for row in rows) + beside, height

    def between(self, cut: int) -> float:
        """The distance of two rows."""
        return 2 * _LEAD + _PITCH * (len(self.cuts[cut].crossing) - 1)

    def sheet(self, cuts: Sequence[int]) -> Sheet:
        """The places of all slots, and the turns, with the rows that end there."""
        columns = [slot.column for slot in self.grid.slots]
        left = [self.left[column] for column in columns]
        right = [self.right[column] for column in columns]
        y, turns = list(self.y), dict[int, tuple[Point, ...]]()
        rows = list(self.rows(cuts))
        down = 0.0
        for number, row in enumerate(rows):
            for slot in row.slots:
                left[slot] -= row.begin
                right[slot] -= row.begin
                y[slot] += down
            if number == len(cuts):
                break
            following = rows[number + 1]
            bottom = row.bottom + down
            lower = bottom + self.between(cuts[number]) - following.top
            turns |= self.turns(cuts[number], row, following, (down, lower), bottom)
            down = lower
        return Sheet(tuple(left), tuple(right), tuple(y), turns)

    def turns(
        self, column: int, row: _Row, following: _Row, down: tuple[float, float], bottom: float
    ) -> dict[int, tuple[Point, ...]]:
        """The ways to the next row: the topmost wire goes outside around the others, and so ends
        inside of them; none crosses another."""
        found: dict[int, tuple[Point, ...]] = {}
        crossing = self.cuts[column].crossing
        for number, slot in enumerate(crossing):
            outer = _LEAD + _PITCH * (len(crossing) - 1 - number)
            x, lane, back = row.end - row.begin + outer, bottom + outer, -_LEAD - _PITCH * number
            before, after = self.y[slot] + down[0], self.y[slot] + down[1]
            inside = self.right[column] - following.begin
            found[slot] = (
                (x, before),
                (x, lane),
                (back, lane),
                (back, after),
                (max(inside, 0.0), after),
            )
        return found
