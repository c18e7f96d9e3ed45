"""Quotients of polynomials in kernels, modulo relations such as i² = −1 and √x² = x."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

from graphdiff.core.support.arithmetic import fmpq

from .limits import Budget, NoProof, Nowhere, Restart
from .polynomials import Polynomial, coefficient_bits, context, fraction

__all__ = ["Element", "Field", "Relation"]


class Element(NamedTuple):
    """numerator / denominator, without a common factor, the denominator's leading coefficient 1."""

    num: Polynomial
    den: Polynomial
    bits: int = 1
    """No coefficient has more binary digits (an upper bound, made exact when it grows large)."""

    @property
    def key(self) -> str:
        """Text that is the same for the same element of one proof."""
        return f"{self.num.str()}|{self.den.str()}"


class Relation(NamedTuple):
    """generator^period = value; the value has only generators with a lower number."""

    period: int
    value: Element


class Field:
    """Arithmetic with ``size`` generators; number 0 is i.

    >>> from graphdiff.study.equality.limits import DEFAULT
    >>> field = Field(8, Budget(DEFAULT))
    >>> i = field.generator(0)
    >>> field.multiply(i, i).num
    -1
    """

    def __init__(self, size: int, budget: Budget) -> None:
        self.size = size
        self.budget = budget
        self.limits = budget.limits
        self.context = context(size)
        self.generators = self.context.gens()
        self.polynomial_one = self.context.constant(1)
        self.zero = Element(self.context.constant(0), self.polynomial_one)
        self.one = Element(self.polynomial_one, self.polynomial_one)
        self._numbers: dict[Fraction | int, Element] = {}
        self.relations: dict[int, Relation] = {}
        self._order: list[int] = []
        self._gained = 0
        self.relate(0, 2, self.number(-1))

    # Making elements

    def number(self, value: Fraction | int) -> Element:
        """A rational number."""
        known = self._numbers.get(value)
        if known is not None:
            return known
        value = Fraction(value)
        bits = max(value.numerator.bit_length(), value.denominator.bit_length())
        if bits > self.limits.bits:
            raise NoProof("a number of too many digits")
        q = fmpq(value.numerator, value.denominator)
        made = self._numbers[value] = Element(self.context.constant(q), self.polynomial_one, bits)
        return made

    def generator(self, k: int, power: int = 1) -> Element:
        """Generator number k, to an integer power."""
        if k >= self.size:
            raise Restart
        if abs(power) > self.limits.degree:
            raise NoProof("a power too high")
        if power >= 0:
            return self.make(self.generators[k] ** power, self.polynomial_one, 1)
        return self.make(self.polynomial_one, self.generators[k] ** -power, 1)

    def relate(self, k: int, period: int, value: Element) -> None:
        """From now on, generator k to the power of ``period`` is that value."""
        if k not in self.relations:
            self.relations[k] = Relation(period, value)
            self._order = sorted(self.relations, reverse=True)

    def polynomial(self, terms: tuple[tuple[tuple[int, ...], Any], ...]) -> Polynomial:
        """A polynomial from its terms, which may come from a smaller or larger field."""
        size = self.size
        padded = {}
        for exponents, coefficient in terms:
            if any(exponents[size:]):
                raise Restart
            padded[(*exponents[:size], *[0] * (size - len(exponents)))] = coefficient
        return self.context.from_dict(padded)

    # Asking about elements

    def constant(self, a: Element) -> Fraction | None:
        """The rational number that the element is, or None."""
        if a.den.is_one() and a.num.is_constant():
            return fraction(a.num.leading_coefficient()) if len(a.num) else Fraction(0)
        return None

    # Arithmetic

    def add(self, a: Element, b: Element) -> Element:
        """a + b."""
        if a.den == b.den:
            return self.make(a.num + b.num, a.den, max(a.bits, b.bits) + 1)
        common = self._gcd(a.den, b.den)
        left, right = (a.den, b.den) if common is None else (a.den / common, b.den / common)
        num = self.product(a.num, right) + self.product(b.num, left)
        return self.make(num, self.product(a.den, right), a.bits + b.bits + 8)

    def subtract(self, a: Element, b: Element) -> Element:
        """a − b."""
        return self.add(a, self.negate(b))

    def negate(self, a: Element) -> Element:
        """−a."""
        return Element(-a.num, a.den, a.bits)

    def multiply(self, a: Element, b: Element) -> Element:
        """a·b."""
        num, den = self.product(a.num, b.num), self.product(a.den, b.den)
        return self.make(num, den, a.bits + b.bits + 8)

    def scale(self, a: Element, factor: Fraction | int) -> Element:
        """The element times a rational number."""
        return self.multiply(a, self.number(factor))

    def inverse(self, a: Element) -> Element:
        """1/a.  Raises Nowhere for 0."""
        if not len(a.num):
            raise Nowhere
        return self.make(a.den, a.num, a.bits)

    def divide(self, a: Element, b: Element) -> Element:
        """a/b."""
        return self.multiply(a, self.inverse(b))

    def power(self, a: Element, n: int) -> Element:
        """a^n by repeated multiplication; the caller bounds n."""
        if n < 0:
            a, n = self.inverse(a), -n
        result = self.one
        while n:
            if n & 1:
                result = self.multiply(result, a)
            n >>= 1
            if n:
                a = self.multiply(a, a)
        return result

    # Polynomials

    def product(self, p: Polynomial, q: Polynomial) -> Polynomial:
        """p·q, if its size is within bounds."""
        count = len(p) * len(q)
        self.budget.spend(2 + count // 10)
        if count > 40 * self.limits.terms:
            raise NoProof("too many terms")
        if count and int(p.total_degree()) + int(q.total_degree()) > self.limits.degree:
            raise NoProof("a degree too high")
        return p * q

    def polynomial_power(self, p: Polynomial, n: int) -> Polynomial:
        """p^n, bounded at every step; the coefficients of p are small."""
        if len(p) == 1 and int(p.total_degree()) * n <= self.limits.degree:
            return p**n
        if n > self.limits.power:
            raise NoProof("a power too high")
        result = self.polynomial_one
        for _ in range(n):
            result = self.product(result, p)
        return result

    def factor(self, p: Polynomial) -> tuple[Any, list[tuple[Polynomial, int]]]:
        """Constant and irreducible factors with their powers."""
        key = (self.size, p.str())
        found = self.budget.factored.get(key)
        if found is None:
            terms, degree = len(p), int(p.total_degree())
            self.budget.spend(30 + (terms * terms + degree * degree) // 2)
            if terms > 150 or degree > 120:
                raise NoProof("too large to factor")
            constant, factors = p.factor()
            found = self.budget.factored[key] = (constant, [(f, int(n)) for f, n in factors])
        return found

    def _gcd(self, p: Polynomial, q: Polynomial) -> Polynomial | None:
        """Greatest common divisor; None if it is constant."""
        if p.is_constant() or q.is_constant():
            return None
        self.budget.spend(8 + len(p) * len(q) // 4)
        if len(p) > 1 and len(q) > 1 and min(len(p), len(q)) > 150:
            raise NoProof("too large for a common divisor")
        common = p.gcd(q)
        return None if common.is_constant() else common

    def make(self, num: Polynomial, den: Polynomial, bits: int) -> Element:
        """num/den, reduced by the relations and by common factors."""
        self._gained = 0
        self.budget.spend(12 + (len(num) + len(den)) // 4)
        num, den = self._reduced(num, den)
        bits += self._gained
        if not len(den):
            raise Nowhere
        if not len(num):
            return self.zero
        if not den.is_one():
            common = self._gcd(num, den)
            if common is not None:
                num, den = num / common, den / common
            lead = den.leading_coefficient()
            if lead != 1:
                num, den = num / lead, den / lead
        if len(num) > self.limits.terms or len(den) > self.limits.terms:
            raise NoProof("too many terms")
        if bits > self.limits.bits // 4:
            bits = max(coefficient_bits(num), coefficient_bits(den))
            if bits > self.limits.bits // 4:
                raise NoProof("too many digits")
        return Element(num, den, bits)

    def _reduced(self, num: Polynomial, den: Polynomial) -> tuple[Polynomial, Polynomial]:
        num, below = self._rewritten(num)
        if den.is_constant():
            above = None
        else:
            lifted, den = self._rooted(num, den)
            den, above = self._rewritten(den)
            if lifted is not num:
                num, again = self._rewritten(lifted)
                below = again if below is None else below if again is None else below * again
        if above is None and below is None:
            return num, den
        num = num if above is None else self.product(num, above)
        den = den if below is None else self.product(den, below)
        return self._reduced(num, den)

    def _rooted(self, num: Polynomial, den: Polynomial) -> tuple[Polynomial, Polynomial]:
        """1/√x as √x/x: no power of a root alone stays below the line."""
        degrees = den.degrees()
        present = [k for k in self._order if degrees[k]]
        if not present:
            return num, den
        content = den.term_content().degrees()
        for k in present:
            if content[k]:
                missing = -int(content[k]) % self.relations[k].period
                if missing:
                    lift = self.generators[k] ** missing
                    num, den = num * lift, den * lift
        return num, den

    def _rewritten(self, p: Polynomial) -> tuple[Polynomial, Polynomial | None]:
        """The polynomial under all relations, and the denominator that this brings in."""
        below = None
        if p.is_constant():
            return p, None
        degrees = p.degrees()
        for k in self._order:
            if not len(p):
                break
            if degrees[k] >= self.relations[k].period:
                p, extra = self._substituted(p, k, degrees[k])
                if extra is not None:
                    below = extra if below is None else self.product(below, extra)
                degrees = p.degrees() if len(p) else ()
        return p, below

    def _substituted(self, p: Polynomial, k: int, degree: int) -> tuple[Polynomial, Any]:
        period, value = self.relations[k]
        times = int(degree) // period
        self.budget.spend(10 + 2 * len(p))
        if value.bits > 1:
            if times * value.bits > self.limits.bits:
                raise NoProof("too many digits")
            self._gained += times * value.bits + 8
        groups: dict[int, dict[tuple[int, ...], Any]] = {}
        for monomial, coefficient in zip(p.monoms(), p.coeffs(), strict=True):
            n, rest = divmod(int(monomial[k]), period)
            lowered = (*monomial[:k], rest, *monomial[k + 1 :])
            groups.setdefault(n, {})[lowered] = coefficient
        whole = value.den.is_one()
        result = self.zero.num
        for n, terms in groups.items():
            part = self.product(self.context.from_dict(terms), self.polynomial_power(value.num, n))
            if not whole:
                part = self.product(part, self.polynomial_power(value.den, times - n))
            result = result + part
        return result, None if whole else self.polynomial_power(value.den, times)
