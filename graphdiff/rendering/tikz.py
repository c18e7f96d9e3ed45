r"""A scene as TikZ: a document of its own, or a picture for ``\input``.

The code is for people who go on with it: nodes have the names of the program, wires hang on the
nodes, and every colour, type size and shape is a style at the top of the picture. Labels stay
LaTeX. A document needs article, amsmath and TikZ alone; its page is as large as the figure.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import groupby

from graphdiff.rendering.heat import Heat, colour
from graphdiff.rendering.scene import Curve, Placed, Point, Scene, Shape
from graphdiff.rendering.tex_text import comment, needs_cjk, unknown, written

__all__ = ["Writer", "to_document", "to_picture"]

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
# Points: nearer than this two places are the same.
_NEAR = 0.12
# Lines are as far apart as rows of our own matrices, in units of the type size.
_LINE = 1.45
_COLUMN_GAP = 2.5
# Where a dash would be, above the baseline, in units of the type size.
_AXIS = 0.25
# The frame of a thumbnail.
_FRAME, _FRAME_COLOUR = 0.5, "8C959F"
# Cells of a thumbnail reach under their neighbours, so that no seam of paper shows.
_SEAM = 0.2
# As fix-cm does for the other fonts.
_LARGE_SIGNS = (
    r"\DeclareFontShape{OMX}{cmex}{m}{n}{<-7.5>cmex7<7.5-8.5>cmex8<8.5-9.5>cmex9<9.5->cmex10}{}"
)
_PAGE = r"""% The page is as large as the figure.
\hoffset=-1in \voffset=-1in
\ifdefined\pagewidth % lualatex
  \pagewidth=\wd\figurebox \pageheight=\dimexpr\ht\figurebox+\dp\figurebox\relax
\else
  \pdfpagewidth=\wd\figurebox \pdfpageheight=\dimexpr\ht\figurebox+\dp\figurebox\relax
