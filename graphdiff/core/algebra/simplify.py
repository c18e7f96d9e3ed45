"""Simplify formulas of arrays for reading, without ever mixing up shapes.

A value is a number times powers of factors; a factor is a number or an array of the value's own
shape, so products commute and collect as those of numbers do.  A number among the factors of an
array stands for that number everywhere.  What does not commute is left to the rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Node, Tape

from .rules import RULES, Rule

__all__ = ["Algebra", "simplify_arrays"]

Factors = tuple[tuple[int, int], ...]
"""(node, integer exponent) pairs, sorted for reading."""
Terms = dict[Factors, Fraction]

_WIDE = 40
"""Products and sums wider than this are left as they are, which keeps the sweep linear."""
_EXPANDED = 8
"""Terms up to which a product of sums is multiplied out, to see whether that is shorter."""


def simplify_arrays(outputs: Sequence[Expr]) -> list[Expr]:
    """Return the outputs, simplified, on a fresh tape.

    >>> from graphdiff import parse
    >>> from graphdiff.language.notation.printer import Printer
    >>> graph = parse("A:2x2; x:2; sum((A@A).T@x)")
    >>> [result] = simplify_arrays([Expr(graph.tape, graph.output)])
    >>> Printer(result.tape).show(result.id)
    'sum(A.T@A.T@x)'
    """
    if not outputs:
        return []
    old = outputs[0].tape
    algebra = Algebra(Tape(old.ops, old.limits))
    moved = algebra.moved(old, [e.id for e in outputs])
    return [Expr(algebra.tape, moved[e.id]) for e in outputs]


class Algebra:
    """Writes simplified nodes on a tape."""

    def __init__(self, tape: Tape, rules: Mapping[str, Sequence[Rule]] = RULES) -> None:
        self.tape = tape
        self.rules = rules
        self.products: dict[int, tuple[Fraction, Factors]] = {}
        self.sums: dict[int, Terms] = {}
        self._weights: list[int] = []

    def moved(self, old: Tape, outputs: Sequence[int]) -> dict[int, int]:
        """Rewrite nodes of another tape; returns the new id of every old one."""
        return old.rewritten(old.needed_for(outputs), self.node)

    # -- what rules ask and write ---------------------------------------------------------------

    def at(self, i: int) -> Node:
        """Node i."""
        return self.tape.nodes[i]

    def shape(self, i: int) -> Shape:
        """The shape of node i."""
        return self.tape.nodes[i].shape

    def make(self, op: str, *operands: int, **attrs: Any) -> int:
        """``op(*operands)``, simplified; settings that are left out have their defaults."""
        row = self.tape.ops[op]
        given = tuple([(k, attrs.get(k, default)) for k, default in row.attrs.items()])
        return self.node(op, operands, given or None)

    def full(self, value: Any, shape: Shape) -> int:
        """A number, everywhere in an array of that shape."""
        number = constant(self.tape, value).id
        return self.tape.make("broadcast", (number,), (("shape", shape),)) if shape else number

    def filled(self, i: int) -> Fraction | None:
        """The number that node i is, everywhere; None if it is not one."""
        node = self.at(i)
        if node.op == "broadcast":
            node = self.at(node.operands[0])
        if node.op == "const" and not isinstance(node.attr, str | float):
            return Fraction(node.attr)
        return None

    def number(self, i: int) -> int | None:
        """The number that node i repeats; None if it is an array of its own."""
        node = self.at(i)
        if not node.shape:
            return i
        repeats = node.op == "broadcast" and not self.shape(node.operands[0])
        return node.operands[0] if repeats else None

    def product(self, i: int) -> tuple[Fraction, Factors]:
        """Node i as coefficient and factors."""
        known = self.products.get(i)
        if known is not None:
            return known
        number = self.filled(i)
        if number is not None:
            return number, ()
        node = self.at(i)
        if node.op == "broadcast" and not self.shape(node.operands[0]):
            return self.product(node.operands[0])
        return Fraction(1), ((i, 1),)

    def split(self, i: int) -> tuple[int, int]:
        """An array as (number, array): its scalar factors, and what remains."""
        coefficient, factors = self.product(i)
        scalars = tuple([f for f in factors if not self.shape(f[0])])
        arrays = tuple([f for f in factors if self.shape(f[0])])
        if coefficient == 1 and not scalars:
            return constant(self.tape, 1).id, i
        shape = self.shape(i)
        return self.build(coefficient, scalars, ()), self.build(Fraction(1), arrays, shape)

    def terms(self, i: int) -> Terms:
        """Node i as a sum."""
        if i in self.sums:
            return self.sums[i]
        coefficient, factors = self.product(i)
        if len(factors) == 1 and self._opens(factors[0]):
            base = factors[0][0]
            if self.shape(base) == self.shape(i):
                return {key: coefficient * c for key, c in self.sums[base].items()}
        return {factors: coefficient} if coefficient else {}

    def weight(self, i: int) -> int:
        """Nodes of an expression as written out: how long it reads."""
        weights = self._weights
        for node in self.tape.nodes[len(weights) :]:
            # A broadcast number is not shown.
            own = int(node.op != "broadcast")
            weights.append(own + sum(weights[k] for k in node.operands))
        return weights[i]

    # -- arithmetic -----------------------------------------------------------------------------

    def node(self, op: str, operands: tuple[int, ...], attr: Any = None, shape: Shape = ()) -> int:
        """``op(*operands)``, simplified."""
        match op:
            case "mul":
                return self.multiplied(operands[0], operands[1], 1)
            case "div" if self.filled(operands[1]) != 0:
                return self.multiplied(operands[0], operands[1], -1)
            case "neg":
                return self.total({f: -c for f, c in self.terms(operands[0]).items()}, operands)
            case "add" | "sub":
                return self.added(operands[0], operands[1], 1 if op == "add" else -1)
            case "pow":
                return self.raised(operands[0], operands[1])
        if operands and self.tape.ops[op].elementwise and any(map(self.shape, operands)):
            numbers = [self.number(k) for k in operands]
            if None not in numbers:  # a function of a number, everywhere
                made = self.node(op, tuple([k for k in numbers if k is not None]), attr)
                return self.shaped(made, self.common(operands))
        for rule in self.rules.get(op, ()):
            result: int | None = rule.apply(self, operands, dict(attr or ()))
            if result is not None:
                return result
        return self.tape.make(op, operands, attr, shape)

    def common(self, operands: Sequence[int]) -> Shape:
        """The shape of an elementwise result."""
        return self.tape.ops["add"].shape(*[self.shape(k) for k in operands])

    def multiplied(self, left: int, right: int, sign: int) -> int:
        shape = self.common((left, right))
        if shape:
            left, right = self.spread(left, shape), self.spread(right, shape)
        a, first = self.product(left)
        b, second = self.product(right)
        if len(first) + len(second) > _WIDE:
            return self.tape.make("mul" if sign > 0 else "div", (left, right))
        exponents = dict(first)
        for base, n in second:
            exponents[base] = exponents.get(base, 0) + sign * n
        terms = {self.sort(exponents): a * b**sign}
        return self.shorter(self.total(terms, (), shape), terms, shape)

    def spread(self, i: int, shape: Shape) -> int:
        """Node i in the shape of a result; numbers need no step."""
        if not self.shape(i) or self.shape(i) == shape:
            return i
        return self.make("broadcast", i, shape=shape)

    def raised(self, base: int, exponent: int) -> int:
        n = self.filled(exponent)
        coefficient, factors = self.product(base)
        small = coefficient.numerator.bit_length() + coefficient.denominator.bit_length() <= 64
        whole = n is not None and n.denominator == 1 and abs(n) <= 64
        if n is None or not whole or not small or (not coefficient and n <= 0):
            return self.tape.make("pow", (base, exponent))
        power = int(n)
        scaled = self.sort({b: k * power for b, k in factors})
        return self.build(coefficient**power, scaled, self.common((base, exponent)))

    def added(self, left: int, right: int, sign: int) -> int:
        shape = self.common((left, right))
        if shape:
            left, right = self.spread(left, shape), self.spread(right, shape)
        first, second = self.terms(left), self.terms(right)
        if len(first) + len(second) > _WIDE:
            return self.tape.make("add" if sign > 0 else "sub", (left, right))
        total = dict(first)
        for factors, coefficient in second.items():
            total[factors] = total.get(factors, Fraction(0)) + sign * coefficient
        return self.shorter(self.total(total, (), shape), total, shape)

    def shorter(self, i: int, terms: Terms, shape: Shape) -> int:
        """Node i, or the same multiplied out where that is shorter: p ⊙ (1 − t ⊘ p) = p − t."""
        opened = {b for factors in terms for b, n in factors if self._opens((b, n))}
        if not opened or len(opened) > _EXPANDED:
            return i
        best, found = i, terms
        for bases in [{b} for b in sorted(opened)] + [opened]:
            expanded = self.expanded(terms, bases)
            other = i if expanded is None else self.total(expanded, (), shape)
            if expanded is not None and self.weight(other) < self.weight(best):
                best, found = other, expanded
        return i if best == i else self.shorter(best, found, shape)

    def expanded(self, terms: Terms, bases: set[int]) -> Terms | None:
        """These sums, where they are factors, multiplied out; None if that gets too long."""
        out: Terms = {}
        for factors, coefficient in terms.items():
            opened = [f for f in factors if f[0] in bases and self._opens(f)]
            pieces: Terms = {tuple(f for f in factors if f not in opened): coefficient}
            for base, _ in opened:
                pieces = self.times(pieces, self.sums[base])
            for key, c in pieces.items():
                out[key] = out.get(key, Fraction(0)) + c
            if len(out) > _EXPANDED:
                return None
        return out

    def times(self, left: Terms, right: Terms) -> Terms:
        """The product of two sums, term by term."""
        out: Terms = {}
        for a, first in left.items():
            for b, second in right.items():
                exponents = dict(a)
                for k, n in b:
                    exponents[k] = exponents.get(k, 0) + n
                key = self.sort(exponents)
                out[key] = out.get(key, Fraction(0)) + first * second
        return out

    def _opens(self, factor: tuple[int, int]) -> bool:
        return factor[1] == 1 and factor[0] in self.sums

    def sort(self, exponents: Mapping[int, int]) -> Factors:
        """Factors in reading order: numbers, then arrays; variables before what they make."""
        factors = {b: n for b, n in exponents.items() if n}
        for rule in self.rules.get("product", ()):
            factors = rule.apply(self, factors)

        def key(item: tuple[int, int]) -> tuple[bool, bool, int]:
            node = self.at(item[0])
            return bool(node.shape), bool(node.operands), item[0]

        return tuple(sorted(factors.items(), key=key))

    # -- writing --------------------------------------------------------------------------------

    def total(self, terms: Terms, like: Sequence[int], shape: Shape = ()) -> int:
        """Write a sum: a positive term first, subtractions as such."""
        shape = shape or self.common(like) if like else shape
        terms = {factors: c for factors, c in terms.items() if c}
        for rule in self.rules.get("terms", ()):
            terms = rule.apply(self, terms)
        if len(terms) < 2:
            for factors, coefficient in terms.items():
                return self.build(coefficient, factors, shape)
            return self.full(0, shape)
        common = abs(next(iter(terms.values())))
        if common != 1 and all(abs(c) == common for c in terms.values()):
            inner = self.total({factors: c / common for factors, c in terms.items()}, (), shape)
            return self.build(common, ((inner, 1),), shape)
        ordered = list(terms.items())
        lead = next((k for k, (_, c) in enumerate(ordered) if c > 0), 0)
        ordered.insert(0, ordered.pop(lead))
        total = self.build(ordered[0][1], ordered[0][0], self._own(ordered[0][0]))
        for factors, coefficient in ordered[1:]:
            term = self.build(abs(coefficient), factors, self._own(factors))
            total = self.tape.make("add" if coefficient > 0 else "sub", (total, term))
        total = self.shaped(total, shape)
        self.sums[total] = terms
        return total

    def _own(self, factors: Factors) -> Shape:
        return next((self.shape(b) for b, _ in factors if self.shape(b)), ())

    def shaped(self, i: int, shape: Shape) -> int:
        """Node i, repeated if it is a number and the result is an array."""
        if self.shape(i) == shape:
            return i
        return self.tape.make("broadcast", (i,), (("shape", shape),))

    def build(self, coefficient: Fraction, factors: Factors, shape: Shape) -> int:
        """Write coefficient · factors as a quotient of products."""
        if coefficient == 0 or not factors:
            return self.full(coefficient, shape)
        if coefficient < 0:
            coefficient, factors = self.flipped(coefficient, factors)
        above = [f for f in factors if f[1] > 0]
        below = [(b, -n) for b, n in factors if n < 0]
        if coefficient == 1 and not below and above[0][1] == 1 and len(above) == 1:
            result = self.shaped(above[0][0], shape)
            if result != above[0][0]:
                self.products[result] = coefficient, factors
            return result
        top = self.chain(coefficient, above)
        bottom = self.chain(Fraction(1), below)
        if below:
            top = self.tape.make("div", (top, bottom))
        result = self.shaped(top, shape)
        self.products[top] = self.products[result] = coefficient, factors
        return result

    def flipped(self, coefficient: Fraction, factors: Factors) -> tuple[Fraction, Factors]:
        """−c (x − y) as c (y − x)."""
        for k, (base, n) in enumerate(factors):
            terms = self.sums.get(base, {})
            if n == 1 and any(c < 0 for c in terms.values()):
                negated = self.total({f: -c for f, c in terms.items()}, (), self.shape(base))
                return -coefficient, (*factors[:k], (negated, 1), *factors[k + 1 :])
        return coefficient, factors

    def chain(self, coefficient: Fraction, factors: Sequence[tuple[int, int]]) -> int:
        """The product of a number and powers; −1 is a sign."""
        tape = self.tape
        result = None
        if abs(coefficient) != 1 or not factors:
            result = constant(tape, coefficient).id
        for base, n in factors:
            power = base
            if n != 1:
                power = tape.make("pow", (base, constant(tape, n).id))
            result = power if result is None else tape.make("mul", (result, power))
        assert result is not None
        return tape.make("neg", (result,)) if coefficient == -1 and factors else result
