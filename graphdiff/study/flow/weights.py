"""Learnable parameters: sizes of values and gradients, and how large weights should begin."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from graphdiff.program.initial import RULES, fans, rule_std
from graphdiff.program.runs.trace import Trace

from .measures import Moments, moments
from .paths import number
from .stages import moment_data

__all__ = ["Weight", "weights"]


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
