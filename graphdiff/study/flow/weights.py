"""Learnable parameters: sizes of values and gradients, and how large weights should begin.

Standard deviations of the initial weights: 1/√n keeps the variance of a linear layer with n
inputs (LeCun et al. 1998, Efficient BackProp); √(2/(n + m)) is the compromise with the way back
through m outputs (Glorot & Bengio 2010, "Xavier"); √(2/n) makes up for a relu, which stops one
half (He et al. 2015, Delving Deep into Rectifiers, arXiv:1502.01852).
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import Trace

from .measures import Moments, moments
from .paths import number
from .stages import moment_data

__all__ = ["RULES", "Weight", "fans", "rule_std", "weights"]

RULES = ("lecun", "xavier", "he")
"""Rules for the scale of initial weights."""


@dataclass(frozen=True, slots=True)
class Weight:
    """One learnable parameter at a point."""

    name: str
    shape: tuple[int, ...]
    value: Moments
    gradient: Moments
    fan: tuple[int, int] | None
    """Inputs and outputs of a unit; None for what multiplies nothing, such as a bias."""

    @property
    def ratio(self) -> float | None:
        """‖gradient‖/‖value‖; times the learning rate it should be about 1e-3 (CS231n notes,
        Neural Networks 3)."""
        return self.gradient.norm / self.value.norm if self.value.norm else None

    def std(self, rule: str) -> float | None:
        """The standard deviation that a rule gives it."""
        return None if self.fan is None else rule_std(rule, self.fan)

    def document(self) -> dict[str, Any]:
        """The parameter as JSON data."""
        return {
            "name": self.name, "shape": list(self.shape), "value": moment_data(self.value),
            "gradient": moment_data(self.gradient), "ratio": number(self.ratio),
            "fan_in": self.fan[0] if self.fan else None,
            "fan_out": self.fan[1] if self.fan else None,
            "std": {rule: number(self.std(rule)) for rule in RULES} if self.fan else None,
        }  # fmt: skip


def rule_std(rule: str, fan: tuple[int, int]) -> float:
    """The standard deviation of initial weights.

    >>> rule_std("he", (50, 100)), rule_std("xavier", (50, 150)), rule_std("lecun", (25, 1))
    (0.2, 0.1, 0.2)
    """
    inputs, outputs = fan
    return math.sqrt(
        {"lecun": 1 / inputs, "xavier": 2 / (inputs + outputs), "he": 2 / inputs}[rule]
    )


def fans(graph: Graph, i: int) -> tuple[int, int] | None:
    """How many numbers a unit of a layer adds up, and how many units each goes to: (in, out).

    >>> from graphdiff import parse
    >>> g = parse("W:3x5; V:2x3; X:7x5; sum(V@(W@X.T))")
    >>> fans(g, g.find("W")), fans(g, g.find("V")), fans(g, g.find("X"))
    ((5, 3), (3, 2), (5, 7))
    """
    nodes = graph.tape.nodes
    for group in graph.groups:
        shape = nodes[i].shape
        if group.op.startswith(("conv", "locally")) and i in group.learned[:1] and len(shape) > 2:
            window = math.prod(shape[2:])
            inputs, outputs = (shape[0], shape[1]) if "transpose" in group.op else shape[1::-1]
            return inputs * window, outputs * window
    here, turned = i, False
    while True:
        for consumer, position in graph.uses.get(here, ()):
            shape = nodes[here].shape
            if graph.tape.multiplies(consumer) and len(shape) == 1:
                return shape[0], 1
            if graph.tape.multiplies(consumer) and len(shape) == 2:
                # W@x adds up over the last axis, X@W over the first.
                return (shape[1], shape[0]) if position == 0 else (shape[0], shape[1])
        following = [k for k, _ in graph.uses.get(here, ()) if nodes[k].op == "transpose"]
        if turned or not following:
            return None
        here, turned = following[0], True


def weights(trace: Trace, names: Iterable[str]) -> tuple[Weight, ...]:
    """The parameters of these names with their numbers."""
    graph = trace.graph
    made = []
    for name in names:
        i = graph.inputs[name]
        if i in trace.adjoints and i in trace.values:
            made.append(Weight(
                name, graph.shapes[name], moments(trace.values[i]), moments(trace.adjoints[i]),
                fans(graph, i),
            ))  # fmt: skip
    return tuple(made)
