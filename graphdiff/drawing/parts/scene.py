"""A finished drawing without a format: shapes, curves and labels at their places.

Lengths are in points, x to the right, y downwards. Values are frozen; writers only read them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from math import hypot
from typing import Literal

from .diagram import BoxKind, Label
from .geometry import Point, Rectangle, Segment, crosses, flatten, grown, pairs
from .outlines import Typeset
from .styles import Style

__all__ = [
    "Back",
    "Curve",
    "Form",
    "Head",
    "Placed",
    "Point",
    "Scene",
    "Segment",
    "Shape",
    "overlaps",
]

Form = Literal["disc", "pill", "block", "cell", "dot", "frame", "patch", "none"]

Head = tuple[Point, Point, Point]
"""An arrow head, tip first."""

# What is nearer than this (points) looks as if it touched.
_CLEAR = 1.0


@dataclass(frozen=True, slots=True)
class Placed:
    """A label, the top left corner of its ink, and the ink itself; ``size`` is the type size."""

    label: Label
    x: float
    y: float
    size: float
    text: Typeset

    @property
    def rectangle(self) -> Rectangle:
        """Left, top, right and bottom of the ink."""
        return self.x, self.y, self.x + self.text.width, self.y + self.text.height

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
    """What stands for a box: a disc, a pill (round ends), a block (round corners), a cell (a plain
    rectangle), a dot, a frame (around others, behind them), a patch of paper on a wire, or nothing
    but its label.

    ``x`` and ``y`` are the middle. Some boxes are made of several shapes: ``part_of`` is then the
    id of the box. A ``local`` is on a wire; its id is the wire's.
    """

    id: str
    kind: BoxKind
    form: Form
    x: float
    y: float
    w: float
    h: float
    label: Placed | None = None
    note: str = ""
    part_of: str = ""
    strong: bool = False

    @property
    def rectangle(self) -> Rectangle:
        """Left, top, right and bottom of the shape."""
        w, h = self.w / 2, self.h / 2
        return self.x - w, self.y - h, self.x + w, self.y + h


@dataclass(frozen=True, slots=True)
class Back:
    """A straight arrow that brings a gradient: its line and its head."""

    start: Point
    end: Point
    head: Head


@dataclass(frozen=True, slots=True)
class Curve:
    """A wire: where it starts, how it goes on, its arrow head (tip first), and its labels.

    The arrow of a note is thin and muted, and carries nothing. ``back`` are the start and the tip
    of a second arrow that brings the gradient, shown where the labels below are.
    """

    source: str
    target: str
    position: int
    start: Point
    segments: tuple[Segment, ...]
    head: Head | None
    above: tuple[Placed, ...] = ()
    below: tuple[Placed, ...] = ()
    strong: bool = False
    kind: Literal["wire", "note"] = "wire"
    flow: int | None = None
    back: tuple[Point, Point] | None = None

    @property
    def id(self) -> str:
        """The id of what is set on the wire."""
        return f"{self.source} {self.target} {self.position}"

    @property
    def labels(self) -> tuple[Placed, ...]:
        """Its labels: above, then below."""
        return (*self.above, *self.below)

    def backward(self, style: Style) -> Back | None:
        """The arrow that brings the gradient, if it is shown."""
        if not (self.back and self.below):
            return None
        (x, y), (to_x, to_y) = self.back
        length = hypot(to_x - x, to_y - y)
        ahead = ((to_x - x) / length, (to_y - y) / length)
        size, half = 1.3 * style.head_length, 0.8 * style.head_width
        end = (to_x - ahead[0] * size, to_y - ahead[1] * size)
        across = (-ahead[1] * half, ahead[0] * half)
        sides = (end[0] + across[0], end[1] + across[1]), (end[0] - across[0], end[1] - across[1])
        return Back((x, y), end, ((to_x, to_y), *sides))

    def line(self) -> list[Point]:
        """Points along the wire, up to the arrow's tip, with straight lines between them."""
        return flatten(self.start, self.segments) + ([self.head[0]] if self.head else [])


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
        on_wires = [label for curve in self.curves for label in curve.labels]
        return (*in_shapes, *on_wires)


@dataclass(frozen=True, slots=True)
class _Thing:
    """A label, a shape or a straight piece of a wire, as far as touching others is concerned."""

    name: str
    rectangle: Rectangle
    kind: Literal["label", "shape", "wire"]
    # Boxes that it may touch: of a label its own box, of a wire both of its ends.
    friends: tuple[str, ...]
    piece: tuple[Point, Point] | None = None


def overlaps(scene: Scene) -> list[str]:
    """What touches what and should not, in words; empty if the figure is in order.

    Labels may touch nothing but their own gate (in which they are), shapes only wires that end
    there, and nothing may reach over the figure's edge. Wires may cross wires.
    """
    things = list(_things(scene))
    found = []
    for one, other in pairs([thing.rectangle for thing in things]):
        problem = _problem(things[one], things[other])
        if problem and problem not in found:
            found.append(problem)
    for thing in things:
        left, top, right, bottom = thing.rectangle
        if left < 0 or top < 0 or right > scene.width or bottom > scene.height:
            found.append(f"{thing.name} reaches over the edge")
    return found


def _things(scene: Scene) -> Iterator[_Thing]:
    for shape in scene.shapes:
        friends = (shape.id, shape.part_of) if shape.part_of else (shape.id,)
        if shape.form == "frame":
            yield from _sides(shape)
        elif shape.form != "none":
            yield _Thing(f"shape {shape.id}", shape.rectangle, "shape", friends)
        # What is on a wire covers it, and is not outside of its box.
        if shape.label and shape.kind != "local":
            name = f"label {shape.label.label.plain!r} of {shape.id}"
            yield _Thing(name, shape.label.rectangle, "label", friends)
    for curve in scene.curves:
        wire = f"{curve.source} → {curve.target}"
        for label in curve.labels:
            name = f"label {label.label.plain!r} on {wire}"
            yield _Thing(name, label.rectangle, "label", ())
        for start, end in pairwise(curve.line()):
            box = (
                min(start[0], end[0]),
                min(start[1], end[1]),
                max(start[0], end[0]),
                max(start[1], end[1]),
            )
            ends = (curve.source, curve.target, curve.id)
            # A level line has no inside; a hair of width lets it touch.
            yield _Thing(f"wire {wire}", grown(box, _CLEAR), "wire", ends, (start, end))


def _sides(frame: Shape) -> Iterator[_Thing]:
    """The sides of a frame, which may cross wires only."""
    left, top, right, bottom = frame.rectangle
    corners = ((left, top), (right, top), (right, bottom), (left, bottom), (left, top))
    for start, end in pairwise(corners):
        box = (
            min(start[0], end[0]),
            min(start[1], end[1]),
            max(start[0], end[0]),
            max(start[1], end[1]),
        )
        yield _Thing(f"frame {frame.id}", grown(box, _CLEAR), "wire", (frame.id,), (start, end))


def _problem(one: _Thing, other: _Thing) -> str:
    """What is wrong with two things whose rectangles touch, or nothing."""
    if "wire" in (one.kind, other.kind):
        wire, thing = (one, other) if one.kind == "wire" else (other, one)
        if thing.kind == "wire" or wire.piece is None:
            return ""
        if thing.kind == "shape" and set(thing.friends) & set(wire.friends):
            return ""
        if not crosses(grown(thing.rectangle, _CLEAR), wire.piece):
            return ""
    elif set(one.friends) & set(other.friends):
        return ""
    return f"{one.name} touches {other.name}"
