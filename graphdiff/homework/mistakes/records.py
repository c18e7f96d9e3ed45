"""One mistake at one place: what it changes in the sweeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from graphdiff.program.graph import Graph

    from .sweeps import Sweeps

__all__ = ["NO_FAULT", "Effect", "Fault", "Use", "place_of"]


class Use(NamedTuple):
    """One use of a node: operand number ``position`` of the gate."""

    gate: int
    position: int
    operand: int


Effect = Callable[["Sweeps[Any]", Mapping[int, Any], Any, Any], Any]
"""``(sweeps, values, upstream, local)``: what is sent down an edge instead of their product."""


@dataclass(frozen=True, eq=False)
class Fault:
    """One mistake at one place, as a change of the sweeps."""

    code: str
    node: int = -1
    """Where it is; -1 for everywhere."""
    detail: str = ""
    slopes: Mapping[tuple[int, int], Callable[..., Any]] = field(default_factory=dict)
    """By gate and position: ``(domain, out, *operands)`` instead of the local gradient."""
    edges: Mapping[tuple[int, int], Effect] = field(default_factory=dict)
    forks: Mapping[int, Callable[[Sequence[Any]], Sequence[Any]]] = field(default_factory=dict)
    """By node: which of the gradients that arrive are added; in the order of their arrival."""
    values: Mapping[int, Callable[..., Any]] = field(default_factory=dict)
    """By node: ``(balls, *operands)`` instead of the op's value."""
    gradients: Mapping[int, Any] = field(default_factory=dict)
    """By node: a gradient instead of the sum of what arrives."""
    moved: Mapping[int, Any] = field(default_factory=dict)
    """By input: the value that local gradients are computed with."""
    rounding: Callable[[Any], Any] | None = None
    """What is done to every number before it is used further."""


NO_FAULT = Fault("")


def place_of(graph: Graph, node: int) -> str:
    """What a node is called: its name, or its text where only we call it n1."""
    name, span = graph.labels.get(node, ""), graph.tape.spans.get(node)
    if span is None or name in graph.names or name in graph.inputs or node == graph.output:
        return name
    return graph.source[span.start : span.end] or name