\fi
\shipout\box\figurebox"""


def to_document(scenes: Sequence[Scene]) -> str:
    """A LaTeX document with a page for each scene; pdflatex and lualatex compile it."""
    texts = [label.label.latex for scene in scenes for label in scene.labels]
    lines = [
        *_about(scenes[0]),
        comment("pdflatex or lualatex; styles and colours stand at the top of each picture."),
        r"\RequirePackage{fix-cm} % type in any size",
        r"\documentclass{article}",
        *_packages(texts),
        _LARGE_SIGNS,
        *(rf"\usepackage{{{name}}}" for name in ["kotex"] if needs_cjk(texts)),
        *_replacements(texts),
        r"\newsavebox\figurebox",
        r"\begin{document}",
    ]
    for scene in scenes:
        lines += [r"\begin{lrbox}{\figurebox}", *Writer(scene).picture(), r"\end{lrbox}%", _PAGE]
    return "\n".join([*lines, r"\end{document}"]) + "\n"


def to_picture(scene: Scene) -> str:
    r"""A ``tikzpicture`` for ``\input``; a comment says which packages it needs."""
    texts = [label.label.latex for label in scene.labels]
    lines = [*_about(scene), comment("This picture is for \\input. It needs, before the document:")]
    lines += [comment("  " + line) for line in _packages(texts)]
    if needs_cjk(texts):
        lines.append(comment(r"  \usepackage{kotex}"))
    if unknown(texts):
        lines.append(comment(f"and lualatex with a font that has {' '.join(unknown(texts))}"))
    return "\n".join([*lines, *Writer(scene).picture()]) + "\n"


class Writer:
    """The lines of TikZ for one scene, part by part, for those who put them together anew."""

    def __init__(self, scene: Scene) -> None:
        self.scene, self.style = scene, scene.style
        self.names = _node_names(scene.shapes)
        self.shapes = {shape.id: shape for shape in scene.shapes}
        style = self.style
        self.sizes = {
            style.variable: "name text",
            style.symbol: "sign text",
            style.gate: "word text",
            style.number: "number text",
        }

    def picture(self) -> Iterator[str]:
        """The whole picture: styles, nodes, wires with their labels."""
        yield r"\begin{tikzpicture}[x=1bp, y=-1bp] % y downwards"
        yield from self.definitions()
        for shape in self.scene.shapes:
            yield "  " + self.node(shape)
        for curve in self.scene.curves:
            yield "  " + self.wire(curve)
            for label in curve.labels:
                yield from ("  " + line for line in self.label(label))
        yield r"\end{tikzpicture}%"

    def definitions(self) -> Iterator[str]:
        """Colours, styles, and the figure's edge."""
        style, scene = self.style, self.scene
        heats = {label.label.heat: None for label in scene.labels if label.label.heat}
        for name in ("paper", "line", *sorted({label.label.ink for label in scene.labels})):
            yield rf"  \definecolor{{{name}}}{{HTML}}{{{getattr(style, name)[1:].upper()}}}"
        yield from _heat_colours(heats)
        if any("matrix}" in label.label.latex for label in scene.labels):
            yield rf"  \setlength\arraycolsep{{{_COLUMN_GAP}bp}}"
        yield r"  \tikzset{"
        yield from (f"    {line}," for line in self.styles())
        yield "  }"
        edge = f"(0,0) rectangle ({_n(scene.width)},{_n(scene.height)})"
        yield rf"  \path[use as bounding box] {edge};"
        if style.paper.lower() != "#ffffff":
            yield rf"  \fill[paper] {edge};"

    def styles(self) -> Iterator[str]:
        """The styles that a lecturer may edit; all but those of the inks are always there."""
        style = self.style
        for size, name in self.sizes.items():
            yield f"{name}/.style={{font={_font(size)}}}"
        yield f"wire/.style={{draw=line, line width={_n(style.wire_width)}bp}}"
        tip = f"length={_n(style.head_length)}bp, width={_n(style.head_width)}bp, line width=0pt"
        yield f"arrow/.style={{wire, -{{Triangle[{tip}]}}}}"
        size = f"minimum size={_n(style.gate_diameter)}bp, inner sep=0pt"
        paint = f"draw=line, fill=paper, line width={_n(style.gate_width)}bp"
        yield f"gate/.style={{circle, {size}, {paint}, text=ink, sign text}}"
        yield f"pill/.style={{gate, rectangle, rounded corners={_n(style.gate_diameter / 2)}bp}}"
        yield f"block/.style={{gate, rectangle, rounded corners={_n(style.corner)}bp}}"
        dot = f"circle, fill=line, minimum size={_n(style.fork_diameter)}bp"
        yield f"fork/.style={{{dot}, inner sep=0pt, outer sep=0pt}}"
        gap = f"inner sep=0pt, outer xsep={_n(style.side_gap)}bp, outer ysep=0pt"
        variable, number = (_level(size, _AXIS * size) for size in (style.variable, style.number))
        yield f"leaf/.style={{anchor=east, {gap}, text=ink, name text, {variable}}}"
        yield f"constant/.style={{leaf, text=muted, number text, {number}}}"
        yield "label on wire/.style={anchor=base, inner sep=0pt, outer sep=0pt, number text}"
        if any(label.label.heat for label in self.scene.labels):
            yield f"thumbnail/.style={{draw=thumbnail, line width={_n(_FRAME)}bp}}"
        for ink in sorted({label.label.ink for label in self.scene.labels}):
            yield f"{ink}/.style={{text={ink}}}"

    def node(self, shape: Shape) -> str:
        """A box, a name or a place where a wire ends, as one statement."""
        name, at = f"({self.names[shape.id]})", f"({_n(shape.x)},{_n(shape.y)})"
        said = f" {comment(shape.note)}" if shape.note else ""
        if shape.form == "none" and shape.label is None:
            return rf"\coordinate {name} at {at};{said}"
        text = "" if shape.label is None else f"${written(shape.label.label.latex)}$"
        if shape.form == "none" and shape.label is not None:
            options, at = self.leaf(shape, shape.label)
        else:
            options = self.outline(shape)
        return rf"\node[{', '.join(options)}] {name} at {at} {{{text}}};{said}"

    def outline(self, shape: Shape) -> list[str]:
        """The style of a disc, pill, block or dot, and where it differs from it."""
        style = self.style
        if shape.form == "dot":
            return ["fork"]
        options = [{"disc": "gate"}.get(shape.form, shape.form)]
        if shape.label:
            options += self.font(shape.label.size, style.symbol)
            options += [shape.label.label.ink] if shape.label.label.ink != "ink" else []
        if shape.form == "disc" and abs(shape.h - style.gate_diameter) > _NEAR:
            options.append(f"minimum size={_n(shape.h)}bp")
        elif shape.form != "disc":
            if abs(shape.h - style.gate_diameter) > _NEAR:
                options.append(f"minimum height={_n(shape.h)}bp")
                if shape.form == "pill":
                    options.append(f"rounded corners={_n(shape.h / 2)}bp")
            options.append(f"minimum width={_n(shape.w)}bp")
        return options

    def leaf(self, shape: Shape, label: Placed) -> tuple[list[str], str]:
        """Options and place of a bare name: its wire starts at the dash's height, at its right."""
        level = label.y + label.text.baseline - shape.y
        usual, ink = self.style.variable, "ink"
        options = ["leaf"]
        if label.size == self.style.number:
            usual, ink, options = label.size, "muted", ["constant"]
        options += [label.label.ink] if label.label.ink != ink else []
        options += self.font(label.size, usual)
        if abs(level - _AXIS * usual) > _NEAR:
            options.append(_level(label.size, level))
        right = shape.x + shape.w / 2
        if abs(right - self.style.side_gap - label.rectangle[2]) < _NEAR:
            return options, f"({_n(right)},{_n(shape.y)})"
        return [*options, "anchor=center"], f"({_n(label.x + label.w / 2)},{_n(shape.y)})"

    def font(self, size: float, usual: float) -> list[str]:
        """The style of a type size, if that is not the usual one there."""
        return [] if size == usual else [self.sizes.get(size) or f"font={_font(size)}"]

    def wire(self, curve: Curve) -> str:
        """A wire from node to node, as one statement."""
        path = self.end(curve.source, curve.start)
        last = len(curve.segments) - 1
        for index, segment in enumerate(curve.segments):
            straight = len(segment) == 1
            if index == last and not curve.head:
                end = self.end(curve.target, segment[-1])
            elif index == last and straight:
                continue  # on to the arrow's tip
            else:
                end = _at(segment[-1])
            controls = "" if straight else f" .. controls {_at(segment[0])} and {_at(segment[1])}"
            path += f" -- {end}" if straight else f"{controls} .. {end}"
        if curve.head:
            path += f" -- {self.end(curve.target, curve.head[0])}"
        return rf"\draw[{'arrow' if curve.head else 'wire'}] {path};"

    def end(self, name: str, at: Point) -> str:
        """A place at a node, so that the wire follows when the node is moved."""
        shape = self.shapes.get(name)
        if shape is None:
            return _at(at)
        node, dx, dy = self.names[name], at[0] - shape.x, at[1] - shape.y
        border = self.style.gate_width
        if math.hypot(dx, dy) < _NEAR:
            return f"({node})" if shape.form == "none" else f"({node}.center)"
        if abs(dy) < _NEAR and abs(abs(dx) - shape.w / 2) < border:
            return f"({node}.{'east' if dx > 0 else 'west'})"
        if abs(dx) < _NEAR and abs(abs(dy) - shape.h / 2) < border and shape.form != "none":
            return f"({node}.{'south' if dy > 0 else 'north'})"
        if shape.form == "disc" and abs(math.hypot(dx, dy) - shape.h / 2) < border:
            return f"({node}.{_n(math.degrees(math.atan2(-dy, dx)) % 360)})"
        return f"([shift={{({_n(dx)},{_n(dy)})}}]{node}.center)"

    def label(self, placed: Placed) -> Iterator[str]:
        """A label on a wire, centred on its baseline, or a thumbnail."""
        if placed.label.heat:
            yield from _heat_map(placed.label.heat, placed.x, placed.y)
            return
        options = ["label on wire", placed.label.ink, *self.font(placed.size, self.style.number)]
        at = (placed.x + placed.w / 2, placed.y + placed.text.baseline)
        yield rf"\node[{', '.join(options)}] at {_at(at)} {{${written(placed.label.latex)}$}};"


