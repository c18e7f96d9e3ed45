"""Builds as a presentation: a slide a step, of shapes and text that can be edited.

Everything stands in one group, so that a figure is moved and scaled as one, with what it shows in
words for those who cannot see it.
"""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from graphdiff.core.support.parts import part
from graphdiff.drawing.formats.live_text import Run, live_lines
from graphdiff.drawing.parts.escaping import clean, xml_text
from graphdiff.drawing.parts.heat import colour
from graphdiff.drawing.parts.scene import Curve, Placed, Scene, Shape
from graphdiff.drawing.parts.styles import Style

from .builds import Builds

if TYPE_CHECKING:
    from graphdiff.drawing.figure import Figure

__all__ = ["to_slides"]

# Points: a slide of 16:9, and the room that a figure leaves at its edges.
_WIDTH, _HEIGHT, _EDGE = 960.0, 540.0, 24.0
_LARGEST = 2.0
"""How far a small figure is enlarged: its numbers are then 22 pt."""
_EMU = 12700
"""Units of a presentation in a point."""
_FONT, _KOREAN = "Cambria Math", "Graphdiff Sans KR"
_RAISED = {1: "30000", -1: "-25000", 0: "0"}
_NAMES = 'xmlns:p="{}/presentationml/2006/main" xmlns:a="{}/drawingml/2006/main"'.replace(
    "{}", "http://schemas.openxmlformats.org"
)
_RECTANGLE = '<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>'
_MADE = (1980, 1, 1, 0, 0, 0)


def write(builds: Builds, figure: Figure, _: float) -> bytes:
    """A presentation, as a file."""
    return to_slides(builds, figure.diagram.title)


def to_slides(builds: Builds, title: str = "") -> bytes:
    """A .pptx with a slide for every step; the same bytes on every run."""
    pptx, oxml, color = (
        part(module, "a presentation needs", "or write a .pdf")
        for module in ("pptx", "pptx.oxml", "pptx.dml.color")
    )
    deck = pptx.Presentation()
    deck.slide_width, deck.slide_height = _emu(_WIDTH), _emu(_HEIGHT)
    about = deck.core_properties
    about.title, about.author, about.last_modified_by = clean(title), "", ""
    blank = deck.slide_layouts[6]
    for scene in builds.scenes:
        slide = deck.slides.add_slide(blank)
        if scene.style.background == "card":
            slide.background.fill.solid()
            paper = color.RGBColor.from_string(scene.style.paper[1:].upper())
            slide.background.fill.fore_color.rgb = paper
        slide.shapes.element.append(oxml.parse_xml(_Picture(scene).group()))
    file = BytesIO()
    deck.save(file)
    return _undated(file)


