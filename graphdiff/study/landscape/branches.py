"""The smooth formula that an op is on a piece where what decides has one sign."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.program.germs.gates import COMPARES

from .roots import Finder

__all__ = ["resolved", "side_of"]


def resolved(finder: Finder, node: Node, terms: list[Any], sample: Fraction) -> Any:
    """The smooth formula of a node on a piece around a sample, a truth value, or None where it is
    not defined.  ``terms`` are its operands'."""
    if node.op == "where":
        return None if terms[0] is None else terms[1] if terms[0] else terms[2]
    if any(term is None for term in terms):
        return None
    u = terms[0]
    if node.op in COMPARES:
        side = 0 if u.id == terms[1].id else side_of(finder, u - terms[1], sample)
        return COMPARES[node.op](side)
    if node.op in ("max", "min"):
        side = 0 if u.id == terms[1].id else side_of(finder, u - terms[1], sample)
        return u if (side >= 0) == (node.op == "max") else terms[1]
    choose = _CHOICES.get(node.op)
    if choose is not None:
        return choose(finder, sample, *terms)
    if node.op == "pow":
        return _powered(finder, sample, *terms)
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


def _absolute(finder: Finder, sample: Fraction, u: Expr) -> Expr:
    side = side_of(finder, u, sample)
    return u if side > 0 else -u if side < 0 else constant(finder.tape, 0)


def _rounded(finder: Finder, sample: Fraction, u: Expr, name: str) -> Expr | None:
    known = finder.exact(u.id, sample)
    if known is not None:
        return constant(finder.tape, getattr(RATIONAL, name)(known))
    value = finder.value(u.id, sample)
    if value is None or getattr(value, name)().unique_fmpz() is None:
        return None
    return constant(finder.tape, int(getattr(value, name)().unique_fmpz()))


def _positive(finder: Finder, sample: Fraction, u: Expr, name: str) -> Expr | None:
    """Logarithms, defined for u > 0."""
    return apply(finder.tape, name, u) if side_of(finder, u, sample) > 0 else None


def _square_root(finder: Finder, sample: Fraction, u: Expr) -> Expr | None:
    side = side_of(finder, u, sample)
    if side < 0:
        return None
    return apply(finder.tape, "sqrt", u) if side else constant(finder.tape, 0)


def _cube_root(finder: Finder, sample: Fraction, u: Expr) -> Expr:
    """∛u with a sign of its own, since the derivative's formula takes powers of what it is."""
    side = side_of(finder, u, sample)
    if not side:
        return constant(finder.tape, 0)
    return apply(finder.tape, "cbrt", u) if side > 0 else -apply(finder.tape, "cbrt", -u)


def _bounded(
    finder: Finder, sample: Fraction, u: Expr, name: str, inside: bool = True
) -> Expr | None:
    """asin, acos and atanh, defined within ±1; acosh, defined from 1 on."""
    above, below = side_of(finder, u - 1, sample), side_of(finder, u + 1, sample)
    if (above > 0 or below < 0) if inside else above < 0:
        return None
    return apply(finder.tape, name, u)


def _quotient(finder: Finder, sample: Fraction, u: Expr, v: Expr) -> Expr | None:
    return u / v if side_of(finder, v, sample) else None


def _angle(finder: Finder, sample: Fraction, y: Expr, x: Expr) -> Expr | None:
    """atan2 as ±π/2 − atan(x/y), which is smooth where x changes sign."""
    side = side_of(finder, y, sample)
    if side:
        turn = constant(finder.tape, "pi") / 2
        angle = apply(finder.tape, "atan", x / y)
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


_CHOICES: dict[str, Any] = {
    "abs": _absolute,
    "sign": lambda finder, sample, u: constant(finder.tape, side_of(finder, u, sample)),
    "floor": lambda finder, sample, u: _rounded(finder, sample, u, "floor"),
    "ceil": lambda finder, sample, u: _rounded(finder, sample, u, "ceil"),
    "log": lambda finder, sample, u: _positive(finder, sample, u, "log"),
    "log2": lambda finder, sample, u: _positive(finder, sample, u, "log2"),
    "log10": lambda finder, sample, u: _positive(finder, sample, u, "log10"),
    "sqrt": _square_root, "cbrt": _cube_root, "div": _quotient, "atan2": _angle,
    "asin": lambda finder, sample, u: _bounded(finder, sample, u, "asin"),
    "acos": lambda finder, sample, u: _bounded(finder, sample, u, "acos"),
    "atanh": lambda finder, sample, u: _bounded(finder, sample, u, "atanh"),
    "acosh": lambda finder, sample, u: _bounded(finder, sample, u, "acosh", inside=False),
}  # fmt: skip
"""By op: the formula on a cell."""
