r"""A scene as a TikZ picture to edit by hand: every node hangs on its neighbour.

Nodes stand ``right=of`` or ``below=of`` another, from middle to middle, names at their right ends;
numbers are nodes on their edges. A node that is moved takes along whatever hangs on it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import dist
from typing import NamedTuple

from graphdiff.drawing.parts.scene import Curve, Placed, Point, Scene, Segment, Shape

from .tex_text import written
from .tikz import LEAVES, NEAR, Writer, pieces
from .tikz_styles import at, decimal, has_paper, styles

__all__ = ["Relative"]

# Into how many parts a piece of a wire is divided; a label hangs on the nearest of their ends.
_SHARES = 100
# Points: what is less off its place looks right.
_SEEN = 0.5


class Relative(Writer):
    """The lines of TikZ for one scene; needs the libraries ``positioning`` and ``backgrounds``."""

    libraries = (*Writer.libraries, "positioning", "backgrounds")

    def __init__(self, scene: Scene) -> None:
        super().__init__(scene)
        self.held: list[_Held] = []

    def picture(self) -> Iterator[str]:
        """The whole picture: styles, nodes by columns, frames behind them, edges."""
        yield r"\begin{tikzpicture}[x=1bp, y=-1bp, on grid] % y downwards, from middle to middle"
        yield from (f"  {line}" for line in styles(self.scene))
        for shape in _by_columns(self.scene.shapes):
            if shape.kind != "local" and shape.form != "frame":
                yield f"  {self.node(shape)}"
        for shape in self.scene.shapes:
            if shape.form == "frame":
                yield r"  \begin{scope}[on background layer]"
                yield f"    {self.node(shape)}"
                if shape.label:
                    yield from (f"    {line}" for line in self.label(shape.label))
                yield r"  \end{scope}"
        yield from self.wires()
        yield from self.edge()
        yield r"\end{tikzpicture}%"

    def edge(self) -> Iterator[str]:
        """The figure's edge, which grows with what is drawn, and paper that is not white."""
        corner = self.place((self.scene.width, self.scene.height))
        yield rf"  \path {self.place((0, 0))} rectangle {corner};"
        if has_paper(self.scene):
            box = "current bounding box"
            fill = rf"\fill[paper] ({box}.south west) rectangle ({box}.north east);"
            yield rf"  \begin{{scope}}[on background layer] {fill} \end{{scope}}"

    def standing(self, options: Sequence[str], name: str, place: Point, shape: Shape) -> str:
        """Options, name and place of a node: right or below of the one that is nearest in line."""
        if shape.kind == "local" or shape.form == "frame":
            return super().standing(options, name, place, shape)
        anchor = "center"
        if shape.form == "none" and shape.label:
            anchor = "base"
            if shape.kind in LEAVES:
                anchor = "center" if "anchor=center" in options else "east"
        hung = [option for option in options if option != "anchor=center"]
        near = min(self.held, key=lambda held: _distance(place, held.place), default=None)
        if near:
            hung.append(_beside(place, near))
        # From middle to middle is what TikZ measures only where no anchor is named.
        if anchor != "center" or (near and not near.name.endswith(".center")):
            hung.append(f"anchor={anchor}")
        self.held.append(_Held(f"{name}.{anchor}", place))
        return f"[{', '.join(hung)}] ({name})" if hung else f" ({name})"

    def place(self, point: Point) -> str:
        """A place, from the node that is nearest."""
        near = min(self.held, key=lambda held: dist(point, held.place), default=None)
        if near is None:
            return at(point)
        shift = at((point[0] - near.place[0], point[1] - near.place[1]))
        return f"([shift={{{shift}}}]{near.name})"

    def is_on_wire(self, label: Placed) -> bool:
        """Whether a label is a node on its edge; thumbnails stand beside it."""
        return not label.label.heat

    def told(self, curve: Curve, index: int) -> str:
        """The labels that lie on a piece of an edge, as nodes on it."""
        found = ((label, _spot(label, curve)) for label in curve.labels if self.is_on_wire(label))
        return "".join(self._on_edge(label, spot) for label, spot in found if spot.piece == index)

    def _on_edge(self, placed: Placed, spot: _Spot) -> str:
        options, place = self.text(placed)
        if abs(spot.share - 0.5) > 0.005:
            options.append(f"pos={decimal(spot.share)}")
        shifts = (("xshift", place[0] - spot.x), ("yshift", spot.y - place[1]))
        options += [f"{name}={decimal(by)}bp" for name, by in shifts if abs(by) > _SEEN]
        return f"node[{', '.join(options)}] {{${written(placed.label.latex)}$}} "


class _Held(NamedTuple):
    """An anchor of a node that is drawn, and where it is."""

    name: str
    place: Point


class _Spot(NamedTuple):
    """A place on a wire: which of its pieces, at which share of it, and where that is."""

    piece: int
    share: float
    x: float
    y: float


def _spot(placed: Placed, curve: Curve) -> _Spot:
    """The place on a wire that is nearest to a label."""
    middle = placed.x + placed.w / 2, placed.y + placed.h / 2
    spots, start = list[_Spot](), curve.start
    for index, segment in enumerate(pieces(curve)):
        for k in range(_SHARES + 1):
            spots.append(_Spot(index, k / _SHARES, *_along(start, segment, k / _SHARES)))
        start = segment[-1]
    return min(spots, key=lambda spot: dist(middle, (spot.x, spot.y)))


def _along(start: Point, segment: Segment, share: float) -> Point:
    """The place at a share of a straight line or a Bezier curve, by de Casteljau's algorithm."""
    points: list[Point] = [start, *segment]
    while len(points) > 1:
        points = [
            (x + share * (to_x - x), y + share * (to_y - y))
            for (x, y), (to_x, to_y) in pairwise(points)
        ]
    return points[0]


def _by_columns(shapes: Sequence[Shape]) -> list[Shape]:
    """Boxes by columns, each followed by its parts; names that end together are a column."""
    first: dict[str, Shape] = {}
    for shape in shapes:
        first.setdefault(shape.part_of or shape.id, shape)
    return sorted(shapes, key=lambda shape: _column(first[shape.part_of or shape.id]))


def _column(shape: Shape) -> tuple[int, float]:
    right = shape.x + shape.w / 2 if shape.kind in LEAVES else shape.x
    return round(right), shape.y


def _distance(one: Point, other: Point) -> tuple[bool, float]:
    """How far two nodes are from each other; those in line come first."""
    apart = min(abs(one[0] - other[0]), abs(one[1] - other[1]))
    return apart > NEAR, dist(one, other)


def _beside(place: Point, other: _Held) -> str:
    """Where a node stands beside another."""
    name = other.name.removesuffix(".center")
    x, y = place[0] - other.place[0], place[1] - other.place[1]
    down, across = "below" if y > 0 else "above", "right" if x > 0 else "left"
    if abs(y) <= NEAR:
        return f"{across}={decimal(abs(x))}bp of {name}"
    if abs(x) <= NEAR:
        return f"{down}={decimal(abs(y))}bp of {name}"
    return f"{down} {across}={decimal(abs(y))}bp and {decimal(abs(x))}bp of {name}"
