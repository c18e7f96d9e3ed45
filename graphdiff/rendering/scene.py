"""A finished drawing without a format: shapes, curves and labels at their places.

Lengths are in points, x to the right, y downwards. Values are frozen; writers only read them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graphdiff.rendering.diagram import BoxKind, Label
from graphdiff.rendering.outlines import Typeset
from graphdiff.rendering.styles import Style

__all__ = ["Curve", "Placed", "Point", "Scene", "Segment", "Shape"]

Point = tuple[float, float]
# The end of a straight line, or the two control points and the end of a cubic Bézier curve.
Segment = tuple[Point] | tuple[Point, Point, Point]


@dataclass(frozen=True, slots=True)
class Placed:
    """A label, the top left corner of its ink, and the ink itself; ``size`` is the type size."""

    label: Label
    x: float
    y: float
    size: float
    text: Typeset

    @property
    def w(self) -> float:
        """Width of the ink."""
        return self.text.width

    @property
    def h(self) -> float:
        """Height of the ink."""
        return self.text.height


@dataclass(frozen=True, slots=True)
class Shape:
    """What stands for a box: a disc, a pill (round ends), a dot, or nothing but its label.

    ``x`` and ``y`` are the middle.
    """

    id: str
    kind: BoxKind
    form: Literal["disc", "pill", "dot", "none"]
    x: float
    y: float
    w: float
    h: float
    label: Placed | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Curve:
    """A wire: where it starts, how it goes on, its arrow head (tip first), and its labels."""

    source: str
    target: str
    position: int
    start: Point
    segments: tuple[Segment, ...]
    head: tuple[Point, Point, Point] | None
    above: tuple[Placed, ...] = ()
    below: tuple[Placed, ...] = ()


@dataclass(frozen=True, slots=True)
class Scene:
    """Everything that a picture shows, and the style that says how."""

    title: str
    description: str
    width: float
    height: float
    style: Style
    shapes: tuple[Shape, ...]
    curves: tuple[Curve, ...]

    @property
    def labels(self) -> tuple[Placed, ...]:
        """All labels: those of the shapes, then those of the wires."""
        in_shapes = [shape.label for shape in self.shapes if shape.label is not None]
        on_wires = [label for curve in self.curves for label in (*curve.above, *curve.below)]
        return (*in_shapes, *on_wires)
