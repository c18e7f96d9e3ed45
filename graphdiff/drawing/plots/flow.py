"""Charts of gradient flow: bars of gradients stage by stage, histograms of activations.

After Glorot & Bengio 2010, Understanding the difficulty of training deep feedforward neural
networks, figures 6 and 7, and CS231n, lecture 6.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from graphdiff.core.support.words import Words, words
from graphdiff.errors import GraphDiffError
from graphdiff.language.reading.unknown import one_of
from graphdiff.study.flow import Flow
from graphdiff.study.flow.measures import histogram

from .style import Look, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["KINDS", "figure"]

T = TypeVar("T")
KINDS = ("bars", "histogram")
_PANELS = 8
"""Histograms side by side; of more stages some are chosen evenly."""
_BARS = 40


def figure(
    flow: Flow,
    kind: str = "bars",
    *,
    language: str = "en",
    theme: str = "light",
    width: float = 9.0,
) -> Figure:
    """Bars (sizes by stage on a log axis) or histograms of activations and gradients.

    Raises GraphDiffError for a program without stages, Unsupported for another kind.
    """
    one_of("chart", kind, KINDS)
    said = words(language, "plot.flow")
    if not flow.stages:
        raise GraphDiffError(
            "the program has no stages to show: no activations, layers or named nodes",
            hint="name the parts: h = tanh(w*x); f = h^2",
        )
    with drawing(theme) as look:
        made = _bars if kind == "bars" else _histograms
        return made(flow, look, said, width)


def _evenly(stages: Sequence[T], most: int) -> list[T]:
    """At most so many, both ends among them."""
    if len(stages) <= most:
        return list(stages)
    step = (len(stages) - 1) / (most - 1)
    return [stages[round(k * step)] for k in range(most)]


def _bars(flow: Flow, look: Look, said: Words, width: float) -> Figure:
    stages = _evenly(flow.stages, _BARS)
    array = flow.trace.graph.has_arrays
    figure = look.figure(width, 5.6, "Gradient flow")
    upper, lower = figure.subplots(2, 1, sharex=True)
    sizes = [stage.value.std if array else abs(stage.value.mean) for stage in stages]
    gradients = [stage.gradient.rms for stage in stages]
    _row(upper, look, sizes, look.colours[0], "", said)
    _row(lower, look, gradients, look.colours[1], "//", said)
    look.label(upper, title=said["activations" if array else "sizes"])
    look.label(lower, x=said["stage"], title=said["gradients" if array else "gradient_sizes"])
    lower.set_xticks(range(len(stages)))
    turned = len(stages) > 12 or max(len(stage.name) for stage in stages) > 5
    lower.set_xticklabels([stage.name for stage in stages], rotation=90 if turned else 0)
    return figure


def _row(
    axes: Axes, look: Look, sizes: Sequence[float], colour: str, hatch: str, said: Words
) -> None:
    """Bars on a log axis; an exact 0, which has no place there, is said in words."""
    from matplotlib.ticker import NullFormatter

    known = [size for size in sizes if 0 < size < math.inf]
    # Whole powers of ten, of which there is a mark at either end.
    bottom = math.floor(math.log10(min(known, default=0.1)) - 0.2)
    top = max(bottom + 1, math.ceil(math.log10(max(known, default=1.0))))
    low = 10.0**bottom
    axes.semilogy()
    axes.set_ylim(low, 10.0**top * 1.2)
    axes.yaxis.set_minor_formatter(NullFormatter())
    heights = [size if 0 < size < math.inf else low for size in sizes]
    axes.bar(range(len(sizes)), heights, color=colour, hatch=hatch, edgecolor=look.paper, width=0.7)
    axes.grid(False, axis="x")
    for place, size in enumerate(sizes):
        if not 0 < size < math.inf:
            axes.annotate(
                said["none"] if size == 0 else "∞", (place, low), (0, 3),
                textcoords="offset points", ha="center", va="bottom", rotation=90, color=look.ink,
            )  # fmt: skip


def _histograms(flow: Flow, look: Look, said: Words, width: float) -> Figure:
    panels = [
        (s.name, s.values, s.gradients) for s in flow.stages if s.values[1] and s.gradients[1]
    ]
    if not flow.trace.graph.has_arrays:  # one number a stage: all of them together
        values = histogram([stage.value.mean for stage in flow.stages])
        panels = [("", values, histogram([stage.gradient.mean for stage in flow.stages]))]
    if not panels or not all(counts for _, one, other in panels for counts in (one[1], other[1])):
        raise GraphDiffError(
            "no stage has numbers that a histogram can show", hint="choose other values"
        )
    panels = _evenly(panels, _PANELS)
    figure = look.figure(max(width, 1.7 * len(panels)), 5.0, "Gradient flow")
    grid: Any = figure.subplots(2, len(panels), squeeze=False)
    for column, (name, one, other) in enumerate(panels):
        _bins(grid[0][column], one, look.colours[0])
        _bins(grid[1][column], other, look.colours[1])
        grid[0][column].set_title(name, loc="left")
    grid[0][0].set_ylabel(said["value"])
    grid[1][0].set_ylabel(said["gradient"])
    return figure


def _bins(axes: Axes, histogram: tuple[tuple[float, ...], tuple[int, ...]], colour: str) -> None:
    """One histogram, with but a few numbers below it."""
    from matplotlib.ticker import FuncFormatter

    edges, counts = histogram
    axes.stairs(counts, edges, fill=True, color=colour)
    axes.set_yticks([])
    low, high = edges[0], edges[-1]
    axes.set_xticks([low, high])
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:.1e}" if 0 < abs(x) < 0.01
                                                 else f"{x:.2g}"))  # fmt: skip
    first, last = axes.get_xticklabels()
    first.set_horizontalalignment("left")
    last.set_horizontalalignment("right")
    axes.tick_params(axis="x", labelsize=9)
    axes.grid(False)
