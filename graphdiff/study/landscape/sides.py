"""One side of a point: limit, slope, and how many derivatives there are."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.walks import ascend
from graphdiff.program.germs.coefficients import ORDER, Doubt, certain, overlap, sign, times
from graphdiff.program.germs.functions import expanded
from graphdiff.program.germs.gates import state_of
from graphdiff.program.germs.germ import Germ, NoSeries, Tail

from .cells import Mark
from .natures import MEROMORPHIC, nature_of

__all__ = ["DEEPEST", "UNKNOWN", "Side", "agreement", "side"]

UNKNOWN = "unknown"
"""The nature of a side of which nothing is known."""
DEEPEST = 8
"""Derivatives that are compared; functions that agree this far are compared as formulas."""


@dataclass(frozen=True, slots=True)
class Side:
    """What a function does on one side of a point."""

    limit: Any
    """A fraction, a ball, ±inf, or None where there is no limit."""
    slope: Any
    """The one-sided derivative, towards the limit; ±inf, or None where there is none."""
    order: int
    """How many one-sided derivatives there surely are, at most ``DEEPEST``; −1 without a finite
    limit."""
    rate: tuple[Fraction, int] | None
    """The slope grows like |x − c|^α·|ln |x − c||^β; None where it stays bounded."""
    derivatives: tuple[Any, ...]
    """The limit and the first derivatives, as far as ``order`` goes."""
    nature: str = ""
    """``meromorphic``, ``flat`` (every derivative goes to 0), ``unknown`` where there is no
    expansion, or empty."""
    most: int = DEEPEST
    """How many there may be: a coefficient that may be 0 ends nothing."""


def side(tape: Tape, output: int, variable: int, mark: Mark, way: int, doubt: Doubt) -> Side:
    """The right (``way`` = 1) or the left (−1) side of a mark, of a smooth formula there."""
    try:
        germ, nature = _germ(tape, output, variable, mark, way, doubt)
    except NoSeries:
        doubt.raised = True
        return Side(None, None, -1, None, (), UNKNOWN)
    if isinstance(germ, Tail):
        doubt.raised |= germ.limit is None
        return Side(germ.limit, None, -1, None, ())
    try:
        limit = germ.limit
        if not isinstance(limit, float):
            return _finite(germ, limit, way, doubt, nature)
        found = germ.leading()
    except NoSeries:
        doubt.raised = True
        return Side(None, None, -1, None, (), "" if doubt.wild else UNKNOWN)
    assert found is not None
    (alpha, beta), _ = found
    return Side(limit, None, -1, (alpha - 1, beta if alpha else beta - 1), ())


def _finite(germ: Germ, limit: Any, way: int, doubt: Doubt, nature: str) -> Side:
    rest = Germ({k: v for k, v in germ.terms.items() if any(k)}, germ.order, doubt)
    slope, rate = _slope(rest, way)
    order, most = _regular(rest, doubt)
    factors = [Fraction(way**k * math.factorial(k)) for k in range(order + 1)]
    higher = [times(germ.at(k), factors[k]) for k in range(1, order + 1)]
    return Side(limit, slope, order, rate, (limit, *higher), nature, most)


def _slope(rest: Germ, way: int) -> tuple[Any, tuple[Fraction, int] | None]:
    """The slope of a germ that goes to 0, and how it grows where it is infinite."""
    found = rest.leading()
    if found is None or found[0][0] > 1:
        known = rest.order > 1
        return (Fraction(0) if known else None), None
    (alpha, beta), value = found
    if alpha == 1 and beta == 0:
        return times(value, Fraction(way)), None
    rising = sign(value, rest.doubt) * (-1) ** beta * way
    return rising * math.inf, (alpha - 1, beta)


def _regular(rest: Germ, doubt: Doubt) -> tuple[int, int]:
    """How many derivatives a germ has that goes to 0: at least, and at most."""
    if doubt.wild:
        return 0, 0
    least: float = DEEPEST if rest.order == math.inf else min(DEEPEST, math.ceil(rest.order) - 1)
    most: float = DEEPEST
    for (alpha, beta), value in rest.terms.items():
        if beta or alpha.denominator != 1:
            least = min(least, math.ceil(alpha) - 1)
            if certain(value):
                most = min(most, math.ceil(alpha) - 1)
    return int(least), int(max(least, most))


def _germ(
    tape: Tape, output: int, variable: int, mark: Mark, way: int, doubt: Doubt
) -> tuple[Germ | Tail, str]:
    """A formula at c + t or c − t, and its nature."""

    def gate(i: int, node: Node, xs: list[tuple[Germ | Tail, str]]) -> tuple[Germ | Tail, str]:
        if i == variable:
            terms = {(Fraction(0), 0): mark.at, (Fraction(1), 0): Fraction(way)}
            germ: Any = Germ(terms, math.inf, doubt)
        elif node.op == "const":
            germ = state_of(tape, i, {}, doubt)
        else:
            germ = expanded(tape.ops[node.op], [x for x, _ in xs], doubt)
        known = mark.zeros.get(i)
        if known is not None and isinstance(germ, Germ) and (Fraction(0), 0) in germ.terms:
            terms = {**germ.terms, (Fraction(0), 0): known}
            germ = Germ(terms, germ.order, doubt, germ.flat)
            doubt.raised |= not mark.proved
        inner = [(nature, x) for x, nature in xs]
        return germ, nature_of(tape.ops[node.op], inner) if inner else MEROMORPHIC

    return ascend(tape, tape.needed_for([output]), gate)[output]


def agreement(left: Side, right: Side, doubt: Doubt) -> int:
    """The largest k for which both sides have the same derivatives up to the k-th; −1 for none."""
    agreed = -1
    for k in range(min(left.order, right.order) + 1):
        if not overlap(left.derivatives[k], right.derivatives[k], doubt):
            break
        agreed = k
    return agreed


assert ORDER > DEEPEST
