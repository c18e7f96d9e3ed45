"""Optimizers at work: a contour map with their ways, losses on a log axis, an animation."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.parts import part
from graphdiff.core.support.words import Words, languages, words
from graphdiff.errors import Unsupported
from graphdiff.language.notation.printer import symbol
from graphdiff.study.descent.problem import written_out
from graphdiff.study.descent.tables import best_of

from .basins import starts
from .maps import GRID, contours, surface, values_at
from .rates import rates, value_name
from .style import Look, drawing

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from graphdiff.study.descent import Descent, Trajectory

__all__ = ["PLOTS", "animation", "figure"]

PLOTS = ("auto", "map", "loss", "step", "rates", "surface")
MOST_RUNS = 14
"""Runs in one picture: as many as colours, dashes and marks tell apart."""
FRAMES = 60
POINTS = 2_000
"""Points of one line."""


def figure(
    result: Descent | Trajectory, *, language: str = "en", theme: str = "light",
    width: float = 11.0,
    plot: str = "auto",
) -> Figure:  # fmt: skip
    """The map of a program of one or two numbers with every run, and the losses beside it.

    Raises ProgramMissing without matplotlib, Unsupported for more runs than a picture shows and
    for a map of more than two numbers.
    """
    with drawing(theme) as look:
        said = words(language, "plot.descent")
        if plot == "rates":
            return rates(_as_descent(result), said, look, width)
        if getattr(result, "over", None) is not None:
            return starts(_as_descent(result), said, look, width)
        if plot == "surface":
            return _surface(_runs(result), said, look, width)
        made, _ = _drawn(_runs(result), said, look, width, plot)
    return made


def _surface(runs: Sequence[Trajectory], said: Words, look: Look, width: float) -> Figure:
    """The landscape in perspective, and the ways on it as far as they stay in its box."""
    import numpy as np

    if len(runs[0].names) != 2 or len(runs) > MOST_RUNS or not _alike(runs):
        numbers = f"{len(runs)} runs of {len(runs[0].names)} parameters"
        raise Unsupported(f"there is no surface of {numbers}", hint="two parameters have one")
    box = _box(runs)
    made = look.figure(width * 0.8, width * 0.6, runs[0].problem.graph.source)
    axes: Any = made.add_subplot(projection="3d", computed_zorder=False)
    grid = np.meshgrid(*[np.linspace(*side, GRID) for side in box])
    surface(axes, grid, _landscape(runs[0], grid), look, alpha=0.8)
    for k, run in enumerate(runs):
        points = run.points[_thinned(run)]
        low, high = np.array(box).T
        out = np.flatnonzero(((points < low) | (points > high)).any(axis=1))
        xs, ys = points[: int(out[0]) if out.size else None].T
        heights = _landscape(run, [xs, ys]) if len(xs) else xs
        axes.plot(xs, ys, heights, label=_label(run, said), zorder=5, markersize=4,
                  markevery=_every(run), **look.series(k, marked=True))  # fmt: skip
    look.label(axes, *map(symbol, runs[0].names))
    look.legend(axes, loc="upper left")
    return made


def _as_descent(result: Descent | Trajectory) -> Descent:
    from graphdiff.study.descent import Descent

    return result if isinstance(result, Descent) else Descent((result,))


def _runs(result: Descent | Trajectory) -> Sequence[Trajectory]:
    return result.runs if hasattr(result, "runs") else (result,)


def _drawn(
    runs: Sequence[Trajectory], said: Words, look: Look, width: float, plot: str
) -> tuple[Figure, dict[str, Axes]]:
    if len(runs) > MOST_RUNS:
        raise Unsupported(
            f"{len(runs)} runs do not fit in one picture", hint=f"choose up to {MOST_RUNS}"
        )
    flat = len(runs[0].names) <= 2 and _alike(runs)
    if plot == "map" and not flat:
        what = f"{len(runs[0].names)} parameters" if _alike(runs) else "several programs"
        raise Unsupported(f"there is no map of {what}", hint="use --plot loss")
    parts = [p for p in ("map", "loss") if plot in ("auto", p) and (p == "loss" or flat)]
    parts = parts or ["step"]
    made = look.figure(
        width if len(parts) == 2 else width * 0.65, width * 0.42, runs[0].problem.graph.source
    )
    axes = dict(zip(parts, made.subplots(1, len(parts), squeeze=False)[0], strict=True))
    if "map" in axes:
        _map(axes["map"], runs, said, look)
    if "loss" in axes:
        _losses(axes["loss"], runs, said, look)
    if "step" in axes:
        _paces(axes["step"], runs, said, look)
    look.legend(axes[parts[-1]])
    return made, axes


def _alike(runs: Sequence[Trajectory]) -> bool:
    """Whether all runs are of one program."""
    return len({run.source for run in runs}) <= 1


def _label(run: Trajectory, said: Words) -> str:
    if run.status != "diverged":
        return run.label
    when = run.taken if run.diverged_at is None else run.diverged_at
    return f"{run.label} (✕ {said['diverged']} {when:,})"


def _losses(axes: Axes, runs: Sequence[Trajectory], said: Words, look: Look) -> None:
    """Value against step, or loss against epoch, on a log axis."""
    import numpy as np

    if runs[0].curves is not None:
        _epochs(axes, runs, said, look)
        return
    lowest = min(float(run.values.min()) for run in runs)
    above = lowest <= 0
    for k, run in enumerate(runs):
        seen = _thinned(run)
        heights = run.values[seen] - (lowest if above else 0.0)
        shown = np.where(heights > 0, np.clip(heights, 1e-250, 1e250), np.nan)
        line = axes.plot(run.steps[seen], shown, label=_label(run, said), **look.series(k))[0]
        drawn = np.flatnonzero(shown > 0)
        if 0 < drawn.size < seen.size // 2:
            # It soon is at the lowest value, of which there is no logarithm.
            line.set(marker="o", markevery=[int(drawn[-1])])
    axes.semilogy()
    height = said["above"] if above else said("value", name=value_name(runs))
    look.label(axes, said["step"], height)


def _paces(axes: Axes, runs: Sequence[Trajectory], said: Words, look: Look) -> None:
    """How long a step is, measured in gradients: the learning rate that a rule really has."""
    import numpy as np

    for k, run in enumerate(runs):
        seen = _thinned(run)[:-1]
        with np.errstate(all="ignore"):
            lengths = np.linalg.norm(np.diff(run.points, axis=0), axis=1) / np.diff(run.steps)
            paces = lengths / np.linalg.norm(run.gradients[:-1], axis=1)
        shown = np.where(np.isfinite(paces) & (paces > 0), paces, np.nan)[seen]
        axes.plot(run.steps[seen], shown, label=_label(run, said), **look.series(k))
    axes.semilogy()
    look.label(axes, said["step"], said["pace"])


def _epochs(axes: Axes, runs: Sequence[Trajectory], said: Words, look: Look) -> None:
    positive = all(min(run.curves.training) > 0 for run in runs if run.curves)
    for k, run in enumerate(runs):
        assert run.curves is not None
        style = {**look.series(k), "linestyle": "-"}
        name = _label(run, said)
        held = any(run.curves.validation for run in runs if run.curves)
        label = f"{name}, {said['training']}" if held else name
        axes.plot(run.curves.epochs, run.curves.training, label=label, **style)
        if run.curves.validation is not None:
            label = f"{name}, {said['validation']}"
            style = {**style, "linestyle": "--", "marker": "o", "markersize": 4}
            axes.plot(run.curves.epochs, run.curves.validation, label=label, **style)
    if positive:
        axes.semilogy()
    look.label(axes, said["epoch"], said["loss"])


def _map(axes: Axes, runs: Sequence[Trajectory], said: Words, look: Look) -> None:
    """The landscape, the start and the way of every run."""
    import numpy as np
    from matplotlib.patheffects import withStroke

    box = _box(runs)
    if len(runs[0].names) == 1:
        xs = np.linspace(*box[0], 4 * GRID)
        ys = _landscape(runs[0], [xs])
        axes.plot(xs, ys, color=look.muted, linewidth=1.6)
        axes.set_xlim(*box[0])
        # What runs away must not make the rest small.
        low, high = np.nanmin(ys), np.nanmax(ys)
        if low < high:
            axes.set_ylim(low - 0.08 * (high - low), high + 0.08 * (high - low))
        look.label(axes, symbol(runs[0].names[0]), said("value", name=value_name(runs)))
    else:
        grid = np.meshgrid(*[np.linspace(*side, GRID) for side in box])
        contours(axes, grid, _landscape(runs[0], grid), look)
        look.label(axes, *map(symbol, runs[0].names))
        axes.set_xlim(*box[0])
        axes.set_ylim(*box[1])
    for k, run in enumerate(runs):
        xs, ys = _way(run, box)
        style = look.series(k, marked=True)
        label = _label(run, said)
        if run.status == "diverged" and (left := _leaves(xs, ys, axes)) is not None:
            xs, ys = xs[: left + 1], ys[: left + 1]
            axes.plot(xs[-1], ys[-1], "x", color=style["color"], markersize=11, markeredgewidth=2.6)
            axes.annotate(
                str(run.steps[left]),
                (xs[-1], ys[-1]),
                (7, 4),
                fontsize=10.5,
                zorder=5,
                textcoords="offset points",
                color=style["color"],
                path_effects=[withStroke(linewidth=3, foreground=look.paper)],
            )
        axes.plot(
            xs, ys, label=label, markersize=3.5, linewidth=1.5, markevery=_every(run), **style
        )
    if (best := best_of(runs)) is not None:
        xs, ys = _way(best, box)
        axes.plot(xs[-1:], ys[-1:], "*", color=look.ink, markersize=13, zorder=4)
    for begun in {tuple(run.points[0].tolist()): run for run in runs}.values():
        xs, ys = _way(begun, box)
        axes.plot(xs[:1], ys[:1], "o", color=look.ink, markersize=8, fillstyle="none", zorder=4)
        axes.annotate(
            said["start"], (xs[0], ys[0]), (6, 6), textcoords="offset points", zorder=5,
            path_effects=[withStroke(linewidth=3, foreground=look.paper)],
        )  # fmt: skip


def _leaves(xs: Any, ys: Any, axes: Axes) -> int | None:
    """The last point of a way before it first leaves the map."""
    import numpy as np

    (left, right), (low, high) = axes.get_xlim(), axes.get_ylim()
    out = np.flatnonzero((xs < left) | (xs > right) | (ys < low) | (ys > high))
    return max(int(out[0]) - 1, 0) if out.size else None


def _every(run: Trajectory) -> int:
    """How many drawn steps apart the marks are."""
    return max(1, min(len(run.steps), POINTS) // 40)


def _thinned(run: Trajectory) -> Any:
    """The rows that are drawn: all of a short run, some of a long one."""
    import numpy as np

    rows = np.linspace(0, len(run.steps) - 1, min(len(run.steps), POINTS))
    return np.unique(rows.round().astype(int))


def _way(run: Trajectory, box: Sequence[tuple[float, float]]) -> tuple[Any, Any]:
    """The points of a run in the plane of its map; what is far outside ends well outside."""
    import numpy as np

    far = [(low - 50 * (high - low), high + 50 * (high - low)) for low, high in box]
    seen = _thinned(run)
    xs = np.clip(run.points[seen, 0], *far[0])
    if len(run.names) == 1:
        bound = 1e3 * (1 + abs(float(run.values[0])))
        # On data, values are those of batches; the map is that of all rows.
        values = run.values[seen] if run.curves is None else _landscape(run, [xs])
        return xs, np.clip(values, -bound, bound)
    return xs, np.clip(run.points[seen, 1], *far[1])


def _box(runs: Sequence[Trajectory]) -> list[tuple[float, float]]:
    """What the map shows: where values are no more than ten times those at the starts."""
    import numpy as np

    limit = 10 * max(abs(float(run.values[0])) for run in runs) + 1e-9
    seen = [run.points[np.abs(run.values) <= limit] for run in runs if run.status != "diverged"]
    starts = [run.points[:2][np.abs(run.values[:2]) <= limit] for run in runs]
    points = np.concatenate([*seen, *starts])
    low, high = points.min(axis=0), points.max(axis=0)
    size = np.maximum(high - low, 0.2 * float((high - low).max()))
    size = np.where(size > 0, size, np.maximum(np.abs(low), 1.0))
    middle = (low + high) / 2
    sides = zip((middle - 0.65 * size).tolist(), (middle + 0.65 * size).tolist(), strict=True)
    return list(sides)


def _landscape(run: Trajectory, grid: Sequence[Any]) -> Any:
    """The program at many points at once; NaN where it has no value."""
    problem = written_out(run.problem)
    return values_at(problem, dict(zip(problem.start, grid, strict=True)), grid[0].shape)


def animation(
    result: Descent | Trajectory, *, language: str = "en", theme: str = "light",
    width: float = 8.0, plot: str = "auto", seconds: float = 6.0,
) -> bytes:  # fmt: skip
    """A GIF in which every run goes its way; the same bytes on every run.

    Raises ProgramMissing without matplotlib or pillow.
    """
    Image = part("PIL.Image", "animations need")  # noqa: N806  a module
    with drawing(theme) as look:
        runs = _runs(result)
        made, axes = _drawn(runs, words(language, "plot.descent"), look, width, plot)
        pictures = [Image.fromarray(frame).convert("RGB") for frame in _frames(made, axes, runs)]
    palette = pictures[-1].quantize(128, dither=Image.Dither.NONE)
    pages = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in pictures]
    time = max(20, round(1000 * seconds / len(pages)))
    out = BytesIO()
    pages[0].save(
        out, "GIF", save_all=True, append_images=pages[1:], loop=0, optimize=False,
        duration=[*[time] * (len(pages) - 1), 2_000],
    )  # fmt: skip
    return out.getvalue()


def _frames(made: Figure, axes: dict[str, Axes], runs: Sequence[Trajectory]) -> list[Any]:
    """Pictures of the first steps, more steps, all steps; the background is drawn once."""
    import numpy as np

    canvas: Any = made.canvas
    made.set_dpi(100)
    told = [words(language, "plot.descent") for language in languages()]
    labels = {_label(run, said) for run in runs for said in told}
    moving = [
        (part, line, np.asarray(line.get_xdata()), np.asarray(line.get_ydata()))
        for part in axes.values()
        for line in part.get_lines()
        if any(str(line.get_label()).startswith(label) for label in labels)
    ]
    for _, line, _, _ in moving:
        line.set_animated(True)
    canvas.draw()
    for plot in axes.values():
        if legend := plot.get_legend():
            # Else it would look for a better place in every frame.
            corner = plot.transAxes.inverted().transform(legend.get_window_extent().p0)
            legend.set_loc(tuple(corner.tolist()))
    ground = canvas.copy_from_bbox(made.bbox)
    longest = max(len(xs) for _, _, xs, _ in moving)
    counts = np.unique(np.linspace(1, longest, min(FRAMES, longest)).round().astype(int))
    frames = []
    for count in counts.tolist():
        canvas.restore_region(ground)
        for plot, line, xs, ys in moving:
            line.set_data(xs[:count], ys[:count])
            plot.draw_artist(line)
        for plot in axes.values():
            # Words stand above the lines, as in a figure.
            for text in (*plot.texts, plot.get_legend()):
                if text is not None:
                    plot.draw_artist(text)
        frames.append(np.asarray(canvas.buffer_rgba())[..., :3].copy())
    return frames
