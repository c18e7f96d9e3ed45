"""Layers of neurons side by side: where circles stand, and where numbers have room on edges.

Labels of the edges that leave a layer stand at one distance from it, 1/(n+1) of the way to a layer
of n, where all edges between evenly spaced circles are evenly spaced as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import hypot

from graphdiff.drawing.parts.diagram import Box, Diagram, Label
from graphdiff.drawing.parts.geometry import grown
from graphdiff.drawing.parts.outlines import Typeset
from graphdiff.drawing.parts.scene import Curve, Head, Placed, Point, Scene, Shape
from graphdiff.drawing.parts.styles import Style
from graphdiff.drawing.parts.typeset import Text, typeset

from .framing import frame, read_ratio
from .levels import Links, links
from .sizes import Sizes, fall, length, measure, rise

__all__ = ["arrange_network"]

# How steep edges are at most, and the least distance of circles in a layer and between layers.
_SLOPE, _DOWN, _ACROSS = 0.5, 20.0, 70.0
# Between a circle and the numbers below it, the length of a bias's arrow, and around labels.
_BELOW, _BIAS, _CLEAR = 4.0, 15.0, 3.0
_PADDING = 5.0
# What a patch of paper is larger than its number.
_PATCH, _TRIM = 2.0, 0.4


def arrange_network(diagram: Diagram, style: Style, fit: str | None = None) -> Scene:
    """Lay out a network whose columns are known, from left to right."""
    plan = _Plan(diagram, style)
    shapes = [*plan.circles(), *plan.captions()]
    biases, arrows = plan.biases()
    edges = list(plan.edges())
    curves = [*(curve for curve, _ in edges), *arrows]
    patches = [patch for _, found in edges for patch in found]
    ratio = read_ratio(fit) if fit else None
    return frame(diagram, style, [*shapes, *biases, *patches], curves, ratio)


@dataclass(slots=True)
class _Gap:
    """What is between two layers: edges with numbers, as wide and high as the largest."""

    targets: int
    width: float
    height: float

    def pitch(self) -> float:
        """The distance of circles at which numbers have room on every edge."""
        return (self.targets + 1) * self.height if self.height else 0.0


class _Plan:
    """Places of everything in a network."""

    def __init__(self, diagram: Diagram, style: Style) -> None:
        self.diagram, self.style = diagram, style
        self.link: Links = links(diagram)
        self.sizes: Sizes = measure(diagram, style)
        self.index = {box.id: number for number, box in enumerate(diagram.boxes)}
        self.columns = [[self.index[name] for name in column.boxes] for column in diagram.columns]
        self.radius = max(
            [style.gate_diameter / 2]
            + [
                hypot(texts[0].width, texts[0].height) / 2 + _PADDING
                for texts in self.sizes.cells
                if texts
            ]
        )
        rows = (length(texts[1:], style) / 2 for texts in self.sizes.cells)
        self.half = max([self.radius, *rows])
        # Edges pass above the numbers below their circle.
        self.slope = min(_SLOPE, (self.radius + _BELOW - _CLEAR) / self.half)
        gaps = [self.gap(column) for column in self.columns[1:]]
        self.pitch = max([self.room(), *(gap.pitch() for gap in gaps)])
        self.gaps = gaps
        self.at = self.places()

    def gap(self, column: Sequence[int]) -> _Gap:
        """The gap before a layer."""
        wires = [wire for box in column for wire in self.link.into[box] if self.is_edge(wire)]
        rows = [(*self.sizes.above[wire], *self.sizes.below[wire]) for wire in wires]
        width = max((length(row, self.style) for row in rows), default=0.0)
        height = max((rise(row) + fall(row) for row in rows), default=0.0)
        if not width:
            return _Gap(len(column), 0.0, 0.0)
        # One patch beside another, and beside an edge that passes as steeply as edges may be.
        apart = max(height + 4 * _PATCH, height / 2 + _SLOPE * width / 2 + 3 * _PATCH)
        return _Gap(len(column), width + 2 * _PATCH, apart)

    def is_edge(self, wire: int) -> bool:
        """Whether a wire is no bias."""
        return self.diagram.boxes[self.link.source[wire]].kind == "neuron"

    def room(self) -> float:
        """The height of a circle with what stands above and below it."""
        biased = any(box.kind == "constant" for box in self.diagram.boxes)
        numbered = any(len(texts) > 1 for texts in self.sizes.cells)
        line = self.style.number + _BELOW
        return 2 * self.radius + _DOWN + line * numbered + (line + _BIAS) * biased

    def places(self) -> dict[int, Point]:
        """The middles of all circles."""
        found: dict[int, Point] = {}
        x = 0.0
        for number, column in enumerate(self.columns):
            if number:
                x += self.across(number)
            top = -(len(column) - 1) / 2 * self.pitch
            for place, box in enumerate(column):
                found[box] = (x, top + place * self.pitch)
        return found

    def across(self, number: int) -> float:
        """The distance of a layer from the one before it, at which no edge is too steep."""
        before, column, gap = self.columns[number - 1], self.columns[number], self.gaps[number - 1]
        places = {
            box: at - len(boxes) / 2 for boxes in (before, column) for at, box in enumerate(boxes)
        }
        climbs = [
            abs(places[box] - places[self.link.source[wire]])
            for box in column
            for wire in self.link.into[box]
            if self.link.source[wire] in places
        ]
        beside = (gap.targets + 1) * (self.half + gap.width / 2 + 2 * _CLEAR) if gap.width else 0.0
        level = (
            max(climbs, default=0.0)
            * self.pitch
            / (self.slope if gap.width or self.half > self.radius else 2 * _SLOPE)
        )
        return max(2 * self.radius + _ACROSS, beside, level)

    def circles(self) -> Iterator[Shape]:
        """The circles with their names, and the numbers below them."""
        for number, box in enumerate(self.diagram.boxes):
            if number not in self.at:
                continue
            (x, y), size = self.at[number], 2 * self.radius
            if box.kind != "neuron":
                text = self.sizes.boxes[number]
                label = _centred(box.label, text, (x, y), self.style.variable) if text else None
                yield Shape(box.id, box.kind, "none", x, y, 0.0, 0.0, label, box.note)
                continue
            name, *numbers = zip(box.cells, self.sizes.cells[number], strict=True)
            label = _centred(name[0], name[1], (x, y), self.style.number)
            yield Shape(box.id, "neuron", "disc", x, y, size, size, label, box.note, "", box.strong)
            texts = [text for _, text in numbers]
            base = y + self.radius + _BELOW + rise(texts)
            for part, placed in enumerate(self.row(numbers, (x, base))):
                yield _bare(f"{box.id}.{part}", box, placed)

    def row(self, labels: Sequence[tuple[Label, Typeset]], at: Point) -> Iterator[Placed]:
        """Labels side by side, in the middle of a place on their baseline."""
        texts = [text for _, text in labels]
        x = at[0] - length(texts, self.style) / 2
        for label, text in labels:
            yield Placed(label, x, at[1] - text.baseline, self.style.number, text)
            x += text.width + self.style.word_gap

    def captions(self) -> Iterator[Shape]:
        """What the neurons of each layer have in common, below them."""
        below = (
            self.style.number + _BELOW if any(len(texts) > 1 for texts in self.sizes.cells) else 0
        )
        bottom = max(y for _, y in self.at.values()) + self.radius + below + _DOWN
        captions = [column.caption for column in self.diagram.columns]
        texts = typeset([Text(label.typst if label else "", self.style.gate) for label in captions])
        for number, (label, text) in enumerate(zip(captions, texts, strict=True)):
            if label:
                x = self.at[self.columns[number][0]][0]
                place = _centred(label, text, (x, bottom), self.style.gate)
                yield Shape(f"caption{number}", "note", "none", x, bottom, 0.0, 0.0, place)

    def edges(self) -> Iterator[tuple[Curve, list[Shape]]]:
        """The edges between circles, and their numbers on patches of paper."""
        for number, wire in enumerate(self.diagram.wires):
            source, target = self.link.source[number], self.link.target[number]
            if source not in self.at or target not in self.at:
                continue
            one, other = self.at[source], self.at[target]
            start, end, head = _between(one, other, self.radius, self.style)
            column = next(boxes for boxes in self.columns if target in boxes)
            part = 1 / (len(column) + 1)
            x, y = one[0] + part * (other[0] - one[0]), one[1] + part * (other[1] - one[1])
            texts = (*self.sizes.above[number], *self.sizes.below[number])
            labels = list(zip((*wire.above, *wire.below), texts, strict=True))
            base = y + (rise(texts) - fall(texts)) / 2
            curve = Curve(
                wire.source, wire.target, wire.position, start, ((end,),), head, strong=wire.strong
            )
            yield (
                curve,
                [
                    _patch(curve.id, label, self.style.word_gap)
                    for label in self.row(labels, (x, base))
                ],
            )

    def biases(self) -> tuple[list[Shape], list[Curve]]:
        """Biases above their neurons: name, value and gradient, and an arrow down."""
        shapes, arrows = list[Shape](), list[Curve]()
        for target, wires in enumerate(self.link.into):
            own = [wire for wire in wires if not self.is_edge(wire)]
            if not own:
                continue
            x, y = self.at[target]
            labels = [label for wire in own for label in self.bias(wire)]
            base = y - self.radius - _BIAS - _CLEAR - fall([text for _, text in labels])
            placed = list(self.row(labels, (x, base)))
            tip = (x, y - self.radius - self.style.gate_width / 2)
            for wire in own:
                box = self.diagram.boxes[self.link.source[wire]]
                mine, placed = placed[: len(self.bias(wire))], placed[len(self.bias(wire)) :]
                shapes += [_bare(f"{box.id}.{n}", box, label) for n, label in enumerate(mine)]
            source = self.diagram.boxes[self.link.source[own[0]]].id
            start = (x, tip[1] - _BIAS)
            end, head = _head(start, tip, self.style)
            arrows.append(
                Curve(source, self.diagram.boxes[target].id, len(wires), start, ((end,),), head)
            )
        return shapes, arrows

    def bias(self, wire: int) -> list[tuple[Label, Typeset]]:
        """What is written of a bias."""
        box, text = self.diagram.boxes[self.link.source[wire]], self.sizes.boxes
        name = text[self.link.source[wire]]
        one = self.diagram.wires[wire]
        labels = [*zip(one.above, self.sizes.above[wire], strict=True)]
        labels += zip(one.below, self.sizes.below[wire], strict=True)
        return [(box.label, name), *labels] if box.label and name else labels


def _centred(label: Label | None, text: Typeset, at: Point, size: float) -> Placed | None:
    """A label in the middle of a place."""
    if label is None:
        return None
    return Placed(label, at[0] - text.width / 2, at[1] - text.height / 2, size, text)


def _patch(wire: str, label: Placed, apart: float) -> Shape:
    """A number on an edge, which it covers; patches side by side leave nothing between them."""
    left, top, right, bottom = grown(label.rectangle, apart / 2 + _TRIM)
    top, bottom = label.y - _PATCH, label.y + label.h + _PATCH
    middle = (left + right) / 2, (top + bottom) / 2
    return Shape(wire, "local", "patch", *middle, right - left, bottom - top, label)


def _bare(name: str, box: Box, label: Placed) -> Shape:
    """A label of a box that has no shape of its own."""
    left, top, right, bottom = label.rectangle
    middle = (left + right) / 2, (top + bottom) / 2
    return Shape(name, "note", "none", *middle, 0.0, 0.0, label, box.note, box.id)


def _between(one: Point, other: Point, radius: float, style: Style) -> tuple[Point, Point, Head]:
    """A straight edge from circle to circle."""
    way = hypot(other[0] - one[0], other[1] - one[1])
    x, y = (other[0] - one[0]) / way, (other[1] - one[1]) / way
    reach = radius + style.gate_width / 2
    start = (one[0] + x * reach, one[1] + y * reach)
    tip = (other[0] - x * reach, other[1] - y * reach)
    return (start, *_head(start, tip, style))


def _head(start: Point, tip: Point, style: Style) -> tuple[Point, Head]:
    """Where a straight line ends below its arrow head, and the head."""
    way = hypot(tip[0] - start[0], tip[1] - start[1])
    x, y = (tip[0] - start[0]) / way, (tip[1] - start[1]) / way
    back = (tip[0] - x * style.head_length, tip[1] - y * style.head_length)
    half = style.head_width / 2
    end = (back[0] + x, back[1] + y)
    return end, (
        tip,
        (back[0] - y * half, back[1] + x * half),
        (back[0] + y * half, back[1] - x * half),
    )
