"""The tables of ``graphdiff flow``."""

from __future__ import annotations

import math
from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.shape import show_shape
from graphdiff.core.support.section import Section
from graphdiff.language.notation.numbers import show_number, significant

from .counting import count_text
from .paths import Path, PathsTo
from .stages import Depth

if TYPE_CHECKING:
    from .flow import Flow

__all__ = ["sections"]

MOST = 40
"""Rows of a table; ``--json`` has all."""
_INPUTS = 12
_NAMES, _FACTORS = 6, 5
"""Nodes and factors of a path that are written out."""
_MANY = 0.75
"""The part of a layer's units that has to be stopped to be worth a word."""
_WIDE = 76
"""Columns of a sentence."""


def sections(flow: Flow) -> list[Section]:
    """The verdict first, then paths, stages, gates, parameters and initial weights.

    >>> from graphdiff.study.flow import flow
    >>> found = flow("q = x + y; f = q*z", {"x": -2, "y": 5, "z": -4})
    >>> for row in sections(found)[1].rows: print(*row)
    x f ← q ← x (-4)·1 -4
    y f ← q ← y (-4)·1 -4
    z f ← z 3 3
    """
    summary = _summary(flow)
    tables = [Section("Gradient flow", summary[0], tuple(summary[1:]))]
    if flow.paths:
        tables.append(_paths(flow))
    if len(flow.stages) > 1:
        tables.append(_stages(flow))
    if flow.gates:
        tables.append(_gates(flow))
    if flow.weights and flow.trace.graph.has_arrays:
        tables.append(_weights(flow))
    if flow.starts:
        tables.append(_starts(flow))
    return tables


def _summary(flow: Flow) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    if flow.drawn:
        rows += _wrapped("drawn", f"{', '.join(flow.drawn)} (seed {flow.seed})")
    rows += _wrapped("depth", told(flow.depth))
    for word, state, what in (
        ("saturated", "saturated", "slope below 0.01"),
        ("relu off", "off", "no gradient passes"),
        ("relu dead", "dead", "units that are off for every sample"),
    ):
        # Some units of a layer always are.
        found = [g.name for g in flow.gates if g.state == state and (
            state == "dead" or g.share > _MANY
        )]  # fmt: skip
        if found:
            names = ", ".join(found[:8]) + (", …" if found[8:] else "")
            rows += _wrapped(word, f"{names} ({what})")
    best = flow.best
    if best is not None:
        rows += _wrapped(
            "initial weights", f"{_RULES[best.rule]} keeps the variance best of the rules"
        )
    if flow.interrupted:
        rows += _wrapped("interrupted", "initial weights that were not measured are left out")
    return rows


def _wrapped(word: str, text: str) -> list[tuple[str, ...]]:
    lines = wrap(text, _WIDE - 18) or [""]
    return [(word if k == 0 else "", line) for k, line in enumerate(lines)]


def told(depth: Depth) -> str:
    """The verdict on a program's depth in a sentence."""
    if depth.verdict == "shallow":
        return "too few layers to compare"
    ends = f"from {depth.stages[-1]} down to {depth.stages[0]}"
    if depth.ratio is None:
        return f"the gradient leaves the range of doubles {ends}"
    at = f", most of all from {depth.place[0]} to {depth.place[1]}" if depth.place else ""
    if depth.verdict == "stops":
        where = f" between {depth.place[0]} and {depth.place[1]}" if depth.place else ""
        return f"the gradient stops{where}: it is 0 in doubles at {depth.stages[0]}"
    by = f"×{significant(depth.ratio, 3)} {ends}, ×{significant(depth.factor, 3)} a stage"
    if depth.verdict == "steady":
        return f"the gradient neither vanishes nor explodes: {by}"
    return f"the gradient {depth.verdict}: {by}{at} (×{significant(depth.step, 3)})"


def _paths(flow: Flow) -> Section:
    """The listed paths of all inputs, and their sums."""
    array = flow.trace.graph.has_arrays
    rows: list[tuple[str, ...]] = []
    for to in flow.paths[:_INPUTS]:
        rows += _paths_to(flow, to)
    if flow.paths[_INPUTS:]:
        rows.append(("…", f"{len(flow.paths) - _INPUTS:,} more inputs, in --json", "", ""))
    headers = ("to", "path", "factors", "norm" if array else "product")
    if not array:
        return Section("Paths", headers, tuple(rows), frozenset({3}))
    cut = tuple((row[0], row[1], row[3]) for row in rows)
    return Section("Paths", ("to", "path", "norm"), cut, frozenset({2}))


def _paths_to(flow: Flow, to: PathsTo) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = [
        ("" if k else to.name, _route(flow, path), _factors(path), _product(path))
        for k, path in enumerate(to.paths)
    ]
    if to.count == 1:
        return rows
    whole = show_number(to.gradient, 6)
    if to.complete:
        return [*rows, ("", f"sum of {count_text(to.count)} paths", "", whole)]
    kind = "strongest" if to.proved else "strong ones"
    part = "" if to.share is None else f", {significant(100 * to.share, 3)} % of Σ|product|"
    rows.append(("", f"({len(to.paths)} {kind} of {count_text(to.count)}{part})", "", ""))
    return [*rows, ("", "sum of all", "", whole)]


