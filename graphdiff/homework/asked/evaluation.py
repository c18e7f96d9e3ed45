"""Values of nodes at one point, as balls that tell "undefined" from "not known at this precision".

Verdicts rest on this difference: an answer without a value where the key has one is another
function, while a ball that is merely too wide proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum
from fractions import Fraction
from itertools import combinations
from typing import Any

from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.base import number_of
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.walks import ascend, leaves
from graphdiff.errors import GraphDiffError

__all__ = ["Evaluator", "Missing", "There", "settled"]

_LARGEST = 1 << 20
"""Integer exponents up to this are products."""
_FARTHEST = 1 << 256
"""Arguments of exp beyond this are left undecided; towers of powers would fill the memory."""


def shown_ball(ball: Any, digits: int = 12) -> str:
    """The proved digits of a number, so many at most; zeros at the end are left out."""
    text = str(ball.str(digits, radius=False))
    mantissa, exponent, power = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return "0" if mantissa in ("0", "-0") else mantissa + exponent + power


class Missing(Enum):
    """Why a node has no ball."""

    UNDEFINED = "undefined"
    """Proved to have no real value."""
    UNKNOWN = "unknown"
    """The balls are too wide to tell."""


class There(dict[str, Any]):
    """A point: balls by variable, and the exact numbers that they hold."""

    def __init__(self, balls: Mapping[str, Any], exact: Mapping[str, Fraction]) -> None:
        super().__init__(balls)
        self.exact = exact


def settled(row: Op, xs: list[Any]) -> bool:
    """Whether a gate with a kink is off it for all numbers of these balls."""
    assert row.kink is not None
    if any(x.__class__ is Missing for x in xs):
        return False
    if row.curve.singular == "integers":
        return bool(xs[0].floor().is_exact())
    if row.kink.cut:
        return bool(xs[0] < 0 or xs[0] > 0 or xs[1] > 0)
    if row.condition or row.kink.tie or row.kink.edges:
        return all(x < y or x > y for x, y in combinations(xs, 2))
    return all(xs[0] < point[0] or xs[0] > point[0] for point in row.kink.points)


class _Near(Balls):
    """Balls whose exponentials are left undecided far from 0."""

    def exp(self, x: Any) -> Any:
        return super().exp(_near(x))

    def expm1(self, x: Any) -> Any:
        return super().expm1(_near(x))

    def sinh(self, x: Any) -> Any:
        return super().sinh(_near(x))

    def cosh(self, x: Any) -> Any:
        return super().cosh(_near(x))

    def softplus(self, x: Any) -> Any:
        return super().softplus(_near(x))


def _near(x: Any) -> Any:
    if abs(x) > _FARTHEST:
        raise OverflowError
    return x


class Evaluator:
    """Evaluates nodes of a tape in balls, at flint's current precision."""

    def __init__(self, tape: Tape, *, odd_roots: bool = True) -> None:
        self.tape = tape
        self.odd_roots = odd_roots
        self.balls = _Near()
        self._exact: dict[int, Fraction | None] = {}

    def number(self, value: Fraction) -> Any:
        """An exact number as a ball."""
        return self.balls.number(value)

    def run(
        self, order: Iterable[int], point: Mapping[str, Any], known: Mapping[int, Any] | None = None
    ) -> dict[int, Any]:
        """Balls (truth values for comparisons) or ``Missing`` of the nodes, operands first.

        ``known`` holds values that need not be computed again.  Where the point is ``There``, gates
        that balls cannot tell from their kinks (3.1 − x at 3.1) are read in exact numbers.
        """
        values, exact = dict(known or {}), dict[int, Any]()

        def beside(i: int, node: Node, xs: list[Any]) -> Any:
            row, value = self.tape.ops[node.op], None
            if row.kink is not None and _doubtful(row, xs):
                assert isinstance(point, There)
                value = self._beside(i, point, exact, values)
            return self._value(i, node, xs) if value is None else value

        gate = beside if isinstance(point, There) else self._value
        leaf = leaves(self.balls.number, point)
        return ascend(self.tape, order, gate, leaf, values=values, known=known or {})

    def exactly(self, i: int, point: Mapping[str, Fraction], found: dict[int, Any]) -> Any:
        """A node as a fraction (a condition as a truth value); None where it may be no fraction.

        ``found`` keeps what is known of other nodes at this point.
        """
        if i in found:
            return found[i]

        def gate(k: int, node: Node, xs: list[Any]) -> Any:
            if node.op == "const":
                value = node.attr
            elif node.op == "input":
                value = point.get(node.attr)
            else:
                value = None if None in xs else _in_fractions(self.tape.ops[node.op], xs)
            value = Fraction(value) if value.__class__ is int else value
            return value if value.__class__ in (Fraction, bool) else None

        return ascend(self.tape, self.tape.needed_for([i]), gate, values=found, known=found)[i]

    def _beside(self, i: int, point: There, exact: dict[int, Any], values: dict[int, Any]) -> Any:
        """The value of a gate whose operands are fractions; their balls become as narrow."""
        value = self.exactly(i, point.exact, exact)
        if value is None or value.__class__ is bool:
            return value
        for k in self.tape.nodes[i].operands:
            values[k] = self.balls.number(exact[k])
        return self.balls.number(value)

    def _value(self, i: int, node: Node, xs: list[Any]) -> Any:
        row = self.tape.ops[node.op]
        if row.selects:
            return _chosen(xs)
        for x in xs:
            if x.__class__ is Missing or x is None:
                return Missing.UNDEFINED if Missing.UNDEFINED in xs else Missing.UNKNOWN
        if row.name == "pow":
            value = self._power(xs[0], xs[1], self.rational(node.operands[1]))
        else:
            try:
                value = number_of(self.balls, row.value(self.balls, *xs))
            except (ValueError, ArithmeticError):
                return Missing.UNKNOWN
            if row.condition:
                return value if value is not None else Missing.UNKNOWN
        if value.__class__ is Missing or value.is_finite():
            return value
        return Missing.UNDEFINED if _nowhere_defined(row, xs) else Missing.UNKNOWN

    def _power(self, x: Any, y: Any, exponent: Fraction | None) -> Any:
        n: int | None = None
        if exponent is not None and exponent.denominator == 1:
            n = exponent.numerator
        elif y.is_exact() and abs(y) < _FARTHEST and y.is_integer():
            n = int(y.unique_fmpz())
        if n is not None and n < 0 and 0 in x:
            return Missing.UNDEFINED if x == 0 else Missing.UNKNOWN
        if n is not None and abs(n) <= _LARGEST:
            return self.balls.integer_power(x, n)
        if x < 0 and n is not None:
            value = self._exponential(y * (-x).log())
            return -value if n % 2 and value.__class__ is not Missing else value
        if x > 0:
            return self._exponential(y * x.log())
        if x == 0:
            return self._power_of_zero(y)
        if x < 0 and exponent is not None:
            if exponent.denominator % 2 and self.odd_roots:
                value = self._exponential(y * (-x).log())
                if value.__class__ is Missing:
                    return value
                return value if exponent.numerator % 2 == 0 else -value
            return Missing.UNDEFINED
        if x < 0 and y.is_exact():
            return Missing.UNDEFINED
        return Missing.UNKNOWN

    def openings(self, order: Iterable[int]) -> list[int] | None:
        """Those of these nodes that may have no value where their operands have one.

        None where a gate chooses, for what it does not choose need have no value, and where a
        power has an exponent that varies, and a base of which nothing is known.
        """
        nodes, ops = self.tape.nodes, self.tape.ops
        found = []
        for i in order:
            op, operands, _, _ = nodes[i]
            if not operands:
                continue
            if ops[op].selects:
                return None
            if ops[op].defined is None:
                continue
            if op == "pow":
                y = self.rational(operands[1])
                if self._positive(operands[0]) or (y is not None and y >= 0 and y.denominator == 1):
                    continue
                if y is None:
                    return None
            elif op == "div" and self.rational(operands[1]):
                continue
            found.append(i)
        return found

    def _positive(self, i: int) -> bool:
        op, _, attr, _ = self.tape.nodes[i]
        value = self.rational(i)
        return (
            bool(self.balls.number(attr) > 0) if op == "const" else value is not None and value > 0
        )

    def _exponential(self, x: Any) -> Any:
        return x.exp() if abs(x) < _FARTHEST else Missing.UNKNOWN

    def _power_of_zero(self, y: Any) -> Any:
        if y > 0:
            return self.balls.number(0)
        return Missing.UNDEFINED if y < 0 else Missing.UNKNOWN

    def rational(self, i: int) -> Fraction | None:
        """The exact value of a node that is made of numbers only, such as an exponent 1/3."""
        known = self._exact
        if i not in known:
            needed = self.tape.needed_for([i])
            ascend(self.tape, needed, _folded, values=known, known=known)
        return known[i]


