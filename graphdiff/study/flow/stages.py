"""A deep program stage by stage: activations, gradients, and whether these vanish or explode.

A stage is an activation, a layer or a node that the user named.  Its level is how many stages lie
below it, and the gradient is compared from level to level by its root mean square, which does not
depend on the width (Glorot & Bengio 2010, Understanding the difficulty of training deep
feedforward neural networks, figures 6 and 7).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from graphdiff.core.ir.op import Op
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import Trace

from .gates import is_rectifier
from .measures import Moments, histogram, moments
from .paths import number

__all__ = ["STRONG", "Depth", "Stage", "comparable", "depth", "levels", "stages"]

STRONG = 100.0
"""The factor by which a gradient has to grow, or shrink, from end to end, to be called so."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage with its numbers."""

    node: int
    name: str
    op: str
    shape: tuple[int, ...]
    level: int
    value: Moments
    gradient: Moments
    values: tuple[tuple[float, ...], tuple[int, ...]]
    """Histogram of the activations: edges and counts; empty for a number."""
    gradients: tuple[tuple[float, ...], tuple[int, ...]]
    row: Op | None = field(default=None, repr=False, compare=False)

    def document(self) -> dict[str, Any]:
        """The stage as JSON data."""
        return {
            "node": self.name, "op": self.op, "shape": list(self.shape), "level": self.level,
            "value": moment_data(self.value), "gradient": moment_data(self.gradient),
            "histograms": {
                side: {"edges": list(edges), "counts": list(counts)}
                for side, (edges, counts) in (
                    ("value", self.values), ("gradient", self.gradients)
                )
            },
        }  # fmt: skip


def moment_data(found: Moments) -> dict[str, Any]:
    """Moments as JSON data."""
    parts = ("mean", "std", "rms", "norm")
    return {"entries": found.entries, **{part: number(getattr(found, part)) for part in parts}}


@dataclass(frozen=True, slots=True)
class Depth:
    """What becomes of the gradient on its way down."""

    verdict: str
    """``steady``, ``vanishes``, ``explodes``, ``stops`` (0 in doubles below some stage) or
    ``shallow`` (too few stages to compare)."""
    stages: tuple[str, ...] = field(default=())
    """The stages that were compared, the lowest first."""
    ratio: float | None = None
    """Root mean square of the gradient at the lowest, divided by that at the highest."""
    factor: float | None = None
    """Its geometric mean by stage."""
    place: tuple[str, str] | None = None
    """The step (from above, to below) that weakens it most, or strengthens it if it explodes."""
    step: float | None = None
    """The factor of this step."""

    def document(self) -> dict[str, Any]:
        """The verdict as JSON data."""
        return {
            "verdict": self.verdict, "stages": list(self.stages), "ratio": number(self.ratio),
            "factor": number(self.factor), "place": list(self.place) if self.place else None,
            "step": number(self.step),
        }  # fmt: skip


def levels(graph: Graph) -> dict[int, int]:
    """The stages of a program, operands first, with their levels.

    >>> from graphdiff import parse
    >>> graph = parse("h = tanh(W1@x); s = W2@h; sum(s^2)")
    >>> [(graph.labels[i], level) for i, level in levels(graph).items()]
    [('h', 1), ('s', 2)]
    """
    tape, active = graph.tape, graph.active
    named = set(graph.names.values()) | {group.output for group in graph.groups}
    # Of a cell that recurs the state is a stage, which is its output, and not the gates inside.
    calls = Counter(group.op for group in graph.groups)
    cells = [group for group in graph.groups if calls[group.op] > 1]
    inner = {i for cell in cells for i in cell.members if i != cell.output} - named
    arrays = graph.has_arrays
    height: dict[int, int] = {}
    found: dict[int, int] = {}
    for i in graph.order:
        node = tape.nodes[i]
        below = max((height[k] for k in node.operands), default=0)
        row = tape.ops.get(node.op)
        activation = row is not None and row.activation
        chosen = i not in inner and (activation or i in named or is_rectifier(tape, i))
        if chosen and active[i] and node.operands and i != graph.output and (
            node.shape or not arrays
        ):  # fmt: skip
            below += 1
            found[i] = below
        height[i] = below
    return found


