"""How large things are: labels as typeset, and the room that boxes and wires need for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import fsum, hypot

from graphdiff.drawing.parts.cells import cell_room
from graphdiff.drawing.parts.diagram import Box, Diagram, Label, is_block
from graphdiff.drawing.parts.heat import typeset_heat
from graphdiff.drawing.parts.outlines import Typeset
from graphdiff.drawing.parts.styles import Style
from graphdiff.drawing.parts.typeset import Text, needs_korean, typeset

from .grid import Extent
from .routing import SIDE_PITCH

__all__ = [
    "BESIDE", "LEAST_BACK", "ON_PADDING", "Sizes", "ascent", "band", "band_down", "fall", "length",
    "lift", "measure", "rise", "room", "room_down", "type_size",
]  # fmt: skip

# Around a label that is set in a box on its wire, and what is added to the gap between a text and
# an upright wire, to which it comes nearer than to a level one.
ON_PADDING, BESIDE = 3.0, 1.5

# Heights above the baseline, in units of the type size, at which a wire meets a name: where a
# dash would be, which for Korean is higher.
_AXIS, _KOREAN_AXIS = 0.25, 0.36
# A gate with many operands grows so that their arrows stay apart.
_ARROW_PITCH = 8.0
# Names keep this distance from their row's edge, so that rows without numbers are not cramped.
_NAME_ROOM = 7.0
# A wire without labels is this long, plus its gaps.
_BARE = 8.0
# An arrow that goes back is at least so long.
LEAST_BACK = 24.0


@dataclass(frozen=True, slots=True)
class Sizes:
    """Every label of a diagram, typeset: those of the boxes, and per wire those on each side.

    ``on`` has what is set on the wires themselves, and ``cells`` what records and cards hold.
    """

    boxes: tuple[Typeset | None, ...]
    above: tuple[tuple[Typeset, ...], ...]
    below: tuple[tuple[Typeset, ...], ...]
    on: tuple[Typeset | None, ...]
    cells: tuple[tuple[Typeset, ...], ...]


_SMALL = 0.6
"""The size of a gate that computes nothing, in gates."""


def measure(diagram: Diagram, style: Style) -> Sizes:
    """Typeset all labels at once."""
    texts = [
        Text(box.label.typst if box.label else "", type_size(box, style)) for box in diagram.boxes
    ]
    for wire in diagram.wires:
        texts += [Text(label.typst, style.number) for label in (*wire.above, *wire.below)]
    on = [wire.on for wire in diagram.wires]
    texts += [Text(label.typst if label else "", style.number) for label in on]
    texts += [Text(label.typst, style.number) for box in diagram.boxes for label in box.cells]
    made = iter(typeset(texts))
    boxes = tuple(next(made) for _ in diagram.boxes)

    def measured(labels: Iterable[Label]) -> tuple[Typeset, ...]:
        return tuple(
            typeset_heat(label.heat, style.number) if label.heat else text
            for label, text in zip(labels, made, strict=False)
        )

    rows = [(measured(wire.above), measured(wire.below)) for wire in diagram.wires]
    middles = [next(made) for _ in on]
    return Sizes(
        tuple(text if box.label else None for box, text in zip(diagram.boxes, boxes, strict=True)),
        tuple(above for above, _ in rows),
        tuple(below for _, below in rows),
        tuple(text if label else None for text, label in zip(middles, on, strict=True)),
        tuple(measured(box.cells) for box in diagram.boxes),
    )


def type_size(box: Box, style: Style) -> float:
    """The type size of a box's label: variables are larger than numbers."""
    if box.small:
        return style.number
    if box.kind == "gate":
        return style.symbol if box.label and len(box.label.plain) == 1 else style.gate
    return style.number if box.kind == "constant" else style.variable