def _doubtful(row: Op, xs: list[Any]) -> bool:
    """Whether a gate with a kink may be on it, as far as inexact balls tell."""
    if row.selects or any(x.__class__ is Missing or x is None for x in xs):
        return False
    return not all(x.is_exact() for x in xs) and not settled(row, xs)


def _in_fractions(row: Op, xs: list[Any]) -> Any:
    try:
        return row.value(RATIONAL, *xs)
    except (ArithmeticError, ValueError, TypeError, GraphDiffError):
        return None


_MOST_FOLDED = 2000
"""Bits of powers of exact numbers that are worked out, such as 10^14."""


def _bits(a: Fraction) -> int:
    return a.numerator.bit_length() + a.denominator.bit_length()


def _folded(i: int, node: Node, xs: list[Fraction | None]) -> Fraction | None:
    if node.op == "const":
        return Fraction(node.attr) if isinstance(node.attr, int | Fraction) else None
    a, b = (xs[0], xs[-1]) if xs else (None, None)
    if a is None or b is None:
        return None
    match node.op:
        case "neg":
            return -a
        case "add":
            return a + b
        case "sub":
            return a - b
        case "mul":
            return a * b
        case "div":
            return a / b if b else None
        case "pow" if a and b.denominator == 1 and abs(b) * _bits(a) <= _MOST_FOLDED:
            return a**b.numerator
    return None


def _chosen(xs: list[Any]) -> Any:
    """The branch that the condition takes; the other one need not be defined."""
    condition, yes, no = xs
    if condition.__class__ is Missing or condition is None:
        return condition or Missing.UNKNOWN
    return yes if condition else no


def _nowhere_defined(row: Op, xs: list[Any]) -> bool:
    """Whether the op has no value for any number of these balls.

    The sets where a row is not defined are rays, the interval (−1, 1) and single points, so that a
    short ball lies in one of them if both its ends and its middle do.
    """
    if row.defined is None:
        return False
    if len(xs) == 1:
        x = xs[0]
        if not x.is_finite() or x.rad() > 0.125:
            return False
        return not any(row.defined(end) for end in (x.lower(), x.mid(), x.upper()))
    return all(x.is_exact() for x in xs) and not row.defined(*xs)
