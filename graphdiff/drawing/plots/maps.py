"""Values of a program over a plane, as lines of equal value and shades between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import lifted
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.sweeps.planned import Plan
from graphdiff.errors import DomainError, Unsupported
from graphdiff.language.reading.point import read_all, read_value
from graphdiff.program.graph import Graph
from graphdiff.program.unfold import entry_name, unfold
from graphdiff.study.descent.problem import Problem, pose, written_out

from .style import Look

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "GRID", "contours", "grid_of", "over_grid", "regions", "scores_at", "surface", "tints",
    "values_at",
]  # fmt: skip

GRID = 161
"""Points of a map from left to right."""
MOST_CLASSES = 7
"""Classes in one picture: as many as colours."""
_TRIED = 200
"""Points that are tried for one at which a program has a value."""


def grid_of(
    box: Mapping[str, tuple[float, float]], count: int = GRID, *, inside: bool = False
) -> Sequence[Any]:
    """The coordinates of a lattice over two ranges; ``inside`` keeps half a step from the rim."""
    import numpy as np

    sides = []
    for low, high in box.values():
        rim = (high - low) / (2 * count) if inside else 0.0
        sides.append(np.linspace(low + rim, high - rim, count))
    found: Sequence[Any] = np.meshgrid(*sides)
    return found


def over_grid(graph: Graph, points: Mapping[str, Any], fixed: Mapping[str, Any]) -> Any:
    """The program at many points at once; NaN where it has no value."""
    import numpy as np

    shape = next(iter(points.values())).shape
    own = {name: x for name, x in points.items() if name in graph.inputs}
    kept = {name: x for name, x in fixed.items() if name in graph.inputs}
    if not own:  # a constant is a function, too
        return np.full(shape, float(graph(kept)))
    problem = _posed(graph, own, kept)
    return np.full(shape, np.nan) if problem is None else values_at(problem, own, shape)


def _posed(graph: Graph, points: Mapping[str, Any], fixed: Mapping[str, Any]) -> Problem | None:
    """The program over numbers, by one of the points that it has a value at: not all have 0."""
    import numpy as np

    count = next(iter(points.values())).size
    for k in np.unique(np.linspace(0, count - 1, _TRIED).astype(int))[::-1]:
        try:
            start = {name: float(x.flat[k]) for name, x in points.items()}
            return written_out(pose(graph, start, fixed))
        except DomainError:
            continue
    return None


def values_at(problem: Problem, points: Mapping[str, Any], shape: tuple[int, ...]) -> Any:
    """A problem over numbers at many points at once; NaN where it has no value."""
    import numpy as np

    values = problem.graph.plan([]).forward({**problem.fixed, **points})[problem.graph.output]
    values = np.broadcast_to(np.asarray(values, dtype=float), shape)
    return np.where(np.isfinite(values), values, np.nan)


def scores_at(
    graph: Graph, points: Mapping[str, Any], fixed: Mapping[str, Any], classes: Sequence[float]
) -> tuple[Sequence[float], Any]:
    """Classes, and their scores at many points at once, NaN where a program has no value.

    The scores are the entries of the program's value; for one number how near it comes to each of
    these classes, or of whole numbers.  Raises Unsupported for more classes than colours.
    """
    import numpy as np

    shape = next(iter(points.values())).shape
    scalars, written = unfold(graph.total if graph.tape.nodes[graph.output].shape else graph)
    entries = [e.id for e in np.ravel(written[graph.output])]
    constants = {name: read_value(name, value) for name, value in fixed.items()}
    known = read_all({n: c for n, c in constants.items() if n in graph.inputs}, lifted(FLOAT))
    given = {
        entry_name(name, place): float(value)
        for name, array in known.items()
        for place, value in np.ndenumerate(np.asarray(array))
    }
    order = scalars.tape.needed_for(entries)
    values = Plan(scalars.tape, order, entries[0], []).forward({**given, **points})
    found = np.array([np.broadcast_to(np.asarray(values[i], float), shape) for i in entries])
    found = np.where(np.isfinite(found).all(axis=0), found, np.nan)
    if len(entries) > 1:
        names: Sequence[float] = range(len(entries))
    else:
        names = classes or np.unique(np.floor(found[np.isfinite(found)] + 0.5)).tolist()
        found = np.array([-abs(found[0] - name) for name in names])
    if len(names) > (most := MOST_CLASSES):
        hint = f"up to {most} have colours; --heat shows numbers"
        raise Unsupported(f"{len(names):,} classes in one picture", hint=hint)
    return names, found


def regions(
    axes: Axes, grid: Sequence[Any], scores: Any, places: Sequence[int], look: Look
) -> None:
    """Where each class has the largest score, in a tint of the series at its place."""
    import numpy as np

    for k, place in enumerate(places):
        others = np.delete(scores, k, axis=0)
        lead = scores[k] - others.max(axis=0) if len(others) else np.ones_like(scores[k])
        if not (lead > 0).any():
            continue
        tint = _mixed(look, place, _TINT)
        axes.contourf(*grid, lead, levels=[0.0, np.inf], colors=[tint])
        if (lead < 0).any():
            axes.contour(*grid, lead, levels=[0.0], colors=look.ink, linewidths=1.2)


_TALL = 1e200
"""Values that matplotlib takes for levels beyond all (it stops at 1e250)."""


def contours(axes: Axes, grid: Sequence[Any], values: Any, look: Look) -> None:
    """Lines of equal value, close together near the lowest, and shades between them."""
    import numpy as np

    finite = values[np.isfinite(values)]
    if finite.size and abs(finite).max() > _TALL:
        values, finite = values / abs(finite).max(), finite / abs(finite).max()
    if not finite.size or finite.max() == finite.min():
        return
    low, high = float(finite.min()), float(np.quantile(finite, 0.98))
    span = max(high - low, 1e-300)
    levels = low + span * np.linspace(0, 1, 16) ** 2.5
    levels = np.unique(levels)
    if len(levels) < 2:
        return
    shades = _shades(look, len(levels))
    axes.contourf(*grid, values, levels=levels, colors=shades, extend="max")
    axes.contour(*grid, values, levels=levels[1:], colors=look.muted, linewidths=0.6, alpha=0.7)


def _shades(look: Look, count: int) -> list[Any]:
    """Tints from a soft blue, where the value is low, to the paper."""
    return [_mixed(look, 0, _TINT * (1 - k / count)) for k in range(count)]


_TINT = 0.35
"""Colour in the strongest tint of the paper."""


def _mixed(look: Look, series: int, share: float) -> tuple[float, ...]:
    """The paper with a share of the colour of a series."""
    from matplotlib.colors import to_rgb

    ink, paper = to_rgb(look.colours[series % len(look.colours)]), to_rgb(look.paper)
    return tuple(share * a + (1 - share) * b for a, b in zip(ink, paper, strict=True))


def tints(look: Look) -> Any:
    """Colours from low to high."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("graphdiff", [look.colours[0], look.shade])


def surface(axes: Any, grid: Sequence[Any], values: Any, look: Look, alpha: float = 0.95) -> None:
    """The values in perspective."""
    axes.plot_surface(*grid, values, cmap=tints(look), linewidth=0, alpha=alpha)
    for axis in (axes.xaxis, axes.yaxis, axes.zaxis):
        axis.set_pane_color(look.paper)
    axes.locator_params(nbins=5)
