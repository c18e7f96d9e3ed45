"""Reads the outlines of one label from the SVG page that Typst made of it.

Typst writes few elements: groups, glyph uses, paths and symbols. What is kept is flat: each glyph
or rule with its matrix, moved so that the ink begins at (0, 0). Lengths are in points.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from sys import intern
from typing import NamedTuple

__all__ = ["BASELINE_COLOUR", "IDENTITY", "Mark", "Matrix", "Typeset", "ink", "read"]

Matrix = tuple[float, float, float, float, float, float]
Extent = tuple[float, float, float, float]

# A rectangle of this colour is no ink: its top left corner lies on the baseline.
BASELINE_COLOUR = "#010203"
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
_TRANSFORM = re.compile(r"(matrix|translate|scale)\(([^)]*)\)")
# Typst writes one step per command letter; the arithmetic below relies on it.
_COMMAND = re.compile(r"([A-Za-z])([^A-Za-z]*)")


class Mark(NamedTuple):
    """One filled glyph, or one stroke if ``stroke`` (its width) is not 0, in SVG path syntax.

    ``paint`` is its colour where that is not the label's. Large figures have tens of thousands.
    """

    path: str
    matrix: Matrix
    stroke: float = 0.0
    paint: str = ""


@dataclass(frozen=True, slots=True)
class Typeset:
    """A label's ink: size, baseline counted from its top, and outlines from its top left corner.

    ``left`` and ``top`` say where that corner lies in the frame that Typst makes for the label.
    """

    width: float
    height: float
    baseline: float
    left: float = 0.0
    top: float = 0.0
    marks: tuple[Mark, ...] = ()


def read(document: bytes) -> Typeset:
    """The label on one SVG page of Typst's, its baseline marked by a box of the marker's colour."""
    from xml.parsers import expat

    reader = _Reader()
    parser = expat.ParserCreate()
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.Parse(document, True)
    marks = [
        Mark(reader.symbols[path[1:]] if path.startswith("#") else path, matrix, stroke)
        for path, matrix, stroke in reader.marks
    ]
    left, top, right, bottom = ink(marks)
    moved = tuple(
        Mark(
            mark.path, (*mark.matrix[:4], mark.matrix[4] - left, mark.matrix[5] - top), mark.stroke
        )
        for mark in marks
    )
    return Typeset(right - left, bottom - top, reader.baseline - top, left, top, moved)


@dataclass(slots=True)
class _Reader:
    stack: list[Matrix] = field(default_factory=lambda: [IDENTITY])
    marks: list[tuple[str, Matrix, float]] = field(default_factory=list)
    symbols: dict[str, str] = field(default_factory=dict)
    symbol: str = ""
    baseline: float = 0.0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        matrix = self.stack[-1]
        if moved := attributes.get("transform"):
            matrix = _multiply(matrix, _matrix(moved))
        self.stack.append(matrix)
        if name == "symbol":
            self.symbol = attributes["id"]
        elif name == "use":
            shift = (1.0, 0.0, 0.0, 1.0, float(attributes["x"]), float(attributes["y"]))
            self.marks.append((attributes["xlink:href"], _multiply(matrix, shift), 0.0))
        elif name == "path":
            self.path(attributes, matrix)

    def path(self, attributes: dict[str, str], matrix: Matrix) -> None:
        path = attributes["d"].strip()
        if self.symbol:
            self.symbols[self.symbol] = intern(path)  # labels share letters
        elif attributes.get("fill") == BASELINE_COLOUR:
            self.baseline = matrix[5]
        elif attributes.get("fill", "none") != "none":
            self.marks.append((path, matrix, 0.0))
        elif attributes.get("stroke", "none") != "none":
            self.marks.append((path, matrix, float(attributes["stroke-width"])))

    def end(self, name: str) -> None:
        self.stack.pop()
        if name == "symbol":
            self.symbol = ""


def ink(marks: Iterable[Mark]) -> Extent:
    """The smallest box around all marks, (0, 0, 0, 0) if there are none."""
    xs: list[float] = []
    ys: list[float] = []
    known: dict[str, Extent] = {}
    for mark in marks:
        extent = known.get(mark.path) or known.setdefault(mark.path, _extent(mark.path))
        a, b, c, d, e, f = mark.matrix
        if not (b or c or mark.stroke):  # most glyphs, and large figures have thousands
            xs += [a * extent[0] + e, a * extent[2] + e]
            ys += [d * extent[1] + f, d * extent[3] + f]
            continue
        margin = mark.stroke / 2
        for x in (extent[0], extent[2]):
            for y in (extent[1], extent[3]):
                xs += [a * x + c * y + e - margin, a * x + c * y + e + margin]
                ys += [b * x + d * y + f - margin, b * x + d * y + f + margin]
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (0.0, 0.0, 0.0, 0.0)


@lru_cache(maxsize=4096)
def _extent(path: str) -> Extent:
    """The box around a path's points; fonts put points at extremes, so it is the ink's box."""
    x = y = 0.0
    start = (x, y)
    xs: list[float] = []
    ys: list[float] = []
    for command, arguments in _COMMAND.findall(path):
        if command in "zZ":
            x, y = start
            continue
        v = [float(number) for number in _NUMBER.findall(arguments)]
        left, top = (x, y) if command.islower() else (0.0, 0.0)
        if command in "hH":
            points = [(left + v[0], y)]
        elif command in "vV":
            points = [(x, top + v[0])]
        else:
            points = [(left + v[i], top + v[i + 1]) for i in range(0, len(v), 2)]
        x, y = points[-1]
        if command in "mM":
            start = (x, y)
        # "M 0 0" before a relative move draws nothing.
        if command != "M":
            xs += [point[0] for point in points]
            ys += [point[1] for point in points]
    return (min(xs), min(ys), max(xs), max(ys)) if xs else (0.0, 0.0, 0.0, 0.0)


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
