"""Numbers that are exact as long as they can be, and balls else.

Exact are fractions and surds.  A ball that contains 0 may be 0 or not; ``Doubt`` remembers that
somebody had to guess, or refuses.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .surds import Surd, surd_power, surd_product, surd_sum

__all__ = [
    "BITS", "ORDER", "Doubt", "NoSeries", "ball", "certain", "divided", "equal", "exact", "known",
    "overlap", "plus", "raised", "sign", "times", "told", "whole",
]  # fmt: skip

BITS = 256
"""Precision of balls, in bits."""
ORDER = 12
"""Powers from here on are left out of expansions."""


class NoSeries(Exception):
    """The function has no expansion of this kind here, and no limit is known."""


class Doubt:
    """Whether a conclusion rests on a number that is 0 only as far as its digits tell.

    ``strict`` refuses (NoSeries) where one would.  ``wild`` is set where a term oscillates, so that
    an error bound says nothing of slopes.  Powers from ``reach`` on are left out of expansions.
    ``names`` keeps atoms for Taylor coefficients of which only balls are known, so that those of
    one function at one number are the same; without it they stay balls.
    """

    __slots__ = ("names", "raised", "reach", "strict", "wild")

    def __init__(
        self, strict: bool = False, reach: int = ORDER, names: dict[Any, Any] | None = None
    ) -> None:
        self.raised = self.wild = False
        self.strict, self.reach, self.names = strict, reach, names


def exact(value: Any) -> bool:
    """Whether a number is a fraction."""
    return isinstance(value, int | Fraction)


def known(value: Any) -> bool:
    """Whether a number is exact: a fraction or a surd."""
    return isinstance(value, int | Fraction | Surd)


def ball(value: Any) -> Any:
    """A number as a ball."""
    from graphdiff.core.support.arithmetic import arb, fmpq

    if isinstance(value, Fraction):
        return arb(fmpq(value.numerator, value.denominator))
    if isinstance(value, Surd):
        return value.ball()
    return value if isinstance(value, arb) else arb(value)


def told(value: Any) -> Any:
    """A number for others: surds are balls."""
    return value.ball() if isinstance(value, Surd) else value


def whole(value: Any) -> int | None:
    """The integer that a number is, or None."""
    if exact(value) and value == int(value):
        return int(value)
    return None


def sign(value: Any, doubt: Doubt) -> int:
    """−1, 0 or 1; a ball that may be 0 is taken for 0, in doubt, or refused."""
    if exact(value):
        return int(value > 0) - int(value < 0)
    if isinstance(value, Surd):
        side = value.sign()
        if side is not None:
            return side
        value = value.ball()
    if value > 0:
        return 1
    if value < 0:
        return -1
    if not value.is_zero():
        if doubt.strict:
            raise NoSeries
        doubt.raised = True
    return 0


def certain(value: Any) -> bool:
    """Whether a coefficient is surely not 0."""
    if exact(value):
        return bool(value != 0)
    return value.sign() is not None if isinstance(value, Surd) else not value.contains(0)


def equal(a: Any, b: Any) -> bool | None:
    """Whether two finite numbers are equal; None if that cannot be told."""
    if known(a) and known(b):
        rest = plus(a, -b)
        if exact(rest):
            return bool(rest == 0)
        return False if certain(rest) else None
    return None if ball(a).overlaps(ball(b)) else False


def overlap(a: Any, b: Any, doubt: Doubt) -> bool:
    """Whether two numbers are equal, as far as can be told."""
    same = equal(a, b)
    doubt.raised |= same is None
    return same is not False


def plus(x: Any, y: Any) -> Any:
    """x + y, exact where both are."""
    if exact(x) and exact(y):
        return x + y
    if exact(x) and x == 0:
        return y
    if exact(y) and y == 0:
        return x
    total = surd_sum(x, y) if known(x) and known(y) else None
    return ball(x) + ball(y) if total is None else total


def times(x: Any, y: Any) -> Any:
    """x·y, exact where both are, or one is 0."""
    if exact(x) and exact(y):
        return x * y
    if (exact(x) and x == 0) or (exact(y) and y == 0):
        return Fraction(0)
    if exact(x) and x == 1:
        return y
    if exact(y) and y == 1:
        return x
    product = surd_product(x, y) if known(x) and known(y) else None
    return ball(x) * ball(y) if product is None else product


def divided(x: Any, y: Any) -> Any:
    """x/y for a number that is not 0, exact where that is known."""
    if exact(y):
        return times(x, Fraction(1) / y)
    inverse = surd_power(y, Fraction(-1)) if known(y) else None
    return ball(x) / ball(y) if inverse is None else times(x, inverse)


def raised(value: Any, exponent: Any) -> Any:
    """A number to a power, exact where that is known.  Raises NoSeries where there is none."""
    from graphdiff.core.domains.ball import Balls
    from graphdiff.core.domains.floats import RATIONAL

    if known(value) and exact(exponent):
        found: Any = surd_power(value, Fraction(exponent))
        if found is None and exact(value):  # a square too large to be factored
            try:
                found = RATIONAL.pow(Fraction(value), Fraction(exponent))
            except (ArithmeticError, ValueError):
                raise NoSeries from None
        if known(found):
            return found
    n = whole(exponent)
    if n is None and not ball(value) > 0:
        raise NoSeries
    return Balls().pow(ball(value), ball(exponent))