def _route(flow: Flow, path: Path) -> str:
    """``f ← q ← x``; the ends of a long one, and the operand where a gate uses a value twice."""
    graph = flow.trace.graph
    names = [graph.labels.get(i, f"n{i}") for i in path.nodes]
    for k, (i, position) in enumerate(zip(path.nodes, path.positions, strict=False)):
        operands = graph.tape.nodes[i].operands
        if operands.count(operands[position]) > 1:
            names[k + 1] += f" ({_ordinal(position + 1)} operand)"
    if len(names) > _NAMES + 2:
        names = [*names[:2], f"… {len(names) - 5:,} more …", *names[-3:]]
    return " ← ".join(names)


def _ordinal(n: int) -> str:
    """``1st``, ``2nd`` …"""
    ending = "th" if 10 < n % 100 < 14 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{ending}"


def _factors(path: Path) -> str:
    shown = ["undefined" if x is None else show_number(x, 4) for x in path.factors]
    shown = [f"({x})" if x.startswith("-") else x for x in shown]
    if len(shown) > _FACTORS + 1:
        shown = [*shown[:2], "…", shown[-1]]
    return "·".join(shown)


def _product(path: Path) -> str:
    """The product; outside of the range of doubles its power of ten."""
    if math.isinf(path.product) or (path.product == 0 and path.log10 > -1e9):
        return f"{'-' if math.copysign(1, path.product) < 0 else ''}1e{path.log10:.0f}"
    return show_number(path.product, 6)


def _thinned(rows: Sequence[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    """Both ends of a long table."""
    if len(rows) <= MOST:
        return tuple(rows)
    gap = (f"… {len(rows) - MOST:,} more, in --json", *[""] * (len(rows[0]) - 1))
    return (*rows[: MOST // 2], gap, *rows[-MOST // 2 :])


def _stages(flow: Flow) -> Section:
    array = flow.trace.graph.has_arrays
    rows = []
    for stage in flow.stages:
        value, gradient = stage.value, stage.gradient
        if array:
            cells = (
                _short(value.mean), _short(value.std), _short(value.norm), _short(gradient.rms),
                _short(gradient.norm),
            )  # fmt: skip
        else:
            cells = (_short(value.mean), _short(gradient.mean))  # type: ignore[assignment]
        rows.append((stage.name, stage.op, show_shape(stage.shape), *cells))
    if array:
        headers: tuple[str, ...] = ("stage", "op", "shape", "mean", "std", "norm", "grad rms",
                                    "grad norm")  # fmt: skip
        return Section("Stages, from the input up", headers, _thinned(rows), _columns(3, 8))
    cut = [(row[0], row[1], *row[3:]) for row in rows]
    headers = ("stage", "op", "value", "gradient")
    return Section("Stages, from the input up", headers, _thinned(cut), _columns(2, 4))


def _columns(start: int, end: int) -> frozenset[int]:
    return frozenset(range(start, end))


def _short(value: Any) -> str:
    return "" if value is None else significant(value, 3)


def _gates(flow: Flow) -> Section:
    rows = [
        (
            gate.name, gate.op, gate.state, f"{gate.count:,} of {gate.of:,}",
            f"{100 * gate.share:.3g} %", _short(gate.slope), _short(gate.at),
        )
        for gate in flow.gates
    ]  # fmt: skip
    headers = ("gate", "op", "state", "entries", "share", "least slope", "at")
    return Section("Gates that stop gradients", headers, _thinned(rows), _columns(3, 7))


def _weights(flow: Flow) -> Section:
    rows = []
    for weight in flow.weights:
        stds = [_short(weight.std(rule)) for rule in ("xavier", "he")]
        rows.append((
            weight.name, show_shape(weight.shape), _short(weight.value.norm),
            _short(weight.gradient.norm), _short(weight.ratio), _short(weight.value.std), *stds,
        ))  # fmt: skip
    headers = ("parameter", "shape", "norm", "grad norm", "ratio", "std", "Xavier", "He")
    return Section("Parameters", headers, _thinned(rows), _columns(2, 8))


_RULES = {"given": "as given", "lecun": "LeCun 1/√n", "xavier": "Xavier √(2/(n+m))",
          "he": "He √(2/n)"}  # fmt: skip


def _starts(flow: Flow) -> Section:
    best = flow.best
    rows = []
    for start in flow.starts:
        mark = "keeps it best" if start is best else ""
        rows.append((
            _RULES[start.rule], f"{start.samples:,}", _short(start.forward[0]),
            _short(start.forward[-1]), _times(start.growth), _times(start.return_growth), mark,
        ))  # fmt: skip
    first, last = flow.starts[0].stages[0], flow.starts[0].stages[-1]
    headers = ("std of weights", "runs", f"var {first}", f"var {last}", "a stage", "gradient²", "")
    title = f"Initial weights, measured on samples (seed {flow.seed})"
    return Section(title, headers, tuple(rows), _columns(1, 6))


def _times(factor: float | None) -> str:
    return "" if factor is None else f"×{significant(factor, 3)}"
