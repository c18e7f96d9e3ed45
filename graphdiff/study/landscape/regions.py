"""Stretches on which f′ is 0, small or large, and where f′ = 0."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

from graphdiff.core.algebra.factors import factors
from graphdiff.core.ir.expr import Expr
from graphdiff.errors import LimitExceeded
from graphdiff.program.germs.coefficients import ball

from .cells import Cell, Pieces
from .intervals import middle
from .result import Region, Stationary
from .roots import Finder
from .shape import Course, signs_between

__all__ = ["outside", "slopes"]

_PARTS = 400
"""Parts that are looked at for one level of the slope on one piece."""


def outside(pieces: Pieces) -> list[Region]:
    """Where the function is not defined, and what was left undecided."""
    found = [
        Region("outside", cell.low.at, cell.high.at, _sure(cell))
        for cell in pieces.cells
        if cell.terms[pieces.written.output] is None
    ]
    found += [
        Region("undecided", mark.at.lower(), mark.at.upper(), proved=False)
        for mark in pieces.marks
        if mark.wide
    ]
    return _joined(found)


def slopes(
    pieces: Pieces, flat: Fraction, steep: Fraction
) -> tuple[list[Region], list[Stationary], list[Course], list[str]]:
    """Flat and steep stretches, stationary points, how f runs, and what could not be said."""
    regions: list[Region] = []
    courses: list[Course] = []
    stationary: list[Stationary] = []
    notes: list[str] = []
    for cell in pieces.cells:
        formula = cell.terms[pieces.written.output]
        if formula is None:
            continue
        try:
            stretches, places, course = _cell(pieces.finder, cell, formula, flat, steep)
        except LimitExceeded:
            notes = [
                "flat and steep stretches were not searched everywhere: too many, or too close"
            ]
            continue
        regions += stretches
        stationary += places
        courses.append(course)
    return _joined(regions), stationary, courses, notes


def _cell(
    finder: Finder, cell: Cell, formula: Expr, flat: Fraction, steep: Fraction
) -> tuple[list[Region], list[Stationary], Course]:
    level = [Region("constant", cell.low.at, cell.high.at, _sure(cell))]
    if finder.constant(formula.id):
        return level, [], Course(cell, (0,), _sure(cell))
    slope = Expr(finder.tape, finder.short_slope(formula.id))
    if finder.constant(slope.id) and finder.exact(slope.id, cell.sample) == 0:
        return level, [], Course(cell, (0,), _sure(cell))
    turns, sure = _zeros(finder, slope, cell)
    signs = signs_between(lambda x: finder.sign(slope.id, x), cell, [at for at, _ in turns])
    course = Course(cell, signs, sure and _sure(cell))
    stationary = [_turn(finder, formula, slope, cell, turns, k) for k in range(len(turns))]
    cuts: list[Any] = []
    for height in (flat, -flat, steep, -steep):
        found, proved = _zeros(finder, slope - height, cell)
        cuts += [at for at, _ in found]
        sure = sure and proved
    ends = [cell.low.at, *sorted(cuts, key=lambda at: float(ball(at).mid())), cell.high.at]
    sure = sure and _sure(cell)
    regions = []
    for low, high in pairwise(ends):
        kind = _level(finder, slope.id, low, high, flat, steep)
        if kind is not None:
            regions.append(Region(kind, low, high, sure))  # type: ignore[arg-type]
    return regions, stationary, course


def _sure(cell: Cell) -> bool:
    return cell.low.proved and cell.high.proved


def _zeros(finder: Finder, formula: Expr, cell: Cell) -> tuple[list[tuple[Any, bool]], bool]:
    """Zeros of a formula inside a cell, and whether they are surely all.

    The undecided end of a cell, where the slope has no bound, counts as none.
    """
    found: list[tuple[Any, bool]] = []
    sure, gaps = True, finder.gaps
    if finder.constant(formula.id):
        return [], True
    for factor in factors(finder.tape, formula.id):
        for root in finder.roots(factor, cell.low.at, cell.high.at, _PARTS):
            narrow = float(ball(root.at).rad()) <= 1e-9 * (1 + abs(float(ball(root.at).mid())))
            if root.proved or narrow:
                found.append((root.at, root.proved))
            sure = sure and root.proved
    return found, sure and finder.gaps == gaps


def _turn(
    finder: Finder, formula: Expr, slope: Expr, cell: Cell, turns: list[tuple[Any, bool]], k: int
) -> Stationary:
    ordered = sorted(turns, key=lambda turn: float(ball(turn[0]).mid()))
    ends = [cell.low.at, *[at for at, _ in ordered], cell.high.at]
    at, proved = ordered[k]
    before, after = (
        finder.sign(slope.id, middle(low, high)) for low, high in ((ends[k], at), (at, ends[k + 2]))
    )
    kinds = {(-1, 1): "minimum", (1, -1): "maximum", (1, 1): "inflection", (-1, -1): "inflection"}
    kind: Any = kinds.get((before or 0, after or 0), "undecided")
    value = finder.exact(formula.id, at) if isinstance(at, Fraction) else None
    if value is None:
        value = finder.value(formula.id, at)
    return Stationary(at, value, kind, proved)


def _level(
    finder: Finder, slope: int, low: Any, high: Any, flat: Fraction, steep: Fraction
) -> str | None:
    value = finder.value(slope, middle(low, high))
    if value is None:
        return None
    size = abs(value)
    return "flat" if size < ball(flat) else "steep" if size > ball(steep) else None


def _joined(regions: list[Region]) -> list[Region]:
    """Neighbours of one kind as one stretch."""
    result: list[Region] = []
    for region in regions:
        last = result[-1] if result else None
        if last is not None and last.kind == region.kind and last.high is region.low:
            result[-1] = Region(last.kind, last.low, region.high, last.proved and region.proved)
        else:
            result.append(region)
    return result
