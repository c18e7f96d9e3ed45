"""Functions as curves and landscapes: several in one picture, with derivatives and data.

A function of one number is analysed first, so that kinks, jumps and poles are drawn as they are;
one of two numbers is a map, a surface, or a field of arrows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.op import Op
from graphdiff.core.support.formats import chosen, of_file
from graphdiff.drawing.formats import PLOTS
from graphdiff.errors import BadPoint, GraphDiffError, Unsupported
from graphdiff.language.notation.printer import symbol
from graphdiff.language.reading.boxes import box_of, doubles_of
from graphdiff.language.reading.point import point_of, read_value
from graphdiff.language.reading.tokens import Token, tokens
from graphdiff.language.reading.unknown import one_of
from graphdiff.program.formula import Formula
from graphdiff.program.graph import Graph, graph_of
from graphdiff.study.descent.data import Data
from graphdiff.study.landscape import Landscape, analyze
from graphdiff.study.landscape.curves import Curve, curves

from .landscape import limits, marks, set_out
from .maps import (
    MOST_CLASSES,
    contours,
    grid_of,
    over_grid,
    regions,
    scores_at,
    surface,
    tints,
)
from .style import Look, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["KINDS", "Plot", "plot"]

KINDS = ("auto", "curves", "map", "heat", "regions", "surface")
"""What is drawn; ``auto``: curves of one number, lines of equal value of two; ``regions``: the
class of the largest score, or of a number the nearest whole one."""
FIELDS = ("none", "gradient", "descent")
"""Arrows on a map: the gradient, or the way down."""
MOST = 24
"""Functions in one picture; in one pair of axes as many as colours and dashes tell apart."""
_SAMPLES = 1_200
_ARROWS = 18


@dataclass(frozen=True, slots=True)
class _Function:
    """One function of the picture."""

    graph: Graph
    title: str
    found: Landscape | None = None
    """What is known of one of one number; None if that is too much to find out."""


@dataclass(frozen=True, slots=True, eq=False)
class Plot:
    """A picture of functions; ``render`` gives its bytes, ``save`` writes them."""

    functions: tuple[_Function, ...]
    box: dict[str, tuple[float, float]]
    fixed: dict[str, Any]
    kind: str
    notes: tuple[str, ...] = ()
    """What the picture does not show, in words."""
    looks: dict[str, Any] = field(default_factory=dict)

    def figure(self, *, theme: str = "light", width: float = 9.0) -> Figure:
        """The figure of matplotlib.  Raises ProgramMissing without it."""
        with drawing(theme) as look:
            return _drawn(self, look, width)

    def render(self, kind: str, **looks: Any) -> bytes:
        """The picture in one of the formats ``PLOTS``.  Raises Unsupported for others."""
        return bytes(chosen(kind, PLOTS, "plots")(self.figure(**looks)))

    def save(self, path: str | Path, **looks: Any) -> Path:
        """Write the picture in the format of the file's suffix, whole or not at all."""
        from graphdiff.core.support.files import replaced

        target = Path(path)
        kind = of_file(target, PLOTS)
        data = bytes(kind(self.figure(**looks)))
        with replaced(target) as file:
            file.write(data)
        return target

    def __repr__(self) -> str:
        titles = "; ".join(f.title for f in self.functions)
        return f"Plot({titles[:120]!r}, {self.kind})"

    def _repr_html_(self) -> str:
        drawn = self.render("svg").decode()
        return drawn[drawn.index("<svg") :]


