"""f and f′ of an analysed function: kinks with one-sided tangents, jumps, poles, flat parts."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.op import ATOM, Op
from graphdiff.core.support.words import Words, words
from graphdiff.errors import GraphDiffError
from graphdiff.language.notation.printer import printer_for, symbol
from graphdiff.program.graph import graph_of
from graphdiff.study.landscape import Landscape, Point
from graphdiff.study.landscape.curves import Curve, curves
from graphdiff.study.landscape.showing import decimal

from .style import Look, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["figure", "limits", "marks", "set_out"]

_MARKED = 60
"""Points that are marked; more would hide the curve."""


def figure(
    result: Landscape, *, language: str = "en", theme: str = "light", width: float = 8.0
) -> Figure:
    """Two plots, one above the other: the function, and its derivative.

    Raises ProgramMissing without matplotlib.
    """
    said, (value, title) = words(language, "plot.landscape"), set_out(result.source)
    with drawing(theme) as look:
        made = look.figure(width, 0.8 * width, f"{title[:80]} and its derivative")
        above, below = made.subplots(2, 1, sharex=True)
        lines = curves(result)
        name = symbol(result.box.name)
        _curve(above, look, lines, "f", 0)
        _curve(below, look, lines, "slope", 1)
        for axes, field in ((above, "f"), (below, "slope")):
            limits(axes, lines, field, any(point.kind == "pole" for point in result.points))
            _stretches(axes, look, result, said)
        marks(above, look, result, said)
        _slope_marks(below, look, result, said)
        look.label(above, "", f"{value}({name})", title if len(title) <= 48 else title[:47] + "…")
        look.label(below, name, f"{value}′({name})")
        above.set_xlim(decimal(result.box.low), decimal(result.box.high))
        for axes in (above, below):
            look.legend(axes, loc="best")
    return made


def set_out(source: str, ops: Mapping[str, Op] | None = None) -> tuple[str, str]:
    """The name of a program's value, and a single statement as books write it.

    >>> set_out("J = 1/abs(theta_1)"), set_out("sin(x)"), set_out("q = 2*x; q^2")[1]
    (('J', 'J = 1/|θ₁|'), ('f', 'sin(x)'), 'q = 2*x; q^2')
    """
    plain = " ".join(source.split())
    try:
        graph = graph_of(source, ops)
        value, inputs = symbol(graph.labels[graph.output]), graph.inputs
        printed = {name: (symbol(name), ATOM) for name in inputs}
        shown = printer_for("unicode", graph.tape, written=printed).show(graph.output)
    except GraphDiffError:  # of arrays, whose shapes stand elsewhere
        return "f", plain
    # Settings that the row fills in are not what was written: elu(x, 1).
    if len(graph.names) > 1 or ";" in source or shown.count(",") > source.count(","):
        return value, plain
    return value, f"{value} = {shown}" if graph.names else shown


def _curve(axes: Axes, look: Look, lines: list[Curve], field: str, k: int) -> None:
    for line in lines:
        axes.plot(line.x, getattr(line, field), color=look.colours[k], linestyle="-")


def limits(axes: Axes, lines: list[Curve], field: str, poles: bool) -> None:
    """The range that is shown: all of it, or where a few points near a pole would squeeze the rest,
    the part that most points are in."""
    import numpy

    # Evenly spaced, since the curves have more points near their ends.
    values = [
        numpy.interp(
            numpy.linspace(line.x[0], line.x[-1], max(3, round(2000 * share))),
            line.x, getattr(line, field),
        )
        for line, share in zip(lines, _shares(lines), strict=True)
    ]  # fmt: skip
    finite: Any = numpy.concatenate([v[numpy.isfinite(v)] for v in values]) if values else []
    if not len(finite):
        return
    low, high = float(numpy.min(finite)), float(numpy.max(finite))
    inner_low, inner_high = (float(q) for q in numpy.percentile(finite, [8, 92]))
    spread = inner_high - inner_low
    if poles or (high - low) > 12 * spread > 0:
        low, high = max(low, inner_low - spread), min(high, inner_high + spread)
    size = max(1.0, abs(low), abs(high))
    # A curve that is level but for rounding is shown level.
    room = 0.08 * (high - low) if high - low > 1e-9 * size else 0.5 * size
    if math.isfinite(room):
        axes.set_ylim(low - room, high + room)


def _shares(lines: list[Curve]) -> list[float]:
    widths = [float(line.x[-1] - line.x[0]) for line in lines]
    return [width / sum(widths) for width in widths]


def _stretches(axes: Axes, look: Look, result: Landscape, said: Words) -> None:
    """Flat parts and those outside the domain are shaded, and hatched so that grey print tells."""
    hatches = {"flat": "..", "constant": "..", "outside": "//"}
    told = set()
    narrow = (decimal(result.box.high) - decimal(result.box.low)) / 100
    for region in result.regions:
        low, high = decimal(region.low), decimal(region.high)
        if region.kind not in hatches or high - low <= narrow:
            continue
        label = "" if region.kind in told else said[region.kind]
        told.add(region.kind)
        axes.axvspan(
            low, high, facecolor=look.shade, edgecolor=look.grid, linewidth=0,
            hatch=hatches[region.kind], zorder=0, label=label,
        )  # fmt: skip


def marks(
    axes: Axes, look: Look, result: Landscape, said: Words | None = None, *, tangents: bool = True
) -> None:
    """Kinks, jumps, holes and poles, named once each in a language if there is one."""
    labelled: set[str] = set()

    def once(key: str) -> str:
        first = key not in labelled
        labelled.add(key)
        return said[key] if first and said else ""

    for point in result.points[:_MARKED]:
        x = decimal(point.at)
        if point.kind == "pole":
            axes.axvline(x, color=look.muted, linestyle=":", label=once("pole"))
            continue
        if point.kind in ("kink", "steep", "joint"):
            if not tangents:
                continue
            _tangents(axes, look, result, point, once)
            dot: dict[str, Any] = {
                "marker": "o",
                "color": look.ink,
                "linestyle": "none",
                "zorder": 5,
            }
            axes.plot([x], [_finite(point.value)], label=once(point.kind), **dot)
        if point.kind in ("jump", "hole"):
            _ends(axes, look, point, once)


def _tangents(axes: Axes, look: Look, result: Landscape, point: Point, once: Any) -> None:
    """A short piece of each one-sided tangent, dashed, beyond the point on its own side."""
    x, y = decimal(point.at), _finite(point.value)
    reach = (decimal(result.box.high) - decimal(result.box.low)) / 7
    low, high = axes.get_ylim()
    for slope, way in ((point.left_slope, -1), (point.right_slope, 1)):
        if slope is None:
            continue
        steep = decimal(slope)
        if math.isinf(steep):
            dx, dy = 0.0, math.copysign((high - low) / 5, steep) * way
        else:
            # In the proportions of the plot, so that steep tangents are as long as flat ones.
            tilt = steep * reach * 7 / (high - low)
            dx = way * reach / math.hypot(1, tilt)
            dy = steep * dx
        axes.plot(
            [x, x + dx], [y, y + dy], color=look.colours[2], linestyle=(0, (4, 1.5)), linewidth=3.2,
            alpha=0.9, zorder=4, label=once("tangents"),
        )  # fmt: skip


def _ends(axes: Axes, look: Look, point: Point, once: Any) -> None:
    """Open circles where the curve ends, a full one at the value."""
    x = decimal(point.at)
    style: dict[str, Any] = {
        "color": look.ink,
        "linestyle": "none",
        "marker": "o",
        "zorder": 5,
        "clip_on": False,
    }
    value = None if point.value is None else _finite(point.value)
    for limit in {_finite(side) for side in (point.left, point.right) if side is not None}:
        if limit != value:
            axes.plot(
                [x], [limit], markerfacecolor=look.paper, label=once(point.kind), **style
            )  # fmt: skip
    if value is not None:
        axes.plot([x], [value], **style)


def _slope_marks(axes: Axes, look: Look, result: Landscape, said: Words) -> None:
    """Open circles at one-sided derivatives that differ; lines where there are none."""
    label = said["one-sided f′"]
    for point in result.points[:_MARKED]:
        x = decimal(point.at)
        if point.kind in ("pole", "steep"):
            axes.axvline(x, color=look.muted, linestyle=":")
        elif point.kind in ("kink", "jump"):
            for slope in (point.left_slope, point.right_slope):
                if slope is not None and math.isfinite(decimal(slope)):
                    axes.plot(
                        [x], [decimal(slope)], marker="o", color=look.ink, linestyle="none",
                        markerfacecolor=look.paper, zorder=5, label=label,
                    )  # fmt: skip
                    label = ""


def _finite(value: Any) -> float:
    number = math.nan if value is None else decimal(value)
    return number if math.isfinite(number) else math.nan
