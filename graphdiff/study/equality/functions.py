"""Functions of elements, in which the rules of the ops are stated."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce

from .exponentials import Exponentials
from .field import Element, Field
from .kernels import Kind, Workspace, Zero
from .limits import NoProof, Nowhere
from .roots import Roots
from .signs import Signs

__all__ = ["Functions"]

HALF = Fraction(1, 2)
ARCSINES = {Fraction(0): Fraction(0), HALF: Fraction(1, 6), Fraction(1): HALF}
ARCTANGENTS = {Fraction(0): Fraction(0), Fraction(1): Fraction(1, 4)}


class Functions:
    """The functions in which the rules are stated.

    ``strict`` tells whether the value at hand is needed wherever the whole is defined; only then
    may something be learned from its domain.
    """

    def __init__(self, work: Workspace, zero: tuple[Zero, ...], *, odd_roots: bool) -> None:
        self.work = work
        self.field: Field = work.field
        self.signs = Signs(work, zero)
        self.roots = Roots(work, self.signs)
        self.exponentials = Exponentials(work, self.signs, self.roots)
        self.odd_roots = odd_roots
        self.strict = True
        self._largest: dict[str, tuple[Element, ...]] = {}

    # Arithmetic

    def number(self, value: Fraction | int) -> Element:
        """A rational number."""
        return self.field.number(value)

    def add(self, *xs: Element) -> Element:
        """x + y + …"""
        return reduce(self.field.add, xs)

    def subtract(self, x: Element, y: Element) -> Element:
        """x − y."""
        return self.field.subtract(x, y)

    def multiply(self, *xs: Element) -> Element:
        """x·y·…"""
        return reduce(self.field.multiply, xs)

    def negate(self, x: Element) -> Element:
        """−x."""
        return self.field.negate(x)

    def inverse(self, x: Element) -> Element:
        """1/x.  Raises Nowhere where the case at hand makes x zero."""
        for p in self.signs.zeros:
            if not len(divmod(x.num, p)[1]):
                raise Nowhere
        return self.field.inverse(x)

    def divide(self, x: Element, y: Element) -> Element:
        """x/y."""
        return self.field.multiply(x, self.inverse(y))

    # Functions

    def exp(self, x: Element) -> Element:
        """e^x."""
        return self.exponentials.exp(x)

    def log(self, x: Element) -> Element:
        """ln x."""
        value = self.field.constant(x)
        if value is not None and value <= 0:
            raise Nowhere
        self.roots.require(x, strict=self.strict, zero=False)
        return self.roots.log_absolute(x)

    def log1p(self, x: Element) -> Element:
        """ln(1 + x)."""
        return self.log(self.add(self.field.one, x))

    def log2(self, x: Element) -> Element:
        """The logarithm to base 2."""
        return self.field.divide(self.log(x), self.roots.log_absolute(self.number(2)))

    def log10(self, x: Element) -> Element:
        """The logarithm to base 10."""
        return self.field.divide(self.log(x), self.roots.log_absolute(self.number(10)))

    def expm1(self, x: Element) -> Element:
        """e^x − 1."""
        return self.subtract(self.exp(x), self.field.one)

    def pow(self, x: Element, y: Element) -> Element:
        """x^y."""
        exponent = self.field.constant(y)
        if exponent is None:
            return self._variable_power(x, y)
        if exponent < 0:
            return self.inverse(self._root(x, -exponent))
        return self._root(x, exponent)

    def _root(self, x: Element, exponent: Fraction) -> Element:
        real = self.odd_roots
        return self.roots.power(x, exponent, real=real, strict=self.strict)

    def _variable_power(self, x: Element, y: Element) -> Element:
        constant, powers = self.signs.factors(x)
        if not constant or (constant < 0 and not powers):
            raise NoProof("a variable power of a number that is not positive")
        negative = self.roots.require_base(x, strict=self.strict)
        result = self.exp(self.field.multiply(y, self.roots.log_absolute(x)))
        if not negative:
            return result
        # A negative base: defined for integers y only, where x^y is |x|^y·(−1)^y.
        return self.field.multiply(result, self.exponentials.alternate(y))

    def sqrt(self, x: Element) -> Element:
        """√x."""
        return self.roots.power(x, HALF, real=True, strict=self.strict)

    def cbrt(self, x: Element) -> Element:
        """The cube root, negative for negative x."""
        return self.roots.power(x, Fraction(1, 3), real=True, strict=self.strict)

    def square(self, x: Element) -> Element:
        """x²."""
        return self.field.multiply(x, x)

    def cos(self, x: Element) -> Element:
        """The cosine."""
        return self.exponentials.cos_sin(x)[0]

    def sin(self, x: Element) -> Element:
        """The sine."""
        return self.exponentials.cos_sin(x)[1]

    def tan(self, x: Element) -> Element:
        """The tangent."""
        cos, sin = self.exponentials.cos_sin(x)
        return self.divide(sin, cos)

    def cosh(self, x: Element) -> Element:
        """The hyperbolic cosine."""
        return self.exponentials.cosh_sinh(x)[0]

    def sinh(self, x: Element) -> Element:
        """The hyperbolic sine."""
        return self.exponentials.cosh_sinh(x)[1]

    def tanh(self, x: Element) -> Element:
        """The hyperbolic tangent."""
        cosh, sinh = self.exponentials.cosh_sinh(x)
        return self.field.divide(sinh, cosh)

    def sigmoid(self, x: Element) -> Element:
        """1/(1 + e^(−x))."""
        grown = self.exp(x)
        return self.field.divide(grown, self.add(grown, self.field.one))

    def softplus(self, x: Element) -> Element:
        """ln(1 + e^x)."""
        return self.roots.log_absolute(self.add(self.field.one, self.exp(x)))

    def odd(self, kind: Kind, name: str, x: Element) -> Element:
        """A kernel with f(−x) = −f(x)."""
        if not len(x.num):
            return x
        if x.num.leading_coefficient() < 0:
            return self.negate(self.work.function(kind, name, self.negate(x)))
        return self.work.function(kind, name, x)

    def asin(self, x: Element) -> Element:
        """arcsin x."""
        value = self.field.constant(x)
        if value is not None and abs(value) in ARCSINES:
            angle = ARCSINES[abs(value)]
            return self.field.scale(self.work.pi(), angle if value > 0 else -angle)
        if value is None and self.strict:
            inside = self.field.subtract(self.field.one, self.square(x))
            self.roots.require(inside, strict=True)
        return self.odd(Kind.ASIN, "asin", x)

    def acos(self, x: Element) -> Element:
        """arccos x = π/2 − arcsin x."""
        return self.subtract(self.field.scale(self.work.pi(), HALF), self.asin(x))

    def atan(self, x: Element) -> Element:
        """arctan x."""
        value = self.field.constant(x)
        if value is not None and abs(value) in ARCTANGENTS:
            angle = ARCTANGENTS[abs(value)]
            return self.field.scale(self.work.pi(), angle if value > 0 else -angle)
        return self.odd(Kind.ATAN, "atan", x)

    def asinh(self, x: Element) -> Element:
        """ln(x + √(x² + 1)), odd."""
        if not len(x.num):
            return x
        negative = x.num.leading_coefficient() < 0
        x = self.negate(x) if negative else x
        root = self.sqrt(self.add(self.square(x), self.field.one))
        result = self.roots.log_absolute(self.add(x, root))
        return self.negate(result) if negative else result

    def acosh(self, x: Element) -> Element:
        """ln(x + √(x − 1)·√(x + 1)) for x ≥ 1."""
        below, above = self.subtract(x, self.field.one), self.add(x, self.field.one)
        root = self.multiply(self.sqrt(below), self.sqrt(above))
        return self.roots.log_absolute(self.add(x, root))

    def atanh(self, x: Element) -> Element:
        """½·ln((1 + x)/(1 − x)) for −1 < x < 1."""
        above = self.log(self.add(self.field.one, x))
        below = self.log(self.subtract(self.field.one, x))
        return self.field.scale(self.subtract(above, below), HALF)

    def erf(self, x: Element) -> Element:
        """The error function, odd."""
        return self.odd(Kind.OPAQUE, "erf", x)

    def normal_cdf(self, x: Element) -> Element:
        """½·(1 + erf(x/√2))."""
        root = self.sqrt(self.number(2))
        return self.field.scale(self.add(self.field.one, self.erf(self.divide(x, root))), HALF)

    def floor(self, x: Element) -> Element:
        """The largest integer ≤ x."""
        value = self.field.constant(x)
        return self.work.opaque("floor", x) if value is None else self.number(value // 1)

    def ceil(self, x: Element) -> Element:
        """The smallest integer ≥ x."""
        return self.negate(self.floor(self.negate(x)))

    # Choices

    def abs(self, x: Element) -> Element:
        """|x|."""
        return self.signs.absolute(x)

    def sign(self, x: Element) -> Element:
        """−1, 0 or 1."""
        return self.signs.sign(x)

    def positive(self, x: Element) -> Element:
        """1 for x > 0, else 0."""
        return self.signs.positive(x)

    def zero(self, x: Element) -> Element:
        """1 for x = 0, else 0."""
        return self.signs.is_zero(x)

    def negation(self, condition: Element) -> Element:
        """1 for 0, and 0 for 1."""
        return self.field.subtract(self.field.one, condition)

    def choose(self, condition: Element, x: Element, y: Element) -> Element:
        """x where the condition is 1, y where it is 0."""
        difference = self.field.subtract(x, y)
        return self.field.add(y, self.field.multiply(condition, difference))

    def compare(self, name: str, x: Element, y: Element) -> Element:
        """1 where it holds, else 0; by the sign of x − y or of y − x."""
        if name in ("eq", "ne"):
            found = self.zero(self.subtract(x, y))
        elif name in ("gt", "le"):
            found = self.positive(self.subtract(x, y))
        else:
            found = self.positive(self.subtract(y, x))
        return self.negation(found) if name in ("ne", "le", "ge") else found

    def max(self, *xs: Element) -> Element:
        """The largest of the operands; in one order, however they were grouped."""
        single = {y.key: y for x in xs for y in self._largest.get(x.key, (x,))}
        operands = tuple([single[key] for key in sorted(single)])
        result = reduce(
            lambda x, y: self.choose(self.positive(self.subtract(x, y)), x, y), operands
        )
        self._largest[result.key] = operands
        return result

    def min(self, *xs: Element) -> Element:
        """The smallest of the operands."""
        return self.negate(self.max(*[self.negate(x) for x in xs]))
