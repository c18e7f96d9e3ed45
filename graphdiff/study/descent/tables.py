"""Runs as tables for people: (title, headers, rows, columns of numbers)."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING

from graphdiff.core.support.section import Section
from graphdiff.language.notation.numbers import significant

from .basins import basins
from .quadratics import pace

if TYPE_CHECKING:
    from .trajectory import Descent, Trajectory

__all__ = [
    "basins_document",
    "best_of",
    "quadratic_document",
    "run_tables",
]

ROWS = 20
"""Steps shown of each run; of longer ones the first and the last."""
_DIGITS = 6
_EIGENVALUES = 3
"""Eigenvalues of a quadratic that are shown one by one."""
WIDEST = 6
"""Parameters shown one by one."""


def run_tables(found: Descent) -> list[Section]:
    """The steps of every run, then where all of them ended."""
    if found.over is not None:
        return [_basins(name, runs, found.seed) for name, runs in _kinds(found).items()]
    tables = []
    for run in found.runs if len(found.runs) <= ROWS else ():
        if run.curves is not None:
            tables.append(_epochs(run))
        if len(run.names) <= WIDEST and run.curves is None:
            tables.append(_steps(run))
    tables.append(_ends(found))
    if any(len(runs) > 1 for runs in found.families.values()):
        tables.append(_rates(found))
    if found.eigenvalues is not None:
        tables.append(_paces(found, found.eigenvalues))
    return tables


def _steps(run: Trajectory) -> Section:
    """Point, gradient, state and move of every step; one line for each parameter."""
    import numpy as np

    states = list(run.states)
    digits = 4 if len(states) > 1 else _DIGITS  # a terminal has 80 columns
    headers = ("step", "value", "", "x", "gradient", *states, "move")
    moves, count = run.moves, len(run.steps)
    shown = range(count)
    if count > ROWS:
        shown = [*range(ROWS - 5), *range(count - 5, count)]  # type: ignore[assignment]
    rows: list[tuple[str, ...]] = []
    previous = -1
    for k in shown:
        if k != previous + 1:
            rows.append(("…", *[""] * (len(headers) - 1)))
        previous = k
        for j, name in enumerate(run.names):
            lead = (str(run.steps[k]), significant(run.values[k], digits)) if j == 0 else ("", "")
            columns = [run.points, run.gradients, *[run.states[s] for s in states], moves]
            cells = [c[k, j] for c in columns]
            numbers = ["" if np.isnan(x) else significant(x, digits) for x in cells]
            rows.append((*lead, name, *numbers))
    right = frozenset({0, 1, *range(3, len(headers))})
    return Section(f"Steps: {run.label}", headers, tuple(rows), right)


def _epochs(run: Trajectory) -> Section:
    """Losses over all rows, epoch by epoch."""
    assert run.curves is not None
    rows = []
    for entry in run.curves.document():
        cells = [entry["epoch"], entry["training"], entry["validation"]]
        rows.append(tuple("" if x is None else significant(x, _DIGITS) for x in cells))
    headers = ("epoch", "training loss", "validation loss")
    return Section(f"Epochs: {run.label}", headers, tuple(rows), frozenset({0, 1, 2}))


def _ends(found: Descent) -> Section:
    """One line per run."""
    rows = []
    for run in found.runs:
        ended = f"{len(run.names):,} parameters"
        if len(run.names) <= WIDEST:
            named = zip(run.names, run.points[-1].tolist(), strict=True)
            ended = ", ".join(f"{name} = {significant(x, _DIGITS)}" for name, x in named)
        lines = [*wrap(ended, 44), *wrap(run.reason, 44)]
        rows.append((run.label, f"{run.taken:,}", significant(run.value, _DIGITS), lines[0]))
        rows += [("", "", "", line) for line in lines[1:]]
    return Section("Runs", ("optimizer", "steps", "value", "final"), tuple(rows), frozenset({1, 2}))


def _kinds(found: Descent) -> dict[str, list[Trajectory]]:
    """Runs that differ in the start alone."""
    kinds: dict[str, list[Trajectory]] = {}
    for run in found.runs:
        kinds.setdefault(run.chosen.unplaced, []).append(run)
    return kinds


def _basins(name: str, runs: Sequence[Trajectory], seed: int) -> Section:
    """Where so many starts ended."""
    rows = []
    for basin in basins(runs):
        named = zip(runs[0].names, basin.point, strict=True)
        settled = sum(run.status == "converged" for run in basin.runs)
        rows.append((
            ", ".join(f"{name} = {significant(x, _DIGITS)}" for name, x in named),
            significant(basin.value, _DIGITS), f"{len(basin.runs):,}", f"{100 * basin.share:.3g} %",
            f"{settled:,}",
        ))  # fmt: skip
    lost = sum(run.status == "diverged" for run in runs)
    if lost:
        rows.append(("diverged", "", f"{lost:,}", f"{100 * lost / len(runs):.3g} %", ""))
    headers = ("end", "value", "starts", "share", "converged")
    title = f"{name}: {len(runs):,} starts by chance (seed {seed})"
    return Section(title, headers, tuple(rows), frozenset({1, 2, 3, 4}))


def basins_document(found: Descent) -> list[dict[str, object]]:
    """For JSON: optimizer, end, value and share."""
    return [
        {"optimizer": name, "end": dict(zip(runs[0].names, basin.point, strict=True)),
         "value": basin.value, "starts": len(basin.runs), "share": basin.share}
        for name, runs in _kinds(found).items() for basin in basins(runs)
    ]  # fmt: skip


def _rates(found: Descent) -> Section:
    """The best learning rate of every optimizer, of those that were tried."""
    rows = []
    for family, runs in found.families.items():
        best, lost = best_of(runs), sum(run.status == "diverged" for run in runs)
        tried = f"{len(runs)} from {runs[0].chosen.lr:g} to {runs[-1].chosen.lr:g}"
        told = f", {lost} diverge{'s' * (lost == 1)}" if lost else ""
        rate = "none" if best is None else f"{best.chosen.lr:g}"
        value = "" if best is None else significant(best.value, _DIGITS)
        rows.append((family, rate, value, f"{best.taken:,}" if best else "", tried + told))
    headers = ("optimizer", "best lr", "value", "steps", "tried")
    return Section("Best learning rates", headers, tuple(rows), frozenset({1, 2, 3}))


def _paces(found: Descent, eigenvalues: tuple[float, ...]) -> Section:
    """On a quadratic: which rates converge, and how fast every eigenvector dies out."""
    seen = sorted(dict.fromkeys(eigenvalues))
    shown = seen if len(seen) <= _EIGENVALUES else [seen[0], seen[-1]]
    rows = []
    for run in found.runs:
        if (told := pace(run.chosen, tuple(seen))) is not None:
            factors = dict(zip(seen, told.factors, strict=True))
            below = "no lr" if told.below is None else f"lr < {significant(told.below, 4)}"
            rows.append((run.label, below, *[f"×{significant(factors[x], 4)}" for x in shown]))
    headers = ("optimizer", "converges for", *[f"λ = {significant(x, 4)}" for x in shown])
    title = "Quadratic: a step multiplies the distance along eigenvectors of the Hessian"
    return Section(title, headers, tuple(rows), frozenset(range(2, len(headers))))


def quadratic_document(found: Descent, eigenvalues: tuple[float, ...]) -> dict[str, object]:
    """The same for JSON: a record for every run, in their order; null where steps are no linear
    ones."""
    told = [pace(run.chosen, eigenvalues) for run in found.runs]
    return {
        "eigenvalues": list(eigenvalues),
        "runs": [t and {"lr_below": t.below, "factors": list(t.factors)} for t in told],
    }


def best_of(runs: Sequence[Trajectory]) -> Trajectory | None:
    """The run that ended lowest, of those that did not diverge."""
    fine = [run for run in runs if run.status != "diverged" and run.value == run.value]
    return min(fine, key=lambda run: run.value, default=None)
