"""Errors of difference quotients over h: truncation to the right, rounding to the left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.words import Words, words

from .style import Look, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from graphdiff.study.differences.models import Model
    from graphdiff.study.differences.result import Check, GradCheck

__all__ = ["figure"]

_GROUPS = ("f", "c", "")
"""Columns of the legend: what belongs to the forward, the central quotient, and the rest."""
_SUPERSCRIPTS = str.maketrans("123456789", " ²³⁴⁵⁶⁷⁸⁹")


def figure(
    result: GradCheck, *, language: str = "en", theme: str = "light", width: float = 8.0
) -> Figure:
    """The sweep of the check with the largest relative error, on two logarithmic axes.

    >>> from graphdiff.study.differences import gradcheck
    >>> figure(gradcheck("sin(x)", x=1)).axes[0].get_xscale()
    'log'
    """
    said = words(language, "plot.differences")
    check = result.worst
    with drawing(theme) as look:
        drawn = look.figure(width, 0.78 * width, f"{result.source}: {check.label}")
        axes = drawn.add_subplot()
        axes.semilogx()
        axes.set_xlim(3e-16, 0.3)
        if check.exact is None:
            _values(axes, look, check, said)
        else:
            _errors(axes, look, check, result.epsilon, said)
        _kinks(axes, look, check, said)
        used = f"{said['used']}: {check.h:.0e}".replace("e-0", "e-")
        axes.axvline(check.h, color=look.muted, linestyle=(0, (1, 2)), linewidth=1.8, label=used)
        error = said["value" if check.exact is None else "error"]
        look.label(axes, said["h"], error, _title(result, check, said))
        drawn.legend(loc="outside lower center", ncols=3, frameon=False, handles=_columns(axes))
    return drawn


def _columns(axes: Axes) -> list[Any]:
    """Handles of the legend: a column for each quotient, one for the rest, filled up evenly."""
    from matplotlib.lines import Line2D

    columns: list[list[Any]] = [[], [], []]
    for handle, _ in zip(*axes.get_legend_handles_labels(), strict=True):
        columns[{"f": 0, "c": 1}.get(handle.get_gid() or "", 2)].append(handle)
    longest = max(map(len, columns))
    blank = Line2D([], [], linestyle="none", label=" ")
    return [h for column in columns for h in column + [blank] * (longest - len(column))]


def _title(result: GradCheck, check: Check, said: Words) -> str:
    program = result.source if len(result.source) <= 40 else result.source[:39] + "…"
    # A dollar sign would start mathematics.
    return (said("title", name=check.label) + f":  {program}").replace("$", r"\$")


def _errors(axes: Axes, look: Look, check: Check, epsilon: float, said: Words) -> None:
    axes.semilogy()
    sweeps = [
        (said["forward"], [(row.h, row.forward_error) for row in check.rows]),
        (said["central"], [(row.h, row.central_error) for row in check.rows]),
        (said["complex"], [(row.h, row.complex_error) for row in check.rows]),
    ]
    low, high = _limits(check, [error for _, points in sweeps for _, error in points], epsilon)
    axes.set_ylim(low, high)
    for k, (name, points) in enumerate(sweeps):
        _points(axes, look, k, name, points, low)
    for k, model in enumerate(check.models or ()):
        _model(axes, look, k, model, said)


def _limits(check: Check, errors: Iterable[float | None], epsilon: float) -> tuple[float, float]:
    """Powers of ten around all errors; errors of 0 lie at the lower edge."""
    import math

    known = [error for error in errors if error]
    size = abs(check.exact.value) if check.exact else 1.0
    known += [(size or 1.0) * epsilon / 4]
    low, high = min(known), max(*known, 1e-10 * (size or 1.0))
    return 10.0 ** (math.floor(math.log10(low)) - 1), 10.0 ** (math.ceil(math.log10(high)) + 1)


def _points(
    axes: Axes, look: Look, k: int, name: str, points: list[tuple[float, float | None]], low: float
) -> None:
    """Marks only, since nothing is known between two steps; of the first quotient larger ones, so
    that marks in one place are seen both."""
    style = {**look.series(k, marked=True), "linestyle": "none", "markersize": (10, 6.5, 6)[k]}
    known = [(h, error) for h, error in points if error is not None]
    if known:
        steps, errors = zip(*[(h, max(error, 1.3 * low)) for h, error in known], strict=True)
        axes.plot(steps, errors, label=name, zorder=3, clip_on=False, gid=_GROUPS[k], **style)


def _model(axes: Axes, look: Look, k: int, model: Model, said: Words) -> None:
    """The two straight lines whose sum is the model, and where they balance."""
    ends = (1e-15, 0.1)
    colour = look.series(k)["color"]
    common: dict[str, Any] = {"color": colour, "linewidth": 1.5, "zorder": 2, "gid": _GROUPS[k]}
    if model.order is not None:
        label = f"{said['truncation']} ∝ h{str(model.order).translate(_SUPERSCRIPTS)}"
        lines = [model.truncation(h) for h in ends]
        axes.plot(ends, lines, linestyle="--", label=label.rstrip(), **common)
    if model.rounding:
        label = f"{said['rounding']} ∝ ε/h"
        lines = [model.rounded(h) for h in ends]
        axes.plot(ends, lines, linestyle=(":", "-.")[k], label=label, **common)
    if model.best_h is not None and 1e-15 < model.best_h < 0.1:
        axes.plot(
            [model.best_h], [model.error(model.best_h)], marker="*", markersize=15,
            color=colour, markeredgecolor=look.ink, linestyle="none", zorder=4, gid=_GROUPS[k],
            label=f"{said['best']}: {model.best_h:.1e}".replace("e-0", "e-"),
        )  # fmt: skip


def _values(axes: Axes, look: Look, check: Check, said: Words) -> None:
    """Without a derivative: the quotients themselves."""
    for k, (name, points) in enumerate((
        (said["forward"], [(row.h, row.forward) for row in check.rows]),
        (said["central"], [(row.h, row.central) for row in check.rows]),
    )):  # fmt: skip
        known = [(h, value) for h, value in points if value is not None]
        if known:
            style = {**look.series(k, marked=True), "linewidth": 1.2}
            steps, values = zip(*known, strict=True)
            axes.plot(steps, values, label=name, gid=_GROUPS[k], **style)


def _kinks(axes: Axes, look: Look, check: Check, said: Words) -> None:
    """A tint over the steps that go over a kink."""
    over = [h for h, _ in check.crossings]
    if over:
        axes.axvspan(min(over), 0.3, color=look.shade, zorder=0.5, label=said["kink"])
