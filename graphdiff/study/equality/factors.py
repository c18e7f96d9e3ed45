"""Real factors of an element; complex ones are joined until they are real."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from .field import Element
from .kernels import Atom, Kernel, Workspace, Zero
from .limits import NoProof, Nowhere
from .polynomials import Polynomial, fraction

__all__ = ["Factoring", "Factors"]


class Factors(NamedTuple):
    """constant · Π atom^power; a constant 0 says that the whole is 0."""

    constant: Fraction
    powers: tuple[tuple[Atom, int], ...] = ()


class Factoring:
    """Factors within one attempt.

    ``zero`` holds the irreducible polynomials that are 0 in the case at hand.
    """

    def __init__(self, work: Workspace, zero: tuple[Zero, ...] = ()) -> None:
        self.work = work
        self.field = work.field
        self.zero = {z.key for z in zero}
        self.zeros = [work.field.polynomial(z.terms) for z in zero]
        self._atoms: dict[str, Atom] = {}
        self._factors: dict[str, Factors] = {}
        self._evident: dict[str, int] = {}
        """Signs of atoms that can be seen."""

    def factors(self, u: Element) -> Factors:
        """The real factors of a real element."""
        key = u.key
        known = self._factors.get(key)
        if known is None:
            known = self._factors[key] = self._split(u)
        return known

    def _split(self, u: Element) -> Factors:
        if not len(u.num):
            return Factors(Fraction(0))
        constant = Fraction(1)
        powers: list[tuple[Atom, int]] = []
        complex_factors: list[tuple[Polynomial, int]] = []
        units = False
        for polynomial, side in ((u.num, 1), (u.den, -1)):
            if polynomial.is_constant():
                constant *= fraction(polynomial.leading_coefficient()) ** side
                continue
            lead, found = self.field.factor(polynomial)
            constant *= fraction(lead) ** side
            for p, n in found:
                scale = p.leading_coefficient()
                if scale != 1:
                    p = p / scale  # noqa: PLW2901
                    constant *= fraction(scale) ** (side * n)
                if p.str() in self.zero:
                    if side < 0:
                        raise Nowhere
                    return Factors(Fraction(0))
                if self.work.is_real(p):
                    powers.append((self.real_atom(p), side * n))
                elif self.work.single(p) is None:
                    complex_factors.append((p, side * n))
                else:
                    units = True
        if complex_factors or units:
            return self._joined(u, powers, complex_factors)
        return Factors(constant, tuple(powers))

    def _joined(
        self,
        u: Element,
        powers: list[tuple[Atom, int]],
        complex_factors: list[tuple[Polynomial, int]],
    ) -> Factors:
        """Complex factors become real: alone, as squared moduli, or what is left as a product."""
        field = self.field
        moduli: dict[str, tuple[Atom, int]] = {}
        single: list[tuple[Atom, Polynomial]] = []
        for p, n in self._paired(powers, complex_factors):
            turned = self._turned(p)
            if turned is not None:
                powers.append((self._atom(turned, (p,)), n))
                continue
            modulus = self._modulus(p)
            moduli[modulus.key] = (modulus, moduli.get(modulus.key, (modulus, 0))[1] + n // 2)
            if n % 2:
                single.append((modulus, p))
        powers.extend([pair for pair in moduli.values() if pair[1]])
        rest = u
        for atom, n in powers:
            rest = field.multiply(rest, field.power(atom.value, -n))
        if single:
            lead = fraction(rest.num.leading_coefficient())
            value = field.scale(rest, 1 / lead)
            polynomials = tuple([p for _, p in single])
            atom = self._atom(value, polynomials, tuple([m for m, _ in single]))
            return Factors(lead, (*powers, (atom, 1)))
        constant = field.constant(rest)
        if constant is None:
            raise NoProof("a complex factor")
        return Factors(constant, tuple(powers))

    def _paired(
        self, powers: list[tuple[Atom, int]], complex_factors: list[tuple[Polynomial, int]]
    ) -> list[tuple[Polynomial, int]]:
        """The factors that are left when powers are joined: (E² − 1)² of sin²x is (sin x)²."""
        left = complex_factors
        for parity in (0, 1):
            turning = [(p, n) for p, n in left if n > 0 and n % 2 == parity]
            turning = [(p, n) for p, n in turning if self._turned(p) is None]
            together = self.field.polynomial_one
            for p, _ in turning:
                together = self.field.product(together, p)
            value = self._turned(together) if len(turning) > 1 else None
            if value is None:
                continue
            least = min(n for _, n in turning)
            polynomials = tuple([p for p, _ in turning])
            moduli = tuple([self._modulus(p) for p in polynomials])
            powers.append((self._atom(value, polynomials, moduli), least))
            joined = {p.str() for p in polynomials}
            left = [(p, n - least if p.str() in joined else n) for p, n in left]
            left = [(p, n) for p, n in left if n]
        return left

    def _turned(self, p: Polynomial) -> Element | None:
        """p over the unit complex number that makes it real, if the kernels have one."""
        field, work = self.field, self.work
        degrees = p.degrees()
        turning = work.complex_kernels(p)
        if any(degrees[k] % 2 for k in turning):
            return None
        mirrored = work.conjugate(p)
        if mirrored == p:
            num = p
        elif mirrored == -p:
            num = p * field.generators[0]
        else:
            return None
        den = field.polynomial_one
        for k in turning:
            den = den * field.generators[k] ** (degrees[k] // 2)
        value = field.make(num, den, 64)
        lead = fraction(value.num.leading_coefficient())
        return value if lead == 1 else field.scale(value, 1 / lead)

    def _modulus(self, p: Polynomial) -> Atom:
        """The atom |p|²."""
        field, work = self.field, self.work
        den = field.polynomial_one
        degrees = p.degrees()
        for k in work.complex_kernels(p):
            den = den * field.generators[k] ** degrees[k]
        value = field.make(field.product(p, work.conjugate(p)), den, 64)
        atom = self._atom(value, (p,))
        self._evident[atom.key] = 1
        return atom

    def real_atom(self, p: Polynomial) -> Atom:
        """The atom of a real irreducible polynomial."""
        return self._atom(Element(p, self.field.polynomial_one, 64), (p,))

    def _atom(
        self, value: Element, polynomials: tuple[Polynomial, ...], moduli: tuple[Atom, ...] = ()
    ) -> Atom:
        key = value.key
        atom = self._atoms.get(key)
        if atom is None:
            atom = self._atoms[key] = Atom(key, value, polynomials, moduli)
        return atom

    def product(self, atoms: list[Atom]) -> Atom:
        """The product of atoms as one atom."""
        value = self.field.one
        for atom in atoms:
            value = self.field.multiply(value, atom.value)
        polynomials = tuple([p for atom in atoms for p in atom.polynomials])
        return self._atom(value, polynomials, ())

    def joint(self) -> list[Atom]:
        """The products whose sign is known though the signs of their factors are not."""
        return [
            atom
            for atom in self._atoms.values()
            if (atom.moduli or atom.key in self.work.knowledge.products)
            and self.work.knowledge.sign(atom.key)
        ]

    def kernel_of(self, atom: Atom) -> Kernel | None:
        """The kernel that the atom is, if it is one generator."""
        if not atom.value.den.is_one():
            return None
        k = self.work.single(atom.value.num)
        return None if k is None else self.work.kernels.get(k)
