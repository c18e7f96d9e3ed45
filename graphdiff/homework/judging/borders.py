"""What two expressions are exactly where their gates jump.

Samples lie beside the border of a jump, and sign(u) there is not what it is where u = 0.  So the
zeros of u are looked for along lines, as numbers where they are rational.  Elsewhere they are
enclosed, and u is taken for 0 in the enclosure: between points where u has different signs, such
a zero exists, and what holds for all numbers of the enclosure holds for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from math import gcd, prod
from typing import Any

from graphdiff.core.domains.ball import integer
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.homework.asked.evaluation import Evaluator, Missing, There
from graphdiff.homework.asked.points import Point, between

from .doubts import selects, sign_of

__all__ = ["Border", "critical_points", "jumping", "on_kink"]

_SIZES = tuple(Fraction(11, 8) * (1 << k) / 8 for k in (*range(15), *range(18, 62, 4)))
"""Where lines along an axis are looked at, on either side of 0."""
_BISECTIONS = 48
_MOST = 8
"""Critical numbers of one variable."""
_COMBINATIONS = 120


def jumping(tape: Tape, order: Iterable[int]) -> list[int]:
    """The gates whose own value jumps: sign, step, floor, comparisons."""
    nodes, ops = tape.nodes, tape.ops
    found = []
    for i in order:
        row = ops.get(nodes[i].op)
        if row is not None and row.kink is not None and nodes[i].operands and not row.selects:
            found += [i] if row.condition or row.kink.can_jump else []
    return found


@dataclass(frozen=True, slots=True)
class Border:
    """Where gates jump: the zeros of a node or of the difference of two, or a node's integers."""

    op: str
    """A gate that jumps there."""
    of_two: tuple[int, ...]
    whole: bool = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Border) and self._key == other._key

    def __hash__(self) -> int:
        return hash(self._key)

    @property
    def _key(self) -> tuple[Any, ...]:
        return self.of_two, self.whole

    @classmethod
    def of(cls, tape: Tape, i: int) -> Border:
        """The border of a gate with a kink."""
        nodes = tape.nodes
        op, operands = nodes[i].op, nodes[i].operands
        row = tape.ops[op]
        if row.curve.singular == "integers":
            return cls(op, operands, whole=True)
        if row.condition or (row.kink is not None and row.kink.tie):
            if len(operands) != 2:
                return cls(op, (i,))
            zeros = [k for k in operands if _is_zero(nodes[k])]
            if not zeros:
                return cls(op, tuple(sorted(operands)))
            operands = tuple(k for k in operands if k not in zeros) or operands
        u = operands[0]
        while nodes[u].op == "neg":
            u = nodes[u].operands[0]
        if nodes[u].op == "sub":
            return cls(op, tuple(sorted(nodes[u].operands)))
        return cls(op, (u,))

    def values(
        self, tape: Tape, order: Sequence[int], evaluator: Evaluator, ends: tuple[There, There]
    ) -> dict[int, Any] | None:  # fmt: skip
        """What nodes are at a zero of this border between two points; None if none is proved.

        A difference that is continuous, and has different signs at the ends, has a zero between.
        """
        below = tape.needed_for(self.of_two)
        if any(i in below for i in _breaking(tape, below)):
            return None
        levels = [self._level(evaluator.run(below, end)) for end in ends]
        hull = {name: ball.union(ends[1][name]) for name, ball in ends[0].items()}
        at = evaluator.run(below, hull)
        low, high = levels
        if any(at[k].__class__ is Missing for k in below) or low is None or high is None:
            return None
        if abs(low - high) != (1 if self.whole else 2):
            return None
        zero = evaluator.number(Fraction(max(low, high) if self.whole else 0))
        return evaluator.run(order, hull, self._forced(tape, order, zero))

    def _level(self, values: Mapping[int, Any]) -> int | None:
        if any(values[k].__class__ is Missing for k in self.of_two):
            return None
        x, *others = (values[k] for k in self.of_two)
        if self.whole:
            floor = x.floor()
            return integer(floor) if floor.is_exact() else None
        for y in others:
            x = x - y
        return -1 if x < 0 else 1 if x > 0 else None

    def _forced(self, tape: Tape, order: Iterable[int], zero: Any) -> dict[int, Any]:
        """Values of nodes and conditions that are sure there."""
        nodes, held = tape.nodes, dict[int, Any]()
        for i in order:
            op, operands = nodes[i].op, nodes[i].operands
            if self.of_two == (i,) or (op == "sub" and tuple(sorted(operands)) == self.of_two):
                held[i] = zero
            elif op in tape.ops and tape.ops[op].condition and Border.of(tape, i) == self:
                held[i] = op in ("le", "ge", "eq")
        return held


