"""Wires as curves: level in the columns, bent in the gaps, and into gates from all round."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import asin, atan2, cos, hypot, radians, sin

from graphdiff.drawing.parts.scene import Head, Point, Segment
from graphdiff.drawing.parts.styles import Style

__all__ = [
    "SIDE_PITCH",
    "Path",
    "arrival_angles",
    "arrival_heights",
    "enter",
    "go_round",
    "point_at",
    "step",
]

# Arrows meet the left half of a gate, and are this far apart where there is room.
_WIDEST, _APART = radians(50), radians(33)
_LEVEL = 0.05
# Arrows at the straight side of a layer are so far apart (points).
SIDE_PITCH = 8.0
# So near (points) to its place on a gate a wire is led in level, up to so far off its middle.
_SNAP, _LEVEL_WIDEST = 3.0, radians(42)
# A wire ends so far (points) inside of its arrow head, lest a hairline of paper shows between.
_JOINT = 1.0
# How far the handles of a bend reach, as a part of its length.
_HANDLE = 0.45
# The radius of corners where wires turn to another row, and how near to the corner the handles of
# a quarter of a circle are, as a part of it.
_ROUND, _QUARTER = 6.0, 0.4477


@dataclass(slots=True)
class Path:
    """A wire while it is being drawn: where it is now, and how it got there."""

    start: Point
    segments: list[Segment]

    @property
    def end(self) -> Point:
        """Where the wire has come to."""
        return self.segments[-1][-1] if self.segments else self.start

    def line(self, to: Point) -> None:
        """Go straight; a line that goes on level with the last one replaces it."""
        end = self.end
        if abs(to[0] - end[0]) + abs(to[1] - end[1]) < _LEVEL:
            return
        if self.segments and len(self.segments[-1]) == 1:
            before = self.segments[-2][-1] if len(self.segments) > 1 else self.start
            if before[1] == end[1] == to[1]:
                self.segments.pop()
        self.segments.append((to,))


def step(path: Path, to: Point) -> None:
    """Cross a gap, leaving and arriving level."""
    (x, y), (to_x, to_y) = path.end, to
    if abs(to_y - y) < _LEVEL:
        path.line((to_x, y))
        return
    reach = (to_x - x) * _HANDLE
    path.segments.append(((x + reach, y), (to_x - reach, to_y), to))


def go_round(path: Path, corners: Sequence[Point]) -> None:
    """Go straight from corner to corner, level and upright in turn; all but the last are round."""
    for corner, following in pairwise(corners):
        before, after = _nearer(corner, path.end), _nearer(corner, following)
        path.line(before)
        one, other = (
            _nearer(corner, before, _ROUND * _QUARTER),
            _nearer(corner, after, _ROUND * _QUARTER),
        )
        path.segments.append((one, other, after))
    path.line(corners[-1])


def _nearer(corner: Point, to: Point, by: float = 0.0) -> Point:
    """A point on the way from a corner to another point: so far from the corner, or a radius."""
    x, y = to[0] - corner[0], to[1] - corner[1]
    way = abs(x) + abs(y)
    part = min((by or _ROUND) / way, 0.5) if way else 0.0
    return corner[0] + x * part, corner[1] + y * part


def enter(path: Path, middle: Point, radius: float, angle: float, style: Style) -> Head:
    """Cross the gap to a round end and stop at the back of an arrow, which is returned.

    ``angle`` is where on the round end, from straight left, positive downwards. The arrow points
    to the middle, but never so steeply that the wire would first have to swing back; a wire that
    is nearly level with its place on the round end is led in quite level.
    """
    x, y = path.end
    outside = radius + style.gate_width / 2
    beside = (y - middle[1]) / outside
    if abs(outside * (sin(angle) - beside)) < _SNAP and abs(beside) < sin(_LEVEL_WIDEST):
        angle = asin(beside)
    tip = (middle[0] - outside * cos(angle), middle[1] + outside * sin(angle))
    climb = tip[1] - y
    steepest = atan2(abs(climb) * 2.2, max(tip[0] - x, 1.0))
    turn = min(abs(angle), steepest) * (1 if climb >= 0 else -1)
    if climb * angle > 0:
        turn = 0.0
    if abs(climb) < _LEVEL:
        return point_at(path, (tip[0], y), style)
    length = style.head_length - _JOINT
    end = (tip[0] - length * cos(turn), tip[1] - length * sin(turn))
    reach = _HANDLE * hypot(end[0] - x, end[1] - y)
    ahead = min(reach, 0.7 * max(end[0] - x, 1.0))
    # A handle that reached back beyond the gap would bulge the wire into what is before it.
    reach = min(reach, max(end[0] - x, 1.0) / cos(turn))
    back = (end[0] - reach * cos(turn), end[1] - reach * sin(turn))
    path.segments.append(((x + ahead, y), back, end))
    return _arrow(tip, turn, style)


def point_at(path: Path, tip: Point, style: Style) -> Head:
    """Go on to an arrow whose tip is on the other side of a gap, arriving level."""
    step(path, (tip[0] - style.head_length + _JOINT, tip[1]))
    return _arrow(tip, 0.0, style)


def _arrow(tip: Point, direction: float, style: Style) -> Head:
    """The head with its tip there, tip first; the direction is positive downwards."""
    x = tip[0] - style.head_length * cos(direction)
    y = tip[1] - style.head_length * sin(direction)
    across = (-sin(direction) * style.head_width / 2, cos(direction) * style.head_width / 2)
    return tip, (x + across[0], y + across[1]), (x - across[0], y - across[1])


def arrival_angles(offsets: Sequence[float], distance: float) -> list[float]:
    """Where wires meet a gate's left half, in their order, given how far below it they come from.

    Each would like to come straight from its source; they spread where that is too tight. A wire
    on the gate's own height stays level.
    """
    weights = [50.0 if abs(offset) < _LEVEL else 1.0 for offset in offsets]
    return _spread([atan2(offset, distance) for offset in offsets], weights, _APART, _WIDEST)


def arrival_heights(offsets: Sequence[float], half: float) -> list[float]:
    """How far below the middle of a layer's straight side wires meet it, in their order.

    Each would like to come in level; the side reaches ``half`` up and down.
    """
    weights = [50.0 if abs(offset) < half else 1.0 for offset in offsets]
    return _spread(offsets, weights, SIDE_PITCH, half)


def _spread(
    wishes: Sequence[float], weights: Sequence[float], apart: float, widest: float
) -> list[float]:
    """Places between −widest and widest, in order and apart where there is room, near wishes."""
    count = len(wishes)
    if not count:
        return []
    apart = min(apart, 2 * widest / (count - 1)) if count > 1 else 0.0
    wishes = [wish - number * apart for number, wish in enumerate(wishes)]
    lowest, highest = -widest, widest - (count - 1) * apart
    return [
        min(max(place, lowest), highest) + number * apart
        for number, place in enumerate(_rising(wishes, weights))
    ]


def _rising(wishes: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The rising sequence nearest to the wishes (pool adjacent violators)."""
    pools: list[tuple[float, float, int]] = []
    for wish, weight in zip(wishes, weights, strict=True):
        pool = (wish, weight, 1)
        while pools and pools[-1][0] > pool[0]:
            mean, mass, size = pools.pop()
            total = mass + pool[1]
            pool = ((mean * mass + pool[0] * pool[1]) / total, total, size + pool[2])
        pools.append(pool)
    return [mean for mean, _, size in pools for _ in range(size)]
