r"""A scene as a TikZ picture, for people who go on with the code.

Nodes have the names of the program, wires hang on the nodes, and every colour, type size and shape
is a style at the top. Labels stay LaTeX.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import ClassVar

from graphdiff.drawing.parts.heat import FRAME, Heat
from graphdiff.drawing.parts.scene import Back, Curve, Placed, Point, Scene, Segment, Shape

from .tex_text import comment, written
from .tikz_styles import at, decimal, definitions, font, level, sizes, tone, usual_level

__all__ = ["LEAVES", "NEAR", "Writer", "pieces"]

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Points: nearer than this two places are the same.
NEAR = 0.12
# Cells of a thumbnail reach under their neighbours, so that no seam of paper shows.
_SEAM = 0.2
# Boxes that are nothing but their label.
LEAVES = ("input", "constant", "output")


class Writer:
    """The lines of TikZ for one scene, part by part, for those who put them together anew."""

    libraries: ClassVar[tuple[str, ...]] = ("arrows.meta",)

    def __init__(self, scene: Scene) -> None:
        self.scene, self.style = scene, scene.style
        self.names = _node_names(scene.shapes)
        self.shapes = {shape.id: shape for shape in scene.shapes}
        self.sizes = sizes(scene.style)

    def picture(self) -> Iterator[str]:
        """The whole picture: styles, boxes, wires with their labels, and what lies on wires."""
        yield r"\begin{tikzpicture}[x=1bp, y=-1bp] % y downwards"
        yield from (f"  {line}" for line in definitions(self.scene))
        for shape in self.scene.shapes:
            if shape.kind != "local":
                yield f"  {self.node(shape)}"
            if shape.form == "frame" and shape.label:
                yield from (f"  {line}" for line in self.label(shape.label))
        yield from self.wires()
        yield r"\end{tikzpicture}%"

    def wires(self) -> Iterator[str]:
        """Wires with their labels, and what lies on wires."""
        for curve in self.scene.curves:
            yield f"  {self.wire(curve)}"
            back = curve.backward(self.style)
            if back:
                yield f"  {self.back(back)}"
            for label in curve.labels:
                if not self.is_on_wire(label):
                    yield from (f"  {line}" for line in self.label(label))
        for shape in self.scene.shapes:
            if shape.kind == "local":
                yield f"  {self.node(shape)}"

    def place(self, point: Point) -> str:
        """A place on the paper."""
        return at(point)

    def is_on_wire(self, label: Placed) -> bool:
        """Whether a label is part of its wire's statement."""
        return False

    def told(self, curve: Curve, index: int) -> str:
        """The labels that are part of a piece of a wire."""
        return ""

    def node(self, shape: Shape) -> str:
        """A box, a name or a place where a wire ends, as one statement; frames have no label."""
        own, place = self.names[shape.id], (shape.x, shape.y)
        said = f" {comment(shape.note)}" if shape.note not in ("", own) else ""
        text = ""
        if shape.label and shape.form != "frame":
            text = f"${written(shape.label.label.latex)}$"
        if shape.form != "none":
            options = self.outline(shape)
        elif shape.label is None and not shape.w:
            return rf"\coordinate{self.standing([], own, place, shape)};{said}"
        elif shape.label is None:
            options = ["inner sep=0pt", *_minimum(shape)]
        elif shape.kind in LEAVES:
            options, place = self.leaf(shape, shape.label)
        else:
            options, place = self.text(shape.label)
        return rf"\node{self.standing(options, own, place, shape)} {{{text}}};{said}"

    def standing(self, options: Sequence[str], name: str, place: Point, shape: Shape) -> str:
        """Options, name and place of what stands for a shape."""
        return f"{_given(options)} ({name}) at {self.place(place)}"

    def outline(self, shape: Shape) -> list[str]:
        """The style of a shape, and where it differs from it."""
        if shape.form == "dot":
            return ["fork", "fill=accent"] if shape.strong else ["fork"]
        options: list[str] = ["gate" if shape.form == "disc" else shape.form]
        options += ["strong"] if shape.strong else []
        if shape.label and shape.form != "frame":
            options += self.font(shape.label.size, self.style.symbol)
            options += [shape.label.label.ink] if shape.label.label.ink != "ink" else []
            if shape.form == "cell" or shape.kind == "local":
                above = shape.label.y + shape.label.text.baseline - shape.y
                options.append(level(shape.label.size, above))
        usual = abs(shape.h - self.style.gate_diameter) < NEAR
        if shape.form == "disc":
            return options if usual else [*options, f"minimum size={decimal(shape.h)}bp"]
        if shape.form == "pill" and not usual:
            options.append(f"rounded corners={decimal(shape.h / 2)}bp")
        return options + _minimum(shape)[: 1 if usual else 2]

    def leaf(self, shape: Shape, label: Placed) -> tuple[list[str], Point]:
        """Options and place of a bare name: its wire starts at the dash's height, at its right."""
        small = label.size == self.style.number
        size, ink = (label.size, "muted") if small else (self.style.variable, "ink")
        options = ["constant" if small else "leaf"]
        options += [label.label.ink] if label.label.ink != ink else []
        options += self.font(label.size, size)
        above = label.y + label.text.baseline - shape.y
        if abs(above - usual_level(size)) > NEAR:
            options.append(level(label.size, above))
        right = shape.x + shape.w / 2
        if abs(right - self.style.side_gap - label.rectangle[2]) < NEAR:
            return options, (right, shape.y)
        return [*options, "anchor=center"], (label.x + label.w / 2, shape.y)

    def text(self, placed: Placed) -> tuple[list[str], Point]:
        """Options and place of a label that stands free: centred, on its baseline."""
        options = ["label on wire"]
        options += [placed.label.ink] if placed.label.ink != "ink" else []
        options += self.font(placed.size, self.style.number)
        return options, (placed.x + placed.w / 2, placed.y + placed.text.baseline)

    def font(self, size: float, usual: float) -> list[str]:
        """The style of a type size, if that is not the usual one there."""
        return [] if size == usual else [self.sizes.get(size) or f"font={font(size)}"]

    def wire(self, curve: Curve) -> str:
        """A wire from node to node, as one statement."""
        path, parts = self.end(curve.source, curve.start), pieces(curve)
        for index, segment in enumerate(parts, 1):
            way, end = "--", segment[-1]
            if len(segment) == 3:
                way = f".. controls {self.place(segment[0])} and {self.place(segment[1])} .."
            last = index == len(parts)
            to = self.end(curve.target, end) if last else self.place(end)
            path += f" {way} {self.told(curve, index - 1)}{to}"
        look = "note" if curve.kind == "note" else "arrow" if curve.head else "wire"
        return rf"\draw[{look}{', strong' if curve.strong else ''}{self.flow(curve)}] {path};"

    def back(self, arrow: Back) -> str:
        """An arrow that brings a gradient."""
        return rf"\draw[back] {self.place(arrow.start)} -- {self.place(arrow.head[0])};"

    def flow(self, curve: Curve) -> str:
        """Colour and width of a wire that shows how much gradient comes down it."""
        if curve.flow is None or curve.strong:
            return ""
        colour, width = self.style.wire(False, curve.flow)
        mixed = ";".join(
            f"{name},{int(colour[k : k + 2], 16)}"
            for name, k in (("red", 1), ("green", 3), ("blue", 5))
        )
        return f", draw={{rgb,255:{mixed}}}, line width={decimal(width)}bp"

    def end(self, box: str, place: Point) -> str:
        """A place at a node, so that the wire follows when the node is moved."""
        shape = self.shapes.get(box)
        if shape is None or (shape.form == "none" and shape.label and shape.kind not in LEAVES):
            return self.place(place)
        node, dx, dy = self.names[box], place[0] - shape.x, place[1] - shape.y
        border = self.style.gate_width
        if math.hypot(dx, dy) < NEAR:
            return f"({node})" if shape.form == "none" else f"({node}.center)"
        if abs(dy) < NEAR and abs(abs(dx) - shape.w / 2) < border:
            return f"({node}.{'east' if dx > 0 else 'west'})"
        if abs(dx) < NEAR and abs(abs(dy) - shape.h / 2) < border and shape.form != "none":
            return f"({node}.{'south' if dy > 0 else 'north'})"
        if shape.form == "disc" and abs(math.hypot(dx, dy) - shape.h / 2) < border:
            return f"({node}.{decimal(math.degrees(math.atan2(-dy, dx)) % 360)})"
        return f"([shift={{{at((dx, dy))}}}]{node}.center)"

    def label(self, placed: Placed) -> Iterator[str]:
        """A label on a wire, centred on its baseline, or a thumbnail."""
        if placed.label.heat:
            corner = self.place((placed.x + FRAME / 2, placed.y + FRAME / 2))
            yield from _thumbnail(placed.label.heat, corner)
            return
        options, place = self.text(placed)
        latex = written(placed.label.latex)
        yield rf"\node[{', '.join(options)}] at {self.place(place)} {{${latex}$}};"


