"""From a diagram to a scene: measure the labels, find the rows, set the columns, draw the wires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from graphdiff.rendering.cells import cell_shapes
from graphdiff.rendering.centring import centre_labels
from graphdiff.rendering.diagram import Diagram, Label, is_block
from graphdiff.rendering.framing import frame
from graphdiff.rendering.levels import Links, levels, links
from graphdiff.rendering.outlines import Typeset
from graphdiff.rendering.routing import (
    Head,
    Path,
    arrival_angles,
    arrival_heights,
    enter,
    point_at,
    step,
)
from graphdiff.rendering.scene import Curve, Form, Placed, Point, Scene, Shape
from graphdiff.rendering.sizes import (
    ON_PADDING,
    Sizes,
    ascent,
    band,
    fall,
    length,
    lift,
    measure,
    rise,
    room,
    type_size,
)
from graphdiff.rendering.styles import CS231N, Style
from graphdiff.rendering.tracks import Grid, heights, make_grid

__all__ = ["arrange"]

# Gaps between columns: the least width, and how much is added per point that a wire climbs.
_GAP_OUT, _GAP_IN, _SLOPE, _GAP_MOST = 8.0, 16.0, 0.45, 72.0


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
    sizes = measure(diagram, style)
    boxes = [
        room(box, text, len(wires), style, cells)
        for box, text, wires, cells in zip(
            diagram.boxes, sizes.boxes, link.into, sizes.cells, strict=True
        )
    ]
    wires = [
        band(above, below, style, on)
        for above, below, on in zip(sizes.above, sizes.below, sizes.on, strict=True)
    ]
    grid = make_grid(levels(diagram, link), link, boxes, wires)
    y = heights(diagram, link, grid, style, engine) if diagram.boxes else ()
    left, right = _columns(diagram, link, grid, y)
    plan = _Plan(diagram, link, style, grid, y, left, right)
    shapes: list[Shape] = []
    for number, box in enumerate(diagram.boxes):
        if box.cells:
            middle = plan.middle(number), plan.y[number]
            shapes += cell_shapes(box, sizes.cells[number], middle, style)
        else:
            shapes.append(_shape(plan, number, sizes.boxes[number]))
    curves, on = _taken_off(_curves(plan, sizes), diagram, style)
    return frame(diagram, style, shapes + on, curves)


def _taken_off(
    curves: Sequence[Curve], diagram: Diagram, style: Style
) -> tuple[list[Curve], list[Shape]]:
    """The wires, and what is set on them as boxes of its own."""
    bare, shapes = [], []
    for wire, curve in zip(diagram.wires, curves, strict=True):
        if wire.on is None:
            bare.append(curve)
            continue
        label, *above = curve.above
        left, top, right, bottom = label.rectangle
        w, h = right - left + 2 * ON_PADDING, bottom - top + 2 * ON_PADDING
        middle = (left + right) / 2, (top + bottom) / 2
        shapes.append(Shape(curve.id, "local", "block", *middle, w, h, label, strong=curve.strong))
        bare.append(replace(curve, above=tuple(above)))
    return bare, shapes


def _columns(
    diagram: Diagram, link: Links, grid: Grid, y: Sequence[float]
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Left and right edge of each column: as wide as its slots, with gaps as its bends need."""
    count = max((slot.column for slot in grid.slots), default=-1) + 1
    width = [0.0] * count
    gap = [0.0] * count
    for slot in grid.slots:
        width[slot.column] = max(width[slot.column], slot.extent.width)
    for wire, row in enumerate(grid.rows):
        chain = (link.source[wire], *row, link.target[wire])
        pointed = diagram.boxes[link.target[wire]].kind != "fork"
        for one, other in pairwise(chain):
            least = _GAP_OUT if one == chain[0] else 0.0
            if other == chain[-1]:
                least = _GAP_IN if pointed else _GAP_OUT
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
        if box.kind in ("gate", "layer"):
            corner = (x - text.width / 2, y - text.height / 2 + _sink(text, plan.style))
        else:
            start = x - w / 2 + (plan.style.side_gap if box.kind == "output" else 0.0)
            corner = (start, y - ascent(box, text, plan.style))
        placed = Placed(box.label, *corner, type_size(box, plan.style), text)
    forms: dict[str, Form] = {"gate": "disc" if w == h else "pill", "layer": "block", "fork": "dot"}
    form = forms.get(box.kind, "none")
    if form == "none":
        y += (extent.below - extent.above) / 2
    return Shape(box.id, box.kind, form, x, y, w, h, placed, box.note, strong=box.strong)


