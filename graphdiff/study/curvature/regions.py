"""Boxes as lists of intervals: what lies in what, what touches."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from graphdiff.core.domains.intervals import Interval, enclosing, hull

__all__ = ["box_around", "distance", "joined_boxes", "lies_inside", "may_hold", "middle_inverse"]


def may_hold(xs: Sequence[Interval], point: Sequence[Fraction]) -> bool:
    """Whether a point may lie in a box."""
    for x, y in zip(xs, point, strict=True):
        around = enclosing(y, y)
        if around < x or around > x:
            return False
    return True


def middle_inverse(matrix: list[list[Interval]]) -> list[list[float]] | None:
    """The inverse of the middle, in doubles."""
    import numpy

    middle = numpy.array([[x.mid() for x in row] for row in matrix])
    try:
        made = numpy.linalg.inv(middle)
    except numpy.linalg.LinAlgError:
        return None
    return made.tolist() if numpy.isfinite(made).all() else None


def lies_inside(xs: Sequence[Interval], region: Sequence[Interval]) -> bool:
    """Whether a box lies in another."""
    return all(y.lo <= x.lo and x.hi <= y.hi for x, y in zip(xs, region, strict=True))


def box_around(boxes: Sequence[Sequence[Interval]]) -> list[Interval]:
    """The smallest box around all."""
    return [hull(list(column)) for column in zip(*boxes, strict=True)]


def distance(box: Sequence[Interval], point: Sequence[Interval]) -> float:
    """How far the farthest number of any side of a box is from a point's."""
    pairs = zip(box, point, strict=True)
    return max(max(float(p.hi - x.lo), float(x.hi - p.lo)) for x, p in pairs)


def joined_boxes(boxes: Sequence[list[Interval]]) -> list[list[Interval]]:
    """Boxes that touch, joined; looks at the first 200."""
    clusters: list[list[Interval]] = []
    for box in boxes[:200]:
        joined = list(box)
        apart = []
        for other in clusters:
            if all(x.lo <= y.hi and y.lo <= x.hi for x, y in zip(joined, other, strict=True)):
                joined = box_around([joined, other])
            else:
                apart.append(other)
        clusters = [*apart, joined]
    return clusters
