"""Colours and styles at the top of a TikZ picture, and numbers as TikZ reads them."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from graphdiff.core.support.decimals import trimmed
from graphdiff.drawing.parts.heat import FRAME, FRAME_COLOUR, colour
from graphdiff.drawing.parts.scene import Point, Scene
from graphdiff.drawing.parts.styles import Style

__all__ = [
    "at",
    "decimal",
    "definitions",
    "font",
    "has_paper",
    "level",
    "sizes",
    "styles",
    "tone",
    "usual_level",
]

# Lines are as far apart as rows of our own matrices, in units of the type size.
_LINE = 1.45
# Half of what is between the columns of a matrix, in points.
_COLUMN_GAP = 2.5
# Where a dash would be, above the baseline, in units of the type size.
_AXIS = 0.25


def definitions(scene: Scene) -> Iterator[str]:
    """Colours, styles, and the figure's edge."""
    yield from styles(scene)
    edge = f"(0,0) rectangle {at((scene.width, scene.height))}"
    yield rf"\path[use as bounding box] {edge};"
    if has_paper(scene):
        yield rf"\fill[paper] {edge};"


def has_paper(scene: Scene) -> bool:
    """Whether the figure lies on paper that is not white."""
    return scene.style.background == "card" and scene.style.paper.lower() != "#ffffff"


def styles(scene: Scene) -> Iterator[str]:
    """Colours and styles."""
    yield from _colours(scene)
    latex = [label.label.latex for label in scene.labels]
    if any(r"\begin{array}" in text or r"matrix}" in text for text in latex):
        yield rf"\setlength\arraycolsep{{{_COLUMN_GAP}bp}}"
    yield r"\tikzset{"
    yield from (f"  {name}/.style={{{keys}}}," for name, keys in _styles(scene))
    yield "}"


def _colours(scene: Scene) -> Iterator[str]:
    used = {label.label.ink for label in scene.labels} - {"ink", "muted", "accent"}
    for name in ("paper", "line", "ink", "muted", "accent", *sorted(used)):
        yield _colour(name, getattr(scene.style, name))
    if any(shape.form == "frame" for shape in scene.shapes):
        yield _colour("shade", scene.style.shade)
    heats = [label.label.heat for label in scene.labels if label.label.heat]
    if heats:
        yield _colour("thumbnail", FRAME_COLOUR)
    for step in sorted({step for heat in heats for row in heat.levels for step in row}):
        yield _colour(tone(step), f"#{bytes(colour(step)).hex()}")


def _colour(name: str, code: str) -> str:
    return rf"\definecolor{{{name}}}{{HTML}}{{{code[1:].upper()}}}"


def tone(step: int) -> str:
    """The colour of a thumbnail's cell: cold8 is the most negative, warm8 the most positive.

    >>> tone(-8), tone(0), tone(3)
    ('cold8', 'warm0', 'warm3')
    """
    return f"cold{-step}" if step < 0 else f"warm{step}"


def _styles(scene: Scene) -> Iterator[tuple[str, str]]:
    """Names and keys of the styles."""
    style = scene.style
    for size, name in sizes(style).items():
        yield name, f"font={font(size)}"
    yield "wire", f"draw=line, line width={decimal(style.wire_width)}bp"
    yield "arrow", f"wire, -{{{_tip(style)}}}"
    yield "strong", rf"draw=accent, line width={decimal(style.strong)}\pgflinewidth"
    if any(curve.kind == "note" for curve in scene.curves):
        thin = f"draw=accent, line width={decimal(0.75 * style.wire_width)}bp"
        yield "note", f"{thin}, -{{{_tip(style, 0.75, 0.7)}}}"
    if style.back:
        yield (
            "back",
            f"draw=gradient, line width={decimal(style.wide_back)}bp, -{{{_tip(style, 1.3, 1.6)}}}",
        )
    yield from _outlines(style, {shape.form for shape in scene.shapes})
    gap = f"inner sep=0pt, outer xsep={decimal(style.side_gap)}bp, outer ysep=0pt"
    for name, size, ink, text in (
        ("leaf", style.variable, "ink", "name text"),
        ("constant", style.number, "muted", "number text"),
    ):
        room = level(size, usual_level(size))
        yield name, f"anchor=east, {gap}, text={ink}, {text}, {room}"
    yield "label on wire", "anchor=base, inner sep=0pt, outer sep=0pt, text=ink, number text"
    if any(label.label.heat for label in scene.labels):
        yield "thumbnail", f"draw=thumbnail, line width={FRAME}bp"
    for ink in sorted({label.label.ink for label in scene.labels}):
        yield ink, f"text={ink}"


def _tip(style: Style, longer: float = 1.0, wider: float = 1.0) -> str:
    """The head of an arrow; those of remarks are smaller."""
    length, width = longer * style.head_length, wider * style.head_width
    return f"Triangle[length={decimal(length)}bp, width={decimal(width)}bp, line width=0pt]"


def _outlines(style: Style, forms: Collection[str]) -> Iterator[tuple[str, str]]:
    """The styles of shapes; rarer ones only where they are used."""
    paint = f"draw=line, fill=paper, line width={decimal(style.gate_width)}bp"
    size = f"minimum size={decimal(style.gate_diameter)}bp, inner sep=0pt"
    yield "gate", f"circle, {size}, {paint}, text=ink, sign text"
    yield "pill", f"gate, rectangle, rounded corners={decimal(style.gate_diameter / 2)}bp"
    yield "block", f"gate, rectangle, rounded corners={decimal(style.corner)}bp"
    if "cell" in forms:
        yield "cell", "gate, rectangle, outer sep=0pt"
    if "patch" in forms:
        yield "patch", "gate, rectangle, draw=none"
    if "frame" in forms:
        yield "frame", f"block, fill=shade, draw=accent, line width={decimal(style.wire_width)}bp"
    dot = f"circle, fill=line, minimum size={decimal(style.fork_diameter)}bp"
    yield "fork", f"{dot}, inner sep=0pt, outer sep=0pt"


def sizes(style: Style) -> dict[float, str]:
    """Names of the type sizes, for styles; the last to claim a size names it."""
    return {
        style.variable: "name text",
        style.symbol: "sign text",
        style.gate: "word text",
        style.number: "number text",
    }


def font(size: float) -> str:
    r"""LaTeX that chooses a type size.

    >>> font(10)
    '\\fontsize{10bp}{14.5bp}\\selectfont'
    """
    return rf"\fontsize{{{decimal(size)}bp}}{{{decimal(size * _LINE)}bp}}\selectfont"


def usual_level(size: float) -> float:
    """How far a wire is above the baseline of the name at which it starts."""
    return size * _AXIS


def level(size: float, above: float) -> str:
    """The room for a text of which the middle, whatever its letters, is so far above its base.

    >>> level(12, 3)
    'text height=9bp, text depth=3bp'
    """
    half = size / 2
    return f"text height={decimal(half + above)}bp, text depth={decimal(half - above)}bp"


def at(point: Point) -> str:
    """A place in the coordinates of the picture: points, y downwards."""
    return f"({decimal(point[0])},{decimal(point[1])})"


def decimal(value: float) -> str:
    """A decimal with at most two places; never an exponent or a negative zero.

    >>> decimal(-0.001), decimal(2.5)
    ('0', '2.5')
    """
    return trimmed(value, 2)
