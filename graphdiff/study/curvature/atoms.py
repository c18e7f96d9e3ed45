"""Functions of one variable: where they are convex, where they rise.

A row is a function of the operand's range; it returns the curvature (``v`` convex, ``c`` concave,
``V`` log-convex, ``C`` log-concave) and 1 rising, −1 falling, 0 neither.
Sources: Boyd & Vandenberghe 2004, 3.1.5 and 3.5; derivatives in the op table.
"""

from __future__ import annotations

from collections.abc import Callable

from graphdiff.core.domains.intervals import Interval

__all__ = ["ATOMS", "Atom"]

Atom = Callable[[Interval], tuple[str, int]]


def _always(curve: str, slope: int) -> Atom:
    return lambda x: (curve, slope)


def _even(curve: str) -> Atom:
    """Even and convex, such as |x|: falls left of 0, rises right of it."""
    return lambda x: (curve, 1 if x.lo >= 0 else -1 if x.hi <= 0 else 0)


def _bending(right: str, left: str, slope: int) -> Atom:
    """Monotone, bending at 0."""

    def row(x: Interval) -> tuple[str, int]:
        return (right if x.lo >= 0 else left if x.hi <= 0 else "", slope)

    return row


def _logconcave(row: Atom) -> Atom:
    def both(x: Interval) -> tuple[str, int]:
        curve, slope = row(x)
        return curve + "C", slope

    return both


def _tan(x: Interval) -> tuple[str, int]:
    if not (x.lo > -1.5 and x.hi < 1.5):
        return "", 1
    return _bending("v", "c", 1)(x)


def _reciprocal(x: Interval) -> tuple[str, int]:
    return ("v", -1) if x.lo >= 0 else ("c", -1) if x.hi <= 0 else ("", 0)


ATOMS: dict[str, Atom] = {
    "exp": _always("VvC", 1),
    "expm1": _always("v", 1),
    "sqrt": _always("cC", 1),
    "abs": _even("v"),
    "relu": _always("v", 1),
    "softplus": _always("v", 1),
    "log_sigmoid": _always("c", 1),
    "sigmoid": _logconcave(_bending("c", "v", 1)),
    "normal_cdf": _logconcave(_bending("c", "v", 1)),
    "cosh": _even("Vv"),
    "sinh": _bending("v", "c", 1),
    "tanh": _bending("c", "v", 1),
    "atan": _bending("c", "v", 1),
    "asinh": _bending("c", "v", 1),
    "erf": _bending("c", "v", 1),
    "softsign": _bending("c", "v", 1),
    "cbrt": _bending("c", "v", 1),
    "asin": _bending("v", "c", 1),
    "acos": _bending("c", "v", -1),
    "atanh": _bending("v", "c", 1),
    "acosh": _always("c", 1),
    "tan": _tan,
    "coth": _reciprocal,
    "csch": _reciprocal,
}
