"""The heights of the slots of a grid.

Graphviz is asked for one thing only, in which it is excellent: the order of the slots in each
column and their heights, with few crossings and bends.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from graphdiff.drawing.parts.diagram import Diagram, is_block
from graphdiff.drawing.parts.styles import Style
from graphdiff.errors import LimitExceeded

from .balancing import Link, balance
from .clusters import Cluster, Columns, gathered, in_columns, neighbours
from .engines import lay_out
from .grid import Grid
from .levels import Links, depths

__all__ = ["dot_source", "evened", "heights"]

# Straightness, as weights of Graphviz's: a wire's own row, the main chain, any other bend,
# and what joins the main chain from the side, which only breaks ties.
_ROW, _CHAIN, _BEND, _SIDE = 20.0, 8.0, 1.0, 0.001
# A gate belongs in the middle of its operands, so what it feeds pulls it less; a branch of a fork
# has bends at both ends, and is better level where it arrives.
_BACK, _BRANCH_BACK = 0.1, 2.0
# What comes from so many wires farther away than another operand continues the main chain.
_FARTHER = 4
_POINTS_PER_INCH = 72.0
# Grids up to this many slots, some hundred gates, are laid out as well as Graphviz can.
_LARGE = 1500
# Past this, a layout takes minutes, and nobody could read it.
_MOST = 40_000


def heights(
    diagram: Diagram,
    link: Links,
    grid: Grid,
    style: Style,
    engine: str,
    columns: Columns | None = None,
) -> tuple[float, ...]:
    """The height (y, downwards, in points) that Graphviz gives every slot.

    ``columns`` are the slots of each column from the top, if their order is known.

    Raises `LimitExceeded` if the grid is too large, and what `lay_out` raises.
    """
    if not grid.slots:
        return ()
    if len(grid.slots) > _MOST:
        raise LimitExceeded(
            f"a figure of {len(diagram.boxes)} boxes, many of them far apart, is too large to draw",
            hint="draw a part of the graph, or write DOT",
        )
    answer = lay_out(dot_source(grid, _pieces(diagram, link, grid), style, columns), engine)
    y = [0.0] * len(grid.slots)
    for item in answer["objects"]:
        if item["name"].startswith("s"):
            y[int(item["name"][1:])] = -float(item["pos"].split(",")[1])
    return tuple(y)


def evened(
    y: Sequence[float],
    diagram: Diagram,
    link: Links,
    grid: Grid,
    style: Style,
    groups: Sequence[Cluster] = (),
) -> tuple[float, ...]:
    """Better heights in the same order, but for what stands in the way of groups."""
    pieces = _pieces(diagram, link, grid)
    if groups:
        return tuple(gathered(y, pieces, link, grid, groups, style))
    return tuple(balance(y, pieces, neighbours(in_columns(grid, y), grid, style)))


def dot_source(
    grid: Grid, pieces: Iterable[Link], style: Style, columns: Columns | None = None
) -> str:
    """The grid as a DOT graph: one node a slot, and operands or whole columns in their order."""
    lines = [
        "digraph {",
        f"rankdir=LR; {'' if columns else 'ordering=in; '}splines=none; ranksep=0.02;",
        f"nodesep={style.row_gap / _POINTS_PER_INCH:.4f};{_effort(len(grid.slots))}",
        'node [shape=box, fixedsize=true, label="", width=0.1];',
    ]
    for number, slot in enumerate(grid.slots):
        height = 2 * max(slot.extent.above, slot.extent.below) / _POINTS_PER_INCH
        lines.append(f"s{number} [height={height:.4f}];")
    lines += [f"s{it.one} -> s{it.other} [weight={max(1, round(it.weight))}];" for it in pieces]
    for slots in (columns or {}).values():
        chain = " -> ".join(f"s{slot}" for slot in slots)
        lines.append(f"{{rank=same; edge [weight=1]; {chain};}}")
    return "\n".join([*lines, "}"])


def _effort(slots: int) -> str:
    """Bounds on Graphviz's search in large grids, whose time grows faster than their size."""
    if slots <= _LARGE:
        return ""
    part = f"{_LARGE / slots / 2:.3f}"
    return f" nslimit={part}; nslimit1={part}; mclimit=0.3;"


def _pieces(diagram: Diagram, link: Links, grid: Grid) -> list[Link]:
    """The pieces of all wires, operand by operand, and how straight each should be."""
    pieces, depth = [], depths(link)
    for box in range(len(diagram.boxes)):
        for wire in link.into[box]:
            source, row = link.source[wire], grid.rows[wire]
            alone = len(link.out_of[source]) == 1
            pieces.append(Link(source, row[0], _ROW if alone else _BEND, alone))
            pieces += [Link(one, other, _ROW, True) for one, other in pairwise(row)]
            weight = _weight(diagram, link, depth, wire)
            back = weight * (_BACK if alone else _BRANCH_BACK)
            pieces.append(Link(row[-1], box, weight, weight > _BEND, back))
    return pieces


def _weight(diagram: Diagram, link: Links, depth: Sequence[int], wire: int) -> float:
    """How straight the last piece of a wire should be.

    A gate is level with its only operand, with its only computed operand, and with the one that
    comes from much farther away than the others, as in a long sum: that makes the main chain, and
    what joins it has no say. Otherwise all operands pull alike.
    """
    wires = link.into[link.target[wire]]
    if len(wires) == 1:
        return _ROW
    computed = [one for one in wires if _is_computed(diagram, link, one)]
    computed.sort(key=lambda one: -depth[link.source[one]])
    if not computed:
        return _BEND
    first, *others = (depth[link.source[one]] for one in computed)
    if others and first - others[0] < _FARTHER:
        return _BEND
    return _CHAIN if computed[0] == wire else _SIDE


def _is_computed(diagram: Diagram, link: Links, wire: int) -> bool:
    """Whether a wire comes from a gate, be it through a fork."""
    source = link.source[wire]
    if diagram.boxes[source].kind == "fork" and link.into[source]:
        source = link.source[link.into[source][0]]
    kind = diagram.boxes[source].kind
    return bool(link.into[source]) and (kind == "gate" or is_block(kind))
