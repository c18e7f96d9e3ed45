"""Which things touch, found cell by cell so that large figures take linear time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from math import fsum

__all__ = [
    "Point",
    "Rectangle",
    "Segment",
    "around",
    "bend",
    "crosses",
    "flatten",
    "grown",
    "holds",
    "near",
    "pairs",
    "touch",
]

Point = tuple[float, float]
Rectangle = tuple[float, float, float, float]
# The end of a straight line, or the two control points and the end of a cubic Bézier curve.
Segment = tuple[Point] | tuple[Point, Point, Point]

_STEPS = 12
_CELL = 48.0


def bend(start: Point, segment: tuple[Point, Point, Point], t: float) -> Point:
    """The point of a cubic Bézier curve at ``t`` between 0 and 1."""
    u = 1.0 - t
    weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
    points = (start, *segment)
    return (
        fsum(w * point[0] for w, point in zip(weights, points, strict=True)),
        fsum(w * point[1] for w, point in zip(weights, points, strict=True)),
    )


def flatten(start: Point, segments: Iterable[Segment]) -> list[Point]:
    """Points along a curve, near enough together for straight lines between them."""
    points = [start]
    for segment in segments:
        if len(segment) == 1:
            points.append(segment[0])
        else:
            begin = points[-1]
            points += [bend(begin, segment, step / _STEPS) for step in range(1, _STEPS + 1)]
    return points


def grown(rectangle: Rectangle, by: float) -> Rectangle:
    """The rectangle with a margin on all sides (or, if negative, without its rim)."""
    left, top, right, bottom = rectangle
    return left - by, top - by, right + by, bottom + by


def around(rectangles: Iterable[Rectangle]) -> Rectangle:
    """The smallest rectangle around some.

    >>> around([(0, 0, 1, 1), (2, -1, 3, 0)])
    (0, -1, 3, 1)
    """
    lefts, tops, rights, bottoms = zip(*rectangles, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def touch(one: Rectangle, other: Rectangle) -> bool:
    """Whether two rectangles (left, top, right, bottom) have a point in common inside them."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def near(one: Rectangle, others: Iterable[Rectangle], margin: float) -> bool:
    """Whether a rectangle touches one of the others grown by a margin; asked for each free place.

    >>> near((0, 0, 1, 1), [(2, 0, 3, 1)], 0.5), near((0, 0, 1, 1), [(2, 0, 3, 1)], 1.5)
    (False, True)
    """
    left, top, right, bottom = one
    for begin, upper, end, lower in others:
        if begin - margin < right and left < end + margin and (
            upper - margin < bottom and top < lower + margin
        ):  # fmt: skip
            return True
    return False


def holds(outer: Rectangle, inner: Rectangle) -> bool:
    """Whether a rectangle is inside of another and off its rim.

    >>> holds((0, 0, 9, 9), (1, 1, 2, 2)), holds((0, 0, 9, 9), (0, 1, 2, 2))
    (True, False)
    """
    before = outer[0] < inner[0] and outer[1] < inner[1]
    return before and inner[2] < outer[2] and inner[3] < outer[3]


def crosses(rectangle: Rectangle, line: Sequence[Point]) -> bool:
    """Whether a chain of straight lines enters a rectangle."""
    return any(_enters(rectangle, line[index], line[index + 1]) for index in range(len(line) - 1))


def _enters(rectangle: Rectangle, start: Point, end: Point) -> bool:
    """Clip the line to the rectangle, side by side; it enters if something is left."""
    low, high = 0.0, 1.0
    for axis in (0, 1):
        step = end[axis] - start[axis]
        near, far = rectangle[axis] - start[axis], rectangle[axis + 2] - start[axis]
        if step == 0:
            if near >= 0 or far <= 0:
                return False
            continue
        first, last = sorted((near / step, far / step))
        low, high = max(low, first), min(high, last)
    return low < high


def pairs(rectangles: Sequence[Rectangle]) -> Iterator[tuple[int, int]]:
    """Each pair of rectangles that touch, once, the smaller index first."""
    cells: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, (left, top, right, bottom) in enumerate(rectangles):
        for column in range(int(left // _CELL), int(right // _CELL) + 1):
            for row in range(int(top // _CELL), int(bottom // _CELL) + 1):
                cells[column, row].append(number)
    seen: set[tuple[int, int]] = set()
    for inside in cells.values():
        for index, one in enumerate(inside):
            for other in inside[index + 1 :]:
                if (one, other) not in seen and touch(rectangles[one], rectangles[other]):
                    seen.add((one, other))
                    yield one, other
