"""One-sided derivatives of one node along each of many inputs, without a sweep for every input.

Between gates on their kinks a program is smooth, and what flows there is linear: one sweep back
from each operand of such a gate, as far as the next ones, tells it for all inputs together.  What
is left to do for an input are the gates on kinks that it reaches.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from heapq import heappop, heappush
from typing import Any, NamedTuple

from graphdiff.core.domains.base import Domain
from graphdiff.core.ir.tape import Tape
from graphdiff.errors import DomainError

from .backward import active_nodes, directional, entered, local_gradient, on_kink, times, together
from .forward import Undefined

__all__ = ["Sides", "sides_along"]


class Sides(NamedTuple):
    """The derivatives of the output along one input, from below and from above."""

    left: Any
    right: Any
    jumps: bool
    """Whether the output jumps on a side, so that slopes are not all there is to say."""


def sides_along(
    tape: Tape, order: Sequence[int], output: int, values: Mapping[int, Any], inputs: Iterable[int],
    domain: Domain,
) -> dict[int, Sides]:  # fmt: skip
    """What ``directional`` tells of both sides of every input; nothing of an input along which a
    gate has an infinite slope."""
    inputs = [k for k in inputs if k in values]
    between = _Between(tape, order, values, inputs, domain)
    between.lead_to(output)
    found: dict[int, Sides] = {}
    for k in inputs:
        try:
            forth, up = between.along(k, 1, output)
            back, down = between.along(k, -1, output)
        except DomainError:
            continue
        found[k] = Sides(-back, forth, up or down)
    return found


class _Between:
    """The gates on their kinks, and what flows from one to the next."""

    def __init__(
        self, tape: Tape, order: Sequence[int], values: Mapping[int, Any], inputs: Sequence[int],
        domain: Domain,
    ) -> None:  # fmt: skip
        self.tape, self.order, self.values, self.domain = tape, order, values, domain
        self.active = active_nodes(tape, order, inputs)
        self.inputs = set(inputs)
        self.kinked: set[int] = set()
        self.dead: set[int] = set()
        """Nodes through which nothing flows: they, or operands, have no value."""
        self.ways: dict[int, list[tuple[int, Any]]] = {}
        """From an input or a gate on its kink to operands of such gates, and to the output, with
        the derivative of the one in the other; None where that is infinite."""
        self.users: dict[int, list[int]] = {}
        self.ends: set[int] = set()
        self.locals: dict[tuple[int, int], Any] = {}
        for i in order:
            node = tape.nodes[i]
            if not node.operands or not self.active[i]:
                continue
            xs = tuple([values[k] for k in node.operands])
            missing = any(isinstance(x, Undefined) for x in xs) and not tape.selects(i)
            kink = tape.ops[node.op].kink
            if missing or isinstance(values[i], Undefined):
                self.dead.add(i)
            elif kink is not None and on_kink(kink, xs):
                self.kinked.add(i)
                for k in dict.fromkeys(node.operands):
                    if self.active[k]:
                        self.users.setdefault(k, []).append(i)
        for k in self.users:
            self.lead_to(k)

    def lead_to(self, end: int) -> None:
        """Find the ways that end at a node, in one sweep back from it."""
        if end in self.ends or not self.active[end]:
            return
        self.ends.add(end)
        weights: dict[int, Any] = {end: 1}
        waiting = [-end]
        while waiting:
            i = -heappop(waiting)
            weight = weights.pop(i)
            if i in self.inputs or i in self.kinked:
                self.ways.setdefault(i, []).append((end, weight))
            if i in self.kinked or i in self.dead:
                continue
            for position, k in self._entered(i):
                share = self._share(weight, i, position)
                if k not in weights:
                    weights[k] = share
                    heappush(waiting, -k)
                elif weights[k] is not None:
                    weights[k] = None if share is None else together(weights[k], share)

    def _entered(self, i: int) -> list[tuple[int, int]]:
        """The operands of a smooth gate that depend on an input, but no branch not taken."""
        node = self.tape.nodes[i]
        taken = entered(self.values[node.operands[0]], 0) if self.tape.selects(i) else 0
        return [
            (p, k) for p, k in enumerate(node.operands)
            if self.active[k] and not (taken and p == 3 - taken)
        ]  # fmt: skip

    def _share(self, weight: Any, i: int, position: int) -> Any:
        """What a smooth gate passes back, which may be 0: jumps are handed on all the same, and an
        infinite slope is none times 0 either."""
        if weight is None:
            return None
        place = i, position
        if place not in self.locals:
            try:
                local = local_gradient(self.tape, i, position, self.values, self.domain)
            except DomainError:
                local = None
            self.locals[place] = local
        local = self.locals[place]
        return None if local is None else times(weight, local)

    def along(self, start: int, step: int, output: int) -> tuple[Any, bool]:
        """The derivative of the output when an input moves up (1) or down (−1), and whether the
        output jumps.  Raises DomainError for an infinite slope."""
        nodes, ops = self.tape.nodes, self.tape.ops
        tangent: dict[int, Any] = {}
        jumping: set[int] = set()
        reached = {start}
        waiting: list[int] = []

        def hand_on(i: int, moved: Any, jumps: bool) -> None:
            for end, weight in self.ways.get(i, ()):
                if moved:
                    if weight is None:
                        raise _Infinite
                    tangent[end] = together(tangent.get(end, 0), times(moved, weight))
                if jumps:
                    jumping.add(end)
                for gate in self.users.get(end, ()):
                    if gate not in reached:
                        reached.add(gate)
                        heappush(waiting, gate)

        try:
            hand_on(start, step, False)
            while waiting:
                i = heappop(waiting)
                node = nodes[i]
                kink = ops[node.op].kink
                assert kink is not None
                ts = tuple([tangent.get(k, 0) for k in node.operands])
                jumps = not jumping.isdisjoint(node.operands)
                if not (jumps or any(ts)):
                    continue
                xs = tuple([self.values[k] for k in node.operands])
                if jumps and ops[node.op].selects:
                    branch = node.operands[entered(xs[0], ts[0])]
                    jumps = node.operands[0] in jumping or branch in jumping
                hand_on(i, kink.slope(xs, ts), jumps or kink.jumps(xs, ts))
        except _Infinite:
            found, jumped = directional(
                self.tape, self.order, self.values, {start: step}, self.domain
            )
            return found.get(output, 0), output in jumped
        return tangent.get(output, 0), output in jumping


class _Infinite(Exception):
    """A slope on the way is infinite; what goes there may have cancelled before."""