def _sink(text: Typeset, style: Style) -> float:
    """How much lower small letters with descenders ("exp") stand: by eye, their x-height counts."""
    descent = text.height - text.baseline
    return descent * 0.35 if text.baseline < 0.55 * style.gate and descent > 0 else 0.0


def _curves(plan: _Plan, sizes: Sizes) -> list[Curve]:
    """All wires, in the order of the diagram."""
    arrivals = [0.0] * len(plan.diagram.wires)
    for box, wires in enumerate(plan.link.into):
        kind = plan.diagram.boxes[box].kind
        if kind != "gate" and not is_block(kind):
            continue
        slot = plan.grid.slots[box]
        gap = plan.left[slot.column] - plan.right[slot.column - 1]
        offsets = [plan.y[plan.grid.rows[wire][-1]] - plan.y[box] for wire in wires]
        if is_block(kind):
            found = arrival_heights(offsets, slot.extent.above - plan.style.corner)
        else:
            found = arrival_angles(offsets, gap + slot.extent.above)
        for wire, arrival in zip(wires, found, strict=True):
            arrivals[wire] = arrival
    curves = [_curve(plan, wire, arrivals[wire], sizes) for wire in range(len(plan.diagram.wires))]
    columns = [[plan.grid.slots[slot].column for slot in row] for row in plan.grid.rows]
    # What comes from inputs and forks stands in columns that are read from top to bottom.
    movable = [
        len(row) == 1 and plan.diagram.boxes[source].kind not in ("input", "fork", "constant")
        for row, source in zip(plan.grid.rows, plan.link.source, strict=True)
    ]
    return centre_labels(curves, columns, movable)


def _curve(plan: _Plan, number: int, arrival: float, sizes: Sizes) -> Curve:
    """One wire through its slots, with its labels; what is set on it is the first above."""
    above, below, on = sizes.above[number], sizes.below[number], sizes.on[number]
    wire, style, row = plan.diagram.wires[number], plan.style, plan.grid.rows[number]
    source, target = plan.link.source[number], plan.link.target[number]
    start = (plan.middle(source) + plan.grid.slots[source].extent.width / 2, plan.y[source])
    path = Path(start, [])
    path.line((plan.right[plan.grid.slots[source].column], start[1]))
    for slot in row:
        column = plan.grid.slots[slot].column
        step(path, (plan.left[column], plan.y[slot]))
        path.line((plan.right[column], path.end[1]))
    head = _finish(plan, path, target, arrival)
    first = plan.grid.slots[row[0]].column
    middle = ((plan.left[first] + plan.right[first]) / 2, plan.y[row[0]])
    up = middle[1] - lift(on) - style.text_gap - fall(above)
    down = middle[1] + lift(on) + style.text_gap + rise(below)
    first_above = _row(wire.above, above, (middle[0], up), style)
    if wire.on and on:
        place = middle[0] - on.width / 2, middle[1] - on.height / 2
        first_above = (Placed(wire.on, *place, style.number, on), *first_above)
    return Curve(
        wire.source,
        wire.target,
        wire.position,
        path.start,
        tuple(path.segments),
        head,
        first_above,
        _row(wire.below, below, (middle[0], down), style),
        wire.strong,
    )


def _finish(plan: _Plan, path: Path, target: int, arrival: float) -> Head | None:
    """Draw the wire's last piece; the arrow head, if there is one.

    ``arrival`` is the angle at which it meets a gate, or how far below a layer's middle.
    """
    kind, slot = plan.diagram.boxes[target].kind, plan.grid.slots[target]
    left, y = plan.left[slot.column], plan.y[target]
    if kind == "gate":
        radius = slot.extent.above
        return enter(path, (left + radius, y), radius, arrival, plan.style)
    if is_block(kind):
        return point_at(path, (left, y + arrival), plan.style)
    if kind == "output":
        return point_at(path, (left, y), plan.style)
    step(path, (left, y))
    path.line((plan.middle(target), path.end[1]))
    return None


def _row(
    labels: Sequence[Label], texts: Sequence[Typeset], at: Point, style: Style
) -> tuple[Placed, ...]:
    """Labels side by side on one baseline, around a middle."""
    x, placed = at[0] - length(texts, style) / 2, []
    for label, text in zip(labels, texts, strict=True):
        placed.append(Placed(label, x, at[1] - text.baseline, style.number, text))
        x += text.width + style.word_gap
    return tuple(placed)