def _breaking(tape: Tape, order: Iterable[int]) -> list[int]:
    """Nodes of which a finite enclosure does not prove that they are continuous."""
    return [*jumping(tape, order), *(i for i in order if selects(tape, i))]


def _is_zero(node: Any) -> bool:
    return bool(node.op == "const" and node.attr == 0)


def on_kink(row: Op, xs: Sequence[Any]) -> bool:
    """Whether a gate with these exact operands is on its kink."""
    assert row.kink is not None
    return bool(row.kink.at(*xs))


def critical_points(
    tape: Tape, parts: Sequence[int], pairs: Sequence[tuple[int, ...]], evaluator: Evaluator,
    there: Callable[[Point], Any], start: Sequence[Point],
) -> Iterator[Point]:  # fmt: skip
    """Points where parts are 0 or pairs equal, several at once, or between or beyond such.

    Of |x − 3.1| + |y − 2.7| and of (x − 3.1)² + (y − 2.7)² no line between other points meets the
    zero, but along each axis a part of it turns there.
    """
    n, needed = len(start[0]), tape.needed_for([*parts, *sum(pairs, ())])
    turns: list[list[Fraction]] = []
    for k in range(n):
        found: dict[Fraction, None] = {}
        for base in start:

            def at(x: Fraction, k: int = k, base: Point = base) -> tuple[Any, ...]:
                values = evaluator.run(needed, there((*base[:k], x, *base[k + 1 :])))
                return (
                    *(sign_of(values[i]) for i in parts),
                    *(_order(values[i], values[k]) for i, k in pairs),
                )

            line = [-x for x in reversed(_SIZES)] + list(_SIZES)
            for a, b in pairwise([(x, at(x)) for x in line]):
                for x in islice(_zeros(a, b, at), _MOST):
                    found[x] = None
                    yield (*base[:k], x, *base[k + 1 :])
        chosen = sorted(sorted(found, key=lambda x: (x.denominator, abs(x)))[:_MOST])
        turns.append([*chosen, Fraction(0)] if Fraction(0) not in chosen else chosen)
    lines = [
        [*chosen, *((a + b) / 2 for a, b in pairwise(chosen) if b), *_beyond(chosen)]
        for chosen in turns
    ]
    yield from _some(lines)


def _beyond(turns: Sequence[Fraction]) -> list[Fraction]:
    """A number on the other side of the first turn, and of the last; none where nothing turns."""
    least, most = min(turns), max(turns)
    return [least - abs(least) - 1, most + abs(most) + 1] if least != most else []


def _some(lines: Sequence[Sequence[Fraction]]) -> Iterator[Point]:
    """Combinations of a number from each line: all of them, or some that are spread evenly."""
    total = prod(map(len, lines))
    step = next(k for k in range(total * 8 // 13 + 1, 2 * total + 2) if gcd(k, total) == 1)
    for n in range(min(total, _COMBINATIONS)):
        k, point = n * step % total, []
        for line in lines:
            k, place = divmod(k, len(line))
            point.append(line[place])
        yield tuple(point)


def _order(x: Any, y: Any) -> Any:
    if Missing in (x.__class__, y.__class__):
        return None
    return bool(x < y), bool(x > y)


def _zeros(
    a: tuple[Fraction, Any], b: tuple[Fraction, Any], at: Callable[[Fraction], Any]
) -> Iterator[Fraction]:
    """The simplest numbers next to where a sign changes between two numbers."""
    waiting = [(a, b)]
    while waiting:
        (low, there), (high, last) = waiting.pop()
        if there == last:
            continue
        first, behind, beyond = low, high, last
        for _ in range(_BISECTIONS):
            middle = (first + behind) / 2
            found = at(middle)
            if found == there:
                first = middle
            else:
                behind, beyond = middle, found
        (root,) = between((first,), (behind,))
        yield root
        if beyond != last:
            waiting.append(((behind, beyond), (high, last)))
