"""Functions applied to their arguments: conventions, arity, degrees."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import TYPE_CHECKING

from graphdiff.core.domains.base import COMPARISONS
from graphdiff.core.ops import SIGNS, STANDARD
from graphdiff.core.support.words import Message

from .terms import Term, constant
from .words import FUNCTIONS, INVERSES, selects

if TYPE_CHECKING:
    from .stack import Stack
    from .tokens import Token

__all__ = ["applied", "nth_root", "product_up_to"]

MOST_FACTORIAL, MOST_BITS = 1000, 4096


def _counted(parser: Stack, token: Token, arguments: list[Term]) -> None:
    """Check that a call has as many arguments as its function takes.  Raises Unreadable."""
    name, row = token.value[0], FUNCTIONS[token.value[0]]
    if not row.least <= len(arguments) <= row.most:
        wanted = row.least if len(arguments) < row.least else row.most
        key = "reading.takes_one" if wanted == 1 else "reading.takes_more"
        told = Message(key, name=name, count=wanted, given=len(arguments))
        parser.fail(told, token.start)
    if selects(row.op) and arguments[0].op not in COMPARISONS:
        told = Message("reading.condition", name=name)
        parser.fail(told, token.start, f"{name}(x < 0, -x, x)")


def applied(
    parser: Stack, token: Token, power: Term | None, arguments: list[Term], end: int, bare: bool
) -> Term:
    """The function of a token, with its power (``sin^2``), of these arguments."""
    _counted(parser, token, arguments)
    name, index = token.value
    op = FUNCTIONS[name].op
    span = (token.start, end)
    if power is not None and power.op == "const" and power.value == -1 and op in INVERSES:
        choice = parser.settings.inverse
        reciprocal = choice == "reciprocal" or (
            choice == "either" and parser.ask("inverse", token.start)
        )
        if not reciprocal:
            op, power = INVERSES[op], None
            parser.notes[Message("note.inverse", name=name)] = None
    if index is not None:
        if len(arguments) > 1:
            parser.fail(Message("reading.base", name=name, count=len(arguments)), token.start)
        arguments = [*arguments, index]
    plain = bare and power is None
    term = _called(parser, token, op, arguments, span, plain)
    return term if power is None else Term("pow", (term, power), None, span)


def _called(
    parser: Stack, token: Token, op: str, arguments: list[Term], span: tuple[int, int], bare: bool
) -> Term:
    if op in ("log?", "log", "log10") and len(arguments) == 2:
        return _logarithm(arguments[0], arguments[1], span)
    if op == "log?":
        return _plain_logarithm(parser, token, arguments[0], span, bare)
    if op == "root":
        return nth_root(parser, arguments[0], arguments[1], span, token.start)
    if op == "factorial":
        return product_up_to(parser, arguments[0], span, token.start)
    row = STANDARD[op]
    if not row.variadic and len(arguments) < len(row.params):
        values = [row.defaults[name] for name in row.params[len(arguments) :]]
        arguments = [*arguments, *(constant(value, span) for value in values)]
    if parser.settings.angle == "degrees" and row.radians:
        return _in_degrees(op, arguments, span)
    return Term(op, tuple(arguments), None, span)


def _in_degrees(op: str, arguments: list[Term], span: tuple[int, int]) -> Term:
    degree = Term("div", (constant("pi", span), constant(180, span)), None, span)
    if STANDARD[op].radians == "operand":
        return Term(op, (Term("mul", (arguments[0], degree), None, span),), None, span)
    return Term("div", (Term(op, tuple(arguments), None, span), degree), None, span)


def _logarithm(x: Term, base: Term, span: tuple[int, int]) -> Term:
    if base.op == "const" and base.value in (2, 10, "e"):
        return Term({2: "log2", 10: "log10", "e": "log"}[base.value], (x,), None, span)
    parts = (Term("log", (x,), None, span), Term("log", (base,), None, span))
    return Term("div", parts, None, span)


def _plain_logarithm(
    parser: Stack, token: Token, x: Term, span: tuple[int, int], bare: bool
) -> Term:
    """``log`` without a base."""
    told = parser.settings.log
    op = "log" if told in ("either", "ln") else told
    read_as = "ln" if op == "log" else op
    parser.notes[Message("note.read_as", written="log", name=read_as)] = None
    if told == "either" and bare and x.op != "pow" and parser.ask("log", token.start):
        op = "log10"
    return Term(op, (x,), None, span)


def nth_root(parser: Stack, x: Term, order: Term | int, span: tuple[int, int], at: int) -> Term:
    """The n-th root; an odd one of a negative number is real."""
    if isinstance(order, int):
        order = constant(order, span)
    n = order.value if order.op == "const" else None
    if n is None:
        return Term("pow", (x, Term("div", (constant(1, span), order), None, span)), None, span)
    if not isinstance(n, int) or not 1 <= n <= 1000:
        parser.fail(Message("reading.root"), at, "root(x, 3)")
    if n <= 3:
        return x if n == 1 else Term(SIGNS["√" if n == 2 else "∛"], (x,), None, span)
    share = constant(Fraction(1, n), span)
    if n % 2 == 0 or parser.settings.odd_roots:
        return Term("pow", (x, share), None, span)
    size = Term("pow", (Term(SIGNS["|x|"], (x,), None, span), share), None, span)
    return Term("mul", (Term(SIGNS["sgn"], (x,), None, span), size), None, span)


def product_up_to(parser: Stack, x: Term, span: tuple[int, int], at: int) -> Term:
    """The factorial of a number that is written out.  Raises Unreadable."""
    if x.op != "const" or not isinstance(x.value, int) or x.value < 0:
        parser.fail(Message("reading.factorial"), at, Message("hint.factorial"), "limit")
    if x.value > MOST_FACTORIAL or (value := factorial(x.value)).bit_length() > MOST_BITS:
        parser.fail(Message("reading.large_factorial"), at, Message("hint.smaller"), "limit")
    return constant(value, span)
