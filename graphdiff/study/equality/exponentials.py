"""exp and e^(ix) of sums: products of exponentials over a rational basis of the arguments."""

from __future__ import annotations

from fractions import Fraction

from .field import Element
from .kernels import Atom, Kernel, Kind, Workspace
from .polynomials import fraction
from .roots import Roots
from .signs import Signs

__all__ = ["Exponentials"]

HALF = Fraction(1, 2)
Terms = list[tuple[Fraction, Element]]


class Exponentials:
    """Exponential, trigonometric and hyperbolic functions within one attempt."""

    def __init__(self, work: Workspace, signs: Signs, roots: Roots) -> None:
        self.work = work
        self.field = work.field
        self.signs = signs
        self.roots = roots

    # The basis

    def terms(self, u: Element) -> Terms:
        """u as Σ factor·t with real t that do not depend on each other over the rationals.

        Monomials are such a basis; where complex exponentials occur, a monomial and its conjugate
        make two real quantities, so that exp(sin x + cos x) is exp(sin x)·exp(cos x).
        """
        work = self.work
        if not len(u.num):
            return []
        if work.is_real(u.num) and work.is_real(u.den):
            return self._real_terms(u)
        return self._paired_terms(u)

    def _real_terms(self, u: Element) -> Terms:
        field = self.field
        if u.den.is_one():
            return self._monomials(u.num, u.den)
        if len(u.den) == 1:
            return self._monomials(u.num, u.den)
        field.budget.spend(10 + len(u.num) * len(u.den))
        whole, rest = divmod(u.num, u.den)
        found = self._monomials(whole, field.polynomial_one) if len(whole) else []
        return found + (self._monomials(rest, u.den) if len(rest) else [])

    def _monomials(self, num: object, den: object) -> Terms:
        field = self.field
        found = []
        for monomial, c in zip(num.monoms(), num.coeffs(), strict=True):  # type: ignore[attr-defined]
            p = field.context.from_dict({monomial: 1})
            found.append((fraction(c), field.make(p, den, 1)))
        return found

    def _paired_terms(self, u: Element) -> Terms:
        """Real and imaginary parts of the monomials, if the denominator is real up to a unit."""
        field, work = self.field, self.work
        turning = work.complex_kernels(u.den)
        content = u.den.term_content().degrees()
        degrees = u.den.degrees()
        if degrees[0] or any(degrees[k] != content[k] for k in turning):
            return self._alone(u)
        unit = field.polynomial_one
        for k in turning:
            unit = unit * field.generators[k] ** content[k]
        den = u.den / unit
        turning = sorted({*turning, *work.complex_kernels(u.num)})
        parts: dict[tuple[tuple[int, ...], bool], Fraction] = {}
        for monomial, c in zip(u.num.monoms(), u.num.coeffs(), strict=True):
            shift = [monomial[k] - content[k] for k in turning]
            first = next((n for n in shift if n), 0)
            if first < 0:
                continue  # the conjugate of another monomial
            exponents = list(monomial)
            for k, n in zip(turning, shift, strict=True):
                exponents[k] = n
            imaginary = bool(monomial[0])
            parts[tuple(exponents), imaginary] = fraction(c)
        found = [(c, self._part(exponents, turning, den)) for (exponents, _), c in parts.items()]
        rest = u
        for c, t in found:
            rest = field.subtract(rest, field.scale(t, c))
        return self._alone(u) if len(rest.num) else found

    def _alone(self, u: Element) -> Terms:
        lead = fraction(u.num.leading_coefficient())
        return [(lead, self.field.scale(u, 1 / lead))]

    def _part(self, exponents: tuple[int, ...], turning: list[int], den: object) -> Element:
        """m + its conjugate for a monomial m, in which exponentials may have negative powers."""
        field = self.field
        real = field.context.from_dict(
            {tuple([0 if k == 0 or k in turning else n for k, n in enumerate(exponents)]): 1}
        )
        part = field.make(real, den, 1)
        if not any(exponents[k] for k in turning):
            return part
        unit = field.generator(0) if exponents[0] else field.one
        up = down = field.one
        for k in turning:
            up = field.multiply(up, field.generator(k, exponents[k]))
            down = field.multiply(down, field.generator(k, -exponents[k]))
        both = field.subtract(up, down) if exponents[0] else field.add(up, down)
        return field.multiply(part, field.multiply(unit, both))

    # Exponentials

    def exp(self, u: Element) -> Element:
        """e^u."""
        result = self.field.one
        powers: dict[str, tuple[Atom, Fraction]] = {}
        for factor, t in self.terms(u):
            atom = self._logarithm(t)
            if atom is not None:
                powers[atom.key] = (atom, factor)
            else:
                result = self.field.multiply(result, self.roots.exponential(t, factor))
        self._join(powers)
        for atom, power in powers.values():
            result = self.field.multiply(result, self.roots.absolute_power(atom, power))
        return result

    def _logarithm(self, t: Element) -> Atom | None:
        """The atom of which t is the logarithm."""
        if not t.den.is_one():
            return None
        k = self.work.single(t.num)
        kernel = None if k is None else self.work.kernels[k]
        return kernel.atom if kernel is not None and kernel.kind is Kind.LOG else None

    def _join(self, powers: dict[str, tuple[Atom, Fraction]]) -> None:
        """|a|^c·|b|^c where the sign of a·b is known: |ab|^c, which is (±ab)^c."""
        for atom in self.signs.joint():
            parts = self.work.knowledge.products.get(atom.key) or atom.parts()
            if any(key not in powers for key, _ in parts):
                continue
            share = powers[parts[0][0]][1] / parts[0][1]
            left = {key: powers[key][1] - share * weight for key, weight in parts}
            # What is left over must not need a sign: |a|² is a², |a| is not a.
            if any((left[key] / weight / 2).denominator > 1 for key, weight in parts):
                continue
            for key, power in left.items():
                powers[key] = (powers[key][0], power)
            powers[atom.key] = (atom, share)

    def turn(self, u: Element) -> Element:
        """e^(iu) for a real u."""
        field = self.field
        result = field.one
        for factor, t in self.terms(u):
            result = field.multiply(result, self._turn_term(t, factor))
        return result

    def _turn_term(self, t: Element, factor: Fraction) -> Element:
        k = self.work.single(t.num) if t.den.is_one() else None
        kernel = None if k is None else self.work.kernels[k]
        if kernel is not None and kernel.kind is Kind.POSITIVE:
            return self._root_of_unity(factor)
        whole = factor.denominator == 1 and abs(factor) <= self.field.limits.power
        if kernel is not None and kernel.argument is not None and whole:
            if kernel.kind is Kind.ASIN:
                return self.field.power(self._turn_asin(kernel.argument), int(factor))
            if kernel.kind is Kind.ATAN:
                return self.field.power(self._turn_atan(kernel.argument), int(factor))
        order = self.work.knowledge.order(f"turn({t.key})", factor.denominator)
        k = self.work.kernel(f"turn({t.key})/{order}", Kernel(Kind.CIS, t, order))
        return self.field.generator(k, int(factor * order))

    def _turn_asin(self, u: Element) -> Element:
        """√(1 − u²) + iu."""
        field = self.field
        inside = field.subtract(field.one, field.multiply(u, u))
        root = self.roots.power(inside, HALF, real=True, strict=False)
        return field.add(root, field.multiply(field.generator(0), u))

    def _turn_atan(self, u: Element) -> Element:
        """(1 + iu)/√(1 + u²)."""
        field = self.field
        inside = field.add(field.one, field.multiply(u, u))
        modulus = self.roots.power(inside, HALF, real=True, strict=False)
        return field.divide(field.add(field.one, field.multiply(field.generator(0), u)), modulus)

    def _root_of_unity(self, turns: Fraction) -> Element:
        """e^(iπ·turns); by square roots where they do."""
        field = self.field
        turns %= 2
        if turns.denominator in (1, 2):
            return field.power(field.generator(0), int(2 * turns))
        if 6 % turns.denominator == 0:
            return field.power(self._sixth(), int(6 * turns))
        if turns.denominator == 4:
            return field.power(self._fourth(), int(4 * turns))
        if turns.denominator == 12:
            return field.power(field.divide(self._fourth(), self._sixth()), int(12 * turns))
        order = self.work.knowledge.order("turn(π)", turns.denominator)
        k = self.work.kernel(f"turn(π)/{order}", Kernel(Kind.TURN, None, order))
        field.relate(k, order, field.number(-1))
        return field.generator(k, int(turns * order))

    def _sixth(self) -> Element:
        """e^(iπ/6)."""
        root = self._number_root(3)
        return self.field.scale(self.field.add(root, self.field.generator(0)), HALF)

    def _fourth(self) -> Element:
        """e^(iπ/4)."""
        field = self.field
        ahead = field.add(field.one, field.generator(0))
        return field.scale(field.multiply(self._number_root(2), ahead), HALF)

    def _number_root(self, n: int) -> Element:
        return self.roots.power(self.field.number(n), HALF, real=True, strict=False)

    def alternate(self, y: Element) -> Element:
        """(−1)^y = e^(iπy) for an integer y, so that its square is 1."""
        field = self.field
        turned = self.turn(field.multiply(self.work.pi(), y))
        for k in self.work.complex_kernels(turned.num * turned.den):
            degree = max(turned.num.degrees()[k], turned.den.degrees()[k])
            alone = len(turned.num) == len(turned.den) == 1
            if alone and turned.num.total_degree() + turned.den.total_degree() == degree:
                field.relate(k, 2 * degree, field.one)
        return turned

    def cos_sin(self, u: Element) -> tuple[Element, Element]:
        """cos u and sin u."""
        field = self.field
        turned = self.turn(u)
        back = field.inverse(turned)
        cos = field.scale(field.add(turned, back), HALF)
        sin = field.scale(field.multiply(field.generator(0), field.subtract(back, turned)), HALF)
        return cos, sin

    def cosh_sinh(self, u: Element) -> tuple[Element, Element]:
        """cosh u and sinh u."""
        field = self.field
        grown = self.exp(u)
        back = field.inverse(grown)
        cosh = field.scale(field.add(grown, back), HALF)
        return cosh, field.scale(field.subtract(grown, back), HALF)
