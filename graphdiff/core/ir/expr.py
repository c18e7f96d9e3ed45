"""A handle on a node.  Its arithmetic is how a rule, read over the graph, writes a formula."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from .tape import Node, Tape

__all__ = ["Expr", "apply"]

Exact = (int, Fraction)


class Expr:
    """An expression of a tape; operators add nodes.

    Unlike the parser, which keeps what the user wrote, this arithmetic drops neutral elements
    (``0 + x``, ``1 * x``) and folds exact constants: nobody wrote them.
    """

    # A plain class with slots: a frozen dataclass triples the time of a symbolic gradient.
    __slots__ = ("id", "tape")

    def __init__(self, tape: Tape, identity: int) -> None:
        self.tape = tape
        self.id = identity

    @property
    def node(self) -> Node:
        """The node that this is a handle on."""
        return self.tape.nodes[self.id]

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of its value."""
        return self.tape.nodes[self.id].shape

    def known(self) -> Any:
        """The exact number that this is, or None."""
        node = self.tape.nodes[self.id]
        return node.attr if node.op == "const" and isinstance(node.attr, Exact) else None

    def __add__(self, other: Any) -> Expr:
        a, b = _known(self), _known(other)
        if b is not None:
            if b == 0:
                return self
            if a is not None:
                return constant(self.tape, a + b)
        elif a is not None and a == 0:
            return other  # type: ignore[no-any-return]
        return apply(self.tape, "add", self, other)

    def __radd__(self, other: Any) -> Expr:
        return constant(self.tape, other) + self

    def __sub__(self, other: Any) -> Expr:
        a, b = _known(self), _known(other)
        if b is not None:
            if b == 0:
                return self
            if a is not None:
                return constant(self.tape, a - b)
        elif a is not None and a == 0:
            return -other  # type: ignore[no-any-return]
        return apply(self.tape, "sub", self, other)

    def __rsub__(self, other: Any) -> Expr:
        return constant(self.tape, other) - self

    def __mul__(self, other: Any) -> Expr:
        a, b = _known(self), _known(other)
        if b is not None:
            if b == 1:
                return self
            if b == 0:
                return constant(self.tape, 0)
            if a is not None:
                return constant(self.tape, a * b)
            if b == -1:
                return -self
        elif a is not None:
            if a == 1:
                return other  # type: ignore[no-any-return]
            if a == 0:
                return constant(self.tape, 0)
            if a == -1:
                return -other  # type: ignore[no-any-return]
        return apply(self.tape, "mul", self, other)

    def __rmul__(self, other: Any) -> Expr:
        return constant(self.tape, other) * self

    def __truediv__(self, other: Any) -> Expr:
        a, b = _known(self), _known(other)
        if b == 1:
            return self
        if a == 0 and b != 0:
            return self
        if a is not None and b:
            return constant(self.tape, Fraction(a) / b)
        return apply(self.tape, "div", self, other)

    def __rtruediv__(self, other: Any) -> Expr:
        return constant(self.tape, other) / self

    def __neg__(self) -> Expr:
        node = self.node
        known = self.known()
        if known is not None:
            return constant(self.tape, -known)
        return (
            Expr(self.tape, node.operands[0]) if node.op == "neg" else apply(self.tape, "neg", self)
        )

    def __pow__(self, exponent: Any) -> Expr:
        n = _known(exponent)
        if n == 1:
            return self
        if n == 0:
            return constant(self.tape, 1)
        return apply(self.tape, "pow", self, exponent)


def _known(value: Any) -> Any:
    return value.known() if isinstance(value, Expr) else value


def constant(tape: Tape, value: Any) -> Expr:
    """A number, or a handle that is passed through, as an expression of the tape."""
    if isinstance(value, Expr):
        return value
    if isinstance(value, Fraction) and value.denominator == 1:
        value = value.numerator
    return Expr(tape, tape.make("const", (), value))


def apply(tape: Tape, op: str, *operands: Any, **attrs: Any) -> Expr:
    """Add the node ``op(*operands)``; numbers become constants."""
    ids = tuple([constant(tape, x).id for x in operands])
    row = tape.ops.get(op)
    if row is None or not row.attrs:
        return Expr(tape, tape.make(op, ids))
    # In the order of the row, so that equal calls are one node.
    given = tuple([(name, attrs.get(name, default)) for name, default in row.attrs.items()])
    return Expr(tape, tape.make(op, ids, given))