def _undated(file: BytesIO) -> bytes:
    """The same archive without the time at which it was made."""
    made = BytesIO()
    with ZipFile(file) as old, ZipFile(made, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(ZipInfo(name, _MADE), old.read(name), ZIP_DEFLATED)
    return made.getvalue()


def _emu(points: float) -> int:
    return round(points * _EMU)


class _Picture:
    """The shapes of one scene in DrawingML, as large as the slide allows."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.style = scene, scene.style
        room = (_WIDTH - 2 * _EDGE) / scene.width, (_HEIGHT - 2 * _EDGE) / scene.height
        self.scale = min(_LARGEST, *room)
        self.left = (_WIDTH - scene.width * self.scale) / 2
        self.top = (_HEIGHT - scene.height * self.scale) / 2
        self.count = 1

    def group(self) -> str:
        """Everything, as one group with its description."""
        scene = self.scene
        place = self.frame(0, 0, scene.width, scene.height)
        child = place.replace("a:off", "a:chOff").replace("a:ext", "a:chExt")
        said = xml_text(scene.description)
        return (
            f'<p:grpSp {_NAMES}><p:nvGrpSpPr><p:cNvPr id="2" name="figure" descr="{said}"/>'
            "<p:cNvGrpSpPr/><p:nvPr/></p:nvGrpSpPr>"
            f"<p:grpSpPr><a:xfrm>{place}{child}</a:xfrm></p:grpSpPr>{''.join(self.parts())}"
            "</p:grpSp>"
        )

    def parts(self) -> Iterator[str]:
        """Frames, wires with their labels, then boxes, as in the other formats."""
        frames = [shape for shape in self.scene.shapes if shape.form == "frame"]
        for shape in frames:
            yield from self.box(shape)
        for curve in self.scene.curves:
            yield self.wire(curve)
            for label in curve.labels:
                yield from self.label(label)
        for shape in self.scene.shapes:
            if shape.form != "frame":
                yield from self.box(shape)

    def frame(self, x: float, y: float, w: float, h: float) -> str:
        """Where something is, and how large."""
        left, top = _emu(self.left + x * self.scale), _emu(self.top + y * self.scale)
        return (
            f'<a:off x="{left}" y="{top}"/>'
            f'<a:ext cx="{_emu(w * self.scale)}" cy="{_emu(h * self.scale)}"/>'
        )

    def shape(self, name: str, place: str, look: str, text: str = "") -> str:
        """A shape, at its place, with its outline and its text."""
        self.count += 1
        named = f'id="{self.count + 1}" name="{xml_text(name)}"'
        body = text or "<p:txBody><a:bodyPr/><a:p/></p:txBody>"
        return (
            f"<p:sp><p:nvSpPr><p:cNvPr {named}/><p:cNvSpPr/><p:nvPr/></p:nvSpPr>"
            f"<p:spPr><a:xfrm>{place}</a:xfrm>{look}</p:spPr>{body}</p:sp>"
        )

    def wire(self, curve: Curve) -> str:
        """A wire as one path that ends in an arrow."""
        points = [curve.start, *(p for s in curve.segments for p in s)]
        points += curve.head[:1] if curve.head else ()
        left, top = (min(p[k] for p in points) for k in (0, 1))
        right, bottom = (max(p[k] for p in points) for k in (0, 1))

        def at(point: tuple[float, float]) -> str:
            x, y = ((point[k] - (left, top)[k]) * self.scale for k in (0, 1))
            return f'<a:pt x="{_emu(x)}" y="{_emu(y)}"/>'

        path = f"<a:moveTo>{at(curve.start)}</a:moveTo>"
        for number, segment in enumerate(curve.segments):
            if len(segment) == 3:
                path += f"<a:cubicBezTo>{''.join(map(at, segment))}</a:cubicBezTo>"
            elif number < len(curve.segments) - 1 or not curve.head:
                path += f"<a:lnTo>{at(segment[-1])}</a:lnTo>"
        if curve.head:
            path += f"<a:lnTo>{at(curve.head[0])}</a:lnTo>"
        tone, width = self.style.wire(curve.strong, curve.flow)
        if curve.kind == "note":
            tone, width = self.style.accent, 0.75 * width
        tip = '<a:tailEnd type="triangle"/>' if curve.head else ""
        size = f'w="{_emu((right - left) * self.scale)}" h="{_emu((bottom - top) * self.scale)}"'
        geometry = f'<a:custGeom><a:pathLst><a:path {size} fill="none">{path}</a:path></a:pathLst>'
        return self.shape(
            f"{curve.source} → {curve.target}",
            self.frame(left, top, right - left, bottom - top),
            f"{geometry}</a:custGeom><a:noFill/>{self.line(tone, width, tip)}",
        )

    def line(self, tone: str, width: float, end: str = "") -> str:
        """The stroke of a shape."""
        wide = _emu(width * self.scale)
        return f'<a:ln w="{wide}">{_fill(tone)}{end}</a:ln>'

    def box(self, shape: Shape) -> Iterator[str]:
        """A box, and its label as a text of its own, at the place that was measured for it."""
        style = self.style
        line, wide = style.stroke(shape.strong, style.gate_width)
        fill = style.paper
        if shape.form == "frame":
            line, fill, wide = style.accent, style.shade, style.wire_width
        if shape.form == "dot":
            fill = line
        if shape.form != "none":
            left, top, _, _ = shape.rectangle
            yield self.shape(
                shape.note or shape.id,
                self.frame(left, top, shape.w, shape.h),
                f"{_outline(shape, style)}{_fill(fill)}{self.line(line, wide)}",
            )
        if shape.label:
            yield from self.label(shape.label)

    def label(self, label: Placed) -> Iterator[str]:
        """A label as text, or a thumbnail cell by cell.

        What is wider in a line than it was typeset gets smaller letters.
        """
        if label.label.heat:
            yield from self.thumbnail(label)
            return
        x, y, right, bottom = label.rectangle
        ink = self.style.colour(label.label.ink)
        lines = live_lines(label.label)
        size = label.size * self.scale * min(1.0, (right - x) / _width(lines, label.size))
        paragraphs = "".join(
            f'<a:p><a:pPr algn="ctr"/>{"".join(_run(run, size, ink) for run in line)}</a:p>'
            for line in lines
        )
        body = (
            '<p:txBody><a:bodyPr wrap="none" lIns="0" tIns="0" rIns="0" bIns="0" anchor="ctr"/>'
            f"{paragraphs}</p:txBody>"
        )
        look = f"{_RECTANGLE}<a:noFill/>"
        yield self.shape(label.label.plain, self.frame(x, y, right - x, bottom - y), look, body)

    def thumbnail(self, label: Placed) -> Iterator[str]:
        """The cells of a thumbnail, each a shape."""
        heat = label.label.heat
        assert heat is not None
        rows, columns = len(heat.levels), len(heat.levels[0])
        w, h = heat.width / columns, heat.height / rows
        for row, levels in enumerate(heat.levels):
            for column, step in enumerate(levels):
                place = self.frame(label.x + column * w, label.y + row * h, w, h)
                tone = _fill(f"#{bytes(colour(step)).hex()}")
                look = (
                    f'<a:prstGeom prst="rect"><a:avLst/></a:prstGeom>{tone}<a:ln><a:noFill/></a:ln>'
                )
                yield self.shape("cell", place, look)


def _width(lines: list[list[Run]], size: float) -> float:
    """About how wide lines are set: a letter takes half of the type size, an index less."""
    return size * max(
        (sum(len(run.text) * (0.3 if run.level else 0.45) for run in line) for line in lines),
        default=1.0,
    )


def _outline(shape: Shape, style: Style) -> str:
    """The geometry of a box."""
    if shape.form in ("disc", "dot"):
        return '<a:prstGeom prst="ellipse"><a:avLst/></a:prstGeom>'
    if shape.form == "cell":
        return _RECTANGLE
    radius = shape.h / 2 if shape.form == "pill" else style.corner
    part_of_side = round(100_000 * radius / min(shape.w, shape.h))
    corner = f'<a:gd name="adj" fmla="val {part_of_side}"/>'
    return f'<a:prstGeom prst="roundRect"><a:avLst>{corner}</a:avLst></a:prstGeom>'


def _fill(tone: str) -> str:
    return f'<a:solidFill><a:srgbClr val="{tone[1:].upper()}"/></a:solidFill>'


def _run(run: Run, size: float, ink: str) -> str:
    """A piece of text in one look."""
    look = f'lang="en-US" sz="{round(size * 100)}" i="{int(run.italic)}"'
    look += f' baseline="{_RAISED[run.level]}" u="{"sng" if run.underlined else "none"}"'
    fonts = f'<a:latin typeface="{_FONT}"/><a:ea typeface="{_KOREAN}"/>'
    return f"<a:r><a:rPr {look}>{_fill(ink)}{fonts}</a:rPr><a:t>{xml_text(run.text)}</a:t></a:r>"
