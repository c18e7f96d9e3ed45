"""A part of the function as a rule of differentiation sees it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import rule

from .parts import Part, Tree

__all__ = ["Site", "product"]


@dataclass(frozen=True, slots=True)
class Site:
    """A part with the values and derivatives of its operands, for rules to work with."""

    tree: Tree
    part: Part
    tangents: Mapping[int, Expr]

    @property
    def d(self) -> Any:
        """The domain: functions of expressions."""
        return self.tree.domain

    @property
    def op(self) -> str:
        """The op at the part's node."""
        return self.tree.nodes[self.part.node].op

    @property
    def row(self) -> Op:
        """The row of that op."""
        return self.tree.tape.ops[self.op]

    @property
    def out(self) -> Expr:
        """The value of the part."""
        return self.tree.value[self.part.node]

    @property
    def right(self) -> Expr:
        """The right derivative of the part."""
        part, tree = self.part, self.tree
        if part.kind == "terms":
            total = constant(tree.tape, 0)
            for sign, t in zip(part.signs, self.ts, strict=True):
                total = total + t if sign > 0 else total - t
            return total
        if part.kind == "factors":
            total = constant(tree.tape, 0)
            for k in range(len(part.operands)):
                total = total + self.term(k)
            return total * self.c
        return tree.derivative(part.node, self.tangents)

    @property
    def xs(self) -> list[Expr]:
        """The values of the operands."""
        return [self.tree.value[k] for k in self.part.operands]

    @property
    def ts(self) -> list[Expr]:
        """The derivatives of the operands."""
        return [self.tangents[k] for k in self.part.operands]

    @property
    def u(self) -> Expr:
        """The argument or base."""
        return self.tree.value[self.part.operands[0]]

    @property
    def t(self) -> Expr:
        """The derivative of the argument or base."""
        return self.tangents[self.part.operands[0]]

    @property
    def variable(self) -> Expr:
        """What is differentiated with respect to."""
        return self.tree.value[self.tree.variable]

    @property
    def inner(self) -> bool:
        """Whether the argument is more than the variable itself."""
        return self.part.operands[0] != self.tree.variable

    @property
    def constants(self) -> list[Expr]:
        """Constant factors, those that are divided by as 1/c."""
        value = self.tree.value
        over = [1 / value[k] for k in self.part.divisors]
        return [value[k] for k in self.part.constants] + over

    @property
    def c(self) -> Expr:
        """The product of all constant factors."""
        return product(self.tree.tape, self.constants)

    @property
    def n(self) -> Expr:
        """The exponent of a power; of c/u^n it is −n."""
        tree, constants = self.tree, self.part.constants
        if self.row.curve.power is not None:
            return constant(tree.tape, self.row.curve.power)
        if self.op == "div":
            return -tree.value[constants[1]] if constants[1:] else constant(tree.tape, -1)
        return tree.value[constants[0]]

    @property
    def scale(self) -> Expr:
        """The numerator of c/u^n, which is a power too."""
        if self.op == "div":
            return self.tree.value[self.part.constants[0]]
        return constant(self.tree.tape, 1)

    def outer(self, x: Expr) -> Expr:
        """The derivative of the outer function, taken at x."""
        match self.part.kind:
            case "power":
                return self.scale * self.n * x ** (self.n - 1)
            case "exponential" if self.op == "pow":
                base = self.tree.value[self.part.constants[0]]
                slope: Expr = base**x * self.d.log(base)
                return slope
        there = apply(self.tree.tape, self.op, x)
        return constant(self.tree.tape, rule(self.row, 0)(self.d, there, x))

    def whole(self, x: Expr) -> Expr:
        """The outer function itself, taken at x."""
        match self.part.kind:
            case "power":
                return self.scale * x**self.n
            case "exponential" if self.op == "pow":
                return self.tree.value[self.part.constants[0]] ** x
        return apply(self.tree.tape, self.op, x)

    def term(self, k: int) -> Expr:
        """The k-th term of the product rule, without constant factors."""
        others = [x for i, x in enumerate(self.xs) if i != k]
        return self.ts[k] * product(self.tree.tape, others)


def product(tape: Tape, factors: list[Expr]) -> Expr:
    """The product of expressions; 1 of none."""
    total = constant(tape, 1)
    for factor in factors:
        total = total * factor
    return total
