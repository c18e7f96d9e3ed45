"""Kernels: the functions that are variables of the polynomials, and what is known of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from fractions import Fraction
from math import lcm
from typing import Any, NamedTuple

from .field import Element, Field
from .limits import Budget, NoProof, ProofLimits, Restart
from .polynomials import Polynomial

__all__ = ["Atom", "Kernel", "Kind", "Knowledge", "Workspace", "Zero"]


class Kind(Enum):
    """What a generator stands for; every kernel but UNIT and CIS is a real number."""

    UNIT = auto()
    """i."""
    INPUT = auto()
    OPAQUE = auto()
    """A function that is only compared with itself, at equal arguments."""
    EXP = auto()
    """exp(argument/order), argument real."""
    CIS = auto()
    """exp(i·argument/order), argument real."""
    TURN = auto()
    """exp(iπ/order)."""
    LOG = auto()
    """ln|atom|."""
    ROOT = auto()
    """|atom|^(1/order)."""
    REAL_ROOT = auto()
    """The real root atom^(1/order), order odd."""
    SIDE = auto()
    """1 where atom > 0, else −1."""
    POWER = auto()
    """argument^order, a power too high to be multiplied out."""
    ASIN = auto()
    ATAN = auto()
    POSITIVE = auto()
    """A positive constant (π)."""


COMPLEX = (Kind.UNIT, Kind.CIS, Kind.TURN)


class Atom(NamedTuple):
    """A real quantity that signs, roots and logarithms are kept of."""

    key: str
    value: Element
    polynomials: tuple[Polynomial, ...]
    """Irreducible factors, one of which is 0 wherever the quantity is 0."""
    moduli: tuple[Atom, ...] = ()
    """Where the quantity is a product of complex factors: their squared moduli."""

    def parts(self) -> list[tuple[str, Fraction]]:
        """The absolute value as powers of quantities with a logarithm of their own."""
        if not self.moduli:
            return [(self.key, Fraction(1))]
        return [(modulus.key, Fraction(1, 2)) for modulus in self.moduli]


class Zero(NamedTuple):
    """An irreducible polynomial that is 0 in one of the cases."""

    key: str
    terms: tuple[tuple[tuple[int, ...], Any], ...]
    """Exponents and coefficients, for a field of any size."""


class Kernel(NamedTuple):
    """What one generator stands for."""

    kind: Kind
    argument: Element | None = None
    order: int = 1
    atom: Atom | None = None
    label: str = ""
    """The name of an input or a function."""
    operands: tuple[Element, ...] = ()
    """Of an opaque function."""


@dataclass(slots=True)
class Knowledge:
    """What was learned in one proof; it stays when a case is begun anew.

    Keys name generators by number, so a number is never given to another kernel.
    """

    numbers: dict[str, int] = field(default_factory=dict)
    """The generator of a kernel, by its key."""
    orders: dict[str, int] = field(default_factory=dict)
    """The finest root (or part of an exponent) that is needed of a key."""
    powers: dict[str, int] = field(default_factory=dict)
    """The smallest of the high powers of a base."""
    size: int = 8
    """Generators of the polynomials; number 0 is i."""
    signs: dict[str, int] = field(default_factory=dict)
    """Sign of an atom, known because something is undefined elsewhere; 0 counts as either."""
    conditions: dict[str, Zero] = field(default_factory=dict)
    """What must not be 0 for these signs to hold: where xy ≥ 0 and x ≥ 0, y may be negative if
    x = 0."""
    bases: dict[str, int] = field(default_factory=dict)
    """Atoms with a sign that is taken only because they are the base of a variable power."""
    flips: dict[str, int] = field(default_factory=dict)
    """Atoms that have the other sign in the case at hand."""
    products: dict[str, tuple[tuple[str, Fraction], ...]] = field(default_factory=dict)
    """|product| as powers of quantities with a logarithm of their own, by their keys."""

    def case(self, flips: dict[str, int]) -> Knowledge:
        """Knowledge for another case: what holds everywhere is shared, signs are not."""
        return Knowledge(self.numbers, self.orders, self.powers, self.size, flips=flips)

    def order(self, key: str, denominator: int) -> int:
        """The order of the key's root; Restart if it is not yet fine enough."""
        known = self.orders.get(key, 1)
        if known % denominator:
            self.orders[key] = lcm(known, denominator)
            if self.orders[key] > 1000:
                raise NoProof("roots too fine")
            raise Restart
        return known

    def sign(self, key: str) -> int:
        """1, −1, or 0 where it is not known."""
        return self.flips.get(key) or self.signs.get(key, 0)

    def learn(self, key: str, sign: int) -> None:
        """Remember the sign of an atom, and begin anew."""
        self.signs[key] = sign
        raise Restart


class Workspace:
    """One attempt at a proof: a field, and the kernels made so far."""

    def __init__(self, knowledge: Knowledge, budget: Budget) -> None:
        self.knowledge = knowledge
        self.limits: ProofLimits = budget.limits
        self.field = Field(knowledge.size, budget)
        self.kernels: dict[int, Kernel] = {0: Kernel(Kind.UNIT)}
        self._complex = {0}
        knowledge.numbers.setdefault("i", 0)

    def kernel(self, key: str, kernel: Kernel) -> int:
        """The generator of the kernel; Restart with a larger field if there is none left."""
        numbers = self.knowledge.numbers
        k = numbers.get(key)
        if k is None:
            k = numbers[key] = len(numbers)
        if k >= self.field.size:
            if k >= self.limits.kernels:
                raise NoProof("too many kernels")
            self.knowledge.size = min(self.limits.kernels, 2 * self.field.size)
            raise Restart
        if k not in self.kernels:
            self.kernels[k] = kernel
            if kernel.kind in COMPLEX:
                self._complex.add(k)
        return k

    def function(self, kind: Kind, name: str, argument: Element) -> Element:
        """The kernel name(argument)."""
        k = self.kernel(f"{name}({argument.key})", Kernel(kind, argument, label=name))
        return self.field.generator(k)

    def opaque(self, name: str, *arguments: Element) -> Element:
        """A function of which nothing is known but its name."""
        keys = ";".join([a.key for a in arguments])
        kernel = Kernel(Kind.OPAQUE, label=name, operands=arguments)
        return self.field.generator(self.kernel(f"{name}({keys})", kernel))

    def pi(self) -> Element:
        """π."""
        return self.field.generator(self.kernel("π", Kernel(Kind.POSITIVE)))

    def is_real(self, p: Polynomial) -> bool:
        """Whether no complex kernel occurs; then the value is real."""
        degrees = p.degrees()
        return not any(degrees[k] for k in self._complex)

    def complex_kernels(self, p: Polynomial) -> list[int]:
        """The complex exponentials that occur."""
        degrees = p.degrees()
        return [k for k in sorted(self._complex) if k and degrees[k]]

    def single(self, p: Polynomial) -> int | None:
        """The generator that the polynomial is, or None."""
        if len(p) == 1 and p.total_degree() == 1:
            return next(k for k, n in enumerate(p.monoms()[0]) if n)
        return None

    def conjugate(self, p: Polynomial) -> Polynomial:
        """The complex conjugate of p, times the lowest power of the exponentials that clears it."""
        degrees = p.degrees()
        flipped = {k: degrees[k] for k in self.complex_kernels(p)}
        terms = {}
        for monomial, c in zip(p.monoms(), p.coeffs(), strict=True):
            turned = [flipped[k] - n if k in flipped else n for k, n in enumerate(monomial)]
            terms[tuple(turned)] = -c if monomial[0] % 2 else c
        return self.field.context.from_dict(terms)
