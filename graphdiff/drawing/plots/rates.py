"""Optimizers by learning rate: where each of them ends, with the same grid and the same budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from graphdiff.core.support.words import Words
from graphdiff.errors import Unsupported
from graphdiff.language.notation.printer import symbol
from graphdiff.study.descent.quadratics import pace
from graphdiff.study.descent.tables import best_of

from .style import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from graphdiff.study.descent import Descent, Trajectory

__all__ = ["rates", "value_name"]


def rates(found: Descent, said: Words, look: Look, width: float) -> Figure:
    """The last value over the learning rate, a line for every optimizer; the best one is ringed.

    Raises Unsupported where no optimizer has several rates.
    """
    families = found.families
    if all(len(runs) == 1 for runs in families.values()):
        raise Unsupported("there is one learning rate", hint="several are --lr 0.001..1:13")
    made = look.figure(width * 0.75, width * 0.48, found.source)
    axes = made.add_subplot()
    scale = _Scale.of([run.value for run in found.runs if _ended(run)])
    for k, (family, runs) in enumerate(families.items()):
        style = look.series(k, marked=True)
        _line(axes, family, runs, scale, style)
        _lost(axes, runs, scale.top * 3**k, style["color"])
        if found.eigenvalues is not None:
            _bound(axes, runs[0], found.eigenvalues, style["color"], k)
    if any(not _ended(run) for run in found.runs):
        axes.plot([], [], "x", color=look.ink, markeredgewidth=2, label=said["lost"])
    axes.loglog()
    axes.set_ylim(scale.bottom / 2, scale.top * 3 ** len(families))
    value = said("value", name=value_name(found.runs))
    height = said["above"] if scale.floor else value
    look.label(axes, f"{said['rate']}\n{_protocol(found, said)}", height)
    axes.xaxis.label.set_fontsize(11.5)
    look.legend(axes, loc="lower left")
    return made


def value_name(runs: Sequence[Trajectory]) -> str:
    """What the programs call their values."""
    graphs = [run.problem.graph for run in runs]
    return ", ".join(dict.fromkeys(symbol(graph.labels[graph.output]) for graph in graphs))


def _ended(run: Trajectory) -> bool:
    return run.status != "diverged" and run.value == run.value


class _Scale(NamedTuple):
    """Heights on a log axis: values, or where some are not positive, what they have above the
    lowest."""

    floor: float
    bottom: float
    top: float

    @classmethod
    def of(cls, values: Sequence[float]) -> _Scale:
        low = min(values, default=1.0)
        floor = low if low <= 0 else 0.0
        heights = [value - floor for value in values if value > floor] or [1.0]
        top = max(heights)
        return cls(floor, max(min(heights), _DEEP * top) / 2, 10 * top)

    def height(self, value: float) -> float:
        """The lowest value itself stands at the bottom."""
        return max(value - self.floor, self.bottom)


_DEEP = 1e-10


def _line(
    axes: Axes, family: str, runs: Sequence[Trajectory], scale: _Scale, style: dict[str, Any]
) -> None:
    """One optimizer; its best rate has a ring."""
    fine = sorted([run for run in runs if _ended(run)], key=lambda run: run.chosen.lr)
    best = best_of(runs)
    name = family if best is None else f"{family}: lr {best.chosen.lr:g}"
    axes.plot([run.chosen.lr for run in fine], [scale.height(run.value) for run in fine],
              label=name, **style)  # fmt: skip
    if best is not None:
        axes.plot(best.chosen.lr, scale.height(best.value), "o", markersize=15, fillstyle="none",
                  color=style["color"], markeredgewidth=2)  # fmt: skip


def _lost(axes: Axes, runs: Sequence[Trajectory], height: float, color: str) -> None:
    """A cross where a run diverged, and the step."""
    for run in runs:
        if not _ended(run):
            axes.plot(run.chosen.lr, height, "x", color=color, markersize=8, markeredgewidth=2.2)
            axes.annotate(str(run.taken), (run.chosen.lr, height), (7, 0), va="center", fontsize=10,
                          textcoords="offset points", color=color)  # fmt: skip


def _bound(axes: Axes, run: Trajectory, eigenvalues: tuple[float, ...], color: str, k: int) -> None:
    """The rate from which on no run on this quadratic converges."""
    found = pace(run.chosen, eigenvalues)
    if found is not None and found.below is not None:
        axes.axvline(found.below, color=color, linestyle=":", linewidth=1.6)
        axes.annotate(f"lr < {found.below:.4g}", (found.below, 0.8 - 0.17 * k),
                      (-4, 0), xycoords=axes.get_xaxis_transform(), textcoords="offset points",
                      rotation=90, ha="right", va="top", fontsize=10,
                      color=color)  # fmt: skip


def _protocol(found: Descent, said: Words) -> str:
    """What was held equal: steps, start, grid; with it every number can be had from descend."""
    first = found.runs[0]
    grids = {tuple(run.chosen.lr for run in runs) for runs in found.families.values()}
    grid = next(iter(grids))
    told = [said("steps", count=f"{max(run.taken for run in found.runs):,}")]
    if len(first.names) <= _NAMED:
        start = zip(first.names, first.points[0].tolist(), strict=True)
        told.append(said("from", start=", ".join(f"{symbol(n)} = {x:g}" for n, x in start)))
    if len(grids) == 1:
        told.append(said("grid", count=len(grid), low=f"{min(grid):g}", high=f"{max(grid):g}"))
    return " · ".join(told)


_NAMED = 3
