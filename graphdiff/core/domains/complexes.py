"""Complex doubles, for the complex step f′(x) ≈ Im f(x + ih)/h, which subtracts nothing.

Functions with branches follow the real parts: |z| is ±z, max takes the operand with the larger
real part (Martins, Sturdza & Alonso 2003, The complex-step derivative approximation, sec. 4).
(Squire & Trapp 1998, Using complex variables to estimate derivatives of real functions.)
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import reduce
from typing import Any, cast

from .array import FloatArrays
from .ball import working_precision
from .base import Number

__all__ = ["ComplexArrays"]

_BITS = 1_100
"""For functions that numpy lacks: the imaginary part may be as small as 1e-200 beside the real."""


class ComplexArrays(FloatArrays):
    """Numbers and arrays of complex numbers of a real precision, by numpy."""

    def __init__(self, single: bool = False) -> None:
        super().__init__()
        self.dtype = self.np.complex64 if single else self.np.complex128

    def __getattr__(self, name: str) -> Callable[..., Any]:
        own = self._numpy.get(name)
        if own is None:
            raise AttributeError(name)
        self.__dict__[name] = own
        return cast("Callable[..., Any]", own)

    def number(self, value: Any) -> Number:
        try:
            return self.dtype(self.base.number(value))
        except OverflowError:  # infinite, as what overflows is
            return self.dtype(math.inf if value > 0 else -math.inf)

    def array(self, value: Any) -> Any:
        return self.np.asarray(value, dtype=float).astype(self.dtype)

    def zeros(self, shape: tuple[int, ...]) -> Number:
        return self.np.zeros(shape, dtype=self.dtype)

    # -- branches: by the real parts --------------------------------------------------------------

    def compare(self, name: str, x: Number, y: Number) -> Number:
        return super().compare(name, self.np.real(x), self.np.real(y))

    def abs(self, x: Number) -> Number:
        return self.np.where(x.real < 0, -x, x)[()]

    def sign(self, x: Number) -> Number:
        return self.np.sign(x.real).astype(self.dtype)

    def floor(self, x: Number) -> Number:
        return self.np.floor(x.real).astype(self.dtype)

    def ceil(self, x: Number) -> Number:
        return self.np.ceil(x.real).astype(self.dtype)

    def max(self, *xs: Number) -> Number:
        return reduce(lambda x, y: self.np.where(x.real >= y.real, x, y)[()], xs)

    def min(self, *xs: Number) -> Number:
        return reduce(lambda x, y: self.np.where(x.real <= y.real, x, y)[()], xs)

    def amax(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self._best(x, self.np.max, axis, keepdims)

    def amin(self, x: Number, *, axis: Any = None, keepdims: bool = False) -> Number:
        return self._best(x, self.np.min, axis, keepdims)

    def _best(self, x: Number, best: Number, axis: Any, keepdims: bool) -> Number:
        """The entry whose real part is best; where several tie, their mean."""
        real = self.np.real(x)
        won = real == best(real, axis=axis, keepdims=True)
        total = self.np.where(won, x, 0).sum(axis=axis, keepdims=keepdims)
        return total / won.sum(axis=axis, keepdims=keepdims)

    def argmax(self, x: Number, *, axis: int | None = None) -> Number:
        return super().argmax(self.np.real(x), axis=axis)

    def labels(self, i: Number, classes: int) -> Number:
        return super().labels(self.np.real(i), classes)

    # -- functions that numpy has of real numbers only --------------------------------------------

    def cbrt(self, x: Number) -> Number:
        side = self.np.where(x.real < 0, -1.0, 1.0)[()]
        return (side * x) ** (1 / 3) * side

    def pow(self, x: Number, y: Number) -> Number:
        """Of a negative number by its opposite, whose logarithm is near the real axis."""
        np = self.np
        if np.ndim(y) == 0 and y == 2:
            return x * x
        turned = np.real(x) < 0
        odd = np.real(y) % 2 == 1
        base = np.where(turned, -x, x)
        return (np.power(base, y) * np.where(turned & odd, -1.0, 1.0))[()].astype(self.dtype)

    def atan2(self, y: Number, x: Number) -> Number:
        """The angle of the real parts, turned by the analytic part."""
        np = self.np
        angle = np.arctan2(y.real, x.real)
        radius = np.hypot(y.real, x.real)
        cos, sin = x.real / radius, y.real / radius
        return (angle + np.arctan((y * cos - x * sin) / (x * cos + y * sin))).astype(self.dtype)

    def sigmoid(self, x: Number) -> Number:
        small = self.np.exp(-self.abs(x))
        return self.np.where(x.real < 0, small / (1 + small), 1 / (1 + small))[()]

    def softplus(self, x: Number) -> Number:
        return self.np.where(x.real < 0, 0, x)[()] + self.np.log1p(self.np.exp(-self.abs(x)))

    def erf(self, x: Number) -> Number:
        return self._by_balls(lambda z: z.erf(), x)

    def normal_cdf(self, x: Number) -> Number:
        return self._by_balls(lambda z: (-z / 2).erfc() / 2, x * self.np.sqrt(2.0))

    def _by_balls(self, function: Callable[[Any], Any], x: Number) -> Number:
        """Entry by entry in complex balls, rounded once."""
        from graphdiff.core.support.arithmetic import acb

        def rounded(z: Number) -> complex:
            return complex(function(acb(float(z.real), float(z.imag))))

        with working_precision(_BITS):
            return self.np.vectorize(rounded, otypes=[self.dtype])(x)[()]
