"""The drawing inside the interactive page: SVG whose parts a program finds, colours and numbers.

Unlike a figure by itself, its colours are those of the page's style sheet, and numbers that may
change are text in a font of the reader's machine, with room to grow.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from graphdiff.core.support.decimals import raised
from graphdiff.core.support.decimals import trimmed as _n
from graphdiff.drawing.parts.diagram import Diagram, Label
from graphdiff.drawing.parts.escaping import xml_text
from graphdiff.drawing.parts.outlines import Mark, Typeset
from graphdiff.drawing.parts.scene import Curve, Placed, Point, Scene, Shape

__all__ = ["page_drawing", "widened"]

_HALO = 4.0
"""How far the frame of the current gate stands off (points)."""


def widened(diagram: Diagram, digits: int) -> Diagram:
    """The diagram with room for any usual number where it has one.

    Layout goes by the typeset width, so a number that is edited later finds its place.
    """
    sample = "−88." + "8" * digits if digits else "−888"

    def wide(label: Label) -> Label:
        if not _is_number(label) or is_array(label) or len(label.plain) > len(sample):
            return label
        # The stroke of a fraction reaches below the line.
        return replace(label, typst=sample + r"\/" if "/" in label.plain else sample)

    wires = tuple(
        replace(wire, above=tuple(map(wide, wire.above)), below=tuple(map(wide, wire.below)))
        for wire in diagram.wires
    )
    return replace(diagram, wires=wires)


def _is_number(label: Label) -> bool:
    return label.ink in ("value", "gradient") and not label.heat


def is_array(label: Label) -> bool:
    """Whether a number is an array of them, in brackets."""
    return label.plain.startswith("[")


def page_drawing(scene: Scene, live: bool, names: Mapping[int, Typeset] | None = None) -> str:
    """The scene as an SVG element for an HTML page; ``live`` numbers are text that may change.

    Wires carry ``data-source``, ``data-target`` and ``data-position``, boxes ``data-box``, and
    labels that steps show ``data-part`` (``value``, ``gradient`` or ``share``).  ``names`` are
    drawn out of sight as ``name-`` and the node's id, for the page to use them in its text.
    """
    return "\n".join(_Drawing(scene, live, names or {}).lines()) + "\n"


@dataclass(slots=True)
class _Drawing:
    scene: Scene
    live: bool
    names: Mapping[int, Typeset]
    glyphs: dict[str, str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        scene = self.scene
        frames = [shape for shape in scene.shapes if shape.form == "frame"]
        shapes = [shape for shape in scene.shapes if shape.form != "frame"]
        body = [line for shape in frames for line in self.box(shape)]
        body += [line for curve in scene.curves for line in self.wire(curve)]
        body += [line for shape in shapes for line in self.box(shape)]
        names = [
            f'<g id="name-{i}">{"".join(map(self.mark, text.marks))}</g>'
            for i, text in self.names.items()
        ]
        yield (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(scene.width)}'
            f' {_n(scene.height)}" role="group" aria-labelledby="figure-title figure-description">'
        )
        yield f'<title id="figure-title">{xml_text(scene.title)}</title>'
        yield f'<desc id="figure-description">{xml_text(scene.description)}</desc>'
        yield "<defs>"
        for path, name in self.glyphs.items():
            yield f'<path id="{name}" transform="scale(1,-1)" d="{path}"/>'
        yield from names
        yield "</defs>"
        yield from body
        yield "</svg>"

    def wire(self, curve: Curve) -> Iterator[str]:
        """A wire with a wide invisible twin, which is what a finger or a mouse meets."""
        where = (
            f'data-source="{xml_text(curve.source)}" data-target="{xml_text(curve.target)}"'
            f' data-position="{curve.position}"'
        )
        yield f'<g class="{curve.kind}" {where}>'
        path = "M" + _p(curve.start)
        for segment in curve.segments:
            path += ("L" if len(segment) == 1 else "C") + " ".join(map(_p, segment))
        if curve.kind == "wire":
            yield f'<path class="reach" d="{path}"/>'
        width = self.stroke(self.scene.style.wire_width, curve.strong)
        yield f'<path class="line" d="{path}" stroke-width="{width}"/>'
        if curve.head:
            yield f'<path class="head" d="M{"L".join(map(_p, curve.head))}Z"/>'
        anchors = ("end", "start") if _goes_down(curve) else ("middle", "middle")
        below = "share" if curve.source.startswith("fork") else "gradient"
        sides = (("value", curve.above), (below, curve.below))
        for (part, labels), anchor in zip(sides, anchors, strict=True):
            for label in labels:
                yield self.label(label, part, anchor if len(labels) == 1 else "start")
        yield "</g>"

    def stroke(self, width: float, strong: bool) -> str:
        return _n(width * (self.scene.style.strong if strong else 1))

    def box(self, shape: Shape) -> Iterator[str]:
        """A box with the frame that it wears when it is its turn."""
        yield f'<g class="box {shape.kind}" data-box="{xml_text(shape.part_of or shape.id)}">'
        if shape.form != "none":
            if shape.form not in ("dot", "frame"):
                yield self.outline(shape, "halo", _HALO, "")
            width = self.stroke(self.scene.style.gate_width, shape.strong)
            yield self.outline(shape, "outline", 0.0, f' stroke-width="{width}"')
        if shape.label:
            yield self.label(shape.label, "", "start")
        yield "</g>"

    def outline(self, shape: Shape, kind: str, grown: float, rest: str) -> str:
        x, y, w, h = shape.x, shape.y, shape.w + 2 * grown, shape.h + 2 * grown
        if shape.form in ("disc", "dot"):
            return f'<circle class="{kind}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(h / 2)}"{rest}/>'
        corner = 0.0 if shape.form == "cell" else self.scene.style.corner + grown
        radius = h / 2 if shape.form == "pill" else corner
        place = f'x="{_n(x - w / 2)}" y="{_n(y - h / 2)}"'
        size = f'width="{_n(w)}" height="{_n(h)}" rx="{_n(radius)}"'
        return f'<rect class="{kind}" {place} {size}{rest}/>'

    def label(self, label: Placed, part: str, anchor: str) -> str:
        """A label's outlines; a number that may change as text, with its room in points."""
        ink = label.label.ink
        shown = ink in ("value", "gradient") and part != ""
        attributes = f'class="label {ink}"' + (f' data-part="{part}"' if shown else "")
        if self.live and shown and _is_number(label.label) and is_array(label.label):
            attributes += f' data-width="{_n(label.w)}" data-height="{_n(label.h)}"'
        elif self.live and shown and _is_number(label.label):
            left, top, right, _ = label.rectangle
            x = {"start": left, "middle": (left + right) / 2, "end": right}[anchor]
            return (
                f'<text {attributes} x="{_n(x)}" y="{_n(top + label.text.baseline)}"'
                f' font-size="{_n(label.size)}" text-anchor="{anchor}"'
                f' data-room="{_n(right - left)}">{xml_text(_numeral(label.label.plain))}</text>'
            )
        marks = "".join(self.mark(mark) for mark in label.text.marks)
        title = f"<title>{xml_text(label.label.plain)}</title>" if label.label.plain else ""
        return f'<g {attributes} transform="translate({_p((label.x, label.y))})">{title}{marks}</g>'

    def mark(self, mark: Mark) -> str:
        """One glyph, by reference, one rule, or the cells of one colour."""
        a, b, c, d, x, y = mark.matrix
        if mark.paint and not mark.stroke:
            return f'<path d="{mark.path}" fill="{mark.paint}" shape-rendering="crispEdges"/>'
        if mark.stroke:
            matrix = ",".join(map(_n, mark.matrix))
            paint = f' stroke="{mark.paint}"' if mark.paint else ' class="rule"'
            stroke = f'fill="none" stroke-width="{_n(mark.stroke)}"{paint}'
            return f'<path d="{mark.path}" transform="matrix({matrix})" {stroke}/>'
        name = self.glyphs.setdefault(mark.path, f"glyph-{len(self.glyphs)}")
        if (a, b, c, d) == (1.0, 0.0, 0.0, -1.0):
            return f'<use href="#{name}" x="{_n(x)}" y="{_n(y)}"/>'
        # The glyph is stored upside down: take that out of the matrix again.
        flipped = ",".join(map(_n, (a, b, -c, -d, x, y)))
        return f'<use href="#{name}" transform="matrix({flipped})"/>'


def _goes_down(curve: Curve) -> bool:
    """Whether a wire starts downwards: its numbers then stand beside it, close to it."""
    x, y = curve.segments[0][-1] if curve.segments else curve.start
    return abs(x - curve.start[0]) < abs(y - curve.start[1])


def _numeral(text: str) -> str:
    """A printed number with its power of ten as one: ``1.20×10⁻⁷``."""
    mantissa, _, exponent = text.partition("e")
    if not exponent.lstrip("-").isdigit():
        return text
    return f"{mantissa}×10{raised(exponent)}"


def _p(at: Point) -> str:
    return f"{_n(at[0])},{_n(at[1])}"
