"""Whether an expansion tells the whole function, so that C^∞ follows.

A finite part of an expansion proves C^k for a finite k only: |x|^11 looks like x^11 on one side.
Two kinds of functions are known beyond it.  *Meromorphic* ones (made of analytic functions and
quotients) are equal if they are equal on one side.  *Flat* ones, e^(−1/x²) times a meromorphic one,
have derivatives that all go to 0 (Rudin 1976, Principles of Mathematical Analysis, exercise 8.1).
"""

from __future__ import annotations

import math
from typing import Any

from graphdiff.program.germs.coefficients import exact, whole
from graphdiff.program.germs.germ import Germ, NoSeries, Tail

__all__ = ["FLAT", "MEROMORPHIC", "nature_of"]

MEROMORPHIC = "meromorphic"
FLAT = "flat"

_ANALYTIC = {
    "exp", "expm1", "sin", "cos", "sinh", "cosh", "tanh", "atan", "asinh", "erf", "normal_cdf",
    "sigmoid", "softplus",
}  # fmt: skip
"""Functions that are analytic on the whole line."""
_THROUGH_ZERO = {"expm1", "sin", "sinh", "tanh", "atan", "asinh", "erf"}
_PARTLY = {
    "log": lambda u: u > 0, "log2": lambda u: u > 0, "log10": lambda u: u > 0,
    "sqrt": lambda u: u > 0, "cbrt": lambda u: u > 0 or u < 0, "acosh": lambda u: u > 1,
    "asin": lambda u: -1 < u < 1, "acos": lambda u: -1 < u < 1, "atanh": lambda u: -1 < u < 1,
}  # fmt: skip
"""Where the others are."""


def nature_of(op: str, operands: list[tuple[str, Germ | Tail]]) -> str:
    """What is known of an op's value, from what is known of its operands."""
    natures = [nature for nature, _ in operands]
    if "" in natures:
        return ""
    first = natures[0]
    if op in ("neg", "add", "sub"):
        return first if len(set(natures)) == 1 else ""
    if op == "mul":
        return FLAT if FLAT in natures else MEROMORPHIC
    if op == "div":
        return first if natures[1] == MEROMORPHIC else ""
    limit = _limit(operands[0][1])
    if op == "pow":
        return _power(natures, limit, operands[1][1])
    if limit is None:
        return ""
    if first == FLAT:
        return FLAT if op in _THROUGH_ZERO else ""
    if isinstance(limit, float):
        return FLAT if op == "exp" and limit < 0 else ""
    if op in _ANALYTIC:
        return MEROMORPHIC
    inside = _PARTLY.get(op)
    return MEROMORPHIC if inside is not None and inside(limit) else ""


def _power(natures: list[str], limit: Any, exponent: Germ | Tail) -> str:
    if natures[1] != MEROMORPHIC or not isinstance(exponent, Germ):
        return ""
    n = whole(exponent.at(0)) if len(exponent.terms) <= 1 and exponent.order == math.inf else None
    if n is not None and set(exponent.terms) <= {(0, 0)}:
        return natures[0] if natures[0] == MEROMORPHIC or n > 0 else ""
    finite = _limit(exponent)
    if natures[0] == FLAT or limit is None or isinstance(limit, float) or finite is None:
        return ""
    return MEROMORPHIC if limit > 0 and not isinstance(finite, float) else ""


def _limit(germ: Germ | Tail) -> Any:
    """A number, ±inf as a float, or None."""
    if isinstance(germ, Tail):
        return None
    try:
        limit = germ.limit
    except NoSeries:
        return None
    return limit if exact(limit) or not isinstance(limit, float) or math.isinf(limit) else None
