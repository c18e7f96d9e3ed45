"""Exact numbers beyond fractions: sums of fractions times roots of primes, powers of π and atoms.

Products ∏ p^e of distinct primes with exponents 0 ≤ e < 1 are linearly independent over the
fractions (Besicovitch 1940, On the linear independence of fractional powers of integers), and π is
transcendental over all of them (Lindemann 1882).  So such a sum is 0 only if it has no terms, which
no ball could tell.  An *atom* stands for one number of which only a ball is
known, e^y say: 2e^y − e^y − e^y is 0 whatever it is; what is not 0 in form is left to balls.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import count
from typing import Any

__all__ = ["PI", "Surd", "atom", "surd_power", "surd_product", "surd_sum"]

_PI = 0
"""Stands for π where a prime stands else; atoms are negative."""
_NAMES = count(1)
_TERMS = 24
_FEW = 8
"""Sums that are longer are left to balls; those with atoms earlier."""
_FACTORED = 1 << 64
"""Numbers that are factored."""
_DIGITS = 4096
"""Bits of precision at which the sign of a sum is sought at most."""

Monomial = tuple[tuple[int, Fraction], ...]


class Surd:
    """An irrational sum; what turns out rational is a Fraction (``_made``).

    It is greater or less than another number only where that is certain.
    """

    __slots__ = ("atoms", "terms")

    def __init__(self, terms: dict[Monomial, Fraction], atoms: Mapping[int, Any]) -> None:
        self.terms, self.atoms = terms, atoms

    def __repr__(self) -> str:
        return f"Surd({self.terms})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Surd) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(frozenset(self.terms.items()))

    def __lt__(self, other: Exact) -> bool:
        return _side(self, other) == -1

    def __gt__(self, other: Exact) -> bool:
        return _side(self, other) == 1

    def __le__(self, other: Exact) -> bool:
        return self == other or self < other

    def __ge__(self, other: Exact) -> bool:
        return self == other or self > other

    def __neg__(self) -> Surd:
        return Surd({key: -value for key, value in self.terms.items()}, self.atoms)

    def ball(self) -> Any:
        """The number as a ball, at flint's precision."""
        from graphdiff.core.support.arithmetic import arb, fmpq

        total = arb(0)
        for key, value in self.terms.items():
            term = arb(fmpq(value.numerator, value.denominator))
            for base, e in key:
                if base <= _PI:
                    term *= (self.atoms[base] if base else arb.pi()) ** int(e)
                else:
                    term *= arb(base).root(e.denominator) ** e.numerator
            total += term
        return total

    def sign(self) -> int | None:
        """−1 or 1, for without atoms it is not 0; None if no digits that are tried tell."""
        from graphdiff.core.support.arithmetic import ctx

        before = ctx.prec
        try:
            while ctx.prec <= _DIGITS:
                value = self.ball()
                if value > 0 or value < 0:
                    return 1 if value > 0 else -1
                if self.atoms:
                    break
                ctx.prec *= 2
        finally:
            ctx.prec = before
        return None

    def turns(self) -> Fraction | None:
        """q where the number is q·π."""
        [(key, value), *more] = self.terms.items()
        return value if not more and key == ((_PI, Fraction(1)),) else None


def _side(x: Surd, y: Exact) -> int | None:
    """The sign of x − y; None, as of balls that overlap, where no digits that are tried tell."""
    rest = surd_sum(x, -y)
    if isinstance(rest, Surd):
        return rest.sign()
    return None if rest is None else (rest > 0) - (rest < 0)


PI = Surd({((_PI, Fraction(1)),): Fraction(1)}, {})


def atom(value: Any) -> Surd:
    """A new atom for one ball."""
    name = -next(_NAMES)
    return Surd({((name, Fraction(1)),): Fraction(1)}, {name: value})


Exact = int | Fraction | Surd


def _made(terms: Mapping[Monomial, Fraction], *parts: Exact) -> Fraction | Surd | None:
    kept = {key: value for key, value in terms.items() if value}
    if set(kept) <= {()}:
        return Fraction(kept.get((), 0))
    atoms: dict[int, Any] = {}
    for part in parts:
        if isinstance(part, Surd):
            atoms |= part.atoms
    if atoms:
        used = {base for key in kept for base, _ in key}
        atoms = {base: value for base, value in atoms.items() if base in used}
    return Surd(kept, atoms) if len(kept) <= (_FEW if atoms else _TERMS) else None


def _terms(x: Exact) -> Mapping[Monomial, Fraction]:
    return x.terms if isinstance(x, Surd) else {(): Fraction(x)}


def surd_sum(x: Exact, y: Exact) -> Fraction | Surd | None:
    """x + y, or None for a long one."""
    terms = dict(_terms(x))
    for key, value in _terms(y).items():
        terms[key] = terms.get(key, Fraction(0)) + value
    return _made(terms, x, y)


def surd_product(x: Exact, y: Exact) -> Fraction | Surd | None:
    """x·y, or None for a long one."""
    terms: dict[Monomial, Fraction] = {}
    for a, p in _terms(x).items():
        for b, q in _terms(y).items():
            key, factor = _joined(a, b)
            terms[key] = terms.get(key, Fraction(0)) + p * q * factor
    return _made(terms, x, y)


def _joined(a: Monomial, b: Monomial) -> tuple[Monomial, Fraction]:
    """The product of two monomials, and the whole powers of primes that it makes."""
    powers = dict(a)
    factor = Fraction(1)
    for base, e in b:
        powers[base] = powers.get(base, Fraction(0)) + e
    for base, e in list(powers.items()):
        whole = 0 if base <= _PI else e.numerator // e.denominator
        factor *= Fraction(base) ** whole if whole else 1
        powers[base] = e - whole
    return tuple(sorted((base, e) for base, e in powers.items() if e)), factor


def surd_power(x: Exact, exponent: Fraction) -> Fraction | Surd | None:
    """x^exponent for one term, positive where the exponent is no integer; None for others.

    >>> surd_power(8, Fraction(1, 2)), surd_power(Fraction(4, 9), Fraction(-1, 2))
    (Surd({((2, Fraction(1, 2)),): Fraction(2, 1)}), Fraction(3, 2))
    """
    if len(_terms(x)) != 1 or exponent.denominator > 64 or abs(exponent) > 64:
        return None
    [(key, value)] = _terms(x).items()
    if not value or (value < 0 and exponent.denominator > 1):
        return None
    powers = {base: e * exponent for base, e in key}
    if any(base <= _PI and e.denominator > 1 for base, e in powers.items()):
        return None
    if exponent.denominator == 1:
        scale = value**exponent.numerator
    else:
        scale = Fraction(1)
        for number, way in ((value.numerator, 1), (value.denominator, -1)):
            found = _factors(number)
            if found is None:
                return None
            for prime, count in found:
                powers[prime] = powers.get(prime, Fraction(0)) + way * count * exponent
    made, factor = _joined((), tuple(powers.items()))
    return _made({made: factor * scale}, x)


def _factors(n: int) -> list[tuple[int, int]] | None:
    from graphdiff.core.support.arithmetic import fmpz

    if n > _FACTORED:
        return None
    return [(int(p), int(count)) for p, count in fmpz(n).factor()]
