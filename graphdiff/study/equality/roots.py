"""Logarithms of absolute values, roots and powers, with their signs."""

from __future__ import annotations

from fractions import Fraction

from graphdiff.core.support.arithmetic import fmpz

from .field import Element
from .kernels import Atom, Kernel, Kind, Workspace
from .limits import NoProof, Nowhere, Restart
from .signs import Signs

__all__ = ["Roots"]

FACTORED = 10**18
"""Larger integers are not factored."""


class Roots:
    """Logarithms and roots within one attempt."""

    def __init__(self, work: Workspace, signs: Signs) -> None:
        self.work = work
        self.field = work.field
        self.signs = signs

    # What is known because a value is defined

    def require(self, u: Element, *, strict: bool, zero: bool = True) -> None:
        """Take u ≥ 0 (u > 0 unless ``zero``), since a value that is needed is undefined elsewhere.

        Raises NoProof if that leaves no more than the zeros of u; also outside ``strict`` places,
        where nothing may be assumed, unless u ≥ 0 is known.
        """
        constant, powers = self.signs.factors(u)
        if not constant:
            return
        sign = self.signs.known_sign(constant, powers)
        unknown = self.signs.unknown(powers)
        subject = unknown[0] if unknown else None
        if len(unknown) > 1:
            subject = self.signs.product(unknown)
            known = self.signs.sign_of(subject)
            sign *= known or 1
            self.work.knowledge.products[subject.key] = tuple(
                [part for atom in unknown for part in atom.parts()]
            )
            subject = None if known else subject
        if subject is None:
            if sign < 0:
                # A root of u is defined at the zeros of u, which a base below 0 is not.
                flips = self.work.knowledge.flips
                below = not zero or all(n < 0 or atom.key in flips for atom, n in powers)
                if strict and flips and below:
                    raise Nowhere
                raise NoProof("nothing is defined off the zeros")
            return
        if not strict:
            raise NoProof("a sign that is not known")
        if zero:
            self._conditions([atom for atom, n in powers if n > 0 and atom not in unknown])
        self.work.knowledge.learn(subject.key, sign)

    def require_base(self, u: Element, *, strict: bool) -> bool:
        """Decide the sign of the base of a variable power; tell whether it is negative.

        Every factor is taken to be positive; that one is not is another case.
        """
        constant, powers = self.signs.factors(u)
        unknown = self.signs.unknown(powers)
        if unknown and not strict:
            raise NoProof("a sign that is not known")
        knowledge = self.work.knowledge
        for atom in unknown:
            knowledge.bases[atom.key] = 1
            knowledge.signs[atom.key] = 1
        if unknown:
            raise Restart
        return self.signs.known_sign(constant, powers) < 0

    def _conditions(self, others: list[Atom]) -> None:
        """The sign that is learned from a product holds where the other factors are not 0."""
        for atom in others:
            self.signs.exclude(atom)
        self.work.knowledge.conditions.update(self.signs.excluded)

    # Logarithms

    def log_absolute(self, u: Element) -> Element:
        """ln|u|.  Raises Nowhere for 0."""
        constant, powers = self.signs.factors(u)
        if not constant:
            raise Nowhere
        result = self.field.zero
        for prime, n in self.primes(constant):
            result = self.field.add(result, self.field.scale(self._log_number(prime), n))
        for atom, n in powers:
            result = self.field.add(result, self.field.scale(self.log_atom(atom), n))
        return result

    def _log_number(self, prime: int) -> Element:
        atom = self.number_atom(prime)
        return self.field.generator(
            self.work.kernel(f"ln({atom.key})", Kernel(Kind.LOG, None, 1, atom))
        )

    def log_atom(self, atom: Atom) -> Element:
        """ln|atom|."""
        field = self.field
        kernel = self.signs.kernel_of(atom)
        if kernel is not None:
            if kernel.kind is Kind.EXP and kernel.argument is not None:
                return field.scale(kernel.argument, Fraction(1, kernel.order))
            if kernel.kind in (Kind.ROOT, Kind.REAL_ROOT) and kernel.atom is not None:
                return field.scale(self._log_base(kernel.atom), Fraction(1, kernel.order))
            if kernel.kind is Kind.POWER and kernel.argument is not None:
                return field.scale(self.log_absolute(kernel.argument), kernel.order)
            if kernel.kind is Kind.SIDE:
                return field.zero
        if atom.moduli:
            result = field.zero
            for modulus in atom.moduli:
                result = field.add(result, field.scale(self.log_atom(modulus), Fraction(1, 2)))
            return result
        k = self.work.kernel(f"ln({atom.key})", Kernel(Kind.LOG, None, 1, atom))
        return field.generator(k)

    def _log_base(self, atom: Atom) -> Element:
        constant = self.field.constant(atom.value)
        return self.log_atom(atom) if constant is None else self.log_absolute(atom.value)

    def primes(self, number: Fraction) -> list[tuple[int, int]]:
        """Prime factors of |number| with their powers."""
        found: list[tuple[int, int]] = []
        for whole, side in ((abs(number.numerator), 1), (number.denominator, -1)):
            if whole > FACTORED:
                found.append((whole, side))
            elif whole > 1:
                self.field.budget.spend(40)
                found.extend([(int(p), side * int(n)) for p, n in fmpz(whole).factor()])
        return found

    def number_atom(self, number: int) -> Atom:
        """A positive integer as an atom."""
        return Atom(f"#{number}", self.field.number(number), ())

    # Powers of absolute values

    def absolute_power(self, atom: Atom, power: Fraction) -> Element:
        """|atom|^power."""
        field = self.field
        kernel = self.signs.kernel_of(atom) if not atom.key.startswith("#") else None
        if kernel is not None and kernel.kind is Kind.EXP and kernel.argument is not None:
            return self.exponential(kernel.argument, power / kernel.order)
        if kernel is not None and kernel.kind is Kind.ROOT and kernel.atom is not None:
            return self.absolute_power(kernel.atom, power / kernel.order)
        if kernel is not None and kernel.kind is Kind.REAL_ROOT and kernel.atom is not None:
            return self.absolute_power(kernel.atom, power / kernel.order)
        if kernel is not None and kernel.kind is Kind.SIDE:
            return field.one
        if power.denominator == 1:
            n = self._bounded(power.numerator)
            result = field.power(atom.value, n)
            return result if n % 2 == 0 else field.multiply(result, self._side(atom))
        if atom.moduli and not self.signs.sign_of(atom):
            result = field.one
            for modulus in atom.moduli:
                result = field.multiply(result, self.absolute_power(modulus, power / 2))
            return result
        order = self.work.knowledge.order(f"root({atom.key})", power.denominator)
        return self._root(atom, order, self._bounded(int(power * order)))

    def _bounded(self, n: int) -> int:
        if abs(n) > self.field.limits.degree:
            raise NoProof("a power too high")
        return n

    def _side(self, atom: Atom) -> Element:
        return self.field.one if atom.key.startswith("#") else self.signs.side(atom)

    def _root(self, atom: Atom, order: int, n: int) -> Element:
        """|atom|^(n/order)."""
        field = self.field
        sign = 1 if atom.key.startswith("#") else self.signs.sign_of(atom)
        if sign:
            k = self._root_kernel(Kind.ROOT, atom, order)
            field.relate(k, order, field.scale(atom.value, sign))
            return field.generator(k, n)
        twos = order & -order
        odd = order // twos
        base = field.multiply(self.signs.side(atom), self._real_root(atom, odd))
        if twos == 1:
            return field.power(base, n)
        k = self._root_kernel(Kind.ROOT, atom, order)
        field.relate(k, twos, base)
        return field.generator(k, n)

    def _real_root(self, atom: Atom, order: int) -> Element:
        if order == 1:
            return atom.value
        k = self._root_kernel(Kind.REAL_ROOT, atom, order)
        self.field.relate(k, order, atom.value)
        return self.field.generator(k)

    def _root_kernel(self, kind: Kind, atom: Atom, order: int) -> int:
        key = f"{kind.name}{order}({atom.key})"
        return self.work.kernel(key, Kernel(kind, None, order, atom))

    def signed_power(self, atom: Atom, power: Fraction) -> Element:
        """atom^power by the real root; the denominator is odd."""
        field = self.field
        n = power.numerator
        kernel = self.signs.kernel_of(atom)
        sign = self.signs.sign_of(atom)
        if sign:
            result = self.absolute_power(atom, power)
            return field.negate(result) if sign < 0 and n % 2 else result
        if power.denominator == 1 or (kernel is not None and kernel.kind is Kind.SIDE):
            return field.power(atom.value, self._bounded(n))
        if kernel is not None and kernel.kind is Kind.REAL_ROOT and kernel.atom is not None:
            return self.signed_power(kernel.atom, power / kernel.order)
        order = self.work.knowledge.order(f"root({atom.key})", power.denominator)
        odd = order // (order & -order)
        return field.power(self._real_root(atom, odd), self._bounded(int(power * odd)))

    # Powers

    def power(self, u: Element, power: Fraction, *, real: bool, strict: bool) -> Element:
        """u^power; with ``real``, odd roots of negative numbers are real."""
        if power.denominator == 1:
            return self.integer_power(u, power.numerator)
        even = power.denominator % 2 == 0
        if even or not real:
            self.require(u, strict=strict)
        constant, powers = self.signs.factors(u)
        if not constant:
            if power < 0:
                raise Nowhere
            return self.field.zero
        negative = constant < 0 and not even and power.numerator % 2 == 1
        result = self.field.number(-1 if negative else 1)
        for prime, n in self.primes(constant):
            share = self.absolute_power(self.number_atom(prime), n * power)
            result = self.field.multiply(result, share)
        rule = self._even_root if even else self._odd_root
        return self.field.multiply(result, rule(powers, power))

    def _odd_root(self, powers: tuple[tuple[Atom, int], ...], power: Fraction) -> Element:
        result = self.field.one
        for atom, n in powers:
            result = self.field.multiply(result, self.signed_power(atom, n * power))
        return result

    def _even_root(self, powers: tuple[tuple[Atom, int], ...], power: Fraction) -> Element:
        """The product of all atoms is not negative, though single ones may be."""
        unknown = self.signs.unknown(powers)
        together = unknown if len(unknown) > 1 else []
        result = self.field.one
        if together:
            result = self.absolute_power(self.signs.product(together), power)
        for atom, n in powers:
            left = n - 1 if atom in together else n
            result = self.field.multiply(result, self.absolute_power(atom, left * power))
        return result

    def integer_power(self, u: Element, n: int) -> Element:
        """u^n; high powers of sums are kernels."""
        size = max(len(u.num), len(u.den))
        if abs(n) > self.field.limits.power and size > 1:
            return self._high_power(u, n)
        if abs(n) > self.field.limits.power and self.field.constant(u) not in (0, 1, -1):
            degree = max(int(u.num.total_degree()), int(u.den.total_degree()))
            if degree * abs(n) > self.field.limits.degree or (u.bits > 1 and abs(n) > 600):
                return self._high_power(u, n)
        return self.field.power(u, n)

    def _high_power(self, u: Element, n: int) -> Element:
        """u^n as a kernel, times a low power of u; kernels of one base share their exponent."""
        if n < 0:
            return self.field.inverse(self._high_power(u, -n))
        powers = self.work.knowledge.powers
        smallest = powers.setdefault(u.key, n)
        if n < smallest:
            powers[u.key] = n
            raise Restart
        extra = n - smallest
        if extra > self.field.limits.power:
            smallest, extra = n, 0
        k = self.work.kernel(f"({u.key})^{smallest}", Kernel(Kind.POWER, u, smallest))
        return self.field.multiply(self.field.generator(k), self.field.power(u, extra))

    # Exponentials of real arguments

    def exponential(self, t: Element, factor: Fraction) -> Element:
        """exp(factor·t)."""
        order = self.work.knowledge.order(f"exp({t.key})", factor.denominator)
        k = self.work.kernel(f"exp({t.key})/{order}", Kernel(Kind.EXP, t, order))
        return self.field.generator(k, self._bounded(int(factor * order)))
