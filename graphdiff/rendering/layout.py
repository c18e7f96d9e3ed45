"""From a diagram to a scene: measure the labels, find the rows, set the columns, draw the wires."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import hypot

from graphdiff.rendering.diagram import Box, Diagram, Label
from graphdiff.rendering.levels import Links, levels, links
from graphdiff.rendering.outlines import Typeset
from graphdiff.rendering.routing import Path, arrival_angles, arrow, enter, step
from graphdiff.rendering.scene import Curve, Placed, Point, Scene, Shape
from graphdiff.rendering.styles import CS231N, Style
from graphdiff.rendering.tracks import Extent, Grid, heights, make_grid
from graphdiff.rendering.typeset import Text, needs_korean, typeset

__all__ = ["arrange"]

# Heights above the baseline, in units of the type size, at which a wire meets a name: where a
# dash would be, which for Korean is higher.
_AXIS, _KOREAN_AXIS = 0.25, 0.36
# Gaps between columns: the least width, and how much is added per point that a wire climbs.
_GAP_OUT, _GAP_IN, _SLOPE, _GAP_MOST = 7.0, 16.0, 0.42, 72.0
# A gate with many operands grows so that their arrows stay apart.
_ARROW_PITCH = 8.0


@dataclass(frozen=True, slots=True)
class _Sizes:
    """Every label of a diagram, typeset."""

    boxes: tuple[Typeset | None, ...]
    above: tuple[tuple[Typeset, ...], ...]
    below: tuple[tuple[Typeset, ...], ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """All that is known once slots have heights and columns have places."""

    diagram: Diagram
    link: Links
    style: Style
    grid: Grid
    y: tuple[float, ...]
    left: tuple[float, ...]
    right: tuple[float, ...]

    def middle(self, box: int) -> float:
        """Where the middle of a box is: inputs and forks end their column, others begin it."""
        slot = self.grid.slots[box]
        half = slot.extent.width / 2
        if self.diagram.boxes[box].kind in ("input", "constant", "fork"):
            return self.right[slot.column] - half
        return self.left[slot.column] + half


def arrange(diagram: Diagram, style: Style = CS231N, engine: str = "auto") -> Scene:
    """Lay a diagram out from left to right.

    Operands keep their order from top to bottom, values stand above their wire and gradients
    below it, and no label touches anything. The same diagram gives the same scene everywhere
    with the ``wasi`` engine; other versions of Graphviz may choose other heights.

    Raises `ProgramMissing` and `LimitExceeded` as `graphdiff.rendering.engines.lay_out` does.
    """
    link = links(diagram)
    sizes = _measure(diagram, style)
    boxes = [
        _room(box, text, len(wires), style)
        for box, text, wires in zip(diagram.boxes, sizes.boxes, link.into, strict=True)
    ]
    wires = [
        _band(above, below, style) for above, below in zip(sizes.above, sizes.below, strict=True)
    ]
    grid = make_grid(levels(diagram, link), link, boxes, wires)
    y = heights(diagram, link, grid, style, engine) if diagram.boxes else ()
    left, right = _columns(link, grid, y)
    plan = _Plan(diagram, link, style, grid, y, left, right)
    shapes = [_shape(plan, box, sizes.boxes[box]) for box in range(len(diagram.boxes))]
    curves = _curves(plan, sizes)
    return _frame(diagram, style, shapes, curves)


def _measure(diagram: Diagram, style: Style) -> _Sizes:
    """Typeset all labels at once."""
    sizes = {"input": style.variable, "constant": style.variable, "output": style.variable}
    texts = [
        Text(box.label.typst if box.label else "", sizes.get(box.kind, style.gate))
        for box in diagram.boxes
    ]
    for wire in diagram.wires:
        texts += [Text(label.typst, style.number) for label in (*wire.above, *wire.below)]
    made = iter(typeset(texts))
    boxes = tuple(next(made) for _ in diagram.boxes)
    rows = [
        (tuple(next(made) for _ in wire.above), tuple(next(made) for _ in wire.below))
        for wire in diagram.wires
    ]
    return _Sizes(
        tuple(text if box.label else None for box, text in zip(diagram.boxes, boxes, strict=True)),
        tuple(above for above, _ in rows),
        tuple(below for _, below in rows),
    )


def _room(box: Box, text: Typeset | None, operands: int, style: Style) -> Extent:
    """The room that a box takes, wire at half height."""
    if box.kind == "fork":
        radius = style.fork_diameter / 2
        return Extent(style.fork_diameter, radius, radius)
    if box.kind != "gate":
        if text is None:
            return Extent(0.0, 0.0, 0.0)
        above = text.baseline - _axis(box.label, style.variable)
        return Extent(text.width + style.side_gap, above, text.height - above)
    height = max(style.gate_diameter, _ARROW_PITCH * operands)
    width = height
    if text is not None:
        height = max(height, text.height + 4 * style.gate_padding)
        width = height
        if hypot(text.width, text.height) / 2 > height / 2 - style.gate_padding:
            width = text.width + 0.62 * height
    return Extent(max(width, height), height / 2, height / 2)


def _axis(label: Label | None, size: float) -> float:
    korean = label is not None and needs_korean([label.typst])
    return size * (_KOREAN_AXIS if korean else _AXIS)


def _band(above: Sequence[Typeset], below: Sequence[Typeset], style: Style) -> Extent:
    """The room that a wire's labels take around it."""
    width = max(_length(above, style), _length(below, style))
    return Extent(
        width + 2 * style.side_gap if width else 0.0,
        style.text_gap + _rise(above) + _fall(above) if above else 0.0,
        style.text_gap + _rise(below) + _fall(below) if below else 0.0,
    )


