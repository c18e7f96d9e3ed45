"""Colours and styles at the top of a TikZ picture, and numbers as TikZ reads them."""

from __future__ import annotations

from collections.abc import Iterator

from graphdiff.rendering.heat import Heat, colour
from graphdiff.rendering.scene import Point, Scene
from graphdiff.rendering.styles import Style

__all__ = ["AXIS", "COLUMN_GAP", "at", "decimal", "definitions", "font", "level", "sizes", "tone"]

# Lines are as far apart as rows of our own matrices, in units of the type size.
_LINE = 1.45
COLUMN_GAP = 2.5
"""Half of what is between the columns of a matrix, in points."""
AXIS = 0.25
"""Where a dash would be, above the baseline, in units of the type size."""
# The frame of a thumbnail.
_FRAME, _FRAME_COLOUR = 0.5, "8C959F"


def definitions(scene: Scene) -> Iterator[str]:
    """Colours, styles, and the figure's edge."""
    yield from _colours(scene)
    if any("array}" in label.label.latex or "matrix}" in label.label.latex for label in scene.labels):
        yield rf"\setlength\arraycolsep{{{COLUMN_GAP}bp}}"
    yield r"\tikzset{"
    yield from (f"  {name}/.style={{{keys}}}," for name, keys in _styles(scene))
    yield "}"
    edge = f"(0,0) rectangle {at((scene.width, scene.height))}"
    yield rf"\path[use as bounding box] {edge};"
    if scene.style.paper.lower() != "#ffffff":
        yield rf"\fill[paper] {edge};"


def _colours(scene: Scene) -> Iterator[str]:
    used = {label.label.ink for label in scene.labels} - {"ink", "muted"}
    for name in ("paper", "line", "ink", "muted", *sorted(used)):
        yield _colour(name, getattr(scene.style, name))
    heats: list[Heat] = [label.label.heat for label in scene.labels if label.label.heat]
    for step in sorted({step for heat in heats for row in heat.levels for step in row}):
        yield _colour(tone(step), f"#{bytes(colour(step)).hex()}")


def _colour(name: str, code: str) -> str:
    return rf"\definecolor{{{name}}}{{HTML}}{{{code[1:].upper()}}}"


def _styles(scene: Scene) -> Iterator[tuple[str, str]]:
    """Names and keys of all styles that the scene uses, and of a few more to edit with."""
    style = scene.style
    for size, name in sizes(style).items():
        yield name, f"font={font(size)}"
    yield "wire", f"draw=line, line width={decimal(style.wire_width)}bp"
    tip = f"length={decimal(style.head_length)}bp, width={decimal(style.head_width)}bp"
    yield "arrow", f"wire, -{{Triangle[{tip}, line width=0pt]}}"
    yield from _outlines(style)
    gap = f"inner sep=0pt, outer xsep={decimal(style.side_gap)}bp, outer ysep=0pt"
    for name, size, ink, text in (
        ("leaf", style.variable, "ink", "name text"),
        ("constant", style.number, "muted", "number text"),
    ):
        yield name, f"anchor=east, {gap}, text={ink}, {text}, {level(size, AXIS * size)}"
    yield "label on wire", "anchor=base, inner sep=0pt, outer sep=0pt, number text"
    if any(label.label.heat for label in scene.labels):
        yield "thumbnail", f"draw={{rgb,255:red,140; green,149; blue,159}}, line width={_FRAME}bp"
    for ink in sorted({label.label.ink for label in scene.labels}):
        yield ink, f"text={ink}"


def _outlines(style: Style) -> Iterator[tuple[str, str]]:
    paint = f"draw=line, fill=paper, line width={decimal(style.gate_width)}bp"
    size = f"minimum size={decimal(style.gate_diameter)}bp, inner sep=0pt"
    yield "gate", f"circle, {size}, {paint}, text=ink, sign text"
    yield "pill", f"gate, rectangle, rounded corners={decimal(style.gate_diameter / 2)}bp"
    yield "block", f"gate, rectangle, rounded corners={decimal(style.corner)}bp"
    dot = f"circle, fill=line, minimum size={decimal(style.fork_diameter)}bp"
    yield "fork", f"{dot}, inner sep=0pt, outer sep=0pt"
