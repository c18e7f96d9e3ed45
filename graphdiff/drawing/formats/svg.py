"""A scene as SVG: outlines instead of fonts, so that it looks the same wherever it is opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING

from graphdiff.core.support.decimals import trimmed
from graphdiff.drawing.parts.escaping import xml_text
from graphdiff.drawing.parts.outlines import Mark
from graphdiff.drawing.parts.scene import Back, Curve, Placed, Point, Scene, Shape
from graphdiff.drawing.parts.styles import Style
from graphdiff.drawing.parts.typeset import refuse_missing_glyphs

if TYPE_CHECKING:
    from graphdiff.drawing.figure import Figure

__all__ = ["Writer", "to_svg", "write"]


def write(figure: Figure) -> bytes:
    """The figure as a file."""
    refuse_missing_glyphs(placed.label.typst for placed in figure.scene.labels)
    return to_svg(figure.scene).encode()


def to_svg(scene: Scene, prefix: str = "g") -> str:
    """The scene as an SVG document, readable and the same on every run.

    Every id begins with ``prefix``: give each figure its own to put several into one HTML page.
    """
    return "\n".join(Writer(scene, xml_text(prefix)).lines()) + "\n"


@dataclass(slots=True)
class Writer:
    """The lines of a document for one scene, part by part, for those who put them together anew."""

    scene: Scene
    prefix: str
    glyphs: dict[str, str] = field(default_factory=dict)
    inks: dict[tuple[int, str], str] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        """Head, glyphs, wires, boxes; the body is made first since it finds the glyphs."""
        scene, style = self.scene, self.scene.style
        body = list(self.body())
        width, height = trimmed(scene.width), trimmed(scene.height)
        title, desc = f"{self.prefix}-title", f"{self.prefix}-desc"
        yield (
            '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
            f' width="{width}pt" height="{height}pt" viewBox="0 0 {width} {height}"'
            f' role="img" aria-labelledby="{title} {desc}">'
        )
        yield f'<title id="{title}">{xml_text(scene.title)}</title>'
        yield f'<desc id="{desc}">{xml_text(scene.description)}</desc>'
        if style.night:
            flows = sorted({curve.flow for curve in scene.curves if curve.flow is not None})
            yield _night_sheet(style, style.night, f"{title} {desc}", flows)
        if self.glyphs:
            yield "<defs>"
            for path, name in self.glyphs.items():
                yield f'<path id="{name}" transform="scale(1,-1)" d="{path}"/>'
            yield "</defs>"
        if style.background == "card":
            yield f'<rect width="{width}" height="{height}" fill="{style.paper}"/>'
        yield from body
        yield "</svg>"

    def body(self) -> Iterator[str]:
        """Frames, then wires, then boxes."""
        frames = [shape for shape in self.scene.shapes if shape.form == "frame"]
        for frame in frames:
            yield from self.box(frame)
        for curve in self.scene.curves:
            yield from self.wire(curve)
        for shape in self.scene.shapes:
            if shape.form != "frame":
                yield from self.box(shape)

    def wire(self, curve: Curve) -> Iterator[str]:
        """A wire, its arrow head and its labels."""
        style = self.scene.style
        yield f"<g><title>{xml_text(f'{curve.source} → {curve.target}')}</title>"
        path = "M" + point(curve.start)
        for segment in curve.segments:
            path += ("L" if len(segment) == 1 else "C") + " ".join(map(point, segment))
        colour, width = style.wire(curve.strong, curve.flow)
        if curve.kind == "note":
            colour, width = style.accent, 0.75 * width
        yield f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="{trimmed(width)}"/>'
        if curve.head:
            head = "L".join(map(point, curve.head))
            yield f'<path d="M{head}Z" fill="{colour}"/>'
        back = curve.backward(style)
        if back:
            yield from self.back(back)
        for label in curve.labels:
            yield self.label(label)
        yield "</g>"

    def back(self, arrow: Back) -> Iterator[str]:
        """An arrow that brings a gradient."""
        style = self.scene.style
        paint = f'stroke="{style.gradient}" stroke-width="{trimmed(style.wide_back)}"'
        yield f'<path d="M{point(arrow.start)}L{point(arrow.end)}" fill="none" {paint}/>'
        yield f'<path d="M{"L".join(map(point, arrow.head))}Z" fill="{style.gradient}"/>'

    def box(self, shape: Shape) -> Iterator[str]:
        """A box's outline and its label."""
        style = self.scene.style
        yield "<g>"
        if shape.note:
            yield f"<title>{xml_text(shape.note)}</title>"
        line, wide = style.stroke(shape.strong, style.gate_width)
        fill = style.paper
        if shape.form == "frame":
            line, fill, wide = style.accent, style.shade, style.wire_width
        paint = f'fill="{fill}" stroke="{line}" stroke-width="{trimmed(wide)}"'
        x, y = trimmed(shape.x), trimmed(shape.y)
        if shape.form == "disc":
            yield f'<circle cx="{x}" cy="{y}" r="{trimmed(shape.h / 2)}" {paint}/>'
        elif shape.form == "dot":
            yield f'<circle cx="{x}" cy="{y}" r="{trimmed(shape.h / 2)}" fill="{line}"/>'
        elif shape.form != "none":
            paint = f'fill="{style.paper}"' if shape.form == "patch" else paint
            radius = {"pill": shape.h / 2, "cell": 0.0}.get(shape.form, style.corner)
            left, top = trimmed(shape.x - shape.w / 2), trimmed(shape.y - shape.h / 2)
            size = f'width="{trimmed(shape.w)}" height="{trimmed(shape.h)}"'
            yield f'<rect x="{left}" y="{top}" {size} rx="{trimmed(radius)}" {paint}/>'
        if shape.label:
            yield self.label(shape.label)
        yield "</g>"

    def label(self, label: Placed) -> str:
        """A label's outlines in its colour, with its text for those who cannot see them."""
        colour = self.scene.style.colour(label.label.ink)
        # Equal texts are one object, and large figures repeat most of theirs.
        key = id(label.text), colour
        marks = self.inks.get(key)
        if marks is None:
            marks = self.inks[key] = "".join(self.mark(mark, colour) for mark in label.text.marks)
        title = f"<title>{xml_text(label.label.plain)}</title>" if label.label.plain else ""
        return (
            f'<g transform="translate({trimmed(label.x)},{trimmed(label.y)})" fill="{colour}">'
            f"{title}{marks}</g>"
        )

    def mark(self, mark: Mark, colour: str) -> str:
        """One glyph, by reference, or one rule."""
        a, b, c, d, x, y = mark.matrix
        if mark.paint and not mark.stroke:
            # Neighbouring cells of a picture would else show seams of paper.
            return f'<path d="{mark.path}" fill="{mark.paint}" shape-rendering="crispEdges"/>'
        if mark.stroke:
            paint = mark.paint or colour
            stroke = f'fill="none" stroke="{paint}" stroke-width="{trimmed(mark.stroke)}"'
            return f'<path d="{mark.path}" transform="{_matrix(mark.matrix)}" {stroke}/>'
        name = self.glyphs.setdefault(mark.path, f"{self.prefix}-{len(self.glyphs)}")
        if (a, b, c, d) == (1.0, 0.0, 0.0, -1.0):
            return f'<use xlink:href="#{name}" x="{trimmed(x)}" y="{trimmed(y)}"/>'
        # The glyph is stored upside down: take that out of the matrix again.
        flipped = _matrix((a, b, -c, -d, x, y))
        return f'<use xlink:href="#{name}" transform="{flipped}"/>'


@lru_cache(maxsize=1 << 14)
def point(at: Point) -> str:
    """A point in path syntax."""
    return f"{trimmed(at[0])},{trimmed(at[1])}"


def _night_sheet(day: Style, night: Style, name: str, flows: Sequence[int]) -> str:
    """Rules that give every colour of the figure its counterpart where the reader's page is dark.

    Thumbnails keep theirs: white is zero in them, whatever the paper.
    """
    rules = []
    inks = ("paper", "line", "ink", "value", "gradient", "muted", "accent", "shade")
    pairs = [(getattr(day, ink), getattr(night, ink)) for ink in inks]
    for one, other in [*pairs, *((day.tone(flow), night.tone(flow)) for flow in flows)]:
        for attribute in ("fill", "stroke"):
            rule = f'[{attribute}="{one}"]:not([shape-rendering]){{{attribute}:{other}}}'
            rules.append(f'[aria-labelledby="{name}"] {rule}')
    media = "@media (prefers-color-scheme:dark)"
    return f"<style>{media}{{{''.join(dict.fromkeys(rules))}}}</style>"


def _matrix(values: tuple[float, ...]) -> str:
    return f"matrix({','.join(trimmed(value) for value in values)})"
