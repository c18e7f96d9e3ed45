"""From places to shapes and curves: boxes with their labels, wires with theirs.

Everything is placed as if wires ran from left to right; a figure from top to bottom swaps both
axes of what is drawn, and only letters know which way is up.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from graphdiff.drawing.parts.cells import cell_shapes
from graphdiff.drawing.parts.diagram import Diagram, Label, Wire, is_block
from graphdiff.drawing.parts.geometry import around
from graphdiff.drawing.parts.outlines import Typeset
from graphdiff.drawing.parts.scene import Curve, Form, Head, Placed, Point, Segment, Shape
from graphdiff.drawing.parts.styles import Style

from .centring import centre_labels
from .folding import Sheet
from .grid import Extent, Grid
from .levels import Links
from .routing import Path, arrival_angles, arrival_heights, enter, go_round, point_at, step
from .sizes import (
    BESIDE,
    LEAST_BACK,
    ON_PADDING,
    Sizes,
    ascent,
    fall,
    length,
    lift,
    rise,
    type_size,
)

__all__ = ["Plan", "place_boxes", "place_wires"]

# Wires into a gate with round ends and a flat top stay within this part of its ends.
_ROUND_PART = 0.7


@dataclass(frozen=True, slots=True)
class Plan:
    """All that is known once slots have heights and columns have places.

    ``y`` are heights before rows were folded, ``gap`` the widths of the gaps before columns;
    ``down`` says that the figure goes from top to bottom.
    """

    diagram: Diagram
    link: Links
    style: Style
    sizes: Sizes
    grid: Grid
    y: tuple[float, ...]
    gap: tuple[float, ...]
    sheet: Sheet
    down: bool

    def middle(self, box: int) -> float:
        """Where the middle of a box is: inputs and forks end their column, others begin it."""
        half = self.grid.slots[box].extent.width / 2
        if self.diagram.boxes[box].kind in ("input", "constant", "fork"):
            return self.sheet.right[box] - half
        return self.sheet.left[box] + half

    def seen(self, point: Point) -> Point:
        """The place of a point in the figure."""
        return (point[1], point[0]) if self.down else point

    def segment(self, segment: Segment) -> Segment:
        """The place of a piece of a wire in the figure."""
        if len(segment) == 1:
            return (self.seen(segment[0]),)
        return self.seen(segment[0]), self.seen(segment[1]), self.seen(segment[2])


def place_boxes(plan: Plan) -> Iterator[Shape]:
    """The shapes of all boxes, in the order of the diagram."""
    for number, box in enumerate(plan.diagram.boxes):
        if box.cells:
            middle = plan.seen((plan.middle(number), plan.sheet.y[number]))
            yield from cell_shapes(box, plan.sizes.cells[number], middle, plan.style)
        else:
            yield _shape(plan, number, plan.sizes.boxes[number])


def _shape(plan: Plan, number: int, text: Typeset | None) -> Shape:
    """A box at its place, with its label."""
    box, extent = plan.diagram.boxes[number], plan.grid.slots[number].extent
    x, y = plan.seen((plan.middle(number), plan.sheet.y[number]))
    w, h = plan.seen((extent.width, extent.above + extent.below))
    placed = None
    if text is not None and box.label is not None and text.marks:
        if box.kind in ("gate", "layer"):
            corner = (x - text.width / 2, y - text.height / 2 + _sink(text, plan.style))
        elif plan.down:
            corner = (x - text.width / 2, y - text.height / 2)
        else:
            start = x - w / 2 + (plan.style.side_gap if box.kind == "output" else 0.0)
            corner = (start, y - ascent(box, text, plan.style))
        placed = Placed(box.label, *corner, type_size(box, plan.style), text)
    forms: dict[str, Form] = {"gate": "disc" if w == h else "pill", "layer": "block", "fork": "dot"}
    form = forms.get(box.kind, "none")
    if form == "none" and not plan.down:
        y += (extent.below - extent.above) / 2
    return Shape(box.id, box.kind, form, x, y, w, h, placed, box.note, strong=box.strong)


def _sink(text: Typeset, style: Style) -> float:
    """How much lower small letters with descenders ("exp") stand: by eye, their x-height counts."""
    descent = text.height - text.baseline
    return descent * 0.35 if text.baseline < 0.55 * style.gate and descent > 0 else 0.0


def place_wires(plan: Plan) -> list[Curve]:
    """All wires, in the order of the diagram; what is set on one is the first label above it."""
    arrivals = _arrivals(plan)
    curves = [_curve(plan, wire, arrivals[wire]) for wire in range(len(plan.diagram.wires))]
    columns = [[plan.grid.slots[slot].column for slot in row] for row in plan.grid.rows]
    # What comes from inputs and forks stands in columns that are read from top to bottom.
    movable = [
        len(row) == 1 and plan.diagram.boxes[source].kind not in ("input", "fork", "constant")
        for row, source in zip(plan.grid.rows, plan.link.source, strict=True)
    ]
    curves = centre_labels(curves, columns, movable, 1 if plan.down else 0)
    return [_with_back(plan, curve) for curve in curves] if plan.style.back else curves


def _with_back(plan: Plan, curve: Curve) -> Curve:
    """The wire with an arrow back between it and its gradient, as long as its labels."""
    if not curve.below:
        return curve
    left, top, right, bottom = around(label.rectangle for label in curve.labels)
    begin, end = (top, bottom) if plan.down else (left, right)
    longer = max(0.0, LEAST_BACK - (end - begin)) / 2 + plan.style.side_gap / 2
    near = min(label.rectangle[0 if plan.down else 1] for label in curve.below)
    beside = near - (plan.style.back + plan.style.text_gap + (BESIDE if plan.down else 0.0)) / 2
    return replace(
        curve, back=(plan.seen((end + longer, beside)), plan.seen((begin - longer, beside)))
    )


def _arrivals(plan: Plan) -> list[float]:
    """Where each wire meets its target: the angle at a round gate, else how far off its middle."""
    arrivals = [0.0] * len(plan.diagram.wires)
    for box, wires in enumerate(plan.link.into):
        kind, slot = plan.diagram.boxes[box].kind, plan.grid.slots[box]
        if kind != "gate" and not is_block(kind):
            continue
        offsets = [plan.y[plan.grid.rows[wire][-1]] - plan.y[box] for wire in wires]
        if is_block(kind):
            found = arrival_heights(offsets, slot.extent.above - plan.style.corner)
        elif _flat(slot.extent):
            radius = slot.extent.width / 2
            half = slot.extent.above - radius + _ROUND_PART * radius
            found = arrival_heights(offsets, half)
        else:
            found = arrival_angles(offsets, plan.gap[slot.column] + slot.extent.above)
        for wire, arrival in zip(wires, found, strict=True):
            arrivals[wire] = arrival
    return arrivals


def _flat(extent: Extent) -> bool:
    """Whether wires meet a gate on its long side, as wide gates in figures from top to bottom."""
    return extent.above > extent.width / 2


def _curve(plan: Plan, number: int, arrival: float) -> Curve:
    """One wire through its slots, with its labels."""
    wire, row, sheet = plan.diagram.wires[number], plan.grid.rows[number], plan.sheet
    before, target = plan.link.source[number], plan.link.target[number]
    end = plan.middle(before) + plan.grid.slots[before].extent.width / 2
    path = Path((end, sheet.y[before]), [])
    path.line((sheet.right[before], sheet.y[before]))
    for slot in row:
        _turn(plan, path, before)
        step(path, (sheet.left[slot], sheet.y[slot]))
        path.line((sheet.right[slot], path.end[1]))
        before = slot
    _turn(plan, path, before)
    head = _finish(plan, path, target, arrival)
    above, below = _labels(plan, number, row[0])
    return Curve(
        wire.source,
        wire.target,
        wire.position,
        plan.seen(path.start),
        tuple(plan.segment(segment) for segment in path.segments),
        _widened(plan, wire, head) if head else None,
        above,
        below,
        wire.strong,
        flow=wire.flow,
    )


def _widened(plan: Plan, wire: Wire, head: Head) -> Head:
    """The arrow head as it is seen, wider where the wire is nearly as wide as it."""
    tip, one, other = head
    width = plan.style.wire(wire.strong, wire.flow)[1]
    by = max(1.0, 2.2 * width / plan.style.head_width) if wire.flow else 1.0
    (x, y), (x2, y2) = one, other
    side = ((x - x2) / 2 * (by - 1), (y - y2) / 2 * (by - 1))
    wide = (x + side[0], y + side[1]), (x2 - side[0], y2 - side[1])
    return plan.seen(tip), plan.seen(wide[0]), plan.seen(wide[1])


def _turn(plan: Plan, path: Path, slot: int) -> None:
    """Go to the next row, if a row ends after the slot."""
    if slot in plan.sheet.turns:
        go_round(path, plan.sheet.turns[slot])


def _finish(plan: Plan, path: Path, target: int, arrival: float) -> Head | None:
    """Draw the wire's last piece; the arrow head, if there is one."""
    kind, extent = plan.diagram.boxes[target].kind, plan.grid.slots[target].extent
    left, y = plan.sheet.left[target], plan.sheet.y[target]
    if kind == "gate" and _flat(extent):
        radius = extent.width / 2
        beyond = max(0.0, abs(arrival) - extent.above + radius)
        sunk = radius - sqrt(radius**2 - beyond**2) - plan.style.gate_width / 2
        return point_at(path, (left + sunk, y + arrival), plan.style)
    if kind == "gate":
        radius = extent.above
        return enter(path, (left + radius, y), radius, arrival, plan.style)
    if is_block(kind):
        return point_at(path, (left, y + arrival), plan.style)
    if kind == "output":
        return point_at(path, (left, y), plan.style)
    step(path, (left, y))
    path.line((plan.middle(target), path.end[1]))
    return None


