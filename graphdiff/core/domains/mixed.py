"""Exact rationals where the result is one, balls elsewhere: a program's numbers in one sweep."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from .ball import Balls
from .base import FUNCTIONS, Kind, Number
from .floats import RATIONAL
from .scaled import beyond_doubles

__all__ = ["Mixed", "Undecided", "mixed"]


class Undecided(Exception):
    """Balls do not tell which of two numbers is larger, or numbers leave the range of this domain:
    others must look more closely."""


class Mixed(Kind):
    """``RATIONAL`` with a ball wherever that has a double.

    Exact numbers are flint's rationals, which compute with balls.  The ball of a number is at
    flint's precision of the moment.

    >>> from graphdiff.core.domains.ball import working_precision
    >>> with working_precision(64):
    ...     print(mixed().sqrt(mixed().number(4)), mixed().exp(mixed().number(0)))
    2 1
    """

    name = "mixed"
    encloses = True

    def __init__(self) -> None:
        self.balls = Balls()
        self.inexact = self.arb = self.balls.arb
        self.fmpq = self.balls.fmpq
        for name in set(FUNCTIONS).difference(vars(Mixed)):
            # A method of arb needs no frame of its own.
            in_balls = getattr(self.arb, name, None) or getattr(self.balls, name)
            setattr(self, name, self._function(getattr(RATIONAL, name), in_balls))

    def _function(self, exact: Any, in_balls: Any) -> Callable[[Any], Any]:
        arb = self.arb

        def function(x: Number) -> Number:
            if x.__class__ is arb:
                return in_balls(x)
            found = exact(self.fraction(x))
            return in_balls(arb(x)) if found.__class__ is float else self.number(found)

        return function

    def fraction(self, x: Number) -> Fraction:
        """An exact number as Python's."""
        return Fraction(x) if x.__class__ is int else Fraction(int(x.p), int(x.q))

    @property
    def pi(self) -> Number:
        return self.balls.pi

    def number(self, value: Any) -> Number:
        kind = value.__class__
        if kind is Fraction:
            return self.fmpq(value.numerator, value.denominator)
        if kind is int:
            return self.fmpq(value)
        return value if kind is self.fmpq else self.balls.number(value)

    def settle(self, value: Any) -> Any:
        """An integer as a rational, and a ball for a rational that has outgrown the limit."""
        if value.__class__ is self.arb:
            return value
        if value.__class__ is self.fmpq:
            bits = RATIONAL.bits
            if 2 * value.height_bits() > bits and _bits(value) > bits:
                if beyond_doubles(self.fraction(value)):
                    raise Undecided
                return self.arb(value)
            return value
        return self.fmpq(value) if value.__class__ is int else value

    def matrix(self, rows: list[list[Any]]) -> Any:
        if any(v.__class__ is not self.fmpq for row in rows for v in row):
            return self.balls.matrix(rows)
        from graphdiff.core.support.arithmetic import fmpq_mat

        return fmpq_mat(rows)

    def abs(self, x: Number) -> Number:
        return abs(x)

    def sign(self, x: Number) -> Number:
        return self.compare("gt", x, 0) - self.compare("lt", x, 0)

    def floor(self, x: Number) -> Number:
        return x.floor() if x.__class__ is self.arb else self.fmpq(x.floor())

    def ceil(self, x: Number) -> Number:
        return x.ceil() if x.__class__ is self.arb else self.fmpq(x.ceil())

    def atan2(self, y: Number, x: Number) -> Number:
        if x == 0 and y == 0:
            raise ValueError("atan2(0, 0)")
        return self._of_two(RATIONAL.atan2, self.balls.atan2, y, x)

    def pow(self, x: Number, y: Number) -> Number:
        return self._of_two(RATIONAL.pow, self.balls.pow, x, y)

    def _of_two(self, exact: Any, in_balls: Any, x: Number, y: Number) -> Number:
        arb = self.arb
        if x.__class__ is not arb is not y.__class__:
            found = exact(self.fraction(x), self.fraction(y))
            if found.__class__ is not float:
                return self.number(found)
        return in_balls(arb(x), arb(y))

    def max(self, *xs: Number) -> Number:
        top = xs[0]
        for x in xs[1:]:
            top = x if self.compare("gt", x, top) else top
        return top

    def min(self, *xs: Number) -> Number:
        low = xs[0]
        for x in xs[1:]:
            low = x if self.compare("lt", x, low) else low
        return low

    def compare(self, name: str, x: Number, y: Number) -> Number:
        arb = self.arb
        if x.__class__ is arb or y.__class__ is arb:
            x, y = (z if z.__class__ is arb else arb(z) for z in (x, y))
            known = self.balls.compare(name, x, y)
            if known is None:
                raise Undecided
            return known
        return RATIONAL.compare(name, x, y)

    def where(self, condition: Number, x: Number, y: Number) -> Number:
        return x if condition else y


def _bits(value: Any) -> int:
    return int(value.p).bit_length() + int(value.q).bit_length()


@cache
def mixed() -> Mixed:
    """The domain, which looks up flint's functions once."""
    return Mixed()