def room(
    box: Box, text: Typeset | None, operands: int, style: Style, cells: Sequence[Typeset] = ()
) -> Extent:
    """The room that a box takes, wire at half height."""
    if cells:
        width, height = cell_room(box.kind, cells, style)
        return Extent(width, height / 2, height / 2)
    if box.kind == "fork":
        radius = style.fork_diameter / 2
        return Extent(style.fork_diameter, radius, radius)
    if box.kind not in ("gate", "layer"):
        if text is None:
            return Extent(0.0, 0.0, 0.0)
        above = ascent(box, text, style)
        return Extent(
            text.width + style.side_gap,
            max(_NAME_ROOM, above),
            max(_NAME_ROOM, text.height - above),
        )
    height = max(style.gate_diameter, _ARROW_PITCH * operands)
    if box.small:
        height = _SMALL * style.gate_diameter
    width = height
    if box.kind == "layer" and text is not None:
        # Any one of its wires may be level with its middle.
        side = 2 * (style.corner + SIDE_PITCH * (operands - 1))
        height = max(style.gate_diameter, side, text.height + 5 * style.gate_padding)
        # Sums of many terms are upright.
        least = style.gate_diameter if box.commutes else height
        width = max(least, text.width + 6 * style.gate_padding)
    elif text is not None and not box.small:
        height = max(height, text.height + 4 * style.gate_padding)
        width = height
        if hypot(text.width, text.height) / 2 > height / 2 - style.gate_padding:
            width = text.width + 0.62 * height
    return Extent(max(width, height), height / 2, height / 2)


def room_down(
    box: Box, text: Typeset | None, operands: int, style: Style, cells: Sequence[Typeset] = ()
) -> Extent:
    """The same for a figure from top to bottom: the width along the wire is the box's height."""
    if box.kind in ("input", "constant", "output"):
        if text is None:
            return Extent(0.0, 0.0, 0.0)
        half = max(_NAME_ROOM, text.width / 2)
        return Extent(text.height + 2 * style.side_gap, half, half)
    level = room(box, text, operands if box.kind == "gate" else 1, style, cells)
    half = level.width / 2
    if is_block(box.kind):
        half = max(half, style.corner + SIDE_PITCH * max(0, operands - 1))
    return Extent(level.above + level.below, half, half)


def ascent(box: Box, text: Typeset, style: Style) -> float:
    """How far a name reaches above the height of its wire."""
    korean = box.label is not None and needs_korean([box.label.typst])
    return text.baseline - type_size(box, style) * (_KOREAN_AXIS if korean else _AXIS)


def band(
    above: Sequence[Typeset], below: Sequence[Typeset], style: Style, on: Typeset | None = None
) -> Extent:
    """The room that a wire's labels take around it."""
    middle = on.width + 2 * ON_PADDING if on else 0.0
    width = max(length(above, style), length(below, style), middle)
    if below and style.back:
        width = max(width, LEAST_BACK)
    return Extent(
        width + 2 * style.side_gap if width else _BARE,
        lift(on) + (style.text_gap + rise(above) + fall(above) if above else 0.0),
        lift(on) + (style.back + style.text_gap + rise(below) + fall(below) if below else 0.0),
    )


def band_down(
    above: Sequence[Typeset], below: Sequence[Typeset], style: Style, on: Typeset | None = None
) -> Extent:
    """The same for a wire that runs downwards, with its labels to its left and right."""
    texts = (*above, *below)
    high = max(rise(texts) + fall(texts), 2 * lift(on), LEAST_BACK if below and style.back else 0.0)
    beside = on.width / 2 + ON_PADDING if on else 0.0
    left, right = (
        beside
        + (back + style.text_gap + BESIDE + style.side_gap + length(row, style) if row else 0.0)
        for row, back in ((above, 0.0), (below, style.back))
    )
    return Extent(high + 2 * style.side_gap if high else _BARE, left, right)


def lift(on: Typeset | None) -> float:
    """How far a box on a wire reaches above and below it."""
    return on.height / 2 + ON_PADDING if on else 0.0


def length(texts: Sequence[Typeset], style: Style) -> float:
    """The width of texts set side by side."""
    return fsum(text.width for text in texts) + style.word_gap * max(0, len(texts) - 1)


def rise(texts: Iterable[Typeset]) -> float:
    """How far a row of texts reaches above its baseline."""
    return max((text.baseline for text in texts), default=0.0)


def fall(texts: Iterable[Typeset]) -> float:
    """How far a row of texts reaches below its baseline."""
    return max((max(0.0, text.height - text.baseline) for text in texts), default=0.0)
