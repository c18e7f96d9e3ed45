"""From a diagram to a scene: measure the labels, find the rows, set the columns, draw the wires."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple

from graphdiff.core.support.collection import paused_collection
from graphdiff.drawing.parts.diagram import Diagram
from graphdiff.drawing.parts.scene import Curve, Scene, Shape
from graphdiff.drawing.parts.styles import CS231N, Style
from graphdiff.language.reading.unknown import one_of

from .clusters import clusters, in_columns, widened
from .folding import Sheet, fold, one_row
from .framing import LEGIBLE, frame, letters, read_ratio
from .grid import Extent, Grid, make_grid
from .levels import Links, levels, links
from .placing import Plan, place_boxes, place_wires
from .sizes import ON_PADDING, Sizes, band, band_down, measure, room, room_down
from .tracks import evened, heights
from .turning import upwards
from .untangling import crossings, untangled

__all__ = ["DIRECTIONS", "arrange"]

DIRECTIONS = ("lr", "tb", "bt")
# Gaps between columns: the least width, and how much is added per point that a wire climbs.
# Labels beside upright wires stand wide apart, and would make too large gaps.
# Where numbers would be too small on a slide, gaps are tight.
_GAP_OUT, _GAP_IN, _SLOPE, _GAP_MOST, _GAP_MOST_DOWN = 8.0, 16.0, 0.45, 72.0, 44.0
_GAP_TIGHT = 32.0


def arrange(
    diagram: Diagram,
    style: Style = CS231N,
    engine: str = "auto",
    direction: str | None = None,
    fit: str | None = None,
) -> Scene:
    """Lay a diagram out, from left to right, from top to bottom (``tb``) or from bottom to top.

    Operands keep their order from top to bottom, but those of gates that commute may swap; values
    stand above their wire and gradients below it, and no label touches anything; from top to
    bottom read "left" and "right". With ``fit``, as ``16:9`` or ``1280x720``, long chains continue
    in further rows so that the figure fills a sheet of that shape; where its numbers would be too
    small on a slide, columns stand nearer, and without a direction it goes from top to bottom if
    that is larger. The same diagram gives the same scene everywhere with the ``wasi`` engine; other
    versions of Graphviz may choose other heights.

    Raises `Unsupported` for other directions and shapes, and `ProgramMissing` and `LimitExceeded`
    as `graphdiff.drawing.layout.engines.lay_out` does.
    """
    one_of("direction", direction or "lr", DIRECTIONS)
    ratio = read_ratio(fit) if fit else None
    with paused_collection():
        scene = _arranged(diagram, style, engine, direction or "lr", ratio)
        if direction or ratio is None or letters(scene, ratio) >= LEGIBLE:
            return scene
        other = _arranged(diagram, style, engine, "tb", ratio)
        return max(scene, other, key=lambda one: letters(one, ratio))


def _arranged(
    diagram: Diagram, style: Style, engine: str, direction: str, ratio: float | None
) -> Scene:
    """The same, with everything that was asked for understood: an input stands in the row of its
    gate, where that makes no wires cross."""
    made = _tried(diagram, style, engine, direction, ratio, beside=False)
    if not made.carries:
        return made.scene
    other = _tried(diagram, style, engine, direction, ratio, beside=True)
    return min(made, other, key=lambda one: one.cost(ratio)).scene


class _Tried(NamedTuple):
    """A way to lay a diagram out."""

    scene: Scene
    crossings: int
    carries: int
    """Inputs whose wires go on from one row to the next."""

    def cost(self, ratio: float | None) -> tuple[int, int, float]:
        """Crossings first, then inputs far from their gates, then the size of numbers."""
        return self.crossings, self.carries, -letters(self.scene, ratio) if ratio else 0.0


def _tried(
    diagram: Diagram, style: Style, engine: str, direction: str, ratio: float | None, *,
    beside: bool,
) -> _Tried:  # fmt: skip
    """With inputs in one column, if that is kind to the eye, or each ``beside`` its gate."""
    down = direction != "lr"
    link, sizes = links(diagram), measure(diagram, style)
    extents = _extents(diagram, link, sizes, style, down)
    level = levels(diagram, link, beside=beside)
    grid = make_grid(level, link, *extents)
    y = heights(diagram, link, grid, style, engine)
    columns = in_columns(grid, y)
    better = untangled(diagram, link, level, grid, columns)
    if better:
        link, grid, columns = (
            better.link,
            make_grid(better.level, better.link, *extents),
            better.columns,
        )
        y = heights(diagram, link, grid, style, engine, columns)
    groups = clusters(diagram, link, grid)
    y = evened(y, diagram, link, grid, style, groups)

    def scene(most: float) -> tuple[Scene, Sheet]:
        gap = widened(groups, _gaps(diagram, link, grid, y, most))
        sheet = _sheet(grid, link, gap, y, ratio and (1 / ratio if down else ratio))
        plan = Plan(diagram, link, style, sizes, grid, y, tuple(gap), sheet, down)
        curves, on = _taken_off(place_wires(plan), diagram, style)
        shapes = [*place_boxes(plan), *on]
        if direction == "bt":
            shapes, curves = upwards(shapes, curves)
        return frame(diagram, style, shapes, curves, ratio), sheet

    made, sheet = scene(_GAP_MOST_DOWN if down else _GAP_MOST)
    if ratio is not None and letters(made, ratio) < LEGIBLE:
        made, sheet = max((made, sheet), scene(_GAP_TIGHT), key=lambda one: letters(one[0], ratio))
    carries = sum(
        not link.into[link.source[wire]] and any(slot in sheet.turns for slot in row)
        for wire, row in enumerate(grid.rows)
    )
    return _Tried(made, crossings(link, grid, columns), carries)


def _sheet(
    grid: Grid, link: Links, gap: Sequence[float], y: Sequence[float], ratio: float | None
) -> Sheet:
    """The columns with these gaps before them, in rows if the sheet has a shape."""
    left, right = _columns(grid, gap)
    if ratio:
        return fold(grid, link, (left, right), y, ratio)
    return one_row(grid, left, right, y)


def _extents(
    diagram: Diagram, link: Links, sizes: Sizes, style: Style, down: bool
) -> tuple[list[Extent], list[Extent]]:
    """The room that boxes, and the labels of wires, need in the grid."""
    boxes = [
        (room_down if down else room)(box, text, len(wires), style, cells)
        for box, text, wires, cells in zip(
            diagram.boxes, sizes.boxes, link.into, sizes.cells, strict=True
        )
    ]
    wires = [
        (band_down if down else band)(above, below, style, on)
        for above, below, on in zip(sizes.above, sizes.below, sizes.on, strict=True)
    ]
    return boxes, wires


def _taken_off(
    curves: Sequence[Curve], diagram: Diagram, style: Style
) -> tuple[list[Curve], list[Shape]]:
    """The wires, and what is set on them as boxes of its own."""
    bare, shapes = [], []
    for wire, curve in zip(diagram.wires, curves, strict=True):
        if wire.on is None:
            bare.append(curve)
            continue
        label, *above = curve.above
        left, top, right, bottom = label.rectangle
        # Round corners make the ends look tight.
        w, h = right - left + 3 * ON_PADDING, bottom - top + 2 * ON_PADDING
        middle = (left + right) / 2, (top + bottom) / 2
        shapes.append(Shape(curve.id, "local", "block", *middle, w, h, label, strong=curve.strong))
        bare.append(replace(curve, above=tuple(above)))
    return bare, shapes


def _gaps(
    diagram: Diagram, link: Links, grid: Grid, y: Sequence[float], most: float
) -> list[float]:
    """The gap before each column, as wide as its bends need."""
    gap = [0.0] * (max((slot.column for slot in grid.slots), default=-1) + 1)
    for wire, row in enumerate(grid.rows):
        chain = (link.source[wire], *row, link.target[wire])
        pointed = diagram.boxes[link.target[wire]].kind != "fork"
        for one, other in pairwise(chain):
            least = _GAP_OUT if one == chain[0] else 0.0
            if other == chain[-1]:
                least = _GAP_IN if pointed else _GAP_OUT
            room = min(most, least + _SLOPE * abs(y[one] - y[other]))
            column = grid.slots[other].column
            gap[column] = max(gap[column], room)
    return gap


def _columns(grid: Grid, gap: Sequence[float]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """The two edges of each column."""
    width = [0.0] * len(gap)
    for slot in grid.slots:
        width[slot.column] = max(width[slot.column], slot.extent.width)
    left, right, x = [], [], 0.0
    for column, before in enumerate(gap):
        left.append(x + before)
        x = left[-1] + width[column]
        right.append(x)
    return tuple(left), tuple(right)
