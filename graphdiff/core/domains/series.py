"""Power series in balls as a domain: what the op table's values are over t ↦ x + t·d.

(Brent & Kung 1978, Fast algorithms for manipulating formal power series; flint's ``arb_series``.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .ball import Balls, integer
from .base import FUNCTIONS, Number

__all__ = ["Jet", "Series"]


class Jet:
    """A truncated power series in t."""

    __slots__ = ("terms",)

    def __init__(self, terms: Any) -> None:
        self.terms = terms

    @property
    def start(self) -> Any:
        """The value at t = 0, a ball."""
        return self.terms[0]

    def _with(self, other: Number, make: Callable[[Any, Any], Any]) -> Number:
        if hasattr(other, "dtype"):
            return NotImplemented  # numpy does it entry by entry
        return Jet(make(self.terms, other.terms if isinstance(other, Jet) else other))

    def __add__(self, other: Number) -> Number:
        return self._with(other, lambda a, b: a + b)

    __radd__ = __add__

    def __sub__(self, other: Number) -> Number:
        return self._with(other, lambda a, b: a - b)

    def __rsub__(self, other: Number) -> Number:
        return self._with(other, lambda a, b: b - a)

    def __mul__(self, other: Number) -> Number:
        return self._with(other, lambda a, b: a * b)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> Number:
        return self._with(other, lambda a, b: a / b)

    def __rtruediv__(self, other: Number) -> Number:
        return self._with(other, lambda a, b: b / a)

    def __neg__(self) -> Jet:
        return Jet(-self.terms)

    def __pow__(self, n: int) -> Jet:
        return Jet(self.terms**n)


class Series(Balls):
    """Power series over balls; what does not depend on t stays a ball.

    Raises ValueError on a kink, where there is no series.
    """

    name = "series"
    exact = True
    encloses = False
    """A series has a kink or a jump where its numbers do not tell."""

    def __init__(self) -> None:
        super().__init__()
        from graphdiff.core.support.arithmetic import arb_series

        for name in set(FUNCTIONS).difference(vars(Series)):  # those that flint has of series too
            if hasattr(arb_series, name):
                setattr(self, name, self._lifted(name))

    @staticmethod
    def _lifted(name: str) -> Callable[[Any], Any]:
        def function(x: Number) -> Number:
            if isinstance(x, Jet):
                return Jet(getattr(x.terms, name)())
            return getattr(x, name)()

        return function

    def matrix(self, rows: list[list[Any]]) -> Any:
        return None

    def _side(self, x: Number) -> int:
        """The sign of a number that is not 0.  Raises ValueError where balls do not tell."""
        start = x.start if isinstance(x, Jet) else x
        if start > 0:
            return 1
        if start < 0:
            return -1
        raise ValueError("on a kink, or too near to one")

    def expm1(self, x: Number) -> Number:
        return self.exp(x) - 1 if isinstance(x, Jet) else super().expm1(x)

    def log1p(self, x: Number) -> Number:
        return self.log(1 + x) if isinstance(x, Jet) else super().log1p(x)

    def log2(self, x: Number) -> Number:
        return self.log(x) / self.arb(2).log()

    def log10(self, x: Number) -> Number:
        return self.log(x) / self.arb(10).log()

    def cbrt(self, x: Number) -> Number:
        if not isinstance(x, Jet):
            return super().cbrt(x)
        side = self._side(x)
        return self.exp(self.log(x * side) / 3) * side

    def abs(self, x: Number) -> Number:
        return x * self._side(x) if isinstance(x, Jet) else abs(x)

    def sign(self, x: Number) -> Number:
        return self.arb(self._side(x)) if isinstance(x, Jet) else super().sign(x)

    def floor(self, x: Number) -> Number:
        return self._level(x, super().floor) if isinstance(x, Jet) else super().floor(x)

    def ceil(self, x: Number) -> Number:
        return self._level(x, super().ceil) if isinstance(x, Jet) else super().ceil(x)

    def _level(self, x: Jet, rounded: Callable[[Any], Any]) -> Any:
        level = rounded(x.start)
        if not level.is_exact() or x.start.contains_integer():
            raise ValueError("at a jump, or too near to one")
        return level

    def atan2(self, y: Number, x: Number) -> Number:
        """Its derivative is (x y′ − y x′)/(x² + y²)."""
        if not isinstance(x, Jet) and not isinstance(y, Jet):
            return super().atan2(y, x)
        start = super().atan2(_start(y), _start(x))
        from graphdiff.core.support.arithmetic import arb_series

        a, b = (v.terms if isinstance(v, Jet) else arb_series([v]) for v in (y, x))
        slope = (b * a.derivative() - a * b.derivative()) / (a * a + b * b)
        return Jet(slope.integral() + start)

    def sinh(self, x: Number) -> Number:
        return (self.exp(x) - self.exp(-x)) / 2 if isinstance(x, Jet) else x.sinh()

    def cosh(self, x: Number) -> Number:
        return (self.exp(x) + self.exp(-x)) / 2 if isinstance(x, Jet) else x.cosh()

    def tanh(self, x: Number) -> Number:
        return 1 - 2 / (self.exp(2 * x) + 1) if isinstance(x, Jet) else x.tanh()

    def asinh(self, x: Number) -> Number:
        if not isinstance(x, Jet):
            return x.asinh()
        side = -1 if x.start < 0 else 1  # so that the two terms do not cancel
        inner = x * side
        return self.log(inner + self.sqrt(inner * inner + 1)) * side

    def acosh(self, x: Number) -> Number:
        return self.log(x + self.sqrt(x * x - 1)) if isinstance(x, Jet) else x.acosh()

    def atanh(self, x: Number) -> Number:
        return self.log((1 + x) / (1 - x)) / 2 if isinstance(x, Jet) else x.atanh()

    def normal_cdf(self, x: Number) -> Number:
        if not isinstance(x, Jet):
            return super().normal_cdf(x)
        return Jet((-x / self.arb(2).sqrt()).terms.erfc()) / 2

    def sigmoid(self, x: Number) -> Number:
        return 1 / (1 + self.exp(-x))

    def softplus(self, x: Number) -> Number:
        return self.log(1 + self.exp(x)) if isinstance(x, Jet) else super().softplus(x)

    def pow(self, x: Number, y: Number) -> Number:
        if not isinstance(x, Jet) and not isinstance(y, Jet):
            return super().pow(x, y)
        if isinstance(y, Jet):
            return self.exp(y * self.log(x))
        whole = integer(y, bits=20) if y.is_integer() else None
        if whole is not None:
            return x**whole
        return Jet(x.terms**y)

    def max(self, *xs: Number) -> Number:
        return self._best(xs, 1)

    def min(self, *xs: Number) -> Number:
        return self._best(xs, -1)

    def _best(self, xs: tuple[Any, ...], sign: int) -> Any:
        best = xs[0]
        for x in xs[1:]:
            if self._side((x - best) * sign) > 0:
                best = x
        return best

    def compare(self, name: str, x: Number, y: Number) -> bool | None:
        known = super().compare(name, _start(x), _start(y))
        moving = isinstance(x, Jet) or isinstance(y, Jet)
        if moving and (known is None or _start(x) == _start(y)):
            raise ValueError("the condition is on its edge, or too near to it")
        return known

    def where(self, condition: Number, x: Number, y: Number) -> Number:
        if condition is None:
            raise ValueError("the condition is undecided")
        return x if condition else y


def _start(x: Number) -> Number:
    return x.start if isinstance(x, Jet) else x
