"""What a program's nodes and edges mean: in balls at a point, or in symbols.

Sweeps, faults and what a student wrote are the same over both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Protocol

from graphdiff.core.domains.ball import Balls, working_precision
from graphdiff.core.domains.base import number_of
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import (
    array_local,
    contribution,
    local_gradient,
    nothing,
    rule,
    times,
)
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.core.sweeps.walks import ascend
from graphdiff.errors import DomainError
from graphdiff.program.graph import Graph
from graphdiff.program.runs.enclosure import ball_domain, ball_inputs, decisions
from graphdiff.program.runs.trace import Trace

from .records import Use

__all__ = ["InBalls", "InSymbols", "Meaning"]


class Meaning(Protocol):
    """One node or edge of a program at a time: its value, its slope, what flows down it."""

    graph: Graph
    domain: Any
    """What rules are read over."""
    every: list[int]
    """The nodes that have a value, operands first."""
    values: dict[int, Any]

    def number(self, value: Fraction | int) -> Any:
        """An exact number."""

    def value(self, i: int, operands: list[Any], rule: Callable[..., Any] | None = None) -> Any:
        """The value of a node from those of its operands; None where it has none."""

    def slope(self, edge: Use, values: Mapping[int, Any]) -> Any:
        """∂(gate)/∂(operand); None where there is none, or none that is a number."""

    def share(self, edge: Use, values: Mapping[int, Any], upstream: Any, local: Any) -> Any:
        """What flows down an edge."""

    def shaped(self, value: Any, i: int) -> Any:
        """A value spread to the shape of node i, or None if it has another."""

    def each(self, function: Callable[[Any], Any], value: Any) -> Any:
        """A function of every number in a value."""


class InBalls:
    """A program at a point, in balls of a fixed precision."""

    def __init__(self, trace: Trace, bits: int) -> None:
        self.trace, self.graph, self.bits = trace, trace.graph, bits
        self.arrays = self.graph.has_arrays
        self.every = self.graph.tape.needed_for([self.graph.output, *self.graph.names.values()])
        with working_precision(bits):
            self.balls = Balls()
            self.domain: Any = ball_domain(self.graph, self.balls)
            self.inputs = ball_inputs(self.graph, trace.point, self.balls)
            self.values: dict[int, Any] = ascend(
                self.graph.tape, self.every, lambda i, node, xs: self.value(i, xs),
                known=decisions(self.graph, trace.values),
            )  # fmt: skip

    def number(self, value: Fraction | int) -> Any:
        """An exact number as a ball."""
        return self.balls.number(value)

    def each(self, function: Callable[[Any], Any], value: Any) -> Any:
        """A function of a ball, or of every entry."""
        return self.domain.each(function, value) if self.arrays else function(value)

    def value(self, i: int, operands: list[Any], rule: Callable[..., Any] | None = None) -> Any:
        """The value of a node from those of its operands; None where it has none."""
        node = self.graph.tape.nodes[i]
        if node.op == "const":
            return self.domain.number(node.attr)
        if node.op == "input":
            return self.inputs[node.attr]
        row = self.graph.tape.ops[node.op]
        if row.selects and not self.arrays and operands[0] is not None:
            return operands[1] if operands[0] else operands[2]
        if any(x is None for x in operands):
            return None
        try:
            if rule is not None:
                value = rule(self.domain, *operands)
            elif self.arrays:
                with self.domain.quietly():
                    value = self.domain.run(row, node, operands)
            else:
                value = number_of(self.balls, row.value(self.balls, *operands))
        except (ArithmeticError, ValueError, TypeError, DomainError):
            return None
        return None if isinstance(value, Undefined) else value

    def slope(self, edge: Use, values: Mapping[int, Any]) -> Any:
        """∂(gate)/∂(operand); on a kink the ball of all that lies between the two sides.

        None for the Jacobian of a tensor op, which is never formed, and where there is none.
        """
        node = self.graph.tape.nodes[edge.gate]
        row = self.graph.tape.ops[node.op]
        operands = [values[k] for k in node.operands]
        unknown = _undecided(operands[0]) if row.selects else any(x is None for x in operands)
        if row.vjp or unknown:
            return None
        if row.kink is None or row.condition:
            return self._local(edge, values, "zero")
        left, right = self._local(edge, values, "left"), self._local(edge, values, "right")
        if left is None or right is None:
            return None
        return _union(self, left, right)

    def _local(self, edge: Use, values: Mapping[int, Any], side: Any) -> Any:
        decided = self.trace.values if values is self.values else None
        local = array_local if self.arrays else local_gradient
        try:
            return local(
                self.graph.tape, edge.gate, edge.position, values, self.domain, side, decided
            )
        except (DomainError, ArithmeticError, ValueError, TypeError):
            return None

    def share(self, edge: Use, values: Mapping[int, Any], upstream: Any, local: Any) -> Any:
        """What flows down an edge."""
        if upstream is None:
            return None
        row = self.graph.tape.ops[self.graph.tape.nodes[edge.gate].op]
        if row.vjp:
            try:
                return contribution(
                    self.graph.tape, edge.gate, edge.position, upstream, values, self.domain
                )
            except (ArithmeticError, ValueError, TypeError, DomainError):
                return None
        if not self.arrays and (nothing(local) or nothing(upstream)):
            return 0  # an infinite slope does not matter where nothing arrives
        if local is None:
            return None
        return self.shaped(times(upstream, local), edge.operand)

    def shaped(self, value: Any, i: int) -> Any:
        """A value spread to the shape of node i, or None if it has another."""
        shape = self.graph.tape.nodes[i].shape
        if getattr(value, "shape", ()) == shape:
            return value
        try:
            return self.domain.broadcast(value, shape=shape)
        except ValueError:
            return None


def _undecided(condition: Any) -> bool:
    """Whether balls cannot tell which branch is taken, though doubles may."""
    if hasattr(condition, "ravel"):
        return any(entry is None for entry in condition.ravel().tolist())
    return condition is None


def _union(sweeps: InBalls, a: Any, b: Any) -> Any:
    def both(x: Any, y: Any) -> Any:
        if nothing(x) and nothing(y):
            return 0
        arb = sweeps.balls.arb
        return arb(x).union(arb(y))

    return sweeps.domain.each(both, a, b) if sweeps.arrays else both(a, b)


class InSymbols:
    """A program of numbers as formulas of its variables: node i stands for itself.

    ``tape`` continues the program's; the formulas are made on one that continues this.
    """

    def __init__(self, graph: Graph, tape: Tape | None = None) -> None:
        self.graph, self.tape = graph, (tape or graph.tape).fork()
        self.domain: Any = symbolic(self.tape)
        self.every = graph.tape.needed_for([graph.output, *graph.names.values()])
        self.values: dict[int, Any] = {i: Expr(self.tape, i) for i in self.every}

    def number(self, value: Fraction | int) -> Any:
        """An exact number as a formula."""
        return constant(self.tape, value)

    def each(self, function: Callable[[Any], Any], value: Any) -> Any:
        """A function of the formula."""
        return function(value)

    def value(self, i: int, operands: list[Any], rule: Callable[..., Any] | None = None) -> Any:
        """The formula of a node from those of its operands."""
        node = self.graph.tape.nodes[i]
        if rule is not None:
            return constant(self.tape, rule(self.domain, *operands))
        return Expr(self.tape, self.tape.make(node.op, tuple(x.id for x in operands), node.attr))

    def slope(self, edge: Use, values: Mapping[int, Any]) -> Any:
        """∂(gate)/∂(operand) by the op's rule."""
        node = self.graph.tape.nodes[edge.gate]
        local = rule(self.graph.tape.ops[node.op], edge.position)
        return local(self.domain, values[edge.gate], *[values[k] for k in node.operands])

    def share(self, edge: Use, values: Mapping[int, Any], upstream: Any, local: Any) -> Any:
        """What flows down an edge: upstream × local."""
        return None if upstream is None or local is None else times(upstream, local)

    def shaped(self, value: Any, i: int) -> Any:
        """The formula itself: there are only numbers."""
        return value
