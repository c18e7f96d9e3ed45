"""Gates on kinks: which of their numbers are equal, which are not, and where nothing tells.

Two numbers are equal where they are the same fraction, or where both are made of the same numbers
in the same way (``germs``); they differ where balls are apart.  What neither tells at one precision
may show at a higher one.  No double takes part: e^0 and e^(−1e-200) are one double, and no tie.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import entrywise
from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.scaled import Scaled
from graphdiff.core.ir.shape import axes_of
from graphdiff.core.sweeps.backward import on_kink
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.errors import DomainError
from graphdiff.language.reading.point import Constant

from .expansions import expanded

if TYPE_CHECKING:
    from graphdiff.core.ir.op import Kink, Op
    from graphdiff.core.ir.tape import Node, Tape
    from graphdiff.program.germs import Local
    from graphdiff.program.graph import Graph

__all__ = [
    "Known",
    "contenders",
    "decided",
    "facts",
    "gates",
    "on_doubles_alone",
    "parted",
    "undecided",
]

_HUGE = 1 << 16
UNTOLD = Undefined(DomainError("nothing tells on which side of its kink a gate is"), -1, doubt=True)
"""Stands for a number that must not decide about a kink."""


def gates(graph: Graph) -> Iterator[tuple[int, Node, Op]]:
    """The gates that bend, with their nodes and rows."""
    for i in graph.bends:
        node = graph.tape.nodes[i]
        yield i, node, graph.tape.ops[node.op]


def undecided(graph: Graph, values: Mapping[int, Any]) -> list[int]:
    """Gates of which balls do not tell which operand is larger, or which side of a kink holds.

    One ball is one number, and exact numbers are what they are.
    """
    return [i for i, node, row in gates(graph) if _open(i, node, row, values)]


def _open(i: int, node: Node, row: Op, values: Mapping[int, Any]) -> bool:
    if row.condition:
        return _any(lambda truth: truth is None, values[i])
    operands = [values[k] for k in node.operands]
    if any(x is None or isinstance(x, Undefined) for x in operands):
        return False
    least = row.extreme == "least"
    if row.chooses_entries:
        return any(_contended(row_, least) for row_ in _rows(operands[0], dict(node.attr)["axis"]))
    if row.kink is not None and row.kink.tie:
        return _any(lambda *xs: _contended(xs, least), *operands)
    if row.kink is not None and row.kink.edges:
        edges = row.kink.edges
        return _any(lambda *xs: not all(_apart(xs[0], xs[k]) for k in edges), *operands)
    return _any(lambda x, *_: _at_integer(x), *operands)


def _any(test: Callable[..., bool], *values: Any) -> bool:
    if not any(hasattr(x, "shape") for x in values):
        return bool(test(*values))
    return any(map(bool, entrywise(test, *map(_boxed, values)).flat))


def _boxed(value: Any) -> Any:
    import numpy

    if hasattr(value, "shape"):
        return value
    box = numpy.empty((1,), object)
    box[0] = value
    return box


def _rows(x: Any, axis: Any) -> list[Any]:
    """The entries along some axes, row by row."""
    if not hasattr(x, "shape"):
        return []
    axes = axes_of(axis, x.ndim)
    kept = [k for k in range(x.ndim) if k not in axes]
    size = 1
    for k in axes:
        size *= x.shape[k]
    return list(x.transpose((*kept, *axes)).reshape(-1, size)) if size else []


def _contended(xs: Sequence[Any], least: bool) -> bool:
    """Whether several numbers may be the largest (the least), and they are not proved equal."""
    ahead = contenders(xs, least)
    return any(not _same(xs[ahead[0]], xs[k]) for k in ahead[1:])


def contenders(xs: Sequence[Any], least: bool) -> list[int]:
    """Which balls may be the largest (the least)."""
    if not all(hasattr(x, "mid") for x in xs):
        return []
    ends = [-x.upper() if least else x.lower() for x in xs]
    low = ends[0]
    for end in ends[1:]:
        low = low.max(end)
    return [k for k, x in enumerate(xs) if not (-x if least else x) < low]


def _same(a: Any, b: Any) -> bool:
    return a is b or (a.is_exact() and b.is_exact() and a == b)


def _apart(a: Any, b: Any) -> bool:
    if not hasattr(a, "mid") or not hasattr(b, "mid"):
        return True
    return not a.overlaps(b) or a is b or (a.is_exact() and b.is_exact())


def _at_integer(x: Any) -> bool:
    """Kinks of one operand lie at integers."""
    return bool(hasattr(x, "mid") and not x.is_exact() and x.contains_integer())


def facts(tape: Tape, order: Sequence[int], numbers: Mapping[int, Any]) -> Mapping[int, Any]:
    """The numbers without those that a double chose: where(1 > sinc(x), 1, 2) is no exact 2 where
    sinc(x) rounds to 1."""
    chosen = set[int]()
    for i in order:
        node = tape.nodes[i]
        below = node.operands
        if not below:
            continue
        row = tape.ops[node.op]
        if row.selects:
            below = _entered(below, numbers.get(below[0]))
        if not chosen.isdisjoint(below) or (
            (row.condition or (row.kink is not None and not node.shape))
            and not all(_fraction(numbers.get(k)) for k in below)
        ):
            chosen.add(i)
    return {i: x for i, x in numbers.items() if i not in chosen} if chosen else numbers


def _entered(operands: tuple[int, ...], condition: Any) -> tuple[int, ...]:
    """A condition and the branches that it takes somewhere."""
    if isinstance(condition, bool):
        return operands[:2] if condition else operands[::2]
    return operands


def _fraction(number: Any) -> bool:
    return number.__class__ in (bool, int, Fraction) or hasattr(number, "shape")


class Known:
    """What is proved of the numbers of a program at a point, asked only where balls leave open
    which of two is larger."""

    def __init__(
        self, graph: Graph, point: Mapping[str, Constant], numbers: Mapping[int, Any]
    ) -> None:
        self.graph, self.point = graph, point
        self.numbers = facts(graph.tape, graph.order, numbers)

    @cached_property
    def _local(self) -> Local | None:
        def seated(local: Local) -> Local:
            _ = local.seat
            return local

        return expanded(self.graph, self.point, seated)

    def number(self, i: int) -> Any:
        """By entries what is proved of a node: a fraction, a surd, or None."""
        return None if self._local is None else self._local.number(i)

    def shared(self, gates: Sequence[int], values: Mapping[int, Any]) -> dict[int, Any]:
        """The operands of some gates, with one ball for all numbers that are proved equal."""
        nodes = self.graph.tape.nodes
        operands = {k for i in gates for k in nodes[i].operands}
        balls, best = Balls(), dict[Any, Any]()
        keys = {k: _keys(values[k], self.numbers.get(k), self.number(k)) for k in operands}

        def narrowest(key: Any, ball: Any) -> None:
            if key is None or not hasattr(ball, "rad"):
                return
            if isinstance(key, Fraction):
                best.setdefault(key, balls.number(key))
            elif key not in best or ball.rad() < best[key].rad():
                best[key] = ball

        for k in sorted(operands):
            entrywise(narrowest, _boxed(keys[k]), _boxed(values[k]))
        made = {}
        for k in operands:
            if hasattr(values[k], "shape"):
                made[k] = entrywise(best.get, keys[k], values[k])
            elif keys[k] in best:
                made[k] = best[keys[k]]
        return made


def _keys(ball: Any, number: Any, proved: Any) -> Any:
    """By entries: the exact number, or what is proved of it."""

    def one(ball: Any, number: Any, proved: Any) -> Any:
        if not hasattr(ball, "mid"):
            return None
        if number.__class__ is int or number.__class__ is Fraction:
            return Fraction(number)
        return Fraction(proved) if isinstance(proved, int) else proved

    if not hasattr(ball, "shape"):
        return one(ball, number, proved)
    return entrywise(one, ball, _shaped(number, ball), _shaped(proved, ball))


def _shaped(value: Any, like: Any) -> Any:
    import numpy

    if hasattr(value, "shape") and value.dtype == object:
        return numpy.broadcast_to(value, like.shape)
    return numpy.full(like.shape, None, dtype=object)


def decided(graph: Graph, values: Mapping[int, Any], numbers: Mapping[int, Any]) -> dict[int, Any]:
    """Plain numbers that tell by themselves which gates are on their kinks, for their operands.

    They lie within the balls, but neither in their middles nor at another round place: numbers that
    are not proved to be on a kink are beside it, and those of one ball are one number.
    """
    nodes = graph.tape.nodes
    made: dict[int, Any] = {}
    told: dict[int, Any] = {}
    asked = {k for _, node, _ in gates(graph) for k in node.operands}
    asked |= {k for i in graph.order if graph.tape.selects(i) for k in nodes[i].operands}

    def one(ball: Any, number: Any) -> Any:
        if ball is None:
            return UNTOLD
        if not hasattr(ball, "mid"):
            return ball  # a truth value, which doubles may have wrong
        if number.__class__ is int or number.__class__ is Fraction:
            return number
        found = told.get(id(ball))
        if found is None:
            found = told[id(ball)] = _generic(ball, len(told))
        return found

    for k in asked:
        ball, number = values[k], numbers.get(k)
        if isinstance(ball, Undefined):
            made[k] = ball
        elif hasattr(ball, "shape"):
            made[k] = entrywise(one, ball, _shaped(number, ball))
        else:
            made[k] = one(ball, number)
    return made


def _generic(ball: Any, turn: int) -> Any:
    """A number within a ball; ``turn`` makes those of different balls differ."""
    if not ball.is_finite():
        return UNTOLD
    middle, radius = (_dyadic(part) for part in (ball.mid(), ball.rad()))
    if middle is None or radius is None:
        return UNTOLD
    return middle + radius * Fraction(1 + turn * 7919 % 65_521, 131_101) if radius else middle


def _dyadic(ball: Any) -> Fraction | None:
    mantissa, exponent = (int(part) for part in ball.man_exp())
    if abs(exponent) > _HUGE:
        return None
    return Fraction(mantissa) * Fraction(2) ** exponent


def parted(graph: Graph, values: Mapping[int, Any], decisions: Mapping[int, Any]) -> dict[int, Any]:
    """Operands of gates that doubles put on a kink on which they are not, or beside one on which
    they are, as rational numbers that are precise enough to tell."""
    made: dict[int, Any] = {}
    for _, node, row in gates(graph):
        operands = [values[k] for k in node.operands]
        truth = [decisions.get(k) for k in node.operands]
        if any(isinstance(x, Undefined) or x is None for x in (*operands, *truth)):
            continue
        if row.chooses_entries:
            wrong = _hides(operands[0], truth[0])
        else:
            assert row.kink is not None
            wrong = _any(partial(_misled, row.kink, len(operands)), *operands, *truth)
        if wrong:
            for k, number, exact in zip(node.operands, operands, truth, strict=True):
                arrays = hasattr(exact, "shape")
                made[k] = entrywise(_precise, number, exact) if arrays else _precise(number, exact)
    return made


def _misled(kink: Kink, n: int, *xs: Any) -> bool:
    """Whether the first n numbers are on a kink and the others are not, or the other way round."""
    return on_kink(kink, xs[:n]) != on_kink(kink, xs[n:])


def _hides(numbers: Any, truth: Any) -> bool:
    """Whether entries are one double and not one number."""
    if not hasattr(truth, "flat"):
        return False
    met: dict[Any, Any] = {}
    return any(
        met.setdefault(x, exact) != exact for x, exact in zip(numbers.flat, truth.flat, strict=True)
    )


def _precise(number: Any, exact: Any) -> Any:
    return Scaled(exact) if isinstance(number, float) and isinstance(exact, Fraction) else number


def on_doubles_alone(graph: Graph, numbers: Mapping[int, Any]) -> bool:
    """Whether a gate, or an entry of one, is on its kink only as far as doubles tell."""
    for _, node, row in gates(graph):
        if row.kink is None:
            continue
        if _any(partial(_rounded_onto, row.kink), *[numbers[k] for k in node.operands]):
            return True
    return False


def _rounded_onto(kink: Kink, *xs: Any) -> bool:
    return any(isinstance(x, float) for x in xs) and on_kink(kink, xs)
