"""A program as a network of neurons: circles in layers, weights on the edges between them.

A neuron is a weighted sum, with an activation if one follows. Programs over arrays are written out
first, so that dense layers, locally connected ones and convolutions are all seen entry by entry.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from graphdiff.core.ir.shape import Dim
from graphdiff.drawing.labels.accessibility import program_line
from graphdiff.drawing.labels.labels import gate_text, joined, name_label
from graphdiff.drawing.labels.writing import Look, Writing
from graphdiff.drawing.parts.diagram import Box, Column, Diagram, Label, Wire
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.errors import LimitExceeded, Unsupported
from graphdiff.program.boxes import Boxed, learnable
from graphdiff.program.graph import Graph
from graphdiff.program.runs.run import run
from graphdiff.program.runs.trace import Trace
from graphdiff.program.unfold import unfold, unfolded_trace

__all__ = ["draw_neurons"]

# Neurons of a layer that are drawn, those of a larger one before its dots, and edges between two
# layers up to which they carry numbers.
_LAYER, _FIRST, _EDGES = 8, 4, 12
_NEURONS_MOST = 200
_ENTRY = re.compile(r"(.*?)_?(\d*)\[([\d,]+)\]")


def draw_neurons(subject: Graph | Trace, look: Look) -> Diagram:
    """The network of a program: with numbers if it has a trace, else with the names of weights.

    Raises Unsupported for a program that has no neurons, and LimitExceeded for too many.
    """
    graph = subject.graph if isinstance(subject, Trace) else subject
    learned, given = set(learnable(graph)), set(graph.names)
    trace = subject if isinstance(subject, Trace) else None
    several = bool(graph.tape.nodes[graph.output].shape)
    if several:
        if graph.upstream is None:
            graph = graph.under("ones")  # so that each of them stays apart
            look = replace(look, shows=look.shows - {"gradients"})
        if trace is not None:
            trace = run(graph.total, graph.with_seed(trace.point), trace.convention)
        graph = graph.total
    if graph.has_arrays:
        graph, trace = _written_out(graph, trace)
    named = {i for name, i in graph.names.items() if name.partition("[")[0] in given}
    # The number above several outputs is no neuron.
    above = graph.output if several else None
    neurons = _Finder(graph, learned, named, above).neurons()
    if not neurons:
        raise Unsupported(
            "the program has no neurons to draw",
            hint="a neuron is a weighted sum such as w1*x1 + w2*x2 + b, or a row of W@x + b",
        )
    names = {name: _entry_label(name) for name in graph.labels.values() if _ENTRY.fullmatch(name)}
    writing = Writing(Boxed(graph, trace), replace(look, names={**names, **look.names}))
    return _Drawer(graph, writing, neurons, named, above).diagram()


def _written_out(graph: Graph, trace: Trace | None) -> tuple[Graph, Trace | None]:
    """The program over the entries of its arrays."""
    shapes = [graph.tape.nodes[i].shape for i in graph.inputs.values()]
    if graph.unshaped is not None or any(isinstance(n, Dim) for shape in shapes for n in shape):
        raise Unsupported(
            "neurons are drawn entry by entry, and the sizes of arrays are not known",
            hint="give them: W:2x3; x:3; …, or values with --at",
        )
    if trace is None:
        return unfold(graph)[0], None
    written = unfolded_trace(trace)
    if written is None:
        raise LimitExceeded(
            "the program is too large to draw its neurons",
            hint="draw its layers as boxes: --style cs231n --collapse layer",
        )
    return written.graph, written


def _entry_label(name: str) -> Label:
    """``x[0]`` as x with an index, ``W1[0,1]`` as W with two."""
    found = _ENTRY.fullmatch(name)
    if not found:
        return name_label(name)
    letters, index, place = found.groups()
    return name_label(f"{letters}_{index},{place}" if index else f"{letters}_{place}")


@dataclass(frozen=True, slots=True)
class _Edge:
    """A weighted operand of a neuron: where it comes from, its weight, and the gate of both."""

    source: int
    weight: int | None
    gate: int
    position: int


@dataclass(frozen=True, slots=True)
class _Neuron:
    """A weighted sum with its biases, and what comes out of it."""

    output: int
    sum: int
    edges: tuple[_Edge, ...]
    biases: tuple[int, ...]


class _Finder:
    """Finds weighted sums of inputs, and of what other ones give."""

    def __init__(self, graph: Graph, learned: set[str], named: set[int], above: int | None) -> None:
        self.graph, self.nodes, self.ops = graph, graph.tape.nodes, graph.tape.ops
        self.above = above
        self.weights = {i for name, i in graph.inputs.items() if name.partition("[")[0] in learned}
        self.named = named
        self.known = {i for i in graph.inputs.values() if i not in self.weights}

    def neurons(self) -> list[_Neuron]:
        """All neurons, each after those that it uses."""
        found = []
        for i in self.graph.order:
            neuron = self.neuron(i)
            if neuron:
                found.append(neuron)
                self.known.add(neuron.output)
                if len(found) > _NEURONS_MOST:
                    raise LimitExceeded(
                        f"more than {_NEURONS_MOST} neurons are too many to draw",
                        hint="draw its layers as boxes: --style cs231n --collapse layer",
                    )
        return found

    def neuron(self, i: int) -> _Neuron | None:
        """The neuron whose sum ends at a node."""
        if self.nodes[i].op not in ("add", "mul") or i == self.above or self.is_part(i):
            return None
        edges, biases = list[_Edge](), list[int]()
        for term in self.terms(i):
            edge = self.edge(term, single=term == i)
            alone = not self.nodes[term].operands and len(self.graph.uses[term]) == 1
            if edge and not (edge.weight is None and alone):
                edges.append(edge)
            elif term in self.weights or alone or self.nodes[term].op == "const":
                biases.append(term)
            else:
                return None
        if all(edge.weight is None for edge in edges):
            return None
        return _Neuron(self.activated(i), i, tuple(edges), tuple(biases))

    def terms(self, i: int) -> Iterator[int]:
        """The terms of a sum, which itself is used nowhere else."""
        waiting = [i]
        while waiting:
            k = waiting.pop()
            if self.nodes[k].op == "add" and (k == i or self.is_part(k)):
                waiting += reversed(self.nodes[k].operands)
            else:
                yield k

    def is_part(self, i: int) -> bool:
        """Whether a sum only goes on in another one, and has no name of its own."""
        users = [self.nodes[k].op for k, _ in self.graph.uses.get(i, ())]
        return users == ["add"] and i not in self.named

    def edge(self, term: int, *, single: bool) -> _Edge | None:
        """A term as what comes from a neuron or an input, times a weight; ``single`` if it is the
        whole sum."""
        if term in self.known:
            return _Edge(term, None, term, 0)
        if self.nodes[term].op != "mul":
            return None
        both = self.nodes[term].operands
        ways = [(k, both[1 - position], position) for position, k in enumerate(both)]
        found = [way for way in ways if way[1] in self.known and self.is_weight(way[0], way[1])]
        if not found and not single and self.known.issuperset(both):
            # Two inputs without telling names: weights come first, and are used once.
            found = sorted(ways, key=lambda way: len(self.graph.uses[way[0]]) > 1)
        if not found:
            return None
        weight, source, position = found[0]
        self.known.discard(weight)
        return _Edge(source, weight, term, position)

    def is_weight(self, k: int, other: int) -> bool:
        """Whether a factor is a weight: by name, a number, or what a neuron's value is times."""
        if self.nodes[k].operands:
            return False
        return k in self.weights or k not in self.known or bool(self.nodes[other].operands)

    def activated(self, i: int) -> int:
        """What comes out: the activation of a sum that nothing else uses, or the sum itself."""
        users = [k for k, _ in self.graph.uses.get(i, ())]
        if len(users) != 1:
            return i
        row = self.ops[self.nodes[users[0]].op]
        others = [k for k in self.nodes[users[0]].operands if k != i and self.nodes[k].operands]
        return users[0] if not others and (row.activation or row.extreme) else i


