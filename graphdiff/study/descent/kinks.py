"""Slopes of formulas on a kink, made those that backpropagation takes there.

Elsewhere a formula may say what it likes on a kink, which is one point; a run that starts at
x = y, or walks along it, stands on the kink of max(x, y) at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

from graphdiff.core.algebra.branches import asked, every_way
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import chosen_slope

__all__ = ["steady"]

_BESIDE = (Fraction(2), Fraction(3, 2), Fraction(1, 2), Fraction(-2))
"""Numbers for operands that do not make the kink, such as slopes."""


def _shared(d: Any, out: Any, position: int, *xs: Any) -> Any:
    """1 for the operand that is chosen; those that tie share it."""
    one, none = d.number(1), d.number(0)
    chosen = [d.where(d.compare("eq", x, out), one, none) for x in xs]
    return chosen[position] / reduce(add, chosen)


class _Number:
    """A formula as a rule's own number: Python's ``if`` asks about it."""

    def __init__(self, d: Any, formula: Any) -> None:
        self.d = d
        self.formula: Expr = d.number(formula)

    def _of(self, other: Any) -> Expr:
        made: Expr = other.formula if isinstance(other, _Number) else self.d.number(other)
        return made

    def __add__(self, other: Any) -> _Number:
        return _Number(self.d, self.formula + self._of(other))

    def __radd__(self, other: Any) -> _Number:
        return _Number(self.d, self._of(other) + self.formula)

    def __sub__(self, other: Any) -> _Number:
        return _Number(self.d, self.formula - self._of(other))

    def __rsub__(self, other: Any) -> _Number:
        return _Number(self.d, self._of(other) - self.formula)

    def __mul__(self, other: Any) -> _Number:
        return _Number(self.d, self.formula * self._of(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> _Number:
        return _Number(self.d, self.formula / self._of(other))

    def __rtruediv__(self, other: Any) -> _Number:
        return _Number(self.d, self._of(other) / self.formula)

    def __neg__(self) -> _Number:
        return _Number(self.d, -self.formula)

    def __abs__(self) -> _Number:
        return _Number(self.d, self.d.abs(self.formula))

    def __floor__(self) -> _Number:
        return _Number(self.d, self.d.floor(self.formula))

    def _asked(self, name: str, other: Any) -> bool:
        x, y = self.formula, self._of(other)
        if x.known() is not None and y.known() is not None:
            return RATIONAL.compare(name, x.known(), y.known())
        condition: Expr = self.d.compare(name, x, y)
        return asked(condition.id, condition)

    def __eq__(self, other: object) -> bool:
        return self._asked("eq", other)

    def __ne__(self, other: object) -> bool:
        return self._asked("ne", other)

    __hash__ = None  # type: ignore[assignment]

    def __lt__(self, other: Any) -> bool:
        return self._asked("lt", other)

    def __le__(self, other: Any) -> bool:
        return self._asked("le", other)

    def __gt__(self, other: Any) -> bool:
        return self._asked("gt", other)

    def __ge__(self, other: Any) -> bool:
        return self._asked("ge", other)


def _chosen(row: Op, position: int) -> Callable[..., Any]:
    """The rule of an operand that is right on the kink, too."""
    plain, kink = row.partial(position), row.bend
    assert kink is not None

    def rule(d: Any, out: Any, *xs: Any) -> Any:
        def way() -> Any:
            numbers = tuple([_Number(d, x) for x in xs])
            if not kink.at(*numbers):
                return plain(d, out, *xs)
            found = chosen_slope(row, numbers, position, "zero", [True] * len(xs))
            return found.formula if isinstance(found, _Number) else d.number(found)

        return every_way(way, d.where)

    return rule


def _on_kink(row: Op) -> Iterator[tuple[Any, ...]]:
    """Operands on the kink, the points of the row and such as differ in the other operands."""
    assert row.kink is not None
    for point in row.kink.points:
        exact = tuple(map(Fraction, point))
        yield exact
        for k in range(1, len(exact)):
            for other in _BESIDE:
                moved = (*exact[:k], other, *exact[k + 1 :])
                if row.kink.at(*moved):
                    yield moved


def _differs(row: Op) -> bool:
    """Whether a rule says something else on the kink than backpropagation takes there."""
    for xs in _on_kink(row):
        for position in range(len(xs)):
            try:
                out = row.value(RATIONAL, *xs)
                plain = row.partial(position)(RATIONAL, out, *xs)
            except (ArithmeticError, ValueError):
                return True
            if plain != chosen_slope(row, xs, position, "zero", [True] * len(xs)):
                return True
    return False


def _steady(row: Op) -> Op:
    """The row with rules that are right on its kink."""
    if row.bend is None or not row.partials:
        return row
    if row.variadic:
        return replace(row, partials=(_shared,)) if row.bend.tie else row
    if not _differs(row):
        return row
    return replace(row, partials=tuple(_chosen(row, k) for k in range(len(row.params))))


def steady(tape: Tape) -> Tape:
    """A copy of a tape, to differentiate on."""
    fork = tape.fork()
    used = {node.op for node in tape.nodes if node.operands}
    fork.ops = {**tape.ops, **{name: _steady(tape.ops[name]) for name in used}}
    return fork
