"""The smooth formula that an op is on a piece where what decides has one sign."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import Balls, integer
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.program.germs.coefficients import exact

from .roots import Finder

__all__ = ["resolved", "side_of"]


def resolved(finder: Finder, node: Node, terms: list[Any], sample: Fraction) -> Any:
    """The smooth formula of a node on a piece around a sample, a truth value, or None where it is
    not defined.  ``terms`` are its operands'."""
    row = finder.tape.ops[node.op]
    if row.selects:
        return None if terms[0] is None else terms[1] if terms[0] else terms[2]
    if any(term is None for term in terms):
        return None
    u = terms[0]
    if row.condition or row.ties:
        side = 0 if u.id == terms[1].id else side_of(finder, u - terms[1], sample)
        if row.condition:
            return row.value(RATIONAL, side, 0)
        return u if (side >= 0) == (row.extreme == "largest") else terms[1]
    if row.name == "div":
        return u / terms[1] if side_of(finder, terms[1], sample) else None
    if row.name == "pow":
        return _powered(finder, sample, *terms)
    if row.angle:
        return _angle(finder, sample, *terms)
    if row.curve.singular == "integers":
        return _rounded(finder, sample, row, u)
    if isinstance(row.curve.singular, tuple) and row.curve.singular:
        return _piece(finder, sample, row, u)
    return _folded(finder.tape, node.op, terms)


def _folded(tape: Tape, op: str, terms: list[Any]) -> Expr:
    """Apply an op; sums and products drop what is neutral."""
    x = terms[0]
    match op:
        case "add":
            return x + terms[1]  # type: ignore[no-any-return]
        case "sub":
            return constant(tape, 0) if x.id == terms[1].id else x - terms[1]
        case "mul":
            return x * terms[1]  # type: ignore[no-any-return]
        case "neg":
            return -x  # type: ignore[no-any-return]
    return apply(tape, op, *terms)


def side_of(finder: Finder, formula: Expr, sample: Fraction) -> int:
    """The sign of a formula on a cell: 0 only if it is 0 throughout, as far as can be told."""
    found = finder.sign(formula.id, sample)
    return found or 0


def _rounded(finder: Finder, sample: Fraction, row: Op, u: Expr) -> Expr | None:
    known = finder.exact(u.id, sample)
    if known is not None:
        return constant(finder.tape, row.value(RATIONAL, known))
    value = finder.value(u.id, sample)
    found = None if value is None else integer(row.value(Balls(), value))
    return None if found is None else constant(finder.tape, found)


def _piece(finder: Finder, sample: Fraction, row: Op, u: Expr) -> Expr | None:
    """An op between two of the points where it is not analytic, or on one of them."""
    place = row.curve.place(lambda point: side_of(finder, u - point if point else u, sample))
    if row.defined is not None and not row.defined(place):
        return None
    if place in (row.curve.singular or ()):
        value = row.value(RATIONAL, Fraction(place))
        if exact(value):
            return constant(finder.tape, value)
    elif row.kink is not None and row.kink.sides is not None:
        made = row.kink.sides[place > 0](u)
        return made if isinstance(made, Expr) else constant(finder.tape, made)
    if row.curve.power is not None and place < 0:
        # With a sign of its own, since the derivative's formula takes powers of what it is.
        return -apply(finder.tape, row.name, -u)
    return apply(finder.tape, row.name, u)


def _angle(finder: Finder, sample: Fraction, y: Expr, x: Expr) -> Expr | None:
    """atan2 as ±π/2 − atan(x/y), which is smooth where x changes sign."""
    side = side_of(finder, y, sample)
    if side:
        turn = constant(finder.tape, "pi") / 2
        angle: Expr = symbolic(finder.tape).atan(x / y)
        return turn - angle if side > 0 else -turn - angle
    right = side_of(finder, x, sample)
    if not right:
        return None
    return constant(finder.tape, 0 if right > 0 else "pi")


def _powered(finder: Finder, sample: Fraction, u: Expr, v: Expr) -> Expr | None:
    """Powers; negative numbers have integer ones only."""
    exponent = finder.exact(v.id, Fraction(0)) if finder.constant(v.id) else None
    side = side_of(finder, u, sample)
    if exponent is not None and exponent.denominator == 1:
        return u**v if side or exponent >= 0 else None
    if side > 0:
        return u**v
    if side == 0 and finder.constant(v.id) and side_of(finder, v, sample) > 0:
        return constant(finder.tape, 0)
    return None
