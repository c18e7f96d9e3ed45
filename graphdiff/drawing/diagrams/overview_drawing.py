"""The diagram of an overview: gates and boxes of gates, and what passes between them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphdiff.drawing.labels.forms import STACKED
from graphdiff.drawing.labels.labels import gate_text, layer_label
from graphdiff.drawing.labels.writing import Look, Writing
from graphdiff.drawing.parts.diagram import Box, Diagram, Label, Wire
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.program.boxes import Boxed
from graphdiff.program.rewrite.gates import folded_operand

from .overview import Chunk, parts

__all__ = ["draw_overview", "overview"]

# A box of gates shows up to so many of the values that leave it, each on a wire of its own.
_VALUES = 3
# Inputs are shown one by one if they are no more than this.
_INPUTS = 24
# Contributions that are added for a label, and characters of a title.
_TERMS, _TITLE = 10_000, 100


@dataclass(frozen=True, slots=True)
class _End:
    """Where a value is used: in which part, and at which operand of a gate that is shown."""

    part: int
    gate: int
    position: int


@dataclass(slots=True)
class _Bundle:
    """What is drawn as one thing at the beginning of wires: a value, or several at once."""

    source: str
    values: list[int]
    ends: list[_End] = field(default_factory=list)


def draw_overview(program: Boxed, look: Look) -> Diagram:
    """The drawing of a program that is too large to be drawn gate by gate.

    >>> from graphdiff import parse
    >>> lines = [f"a{k} = sin(a{k - 1})" for k in range(2, 900)]
    >>> graph = parse("; ".join(["a1 = sin(x)", *lines]))
    >>> diagram = draw_overview(Boxed(graph, None), Look())
    >>> [box.label.plain for box in diagram.boxes if box.kind == "layer"]
    ['896 × sin']
    """
    return overview(program, look)[0]


def overview(program: Boxed, look: Look) -> tuple[Diagram, dict[int, int]]:
    """The same drawing, and for every node that it hides the one whose box stands for it."""
    drawer = _Drawer(program, look)
    return drawer.draw(), drawer.hidden


class _Drawer:
    """Collects boxes and wires of an overview."""

    def __init__(self, program: Boxed, look: Look) -> None:
        self.program, self.graph = program, program.graph
        self.writing = Writing(program, look)
        self.parts = parts(program)
        self.part_of = {i: n for n, part in enumerate(self.parts) for i in part.gates}
        self.hidden = {i: part.gates[-1] for part in self.parts for i in part.gates[:-1]}
        self.boxes: list[Box] = []
        self.wires: list[Wire] = []
        self.arrived: defaultdict[str, int] = defaultdict(int)

    def draw(self) -> Diagram:
        """Every part after the inputs that it is the first to use."""
        ends = self.ends()
        waiting = self.inputs(ends)
        for number, part in enumerate(self.parts):
            for bundle in waiting.pop(number, ()):
                self.input(bundle)
            self.part(part)
            for bundle in self.leaving(part, ends):
                self.connect(bundle)
        source = " ".join(self.graph.source.split())
        short = source if len(source) <= _TITLE else source[:_TITLE] + "…"
        note = self.note()
        return Diagram(
            f"Overview of the computation graph of {short}", note, tuple(self.boxes),
            tuple(self.wires), panel=(plain_label(note, "muted"),),
        )  # fmt: skip

    def note(self) -> str:
        """What the figure hides, in one sentence."""
        hidden = [len(part.gates) for part in self.parts if len(part.gates) > 1]
        total = sum(len(part.gates) for part in self.parts)
        boxes = f"{len(hidden)} box{'es' if len(hidden) > 1 else ''}"
        return f"{total:,} gates, {sum(hidden):,} of them in {boxes}."

    def name(self, part: Chunk) -> str:
        """The id of a part's box."""
        return f"n{part.gates[-1]}"

    def ends(self) -> dict[int, list[_End]]:
        """For every value, its uses outside of the part that it comes from; once in each box."""
        ends: dict[int, list[_End]] = defaultdict(list)
        for number, part in enumerate(self.parts):
            seen = set()
            for i in part.gates:
                for position, k in enumerate(self.program.operands(i)):
                    if self.part_of.get(k) == number or not self.graph.drawn[k]:
                        continue
                    if len(part.gates) == 1 or k not in seen:
                        ends[k].append(_End(number, i, position))
                        seen.add(k)
        return ends

    def inputs(self, ends: dict[int, list[_End]]) -> dict[int, list[_Bundle]]:
        """The inputs, by the first part that uses them: alone, or all that go the same way."""
        ways: dict[tuple[int, ...], list[int]] = defaultdict(list)
        for i in ends:
            if i not in self.part_of:
                ways[tuple(dict.fromkeys(end.part for end in ends[i]))].append(i)
        alone = sum(len(values) for values in ways.values()) <= _INPUTS
        found: dict[int, list[_Bundle]] = defaultdict(list)
        for way, values in ways.items():
            one_by_one = alone or len(values) == 1 or len(self.parts[way[0]].gates) == 1
            for group in [[i] for i in values] if one_by_one else [values]:
                uses = [_End(part, -1, 0) for part in way] if len(group) > 1 else ends[group[0]]
                found[way[0]].append(_Bundle(f"n{group[0]}", group, uses))
        return found

    def input(self, bundle: _Bundle) -> None:
        """An input, or a box for several."""
        i, *others = bundle.values
        title = self.graph.labels.get(i, "")
        label = self.writing.name(i)
        self.hidden.update(dict.fromkeys(others, i))
        if others:
            title = f"{len(bundle.values):,} inputs"
            label = plain_label(title)
        self.boxes.append(Box(f"n{i}", "input", label, title))
        self.connect(bundle)

    def part(self, part: Chunk) -> None:
        """The box of a part."""
        i, graph = part.gates[-1], self.graph
        title = graph.labels.get(i, "")
        if len(part.gates) > 1:
            first, second = map(plain_label, part.lines)
            label = STACKED(first, second, ink=first.ink) if part.lines[1] else first
            self.boxes.append(Box(self.name(part), "layer", label, f"up to {title}", weighted=True))
            return
        layer = self.program.layers.get(i)
        label = layer_label(layer) if layer else gate_text(graph, i)
        self.boxes.append(Box(self.name(part), "layer" if layer else "gate", label, title))
        folded = None if layer else folded_operand(graph.tape, i, graph.drawn)
        for position, k in enumerate(self.program.operands(i)):
            if not graph.drawn[k] and position != folded:
                constant = f"c{i}_{position}"
                self.boxes.append(Box(constant, "constant", self.writing.constant(k)))
                self.wires.append(Wire(constant, self.name(part), position, self.writing.given(k)))

    def leaving(self, part: Chunk, ends: dict[int, list[_End]]) -> Iterator[_Bundle]:
        """What leaves a part: each value, or, if there are many, all that go to the same part."""
        values = [i for i in part.gates if i in ends]
        if len(values) <= _VALUES:
            for i in values:
                yield _Bundle(self.name(part), [i], ends[i])
        else:
            bundles: dict[tuple[int, ...], _Bundle] = {}
            for i in values:
                for end in ends[i]:
                    shown = len(self.parts[end.part].gates) == 1
                    way = (end.part, end.position) if shown else (end.part,)
                    bundle = bundles.setdefault(way, _Bundle(self.name(part), [], [end]))
                    bundle.values.append(i)
            yield from bundles.values()
        if self.graph.output in part.gates:
            self.boxes.append(Box("out", "output", None, self.graph.labels[self.graph.output]))
            yield _Bundle(self.name(part), [self.graph.output], [])

    def connect(self, bundle: _Bundle) -> None:
        """The wires of a bundle, through a fork if it is used in several places."""
        i, *others = bundle.values
        above, below = self.writing.above(i), self.writing.gradient(i)
        if others:
            inputs = i not in self.part_of
            above = () if inputs else (plain_label(f"{len(bundle.values):,} values", "muted"),)
            below = ()
        if not bundle.ends:
            self.wires.append(Wire(bundle.source, "out", 0, above, below))
        elif len(bundle.ends) == 1:
            target, position = self.target(bundle.ends[0])
            self.wires.append(Wire(bundle.source, target, position, above, below))
        else:
            fork = f"fork{i}"
            self.boxes.append(Box(fork, "fork", None, "gradients add"))
            self.wires.append(Wire(bundle.source, fork, 0, above, below))
            for end in bundle.ends:
                target, position = self.target(end)
                share = () if others else self.share(i, end)
                self.wires.append(Wire(fork, target, position, (), share))

    def target(self, end: _End) -> tuple[str, int]:
        """The box where a wire ends, and at which operand; at boxes of gates as they come."""
        part = self.parts[end.part]
        name = self.name(part)
        if len(part.gates) == 1 and end.gate >= 0:
            return name, end.position
        self.arrived[name] += 1
        return name, self.arrived[name] - 1

    def share(self, i: int, end: _End) -> tuple[Label, ...]:
        """What a branch of a fork sends back: from a box, the sum over its gates."""
        part = self.parts[end.part]
        if len(part.gates) == 1:
            return self.writing.share(end.gate, end.position)
        inside = set(part.gates)
        uses = [(k, position) for k, position in self.program.uses[i] if k in inside]
        if self.program.trace is None or not self.writing.has_gradient(i) or len(uses) > _TERMS:
            return ()
        return self.writing.below(_sum(self.shares(uses)))

    def shares(self, uses: Sequence[tuple[int, int]]) -> list[Any]:
        """What each use sends back, as far as there is a gradient."""
        trace = self.program.trace
        return [
            self.program.contribution(k, position)
            for k, position in uses
            if trace is not None and k in trace.adjoints and not self.writing.condition(k)
        ]


def _sum(terms: Sequence[Any]) -> Any:
    return sum(terms[1:], start=terms[0]) if terms else 0
