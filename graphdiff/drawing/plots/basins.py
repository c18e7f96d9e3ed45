"""Where many starts lead: each start in the colour of the point where it ends, with its share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.words import Words
from graphdiff.errors import Unsupported
from graphdiff.language.notation.printer import symbol
from graphdiff.study.descent.basins import basins
from graphdiff.study.descent.problem import written_out

from .maps import GRID, contours, grid_of, values_at
from .rates import value_name
from .style import MARKERS, Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from graphdiff.study.descent import Descent, Trajectory

__all__ = ["starts"]

_PANELS = 4
_COLOURS = 6
"""Ends that have a colour of their own; the others are grey."""


def starts(found: Descent, said: Words, look: Look, width: float) -> Figure:
    """A panel for every optimizer.

    Raises Unsupported for more than two parameters and for many optimizers.
    """
    assert found.over is not None
    if len(found.over) > _PLANE or len(found.runs[0].names) != len(found.over):
        raise Unsupported(
            f"there is no map of {len(found.runs[0].names)} parameters",
            hint="ranges of one or two: --over x=-2..2",
        )
    kinds: dict[str, list[Trajectory]] = {}
    for run in found.runs:
        kinds.setdefault(run.chosen.unplaced, []).append(run)
    if len(kinds) > _PANELS:
        hint = f"choose up to {_PANELS} optimizers"
        raise Unsupported(f"{len(kinds)} maps do not fit in one picture", hint=hint)
    made = look.figure(width * max(0.65, 0.48 * len(kinds)), width * 0.45, found.source)
    for axes, (name, runs) in zip(
        made.subplots(1, len(kinds), squeeze=False)[0], kinds.items(), strict=True
    ):
        _panel(axes, runs, found.over, look)
        steps = max(run.taken for run in runs)
        told = said("protocol", count=len(runs), seed=found.seed, steps=f"{steps:,}")
        axes.set_title(f"{name}: {told}", loc="left", fontsize=11.5)
    return made


_PLANE = 2


def _panel(
    axes: Axes, runs: list[Trajectory], over: Mapping[str, tuple[float, float]], look: Look
) -> None:
    import numpy as np
    from matplotlib.patheffects import withStroke

    problem = written_out(runs[0].problem)
    if len(over) == 1:
        ((name, side),) = over.items()
        xs = np.linspace(*side, 4 * GRID)
        axes.plot(xs, values_at(problem, {name: xs}, xs.shape), color=look.muted, linewidth=1.6)
        look.label(axes, symbol(name), value_name(runs))
    else:
        grid = grid_of(over)
        values = values_at(problem, dict(zip(over, grid, strict=True)), grid[0].shape)
        contours(axes, grid, values, look)
        look.label(axes, *map(symbol, over))
        axes.set_xlim(*next(iter(over.values())))
        axes.set_ylim(*list(over.values())[1])
    order = [list(over).index(name) for name in runs[0].names]

    def place(point: Any, value: float) -> tuple[float, float]:
        return (point[0], value) if len(over) == 1 else (point[order[0]], point[order[1]])

    def dots(own: Any, **style: Any) -> None:
        spots = [place(run.points[0], float(run.values[0])) for run in own]
        axes.plot(*zip(*spots, strict=True), linestyle="none", markersize=4, alpha=0.8, **style)

    lost = [run for run in runs if run.status == "diverged"]
    if lost:
        dots(lost, color=look.ink, marker="x", label=f"{100 * len(lost) / len(runs):.3g} %")
    for k, basin in enumerate(basins(runs)):
        color = look.colours[k] if k < _COLOURS else look.muted
        dots(basin.runs, color=color, marker=MARKERS[k % len(MARKERS)])
        x, y = place(basin.point, basin.value)
        axes.plot(x, y, "*", color=color, markersize=19, markeredgecolor=look.ink, zorder=5)
        if k < _COLOURS:
            axes.annotate(
                f"{100 * basin.share:.3g} %", (x, y), (9, 9), textcoords="offset points", zorder=6,
                path_effects=[withStroke(linewidth=3, foreground=look.paper)],
            )  # fmt: skip
    look.legend(axes)