def _about(scene: Scene) -> list[str]:
    title = "; ".join(scene.title.splitlines())
    return [comment(text) for text in (title, scene.description) if text]


def _packages(texts: Iterable[str]) -> list[str]:
    """The packages that the labels and the picture need, all of them in the smallest TeX Live."""
    symbols = "amssymb, " if any("rightrightarrows" in written(text) for text in texts) else ""
    return [rf"\usepackage{{amsmath, {symbols}tikz}}", r"\usetikzlibrary{arrows.meta}"]


def _replacements(texts: Iterable[str]) -> Iterator[str]:
    """What stands for letters that pdfLaTeX does not know, so that it does not stop there."""
    texts = list(texts)
    if any(r"\textquotedbl" in text for text in texts):
        yield r"\ProvideTextCommandDefault{\textquotedbl}{''}"
    letters = unknown(texts)
    if letters:
        yield comment("Letters that pdflatex lacks show as a question mark.")
        yield r"\ifdefined\DeclareUnicodeCharacter"
        for letter in letters:
            yield rf"  \DeclareUnicodeCharacter{{{ord(letter):04X}}}{{\text{{?}}}} {comment(letter)}"
        yield r"\fi"


def _node_names(shapes: Iterable[Shape]) -> dict[str, str]:
    """A name in TikZ for each shape: the program's where it is a plain word, else one of ours."""
    names: dict[str, str] = {}
    taken: set[str] = set()
    for shape in shapes:
        own = re.split(" = |: ", shape.note)[0] if shape.form != "dot" else ""
        wanted = [name for name in (own, shape.id) if _WORD.fullmatch(name)] + ["node"]
        name = next((name for name in wanted if name not in taken), f"{wanted[-1]}{len(names)}")
        while name in taken:
            name += "a"
        taken.add(name)
        names[shape.id] = name
    return names


