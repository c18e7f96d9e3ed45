"""The last touch on labels: to the middle of a level wire, where nothing is in the way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from graphdiff.drawing.parts.geometry import Point, Rectangle, crosses, grown, touch
from graphdiff.drawing.parts.scene import Curve, Placed

__all__ = ["centre_labels"]

# Past so many wires in one gap the search would cost more than its result is worth.
_CROWD = 24
# What is left free around a moved label: more beside upright wires, where others bend below it.
_CLEAR = (2.0, 4.0)
_PARTS = (1.0, 0.75, 0.5, 0.25)


def centre_labels(
    curves: Sequence[Curve],
    columns: Sequence[Sequence[int]],
    movable: Sequence[bool],
    axis: int = 0,
) -> list[Curve]:
    """The curves, with the labels of level wires moved towards the wire's middle.

    A label was placed in its column, at the beginning of the wire; it moves on into the gap that
    follows as far as it stays clear of the wires that bend there. ``columns`` are the columns that
    each wire passes, the label's first, and ``movable`` says which wires are free to move theirs:
    the others are part of a column of numbers. ``axis`` is 1 where level means upright, in figures
    from top to bottom.
    """
    crowd: dict[int, list[int]] = defaultdict(list)
    for number, passed in enumerate(columns):
        for column in passed:
            crowd[column].append(number)
    moved = list(curves)
    lines: dict[int, _Line] = {}
    for number, curve in enumerate(curves):
        near = crowd[columns[number][0]]
        if movable[number] and curve.labels and len(curve.segments) == 1 and len(near) < _CROWD:
            for other in near:
                if other not in lines:
                    lines[other] = _line(curves[other])
            moved[number] = _centred(
                curve, [lines[other] for other in near if other != number], axis
            )
    return moved


_Line = tuple[list[Point], Rectangle]


def _line(curve: Curve) -> _Line:
    """A wire as straight pieces, and the rectangle around them."""
    line = curve.line()
    xs, ys = zip(*line, strict=True)
    return line, (min(xs), min(ys), max(xs), max(ys))


def _centred(curve: Curve, others: Sequence[_Line], axis: int) -> Curve:
    around = _around(curve.labels)
    ends = curve.start[axis] + curve.segments[-1][-1][axis]
    shift = (ends - around[axis] - around[axis + 2]) / 2
    for part in _PARTS if shift > 0 else ():
        x, y = (0.0, shift * part) if axis else (shift * part, 0.0)
        above = tuple(_shifted(label, x, y) for label in curve.above)
        below = tuple(_shifted(label, x, y) for label in curve.below)
        rooms = [grown(label.rectangle, _CLEAR[axis]) for label in (*above, *below)]
        if not any(
            touch(room, rectangle) and crosses(room, line)
            for room in rooms
            for line, rectangle in others
        ):
            return replace(curve, above=above, below=below)
    return curve


def _shifted(label: Placed, x: float, y: float) -> Placed:
    """The label a little farther; without ``replace``, which is slow for thousands."""
    return Placed(label.label, label.x + x, label.y + y, label.size, label.text)


def _around(labels: Sequence[Placed]) -> Rectangle:
    """The smallest rectangle around some labels."""
    lefts, tops, rights, bottoms = zip(*(label.rectangle for label in labels), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
