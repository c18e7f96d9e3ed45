"""Functions applied to their arguments: conventions, arity, degrees."""

from __future__ import annotations

from fractions import Fraction
from math import factorial
from typing import TYPE_CHECKING

from graphdiff.core.domains.base import COMPARISONS
from graphdiff.core.ops import STANDARD

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
        plural = "" if wanted == 1 else "s"
        parser.fail(f"{name} takes {wanted} argument{plural}, not {len(arguments)}", token.start)
    if selects(row.op) and arguments[0].op not in COMPARISONS:
        parser.fail(f"{name} needs a comparison first", token.start, f"{name}(x < 0, -x, x)")


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
            parser.notes[f"{name}^-1 read as the inverse function"] = None
    if index is not None:
        if len(arguments) > 1:
            parser.fail(f"{name} has a base and {len(arguments)} arguments", token.start)
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
    parser.notes[f"log read as {'ln' if op == 'log' else op}"] = None
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
        parser.fail("the order of a root is a whole number from 1 to 1000", at, "root(x, 3)")
    if n <= 3:
        return x if n == 1 else Term("sqrt" if n == 2 else "cbrt", (x,), None, span)
    share = constant(Fraction(1, n), span)
    if n % 2 == 0 or parser.settings.odd_roots:
        return Term("pow", (x, share), None, span)
    size = Term("pow", (Term("abs", (x,), None, span), share), None, span)
    return Term("mul", (Term("sign", (x,), None, span), size), None, span)


def product_up_to(parser: Stack, x: Term, span: tuple[int, int], at: int) -> Term:
    """The factorial of a number that is written out.  Raises Unreadable."""
    if x.op != "const" or not isinstance(x.value, int) or x.value < 0:
        parser.fail("only a number has a factorial here", at, "3! is 6", "limit")
    if x.value > MOST_FACTORIAL or (value := factorial(x.value)).bit_length() > MOST_BITS:
        parser.fail("this factorial is too large", at, "write a smaller number", "limit")
    return constant(value, span)
