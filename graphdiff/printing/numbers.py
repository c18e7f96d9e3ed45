"""Numbers for people: exact where short, else rounded to a number of significant digits."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from .printer import _terminating

__all__ = ["decimals", "show_number", "significant"]


def show_number(value: Any, digits: int = 6, minus: str = "-") -> str:
    """A value as text: integers and short fractions exactly, the rest to ``digits`` digits.

    >>> from fractions import Fraction
    >>> show_number(Fraction(1, 3)), show_number(Fraction(1, 8)), show_number(0.7310585786)
    ('1/3', '0.125', '0.731059')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    if isinstance(value, int):
        text = str(value) if abs(value) < 10**15 else significant(value, digits)
    elif isinstance(value, Fraction):
        exact = _terminating(value) or f"{value.numerator}/{value.denominator}"
        text = exact if len(exact) <= 12 else significant(value, digits)
    else:
        text = significant(value, digits)
    return text.replace("-", minus)


def significant(value: Any, digits: int) -> str:
    """Rounded to significant digits; scientific form only for very large and very small numbers."""
    try:
        number = float(value)
    except OverflowError:
        return _huge(value, digits)
    if value and number == 0:
        return _huge(value, digits)
    if number == 0 or not math.isfinite(number):
        return "0" if number == 0 else str(number)
    text = f"{number:.{digits}g}"
    if "e" not in text:
        return text
    mantissa, exponent = text.split("e")
    if 0 < int(exponent) < 15 and digits < 15:
        return f"{number:.0f}" if number == int(number) else f"{mantissa}e{int(exponent)}"
    return f"{mantissa}e{int(exponent)}"


def _huge(value: Any, digits: int) -> str:
    """A rational beyond the range of floats."""
    from decimal import Decimal, localcontext

    with localcontext() as context:
        context.prec = digits
        fraction = Fraction(value)
        text = str((Decimal(fraction.numerator) / Decimal(fraction.denominator)).normalize())
    return text.replace("E+", "e").replace("E", "e")


def decimals(value: Any, places: int = 2, minus: str = "−", rounding: str = "half-up") -> str:
    """Fixed decimals as on lecture slides, more of them where all would be zeros.

    ``rounding``: ``half-up`` (away from zero, as people round: 0.125 is 0.13 on a slide),
    ``half-even`` or ``truncate``.

    >>> decimals(-2), decimals(0.3932238), decimals(0.000438568)
    ('−2.00', '0.39', '0.00044')
    """
    try:
        number = float(value)
    except OverflowError:
        return significant(value, places + 1).replace("-", minus)
    size = abs(number)
    if number and (size >= 1e7 or size < 1e-5):
        mantissa, exponent = f"{number:.{places}e}".split("e")
        return f"{mantissa}e{int(exponent)}".replace("-", minus)
    if not math.isfinite(number):
        return str(number).replace("-", minus)
    if 0 < size < (1.0 if rounding == "truncate" else 0.5) * 10**-places:
        places = 1 - math.floor(math.log10(size))
    units = _whole(abs(Fraction(value)) * 10**places, rounding)
    text = f"{units // 10**places}.{units % 10**places:0{places}}" if places else str(units)
    text = "-" + text if number < 0 else text
    if float(text) == 0:
        text = text.lstrip("-")
    return text.replace("-", minus)


def _whole(size: Fraction, rounding: str) -> int:
    """A positive number without its decimals."""
    if rounding == "half-even":
        return round(size)
    return math.floor(size if rounding == "truncate" else size + Fraction(1, 2))
