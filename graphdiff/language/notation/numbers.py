"""Numbers for people: exact where short, else correctly rounded to a number of digits.

This is the one way from a number to its digits.  They are taken from what is known best of it: an
exact rational of any size, the rational that a double is, or a ball.  Nothing passes through a
double on its way.
"""

from __future__ import annotations

import math
from decimal import MAX_EMAX, MIN_EMIN, ROUND_HALF_EVEN, Context, Decimal, DecimalException
from fractions import Fraction
from typing import Any, NamedTuple

from graphdiff.core.support.decimals import terminating

__all__ = [
    "bounded", "certified", "decimals", "exact", "least_places", "magnitude", "nearest",
    "show_number", "significant", "vanishes",
]  # fmt: skip

_SHORT = 12
"""Characters up to which an exact number is shown as it is, however few digits are asked."""
_WHOLE = 15
"""Digits up to which a whole number is shown in full."""
_DOUBLE = 17
"""Digits that tell a double from every other; those after them say nothing of the true number."""
_GUARD = 8
"""Digits of a ball beyond those that are asked, so that rounding them is decided."""
_NOTHING = 1e-25
_NAMES = {math.inf: "inf", -math.inf: "-inf"}


class _Rounded(NamedTuple):
    """A number rounded to significant digits: ``0.d₁d₂… · 10^(exponent + 1)``."""

    negative: bool
    digits: str
    exponent: int
    """That of the first digit."""


