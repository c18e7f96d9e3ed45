"""A scene as a Typst document, and through Typst as PDF and PNG.

Everything is placed natively, at the scene's coordinates: text stays text that can be selected
and searched, with its fonts embedded, and the page is exactly as large as the figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from graphdiff.core.limits import in_force
from graphdiff.core.support.decimals import trimmed
from graphdiff.drawing.parts.escaping import typst_string
from graphdiff.drawing.parts.heat import typst_image
from graphdiff.drawing.parts.scene import Curve, Placed, Point, Scene, Shape
from graphdiff.drawing.parts.styles import Style
from graphdiff.drawing.parts.typeset import needs_korean, preamble, refuse_missing_glyphs
from graphdiff.drawing.parts.typesetter import compiler
from graphdiff.errors import LimitExceeded, Unsupported

if TYPE_CHECKING:
    import typst

    from graphdiff.drawing.figure import Figure

__all__ = ["refuse_large", "to_content", "to_pdf", "to_png", "to_typst"]

# The clock has no part in the bytes.
_TIMESTAMP = 0


def write_pdf(figure: Figure) -> bytes:
    """The figure as a PDF."""
    return to_pdf(figure.scene)


def write_png(figure: Figure) -> bytes:
    """The figure as a PNG, of its width if it has one."""
    ppi = figure.ppi if figure.width is None else 72.0 * figure.width / figure.scene.width
    refuse_missing_glyphs(placed.label.typst for placed in figure.scene.labels)
    return to_png(figure.scene, ppi)


def write_typst(figure: Figure) -> bytes:
    """The figure as Typst's source."""
    return to_typst(figure.scene).encode()


def to_typst(scene: Scene) -> str:
    """The scene as Typst source: one page of the figure's size, coordinates in points."""
    return "\n".join(_lines(scene)) + "\n"


def to_content(scene: Scene) -> str:
    """The figure as a block of Typst markup, for a page that holds more than the figure."""
    return "#[\n" + "\n".join(islice(_lines(scene), 2, None)) + "\n]\n"


def to_pdf(scene: Scene) -> bytes:
    """The scene as a PDF of one page, the same bytes on every run.

    It is tagged, with a title and a text for screen readers, as PDF/UA-1 asks.  Raises Unsupported
    for letters that no font here has: PDF/UA-1 forbids empty boxes.
    """
    try:
        made = _compiler(scene).compile(format="pdf", timestamp=_TIMESTAMP, pdf_standards="ua-1")
    except RuntimeError as error:
        missing = re.search('the text `"(.+)"` could not be displayed', str(error))
        if missing is None:
            raise
        hint = "fonts for Latin, Greek, Cyrillic and Korean letters are at hand"
        raise Unsupported(f"no font here has {missing[1]!r}", hint=hint) from None
    return _single(made)


def to_png(scene: Scene, ppi: float = 192.0) -> bytes:
    """The scene as a PNG with ``ppi`` pixels an inch, the same bytes on every run."""
    refuse_large(scene, ppi)
    return _single(_compiler(scene).compile(format="png", ppi=ppi))


def refuse_large(scene: Scene, ppi: float, pictures: int = 1) -> None:
    """Raises LimitExceeded for pictures with more pixels than one may have."""
    width, height = (round(side * ppi / 72) for side in (scene.width, scene.height))
    if width * height * pictures > (most := in_force().pixels):
        count = "a picture" if pictures == 1 else f"{pictures:,} pictures"
        raise LimitExceeded(
            f"{count} of {width:,}×{height:,} pixels",
            hint=f"at most {most:,} pixels; choose a smaller --width or --ppi, or write svg",
            limit="pixels",
        )


def _compiler(scene: Scene) -> typst.Compiler:
    return compiler(to_typst(scene), korean=_is_korean(scene))


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
    paper = f'rgb("{style.paper}")' if style.background == "card" else "none"
    yield f"#set page({page}, fill: {paper})"
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
    # One figure with a text for people who cannot see it, and no parts that are read one by one.
    size = f"width: {_pt(scene.width)}, height: {_pt(scene.height)}"
    said = typst_string(f"{scene.title}. {scene.description}")
    yield f"#figure(alt: {said}, outlined: false, gap: 0pt, block({size}, breakable: false)["
    frames = [shape for shape in scene.shapes if shape.form == "frame"]
    for shape in frames:
        yield from _shape(shape, style)
    for curve in scene.curves:
        yield from _wire(curve, style)
    for shape in scene.shapes:
        if shape.form != "frame":
            yield from _shape(shape, style)
    yield "])"


def _wire(curve: Curve, style: Style) -> Iterator[str]:
    """A wire, its arrow head and its labels."""
    parts = [f"curve.move({_point(curve.start)})"]
    for segment in curve.segments:
        kind = "line" if len(segment) == 1 else "cubic"
        parts.append(f"curve.{kind}({', '.join(map(_point, segment))})")
    stroke, fill = "wire", "line-colour"
    if curve.strong or curve.kind == "note":
        width = style.wire_width * (style.strong if curve.strong else 0.75)
        fill = f'rgb("{style.accent}")'
        stroke = f"{_pt(width)} + {fill}"
    elif curve.flow is not None:
        colour, width = style.wire(curve.strong, curve.flow)
        fill = f'rgb("{colour}")'
        stroke = f"{_pt(width)} + {fill}"
    yield f"#place(curve(stroke: {stroke}, {', '.join(parts)}))"
    if curve.head:
        yield f"#place(polygon(fill: {fill}, {', '.join(map(_point, curve.head))}))"
    back = curve.backward(style)
    if back:
        fill = f'rgb("{style.gradient}")'
        ends = f"start: {_point(back.start)}, end: {_point(back.end)}"
        yield f"#place(line({ends}, stroke: {_pt(style.wide_back)} + {fill}))"
        yield f"#place(polygon(fill: {fill}, {', '.join(map(_point, back.head))}))"
    for placed in curve.labels:
        yield _label(placed)


def _shape(shape: Shape, style: Style) -> Iterator[str]:
    """A box's outline and its label."""
    corner = f"dx: {_pt(shape.x - shape.w / 2)}, dy: {_pt(shape.y - shape.h / 2)}"
    size = f"width: {_pt(shape.w)}, height: {_pt(shape.h)}"
    line, width = style.stroke(shape.strong, style.gate_width)
    fill = f'fill: rgb("{style.paper}"), stroke: outline'
    if shape.strong:
        fill = f'fill: rgb("{style.paper}"), stroke: {_pt(width)} + rgb("{line}")'
    elif shape.form == "patch":
        fill = f'fill: rgb("{style.paper}")'
    elif shape.form == "frame":
        stroke = f'{_pt(style.wire_width)} + rgb("{style.accent}")'
        fill = f'fill: rgb("{style.shade}"), stroke: {stroke}'
    if shape.form == "disc":
        yield f"#place({corner}, ellipse({size}, {fill}))"
    elif shape.form == "dot":
        yield f'#place({corner}, ellipse({size}, fill: rgb("{line}")))'
    elif shape.form != "none":
        radius = {"pill": shape.h / 2, "cell": 0.0}.get(shape.form, style.corner)
        yield f"#place({corner}, rect({size}, radius: {_pt(radius)}, {fill}))"
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
    return trimmed(value) + "pt"
