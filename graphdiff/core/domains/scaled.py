"""Numbers that no double holds: rounded like a double, but with an exponent of any size."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

__all__ = ["Scaled", "beyond_doubles", "scaled"]

_LARGEST = Fraction(sys.float_info.max)
_SMALLEST = Fraction(sys.float_info.min)
"""The smallest double with all its digits; those below have lost some."""
_BITS = 128


class Scaled(Fraction):
    """A rounded number beyond the range of doubles, such as e^1000 or e^−1000.

    It compares and computes as a rational does; that it is rounded, and so is whatever is computed
    from it, is what its class says.

    >>> Scaled(Fraction(10) ** 400) > 1e308, type(Scaled(3) * 2) is Scaled
    (True, True)
    """

    __slots__ = ()

    def __repr__(self) -> str:
        from decimal import Context, Decimal

        context = Context(prec=17, Emax=10**9, Emin=-(10**9))
        return f"{context.divide(Decimal(self.numerator), Decimal(self.denominator)):e}"


def _rounded(name: str) -> Callable[[Any, Any], Any]:
    exact = getattr(Fraction, name)

    def operation(self: Any, other: Any) -> Any:
        if isinstance(other, float):
            if not math.isfinite(other):  # beside it only the sign of a finite number counts
                return getattr(-1.0 if self < 0 else 1.0, name)(other)
            other = Fraction(other)
        made = exact(self, other)
        return Scaled(_shortened(made)) if isinstance(made, Fraction) else made

    return operation


for _name in ("add", "sub", "mul", "truediv"):
    for _side in ("", "r"):
        setattr(Scaled, f"__{_side}{_name}__", _rounded(f"__{_side}{_name}__"))


def _kept(name: str) -> Callable[[Any], Any]:
    exact = getattr(Fraction, name)
    return lambda self: Scaled(exact(self))


for _name in ("__neg__", "__pos__", "__abs__"):
    setattr(Scaled, _name, _kept(_name))


def _shortened(value: Fraction) -> Fraction:
    """The value with some 128 bits: long products of rounded numbers must not grow."""
    size = value.numerator.bit_length() - value.denominator.bit_length()
    if value.numerator.bit_length() + value.denominator.bit_length() <= abs(size) + 2 * _BITS:
        return value
    shift = _BITS - size
    scaled = value * 2**shift if shift >= 0 else value / 2**-shift
    whole = round(scaled)
    return Fraction(whole, 2**shift) if shift >= 0 else Fraction(whole * 2**-shift)


def beyond_doubles(value: Any) -> bool:
    """Whether a rational is too large or too small for a double with all its digits.

    >>> beyond_doubles(Fraction(1, 3)), beyond_doubles(Fraction(10) ** 400)
    (False, True)
    """
    return bool(value) and not _SMALLEST <= abs(value) <= _LARGEST


def scaled(value: Fraction) -> Fraction:
    """A rational to be multiplied with doubles, which it may be beyond.

    >>> scaled(Fraction(10) ** 400) * 1e-300 > 1e99
    True
    """
    return Scaled(value) if beyond_doubles(value) else value