def _length(texts: Sequence[Typeset], style: Style) -> float:
    return sum(text.width for text in texts) + style.word_gap * max(0, len(texts) - 1)


def _rise(texts: Iterable[Typeset]) -> float:
    """How far a row of texts reaches above its baseline."""
    return max((text.baseline for text in texts), default=0.0)


def _fall(texts: Iterable[Typeset]) -> float:
    """How far a row of texts reaches below its baseline."""
    return max((max(0.0, text.height - text.baseline) for text in texts), default=0.0)


def _columns(
    link: Links, grid: Grid, y: Sequence[float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Left and right edge of each column: as wide as its slots, with gaps as its bends need."""
    count = max((slot.column for slot in grid.slots), default=-1) + 1
    width = [0.0] * count
    gap = [0.0] * count
    for slot in grid.slots:
        width[slot.column] = max(width[slot.column], slot.extent.width)
    for wire, row in enumerate(grid.rows):
        chain = (link.source[wire], *row, link.target[wire])
        for one, other in zip(chain, chain[1:], strict=False):
            least = _GAP_IN if other == chain[-1] else _GAP_OUT if one == chain[0] else 0.0
            room = min(_GAP_MOST, least + _SLOPE * abs(y[one] - y[other]))
            column = grid.slots[other].column
            gap[column] = max(gap[column], room)
    left, right, x = [], [], 0.0
    for column in range(count):
        left.append(x + gap[column])
        x = left[-1] + width[column]
        right.append(x)
    return tuple(left), tuple(right)


def _shape(plan: _Plan, number: int, text: Typeset | None) -> Shape:
    """A box at its place, with its label."""
    box, extent = plan.diagram.boxes[number], plan.grid.slots[number].extent
    x, y = plan.middle(number), plan.y[number]
    w, h = extent.width, extent.above + extent.below
    placed = None
    if text is not None and box.label is not None and text.marks:
        if box.kind == "gate":
            corner = (x - text.width / 2, y - text.height / 2)
            size = plan.style.gate
        else:
            start = x - w / 2 + (plan.style.side_gap if box.kind == "output" else 0.0)
            corner = (start, y - extent.above)
            size = plan.style.variable
        placed = Placed(box.label, *corner, size, text)
    if box.kind == "gate":
        return Shape(box.id, box.kind, "disc" if w == h else "pill", x, y, w, h, placed, box.note)
    if box.kind == "fork":
        return Shape(box.id, box.kind, "dot", x, y, w, h, placed, box.note)
    middle = y + (extent.below - extent.above) / 2
    return Shape(box.id, box.kind, "none", x, middle, w, h, placed, box.note)


def _curves(plan: _Plan, sizes: _Sizes) -> list[Curve]:
    """All wires, in the order of the diagram."""
    angles = [0.0] * len(plan.diagram.wires)
    for box, wires in enumerate(plan.link.into):
        if plan.diagram.boxes[box].kind != "gate":
            continue
        slot = plan.grid.slots[box]
        gap = plan.left[slot.column] - plan.right[slot.column - 1]
        offsets = [plan.y[plan.grid.rows[wire][-1]] - plan.y[box] for wire in wires]
        found = arrival_angles(offsets, gap + slot.extent.above)
        for wire, angle in zip(wires, found, strict=True):
            angles[wire] = angle
    return [
        _curve(plan, wire, angles[wire], sizes.above[wire], sizes.below[wire])
        for wire in range(len(plan.diagram.wires))
    ]


def _curve(
    plan: _Plan, number: int, angle: float, above: Sequence[Typeset], below: Sequence[Typeset]
) -> Curve:
    """One wire through its slots, with its labels."""
    wire, style, row = plan.diagram.wires[number], plan.style, plan.grid.rows[number]
    source, target = plan.link.source[number], plan.link.target[number]
    start = (plan.middle(source) + plan.grid.slots[source].extent.width / 2, plan.y[source])
    path = Path(start, [])
    path.line((plan.right[plan.grid.slots[source].column], start[1]))
    for slot in row:
        column = plan.grid.slots[slot].column
        step(path, (plan.left[column], plan.y[slot]))
        path.line((plan.right[column], path.end[1]))
    head = _finish(plan, path, target, angle)
    first = plan.grid.slots[row[0]].column
    middle = ((plan.left[first] + plan.right[first]) / 2, plan.y[row[0]])
    up = middle[1] - style.text_gap - _fall(above)
    down = middle[1] + style.text_gap + _rise(below)
    return Curve(
        wire.source,
        wire.target,
        wire.position,
        path.start,
        tuple(path.segments),
        head,
        _row(wire.above, above, (middle[0], up), style),
        _row(wire.below, below, (middle[0], down), style),
    )


def _finish(
    plan: _Plan, path: Path, target: int, angle: float
) -> tuple[Point, Point, Point] | None:
    """Draw the wire's last piece; the arrow head, if there is one."""
    kind, slot = plan.diagram.boxes[target].kind, plan.grid.slots[target]
    left, y = plan.left[slot.column], plan.y[target]
    if kind == "gate":
        radius = slot.extent.above
        enter(path, (left + radius, y), radius, angle, plan.style)
        return arrow(path.end, angle, plan.style)
    if kind == "output":
        step(path, (left - plan.style.head_length, y))
        return arrow(path.end, 0.0, plan.style)
    step(path, (left, y))
    path.line((plan.middle(target), path.end[1]))
    return None


def _row(
    labels: Sequence[Label], texts: Sequence[Typeset], at: Point, style: Style
) -> tuple[Placed, ...]:
    """Labels side by side on one baseline, around a middle."""
    x, placed = at[0] - _length(texts, style) / 2, []
    for label, text in zip(labels, texts, strict=True):
        placed.append(Placed(label, x, at[1] - text.baseline, style.number, text))
        x += text.width + style.word_gap
    return tuple(placed)


def _frame(diagram: Diagram, style: Style, shapes: list[Shape], curves: list[Curve]) -> Scene:
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


def _boxes(
    shapes: Iterable[Shape], curves: Iterable[Curve]
) -> Iterable[tuple[float, float, float, float]]:
    """What must lie within the figure: left, top, right, bottom of each part."""
    for shape in shapes:
        yield (
            shape.x - shape.w / 2,
            shape.y - shape.h / 2,
            shape.x + shape.w / 2,
            shape.y + shape.h / 2,
        )
    for curve in curves:
        points = [point for segment in curve.segments for point in segment]
        for x, y in (curve.start, *points, *(curve.head or ())):
            yield x, y, x, y
        for label in (*curve.above, *curve.below):
            yield label.x, label.y, label.x + label.w, label.y + label.h


def _moved(point: Point, by: Point) -> Point:
    return round(point[0] + by[0], 2), round(point[1] + by[1], 2)


def _moved_label(label: Placed, by: Point) -> Placed:
    x, y = _moved((label.x, label.y), by)
    return Placed(label.label, x, y, label.size, label.text)


def _moved_shape(shape: Shape, by: Point) -> Shape:
    x, y = _moved((shape.x, shape.y), by)
    label = _moved_label(shape.label, by) if shape.label else None
    return Shape(shape.id, shape.kind, shape.form, x, y, shape.w, shape.h, label, shape.note)


def _moved_curve(curve: Curve, by: Point) -> Curve:
    head = curve.head
    return Curve(
        curve.source,
        curve.target,
        curve.position,
        _moved(curve.start, by),
        tuple(tuple(_moved(point, by) for point in segment) for segment in curve.segments),
        (_moved(head[0], by), _moved(head[1], by), _moved(head[2], by)) if head else None,
        tuple(_moved_label(label, by) for label in curve.above),
        tuple(_moved_label(label, by) for label in curve.below),
    )
