"""One node or edge of a program in balls: its value, its slope, what flows down it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.base import number_of
from graphdiff.core.sweeps.backward import array_local, contribution, local_gradient, nothing, times
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.errors import DomainError
from graphdiff.program.runs.trace import Trace

from .records import Edge

__all__ = ["Gates"]


class Gates:
    """The rules of a program's nodes over balls."""

    trace: Trace
    arrays: bool
    balls: Balls
    domain: Any
    inputs: dict[str, Any]
    values: dict[int, Any]

    def value(
        self, i: int, values: Mapping[int, Any], rule: Callable[..., Any] | None = None
    ) -> Any:
        """The value of a node from those of its operands; None where it has none."""
        node = self.trace.graph.tape.nodes[i]
        if node.op == "const":
            return self.domain.number(node.attr)
        if node.op == "input":
            return self.inputs[node.attr]
        operands = [values[k] for k in node.operands]
        if node.op == "where" and not self.arrays and operands[0] is not None:
            return operands[1] if operands[0] else operands[2]
        if any(x is None for x in operands):
            return None
        row = self.trace.graph.tape.ops[node.op]
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

    def slope(self, edge: Edge, values: Mapping[int, Any]) -> Any:
        """∂(gate)/∂(operand); on a kink the ball of all that lies between the two sides.

        None for the Jacobian of a tensor op, which is never formed, and where there is none.
        """
        node = self.trace.graph.tape.nodes[edge.gate]
        row = self.trace.graph.tape.ops[node.op]
        if row.vjp or (node.op == "where" and _undecided(values[node.operands[0]])):
            return None
        if row.kink is None or row.condition:
            return self._local(edge, values, "zero")
        left, right = self._local(edge, values, "left"), self._local(edge, values, "right")
        if left is None or right is None:
            return None
        return _union(self, left, right)

    def _local(self, edge: Edge, values: Mapping[int, Any], side: Any) -> Any:
        decided = self.trace.values if values is self.values else None
        local = array_local if self.arrays else local_gradient
        try:
            return local(
                self.trace.graph.tape, edge.gate, edge.position, values, self.domain, side, decided
            )
        except (DomainError, ArithmeticError, ValueError, TypeError):
            return None

    def share(self, edge: Edge, values: Mapping[int, Any], upstream: Any, local: Any) -> Any:
        """What flows down an edge."""
        if upstream is None:
            return None
        row = self.trace.graph.tape.ops[self.trace.graph.tape.nodes[edge.gate].op]
        if row.vjp:
            try:
                return contribution(
                    self.trace.graph.tape, edge.gate, edge.position, upstream, values, self.domain
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
        shape = self.trace.graph.tape.nodes[i].shape
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


def _union(sweeps: Gates, a: Any, b: Any) -> Any:
    def both(x: Any, y: Any) -> Any:
        if nothing(x) and nothing(y):
            return 0
        arb = sweeps.balls.arb
        return arb(x).union(arb(y))

    return sweeps.domain.each(both, a, b) if sweeps.arrays else both(a, b)