class _Drawer:
    """Puts neurons into columns, as many of each as there is room for."""

    def __init__(
        self, graph: Graph, writing: Writing, neurons: Sequence[_Neuron], named: set[int],
        above: int | None,
    ) -> None:  # fmt: skip
        self.graph, self.writing, self.named, self.above = graph, writing, named, above
        self.neurons, self.alike = _one_example(neurons)
        self.layers = self.levelled()
        self.drawn = {i: layer for layer in self.layers for i in _few(layer)}
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []

    def levelled(self) -> list[list[int]]:
        """Inputs and neurons by the longest way to them."""
        level: dict[int, int] = {}
        for neuron in self.neurons:
            for edge in neuron.edges:
                level.setdefault(edge.source, 0)
            level[neuron.output] = 1 + max(level[edge.source] for edge in neuron.edges)
        layers = defaultdict(list)
        for i, at in level.items():
            layers[at].append(i)
        return [layers[at] for at in sorted(layers)]

    def diagram(self) -> Diagram:
        for i in self.layers[0]:
            if i in self.drawn:
                self.box(i)
        numbered = self.numbered()
        for neuron in self.neurons:
            if neuron.output in self.drawn:
                self.box(neuron.output)
                self.incoming(neuron, neuron.output in numbered)
        columns = [self.column(number, layer) for number, layer in enumerate(self.layers)]
        notes = [plain_label(text, "muted") for text in self.notes(numbered)]
        sizes = " → ".join(str(len(layer)) for layer in self.layers)
        title = f"Network of neurons of {program_line(self.graph.source)}"
        said = "; ".join([f"layers of {sizes} neurons, inputs first", *(n.plain for n in notes)])
        return Diagram(
            title, said, tuple(self.boxes), tuple(self.wires), panel=tuple(notes),
            columns=tuple(columns),
        )  # fmt: skip

    def box(self, i: int) -> None:
        """A circle: its name or sign, its value and its gradient."""
        graph, writing = self.graph, self.writing
        shown = i in self.named or not graph.tape.nodes[i].operands
        name = writing.name(i) if shown else self.sign(i)
        cells = (name, *writing.value(i), *self.gradient(i))
        self.boxes.append(Box(f"n{i}", "neuron", None, graph.labels.get(i, ""), cells))

    def sign(self, i: int) -> Label:
        """The activation of a neuron, or the sign of a sum."""
        plain = any(neuron.sum == i for neuron in self.neurons)
        return plain_label("Σ") if plain else gate_text(self.graph, i)

    def incoming(self, neuron: _Neuron, numbered: bool) -> None:
        """The edges into a neuron, with their weights, and its biases."""
        target, writing = f"n{neuron.output}", self.writing
        for position, edge in enumerate(neuron.edges):
            if edge.source in self.drawn:
                above, below = self.weight(edge) if numbered else ((), ())
                self.wires.append(Wire(f"n{edge.source}", target, position, above, below))
        for number, i in enumerate(neuron.biases):
            constant = self.graph.tape.nodes[i].op == "const"
            name = writing.constant(i) if constant else writing.name(i)
            box = f"b{neuron.output}_{number}"
            self.boxes.append(Box(box, "constant", name, self.graph.labels.get(i, "")))
            above, below = ((), ()) if constant else (writing.value(i), self.gradient(i))
            place = len(neuron.edges) + number
            self.wires.append(Wire(box, target, place, above, below))

    def weight(self, edge: _Edge) -> tuple[tuple[Label, ...], tuple[Label, ...]]:
        """What stands on an edge: its weight, as a number or by its name, and the gradient."""
        writing, weight = self.writing, edge.weight
        if weight is None:
            return (), ()
        if self.graph.tape.nodes[weight].op == "const":
            return (writing.constant(weight),), ()
        shown = writing.value(weight) or ((writing.name(weight),) if writing.shows("names") else ())
        one = len(self.graph.uses[weight]) == 1
        return shown, (self.gradient(weight) if one else writing.share(edge.gate, edge.position))

    def gradient(self, i: int) -> tuple[Label, ...]:
        """The gradient as a number; formulas are too long to stand in a network."""
        return self.writing.gradient(i) if self.writing.trace else ()

    def numbered(self) -> set[int]:
        """The neurons whose edges carry numbers: those of layers with few edges."""
        edges: defaultdict[int, int] = defaultdict(int)
        for neuron in self.neurons:
            shown = [edge for edge in neuron.edges if edge.source in self.drawn]
            edges[id(self.drawn.get(neuron.output))] += len(shown)
        return {i for i, layer in self.drawn.items() if edges[id(layer)] <= _EDGES}

    def column(self, number: int, layer: list[int]) -> Column:
        """A layer, with dots for what is left out, and the activation that its neurons share."""
        names = [f"n{i}" for i in _few(layer)]
        if len(names) < len(layer):
            self.boxes.append(Box(f"dots{number}", "output", plain_label("⋮"), ""))
            names.insert(_FIRST, f"dots{number}")
        named = number and any(i in self.named for i in layer)  # others show it themselves
        signs = {self.sign(i).plain: self.sign(i) for i in layer} if named else {}
        caption = next(iter(signs.values())) if len(signs) == 1 and "Σ" not in signs else None
        return Column(tuple(names), replace(caption, ink="muted") if caption else None)

    def notes(self, numbered: set[int]) -> Iterator[str]:
        """What the figure leaves out."""
        if self.alike:
            yield f"{self.alike} more examples go through the same weights"
        hidden = sum(len(layer) - len(_few(layer)) for layer in self.layers)
        if hidden:
            yield f"{hidden} more neurons are not drawn"
        if any(
            neuron.output in self.drawn and neuron.output not in numbered for neuron in self.neurons
        ):
            yield f"layers with more than {_EDGES} edges are drawn without their weights"
        output = self.graph.output
        if output not in self.drawn and output != self.above:
            value = self.writing.value(output)
            name = self.writing.name(output)
            text = joined("=", name, value[0]).plain if value else name.plain
            yield f"{text} is computed from the last layer"


def _one_example(neurons: Sequence[_Neuron]) -> tuple[Sequence[_Neuron], int]:
    """The neurons of the first example, where several go through the same weights on their own,
    and how many others do."""
    example: dict[int, int] = {}
    for neuron in neurons:
        nodes = [neuron.output, *(edge.source for edge in neuron.edges)]
        merged = {example.get(i, i) for i in nodes}
        first = min(merged)
        example |= dict.fromkeys(nodes, first)
        example |= {i: first for i, one in example.items() if one in merged}
    parts = defaultdict(list)
    for neuron in neurons:
        parts[example[neuron.output]].append(neuron)
    one, *others = parts.values()
    alike = {
        tuple(edge.weight for neuron in part for edge in neuron.edges) for part in parts.values()
    }
    return (one, len(others)) if len(alike) == 1 else (neurons, 0)


def _few(layer: list[int]) -> list[int]:
    """The neurons of a layer that are drawn."""
    return layer if len(layer) <= _LAYER else [*layer[:_FIRST], layer[-1]]
