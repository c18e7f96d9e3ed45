"""Signs of real quantities, and the cases in which one of them is 0."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from .factors import Factoring
from .field import Element
from .kernels import Atom, Kernel, Kind, Workspace, Zero
from .limits import Nowhere
from .polynomials import Polynomial

__all__ = ["Signs"]

NOT_NEGATIVE = (Kind.EXP, Kind.POSITIVE, Kind.ROOT)
NEVER_ZERO = (Kind.EXP, Kind.POSITIVE, Kind.SIDE)
ROOTS = (Kind.ROOT, Kind.REAL_ROOT)
HALF = Fraction(1, 2)


class Signs(Factoring):
    """Factors and signs within one attempt.

    Steps that are right only where a polynomial is not 0 note it in ``excluded``: that it is 0 is
    a case of its own.
    """

    def __init__(self, work: Workspace, zero: tuple[Zero, ...] = ()) -> None:
        super().__init__(work, zero)
        self.excluded: dict[str, Zero] = dict(work.knowledge.conditions)

    def sign_of(self, atom: Atom) -> int:
        """The sign of an atom wherever it is not 0; 0 if it is not known."""
        known = self.work.knowledge.sign(atom.key)
        if known:
            return known
        kernel = self.kernel_of(atom)
        if kernel is not None and kernel.kind is Kind.REAL_ROOT and kernel.atom is not None:
            return self.sign_of(kernel.atom)
        evident = self._evident.get(atom.key)
        if evident is None:
            evident = self._evident[atom.key] = self._look(atom)
        return evident

    def known_sign(self, constant: Fraction, powers: tuple[tuple[Atom, int], ...]) -> int:
        """The sign of the constant and of those factors whose sign is known."""
        sign = 1 if constant > 0 else -1
        for atom, n in powers:
            if n % 2:
                sign *= self.sign_of(atom) or 1
        return sign

    def unknown(self, powers: tuple[tuple[Atom, int], ...]) -> list[Atom]:
        """Factors of odd power and unknown sign, without those that make an absolute value."""
        found = {atom.key: atom for atom, n in powers if n % 2 and not self.sign_of(atom)}
        for atom in list(found.values()):
            kernel = self.kernel_of(atom)
            base = None if kernel is None or kernel.kind is not Kind.SIDE else kernel.atom
            if base is not None and base.key in found:
                del found[atom.key], found[base.key]
        return list(found.values())

    def _look(self, atom: Atom) -> int:
        """1 for a sum of terms that cannot be negative."""
        p = atom.value.num
        if not atom.value.den.is_one() or not self.work.is_real(p):
            return 0
        if any(c < 0 for c in p.coeffs()):
            return 0
        odd = {k for monomial in p.monoms() for k, n in enumerate(monomial) if n % 2}
        return int(all(self._not_negative(k) for k in odd))

    def _not_negative(self, k: int) -> bool:
        kernel = self.work.kernels[k]
        if kernel.kind in NOT_NEGATIVE or (kernel.kind is Kind.POWER and kernel.order % 2 == 0):
            return True
        generator = Element(self.field.generators[k], self.field.polynomial_one)
        return self.work.knowledge.sign(generator.key) > 0

    def exclude(self, atom: Atom) -> None:
        """From here on the atom is taken not to be 0; that it is, is another case."""
        kernel = self.kernel_of(atom)
        if kernel is not None and kernel.kind in NEVER_ZERO:
            # x^y is exp(y·ln x) but for x = 0.
            for base in self._bases(kernel):
                self.exclude(base)
            return
        if kernel is not None and kernel.kind in ROOTS and kernel.atom is not None:
            atom = kernel.atom
        for p in atom.polynomials:
            if not self._never_zero(p):
                key = p.str()
                terms = tuple(zip(p.monoms(), p.coeffs(), strict=True))
                self.excluded[key] = Zero(key, terms)

    def _bases(self, kernel: Kernel) -> list[Atom]:
        """Atoms whose logarithms occur in the exponent of an exponential."""
        if kernel.argument is None or kernel.kind is not Kind.EXP:
            return []
        kernels = self.work.kernels
        degrees = zip(kernel.argument.num.degrees(), kernel.argument.den.degrees(), strict=True)
        used = [kernels[k] for k, pair in enumerate(degrees) if any(pair)]
        found = [other.atom for other in used if other.kind is Kind.LOG and other.atom is not None]
        return [atom for atom in found if not atom.key.startswith("#")]

    def _never_zero(self, p: Polynomial) -> bool:
        """Whether p is a sum of squares and a positive number."""
        if not self.work.is_real(p) or any(c < 0 for c in p.coeffs()):
            return False
        monomials = p.monoms()
        if any(monomials[-1]) and not self._positive_monomial(monomials):
            return False
        odd = {k for monomial in monomials for k, n in enumerate(monomial) if n % 2}
        return all(self._not_negative(k) for k in odd)

    def _positive_monomial(self, monomials: list[tuple[int, ...]]) -> bool:
        positive = {
            k
            for k, kernel in self.work.kernels.items()
            if kernel.kind is Kind.POSITIVE or (kernel.kind is Kind.EXP and not self._bases(kernel))
        }
        return any(
            all(k in positive for k, n in enumerate(monomial) if n) for monomial in monomials
        )

    def side(self, atom: Atom) -> Element:
        """1 where the atom is positive, else −1: |atom| = side·atom everywhere."""
        known = self.sign_of(atom)
        if known:
            return self.field.number(known)
        kernel = self.kernel_of(atom)
        if kernel is not None and kernel.kind is Kind.SIDE:
            return atom.value
        if kernel is not None and kernel.kind is Kind.REAL_ROOT and kernel.atom is not None:
            return self.side(kernel.atom)
        k = self.work.kernel(f"side({atom.key})", Kernel(Kind.SIDE, atom.value, 1, atom))
        self.field.relate(k, 2, self.field.one)
        return self.field.generator(k)

    # Functions of a choice are the choice of the functions: sign(relu(x)) is step(x)

    def _by_side(self, rule: Callable[[Element], Element], u: Element) -> Element:
        """rule(u), one after the other for both sides of the kinks in u."""
        field = self.field
        if not len(u.num):
            return rule(u)  # FLINT's degrees of 0 are −1.
        degrees = [sum(pair) for pair in zip(u.num.degrees(), u.den.degrees(), strict=True)]
        kernels = self.work.kernels
        sides = [k for k, n in enumerate(degrees) if n and kernels[k].kind is Kind.SIDE]
        if not sides or len(sides) > 3:
            return rule(u)
        k = sides[0]
        left, right = [self._at_side(rule, u, k, value) for value in (-1, 1)]
        if left is None or right is None:
            if left is right:
                raise Nowhere
            return right if left is None else left  # type: ignore[return-value]
        middle = field.scale(field.add(left, right), HALF)
        half = field.scale(field.subtract(right, left), HALF)
        return field.add(middle, field.multiply(field.generator(k), half))

    def _at_side(
        self, rule: Callable[[Element], Element], u: Element, k: int, value: int
    ) -> Element | None:
        name = f"g{k}"
        num, den = u.num.subs({name: value}), u.den.subs({name: value})
        try:
            return self._by_side(rule, self.field.make(num, den, u.bits + 1))
        except Nowhere:
            return None

    def sign(self, u: Element) -> Element:
        """The sign of u."""
        return self._by_side(self._sign, u)

    def positive(self, u: Element) -> Element:
        """1 where u > 0, else 0."""
        return self._by_side(self._positive, u)

    def absolute(self, u: Element) -> Element:
        """|u|."""
        return self._by_side(self._absolute, u)

    def _sign(self, u: Element) -> Element:
        constant, powers = self.factors(u)
        result = self.field.number((constant > 0) - (constant < 0))
        for atom, n in powers:
            if n > 0:
                self.exclude(atom)
            if n % 2:
                result = self.field.multiply(result, self.side(atom))
        return result

    def is_zero(self, u: Element) -> Element:
        """1 where u = 0, else 0."""
        constant, powers = self.factors(u)
        if not constant:
            return self.field.one
        for atom, n in powers:
            if n > 0:
                self.exclude(atom)
        return self.field.zero

    def _positive(self, u: Element) -> Element:
        constant, powers = self.factors(u)
        if not constant:
            return self.field.zero
        alone = constant > 0 and len(powers) == 1 and powers[0][1] % 2 == 1
        # A side is −1 at 0 as well, so that 0 needs no case of its own.
        known = not alone or self.sign_of(powers[0][0])
        sign = self._sign(u) if known else self.side(powers[0][0])
        return self.field.scale(self.field.add(sign, self.field.one), HALF)

    def _absolute(self, u: Element) -> Element:
        constant, powers = self.factors(u)
        result = self.field.number(abs(constant))
        for atom, n in powers:
            result = self.field.multiply(result, self.field.power(atom.value, n))
            if n % 2:
                result = self.field.multiply(result, self.side(atom))
        return result
