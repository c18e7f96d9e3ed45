"""Balls: python-flint's ``arb``, midpoint and proved radius (Johansson 2017, "Arb").

A comparison that the balls cannot decide is None, and ``where`` then returns the union of both
branches, so that every result still encloses the truth.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from typing import Any

from .base import Kind, Number

__all__ = ["Balls", "integer", "working_precision"]

_NARROW = 16
"""Bits from which on a power by products is as good as one by the ends of a ball."""


class working_precision:  # noqa: N801 - used as contextlib's are
    """Balls with that many bits for the length of the block (flint's context is global)."""

    __slots__ = ("before", "bits", "context")

    def __init__(self, bits: int) -> None:
        from graphdiff.core.support.arithmetic import ctx

        self.bits, self.context = bits, ctx

    def __enter__(self) -> Balls:
        self.before = self.context.prec
        self.context.prec = self.bits
        return _balls()

    def __exit__(self, *_: object) -> None:
        self.context.prec = self.before


@cache
def _balls() -> Balls:
    return Balls()


def integer(ball: Any, bits: int = 1 << 16) -> int | None:
    """The only integer in a ball; None where there is none, or not one alone, or where it has more
    than so many bits: 2^(62^6) is a small ball, and an integer that no memory holds.

    >>> arb = Balls().arb
    >>> integer(arb(7)), integer(arb(1) / 2), integer(arb(2) ** 62**6)
    (7, None, None)
    """
    found = ball.unique_fmpz() if abs(ball) < _balls().arb(2) ** bits else None
    return None if found is None else int(found)


class Balls(Kind):
    """Ball arithmetic at flint's current precision."""

    name = "ball"
    exact = False
    encloses = True

    def __init__(self) -> None:
        from graphdiff.core.support.arithmetic import arb, fmpq

        self.inexact = self.arb = arb
        self.fmpq = fmpq
        self._named: dict[str, Any] = {"pi": arb.pi, "e": lambda: arb(1).exp()}

    @property
    def pi(self) -> Number:
        return self.arb.pi()

    def number(self, value: Any) -> Number:
        if isinstance(value, str):
            return self._named[value]()
        if isinstance(value, Fraction):
            return self.arb(self.fmpq(value.numerator, value.denominator))
        return self.arb(value)

    def matrix(self, rows: list[list[Any]]) -> Any:
        from graphdiff.core.support.arithmetic import arb_mat

        return arb_mat([[self.arb(v) for v in row] for row in rows])

    def exp(self, x: Number) -> Number:
        return x.exp()

    def expm1(self, x: Number) -> Number:
        return x.expm1()

    def log(self, x: Number) -> Number:
        return x.log()

    def log1p(self, x: Number) -> Number:
        return x.log1p()

    def log2(self, x: Number) -> Number:
        return x.log() / self.arb(2).log()

    def log10(self, x: Number) -> Number:
        return x.log() / self.arb(10).log()

    def sqrt(self, x: Number) -> Number:
        return x.sqrt()

    def cbrt(self, x: Number) -> Number:
        if x.is_zero():
            return x
        if x >= 0:
            return x.root(3)
        if x <= 0:
            return -(-x).root(3)
        low, high = -(-x).upper(), x.upper()  # straddles zero; cbrt is increasing
        return (-(-low).root(3)).union(high.root(3))

    def abs(self, x: Number) -> Number:
        return abs(x)

    def sign(self, x: Number) -> Number:
        return x.sgn()

    def floor(self, x: Number) -> Number:
        return x.floor()

    def ceil(self, x: Number) -> Number:
        return x.ceil()

    def sin(self, x: Number) -> Number:
        return x.sin()

    def cos(self, x: Number) -> Number:
        return x.cos()

    def tan(self, x: Number) -> Number:
        return x.tan()

    def asin(self, x: Number) -> Number:
        return x.asin()

    def acos(self, x: Number) -> Number:
        return x.acos()

    def atan(self, x: Number) -> Number:
        return x.atan()

    def atan2(self, y: Number, x: Number) -> Number:
        return self.arb.atan2(y, x)

    def sinh(self, x: Number) -> Number:
        return x.sinh()

    def cosh(self, x: Number) -> Number:
        return x.cosh()

    def tanh(self, x: Number) -> Number:
        return x.tanh()

    def asinh(self, x: Number) -> Number:
        return x.asinh()

    def acosh(self, x: Number) -> Number:
        return x.acosh()

    def atanh(self, x: Number) -> Number:
        return x.atanh()

    def erf(self, x: Number) -> Number:
        return x.erf()

    def normal_cdf(self, x: Number) -> Number:
        return (-x / self.arb(2).sqrt()).erfc() / 2

    def sigmoid(self, x: Number) -> Number:
        return 1 / (1 + (-x).exp())

    def softplus(self, x: Number) -> Number:
        return x.exp().log1p()

    def pow(self, x: Number, y: Number) -> Number:
        x, y = self.number(x), self.number(y)  # those of a step function are integers
        if not (x.is_finite() and y.is_finite()):
            return self.arb("nan")  # also where arb says nan^0 = 1
        # An exact exponent up to this size is a product; arb's own power takes exp and log then,
        # which has no value for a negative base.  The integer of a larger one is not written out.
        n = integer(y, bits=20) if y.is_integer() else None
        if n is not None:
            return self.integer_power(x, n)
        if y.is_integer() and x < 0:
            power = (-x) ** y
            return power if (y / 2).is_integer() else -power
        if x.is_zero() and y > 0:
            return self.arb(0)
        return x**y

    def integer_power(self, x: Number, n: int) -> Number:
        """x^n, no wider than it must be where x is a wide ball.

        arb multiplies, or takes the logarithm of a ball around 0 and answers nan.
        """
        if n == 0 or x.rel_accuracy_bits() > _NARROW or not x.is_finite():
            return x**n
        if 0 in x:
            if n < 0:
                return x**n
            if n % 2 == 0:
                return (x.abs_upper() ** n).union(0)
        return (x.lower() ** n).union(x.upper() ** n)

    def max(self, *xs: Number) -> Number:
        top = xs[0]
        for x in xs[1:]:
            top = top.max(x)
        return top

    def min(self, *xs: Number) -> Number:
        low = xs[0]
        for x in xs[1:]:
            low = low.min(x)
        return low

    def compare(self, name: str, x: Number, y: Number) -> bool | None:
        """True or False where proved, None where the balls overlap; one ball is one number, unless
        it is none."""
        if x is y and not (hasattr(x, "is_nan") and x.is_nan()):
            return name in ("le", "ge", "eq")
        less, more, same = x < y, x > y, x == y and x.is_exact()
        match name:
            case "lt" | "ge":
                known = True if less else False if x >= y else None
                return known if name == "lt" or known is None else not known
            case "gt" | "le":
                known = True if more else False if x <= y else None
                return known if name == "gt" or known is None else not known
            case _:
                known = True if same else False if less or more else None
                return known if name == "eq" or known is None else not known

    def where(self, condition: Number, x: Number, y: Number) -> Number:
        if condition is None:
            return x.union(y) if hasattr(x, "union") else self.arb(x).union(self.arb(y))
        return x if condition else y
