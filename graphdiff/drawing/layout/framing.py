"""The last step of a layout: the figure's edges."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from graphdiff.drawing.parts.diagram import Diagram
from graphdiff.drawing.parts.geometry import Rectangle
from graphdiff.drawing.parts.scene import Curve, Placed, Point, Scene, Segment, Shape
from graphdiff.drawing.parts.styles import Style
from graphdiff.errors import Unsupported

__all__ = ["LEGIBLE", "frame", "letters", "read_ratio"]

LEGIBLE = 12.0
"""Points that numbers on a slide should have at least."""
# The longer side of a slide.
_SLIDE = 960.0

_LONGEST = 20


def frame(
    diagram: Diagram,
    style: Style,
    shapes: list[Shape],
    curves: list[Curve],
    ratio: float | None = None,
) -> Scene:
    """Move everything so that the figure has its margin on all sides, and round to 0.01 pt.

    With a ``ratio`` of width to height the figure stands in the middle of a sheet of that shape.
    """
    xs, ys = [], []
    for box in _boxes(shapes, curves):
        xs += [box[0], box[2]]
        ys += [box[1], box[3]]
    left, top = min(xs, default=0.0), min(ys, default=0.0)
    width = max(xs, default=0.0) - left + 2 * style.margin
    height = max(ys, default=0.0) - top + 2 * style.margin
    wide, high = width, height
    if ratio:
        wide, high = max(width, height * ratio), max(height, width / ratio)
    shift = (style.margin - left + (wide - width) / 2, style.margin - top + (high - height) / 2)
    return Scene(
        diagram.title,
        diagram.description,
        round(wide, 2),
        round(high, 2),
        style,
        tuple(_moved_shape(shape, shift) for shape in shapes),
        tuple(_moved_curve(curve, shift) for curve in curves),
    )


def letters(scene: Scene, ratio: float) -> float:
    """The size of a figure's numbers (points) where it fills a slide of that shape.

    >>> letters(Scene("", "", 480.0, 270.0, Style("", number=11.0), (), ()), 16 / 9)
    22.0
    """
    wide, high = (_SLIDE, _SLIDE / ratio) if ratio >= 1 else (_SLIDE * ratio, _SLIDE)
    return scene.style.number * min(wide / scene.width, high / scene.height)


def read_ratio(fit: str) -> float:
    """Width by height of ``16:9`` or ``1280x720``.  Raises `Unsupported` for anything else.

    >>> read_ratio("4:3") == read_ratio("1024x768")
    True
    """
    match = re.fullmatch(
        r"\s*([0-9]{1,6}(?:\.[0-9]{1,4})?)\s*[:xX×]\s*([0-9]{1,6}(?:\.[0-9]{1,4})?)\s*", fit
    )
    width, height = (float(part) for part in match.groups()) if match else (0.0, 0.0)
    if not width or not height:
        raise Unsupported(f"{fit!r} is no shape of a sheet", hint="write 16:9, 4:3 or 1280x720")
    if not 1 / _LONGEST <= width / height <= _LONGEST:
        raise Unsupported(
            f"a sheet of {fit} is too narrow to draw on",
            hint=f"one side may be {_LONGEST} times the other at most",
        )
    return width / height


def _boxes(shapes: Iterable[Shape], curves: Iterable[Curve]) -> Iterable[Rectangle]:
    """What must lie within the figure: left, top, right, bottom of each part."""
    for shape in shapes:
        yield shape.rectangle
        if shape.label:
            yield shape.label.rectangle
    for curve in curves:
        points = [point for segment in curve.segments for point in segment]
        for x, y in (curve.start, *points, *(curve.head or ())):
            yield x, y, x, y
        for label in curve.labels:
            yield label.rectangle


def _moved(point: Point, by: Point) -> Point:
    return round(point[0] + by[0], 2), round(point[1] + by[1], 2)


def _moved_segment(segment: Segment, by: Point) -> Segment:
    if len(segment) == 1:
        return (_moved(segment[0], by),)
    return _moved(segment[0], by), _moved(segment[1], by), _moved(segment[2], by)


def _moved_label(label: Placed, by: Point) -> Placed:
    x, y = _moved((label.x, label.y), by)
    return Placed(label.label, x, y, label.size, label.text)


def _moved_shape(shape: Shape, by: Point) -> Shape:
    x, y = _moved((shape.x, shape.y), by)
    label = _moved_label(shape.label, by) if shape.label else None
    return replace(shape, x=x, y=y, label=label)


def _moved_curve(curve: Curve, by: Point) -> Curve:
    head = curve.head
    return Curve(
        curve.source,
        curve.target,
        curve.position,
        _moved(curve.start, by),
        tuple(_moved_segment(segment, by) for segment in curve.segments),
        (_moved(head[0], by), _moved(head[1], by), _moved(head[2], by)) if head else None,
        tuple(_moved_label(label, by) for label in curve.above),
        tuple(_moved_label(label, by) for label in curve.below),
        curve.strong,
        curve.kind,
        curve.flow,
        (_moved(curve.back[0], by), _moved(curve.back[1], by)) if curve.back else None,
    )
