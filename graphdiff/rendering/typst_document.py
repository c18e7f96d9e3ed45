"""A scene as a Typst document, and through Typst as PDF and PNG.

Everything is placed natively, at the scene's coordinates: text stays text that can be selected
and searched, with its fonts embedded, and the page is exactly as large as the figure.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from graphdiff.rendering.escaping import typst_string
from graphdiff.rendering.heat import typst_image
from graphdiff.rendering.scene import Curve, Placed, Point, Scene, Shape
from graphdiff.rendering.styles import Style
from graphdiff.rendering.typeset import fonts, needs_korean, preamble

if TYPE_CHECKING:
    import typst

__all__ = ["to_pdf", "to_png", "to_typst"]

# The clock has no part in the bytes.
_TIMESTAMP = 0


def to_typst(scene: Scene) -> str:
    """The scene as Typst source: one page of the figure's size, coordinates in points."""
    return "\n".join(_lines(scene)) + "\n"


def to_pdf(scene: Scene) -> bytes:
    """The scene as a PDF of one page, the same bytes on every run."""
    return _single(_compiler(scene).compile(format="pdf", timestamp=_TIMESTAMP))


def to_png(scene: Scene, ppi: float = 192.0) -> bytes:
    """The scene as a PNG with ``ppi`` pixels an inch, the same bytes on every run."""
    return _single(_compiler(scene).compile(format="png", ppi=ppi))


def _compiler(scene: Scene) -> typst.Compiler:
    import typst

    return typst.Compiler(to_typst(scene).encode(), font_paths=fonts(_is_korean(scene)))


def _single(output: bytes | list[bytes] | None) -> bytes:
    """The only page of a compiled figure."""
    if isinstance(output, list):
        (output,) = output
    assert output is not None  # no output file was asked for
    return output


def _is_korean(scene: Scene) -> bool:
    return needs_korean(placed.label.typst for placed in scene.labels)


def _lines(scene: Scene) -> Iterator[str]:
    style = scene.style
    title, description = typst_string(scene.title), typst_string(scene.description)
    yield f"#set document(title: {title}, description: {description}, date: none)"
    page = f"width: {_pt(scene.width)}, height: {_pt(scene.height)}, margin: 0pt"
    yield f'#set page({page}, fill: rgb("{style.paper}"))'
    yield preamble(_is_korean(scene)).rstrip()
    yield f'#let line-colour = rgb("{style.line}")'
    for ink in sorted({placed.label.ink for placed in scene.labels}):
        yield f'#let {ink} = rgb("{style.colour(ink)}")'
    yield f"#let wire = (paint: line-colour, thickness: {_pt(style.wire_width)})"
    yield f"#let outline = (paint: line-colour, thickness: {_pt(style.gate_width)})"
    # The empty box keeps the baseline in the frame, as it was when the label was measured.
    yield "#let base = box(width: 0pt, height: 0pt)"
    yield "#let label(x, y, size, ink, it) = {"
    yield "  place(dx: x, dy: y, text(size: size, fill: ink)[#it#base])\n}"
    for curve in scene.curves:
        yield from _wire(curve)
    for shape in scene.shapes:
        yield from _shape(shape, style)


def _wire(curve: Curve) -> Iterator[str]:
    """A wire, its arrow head and its labels."""
    parts = [f"curve.move({_point(curve.start)})"]
    for segment in curve.segments:
        kind = "line" if len(segment) == 1 else "cubic"
        parts.append(f"curve.{kind}({', '.join(map(_point, segment))})")
    yield f"#place(curve(stroke: wire, {', '.join(parts)}))"
    if curve.head:
        yield f"#place(polygon(fill: line-colour, {', '.join(map(_point, curve.head))}))"
    for placed in curve.labels:
        yield _label(placed)


def _shape(shape: Shape, style: Style) -> Iterator[str]:
    """A box's outline and its label."""
    corner = f"dx: {_pt(shape.x - shape.w / 2)}, dy: {_pt(shape.y - shape.h / 2)}"
    size = f"width: {_pt(shape.w)}, height: {_pt(shape.h)}"
    fill = f'fill: rgb("{style.paper}"), stroke: outline'
    if shape.form == "disc":
        yield f"#place({corner}, ellipse({size}, {fill}))"
    elif shape.form in ("pill", "block"):
        radius = shape.h / 2 if shape.form == "pill" else style.corner
        yield f"#place({corner}, rect({size}, radius: {_pt(radius)}, {fill}))"
    elif shape.form == "dot":
        yield f"#place({corner}, ellipse({size}, fill: line-colour))"
    if shape.label:
        yield _label(shape.label)


def _label(placed: Placed) -> str:
    """A label, its frame moved so that its ink is where the scene says."""
    if placed.label.heat:
        corner = f"dx: {_pt(placed.x)}, dy: {_pt(placed.y)}"
        return f"#place({corner}, {typst_image(placed.label.heat)})"
    x, y = _pt(placed.x - placed.text.left), _pt(placed.y - placed.text.top)
    ink, math = placed.label.ink, placed.label.typst.strip()
    return f"#label({x}, {y}, {_pt(placed.size)}, {ink})[${math}$]"


def _point(at: Point) -> str:
    return f"({_pt(at[0])}, {_pt(at[1])})"


def _pt(value: float) -> str:
    text = f"{value:.3f}".rstrip("0").rstrip(".")
    return ("0" if text == "-0" else text) + "pt"