def plot(
    program: Formula | str,
    over: Mapping[str, Any] | str | None = None,
    *,
    at: Mapping[str, Any] | str | None = None,
    derivatives: bool = False,
    grid: str = "",
    data: Data | None = None,
    kind: str = "auto",
    arrows: str = "none",
    ops: Mapping[str, Op] | None = None,
    **ranges: Any,
) -> Plot:
    """A picture of the functions of a program: of its last statement, or of every statement that
    has no name (``"a = 2; sin(a*x); cos(a*x)"``).

    ``over`` gives one variable its interval, or two of them (``x=-4..4,y=-2..2``); ``at`` the
    others' values.  ``derivatives`` adds f′, ``grid`` (``"3x2"``, columns by rows) gives every
    function a panel of its own, ``data`` points.  ``arrows`` are those of the ``gradient`` or of
    the ``descent``.

    Raises BadPoint, ParseError, Unsupported where a picture has no place for what is asked.

    >>> found = plot("sigmoid(x); tanh(x)", "x=-4..4", derivatives=True)
    >>> found, found.render("png")[1:4]
    (Plot('σ(x); tanh(x)', curves), b'PNG')
    """
    box = {
        name: doubles_of(name, given)
        for name, given in box_of(over, {n: r for n, r in ranges.items() if _is_range(r)}).items()
    }
    if len(box) not in (1, 2):
        hint = 'one variable for a curve, two for a map: over="x=-4..4"'
        raise BadPoint(f"a picture of {len(box)} variables", hint=hint)
    one_of("plot", kind, KINDS)
    one_of("arrows", arrows, FIELDS)
    kind = ("curves" if len(box) == 1 else "map") if kind == "auto" else kind
    _fits(kind, arrows, len(box))
    _has_places(data, kind, box)
    fixed = point_of(at, {n: v for n, v in ranges.items() if not _is_range(v)})
    asked = _functions(program, ops)
    if len(asked) > MOST:
        raise Unsupported(f"{len(asked)} functions in one picture", hint=f"up to {MOST}")
    functions, notes = [], []
    for graph, title in asked:
        made = _Function(_settled(graph, box, fixed, scores=kind == "regions"), title)
        if kind == "curves":
            made, note = _analysed(made, box, fixed)
            notes += [note] if note else []
        functions.append(made)
    looks = {"derivatives": derivatives, "arrows": arrows, "data": data,
             "panels": _panels(grid, len(functions), kind)}  # fmt: skip
    return Plot(tuple(functions), box, dict(fixed), kind, tuple(notes), looks)


def _fits(kind: str, arrows: str, variables: int) -> None:
    """Raise Unsupported where a picture of so many variables is asked for what it has not."""
    hint = "a range for one variable: x=-4..4"
    if kind != "curves":
        hint = "ranges for two variables: x=-2..2,y=-2..2"
    if (kind == "curves") != (variables == 1):
        named = "map of regions" if kind == "regions" else kind
        message = f"there is no {named} of {variables} variable{'s' * (variables > 1)}"
        raise Unsupported(message, hint=hint)
    if arrows != "none" and kind not in ("map", "heat"):
        hint = "ranges for two variables: x=-2..2,y=-2..2"
        raise Unsupported("arrows belong to a map", hint=hint)


def _has_places(data: Data | None, kind: str, box: Mapping[str, Any]) -> None:
    """Raise Unsupported where a picture has no place for points, and BadPoint where rows do not
    say theirs."""
    if data is None or kind == "curves":
        return
    if kind == "surface":
        raise Unsupported("points are drawn on curves and maps", hint="leave out --surface")
    known = dict(data.columns)
    if missing := [name for name in box if name not in known]:
        raise BadPoint(
            f"the points have no column {missing[0]}", hint=f"their columns: {', '.join(known)}"
        )


def _is_range(value: Any) -> bool:
    return isinstance(value, tuple) or (isinstance(value, str) and ".." in value)