def _labels(plan: Plan, number: int, slot: int) -> tuple[tuple[Placed, ...], tuple[Placed, ...]]:
    """The labels of a wire on its two sides, beside its first slot."""
    wire, sizes, style = plan.diagram.wires[number], plan.sizes, plan.style
    above, below, on = sizes.above[number], sizes.below[number], sizes.on[number]
    sheet = plan.sheet
    x, y = plan.seen(((sheet.left[slot] + sheet.right[slot]) / 2, sheet.y[slot]))
    if plan.down:
        both = (*above, *below)
        base = y + (rise(both) - fall(both)) / 2
        beside = style.text_gap + BESIDE + (on.width / 2 + ON_PADDING if on else 0.0)
        start = x - beside - length(above, style)
        placed = _row(wire.above, above, (start, base), style)
        others = _row(wire.below, below, (x + beside + style.back, base), style)
    else:
        up = y - lift(on) - style.text_gap - fall(above)
        base = y + lift(on) + style.back + style.text_gap + rise(below)
        placed = _row(wire.above, above, (x - length(above, style) / 2, up), style)
        others = _row(wire.below, below, (x - length(below, style) / 2, base), style)
    if wire.on and on:
        corner = x - on.width / 2, y - on.height / 2
        placed = (Placed(wire.on, *corner, style.number, on), *placed)
    return placed, others


def _row(
    labels: Sequence[Label], texts: Sequence[Typeset], at: Point, style: Style
) -> tuple[Placed, ...]:
    """Labels side by side on one baseline."""
    (x, base), placed = at, []
    for label, text in zip(labels, texts, strict=True):
        placed.append(Placed(label, x, base - text.baseline, style.number, text))
        x += text.width + style.word_gap
    return tuple(placed)
