"""A figure from top to bottom, turned to go from bottom to top: letters and cards stay upright."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from graphdiff.drawing.parts.geometry import Point, Segment, around
from graphdiff.drawing.parts.scene import Curve, Placed, Shape

__all__ = ["upwards"]


def upwards(shapes: Sequence[Shape], curves: Sequence[Curve]) -> tuple[list[Shape], list[Curve]]:
    """The same, mirrored at the level y = 0; what belongs to one box or one wire stays as it is."""
    parts = defaultdict(list)
    for shape in shapes:
        parts[shape.part_of or shape.id].append(shape.rectangle)
    middle = {name: _middle(rectangles) for name, rectangles in parts.items()}
    return (
        [_moved(shape, -2 * middle[shape.part_of or shape.id]) for shape in shapes],
        [_turned(curve) for curve in curves],
    )


def _middle(rectangles: Sequence[tuple[float, float, float, float]]) -> float:
    _, top, _, bottom = around(rectangles)
    return (top + bottom) / 2


def _moved(shape: Shape, by: float) -> Shape:
    label = _lowered(shape.label, by) if shape.label else None
    return replace(shape, y=shape.y + by, label=label)


def _lowered(label: Placed, by: float) -> Placed:
    return replace(label, y=label.y + by)


def _turned(curve: Curve) -> Curve:
    """A wire that goes up, its labels on the same sides."""
    by = -2 * _middle([label.rectangle for label in curve.labels]) if curve.labels else 0.0
    head = curve.head
    return replace(
        curve,
        start=_up(curve.start),
        segments=tuple(_piece(segment) for segment in curve.segments),
        head=(_up(head[0]), _up(head[1]), _up(head[2])) if head else None,
        above=tuple(_lowered(label, by) for label in curve.above),
        below=tuple(_lowered(label, by) for label in curve.below),
        back=(_up(curve.back[0]), _up(curve.back[1])) if curve.back else None,
    )


def _up(point: Point) -> Point:
    return point[0], -point[1]


def _piece(segment: Segment) -> Segment:
    if len(segment) == 1:
        return (_up(segment[0]),)
    return _up(segment[0]), _up(segment[1]), _up(segment[2])
