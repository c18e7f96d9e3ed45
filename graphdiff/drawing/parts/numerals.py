"""How the numbers of a figure are written: decimals, rounding, exact fractions."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.language.notation.numbers import decimals, exact

__all__ = ["ROUNDINGS", "Numerals"]

ROUNDINGS = ("half-up", "half-even", "truncate")
_SIGNS = {"inf": "∞", "-inf": "−∞", "nan": "NaN"}
# Characters of a fraction that is still easier to read than its decimals.
_LONGEST = 9
# A double that is nearer than this to a decimal, for its size, was meant to be it.
_MEANT = Fraction(1, 10**13)


@dataclass(frozen=True, slots=True)
class Numerals:
    """Decimals after the point, how they are rounded, and whether exact numbers stay exact.

    >>> Numerals(2).text(Fraction(-2, 3)), Numerals(2, exact=True).text(Fraction(-2, 3))
    ('−0.67', '−2/3')
    >>> [Numerals(2, rounding).text(0.125) for rounding in ROUNDINGS]
    ['0.13', '0.12', '0.12']
    """

    digits: int = 2
    rounding: str = "half-up"
    exact: bool = False

    def text(self, value: Any) -> str:
        """A number with a true minus sign; an exact one as it is, if that was asked for."""
        if self.exact and isinstance(value, int | Fraction):
            whole = Fraction(value)
            text = f"{whole.numerator}"
            if whole.denominator != 1:
                text += f"/{whole.denominator}"
            if len(text) <= _LONGEST:
                return text.replace("-", "−")
        return self.decimals(value)

    def printed(self, value: Any) -> Fraction:
        """The number that a reader sees.  Raises ValueError for ``∞``."""
        return Fraction(self.text(value).replace("−", "-"))

    def shows(self, value: Any) -> bool:
        """Whether a number is equal to what a reader sees of it; a double that was meant to be.

        >>> Numerals(2).shows(Fraction(1, 4)), Numerals(2).shows(Fraction(1, 3))
        (True, False)
        """
        try:
            return abs(self.printed(value) - exact(value)) <= _MEANT * abs(exact(value))
        except (ArithmeticError, ValueError):
            return True  # infinities are said by name

    def decimals(self, value: Any, *, fixed: bool = False) -> str:
        """A number with the decimals that were asked for, and, unless they are ``fixed``, more of
        a small one."""
        if isinstance(value, float) and not math.isfinite(value):
            return _SIGNS[str(value)]
        return decimals(value, self.digits, rounding=self.rounding, fixed=fixed)
