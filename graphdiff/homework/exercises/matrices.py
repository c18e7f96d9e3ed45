"""Variants of a program of arrays: other entries at the shapes of the example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from math import prod
from typing import Any

from graphdiff.errors import DomainError, LimitExceeded, Unsupported
from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import Trace

from .judging import number_fault
from .numerals import Drawing, entries_of
from .searching import Exercise, Search
from .varying import is_transcendental

__all__ = ["ArraySearch"]

MOST = 64
"""Given numbers of an exercise on paper."""
_STAGES: tuple[tuple[Fraction, ...], ...] = (
    tuple(map(Fraction, range(1, 4))),
    tuple(map(Fraction, range(1, 6))),
    tuple(Fraction(n, 2) for n in range(1, 11)),
)
"""Numbers that entries are made of."""
_GENTLE = (Fraction(1, 2), Fraction(1)), (Fraction(1), Fraction(2))
"""The same before functions such as softmax, which soon leave what 4 digits show."""


class ArraySearch(Search):
    """Draws the entries of the inputs; labels, masks and one-hot vectors stay as in the example.

    Raises BadPoint if the example lacks an input; Unsupported if the output is an array;
    LimitExceeded if the example is too large for paper.
    """

    def __init__(self, graph: Graph, at: Mapping[str, Any], drawing: Drawing) -> None:
        example = graph.backprop(at)
        super().__init__(drawing, len(graph.order))
        self.graph = example.graph
        if not self.graph.starts:
            raise Unsupported(
                "an exercise asks for the gradient of a number, and this output is an array",
                hint="end with a number, as in sum(W@x)",
            )
        self.example = {
            name: example.values[i] for name, i in self.graph.inputs.items() if i in self.graph.uses
        }
        if _rounded(example.values[self.graph.output]):
            self.stages = (*_GENTLE, *_STAGES)
        given = sum(prod(_shape(value)) for value in self.example.values())
        if given > MOST:
            raise LimitExceeded(
                f"{given} given numbers are more than an exercise on paper has ({MOST})",
                hint="take an example of smaller matrices",
            )

    def drawn(self, pool: tuple[Fraction, ...]) -> Exercise | None:
        """One draw; counts why it is not taken."""
        pool = tuple(sign * x for x in pool for sign in (1, -1))
        point = {
            name: _listed(value) if self._stays(name) else self._entries(_shape(value), pool)
            for name, value in self.example.items()
        }
        key = tuple(map(str, point.values()))
        if key in self.seen or key == tuple(str(_listed(x)) for x in self.example.values()):
            self.reasons["again"] += 1
            return None
        try:
            trace = self.graph.backprop(point).complete()
        except DomainError:
            reason = "undefined"
        else:
            reason = "kink" if trace.kinks else next(_faults(trace, self.zeros), "")
        if reason:
            self.reasons[reason] += 1
            return None
        self.seen.add(key)
        return Exercise(self.graph.source, point, trace.graph, trace)

    @cached_property
    def zeros(self) -> bool:
        """Whether single entries may be 0: where a gate such as relu is off, or a mask is 0."""
        tape = self.graph.tape
        gates = [tape.nodes[i] for i in self.graph.order if tape.nodes[i].operands]
        return any(tape.ops[node.op].kink for node in gates) or any(map(self._stays, self.example))

    def _stays(self, name: str) -> bool:
        """Whether other numbers would be another task: labels have no gradient; 0 and 1 choose."""
        numbers = set(entries_of(self.example[name]))
        return not self.graph.active[self.graph.inputs[name]] or (
            0 in numbers and numbers <= {0, 1}
        )

    def _entries(self, shape: tuple[int, ...], pool: tuple[Fraction, ...]) -> Any:
        if not shape:
            return self.drawing.one(pool)
        return [self._entries(shape[1:], pool) for _ in range(shape[0])]


def _shape(value: Any) -> tuple[int, ...]:
    return tuple(getattr(value, "shape", ()))


def _listed(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _faults(trace: Trace, zeros: bool) -> Iterator[str]:
    """Why the numbers are not pleasant; ``zeros`` says whether single entries may be 0."""
    graph = trace.graph
    for i in graph.order:
        if graph.active[i]:
            if _makes_root(trace, i):
                yield "root"
            yield from _array_faults(trace.values[i], zeros)
            yield from _array_faults(trace.adjoints.get(i, 0), zeros)
    gradients = [trace.adjoints.get(i, 0) for i in graph.inputs.values() if i in graph.uses]
    if all(x in (0, 1) for gradient in gradients for x in entries_of(gradient)):
        yield "trivial"


def _array_faults(value: Any, zeros: bool) -> Iterator[str]:
    numbers = entries_of(value)
    if not any(numbers):
        yield "zero"
    yield from filter(None, (number_fault(x) for x in numbers if x or not zeros))


def _makes_root(trace: Trace, i: int) -> bool:
    """Whether a gate makes rounded numbers of exact ones, and is no function such as exp."""
    graph, values = trace.graph, trace.values
    op, operands = graph.tape.nodes[i].op, graph.tape.nodes[i].operands
    if not operands or graph.tape.ops[op].vjp or is_transcendental(graph, i):
        return False
    return _rounded(values[i]) and not any(_rounded(values[k]) for k in operands)


def _rounded(value: Any) -> bool:
    return any(isinstance(x, float) for x in entries_of(value))
