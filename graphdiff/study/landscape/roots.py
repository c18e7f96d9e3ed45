"""Zeros of a smooth function in an interval, each isolated with a proof where there is one.

Bisection with balls: a part where the function is not 0 is dropped; where its derivative is not 0
there is at most one zero, and the signs at the ends tell (Moore, Kearfott & Cloud 2009,
Introduction to Interval Analysis, ch. 8).
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from graphdiff.core.algebra.scalars import copy_into, simplify
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import gradient
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import LimitExceeded
from graphdiff.program.germs.coefficients import BITS, ball, exact

from .intervals import Inside, ends, halfway, hull, inner_end, simplest

__all__ = ["MOST", "PARTS", "Finder", "Root"]

MOST = 400
"""Points at which the interval is cut, and zeros of one function."""
_DEPTH = 60
"""Halvings after which a part is left undecided."""
PARTS = 1_500
"""Parts that are looked at for one function."""
_WORK = 2_000_000
"""Nodes that are evaluated in balls for one analysis; that takes some seconds."""
_SIMPLE = 1 << 40
"""Denominators up to which fractions are tried."""
_FLATTEST = 8
"""Derivatives that are tried at a multiple zero."""


class Root(NamedTuple):
    """A zero: a fraction, or a ball that contains exactly one; or a place that may hold one."""

    at: Any
    proved: bool


class Finder:
    """Values, derivatives and zeros of expressions in one variable."""

    def __init__(self, tape: Tape, variable: str) -> None:
        self.tape, self.variable = tape, variable
        self.input = tape.make("input", (), variable)
        self.spent = 0
        self.gaps = 0
        """How often it stayed open whether there is a zero right beside a mark."""
        self.open: list[Any] = []
        """Where that was, in the search before."""
        self._slopes: dict[int, int] = {}
        self._orders: dict[int, list[int]] = {}

    def _order(self, i: int) -> list[int]:
        if i not in self._orders:
            self._orders[i] = self.tape.needed_for([i])
        return self._orders[i]

    def slope(self, i: int) -> int:
        """The node of the derivative of a node."""
        if i not in self._slopes:
            self._slopes[i] = gradient(self.tape, i, [self.input])[0].id
        return self._slopes[i]

    def short_slope(self, i: int) -> int:
        """The same, simplified."""
        return self.short(self.slope(i))

    def short(self, i: int) -> int:
        """A node, simplified: inside a piece x/x is 1, which balls would never find out."""
        [simple] = simplify([Expr(self.tape, i)])
        return copy_into(self.tape, simple.tape, simple.id).id

    def constant(self, i: int) -> bool:
        """Whether a node does not depend on the variable."""
        return self.input not in self._order(i)

    def value(self, i: int, x: Any) -> Any:
        """A ball for the value at a ball, or None where none is known."""
        order = self._order(i)
        self.spent += len(order)
        if self.spent > _WORK:
            raise LimitExceeded(
                "the program has too many places to look at", hint="choose a smaller interval"
            )
        found = forward(self.tape, order, {self.variable: ball(x)}, Inside())[i]
        if isinstance(found, Undefined):
            return None
        found = ball(found)
        return found if found.is_finite() else None

    def exact(self, i: int, x: Fraction) -> Fraction | None:
        """The value at a fraction if it is one."""
        self.spent += len(self._order(i))
        try:
            found = forward(self.tape, self._order(i), {self.variable: x}, RATIONAL)[i]
        except (ArithmeticError, ValueError):
            return None
        return Fraction(found) if exact(found) else None

    def sign(self, i: int, x: Any) -> int | None:
        """The sign at a point; None where it cannot be told."""
        found = self.value(i, x)
        if found is not None and found > 0:
            return 1
        if found is not None and found < 0:
            return -1
        known = self.exact(i, x) if isinstance(x, Fraction) else None
        if known is not None:
            return (known > 0) - (known < 0)
        return 0 if found is not None and found.is_zero() else None

    def roots(self, i: int, low: Any, high: Any, most: int = PARTS) -> list[Root]:
        """Zeros strictly between two marks, in order; parts that stay undecided are roots that are
        not proved."""
        self.open = []
        if self.constant(i):
            return []
        left, right = inner_end(low, 1), inner_end(high, -1)
        if left >= right:
            return []
        found = self._search(i, left, right, most)
        found, lost = _joined(found)
        inside = [root for root in found if _between(root.at, low, high)]
        self.open = [root.at for root in found if not root.proved and root not in inside]
        self.gaps += bool(lost or self.open)
        return sorted(inside, key=lambda root: float(ball(root.at).mid()))

    def _search(self, i: int, low: Fraction, high: Fraction, most: int) -> list[Root]:
        slope = self.slope(i)
        parts = [(low, high, 0)]
        found: list[Root] = []
        seen = proved = 0
        tried: set[Fraction] = set()
        while parts:
            left, right, depth = parts.pop()
            seen += 1
            if proved > MOST or seen > most:
                message = f"there are more than {MOST} points to tell, or they lie too close"
                raise LimitExceeded(message, hint="choose a smaller interval")
            whole = hull(left, right)
            value = self.value(i, whole)
            if value is not None and not value.contains(0):
                continue
            steep = self.value(slope, whole)
            if steep is not None and not steep.contains(0):
                root = self._monotone(i, slope, left, right)
                found += [root] if root else []
                proved += root is not None
                continue
            guess = simplest(left, right)
            root = None if guess in tried else self._multiple(i, guess, whole)
            tried.add(guess)
            if root is not None:
                found.append(root)
            elif depth >= _DEPTH:
                found.append(Root(hull(left, right), proved=False))
            else:
                middle = halfway(left, right)
                parts += [(middle, right, depth + 1), (left, middle, depth + 1)]
        return found

    def _monotone(self, i: int, slope: int, left: Fraction, right: Fraction) -> Root | None:
        """The zero of a monotone part, if there is one."""
        signs = [self.sign(i, left), self.sign(i, right)]
        for end, side in zip((left, right), signs, strict=True):
            if side == 0:
                return Root(end, proved=True)
        if None in signs:
            return Root(hull(left, right), proved=False)
        return None if signs[0] == signs[1] else Root(self._refined(i, slope, left, right), True)

    def _refined(self, i: int, slope: int, left: Fraction, right: Fraction) -> Any:
        """The one zero between two points of different sign: a fraction if it is a simple one."""
        rising = self.sign(i, right) == 1
        inside = hull(left, right)
        tried, simple = None, True
        for _ in range(2_200):
            if simple:
                guess = simplest(*ends(inside))
                simple = guess.denominator < _SIMPLE  # nor is any in a part of this interval
                if simple and guess != tried and self.exact(i, guess) == 0:
                    return guess
                tried = guess
            if inside.rel_accuracy_bits() > BITS - 40:
                break
            middle = ball(inside.mid())
            value, steep = self.value(i, middle), self.value(slope, inside)
            step = None
            if value is not None and steep is not None and not steep.contains(0):
                step = middle - value / steep
            if step is not None and step.overlaps(inside) and 2 * step.rad() < inside.rad():
                inside = step.intersection(inside)
            elif value is None or value.contains(0):
                break
            else:
                low, high = ends(inside)
                cut = (low + high) / 2
                side = self.sign(i, cut)
                if not side:
                    return cut if side == 0 else inside
                inside = hull(cut, high) if (side < 0) == rising else hull(low, cut)
        return inside

    def _multiple(self, i: int, guess: Fraction, whole: Any) -> Root | None:
        """A zero at a simple fraction that is the only one, since a higher derivative is not 0."""
        if guess.denominator > _SIMPLE or self.exact(i, guess) != 0:
            return None
        higher = i
        for _ in range(_FLATTEST):
            higher = self.slope(higher)
            steep = self.value(higher, whole)
            if steep is not None and not steep.contains(0):
                return Root(guess, proved=True)
            if self.exact(higher, guess) != 0:
                return None
        return None


def _between(at: Any, low: Any, high: Any) -> bool:
    """Whether a zero is none of the marks themselves."""
    return bool(ball(low) < ball(at)) and bool(ball(at) < ball(high))


def _joined(found: list[Root]) -> tuple[list[Root], bool]:
    """Undecided parts that touch are one; a zero that two parts share is found once.  Also whether
    a part beside a zero, narrow as it is, stays undecided."""
    result: list[Root] = []
    lost = False
    for root in sorted(found, key=lambda root: float(ball(root.at).mid())):
        last = result[-1] if result else None
        if last is not None and ball(last.at).overlaps(ball(root.at)):
            if last.proved and root.proved:
                continue
            lost = lost or last.proved or root.proved
            merged = ball(last.at).union(ball(root.at))
            keep = last if last.proved else root if root.proved else Root(merged, False)
            result[-1] = keep
        else:
            result.append(root)
    return result, lost
