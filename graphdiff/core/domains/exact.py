"""sympy as a domain: closed forms.  Imported only when asked for."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any, cast

from .base import COMPARISONS, Domain, Kind, Number

__all__ = ["exact"]


class _Exact(Kind):
    name = "sympy"

    def __init__(self) -> None:
        import sympy

        self.sympy = sympy

    @property
    def pi(self) -> Number:
        return self.sympy.pi

    def number(self, value: Any) -> Number:
        sympy = self.sympy
        if isinstance(value, str):
            return {"pi": sympy.pi, "e": sympy.E}[value]
        if isinstance(value, Fraction):
            return sympy.Rational(value.numerator, value.denominator)
        if isinstance(value, float):
            top, bottom = value.as_integer_ratio()
            return sympy.Rational(top, bottom)
        return sympy.Integer(value)

    def abs(self, x: Number) -> Number:
        return self.sympy.Abs(x)

    def ceil(self, x: Number) -> Number:
        return self.sympy.ceiling(x)

    def max(self, *xs: Number) -> Number:
        return self.sympy.Max(*xs)

    def min(self, *xs: Number) -> Number:
        return self.sympy.Min(*xs)

    def expm1(self, x: Number) -> Number:
        return self.sympy.exp(x) - 1

    def log1p(self, x: Number) -> Number:
        return self.sympy.log(1 + x)

    def log2(self, x: Number) -> Number:
        return self.sympy.log(x, 2)

    def log10(self, x: Number) -> Number:
        return self.sympy.log(x, 10)

    def cbrt(self, x: Number) -> Number:
        return self.sympy.real_root(x, 3)

    def normal_cdf(self, x: Number) -> Number:
        return (1 + self.sympy.erf(x / self.sympy.sqrt(2))) / 2

    def sigmoid(self, x: Number) -> Number:
        return 1 / (1 + self.sympy.exp(-x))

    def softplus(self, x: Number) -> Number:
        return self.sympy.log(1 + self.sympy.exp(x))

    def pow(self, x: Number, y: Number) -> Number:
        return x**y

    def compare(self, name: str, x: Number, y: Number) -> Number:
        relations = dict(
            zip(COMPARISONS.values(), ("Lt", "Le", "Gt", "Ge", "Eq", "Ne"), strict=True)
        )
        return getattr(self.sympy, relations[COMPARISONS[name]])(x, y)

    def where(self, condition: Number, x: Number, y: Number) -> Number:
        return self.sympy.Piecewise((x, condition), (y, True))

    def __getattr__(self, name: str) -> Callable[..., Any]:
        return cast("Callable[..., Any]", getattr(self.sympy, name))


def exact() -> Domain:
    """The domain of sympy expressions."""
    return cast(Domain, _Exact())
