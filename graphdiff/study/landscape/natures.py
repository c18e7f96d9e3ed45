"""Whether an expansion tells the whole function, so that C^∞ follows.

A finite part of an expansion proves C^k for a finite k only: |x|^11 looks like x^11 on one side.
Two kinds of functions are known beyond it.  *Meromorphic* ones (made of analytic functions and
quotients) are equal if they are equal on one side.  *Flat* ones, e^(−1/x²) times a meromorphic one,
have derivatives that all go to 0 (Rudin 1976, Principles of Mathematical Analysis, exercise 8.1).
"""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.op import Op
from graphdiff.program.germs.coefficients import exact, whole
from graphdiff.program.germs.germ import Germ, NoSeries, Tail

__all__ = ["FLAT", "MEROMORPHIC", "nature_of"]

MEROMORPHIC = "meromorphic"
FLAT = "flat"


def nature_of(row: Op, operands: list[tuple[str, Germ | Tail]]) -> str:
    """What is known of an op's value, from what is known of its operands."""
    natures = [nature for nature, _ in operands]
    if "" in natures:
        return ""
    first = natures[0]
    match row.name:
        case "neg" | "add" | "sub":
            return first if len(set(natures)) == 1 else ""
        case "mul":
            return FLAT if FLAT in natures else MEROMORPHIC
        case "div":
            return first if natures[1] == MEROMORPHIC else ""
    limit = _limit(operands[0][1])
    if row.name == "pow":
        return _power(natures, limit, operands[1][1])
    if limit is None or len(operands) > 1:
        return ""
    if first == FLAT:
        return FLAT if row.analytic(Fraction(0)) and not row.value(RATIONAL, Fraction(0)) else ""
    if isinstance(limit, float):
        return FLAT if row.curve.fast and row.curve.tails[limit > 0] == 0 else ""
    return MEROMORPHIC if row.analytic(limit) else ""


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
