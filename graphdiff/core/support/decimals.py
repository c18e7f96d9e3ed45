"""Numbers as the decimals that write them exactly."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

__all__ = ["Decimal", "integer", "is_decimal", "level", "raised", "terminating", "trimmed"]

_SHORT = 15
"""Characters up to which a decimal is never written as a power of ten."""
_PLACES = 30
"""Places up to which decimals are preferred to quotients, even to shorter ones."""
_VERY_LONG = 10_000
"""Bits from which Python may refuse to write a number in decimals."""

_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LEVEL = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")


def integer(value: int) -> str:
    if value.bit_length() < _VERY_LONG:
        return str(value)
    return f"{value:#x}"  # Python refuses to write very long integers in decimals


def raised(number: int | str) -> str:
    """A whole number in superscripts.

    >>> raised(-12)
    '⁻¹²'
    """
    return str(number).replace("−", "-").translate(_RAISED)


def level(text: str) -> str:
    """A text with its superscripts on the line: ``⁻¹²`` is -12."""
    return text.translate(_LEVEL)


def trimmed(value: float, places: int = 3) -> str:
    """A measure: at most so many places, never an exponent, a zero at the end or a negative zero.

    >>> trimmed(2.5), trimmed(-0.0001), trimmed(1 / 3, 2)
    ('2.5', '0', '0.33')
    """
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def is_decimal(value: Fraction) -> bool:
    """Whether a number is printed as a decimal, not as a quotient."""
    return Decimal.of(value) is not None


def terminating(value: Fraction) -> str | None:
    """A decimal that is exact and short, or None: 1/8 is 0.125, 1/3 stays a fraction."""
    found = Decimal.of(value)
    return found.plain if found and -found.exponent <= _PLACES else None


class Decimal(NamedTuple):
    """A number that decimals write exactly: ``digits · 10^exponent``."""

    sign: str
    digits: str
    """Without zeros at the end."""
    exponent: int

    @classmethod
    def of(cls, value: float | Fraction) -> Decimal | None:
        """None for numbers that are shorter as quotients, such as 1/3.

        A double is the number that its shortest decimals say.
        """
        number = Fraction(repr(value) if isinstance(value, float) else value)
        bottom, tens = _without(10, number.denominator)
        rest, twos = _without(2, bottom)
        rest, fives = _without(5, rest)
        if rest != 1:
            return None
        places = tens + max(twos, fives)
        units, zeros = _without(10, abs(number.numerator) * 10**places // number.denominator)
        if places and units.bit_length() >= _VERY_LONG:
            return None
        found = cls("-" if number < 0 else "", integer(units), zeros - places)
        if places <= _PLACES:
            return found
        sides = abs(number.numerator).bit_length() + number.denominator.bit_length()
        return found if len(found.digits) * 3.3 <= sides else None

    @property
    def is_short(self) -> bool:
        """Whether it is to be written without a power of ten."""
        last = self.exponent
        length = len(self.digits) + last if last >= 0 else max(len(self.digits), 1 - last) + 1
        if length <= _SHORT:
            return True
        mantissa, power = self.scientific
        return length <= len(f"{mantissa}e{power}")

    @property
    def plain(self) -> str:
        """``0.125``, ``3000``."""
        if self.exponent >= 0:
            return self.sign + self.digits + "0" * self.exponent
        digits = self.digits.rjust(1 - self.exponent, "0")
        return f"{self.sign}{digits[: self.exponent]}.{digits[self.exponent :]}"

    @property
    def scientific(self) -> tuple[str, int]:
        """The mantissa and the power of ten: ``1.25``, −1."""
        first, rest = self.digits[0], self.digits[1:]
        mantissa = f"{first}.{rest}" if rest else first
        return self.sign + mantissa, self.exponent + len(rest)


def _without(factor: int, number: int) -> tuple[int, int]:
    """A positive number without this factor, and how often it had it."""
    powers = [factor]
    while number and number % powers[-1] == 0:
        powers.append(powers[-1] ** 2)
    count = 0
    for k, power in reversed(list(enumerate(powers))):
        if number and number % power == 0:
            number, count = number // power, count + 2**k
    return number, count
