"""Values of every node over a box, and whether a program is twice differentiable there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import partial
from typing import Any

from graphdiff.core.domains.base import number_of
from graphdiff.core.domains.interval_domain import Intervals
from graphdiff.core.domains.intervals import Interval, enclosing
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.backward import active_nodes
from graphdiff.core.sweeps.walks import ascend, needed, spared
from graphdiff.program.germs.writing import row_written

__all__ = ["Sweep", "kinked", "point_box", "rough_node", "rough_nodes", "taken_operands", "whole"]

_FAILED = (ArithmeticError, ValueError, TypeError, AttributeError)
"""What a rule raises outside its domain, or for an operand without a value (None)."""


class Sweep:
    """A program over intervals, looked up once and run for every box.

    A node without a value is None; that is harmless on a branch that is not taken.
    """

    def __init__(self, tape: Tape, outputs: Sequence[int], *, lenient: bool = False) -> None:
        self.tape, self.outputs = tape, list(outputs)
        self.domain = Intervals(lenient=lenient)
        self.order = tape.needed_for(outputs) if outputs else []
        self.constants: dict[int, Any] = {}
        self.rules: dict[int, Callable[..., Any]] = {}
        for i in self.order:
            node = tape.nodes[i]
            if node.op == "const":
                self.constants[i] = self.domain.number(node.attr)
            elif node.operands:
                self.rules[i] = self._rule(node.op, node.operands)

    def _rule(self, op: str, operands: tuple[int, ...]) -> Callable[..., Any]:
        domain = self.domain
        if op == "mul" and operands[0] == operands[1]:
            return lambda x, _: domain._power(x, 2)  # [−1, 3] times itself is more than its square
        if op == "div":
            return domain.divide
        return partial(self.tape.ops[op].value, domain)

    def run(self, box: Mapping[str, Interval]) -> dict[int, Any]:
        """Every node's interval, or None."""
        rules, domain, ops = self.rules, self.domain, self.tape.ops

        def gate(i: int, node: Node, xs: list[Any]) -> Any:
            try:
                return number_of(domain, rules[i](*xs))
            except _FAILED:
                return spared(ops[node.op], xs)

        return ascend(
            self.tape, self.order, gate, lambda i, node: box[node.attr], known=self.constants
        )

    def results(self, box: Mapping[str, Interval]) -> list[Any]:
        """The intervals of the outputs, or None."""
        values = self.run(box)
        return [values[i] for i in self.outputs]


def rough_node(tape: Tape, order: Sequence[int], values: Mapping[int, Any]) -> int | None:
    """The first node that may not be defined and twice differentiable over the whole box; None if
    all are."""
    return next(iter(rough_nodes(tape, order, values)), None)


def rough_nodes(tape: Tape, order: Sequence[int], values: Mapping[int, Any]) -> list[int]:
    """The nodes that may not be defined and twice differentiable over the whole box, in order."""
    active = active_nodes(tape, order)
    return [
        i
        for i in _taken(tape, order, values)
        if tape.nodes[i].operands and _rough(tape, i, values, bool(active[i]))
    ]


def _rough(tape: Tape, i: int, values: Mapping[int, Any], active: bool) -> bool:
    node = tape.nodes[i]
    if values[i] is None and not tape.ops[node.op].condition:
        return True
    return active and not _smooth(tape, i, [values[k] for k in node.operands])


def kinked(tape: Tape, output: int) -> bool:
    """Whether some op on the way to a node is not smooth wherever it is defined."""
    nodes = tape.nodes
    rows = [tape.ops[nodes[i].op] for i in tape.needed_for([output]) if nodes[i].operands]
    return any(row.rough != () and not row.selects and row.name != "pow" for row in rows)


def _taken(tape: Tape, order: Sequence[int], values: Mapping[int, Any]) -> list[int]:
    """The nodes of ``order`` that the output depends on over this box: untaken branches apart, and
    conditions that are decided all around."""
    marked = needed(order, order[-1:], lambda i: taken_operands(tape, i, values))
    return [i for i in order if i in marked]


def taken_operands(tape: Tape, i: int, values: Mapping[int, Any]) -> tuple[int, ...]:
    """The operands that a node depends on around the box; one for a ``where`` that is decided."""
    node = tape.nodes[i]
    if not tape.selects(i) or not isinstance(values[node.operands[0]], bool):
        return node.operands
    condition, *branches = node.operands
    branch = branches[0 if values[condition] else 1]
    return (branch,) if _settled(tape, condition, values) else (condition, branch)


def _settled(tape: Tape, i: int, values: Mapping[int, Any]) -> bool:
    """Whether a condition has one answer in a neighbourhood of the box: its sides are apart, and
    made of continuous ops (|x| < 1 at 0 is decided, though |x| has a kink there)."""
    node = tape.nodes[i]
    x, y = (values[k] for k in node.operands)
    if x is None or y is None or not (x < y or y < x):
        return False
    return all(
        values[k] is not None and _continuous(tape, k) for k in tape.needed_for(node.operands)
    )


def _continuous(tape: Tape, i: int) -> bool:
    row = tape.ops.get(tape.nodes[i].op)
    return row is None or row.kink is None or not (row.condition or row.kink.can_jump)


def _smooth(tape: Tape, i: int, operands: list[Any]) -> bool:
    row = tape.ops[tape.nodes[i].op]
    if row.condition:
        x, y = operands
        return x is not None and y is not None and (x < y or y < x)
    if row.selects:
        return True
    x = operands[0]
    if row.rough is not None:
        return not any(x.holds(point) for point in row.rough)
    if row.curve.singular == "integers":
        low, high = x.lo.floor(), x.hi.floor()
        return bool(x.finite and low == high and not x.lo.is_integer())
    if row.ties:
        return _one_wins(operands, largest=row.extreme == "largest")
    if row.name == "pow":
        return _smooth_power(x, operands[1])
    return _written_smooth(row, operands)


def _written_smooth(row: Op, operands: list[Any]) -> bool:
    """Whether a row of the user's own is made of ops that are smooth here."""
    made = row_written(row)
    if made is None or any(x is None for x in operands):
        return False
    tape, output = made
    sweep = Sweep(tape, [output])
    box = {str(k): x for k, x in enumerate(operands)}
    return rough_node(tape, sweep.order, sweep.run(box)) is None


def _one_wins(xs: list[Any], *, largest: bool) -> bool:
    """Whether one operand is the largest (smallest) at every point."""
    for k, x in enumerate(xs):
        others = xs[:k] + xs[k + 1 :]
        if all((y < x) if largest else (x < y) for y in others):
            return True
    return False


def _smooth_power(x: Interval, y: Interval) -> bool:
    """Whole powers are smooth where they have a value, others of positive numbers."""
    return bool(x.lo > 0 or (y.exact and y.lo.is_integer()))


def whole(value: Any) -> int | None:
    """The integer that an exact constant is."""
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        return None
    return int(value) if value == int(value) else None


def point_box(point: Mapping[str, Any]) -> dict[str, Interval]:
    """A point as a box, as narrow as intervals can be."""
    return {name: enclosing(x, x) for name, x in point.items()}
