"""The last step of a layout: the figure's edges."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from graphdiff.rendering.diagram import Diagram
from graphdiff.rendering.geometry import Rectangle
from graphdiff.rendering.scene import Curve, Placed, Point, Scene, Segment, Shape
from graphdiff.rendering.styles import Style

__all__ = ["frame"]


def frame(diagram: Diagram, style: Style, shapes: list[Shape], curves: list[Curve]) -> Scene:
    """Move everything so that the figure has its margin on all sides, and round to 0.01 pt."""
    xs, ys = [], []
    for box in _boxes(shapes, curves):
        xs += [box[0], box[2]]
        ys += [box[1], box[3]]
    shift = (style.margin - min(xs, default=0.0), style.margin - min(ys, default=0.0))
    return Scene(
        diagram.title,
        diagram.description,
        round(max(xs, default=0.0) + shift[0] + style.margin, 2),
        round(max(ys, default=0.0) + shift[1] + style.margin, 2),
        style,
        tuple(_moved_shape(shape, shift) for shape in shapes),
        tuple(_moved_curve(curve, shift) for curve in curves),
    )


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
    )
