"""The domain of intervals, for the rules of the op table."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from .base import Kind, Number
from .intervals import Interval, Outside, down, enclosing, hull, up

__all__ = ["Intervals"]


class Intervals(Kind):
    """Interval arithmetic; ``lenient`` drops the part of an operand where an op is not defined.

    Lenient results hold the values at all points *where there are values*.
    """

    name = "interval"

    def __init__(self, *, lenient: bool = False) -> None:
        from graphdiff.core.support.arithmetic import arb

        self.arb, self.lenient = arb, lenient
        self.zero, self.one = enclosing(0, 0), enclosing(1, 1)

    @property
    def pi(self) -> Interval:
        return _wrap(self.arb.pi())

    def number(self, value: Any) -> Interval:
        if isinstance(value, str):
            return self.pi if value == "pi" else _wrap(self.arb(1).exp())
        return value if isinstance(value, Interval) else enclosing(value, value)

    def _part(self, x: Interval, low: Number, high: Number, *, open_ends: bool = False) -> Interval:
        """The part of x between two bounds (None: no bound).  Raises Outside."""
        lo, hi = x.lo, x.hi
        if low is not None and (hi < low or (open_ends and hi <= low)):
            raise Outside("outside the domain")
        if high is not None and (lo > high or (open_ends and lo >= high)):
            raise Outside("outside the domain")
        below = low is not None and (lo < low or (open_ends and lo == low))
        above = high is not None and (hi > high or (open_ends and hi == high))
        if (below or above) and not self.lenient:
            raise Outside("not defined everywhere")
        return Interval(self.arb(low) if below else lo, self.arb(high) if above else hi)

    def exp(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.exp())

    def expm1(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.expm1())

    def log(self, x: Interval) -> Interval:
        part = self._part(x, 0, None, open_ends=True)
        low = self.arb.neg_inf() if part.lo.is_zero() else down(part.lo.log())
        return Interval(low, _log_up(part.hi))

    def log1p(self, x: Interval) -> Interval:
        part = self._part(x, -1, None, open_ends=True)
        low = self.arb.neg_inf() if part.lo == -1 else down(part.lo.log1p())
        return Interval(low, up(part.hi.log1p()))

    def log2(self, x: Interval) -> Interval:
        return self.log(x) / self.log(self.number(2))

    def log10(self, x: Interval) -> Interval:
        return self.log(x) / self.log(self.number(10))

    def sqrt(self, x: Interval) -> Interval:
        return _rising(self._part(x, 0, None), lambda v: v.sqrt())

    def cbrt(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.root(3) if v >= 0 else -((-v).root(3)))

    def abs(self, x: Interval) -> Interval:
        if x.lo >= 0:
            return x
        if x.hi <= 0:
            return -x
        return Interval(self.arb(0), max(x.hi, -x.lo))

    def sign(self, x: Interval) -> Interval:
        return enclosing(_sign(x.lo), _sign(x.hi))

    def floor(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.floor())

    def ceil(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.ceil())

    def sin(self, x: Interval) -> Interval:
        return self._wave(x, 1, lambda v: v.sin())

    def cos(self, x: Interval) -> Interval:
        return self._wave(x, 0, lambda v: v.cos())

    def _wave(self, x: Interval, quarter: int, function: Callable[[Any], Any]) -> Interval:
        """sin and cos, whose maxima lie at (quarter + 4k)·π/2, and minima two quarters on."""
        if not x.finite:
            return enclosing(-1, 1)
        ends = hull([_wrap(function(x.lo)), _wrap(function(x.hi))])
        high = self.one.hi if self._meets(x, quarter, 4) else ends.hi
        low = -self.one.hi if self._meets(x, quarter + 2, 4) else ends.lo
        return Interval(low if low > -1 else -self.one.hi, high if high < 1 else self.one.hi)

    def _meets(self, x: Interval, first: int, period: int) -> bool:
        """Whether x may hold a number (first + k·period)·π/2 with an integer k."""
        low, high = ((float(v) * (2 / math.pi) - first) / period for v in (x.lo, x.hi))
        if not abs(low) + abs(high) < 1e12:
            return True
        slack = 1e-14 * (1 + abs(low) + abs(high))  # of arithmetic in doubles
        return math.floor(high + slack) >= math.ceil(low - slack)

    def tan(self, x: Interval) -> Interval:
        if not x.finite or self._meets(x, 1, 2):
            if self.lenient:
                return _everything()
            raise Outside("tan near a pole")
        return _rising(x, lambda v: v.tan())

    def asin(self, x: Interval) -> Interval:
        return _rising(self._part(x, -1, 1), lambda v: v.asin())

    def acos(self, x: Interval) -> Interval:
        return _falling(self._part(x, -1, 1), lambda v: v.acos())

    def atan(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.atan())

    def atan2(self, y: Interval, x: Interval) -> Interval:
        if x.lo > 0:
            return self.atan(y / x)
        if y.lo > 0:
            return self.pi / 2 - self.atan(x / y)
        if y.hi < 0:
            return -self.pi / 2 - self.atan(x / y)
        if not self.lenient:
            raise Outside("atan2 across its cut")
        return Interval(-self.pi.hi, self.pi.hi)

    def sinh(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.sinh())

    def cosh(self, x: Interval) -> Interval:
        return _rising(self.abs(x), lambda v: v.cosh())

    def tanh(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.tanh())

    def asinh(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.asinh())

    def acosh(self, x: Interval) -> Interval:
        return _rising(self._part(x, 1, None), lambda v: v.acosh())

    def atanh(self, x: Interval) -> Interval:
        part = self._part(x, -1, 1, open_ends=True)
        return _rising(part, lambda v: v.atanh() if abs(v) < 1 else v / 0)

    def erf(self, x: Interval) -> Interval:
        return _rising(x, lambda v: v.erf())

    def normal_cdf(self, x: Interval) -> Interval:
        half = self.arb(2).sqrt()
        return self._bounded(_rising(x, lambda v: (-v / half).erfc() / 2), 0, 1)

    def sigmoid(self, x: Interval) -> Interval:
        return self._bounded(_rising(x, lambda v: 1 / (1 + (-v).exp())), 0, 1)

    def softplus(self, x: Interval) -> Interval:
        made = _rising(x, lambda v: v.exp().log1p())
        return Interval(self.arb(0) if made.lo < 0 else made.lo, made.hi)

    def _bounded(self, x: Interval, low: int, high: int) -> Interval:
        """x, of which it is known that it lies between these."""
        lo = x.lo if x.lo > low else self.arb(low)
        return Interval(lo, x.hi if x.hi < high else self.arb(high))

    def pow(self, x: Interval, y: Interval) -> Interval:
        if y.exact and y.lo.is_integer() and abs(y.lo) < 1 << 20:
            return self._power(x, int(y.lo.unique_fmpz()))
        if y.lo > 0:
            part = self._part(x, 0, None)
            corners = [_real_power(a, b) for a in (part.lo, part.hi) for b in (y.lo, y.hi)]
            return hull(corners)
        return self.exp(y * self.log(x))

    def _power(self, x: Interval, n: int) -> Interval:
        if n == 0:
            return self.one
        if n < 0:
            base = self._power(x, -n)
            if self.lenient and base.lo <= 0 <= base.hi:
                return self._inverse(base)
            return self.one / base
        if n % 2 == 0:
            x = self.abs(x)
        return Interval(down(_whole_power(x.lo, n)), up(_whole_power(x.hi, n)))

    def _inverse(self, x: Interval) -> Interval:
        """1/x at the points where x is not 0."""
        if x.lo.is_zero() and not x.hi.is_zero():
            return Interval(down(1 / x.hi), self.arb.pos_inf())
        if x.hi.is_zero() and not x.lo.is_zero():
            return Interval(self.arb.neg_inf(), up(1 / x.lo))
        return _everything()

    def divide(self, x: Interval, y: Interval) -> Interval:
        """x/y; lenient at a zero of y."""
        if self.lenient and y.lo <= 0 <= y.hi:
            return x * self._inverse(y)
        return x / y

    def max(self, *xs: Interval) -> Interval:
        lo, hi = xs[0].lo, xs[0].hi
        for x in xs[1:]:
            lo, hi = max(lo, x.lo), max(hi, x.hi)
        return Interval(lo, hi)

    def min(self, *xs: Interval) -> Interval:
        return -self.max(*[-x for x in xs])

    def compare(self, name: str, x: Interval, y: Interval) -> bool | None:
        """True or False where it is so for all numbers of both, else None."""
        if name in ("gt", "ge"):
            return self.compare("lt" if name == "gt" else "le", y, x)
        if name in ("lt", "le"):
            if x < y or (name == "le" and x <= y):
                return True
            return False if y < x or (name == "lt" and y <= x) else None
        apart = x < y or y < x
        known = False if apart else True if x.exact and y.exact else None
        return known if name == "eq" or known is None else not known

    def where(self, condition: bool | None, x: Number, y: Number) -> Interval:
        if condition is None:
            return hull([self.number(x), self.number(y)])
        return self.number(x if condition else y)


def _wrap(ball: Any) -> Interval:
    return Interval(down(ball), up(ball))


def _everything() -> Interval:
    from graphdiff.core.support.arithmetic import arb

    return Interval(arb.neg_inf(), arb.pos_inf())


def _rising(x: Interval, function: Callable[[Any], Any]) -> Interval:
    try:
        return Interval(down(function(x.lo)), up(function(x.hi)))
    except ZeroDivisionError:
        return _everything()


def _falling(x: Interval, function: Callable[[Any], Any]) -> Interval:
    return Interval(down(function(x.hi)), up(function(x.lo)))


def _log_up(x: Number) -> Number:
    return up(x.log()) if x.is_finite() else x


def _sign(x: Number) -> int:
    return int(x > 0) - int(x < 0)


def _whole_power(x: Number, n: int) -> Number:
    if x.is_finite():
        return x**n
    return x if n % 2 or x > 0 else -x


def _real_power(a: Number, b: Number) -> Interval:
    """a^b for a ≥ 0 and b > 0."""
    if a.is_zero() or not a.is_finite():
        return Interval(a, a)
    return _wrap(a**b)
