"""Simplify formulas for reading: collect factors and like terms, in one ascending sweep.

Applied to derivatives, which nobody wrote; ``2*x^(2-1)*sin(y)`` becomes ``2*x*sin(y)``.  Cancels
``x/x`` as calculus does, so a removable hole may close.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import islice
from typing import Any

from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SIGNS
from graphdiff.core.support.decimals import is_decimal

__all__ = ["copy_into", "simplify"]

_LONG_NUMERATOR = 20
"""Bits of a numerator past which a coefficient such as 1.4142135 is not written as a quotient."""
_WIDE = 40
"""Products and sums wider than this are left as they are, which keeps the sweep linear."""
_PASSING = 3
"""Nodes for each node of the input that may be written and needed no more."""

Factors = tuple[tuple[int, int], ...]
"""(node, integer exponent) pairs, sorted for reading."""


def simplify(outputs: Sequence[Expr]) -> list[Expr]:
    """Return the outputs, simplified, on a fresh tape.

    >>> from graphdiff.language.reading.infix import parse_program
    >>> from graphdiff.language.notation.printer import Printer
    >>> program = parse_program("x*2*x + 0*y - x^2/1")
    >>> [result] = simplify([Expr(program.tape, program.output)])
    >>> Printer(result.tape).show(result.id)
    'x^2'
    """
    if not outputs:
        return []
    old = outputs[0].tape
    order = old.needed_for([e.id for e in outputs])
    # The new tape also holds what the formulas were on the way.
    limits = replace(old.limits, nodes=old.limits.nodes + _PASSING * len(order))
    new = _Simplifier(Tape(old.ops, limits))
    moved = old.rewritten(order, new.node)
    return [Expr(new.tape, moved[e.id]) for e in outputs]


def copy_into(tape: Tape, source: Tape, output: int) -> Expr:
    """Copy an expression to another tape, unchanged."""
    return Expr(tape, source.rewritten(source.needed_for([output]), tape.make)[output])


class _Simplifier:
    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.products: dict[int, tuple[Fraction, Factors]] = {}
        self.sums: dict[int, dict[Factors, Fraction]] = {}

    def node(self, op: str, operands: tuple[int, ...], attr: Any, shape: tuple[int, ...]) -> int:
        if operands and self.tape.ops[op].transparent:
            return operands[0]
        match op:
            case "mul":
                return self.multiplied(operands[0], operands[1], 1)
            case "div" if self.number(operands[1]) != 0:
                return self.multiplied(operands[0], operands[1], -1)
            case "neg":
                if self.reads_better_negated(operands[0]):
                    return self.negated(operands[0])
                coefficient, factors = self.product(operands[0])
                return self.build(-coefficient, factors)
            case "add" | "sub":
                return self.added(operands[0], operands[1], 1 if op == "add" else -1)
            case "pow":
                return self.raised(operands[0], operands[1])
            case "log" if self.tape.nodes[operands[0]].attr == "e":
                return constant(self.tape, 1).id
        return self.tape.make(op, operands, attr, shape)

    def number(self, i: int) -> Fraction | None:
        return _exact(self.tape, i)

    def product(self, i: int) -> tuple[Fraction, Factors]:
        """Node i as coefficient and factors."""
        known = self.products.get(i)
        if known is not None:
            return known
        number = self.number(i)
        return (Fraction(1), ((i, 1),)) if number is None else (number, ())

    def multiplied(self, left: int, right: int, sign: int) -> int:
        a, first = self.product(left)
        b, second = self.product(right)
        if len(first) + len(second) > _WIDE:
            return self.tape.make("mul" if sign > 0 else "div", (left, right))
        pairs = first + (second if sign > 0 else tuple([(base, -n) for base, n in second]))
        if len(dict(pairs)) < len(pairs):
            exponents = dict(first)
            for base, n in pairs[len(first) :]:
                exponents[base] = exponents.get(base, 0) + n
            pairs = tuple(exponents.items())
        return self.build(a * b**sign, self.sort(pairs))

    def raised(self, base: int, exponent: int) -> int:
        n = self.number(exponent)
        coefficient, factors = self.product(base)
        whole = n is not None and n.denominator == 1 and abs(n) <= 64
        small = coefficient.numerator.bit_length() + coefficient.denominator.bit_length() <= 64
        if n is None or not whole or not small or (coefficient == 0 and n <= 0):
            return self.tape.make("pow", (base, exponent))
        if any(abs(k * n) > 10**6 for _, k in factors):
            return self.tape.make("pow", (base, exponent))
        power = int(n)
        return self.build(coefficient**power, self.sort([(b, k * power) for b, k in factors]))

    def added(self, left: int, right: int, sign: int) -> int:
        first, second = self.terms(left), self.terms(right)
        if len(first) + len(second) > _WIDE:
            return self.tape.make("add" if sign > 0 else "sub", (left, right))
        total = dict(first)
        for factors, coefficient in second.items():
            total[factors] = total.get(factors, Fraction(0)) + sign * coefficient
        apart = len(total) == len(first) + len(second)
        if apart and self.sums.get(left) is first and next(iter(first.values())) > 0:
            # It is written as ``left`` is, and more: the work is that of the terms that are new.
            return self.written(left, islice(total.items(), len(first), None), total)
        return self.total(total)

    def terms(self, i: int) -> dict[Factors, Fraction]:
        if i in self.sums:
            return self.sums[i]
        coefficient, factors = self.product(i)
        if abs(coefficient) == 1 and len(factors) == 1 and factors[0][1] == 1:
            inner = self.sums.get(factors[0][0])
            if inner is not None:  # z - (x + y) is one sum
                return {key: coefficient * c for key, c in inner.items()}
        return {factors: coefficient} if coefficient else {}

    def reads_better_negated(self, i: int) -> bool:
        """Whether −(node i) is a sum with a positive term: −(x − y) is y − x."""
        return any(c < 0 for c in self.sums.get(i, {}).values())

    def negated(self, total: int) -> int:
        return self.total({factors: -c for factors, c in self.sums[total].items()})

    def total(self, terms: dict[Factors, Fraction]) -> int:
        """Write a sum: a positive term first, subtractions as such."""
        terms = {factors: c for factors, c in terms.items() if c}
        if len(terms) < 2:
            for factors, coefficient in terms.items():
                return self.build(coefficient, factors)
            return constant(self.tape, 0).id
        # Stable: positive non-constant terms first, constants where they stood.
        ordered = list(terms.items())
        lead = next((k for k, (_, c) in enumerate(ordered) if c > 0), 0)
        ordered.insert(0, ordered.pop(lead))
        first = self.build(ordered[0][1], ordered[0][0])
        return self.written(first, ordered[1:], terms)

    def written(
        self, total: int, more: Iterable[tuple[Factors, Fraction]], terms: dict[Factors, Fraction]
    ) -> int:
        """The sum of ``terms``: a node with those of them that it does not have yet."""
        for factors, coefficient in more:
            term = self.build(abs(coefficient), factors)
            total = self.tape.make("add" if coefficient > 0 else "sub", (total, term))
        self.sums[total] = terms
        return total

    def sort(self, pairs: Iterable[tuple[int, int]]) -> Factors:
        """In the order in which they are read; long products share their pairs."""
        nodes = self.tape.nodes

        def key(item: tuple[int, int]) -> tuple[int, Any]:
            base, n = item
            node = nodes[base]
            if node.attr == "e" and abs(n) != 1:  # e² is written as exp(2), a gate
                return 1, self.power(base, constant(self.tape, abs(n)).id)
            return (0, base) if node.op in ("input", "const") else (1, base)

        return tuple(sorted([pair for pair in pairs if pair[1]], key=key))

    def build(self, coefficient: Fraction, factors: Factors) -> int:
        """Write coefficient · factors as (p·numerator)/(q·denominator); long decimals stay."""
        tape = self.tape
        if coefficient == 0 or not factors:
            return constant(tape, coefficient).id
        long = coefficient.numerator.bit_length() > _LONG_NUMERATOR and is_decimal(coefficient)
        p, q = (coefficient, 1) if long else (coefficient.numerator, coefficient.denominator)
        top = self.chain(p, [f for f in factors if f[1] > 0])
        bottom = self.chain(q, [(b, -n) for b, n in factors if n < 0])
        if bottom is None:
            result = constant(tape, 1).id if top is None else top
        else:
            result = tape.make("div", (constant(tape, 1).id if top is None else top, bottom))
        if not (coefficient == 1 and len(factors) == 1 and factors[0][1] == 1):
            self.products[result] = coefficient, factors
        return result

    def power(self, base: int, exponent: int) -> int:
        """base^exponent; a power of e is exp, as the parser reads it."""
        node = self.tape.nodes[base]
        if node.op == "const" and node.attr == "e":
            return self.tape.make(SIGNS["e^"], (exponent,))
        return self.tape.make("pow", (base, exponent))

    def chain(self, coefficient: int | Fraction, factors: list[tuple[int, int]]) -> int | None:
        """The product of a number and powers, or None for 1; −1 is a sign at the first power."""
        tape = self.tape
        if coefficient == -1 and factors:
            base, n = factors[0]
            if n == 1 and self.reads_better_negated(base):
                return self.chain(1, [*self.sort([(self.negated(base), 1), *factors[1:]])])
        bare = coefficient == 1 or (coefficient == -1 and factors)
        result = None if bare else constant(tape, coefficient).id
        for base, n in factors:
            power = base if n == 1 else self.power(base, constant(tape, n).id)
            if result is None and coefficient == -1:
                power = tape.make("neg", (power,))
            result = power if result is None else tape.make("mul", (result, power))
        return result


def _exact(tape: Tape, i: int) -> Fraction | None:
    node = tape.nodes[i]
    if node.op == "const" and not isinstance(node.attr, str | float):
        return Fraction(node.attr)
    return None
