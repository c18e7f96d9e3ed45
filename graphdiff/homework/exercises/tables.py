"""What an exercise asks and what its solution says, in one notation and in no format yet."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.sweeps.forward import taken
from graphdiff.drawing.parts.escaping import typst_string
from graphdiff.language.notation.printer import printer_for
from graphdiff.program.formulas import Formulas
from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import Trace, plain

from .numerals import entries_of, shown
from .search import Exercise

__all__ = ["Rules", "Worksheet", "answers", "is_condition", "named", "named_graph", "to_work_out"]


def named(trace: Trace) -> Trace:
    """The trace with a name for every gate, so that figures show them all."""
    return replace(trace, graph=named_graph(trace.graph))


def named_graph(graph: Graph) -> Graph:
    """The graph with a name for every gate."""
    nodes = graph.tape.nodes
    names = {name: i for i, name in graph.labels.items() if nodes[i].operands}
    return replace(graph, names=names)


def to_work_out(trace: Trace) -> tuple[list[int], list[int]]:
    """Gates in the order of their values, and nodes in the order of their gradients: those that
    the output needs at this point, and not those of a branch that is not taken.

    The output's gradient, which is 1, is not among them; inputs come last.
    """
    graph = trace.graph
    gates = [i for i in taken(graph.tape, graph.output, trace.values) if is_gate(graph, i)]
    inputs = [i for i in graph.inputs.values() if i in graph.uses and graph.active[i]]
    return gates, [*(i for i in reversed(gates) if i != graph.output), *inputs]


def is_gate(graph: Graph, i: int) -> bool:
    """Whether node i is computed from inputs, and no truth value."""
    operands = graph.tape.nodes[i].operands
    return bool(operands and graph.active[i] and not is_condition(graph, i))


def is_condition(graph: Graph, i: int) -> bool:
    row = graph.tape.ops.get(graph.tape.nodes[i].op)
    return row is not None and row.condition


def answers(exercise: Exercise) -> dict[str, str]:
    """Everything that is asked, by the name that answers have in a key: ``q``, ``df/dq``.

    >>> from graphdiff.homework.exercises.search import variants
    >>> answers(variants("q = x + y; f = q*z", seed=7, count=1)[0])
    {'q': '1', 'f': '-4', 'df/dq': '-4', 'df/dx': '-4', 'df/dy': '-4', 'df/dz': '1'}
    """
    trace = exercise.trace
    labels, f = trace.graph.labels, trace.graph.labels[trace.graph.output]
    gates, nodes = to_work_out(trace)
    found = {labels[i]: shown(plain(trace.values[i])) for i in gates}
    gradients = {f"d{f}/d{labels[i]}": shown(plain(trace.adjoints.get(i, 0))) for i in nodes}
    return found | gradients


class Rules(Formulas):
    """Formulas in which a condition stands for itself: it has no value to name."""

    def leaf(self, i: int) -> Expr:
        if not is_condition(self.graph, i):
            return super().leaf(i)
        node = self.graph.tape.nodes[i]
        return apply(self.tape, node.op, *(super(Rules, self).leaf(k) for k in node.operands))


class Worksheet:
    """The rows of an exercise's table in a notation: unicode or typst."""

    def __init__(self, exercise: Exercise, notation: str = "unicode") -> None:
        self.trace, self.graph = exercise.trace, exercise.graph
        self.notation = notation
        self.formulas = Rules(self.graph, notation)
        self.gates, nodes = to_work_out(self.trace)
        self.inputs = [i for i in nodes if not self.graph.tape.nodes[i].operands]

    @cached_property
    def nodes(self) -> list[int]:
        """Inputs, then gates."""
        return [*self.inputs, *self.gates]

    def name(self, i: int) -> str:
        """The name of a node."""
        return printer_for(self.notation, self.graph.tape).name(self.graph.labels[i])

    def number(self, value: Any) -> str:
        """A number with a true minus sign, or an array."""
        value = plain(value)
        if self.notation == "unicode":
            return shown(value).replace("-", "−")
        return _in_typst(value) if getattr(value, "shape", ()) else shown(value)

    @property
    def lines(self) -> int:
        """Lines of the tallest array."""
        shapes = [self.graph.tape.nodes[i].shape for i in self.nodes]
        return max([int(shape[0]) for shape in shapes if shape], default=1)

    @property
    def program(self) -> str:
        """The output's formula: ``f = (x + y)·z``."""
        return self.equation(self.name(self.graph.output), self.graph.show(self.notation))

    @property
    def steps(self) -> list[str]:
        """Constants that have a name, and the rule of every gate; empty where that says no more
        than the program does."""
        graph = self.graph
        fixed = [i for i in graph.order if graph.drawn[i] and not graph.active[i]]
        gates = [i for i in graph.core.order if is_gate(graph, i)]
        if len(gates) < 2 and not fixed:
            return []
        constants = [self.equation(self.name(i), self.formulas.expression(i)) for i in fixed]
        return [*constants, *[self.rule(i) for i in gates]]

    @property
    def point(self) -> list[str]:
        """The given values: ``x = −2``."""
        return [self.equation(self.name(i), self.value(i)) for i in self.inputs]

    def equation(self, left: str, right: str) -> str:
        """Both sides of an equation."""
        return f"{left} = {right}"

    def rule(self, i: int) -> str:
        """What a gate computes: ``q = x + y``; empty for an input."""
        if not self.graph.tape.nodes[i].operands:
            return ""
        return self.equation(self.name(i), self.formulas.expression(i))

    def value(self, i: int) -> str:
        """The value of a node."""
        return self.number(self.trace.values[i])

    def upstream(self, i: int) -> str:
        """The gradient of the output in a node."""
        return self.number(self.trace.adjoints.get(i, 0))

    def derivative(self, top: int, below: int) -> str:
        """The sign ∂(node)/∂(node)."""
        above, under = self.name(top), self.name(below)
        if self.notation == "typst":
            return f"(partial {above})/(partial {under})"
        return f"∂{above}/∂{under}"

    def gradient(self, i: int) -> str:
        """The sign of a node's gradient."""
        return self.derivative(self.graph.output, i)

    def locals(self, i: int) -> list[str]:
        """The local gradients of a gate: ``∂f/∂q = z = −4``."""
        node = self.graph.tape.nodes[i]
        found = []
        for position in self.formulas.flows(i) if node.operands else ():
            k = node.operands[position]
            if is_condition(self.graph, k):
                continue
            formula = self.formulas.local(i, position)
            if self.graph.tape.ops[node.op].vjp:  # a Jacobian: what it makes of the gradient above
                alone = len(self.graph.uses[k]) == 1
                found.append(f"{self.gradient(k)}{' =' if alone else ':'} {formula}")
                continue
            local = self.trace.local(i, position)
            entries = {shown(x) for x in entries_of(plain(local))}
            number = formula if entries == {formula.replace("−", "-")} else self.number(local)
            found.append(" = ".join(dict.fromkeys([self.derivative(i, k), formula, number])))
        return found


def _in_typst(value: Any) -> str:
    """A vector as a column, a matrix by rows; more axes in brackets."""
    if value.ndim > 2:
        return typst_string(shown(value))
    rows = "; ".join(", ".join(map(shown, entries_of(row))) for row in value)
    return f'mat(delim: "[", {rows})'
