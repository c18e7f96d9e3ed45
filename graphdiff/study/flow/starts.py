"""Initial weights tried out: does the variance stay the same through the layers, and back?

Weights are drawn again and again by every rule, and the variance of the activations and the mean
square of the gradients are measured stage by stage (the experiment of CS231n, lecture 6, and of
Glorot & Bengio 2010).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graphdiff.core.sweeps.backward import Convention
from graphdiff.errors import DomainError
from graphdiff.program.graph import Graph
from graphdiff.program.initial import RULES, fans, rule_std

from .operations import operations
from .paths import number
from .stages import comparable, levels

__all__ = ["Start", "best", "runs_allowed", "starts"]

Progress = Callable[[int, int], None]

_WORK = 2_500_000_000
"""Elementary operations that all runs of one rule may take."""
_OVERHEAD = 20_000
"""Operations in the time that one node of a run takes by itself."""


@dataclass(frozen=True, slots=True)
class Start:
    """One way to draw the weights, and what was measured."""

    rule: str
    """``given``, ``lecun``, ``xavier`` or ``he``."""
    samples: int
    stages: tuple[str, ...]
    """The stages that were measured, lowest first."""
    forward: tuple[float, ...]
    """Variance of the activations by stage."""
    backward: tuple[float, ...]
    """Mean square of the gradient by stage."""

    @property
    def growth(self) -> float | None:
        """The factor by which the variance changes from stage to stage, on the way up."""
        return _growth(self.forward)

    @property
    def return_growth(self) -> float | None:
        """The same for the mean square of the gradient, on the way down."""
        return _growth(self.backward[::-1])

    @property
    def distance(self) -> float:
        """How far both are from 1, as logarithms."""
        found = (self.growth, self.return_growth)
        return sum(abs(math.log(x)) if x and math.isfinite(x) else math.inf for x in found)

    def document(self) -> dict[str, Any]:
        """The measurement as JSON data."""
        return {
            "rule": self.rule, "samples": self.samples, "stages": list(self.stages),
            "variance": [number(x) for x in self.forward],
            "gradient_mean_square": [number(x) for x in self.backward],
            "growth": number(self.growth), "return_growth": number(self.return_growth),
        }  # fmt: skip


def _growth(sizes: tuple[float, ...]) -> float | None:
    if len(sizes) < 2 or not sizes[0] or not all(map(math.isfinite, sizes)):
        return None
    return float((sizes[-1] / sizes[0]) ** (1 / (len(sizes) - 1)))


def best(found: Iterable[Start]) -> Start | None:
    """The rule that keeps both variances best."""
    rules = [one for one in found if one.rule != "given" and math.isfinite(one.distance)]
    return min(rules, key=lambda one: one.distance, default=None)


def runs_allowed(graph: Graph, samples: int) -> int:
    """How many of the wanted samples a rule may take, so that no graph takes minutes."""
    work = sum(operations(graph.tape, i) for i in graph.order)
    return max(1, min(samples, _WORK // (3 * work + _OVERHEAD * len(graph.order))))


def starts(
    graph: Graph, given: Mapping[str, Any], fresh: Iterable[str], parameters: Iterable[str],
    samples: int, seed: int, convention: Convention = "zero", progress: Progress | None = None,
) -> tuple[tuple[Start, ...], bool]:  # fmt: skip
    """The given weights and those of every rule, measured; and whether that was interrupted.

    ``given`` holds doubles for every variable; the data in ``fresh`` are drawn anew for every
    sample, as are all matrices of weights where a rule says how.  Empty without such matrices, or
    without two stages to compare.
    """
    matrices = {name: fans(graph, graph.inputs[name]) for name in parameters}
    known = {name: fan for name, fan in matrices.items() if fan is not None}
    measured = _measured(graph)
    if not known or len(measured) < 2:
        return (), False
    runs = runs_allowed(graph, samples)
    data = [name for name in fresh if name not in matrices]
    found: list[Start] = []
    for number_, rule in enumerate(("given", *RULES)):
        stds = {} if rule == "given" else {n: rule_std(rule, fan) for n, fan in known.items()}
        # With the point's own weights and data nothing is drawn, and one run says all.
        wanted = runs if stds or data else 1
        trial = _Trial(graph, given, data, stds, measured, convention)
        try:
            for k in range(wanted):
                trial.run(seed, k)
                if progress is not None:
                    progress(number_ * runs + k + 1, (1 + len(RULES)) * runs)
        except KeyboardInterrupt:
            return tuple(found), True  # rules that are done stand
        found.append(trial.start(rule, wanted))
    return tuple(found), False


def _measured(graph: Graph) -> list[list[int]]:
    """The stages that can be compared, level by level."""
    found = levels(graph)
    calls = {group.output: group.op for group in graph.groups}
    nodes = list(found)
    ops = [(found[i], calls.get(i, graph.tape.nodes[i].op)) for i in nodes]
    by_level: dict[int, list[int]] = {}
    for place in comparable(ops, graph.tape.ops):
        by_level.setdefault(found[nodes[place]], []).append(nodes[place])
    return [by_level[level] for level in sorted(by_level)]


class _Trial:
    """Sums over the runs of one rule."""

    def __init__(
        self, graph: Graph, given: Mapping[str, Any], data: list[str], stds: Mapping[str, float],
        measured: list[list[int]], convention: Convention,
    ) -> None:  # fmt: skip
        self.graph, self.given, self.data, self.stds = graph, given, data, stds
        self.measured, self.convention = measured, convention
        self.plan = graph.plan(None)
        self.sums = [[0.0, 0.0, 0.0, 0.0] for _ in measured]
        self.failed = False

    def run(self, seed: int, k: int) -> None:
        """Draw, run forward and backward, add up."""
        import numpy

        # One stream a sample: the same data for every rule, whatever was drawn before.
        generator = numpy.random.default_rng([seed, k])
        inputs = dict(self.given)
        for name in self.data:
            inputs[name] = generator.standard_normal(numpy.shape(inputs[name]))
        for name, std in self.stds.items():
            inputs[name] = generator.standard_normal(numpy.shape(inputs[name])) * std
        try:
            values = self.plan.forward(inputs)
            adjoints = self.plan.backward(values, self.convention)
        except (ArithmeticError, ValueError, DomainError):
            self.failed = True
            return
        with numpy.errstate(all="ignore"):
            for sums, members in zip(self.sums, self.measured, strict=True):
                for i in members:
                    value, gradient = numpy.asarray(values[i]), numpy.asarray(adjoints[i])
                    sums[0] += value.size
                    sums[1] += float(value.sum())
                    sums[2] += float(numpy.square(value).sum())
                    sums[3] += float(numpy.square(gradient).sum())

    def start(self, rule: str, runs: int) -> Start:
        """What was measured; NaN where a run left the range of doubles."""
        names = tuple(self.graph.labels.get(group[0], f"n{group[0]}") for group in self.measured)
        forward, backward = [], []
        for count, total, squares, gradient in self.sums:
            bad = self.failed or not count
            forward.append(math.nan if bad else max(0.0, squares / count - (total / count) ** 2))
            backward.append(math.nan if bad else gradient / count)
        return Start(rule, runs, names, tuple(forward), tuple(backward))
