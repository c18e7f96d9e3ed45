"""Layers as boxes: calls of composite ops, or loops, collapsed to one node each.

A collapsed program is only another way to look at a graph and its trace: the numbers at a box are
those of its output, and what it passes down to an operand is the sum of what its members pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphdiff.core.ir.group import Group
from graphdiff.core.ir.shape import Dim, Shape, size
from graphdiff.errors import UnknownName
from graphdiff.language.reading.infix import closest

from .graph import Graph
from .runs.trace import Edge, Trace

__all__ = ["ALL", "Boxed", "Layer", "boxed", "learnable"]

_NAMED = re.compile(r"[WUV]\w*|[wb](\d|_)?\w?|weights?\w*|bias\w*|(gamma|beta|[γβθ])\w*")
"""How lectures call parameters."""

ALL = "layer"
"""Stands for every layer of a program; loops are called ``for``, or by what they leave."""


@dataclass(frozen=True, slots=True)
class Layer:
    """One call of a composite op, shown as a box."""

    op: str
    name: str
    """The user's name of its output, else the op's."""
    members: frozenset[int]
    output: int
    operands: tuple[int, ...]
    """Nodes outside that it uses: those of the call in its order, then any others."""
    learned: tuple[int, ...]
    parameters: int | None
    """How many numbers its learnable operands hold; None while their sizes are only names."""
    repetitions: int = 0
    """How often the body of a loop was repeated; 0 for a call."""

    @property
    def title(self) -> str:
        """Its op; of a loop with the number of repetitions."""
        return f"{self.op} ×{self.repetitions}" if self.repetitions else self.op


@dataclass(frozen=True, eq=False)
class Boxed:
    """A graph, and its trace if there is one, with some of its layers collapsed."""

    graph: Graph
    trace: Trace | None
    layers: dict[int, Layer] = field(default_factory=dict)
    """The collapsed layers by their output."""

    @cached_property
    def inside(self) -> dict[int, int]:
        """For every node that a box hides or stands for: the box's output."""
        return {i: layer.output for layer in self.layers.values() for i in layer.members}

    @cached_property
    def visible(self) -> tuple[int, ...]:
        """Nodes that are seen, operands first; the output of a layer stands for its box."""
        return tuple(i for i in self.graph.order if self.inside.get(i, i) == i)

    def operands(self, i: int) -> tuple[int, ...]:
        """What a visible node or box uses, in order."""
        layer = self.layers.get(i)
        return layer.operands if layer else self.graph.tape.nodes[i].operands

    @cached_property
    def uses(self) -> dict[int, list[tuple[int, int]]]:
        """For every visible node its consumers as (visible node, operand position)."""
        uses: dict[int, list[tuple[int, int]]] = {i: [] for i in self.visible}
        for i in self.visible:
            for position, k in enumerate(self.operands(i)):
                uses[k].append((i, position))
        return uses

    def edges(self, target: int, position: int) -> list[Edge]:
        """The edges by which a visible node or box uses an operand; only a box has several."""
        assert self.trace is not None
        layer = self.layers.get(target)
        if layer is None:
            return [self.trace.edge(target, position)]
        edges = self.trace.contributions(layer.operands[position])
        return [edge for edge in edges if edge.target in layer.members]

    def contribution(self, target: int, position: int) -> Any:
        """What a visible node or box passes down to an operand."""
        shares = [edge.contribution for edge in self.edges(target, position)]
        return sum(shares[1:], start=shares[0]) if shares else 0


def boxed(
    subject: Graph | Trace, collapse: Sequence[str] = (), expand: Sequence[str] = ()
) -> Boxed:
    """The program with the layers of these names or ops as boxes, all but those of ``expand``.

    ``layer`` names every layer, and so does no ``collapse`` beside ``expand``.  Raises UnknownName.

    >>> from graphdiff import parse
    >>> program = boxed(parse("W:2x2; x:2; d = sqnorm(W@x); f = sqrt(d)"), ["layer"])
    >>> [program.graph.labels[i] for i in program.visible], program.layers[program.visible[3]].name
    (['W', 'x', 'n1', 'd', 'f'], 'd')
    """
    graph, trace = (subject.graph, subject) if isinstance(subject, Trace) else (subject, None)
    found = _layers(graph) if collapse or expand else []
    wanted = _chosen(graph, found, collapse or (ALL,)) - _chosen(graph, found, expand)
    layers: dict[int, Layer] = {}
    hidden: set[int] = set()
    # The outermost first: a call inside of a collapsed one is not seen.
    for layer in sorted(found, key=lambda layer: -len(layer.members)):
        if layer in wanted and not hidden & layer.members:
            layers[layer.output] = layer
            hidden |= layer.members
    return Boxed(graph, trace, layers)


def learnable(graph: Graph) -> dict[str, int]:
    """What layers learn, and every input that is called like a parameter (W1, w, b2, gamma …)."""
    learned = {i for group in graph.groups for i in group.learned}
    return {name: i for name, i in graph.inputs.items() if i in learned or _NAMED.fullmatch(name)}


def _layers(graph: Graph) -> list[Layer]:
    needed = set(graph.order)
    groups = (*graph.groups, *graph.loops)
    return [_layer(graph, group) for group in groups if group.output in needed]


def _layer(graph: Graph, group: Group) -> Layer:
    """The layer of a group, without the members that others use as well."""
    nodes, members = graph.tape.nodes, {group.output}
    for i in sorted(group.members & set(graph.order), reverse=True):
        if i != group.output and all(k in members for k, _ in graph.uses[i]):
            members.add(i)
    used = {k for i in members for k in nodes[i].operands} - members
    given = [k for k in dict.fromkeys(group.operands) if k in used]
    # Numbers of the rule are part of the layer.
    others = [k for k in sorted(used - set(given)) if _is_given(graph, k)]
    named = {i: name for name, i in reversed(graph.names.items())}
    return Layer(
        group.op,
        named.get(group.output, group.op),
        frozenset(members),
        group.output,
        (*given, *others),
        group.learned,
        _count([nodes[k].shape for k in group.learned]),
        group.repetitions,
    )


def _is_given(graph: Graph, i: int) -> bool:
    """Whether a node is the user's: it has a name, or depends on a variable, be it a label."""
    tape = graph.tape
    return bool(graph.drawn[i]) or any(tape.nodes[k].op == "input" for k in tape.needed_for([i]))


def _count(shapes: Sequence[Shape]) -> int | None:
    if any(isinstance(n, Dim) for shape in shapes for n in shape):
        return None
    return sum(map(size, shapes))


def _chosen(graph: Graph, layers: Sequence[Layer], names: Iterable[str]) -> set[Layer]:
    """The layers that are called by their own name or by their op's."""
    chosen: set[Layer] = set()
    for name in names:
        found = [
            layer
            for layer in layers
            if name in (layer.op, layer.name, graph.labels.get(layer.output))
            or (name == ALL and not layer.repetitions)
        ]
        if not found and name != ALL:
            known = dict.fromkeys(layer.name for layer in layers)
            there = f"there are {', '.join(known)}" if known else "this program has no layers"
            hint = closest(name, known) or there
            raise UnknownName(f"there is no layer {name!r}", hint=hint)
        chosen.update(found)
    return chosen