def _heat_colours(heats: Collection[Heat]) -> Iterator[str]:
    """The colours of thumbnails, named by sign and size: cold8 … warm8."""
    if heats:
        yield rf"  \definecolor{{thumbnail}}{{HTML}}{{{_FRAME_COLOUR}}}"
    for level in sorted({level for heat in heats for row in heat.levels for level in row}):
        tone = bytes(colour(level)).hex().upper()
        yield rf"  \definecolor{{{_tone(level)}}}{{HTML}}{{{tone}}}"


def _tone(level: int) -> str:
    return f"cold{-level}" if level < 0 else f"warm{level}"


def _heat_map(heat: Heat, x: float, y: float) -> Iterator[str]:
    """A thumbnail: its cells row by row, and a frame."""
    rows, columns = len(heat.levels), len(heat.levels[0])
    width, height = heat.width / columns, heat.height / rows
    scale = f"x={_n(width)}bp, y=-{_n(height)}bp"
    yield rf"\begin{{scope}}[shift={{{_at((x + _FRAME / 2, y + _FRAME / 2))}}}, {scale}]"
    yield rf"  \clip (0,0) rectangle ({columns},{rows});"
    for row, levels in enumerate(heat.levels):
        start = 0
        for level, run in groupby(levels):
            end = start + len(list(run))
            corner = f"({end + _SEAM},{row + 1 + _SEAM})"
            yield rf"  \fill[{_tone(level)}] ({start},{row}) rectangle {corner};"
            start = end
    yield rf"  \draw[thumbnail] (0,0) rectangle ({columns},{rows});"
    yield r"\end{scope}"


def _level(size: float, axis: float) -> str:
    """The room for a name of which the middle, whatever its letters, is so far above its base."""
    return f"text height={_n(size / 2 + axis)}bp, text depth={_n(size / 2 - axis)}bp"


def _font(size: float) -> str:
    return rf"\fontsize{{{_n(size)}bp}}{{{_n(size * _LINE)}bp}}\selectfont"


def _at(point: Point) -> str:
    return f"({_n(point[0])},{_n(point[1])})"


def _n(value: float) -> str:
    """A decimal with at most two places; never an exponent or a negative zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text
