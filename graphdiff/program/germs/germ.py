"""What a function does just beside a point: expansions in t → 0, t > 0.

A germ is a finite sum of terms c·t^α·(ln t)^β with rational α and an error O(t^order), as in
Gruntz 1996, On Computing Limits in a Symbolic Manipulation System, restricted to powers and
logarithms.  What grows faster than every power is a ``Tail``.
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from .coefficients import Doubt, NoSeries, ball, divided, exact, plus, raised, sign, times, whole

__all__ = ["Germ", "NoSeries", "Tail", "inverse", "power"]

_LONGEST = 40
"""Terms of a Taylor series that are composed at most."""

Key = tuple[Fraction, int]


class Tail:
    """No expansion in powers: growth to ±∞ beyond every power of 1/t."""

    __slots__ = ("limit",)

    def __init__(self, limit: float) -> None:
        self.limit = limit

    def __repr__(self) -> str:
        return f"Tail({self.limit})"

    def __neg__(self) -> Tail:
        return Tail(-self.limit)


class Germ:
    """A sum of terms; ``order`` is infinite for a finite sum that is exact.

    ``flat`` says that something smaller than every power of t, like e^(−1/t), may be left out.
    """

    __slots__ = ("doubt", "flat", "order", "terms")

    def __init__(
        self, terms: dict[Key, Any], order: float | Fraction, doubt: Doubt, flat: bool = False
    ) -> None:
        self.doubt, self.flat = doubt, flat
        reach = doubt.reach
        cut = [key for key in terms if key[0] >= reach or key[0] >= order]
        if any(key[0] < order for key in cut):
            order = reach
        self.terms = {
            key: value
            for key, value in terms.items()
            if key not in cut and not (exact(value) and value == 0)
        }
        self.order = order

    @classmethod
    def constant(cls, value: Any, doubt: Doubt) -> Germ:
        """A germ that does not depend on t."""
        return cls({(Fraction(0), 0): value}, math.inf, doubt)

    def at(self, alpha: Fraction | int, beta: int = 0) -> Any:
        """One coefficient."""
        return self.terms.get((Fraction(alpha), beta), Fraction(0))

    def leading(self) -> tuple[Key, Any] | None:
        """The term that wins as t → 0; None for 0 (as far as the expansion goes)."""
        for key in sorted(self.terms, key=lambda key: (key[0], -key[1])):
            if sign(self.terms[key], self.doubt):
                return key, self.terms[key]
        return None

    @property
    def zero(self) -> bool:
        """Whether it is 0 throughout, and nothing is left out."""
        return not self.terms and self.order == math.inf and not self.flat

    @property
    def limit(self) -> Any:
        """The value at t → 0: a number, or ±inf."""
        if self.doubt.strict and self.order > 0 and all(
            a > 0 or (a == 0 and b == 0) for a, b in self.terms
        ):  # fmt: skip
            return self.at(0)  # whether it is 0 need not be known
        found = self.leading()
        if found is None:
            if self.order <= 0:
                raise NoSeries
            return Fraction(0)
        (alpha, beta), value = found
        if alpha > 0:
            return Fraction(0)
        if alpha == 0 and beta == 0:
            return value
        return sign(value, self.doubt) * (-1) ** beta * math.inf

    def sign(self) -> int:
        """The sign for small t; 0, in doubt, where the expansion does not tell."""
        found = self.leading()
        if found is None:
            if self.doubt.strict and not self.zero:
                raise NoSeries
            return 0
        (_, beta), value = found
        return -sign(value, self.doubt) if beta % 2 else sign(value, self.doubt)

    def __neg__(self) -> Germ:
        terms = {key: -value for key, value in self.terms.items()}
        return Germ(terms, self.order, self.doubt, self.flat)

    def __add__(self, other: Any) -> Germ:
        other = self._read(other)
        terms = dict(self.terms)
        for key, value in other.terms.items():
            terms[key] = plus(terms[key], value) if key in terms else value
        return Germ(terms, min(self.order, other.order), self.doubt, self.flat or other.flat)

    def __mul__(self, other: Any) -> Germ:
        other = self._read(other)
        order = min(self.order + other._least, other.order + self._least)
        terms: dict[Key, Any] = {}
        for (a, m), x in self.terms.items():
            for (b, n), y in other.terms.items():
                if a + b < order:
                    key = (a + b, m + n)
                    product = times(x, y)
                    terms[key] = plus(terms[key], product) if key in terms else product
        flat = (self.flat or other.flat) and not (self.zero or other.zero)
        return Germ(terms, order, self.doubt, flat)

    def _read(self, other: Any) -> Germ:
        return other if isinstance(other, Germ) else Germ.constant(Fraction(other), self.doubt)

    def __radd__(self, other: Any) -> Germ:
        return self._read(other) + self

    def __sub__(self, other: Any) -> Germ:
        return self + -self._read(other)

    def __rsub__(self, other: Any) -> Germ:
        return self._read(other) + -self

    def __rmul__(self, other: Any) -> Germ:
        return self._read(other) * self

    def __truediv__(self, other: Any) -> Germ:
        return self * inverse(self._read(other))

    def __rtruediv__(self, other: Any) -> Germ:
        return self._read(other) * inverse(self)

    def scaled(self, factor: Any) -> Germ:
        """Times a number."""
        return Germ(
            {key: times(value, factor) for key, value in self.terms.items()},
            self.order, self.doubt, self.flat,
        )  # fmt: skip

    def shifted(self, alpha: Fraction) -> Germ:
        """Times t^alpha."""
        terms = {(a + alpha, b): value for (a, b), value in self.terms.items()}
        return Germ(terms, self.order + alpha, self.doubt, self.flat)

    @property
    def _least(self) -> Fraction | float:
        return min((a for a, _ in self.terms), default=self.order)

    def split(self) -> tuple[Fraction, Any, Germ]:
        """The germ as c·t^α·(1 + s); raises NoSeries for 0 and for leading logarithms."""
        found = self.leading()
        if found is None or found[0][1] or any(
            b for a, b in self.terms if a == found[0][0]
        ):  # fmt: skip
            raise NoSeries
        (alpha, _), value = found
        rest = {(a - alpha, b): divided(x, value) for (a, b), x in self.terms.items() if a > alpha}
        return alpha, value, Germ(rest, self.order - alpha, self.doubt, self.flat)

    def composed(self, taylor: Any) -> Germ:
        """Σ φ_k s^k for this germ s, which goes to 0; ``taylor(n)`` gives φ_0 … φ_(n−1)."""
        low = self._least
        if low <= 0:
            raise NoSeries
        reach = self.doubt.reach
        count = min(_LONGEST, math.floor(reach / low) + 2) if self.terms else 1
        order = min(self.order, reach, count * low) if self.terms else self.order
        numbers = taylor(count)
        total = Germ.constant(numbers[0], self.doubt)
        grown = Germ.constant(Fraction(1), self.doubt)
        for number in numbers[1:]:
            grown = grown * self
            total = total + grown.scaled(number)
        return Germ(total.terms, order, self.doubt, self.flat)


def inverse(u: Germ) -> Germ:
    """1/u.  Raises NoSeries where u is 0 or led by a logarithm."""
    alpha, value, rest = u.split()
    series = (-rest).composed(lambda n: [Fraction(1)] * n)
    return series.scaled(divided(Fraction(1), value)).shifted(-alpha)


def power(u: Germ, exponent: Any) -> Germ:
    """u^exponent for a constant exponent.  Raises NoSeries where it has no value beside the
    point."""
    n = whole(exponent)
    if n is not None and 0 <= n <= 64:
        result = Germ.constant(Fraction(1), u.doubt)
        for bit in f"{n:b}":
            result = result * result
            if bit == "1":
                result = result * u
        return result
    if u.zero and exact(exponent) and exponent > 0:
        return u
    alpha, value, rest = u.split()
    if not exact(exponent) and alpha:
        raise NoSeries
    series = rest.composed(lambda count: _binomials(exponent, count))
    lead = raised(value, exponent)
    return series.scaled(lead).shifted(alpha * exponent if alpha else Fraction(0))


def _binomials(exponent: Any, count: int) -> list[Any]:
    numbers: list[Any] = [Fraction(1)]
    for k in range(1, count):
        factor = exponent - (k - 1) if exact(exponent) else ball(exponent) - (k - 1)
        numbers.append(divided(times(numbers[-1], factor), Fraction(k)))
    return numbers
