"""Two sweeps over a program: as it is, with a student's own answers, or with one fault.

What a student wrote may stand in for the true one ("pinned"): what follows from it is then
what he should have got next.  A fault replaces one rule.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from graphdiff.core.ir.tape import Node
from graphdiff.core.sweeps.backward import nothing
from graphdiff.core.sweeps.walks import ascend, descend
from graphdiff.errors import DomainError
from graphdiff.homework.asked.names import Key

from .meanings import InBalls, Meaning
from .records import NO_FAULT, Effect, Fault, Use

__all__ = ["BallSweeps", "Sweeps"]


M = TypeVar("M", bound=Meaning)


class Sweeps(Generic[M]):
    """A program, swept forward and back in one meaning of its nodes."""

    def __init__(self, meaning: M) -> None:
        self.meaning, self.graph, self.values = meaning, meaning.graph, meaning.values
        self.domain, self.number, self.share = meaning.domain, meaning.number, meaning.share
        self.tape, self.order, self.active = self.graph.tape, self.graph.order, self.graph.active
        self.edges = [Use(i, p, k) for i in self.order for p, k in self.tape.flows(i, self.active)]
        self.out_edges: dict[int, list[Use]] = {}
        for edge in self.edges:
            self.out_edges.setdefault(edge.gate, []).append(edge)
        self.locals = {(e.gate, e.position): meaning.slope(e, self.values) for e in self.edges}
        self._ready: tuple[Any, Any] = (None, None)
        self.truth = self.predict({})

    def size_at(self, key: Key) -> float:
        """The largest number that this one is a sum of: what doubles round, they round of this."""
        if key.kind == "value":
            return min(float(self._sizes[key.node]), 1e300)
        into = [
            self.share(e, self.values, self.truth.get(Key("gradient", e.gate)),
                       self.locals[e.gate, e.position])
            for e in self.edges if e.operand == key.node and key.kind == "gradient"
        ]  # fmt: skip
        return min(float(max(map(_size, into), default=0)), 1e300)

    @cached_property
    def _sizes(self) -> dict[int, Any]:
        """By node, the largest of its value and of what its operands' sizes come to in it, as in
        Wilkinson's running analysis of rounding."""

        def gate(i: int, node: Node, sizes: list[Any]) -> Any:
            slopes = (self.meaning.slope(Use(i, p, k), self.values)
                      for p, k in enumerate(node.operands))  # fmt: skip
            into = [_size(slope) * size for slope, size in zip(slopes, sizes, strict=True)]
            return max([_size(self.values[i]), *into])

        return ascend(self.tape, self.meaning.every, gate)

    def predict(
        self, pins: Mapping[Key, Any], fault: Fault = NO_FAULT, output: int | None = None
    ) -> dict[Key, Any]:
        """Every number, each computed from the pinned numbers before it; None where there is none.

        ``output`` is the node whose derivative is taken, by default the program's output.
        """
        if fault.values or fault.moved or fault.rounding:
            values, locals_, told = self._prepared(pins, fault)
        else:
            # Faults of the backward sweep share the forward one.
            if self._ready[0] is not pins:
                self._ready = pins, self._prepared(pins, NO_FAULT)
            values, locals_, before = self._ready[1]
            told = dict(before)
            if fault.slopes:
                locals_ = dict(locals_)
        self._miscomputed(pins, fault, values, locals_, told)
        self._backward(pins, fault, values, locals_, told, output)
        return told

    def _prepared(
        self, pins: Mapping[Key, Any], fault: Fault
    ) -> tuple[Mapping[int, Any], dict[tuple[int, int], Any], dict[Key, Any]]:
        """Values, local gradients, and what they are told to be, before the backward sweep."""
        told: dict[Key, Any] = {}
        values, changed = self._forward(pins, fault, told)
        if fault.moved:
            values, changed = {**values, **fault.moved}, changed | set(fault.moved)
        return values, self._slopes(pins, values, changed, told), told

    def _forward(
        self, pins: Mapping[Key, Any], fault: Fault, told: dict[Key, Any]
    ) -> tuple[dict[int, Any], set[int]]:
        pinned = {key.node: pin for key, pin in pins.items() if key.kind == "value"}
        values, changed = self.values, set[int]()
        if not (pinned or fault.values or fault.rounding):
            told.update({Key("value", i): values[i] for i in self.meaning.every})
            return values, changed

        def gate(i: int, node: Node, xs: list[Any]) -> Any:
            value = values[i]
            if i in fault.values or not changed.isdisjoint(node.operands):
                value = self.meaning.value(i, xs, fault.values.get(i))
                changed.add(i)
            told[Key("value", i)] = value
            if i in pinned or (fault.rounding and node.operands):
                changed.add(i)
                return pinned[i] if i in pinned else self._rounded(value, fault)
            return value

        return ascend(self.tape, self.meaning.every, gate), changed

    def _slopes(
        self, pins: Mapping[Key, Any], values: Mapping[int, Any], changed: set[int],
        told: dict[Key, Any],
    ) -> dict[tuple[int, int], Any]:  # fmt: skip
        nodes, locals_ = self.tape.nodes, self.locals
        if changed:
            locals_ = dict(locals_)
        for edge in self.edges:
            operands = nodes[edge.gate].operands
            if changed and (edge.gate in changed or not changed.isdisjoint(operands)):
                locals_[edge.gate, edge.position] = self.meaning.slope(edge, values)
            local = locals_[edge.gate, edge.position]
            told[Key("local", edge.gate, edge.operand, edge.position)] = local
            total = Key("local", edge.gate, edge.operand)
            told[total] = _plus(told[total], local) if total in told else local
        return self._own_slopes(pins, locals_)

    def _miscomputed(
        self, pins: Mapping[Key, Any], fault: Fault, values: Mapping[int, Any],
        locals_: dict[tuple[int, int], Any], told: dict[Key, Any],
    ) -> None:  # fmt: skip
        """Put a fault's own local gradients in place, unless the student wrote others."""
        for gate in dict.fromkeys(gate for gate, _ in fault.slopes):
            sums: dict[Key, Any] = {}
            for edge in self.out_edges[gate]:
                place, rule = (gate, edge.position), fault.slopes.get((gate, edge.position))
                key = Key("local", gate, edge.operand, edge.position)
                local = told[key] if rule is None else self._wrong_slope(edge, values, rule)
                told[key] = local
                total = Key("local", gate, edge.operand)
                sums[total] = _plus(sums[total], local) if total in sums else local
                if rule is not None and key not in pins and total not in pins:
                    locals_[place] = local
            told.update(sums)

    def _own_slopes(
        self, pins: Mapping[Key, Any], locals_: dict[tuple[int, int], Any]
    ) -> dict[tuple[int, int], Any]:
        """Local gradients with those that the student wrote himself."""
        own = [key for key in pins if key.kind == "local"]
        if own:
            locals_ = dict(locals_)
        for key in own:
            operands = self.tape.nodes[key.node].operands
            single = operands.count(key.operand) == 1
            for p, k in enumerate(operands):
                if k == key.operand and (p == key.position or (key.position < 0 and single)):
                    locals_[key.node, p] = pins[key]
        return locals_

    def _wrong_slope(self, edge: Use, values: Mapping[int, Any], rule: Callable[..., Any]) -> Any:
        operands = [values[k] for k in self.tape.nodes[edge.gate].operands]
        out = values[edge.gate]
        if out is None or any(x is None for x in operands):
            return None
        try:
            return rule(self.domain, out, *operands)
        except (ArithmeticError, ValueError, TypeError, DomainError):
            return None

    def _backward(
        self, pins: Mapping[Key, Any], fault: Fault, values: Mapping[int, Any],
        locals_: Mapping[tuple[int, int], Any], told: dict[Key, Any], output: int | None,
    ) -> None:  # fmt: skip
        top = self.graph.output if output is None else output
        arrived: dict[int, list[Any]] = {top: [self.domain.number(1)]}

        def at(i: int) -> tuple[Any] | None:
            shares = arrived.get(i, [])
            if i in fault.forks and i != top:
                shares = list(fault.forks[i](shares))
            upstream = fault.gradients[i] if i in fault.gradients else self._sum(shares, i)
            key = Key("gradient", i)
            told[key] = upstream
            if key in pins:
                upstream = pins[key]
            elif fault.rounding:
                upstream = self._rounded(upstream, fault)
            return (upstream,) if i in arrived else None

        def flow(i: int, position: int, k: int, above: tuple[Any], known: Any) -> list[Any]:
            edge, place = Use(i, position, k), (i, position)
            effect = fault.edges.get(place)
            if effect is None:
                share = self.share(edge, values, above[0], locals_[place])
            else:
                share = self._faulty(effect, edge, values, above[0], locals_[place])
            return [*(known or ()), share]

        descend(self.tape, self.order, self.active, arrived, flow, at)

    def _rounded(self, value: Any, fault: Fault) -> Any:
        if value is None or fault.rounding is None or isinstance(value, bool) or nothing(value):
            return value
        return self.meaning.each(fault.rounding, value)

    def _faulty(
        self, effect: Effect, edge: Use, values: Mapping[int, Any], upstream: Any, local: Any
    ) -> Any:
        try:
            share = effect(self, values, upstream, local)
        except (ArithmeticError, ValueError, TypeError, DomainError):
            return None
        return None if share is None else self.meaning.shaped(share, edge.operand)

    def _sum(self, shares: Sequence[Any], i: int) -> Any:
        if not shares:
            return self.meaning.shaped(self.domain.number(0), i)
        total = shares[0]
        for share in shares[1:]:
            total = _plus(total, share)
        return total


def _size(x: Any) -> Any:
    """How large a number is, which a double may not hold; 0 for an array and what is none."""
    if isinstance(x, int):
        return abs(x)
    return abs(x.mid()) if hasattr(x, "mid") and x.is_finite() else 0


def _plus(a: Any, b: Any) -> Any:
    return None if a is None or b is None else a + b


BallSweeps = Sweeps[InBalls]
"""A program at a point."""
