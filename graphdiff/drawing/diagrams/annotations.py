"""What is added to a figure when all else has its place: frames, remarks with arrows, a panel.

Everything is put where it touches nothing; if there is no room, the figure grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import hypot

from graphdiff.drawing.labels.panel import panel_shapes
from graphdiff.drawing.layout.framing import frame, read_ratio
from graphdiff.drawing.parts.diagram import Diagram, Enclosure, Note
from graphdiff.drawing.parts.geometry import (
    Point,
    Rectangle,
    around,
    crosses,
    grown,
    holds,
    near,
    touch,
)
from graphdiff.drawing.parts.outlines import Typeset
from graphdiff.drawing.parts.scene import Curve, Placed, Scene, Shape
from graphdiff.drawing.parts.styles import Style
from graphdiff.drawing.parts.typeset import Text, typeset

from .frames import Framing

__all__ = ["decorated"]

# Points between a frame and its caption.
_CAPTION = 3.0
# A remark's distance from other things, the shortest arrow, and the steps in which room is sought.
_CLEAR, _ARROW, _STEP = 3.0, 14.0, 6.0
# What an arrow across a wire costs, in points of its length.
_CROSSING = 40.0
_SIDES = ((0, 1), (0, -1), (1, 0), (-1, 0))
_SIDEWAYS = (0.0, -24.0, 24.0, -48.0, 48.0, -80.0, 80.0)


def decorated(scene: Scene, diagram: Diagram, fit: str | None = None) -> Scene:
    """The scene with the diagram's enclosures, notes and panel, on a sheet of that shape."""
    style = scene.style
    labels = [
        *(enclosure.caption for enclosure in diagram.enclosures),
        *(note.label for note in diagram.notes),
        *diagram.panel,
    ]
    texts = iter(typeset([Text(label.typst, style.number) for label in labels]))
    captions = [next(texts) for _ in diagram.enclosures]
    room = _framed(scene, diagram, captions)
    if room.frame.is_crowded:
        room = _framed(scene, diagram, captions, singly=True)
    for number, note in enumerate(diagram.notes):
        room.remark(number, note, next(texts))
    shapes = [*reversed(room.frames), *scene.shapes, *room.shapes]
    shapes += panel_shapes(diagram.panel, list(texts), room.bounds(), style)
    ratio = read_ratio(fit) if fit else None
    return frame(diagram, style, shapes, [*scene.curves, *room.curves], ratio)