def _panels(grid: str, count: int, kind: str) -> tuple[int, int] | None:
    """Columns and rows of the panels; None for all functions in one pair of axes."""
    if not grid:
        if kind == "curves":
            return None
        columns = min(count, 3)
        return columns, -(-count // columns)
    across, _, down = grid.partition("x")
    known = all(part.isdecimal() and len(part) < 10 for part in (across, down))
    if not (known and 0 < int(across) * int(down) <= MOST):
        raise BadPoint(f"cannot read the grid {grid!r}", hint="columns by rows: 3x2")
    if int(across) * int(down) < count:
        raise Unsupported(f"{count} functions do not fit in a grid of {grid}",
                          hint=f"for example {across}x{-(-count // int(across))}")  # fmt: skip
    return int(across), int(down)


def _functions(program: Formula | str, ops: Mapping[str, Op] | None) -> list[tuple[Graph, str]]:
    """The functions of a program: its statements without a name, each with all that have one; or
    the last of those."""
    if not isinstance(program, str):
        graph = graph_of(program, ops)
        return [(graph, str(graph))]
    named, bare = list[str](), list[str]()
    for text, is_named in _statements(program):
        (named if is_named else bare).append(text)
    if not bare:
        return [(graph_of(program, ops), set_out(named[-1], ops)[1] if named else program)]
    return [(graph_of("\n".join([*named, text]), ops), set_out(text, ops)[1]) for text in bare]


def _statements(program: str) -> list[tuple[str, bool]]:
    """Each statement, and whether it has a name (as declarations of shapes and loops have)."""
    found: list[tuple[str, bool]] = []
    depth, own = 0, list[Token]()
    for token in tokens(program):
        depth += (token[0] in ("LPAR", "LSQB", "LBRACE")) - (token[0] in ("RPAR", "RSQB", "RBRACE"))
        if token[0] != "END" and (token[0] != "SEP" or depth > 0):
            own.append(token)
        elif own:
            kinds = [kind for kind, *_ in own[:2]]
            is_named = kinds in (["NAME", "EQUAL"], ["NAME", "COLON"]) or own[0][1] == "for"
            found.append((program[own[0][2] : own[-1][3]], is_named))
            own = []
    return found


def _settled(
    graph: Graph, box: Mapping[str, Any], fixed: Mapping[str, Any], *, scores: bool
) -> Graph:
    """The graph with the shapes that the values have.  Raises BadPoint for names it lacks."""
    constants = {name: read_value(name, value) for name, value in fixed.items()}
    graph = graph.freed(*[name for name in box if name in graph.names])
    shapes = {name: constant.shape for name, constant in constants.items()}
    if graph.unshaped is not None or graph.has_arrays or any(shapes.values()):
        graph = graph.shaped({**dict.fromkeys(box, ()), **shapes})
    missing = [name for name in graph.inputs if name not in box and name not in fixed]
    if missing:
        raise BadPoint(f"no value for {', '.join(missing)}", hint=f"add --at {missing[0]}=1")
    if graph.tape.nodes[graph.output].shape and not scores:
        hint = "sum(…), x[0]; --regions shows which entry is the largest"
        raise Unsupported("the value is an array, and a curve shows numbers", hint=hint)
    return graph


def _analysed(
    made: _Function, box: Mapping[str, tuple[float, float]], fixed: Mapping[str, Any]
) -> tuple[_Function, str]:
    """With what is known of it; else a note that it is drawn through points alone."""
    [(name, ends)] = box.items()
    if name not in made.graph.inputs:
        return made, ""
    try:
        own = {n: v for n, v in fixed.items() if n in made.graph.inputs}
        found = analyze(made.graph, {name: ends}, at=own)
    except GraphDiffError:
        return made, f"{made.title}: drawn through {_SAMPLES:,} points, kinks and jumps not sought"
    return _Function(made.graph, made.title, found), ""


# -- drawing ------------------------------------------------------------------------------------


def _drawn(made: Plot, look: Look, width: float) -> Figure:
    title = "; ".join(f.title for f in made.functions)
    panels = made.looks["panels"]
    if made.kind != "curves":
        return _maps(made, look, width, title)
    if panels is None:
        rows = 2 if made.looks["derivatives"] else 1
        figure = look.figure(width, width * (0.56 if rows == 1 else 0.8), title[:200])
        stacked = list(figure.subplots(rows, 1, squeeze=False, sharex=True)[:, 0])
        _curves(stacked, made, made.functions, look)
        look.legend(stacked[0], loc="best")
        return figure
    columns, rows = panels
    figure = look.figure(width, width * 0.72 * rows / columns + 0.4, title[:200])
    for function, axes in zip(
        made.functions, figure.subplots(rows, columns, squeeze=False).flat, strict=False
    ):
        _curves([axes], made, [function], look)
    for empty in figure.axes[len(made.functions) :]:
        empty.remove()
    look.legend(figure.axes[0], loc="best")
    return figure


def _curves(rows: Sequence[Axes], made: Plot, functions: Sequence[_Function], look: Look) -> None:
    """Functions in one pair of axes, derivatives in those below, or beside them in a panel."""
    [(name, ends)] = made.box.items()
    alone = len(functions) == 1 and made.looks["panels"] is not None
    drawn: list[list[Curve]] = []
    for k, function in enumerate(functions):
        lines = curves(function.found) if function.found else _sampled(function, made, ends)
        drawn.append(lines)
        style = look.series(0 if alone else k)
        for part, line in enumerate(lines):
            label = "" if part else ("f" if alone else function.title)
            rows[0].plot(line.x, line.f, label=label, **style)
        if made.looks["derivatives"]:
            style = look.series(1) if alone else style
            for part, line in enumerate(lines):
                rows[-1].plot(line.x, line.slope, label="f′" if alone and not part else "", **style)
    for axes, which in zip(rows, ("f", "slope"), strict=False):
        poles = any(p.kind == "pole" for f in functions if f.found for p in f.found.points)
        limits(axes, [line for lines in drawn for line in lines], which, poles)
    for function in functions:
        if function.found is not None:
            marks(rows[0], look, function.found, tangents=False)
    if made.looks["data"] is not None:
        _points(rows[0], made.looks["data"], name, look)
    for axes in rows:
        axes.set_xlim(*ends)
    look.label(
        rows[-1], symbol(name), "f′" if len(rows) > 1 else "", functions[0].title if alone else ""
    )


def _sampled(function: _Function, made: Plot, ends: tuple[float, float]) -> list[Curve]:
    """One line through many points, and the slope of each stretch."""
    import numpy as np

    [name] = made.box
    x = np.linspace(*ends, _SAMPLES)
    f = over_grid(function.graph, {name: x}, made.fixed)
    return [Curve(x, f, np.gradient(f, x))]


def _points(axes: Axes, data: Data, name: str, look: Look) -> None:
    """The rows of a table: the column of the variable, or the first, and every other above it."""
    columns = dict(data.columns)
    across = name if name in columns else next(iter(columns))
    for k, (label, column) in enumerate((n, c) for n, c in columns.items() if n != across):
        axes.plot(columns[across], column, linestyle="none", marker="os^D"[k % 4], markersize=5,
                  color=look.ink, fillstyle="none", label=label, zorder=5)  # fmt: skip


def _maps(made: Plot, look: Look, width: float, title: str) -> Figure:
    columns, rows = made.looks["panels"]
    wide = width if columns > 1 else 0.7 * width
    figure = look.figure(wide, wide / columns * 0.86 * rows, title[:200])
    how = {"projection": "3d"} if made.kind == "surface" else {}
    for k, function in enumerate(made.functions):
        axes = figure.add_subplot(rows, columns, k + 1, **how)
        x, y = made.box
        classes = _ground(figure, axes, function, made, look)
        if data := made.looks["data"]:
            _labelled(axes, data, (x, y), classes, look)
        if made.looks["arrows"] != "none":
            _arrows(axes, function, made, look)
        look.label(axes, symbol(x), symbol(y), function.title if len(function.title) < 48 else "")
        look.legend(axes, loc="best")
    return figure


def _ground(
    figure: Figure, axes: Any, function: _Function, made: Plot, look: Look
) -> Sequence[float]:
    """What lies under points and arrows; the classes that have colours."""
    (x, y), grid = made.box, grid_of(made.box)
    points, classes = {x: grid[0], y: grid[1]}, _classes(made)
    if made.kind == "regions":
        names, scores = scores_at(function.graph, points, made.fixed, classes)
        known = sorted({*classes, *names})
        regions(axes, grid, scores, [known.index(name) for name in names], look)
        if not classes:
            for k, name in enumerate(names):
                axes.plot([], [], label=f"{name:g}", marker="s", markersize=9, linestyle="none",
                          color=look.colours[k])  # fmt: skip
        return known
    values = over_grid(function.graph, points, made.fixed)
    if made.kind == "surface":
        surface(axes, grid, values, look)
    elif made.kind == "heat":
        shades = axes.pcolormesh(*grid, values, cmap=tints(look), rasterized=True)
        figure.colorbar(shades, ax=axes)
    else:
        contours(axes, grid, values, look)
        axes.set_xlim(*made.box[x])
        axes.set_ylim(*made.box[y])
    return classes


def _classes(made: Plot) -> list[float]:
    """The numbers in the only further column of the points, where they are few whole ones."""
    columns = dict(made.looks["data"].columns) if made.looks["data"] else {}
    others = [column.tolist() for name, column in columns.items() if name not in made.box]
    found = sorted(set(others[0])) if len(others) == 1 else []
    return found if len(found) <= MOST_CLASSES and all(map(float.is_integer, found)) else []


def _labelled(
    axes: Axes, data: Data, places: tuple[str, str], classes: Sequence[float], look: Look
) -> None:
    """The rows of a table on a map, each class in its own colour."""
    x, y = (data.columns[name] for name in places)
    style: dict[str, Any] = {"linestyle": "none", "markersize": 6, "zorder": 5}
    style["markeredgecolor"] = look.paper
    label, rows = next(((n, c) for n, c in data.columns.items() if n not in places), ("", x))
    for k, name in enumerate(classes):
        own = rows == name
        if own.any():
            axes.plot(x[own], y[own], label=f"{label} = {name:g}",
                      **{**look.series(k, marked=True), **style})  # fmt: skip
    if not classes:
        axes.plot(x, y, marker="o", **{**style, "color": look.paper, "markeredgecolor": look.ink})


def _arrows(axes: Axes, function: _Function, made: Plot, look: Look) -> None:
    """The direction of the gradient, or down, in arrows of one length where it is longest."""
    import numpy as np

    x, y = made.box
    across, up = grid_of(made.box, _ARROWS, inside=True)
    slopes = []
    for name in (x, y):
        if name in function.graph.inputs:
            formula = function.graph.gradient(name)[name]
            slopes.append(over_grid(formula, {x: across, y: up}, made.fixed))
        else:
            slopes.append(np.zeros_like(across))
    sign = -1.0 if made.looks["arrows"] == "descent" else 1.0
    axes.quiver(across, up, sign * slopes[0], sign * slopes[1], color=look.ink, angles="xy",
                width=0.0035, alpha=0.85, zorder=4)  # fmt: skip
    axes.set_aspect("equal")  # or arrows would not stand upright on the lines