def pieces(curve: Curve) -> list[Segment]:
    """The segments of a wire up to the tip of its arrow."""
    if not curve.head:
        return list(curve.segments)
    straight = bool(curve.segments) and len(curve.segments[-1]) != 3
    kept = curve.segments[:-1] if straight else curve.segments
    return [*kept, (curve.head[0],)]


def _given(options: Sequence[str]) -> str:
    return f"[{', '.join(options)}]" if options else ""


def _minimum(shape: Shape) -> list[str]:
    return [f"minimum width={decimal(shape.w)}bp", f"minimum height={decimal(shape.h)}bp"]


def _thumbnail(heat: Heat, place: str) -> Iterator[str]:
    """Its cells row by row, a step of the coordinates each, and the frame."""
    rows, columns = len(heat.levels), len(heat.levels[0])
    cell = f"x={decimal(heat.width / columns)}bp, y=-{decimal(heat.height / rows)}bp"
    yield rf"\begin{{scope}}[shift={{{place}}}, {cell}]"
    for row, levels in enumerate(heat.levels):
        start = 0
        for step, run in groupby(levels):
            end = start + len(list(run))
            corner = min(end + _SEAM, columns), min(row + 1 + _SEAM, rows)
            yield rf"  \fill[{tone(step)}] ({start},{row}) rectangle {at(corner)};"
            start = end
    yield rf"  \draw[thumbnail] (0,0) rectangle ({columns},{rows});"
    yield r"\end{scope}"


def _node_names(shapes: Iterable[Shape]) -> dict[str, str]:
    """A name in TikZ for each shape: the program's where it is a plain word, else one of ours."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for shape in shapes:
        own = re.split(" = |: ", shape.note)[0] if shape.kind in ("input", "gate", "layer") else ""
        wanted = [name for name in (own, shape.id) if _WORD.fullmatch(name)]
        name = next((name for name in wanted if name not in taken), f"node{len(names)}")
        while name in taken:
            name += "a"
        taken.add(name)
        names[shape.id] = name
    return names