def _framed(
    scene: Scene, diagram: Diagram, captions: Sequence[Typeset], singly: bool = False
) -> _Room:
    """The scene with frames around its groups."""
    room = _Room(scene, singly)
    # What is inside of another frame comes first, and is drawn last.
    order = sorted(range(len(captions)), key=lambda k: len(diagram.enclosures[k].boxes))
    for number in order:
        room.enclose(number, diagram.enclosures[number], captions[number])
    room.free_captions()
    return room


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A place for a remark: what it costs, its top left corner, and its arrow."""

    cost: float
    corner: Point
    start: Point
    tip: Point


class _Room:
    """A scene, what has been added to it, and what is in the way."""

    def __init__(self, scene: Scene, singly: bool) -> None:
        self.scene, self.style = scene, scene.style
        self.frames: list[Shape] = []
        self.shapes: list[Shape] = []
        self.curves: list[Curve] = []
        self.solid: list[tuple[str, Rectangle]] = []
        for shape in scene.shapes:
            if shape.form != "none":
                self.solid.append((shape.part_of or shape.id, shape.rectangle))
            if shape.label:
                self.solid.append((shape.part_of or shape.id, shape.label.rectangle))
        for curve in scene.curves:
            self.solid += [(curve.id, label.rectangle) for label in curve.labels]
        self.lines: list[list[Point]] = []
        self.boxes: list[Rectangle] = []
        for curve in scene.curves:
            self.add_line(curve)
        self.frame = Framing(scene, self.lines, self.solid, singly)

    def bounds(self) -> Rectangle:
        """The smallest rectangle around everything."""
        boxes = [rectangle for _, rectangle in self.solid]
        boxes += [shape.rectangle for shape in self.frames]
        return around([*boxes, *self.boxes])

    def add_line(self, curve: Curve) -> None:
        """Take note of a wire, and of the rectangle around it."""
        line = curve.line()
        xs, ys = zip(*line, strict=True)
        self.lines.append(line)
        self.boxes.append(grown((min(xs), min(ys), max(xs), max(ys)), 0.5))

    # -- frames -----------------------------------------------------------------------------------

    def enclose(self, number: int, enclosure: Enclosure, caption: Typeset) -> None:
        """Frames around boxes, as few as there can be, and a caption at the first."""
        pieces = self.frame.around(enclosure.boxes)
        if not pieces:
            return
        x, y = self.caption_place(pieces[0][1], caption)
        label = Placed(enclosure.caption, x, y, self.style.number, caption)
        self.frame.keep(enclosure.boxes, pieces, (f"group{number}", label.rectangle))
        for count, (_, (left, top, right, bottom)) in enumerate(pieces):
            name = f"group{number}" + (f".{count}" if count else "")
            middle = (left + right) / 2, (top + bottom) / 2
            self.frames.append(
                Shape(
                    name, "group", "frame", *middle, right - left, bottom - top,
                    None if count else label, enclosure.caption.plain,
                )
            )  # fmt: skip

    def free_captions(self) -> None:
        """Move captions that a later frame cuts."""
        for number, shape in enumerate(self.frames):
            label = shape.label
            if label is None or not any(_cuts(frame, label) for frame in self.frames):
                continue
            named = shape.id, label.rectangle
            self.solid.remove(named)
            x, y = self.caption_place(shape.rectangle, label.text)
            label = replace(label, x=x, y=y)
            self.solid.append((shape.id, label.rectangle))
            self.frames[number] = replace(shape, label=label)

    def caption_place(self, frame: Rectangle, text: Typeset) -> Point:
        """A place for the caption of a frame: above it, below it, beside it, or further up."""
        left, top, right, bottom = frame
        upper, lower = top - _CAPTION - text.height, bottom + _CAPTION
        columns = (left, (left + right - text.width) / 2, right - text.width)
        places = [(x, y) for y in (upper, lower) for x in columns]
        beside = (right + _CAPTION, left - _CAPTION - text.width)
        places += [(x, y) for y in (top, (top + bottom - text.height) / 2, bottom) for x in beside]
        places += [(x, upper - _STEP * step) for step in range(1, 400) for x in columns]
        for x, y in places:
            if self.is_free(grown((x, y, x + text.width, y + text.height), 1.5)):
                return x, y
        return left, self.bounds()[1] - _CAPTION - text.height

    # -- remarks ----------------------------------------------------------------------------------

    def remark(self, number: int, note: Note, text: Typeset) -> None:
        """A remark where there is room for it and for its arrow."""
        target = next((shape for shape in self.scene.shapes if shape.id == note.target), None)
        if target is None:
            return  # in an overview of a large graph most boxes are hidden
        best = self.best(target, text)
        name = f"note{number}"
        placed = Placed(note.label, *best.corner, self.style.number, text)
        left, top, right, bottom = placed.rectangle
        middle = (left + right) / 2, (top + bottom) / 2
        self.shapes.append(Shape(name, "note", "none", *middle, text.width, text.height, placed))
        self.solid.append((name, placed.rectangle))
        end, head = _arrow(best.start, best.tip, self.style)
        curve = Curve(name, note.target, 0, best.start, ((end,),), head, kind="note")
        self.curves.append(curve)
        self.add_line(curve)

    def best(self, target: Shape, text: Typeset) -> _Candidate:
        """The cheapest place around a box; on each side, the first that is free counts."""
        aim = target.label.rectangle if target.form == "none" and target.label else target.rectangle
        x, y = (aim[0] + aim[2]) / 2, (aim[1] + aim[3]) / 2
        wide, reach = (aim[2] - aim[0]) / 2 + _ARROW, (aim[3] - aim[1]) / 2 + _ARROW
        far = (x, y + self.scene.height + reach)
        corner = (x - text.width / 2, far[1])
        best = _Candidate(1e9, corner, far, _border(target, aim, far))
        size = max(self.scene.width, self.scene.height) + 2 * reach
        for side, sideways in product(_SIDES, _SIDEWAYS):
            for step in range(int(size / _STEP) + 4):
                if _STEP * step > best.cost:  # the arrow alone would cost more
                    break
                away = (reach if side[1] else wide) + _STEP * step
                dx, dy = (sideways, side[1] * away) if side[1] else (side[0] * away, sideways)
                found = self.candidate(target, aim, text, (x + dx, y + dy), side)
                if found:
                    best = min(best, found, key=lambda one: one.cost)
                    break
        return best

    def candidate(
        self, target: Shape, aim: Rectangle, text: Typeset, start: Point, side: tuple[int, int]
    ) -> _Candidate | None:
        """A remark whose arrow starts there, or None if something is in the way."""
        corner = (
            start[0] + (side[0] - 1) / 2 * text.width,
            start[1] + (side[1] - 1) / 2 * text.height,
        )
        box = (corner[0], corner[1], corner[0] + text.width, corner[1] + text.height)
        if not self.is_free(grown(box, _CLEAR)):
            return None
        begin = (start[0] - side[0] * 2.0, start[1] - side[1] * 2.0)
        tip = _border(target, aim, begin)
        arrow = (begin, tip)
        if any(
            name != target.id and crosses(grown(other, 2.0), arrow) for name, other in self.solid
        ):
            return None
        reach = grown(around([(*begin, *begin), (*tip, *tip)]), 0.5)
        crossed = sum(
            touch(reach, box) and _meets(line, arrow)
            for box, line in zip(self.boxes, self.lines, strict=True)
        )
        cost = hypot(tip[0] - begin[0], tip[1] - begin[1]) + crossed * _CROSSING
        outside = max(0.0, -box[1], box[3] - self.scene.height, -box[0], box[2] - self.scene.width)
        return _Candidate(cost + outside, corner, begin, tip)

    def is_free(self, room: Rectangle) -> bool:
        """Whether nothing is there."""
        if near(room, (other for _, other in self.solid), 1.0):
            return False
        if any(touch(room, frame.rectangle) for frame in self.frames):
            return False
        room = grown(room, 1.0)
        return not any(
            touch(room, box) and crosses(room, line)
            for box, line in zip(self.boxes, self.lines, strict=True)
        )


def _cuts(frame: Shape, label: Placed) -> bool:
    """Whether a side of a frame is in the way of a label."""
    one, other = frame.rectangle, label.rectangle
    return touch(one, grown(other, 1.0)) and not holds(one, other)


def _meets(line: Sequence[Point], arrow: tuple[Point, Point]) -> bool:
    """Whether an arrow crosses a wire."""
    return any(_cross(line[k], line[k + 1], *arrow) for k in range(len(line) - 1))


def _cross(a: Point, b: Point, c: Point, d: Point) -> bool:
    def side(p: Point, q: Point, r: Point) -> float:
        return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])

    return side(a, b, c) * side(a, b, d) < 0 and side(c, d, a) * side(c, d, b) < 0


def _border(target: Shape, aim: Rectangle, start: Point) -> Point:
    """Where an arrow from there to the middle of a box meets the box's outline."""
    x, y = (aim[0] + aim[2]) / 2, (aim[1] + aim[3]) / 2
    dx, dy = start[0] - x, start[1] - y
    if target.form == "disc":
        part = (target.h / 2 + 1.5) / hypot(dx, dy)
    else:
        w, h = (aim[2] - aim[0]) / 2 + 1.5, (aim[3] - aim[1]) / 2 + 1.5
        part = min(w / abs(dx) if dx else 1.0, h / abs(dy) if dy else 1.0)
    return x + dx * part, y + dy * part


def _arrow(start: Point, tip: Point, style: Style) -> tuple[Point, tuple[Point, Point, Point]]:
    """Where the line of an arrow ends, and its head, which is smaller than those of wires."""
    length = hypot(tip[0] - start[0], tip[1] - start[1]) or 1.0
    dx, dy = (tip[0] - start[0]) / length, (tip[1] - start[1]) / length
    back, half = 0.75 * style.head_length, 0.35 * style.head_width
    x, y = tip[0] - back * dx, tip[1] - back * dy
    end = x + 0.5 * dx, y + 0.5 * dy
    return end, (tip, (x - dy * half, y + dx * half), (x + dy * half, y - dx * half))
