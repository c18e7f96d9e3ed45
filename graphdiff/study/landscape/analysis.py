"""``analyze``: the questions that lectures ask of a loss or an activation."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.op import Op
from graphdiff.core.support.collection import paused_collection
from graphdiff.errors import BadPoint
from graphdiff.language.reading.boxes import box_of, ends_of
from graphdiff.language.reading.point import Constant, point_of, read_value
from graphdiff.program.formula import Formula
from graphdiff.program.germs.coefficients import BITS
from graphdiff.program.germs.writing import written
from graphdiff.program.graph import Graph, graph_of
from graphdiff.program.rewrite.merge import freed_at

from .box import Box, read_box
from .cells import cut
from .points import points
from .regions import outside, slopes
from .result import Landscape, Point, Region, Verdict
from .shape import shape_of
from .showing import shown

__all__ = ["analyze"]


def analyze(
    program: Formula | str,
    over: str | tuple[str, Any, Any] | Mapping[str, Any] | None = None,
    wrt: str | None = None,
    at: Mapping[str, Any] | str | None = None,
    *,
    flat: Any = Fraction(1, 1000),
    steep: Any = 1000,
    ops: Mapping[str, Op] | None = None,
    **values: Any,
) -> Landscape:
    """Where the program, as a function of one variable on an interval, is not smooth, and why.

    ``over`` is ``"x=-3..3"``, ``{"x": (-3, 3)}`` or ``("x", -3, 3)``; ``at``, ``"y=1"`` or
    ``{"y": 1}``, or keywords give the other variables; without ``over`` a keyword ``x=(-3, 3)`` is
    the interval.  |f′| below ``flat`` is called flat, above ``steep`` steep.

    Raises BadPoint for an interval that is empty or infinite and for missing values, LimitExceeded
    where there is too much to look at, NotDifferentiable, ShapeMismatch.

    >>> found = analyze("a*abs(x - 1)", "x=-3..3", at={"a": 2})
    >>> [(p.at, p.kind, p.left_slope, p.right_slope) for p in found.points]
    [(Fraction(1, 1), 'kink', Fraction(-2, 1), Fraction(2, 1))]
    """
    graph = graph_of(program, ops)
    if over is None:
        over = {name: ends for name, ends in values.items() if isinstance(ends, tuple)}
        values = {name: value for name, value in values.items() if name not in over}
        if len(over) != 1:
            raise BadPoint("one variable needs an interval", hint='x=(-3, 3) or over="x=-3..3"')
    given = point_of(at, values, graph.known, analyze.__kwdefaults__)
    constants = {name: read_value(name, value) for name, value in given.items()}
    box = _box(graph, over, wrt, constants)
    graph, constants = _moving(graph, box.name.partition("[")[0], constants)
    graph = graph.merged
    try:
        low, high = Fraction(str(flat)), Fraction(str(steep))  # 0.001 is 1/1000
    except ValueError:
        low = high = Fraction(0)
    if not 0 < low < high:
        raise BadPoint(f"flat below {flat} and steep above {steep}", hint="0 < flat < steep")
    with paused_collection(), working_precision(BITS):
        pieces = cut(written(graph, box.name, constants), box)
        closed = pieces.finder.gaps == 0
        found = points(pieces)
        beyond = outside(pieces)
        stretches, stationary, courses, notes = slopes(pieces, low, high)
        regions = [*beyond, *stretches]
        ends = [region for region in regions if region.kind in ("outside", "undecided")]
        order, at_least = _order(found, ends)
        sure = closed and all(mark.proved for mark in pieces.marks)
        continuous = _verdict(found, ends, lambda point: point.continuous, sure)
        shape = shape_of(
            pieces, courses, found, regions, stationary,
            continuous=bool(continuous.answer), sure=continuous.proved,
        )  # fmt: skip
        return Landscape(
            str(graph), box, tuple(found), tuple(regions), tuple(stationary), continuous,
            _verdict(found, ends, lambda point: point.differentiable, sure),
            _smooth(found, ends, order, at_least, sure), order, at_least, low, high, shape,
            tuple(notes), pieces,
        )  # fmt: skip


def _moving(
    graph: Graph, name: str, constants: dict[str, Constant]
) -> tuple[Graph, dict[str, Constant]]:
    """The program in which a statement that is to move is a variable, and the values for it; a
    constant is a function of any variable."""
    if not graph.inputs and name not in graph.names:
        tape = graph.tape.fork()
        return replace(graph, tape=tape, inputs={name: tape.make("input", (), name)}), constants
    if name in graph.inputs or name not in graph.names:
        return graph, constants
    if graph.tape.nodes[graph.names[name]].shape:  # one entry moves, the others stay
        return freed_at(graph, constants, [name])
    free = graph.freed(name)
    return free, {x: v for x, v in constants.items() if x in free.inputs or x not in graph.inputs}


_PARTS = 3
"""A name and two ends."""


def _box(graph: Graph, over: Any, wrt: str | None, at: Mapping[str, Constant]) -> Box:
    if isinstance(over, str):
        names = [] if graph.unshaped else [name for name in graph.inputs if name not in at]
        return read_box(over, wrt, names)
    if isinstance(over, Mapping):
        if len(over) != 1:
            raise BadPoint(f"{len(over)} intervals are given", hint='over={"x": (-3, 3)}')
        ((name, given),) = box_of(over).items()
        low, high = ends_of(name, given)
    elif isinstance(over, tuple | list) and len(over) == _PARTS:
        name, low, high = over
    else:
        raise BadPoint(f"{over!r:.80} is no interval", hint='over="x=-3..3" or {"x": (-3, 3)}')
    return read_box(f"{name}={low}..{high}", wrt, [name])


def _order(found: Sequence[Point], ends: Sequence[Region]) -> tuple[int | None, bool]:
    """The k of C^k on the whole interval, and whether it may be more."""
    if ends:
        return -1, False
    finite = [point for point in found if point.order is not None]
    if not finite:
        return None, False
    lowest = min(finite, key=lambda point: point.order or 0)
    sure = any(p.order == lowest.order and not p.at_least for p in finite)
    return lowest.order, not sure


def _verdict(
    found: Sequence[Point], ends: Sequence[Region], fine: Callable[[Point], bool | None], sure: bool
) -> Verdict:
    bad = [point for point in found if not fine(point) and point.kind != "undecided"]
    open_ = [point for point in found if point.kind == "undecided"]
    gone = [region for region in ends if region.kind == "outside"]
    if bad or gone:
        proved = any(p.proved for p in bad) or any(region.proved for region in gone)
        return Verdict(False, proved, _reasons(bad, gone))
    if ends or open_:
        return Verdict(None, proved=False, why=_open(ends, open_))
    # A derivative that agrees in its digits only may still be one that jumps.
    proved = sure and all(point.proved for point in found)
    return Verdict(True, proved, "at every point of the interval")


def _smooth(
    found: Sequence[Point], ends: Sequence[Region], order: int | None, at_least: bool, sure: bool
) -> Verdict:
    bad = [point for point in found if point.continuous is False]
    open_ = [point for point in found if point.kind == "undecided"]
    if any(region.kind == "outside" for region in ends) or (order == -1 and bad):
        gone = [region for region in ends if region.kind == "outside"]
        proved = any(p.proved for p in bad) or any(region.proved for region in gone)
        return Verdict(False, proved, _reasons(bad, gone))
    if ends or open_:
        return Verdict(None, proved=False, why=_open(ends, open_))
    proved = sure and all(point.proved for point in found)
    if order is None:
        return Verdict(True, proved, "every derivative exists")
    worst = [point for point in found if point.order == order]
    places = _places(worst)
    if at_least:
        return Verdict(None, proved=False, why=f"at {places} more is not known")
    lost = "first" if order == 0 else _ordinal(order + 1)
    return Verdict(False, proved, f"no continuous {lost} derivative at {places}")


def _open(ends: Sequence[Region], points: Sequence[Point]) -> str:
    """What was left undecided."""
    places = [f"at {_places(points)}"] if points else []
    return "undecided " + ", ".join([*places, *map(_stretch, ends[:1])])


def _ordinal(n: int) -> str:
    return {2: "second", 3: "third"}.get(n, f"{n}th")


def _reasons(bad: Sequence[Point], gone: Sequence[Region]) -> str:
    """``a kink at x = 0; not defined for …``."""
    kinds: dict[str, list[Point]] = {}
    for point in bad:
        kinds.setdefault(point.kind, []).append(point)
    if gone:
        kinds.pop("edge", None)  # that is the same fact
    told = [f"{_WORDS[kind]} at {_places(items)}" for kind, items in kinds.items()]
    told += [f"not defined {_stretch(region)}" for region in gone[:2]]
    return "; ".join(told) + ("; …" if len(gone) > 2 else "")


_WORDS = {
    "kink": "kink", "joint": "joint", "smooth": "smooth point", "steep": "infinite slope",
    "jump": "jump", "hole": "hole", "pole": "pole", "edge": "end of the domain",
    "isolated": "isolated point", "oscillation": "oscillation", "undecided": "undecided point",
}  # fmt: skip


def _places(items: Sequence[Point]) -> str:
    texts = [shown(item.at) for item in items]
    return ", ".join(texts[:4]) + (f" and {len(texts) - 4} more" if len(texts) > 4 else "")


def _stretch(region: Region) -> str:
    return f"from {shown(region.low)} to {shown(region.high)}"
