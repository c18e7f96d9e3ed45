"""Floats, and floats that stay exact rationals as long as they can."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from graphdiff.core.limits import in_force

from .base import Kind, Number
from .scaled import beyond_doubles

__all__ = ["FLOAT", "RATIONAL", "Floats", "Rationals"]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    name: getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")
}
_NAMED = {"pi": math.pi, "e": math.e}


class Floats(Kind):
    """IEEE double precision, each function arranged so that it neither cancels nor overflows."""

    name = "float"
    rounds = True
    exact = False
    inexact = float
    pi: Any = math.pi
    exp: Callable[[Any], Any] = staticmethod(math.exp)
    expm1: Callable[[Any], Any] = staticmethod(math.expm1)
    log: Callable[[Any], Any] = staticmethod(math.log)
    log1p: Callable[[Any], Any] = staticmethod(math.log1p)
    log2: Callable[[Any], Any] = staticmethod(math.log2)
    log10: Callable[[Any], Any] = staticmethod(math.log10)
    sqrt: Callable[[Any], Any] = staticmethod(math.sqrt)
    cbrt: Callable[[Any], Any] = staticmethod(math.cbrt)
    sin: Callable[[Any], Any] = staticmethod(math.sin)
    cos: Callable[[Any], Any] = staticmethod(math.cos)
    tan: Callable[[Any], Any] = staticmethod(math.tan)
    asin: Callable[[Any], Any] = staticmethod(math.asin)
    acos: Callable[[Any], Any] = staticmethod(math.acos)
    atan: Callable[[Any], Any] = staticmethod(math.atan)
    sinh: Callable[[Any], Any] = staticmethod(math.sinh)
    cosh: Callable[[Any], Any] = staticmethod(math.cosh)
    tanh: Callable[[Any], Any] = staticmethod(math.tanh)
    asinh: Callable[[Any], Any] = staticmethod(math.asinh)
    acosh: Callable[[Any], Any] = staticmethod(math.acosh)
    atanh: Callable[[Any], Any] = staticmethod(math.atanh)
    erf: Callable[[Any], Any] = staticmethod(math.erf)

    def number(self, value: Any) -> Number:
        if isinstance(value, str):
            return _NAMED[value]
        try:
            return float(value)
        except OverflowError:
            return math.inf if value > 0 else -math.inf

    def abs(self, x: Number) -> Number:
        return abs(x)

    def sign(self, x: Number) -> Number:
        return (x > 0) - (x < 0)

    def floor(self, x: Number) -> Number:
        return float(math.floor(x))

    def ceil(self, x: Number) -> Number:
        return float(math.ceil(x))

    def atan2(self, y: Number, x: Number) -> Number:
        if x == 0 and y == 0:
            raise ValueError("atan2(0, 0)")
        return math.atan2(y, x)

    def normal_cdf(self, x: Number) -> Number:
        return math.erfc(-x / math.sqrt(2)) / 2

    def sigmoid(self, x: Number) -> Number:
        # exp of a positive number overflows; either form is exact to the last digits on its side.
        if x >= 0:
            return 1 / (1 + math.exp(-x))
        return math.exp(x) / (1 + math.exp(x))

    def softplus(self, x: Number) -> Number:
        return max(x, 0) + math.log1p(math.exp(-abs(x)))

    def pow(self, x: Number, y: Number) -> Number:
        # math.pow, unlike **, refuses the complex result of (-8.0)**(1/3).
        return math.pow(x, y)

    def max(self, *xs: Number) -> Number:
        return max(xs)

    def min(self, *xs: Number) -> Number:
        return min(xs)

    def compare(self, name: str, x: Number, y: Number) -> bool:
        return _COMPARE[name](x, y)

    def where(self, condition: Number, x: Number, y: Number) -> Number:
        return x if condition else y


def _root(x: int, n: int) -> int | None:
    """The exact n-th root of a natural number, or None."""
    if n == 2:
        root = math.isqrt(x)
    else:
        root = round(x ** (1 / n)) if x < 2**52 else 1 << -(-x.bit_length() // n)
        while root**n > x:  # Newton from above, in integers
            root = ((n - 1) * root + x // root ** (n - 1)) // n
    return root if root**n == x else None


def exact_root(x: Fraction, n: int) -> Fraction | None:
    """The n-th root of a non-negative rational if it is rational, else None."""
    top, bottom = _root(x.numerator, n), _root(x.denominator, n)
    return None if top is None or bottom is None else Fraction(top, bottom)


def _exact(function: Callable[[Any], Any], place: int, result: Any) -> Callable[[Any, Any], Any]:
    """A function of doubles that has one rational value."""

    def found(self: Any, x: Number) -> Number:
        return Fraction(result) if x == place and isinstance(x, Fraction) else function(x)

    return found


def _log(x: Number) -> Number:
    if isinstance(x, Fraction) and x > 0 and float(x) == 0:
        return math.log(x.numerator) - math.log(x.denominator)  # 1e-400 is no double
    return math.log(x)


class Rationals(Floats):
    """Exact rationals (``Fraction``) where the result is one, floats elsewhere.

    >>> RATIONAL.sqrt(Fraction(9, 4)), RATIONAL.exp(Fraction(0)), RATIONAL.exp(Fraction(1))
    (Fraction(3, 2), Fraction(1, 1), 2.718281828459045)
    """

    name = "rational"
    exact = True
    exp = _exact(math.exp, 0, 1)
    expm1 = _exact(math.expm1, 0, 0)
    log = _exact(_log, 1, 0)
    log1p = _exact(math.log1p, 0, 0)
    log2 = _exact(math.log2, 1, 0)
    log10 = _exact(math.log10, 1, 0)
    sin = _exact(math.sin, 0, 0)
    cos = _exact(math.cos, 0, 1)
    tan = _exact(math.tan, 0, 0)
    asin = _exact(math.asin, 0, 0)
    acos = _exact(math.acos, 1, 0)
    atan = _exact(math.atan, 0, 0)
    sinh = _exact(math.sinh, 0, 0)
    cosh = _exact(math.cosh, 0, 1)
    tanh = _exact(math.tanh, 0, 0)
    asinh = _exact(math.asinh, 0, 0)
    acosh = _exact(math.acosh, 1, 0)
    atanh = _exact(math.atanh, 0, 0)
    erf = _exact(math.erf, 0, 0)

    def __init__(self, bits: int | None = None) -> None:
        self._bits = bits

    @property
    def bits(self) -> int:
        """Bits of a fraction past which a float takes its place."""
        return in_force().bits if self._bits is None else self._bits

    def number(self, value: Any) -> Number:
        if isinstance(value, str):
            return _NAMED[value]
        return value if isinstance(value, float) else Fraction(value)

    def settle(self, value: Any) -> Any:
        """Turn a rational that has outgrown the limit into a float.

        Raises OverflowError where no double is near it.
        """
        if type(value) is Fraction:
            if value.numerator.bit_length() + value.denominator.bit_length() > self.bits:
                if beyond_doubles(value):
                    raise OverflowError("beyond the range of doubles")
                return float(value)
        elif type(value) is int:
            return Fraction(value)
        return value

    def matrix(self, rows: list[list[Any]]) -> Any:
        if any(isinstance(v, float) for row in rows for v in row):
            return None
        from graphdiff.core.support.arithmetic import fmpq, fmpq_mat

        exact = [[Fraction(v) for v in row] for row in rows]
        return fmpq_mat([[fmpq(v.numerator, v.denominator) for v in row] for row in exact])

    def entry(self, value: Any) -> Number:
        return Fraction(int(value.p), int(value.q))

    def normal_cdf(self, x: Number) -> Number:
        return Fraction(1, 2) if x == 0 and isinstance(x, Fraction) else super().normal_cdf(x)

    def sigmoid(self, x: Number) -> Number:
        return Fraction(1, 2) if x == 0 and isinstance(x, Fraction) else super().sigmoid(x)

    def floor(self, x: Number) -> Number:
        return Fraction(math.floor(x)) if isinstance(x, Fraction) else float(math.floor(x))

    def ceil(self, x: Number) -> Number:
        return Fraction(math.ceil(x)) if isinstance(x, Fraction) else float(math.ceil(x))

    def sqrt(self, x: Number) -> Number:
        root = exact_root(x, 2) if isinstance(x, Fraction) and x >= 0 else None
        return math.sqrt(x) if root is None else root

    def cbrt(self, x: Number) -> Number:
        root = exact_root(abs(x), 3) if isinstance(x, Fraction) else None
        if root is None:
            return math.cbrt(x)
        return root if x >= 0 else -root

    def pow(self, x: Number, y: Number) -> Number:
        if isinstance(x, Fraction) and isinstance(y, Fraction):
            size = x.numerator.bit_length() + x.denominator.bit_length()
            if y.denominator == 1 and abs(y) * size <= self.bits:
                return x ** int(y)
            if x >= 0 and 1 < y.denominator <= 6 and abs(y.numerator) * size <= self.bits:
                root = exact_root(x, y.denominator)
                if root is not None:
                    return root**y.numerator
        return math.pow(x, y)


FLOAT = Floats()
RATIONAL = Rationals()
