"""Typst measures the labels and draws their outlines: one compile for a whole figure.

Each label becomes a page of its own, cut to the ink, with a marker on its baseline. The page's
size is the label's size, and its glyphs are kept as paths, so that an SVG made of them needs no
font where it is looked at. All lengths are in points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from graphdiff.rendering.escaping import plain_label

if TYPE_CHECKING:
    import typst

__all__ = ["Mark", "Text", "Typeset", "fonts", "plain_label", "preamble", "typeset"]

Matrix = tuple[float, float, float, float, float, float]

MATH_FONT = "New Computer Modern Math"
KOREAN_FONT = "Graphdiff Sans KR"
FONT_FOLDER = Path(__file__).parent / "fonts"
# The "book" cut: the regular one is too thin for small numbers on a projector.
WEIGHT = 450
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_MARKER = "#010203"
_KOREAN = re.compile("[\u1100-\u11ff\u3000-\u303f\u3130-\u318f\uac00-\ud7af]")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_TRANSFORM = re.compile(r"(matrix|translate|scale)\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class Text:
    """Typst math at a size: what has to be measured."""

    typst: str
    size: float


@dataclass(frozen=True, slots=True)
class Mark:
    """One filled glyph, or one stroke if ``stroke`` (its width) is not 0, in SVG path syntax."""

    path: str
    matrix: Matrix
    stroke: float = 0.0


@dataclass(frozen=True, slots=True)
class Typeset:
    """Size of a label's ink, its baseline counted from the top, and its outlines."""

    width: float
    height: float
    baseline: float
    marks: tuple[Mark, ...] = ()


def needs_korean(sources: Iterable[str]) -> bool:
    """Whether any of the texts has a letter that only our Korean font can draw."""
    return any(_KOREAN.search(source) for source in sources)


@cache
def fonts(korean: bool) -> typst.Fonts:
    """Typst's own fonts and, if asked for, the Korean one: never those of the machine."""
    import typst

    folders = [str(FONT_FOLDER)] if korean else []
    return typst.Fonts(include_system_fonts=False, font_paths=folders)


def preamble(korean: bool) -> str:
    """Typst rules that set labels in our fonts and cut them to their ink."""
    family = f'("{MATH_FONT}", "{KOREAN_FONT}")' if korean else f'"{MATH_FONT}"'
    # Without "bounds" Typst measures letters by the line's height and crops fractions.
    cut = f'font: {family}, weight: {WEIGHT}, top-edge: "bounds", bottom-edge: "bounds"'
    return f"#set text({cut}, fallback: true)\n#show math.equation: set text({cut})\n"


def typeset(texts: Sequence[Text]) -> tuple[Typeset, ...]:
    """Size and outlines of each text, in order; equal texts are measured once."""
    distinct = list(dict.fromkeys(text for text in texts if text.typst.strip()))
    known = dict(zip(distinct, _compile(distinct), strict=True))
    return tuple(known.get(text, Typeset(0.0, 0.0, 0.0)) for text in texts)


def _compile(texts: Sequence[Text]) -> list[Typeset]:
    if not texts:
        return []
    import typst

    korean = needs_korean(text.typst for text in texts)
    marker = f'box(width: 0pt, height: 0pt, place(rect(width: 1pt, height: 1pt, fill: rgb("{_MARKER}"))))'
    pages = [
        f"#page[#text(size: {text.size:g}pt)[${text.typst.strip()}$#baseline]]" for text in texts
    ]
    source = "\n".join(
        [
            "#set page(width: auto, height: auto, margin: 0pt, fill: none)",
            preamble(korean) + f"#let baseline = {marker}",
            *pages,
        ]
    )
    compiler = typst.Compiler(source.encode(), font_paths=fonts(korean))
    output = compiler.compile(format="svg")
    documents = output if isinstance(output, list) else [output]
    return [_Reader().read(document) for document in documents if document is not None]


@dataclass(slots=True)
class _Reader:
    """Reads the few elements that Typst writes: groups, glyph uses, paths and symbols."""

    stack: list[Matrix] = field(default_factory=lambda: [IDENTITY])
    marks: list[tuple[str, Matrix, float]] = field(default_factory=list)
    symbols: dict[str, str] = field(default_factory=dict)
    symbol: str = ""
    size: tuple[float, float] = (0.0, 0.0)
    baseline: float = 0.0

    def read(self, document: bytes) -> Typeset:
        from xml.parsers import expat

        parser = expat.ParserCreate()
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.Parse(document, True)
        marks = tuple(
            Mark(self.symbols[path[1:]] if path.startswith("#") else path, matrix, stroke)
            for path, matrix, stroke in self.marks
        )
        return Typeset(*self.size, self.baseline, marks)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        matrix = _multiply(self.stack[-1], _matrix(attributes.get("transform", "")))
        self.stack.append(matrix)
        if name == "svg":
            _, _, width, height = map(float, attributes["viewBox"].split())
            self.size = (width, height)
        elif name == "symbol":
            self.symbol = attributes["id"]
        elif name == "use":
            shift = (1.0, 0.0, 0.0, 1.0, float(attributes["x"]), float(attributes["y"]))
            self.marks.append((attributes["xlink:href"], _multiply(matrix, shift), 0.0))
        elif name == "path":
            self.path(attributes, matrix)

    def path(self, attributes: dict[str, str], matrix: Matrix) -> None:
        if self.symbol:
            self.symbols[self.symbol] = attributes["d"].strip()
        elif attributes.get("fill") == _MARKER:
            self.baseline = matrix[5]
        elif attributes.get("fill", "none") != "none":
            self.marks.append((attributes["d"].strip(), matrix, 0.0))
        elif attributes.get("stroke", "none") != "none":
            stroke = float(attributes["stroke-width"])
            self.marks.append((attributes["d"].strip(), matrix, stroke))

    def end(self, name: str) -> None:
        self.stack.pop()
        if name == "symbol":
            self.symbol = ""


def _multiply(m: Matrix, n: Matrix) -> Matrix:
    return (
        m[0] * n[0] + m[2] * n[1],
        m[1] * n[0] + m[3] * n[1],
        m[0] * n[2] + m[2] * n[3],
        m[1] * n[2] + m[3] * n[3],
        m[0] * n[4] + m[2] * n[5] + m[4],
        m[1] * n[4] + m[3] * n[5] + m[5],
    )


def _matrix(transform: str) -> Matrix:
    matrix = IDENTITY
    for name, arguments in _TRANSFORM.findall(transform):
        v = [float(number) for number in _NUMBER.findall(arguments)]
        if name == "matrix":
            step: Matrix = (v[0], v[1], v[2], v[3], v[4], v[5])
        elif name == "translate":
            step = (1.0, 0.0, 0.0, 1.0, v[0], v[1] if len(v) > 1 else 0.0)
        else:
            step = (v[0], 0.0, 0.0, v[-1], 0.0, 0.0)
        matrix = _multiply(matrix, step)
    return matrix