def stages(trace: Trace) -> tuple[Stage, ...]:
    """Every stage of a trace with its numbers, operands first."""
    graph = trace.graph
    calls = {group.output: group.op for group in graph.groups}
    made = []
    for i, level in levels(graph).items():
        value, gradient = trace.values[i], trace.adjoints.get(i)
        if isinstance(value, Undefined) or gradient is None:
            continue
        node = graph.tape.nodes[i]
        first, second = [histogram(x) if node.shape else ((), ()) for x in (value, gradient)]
        op = calls.get(i, node.op)
        made.append(
            Stage(
                i, graph.labels.get(i, f"n{i}"), op, node.shape, level,
                moments(value), moments(gradient), first, second, graph.tape.ops.get(op),
            )
        )  # fmt: skip
    return tuple(made)


def comparable(ops: Sequence[tuple[int, str]], rows: Mapping[str, Op] = STANDARD) -> list[int]:
    """Those of (level, op) that can be compared: the op that recurs on most levels, activations
    first; their places in the sequence.

    >>> comparable([(1, "add"), (2, "tanh"), (3, "add"), (4, "tanh"), (5, "softmax")])
    [1, 3]
    """
    seen = Counter(op for _, op in dict.fromkeys(ops))
    repeated = [op for op in seen if seen[op] > 1]
    if not repeated:
        return list(range(len(ops)))
    best = max(repeated, key=lambda op: (_activates(rows.get(op)), seen[op]))
    return [place for place, (_, op) in enumerate(ops) if op == best]


def depth(found: Sequence[Stage]) -> Depth:
    """Whether the gradient vanishes or explodes on its way through comparable stages."""
    rows = {stage.op: stage.row for stage in found if stage.row is not None}
    chosen = [found[n] for n in comparable([(stage.level, stage.op) for stage in found], rows)]
    by_level: dict[int, list[Stage]] = {}
    for stage in chosen:
        by_level.setdefault(stage.level, []).append(stage)
    steps = [(_names(by_level[level]), _rms(by_level[level])) for level in sorted(by_level)]
    names = tuple(name for name, _ in steps)
    if len(steps) < 2 or (len(steps) == 2 and not _are_layers(chosen)):
        return Depth("shallow", names)
    (_, low), (_, high) = steps[0], steps[-1]
    if not math.isfinite(low) or not math.isfinite(high):
        return Depth("explodes", names)
    factors = {
        (above[0], below[0]): below[1] / above[1] for below, above in pairwise(steps) if above[1]
    }
    if high == 0 or low == 0:
        place = next((pair for pair, factor in reversed(factors.items()) if factor == 0), None)
        return Depth("stops", names, 0.0, 0.0, place, 0.0)
    ratio = low / high
    factor = ratio ** (1 / (len(steps) - 1)) if ratio else 0.0
    verdict = "vanishes" if ratio < 1 / STRONG else "explodes" if ratio > STRONG else "steady"
    pick = max if verdict == "explodes" else min
    place = pick(factors, key=lambda pair: factors[pair])
    return Depth(verdict, names, ratio, factor, place, factors[place])


def _activates(row: Op | None) -> bool:
    """Whether a stage is an activation, or a ``max`` that may be one."""
    if row is None:
        return False
    return row.activation or (row.ties and row.extreme == "largest")


def _are_layers(chosen: Sequence[Stage]) -> bool:
    """Whether two of them are layers of a network, rather than two steps of a formula."""
    first = chosen[0]
    alike = all(stage.op == first.op for stage in chosen)
    return alike and (bool(first.shape) or _activates(first.row))


def _names(members: Sequence[Stage]) -> str:
    first = [stage.name for stage in members[:3]]
    return ", ".join([*first, "…"] if len(members) > 3 else first)


def _rms(members: Sequence[Stage]) -> float:
    """The root mean square of the gradient over stages of one level."""
    entries = sum(stage.gradient.entries for stage in members)
    return math.hypot(*(stage.gradient.norm for stage in members)) / math.sqrt(entries)