def show_number(value: Any, digits: int = 6, minus: str = "-", padded: bool = False) -> str:
    """A value as text: integers and short fractions exactly, the rest to ``digits`` digits.

    ``padded``: certain zeros at the end of an enclosed number are shown.

    >>> from fractions import Fraction
    >>> show_number(Fraction(1, 3)), show_number(Fraction(1, 8)), show_number(0.7310585786)
    ('1/3', '0.125', '0.731059')
    >>> show_number(3**40, 20), show_number(Fraction(9 * 10**400)), show_number(5e-324)
    ('12157665459056928801', '9e400', '5e-324')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    if isinstance(value, int) and abs(value) < 10 ** max(_WHOLE, digits):
        text = str(value)
    elif isinstance(value, Fraction) and len(short := _exactly(value)) <= _SHORT:
        text = short
    else:
        text = significant(value, digits, padded)
    return text.replace("-", minus)


def _exactly(value: Fraction) -> str:
    if max(abs(value.numerator), value.denominator) >= 10**30:
        return "x" * (_SHORT + 1)  # too long, and its digits are not worth finding
    return terminating(value) or f"{value.numerator}/{value.denominator}"


def significant(value: Any, digits: int, padded: bool = False) -> str:
    """Rounded to significant digits; scientific form only for very large and very small numbers.

    Of a ball as many digits are shown as are certain; one without a certain digit is ``m ± r``.
    """
    if isinstance(value, float) and not math.isfinite(value):
        return _NAMES.get(value, "nan")
    found = _rounded(value, digits)
    if found is None:
        return bounded(value)
    if digits < _WHOLE and 0 < found.exponent < _WHOLE:
        whole = _rounded(value, _DOUBLE + _GUARD)
        if whole and len(whole.digits.rstrip("0")) <= whole.exponent + 1:
            return _written(whole, whole.exponent + 1, False)
    return _written(found, digits, padded and not _is_exact(value))


def certified(ball: Any, digits: int) -> str | None:
    """The ball rounded to at most ``digits`` significant digits, or fewer if no more are certain.

    Returns None for a ball of which not one digit is certain.
    """
    if ball is None or not ball.is_finite():
        return None
    found = _rounded(ball, digits)
    return None if found is None else _written(found, digits, True)


def bounded(ball: Any) -> str:
    """What is known of a ball without a certain digit: ``0 ± 1e-150``, ``0.2 ± 0.301``."""
    if not ball.is_finite():
        return "undefined"
    middle, _, radius = str(ball.str(3)).strip("[]").rpartition("+/-")
    if vanishes(ball):
        # One power of ten above what is within a unit of three digits.
        # The exponent may be past those of a Decimal.
        mantissa, _, exponent = radius.strip().partition("e")
        return f"0 ± 1e{Decimal(mantissa).adjusted() + int(exponent or 0) + 1}"
    return f"{middle.strip() or '0'} ± {radius.strip()}".replace("e+", "e")


def vanishes(ball: Any) -> bool:
    """Whether a ball is a tiny one around 0: a number that is 0 for all that can be seen of it."""
    return bool(ball.contains(0) and ball.abs_upper() < _NOTHING)


def decimals(
    value: Any, places: int = 2, minus: str = "−", rounding: str = "half-up", *, fixed: bool = False
) -> str:
    """Fixed decimals as on lecture slides, more of them where those would say too little.

    The first digit of a number is always shown, and a second one of those below 0.01, so that
    asking for more decimals never shows fewer.  Very large and very small numbers are powers of
    ten.  ``rounding``: ``half-up`` (away from zero, as people round: 0.125 is 0.13 on a slide),
    ``half-even`` or ``truncate``.  ``fixed``: no more decimals than asked, however small.

    >>> decimals(-2), decimals(0.3932238), decimals(0.000438568), decimals(0.0058, 2)
    ('−2.00', '0.39', '0.00044', '0.0058')
    """
    if isinstance(value, float) and not math.isfinite(value):
        return _NAMES.get(value, "nan").replace("-", minus)
    number = exact(value)
    sign = minus if number < 0 else ""
    size = abs(number)
    first = magnitude(size)
    if first is None or -5 <= first < 7 or (fixed and first < 0):
        places = places if fixed else max(places, least_places(first))
        units = _whole(size, places, rounding)
        return (sign if units else "") + _fixed(units, places)
    units = _whole(size, places - first, rounding)
    if units == 10 ** (places + 1):
        units, first = units // 10, first + 1
    return sign + _fixed(units, places) + f"e{first}".replace("-", minus)


def least_places(first: int | None) -> int:
    """Decimals that are always shown of a number whose first digit is at that power of ten."""
    return 0 if first is None else -first + (first < -2)


def magnitude(value: Any) -> int | None:
    """The power of ten of the first digit of a finite number; None for 0.

    >>> magnitude(0.02), magnitude(-999), magnitude(0)
    (-2, 2, None)
    """
    number = exact(value)
    size, denominator = abs(number.numerator), number.denominator
    if not size:
        return None
    bits = size.bit_length() - denominator.bit_length()
    power = math.floor((bits - 1) * math.log10(2)) - 1
    above, below = _scaled(size, denominator, -power - 1)
    while above >= below:
        power, below = power + 1, below * 10
    return power


def exact(value: Any) -> Fraction:
    """The rational that a finite number is."""
    if value.__class__ is Fraction:
        return value
    if isinstance(value, int | float | Fraction):
        return Fraction(value)
    return Fraction(value.item() if hasattr(value, "item") else value)


def nearest(value: Any) -> float:
    """The double next to a number, infinite beyond their range.

    >>> nearest(Fraction(1, 4)), nearest(-(10**400))
    (0.25, -inf)
    """
    try:
        return float(value.mid() if hasattr(value, "mid") else value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def _is_exact(value: Any) -> bool:
    return not hasattr(value, "rel_accuracy_bits")


def _rounded(value: Any, digits: int) -> _Rounded | None:
    """Half to even, from the exact value; None for a ball of which no digit is certain."""
    if not _is_exact(value):
        return _rounded_ball(value, digits)
    if hasattr(value, "item"):
        value = value.item()
    if isinstance(value, float):
        digits = min(digits, _digits_of(value))
    number = exact(value)
    first = magnitude(number)
    if first is None:
        return _Rounded(False, "0", 0)
    size, denominator = abs(number.numerator), number.denominator
    units = _half_even(*_scaled(size, denominator, digits - 1 - first))
    if units == 10**digits:
        units, first = units // 10, first + 1
    return _Rounded(number < 0, str(units), first)


def _digits_of(number: float) -> int:
    """Significant digits that a double holds: few below the range of normal ones."""
    if number and abs(number) < 2.3e-308:
        return len(f"{number!r}".partition("e")[0].replace(".", "").lstrip("-"))
    return _DOUBLE


def _rounded_ball(ball: Any, digits: int) -> _Rounded | None:
    """The rounding that all numbers of the ball have, with fewer digits if they need that."""
    if ball.is_zero():
        return _Rounded(False, "0", 0)
    bits = ball.rel_accuracy_bits()
    if not ball.is_finite() or (bits < 1 and not ball.is_exact()):
        return None
    for more in (_GUARD, max(_GUARD, min(int(bits * 0.302), 5 * digits + 1_000) - digits)):
        ends = _ends(ball, digits + more)
        if ends is None or ends[0].is_signed() != ends[1].is_signed():
            return None
        low, high = ends
        alike = (n for n in range(digits, 0, -1) if _of_decimal(low, n) == _of_decimal(high, n))
        wanted = next(alike, 0)
        near = _of_decimal(low, digits + _GUARD // 2)
        if wanted == digits or near != _of_decimal(high, digits + _GUARD // 2):
            return _of_decimal(low, wanted) if wanted else None
    # A tie, as far as anybody can tell: 0.125 in all digits that there are.
    return _of_decimal(_context(digits + _GUARD // 2).plus(low), digits)


def _ends(ball: Any, digits: int) -> tuple[Decimal, Decimal] | None:
    """What lies below and above a ball, no further off than a few units of so many digits."""
    wide = _context(digits + _GUARD)
    try:
        middle = Decimal(str(ball.mid().str(digits, radius=False)))
        radius = Decimal(str(ball.rad().str(_GUARD, radius=False)))
    except DecimalException:
        return None
    if not (middle and middle.is_finite() and radius.is_finite()):
        return None
    exponent = middle.as_tuple().exponent
    assert isinstance(exponent, int)
    unit = wide.add(Decimal((0, (2,), exponent)), wide.multiply(radius, Decimal("1.000001")))
    return wide.subtract(middle, unit), wide.add(middle, unit)


def _of_decimal(number: Decimal, digits: int) -> _Rounded:
    rounded = _context(digits).plus(number)
    sign, parts, _ = rounded.as_tuple()
    text = "".join(map(str, parts)).ljust(digits, "0")
    return _Rounded(bool(sign), text, rounded.adjusted())


def _context(digits: int) -> Context:
    return Context(prec=max(digits, 1), rounding=ROUND_HALF_EVEN, Emin=MIN_EMIN, Emax=MAX_EMAX)


def _written(number: _Rounded, digits: int, padded: bool) -> str:
    """Digits with their point, or as a power of ten."""
    text = number.digits if padded else number.digits.rstrip("0") or "0"
    first, sign = number.exponent, "-" if number.negative else ""
    if -5 < first < digits:
        if first < 0:
            return f"{sign}0.{'0' * (-first - 1)}{text}"
        whole, rest = text[: first + 1].ljust(first + 1, "0"), text[first + 1 :]
        return f"{sign}{whole}.{rest}" if rest else sign + whole
    return f"{sign}{text[0]}{'.' if text[1:] else ''}{text[1:]}e{first}"


def _fixed(units: int, places: int) -> str:
    """A number of units of the last decimal."""
    return f"{units // 10**places}.{units % 10**places:0{places}}" if places else str(units)


def _whole(size: Fraction, places: int, rounding: str) -> int:
    """A positive number in units of that decimal place."""
    above, below = _scaled(size.numerator, size.denominator, places)
    if rounding == "half-even":
        return _half_even(above, below)
    return above // below if rounding == "truncate" else (2 * above + below) // (2 * below)


def _half_even(above: int, below: int) -> int:
    """A positive quotient rounded to an integer, to the even one where it lies between two."""
    units, rest = divmod(above, below)
    return units + (2 * rest > below or (2 * rest == below and units % 2 == 1))


def _scaled(above: int, below: int, power: int) -> tuple[int, int]:
    """Numerator and denominator of a number times a power of ten."""
    return (above * 10**power, below) if power >= 0 else (above, below * 10**-power)
