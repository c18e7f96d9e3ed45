"""What a function is like as a whole: rising or falling, odd or even, its values, its limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import GraphDiffError
from graphdiff.program.germs import one_sided
from graphdiff.program.germs.coefficients import ball
from graphdiff.program.graph import Graph
from graphdiff.study.equality.proof import proved_equal

from .cells import Cell, Pieces
from .intervals import middle
from .showing import decimal

if TYPE_CHECKING:
    from .result import Point, Region, Stationary

__all__ = ["Course", "Fact", "Shape", "shape_of"]

_TRIED = (Fraction(1, 4), Fraction(1, 2), Fraction(3, 4), Fraction(3, 7))
"""Where a function that is neither odd nor even is caught, as shares of the interval's half."""


_POINTS, _CLOSER = 513, 3
"""Points of a piece where the least and the greatest value are looked for, and how often."""


class Course(NamedTuple):
    """How a function runs on one smooth piece."""

    cell: Cell
    signs: tuple[int | None, ...]
    """Of f′ between the points where it is 0; one 0 if f is constant."""
    sure: bool
    """Whether these points are surely all."""


class Fact(NamedTuple):
    """One thing that is known of the shape; ``answer`` is empty where it is not."""

    answer: str
    proved: bool
    why: str
    numbers: tuple[Any, Any] | None = None
    """Least and greatest value, or both limits."""


class Shape(NamedTuple):
    """The shape of a function on an interval, and its limits beyond."""

    monotone: Fact
    """``rising``, ``falling``, ``constant``, or ``neither``."""
    parity: Fact
    """``odd``, ``even``, or ``neither``."""
    values: Fact
    limits: Fact


_NOTHING = Fact("", proved=False, why="")


def shape_of(
    pieces: Pieces, courses: Sequence[Course], points: Sequence[Point],
    regions: Sequence[Region], stationary: Sequence[Stationary], *, continuous: bool, sure: bool,
) -> Shape:  # fmt: skip
    """What is known of the shape; f is ``continuous`` on the interval, proved if ``sure``."""
    whole = all(region.kind not in ("outside", "undecided") for region in regions)
    low, high = pieces.marks[0].at, pieces.marks[-1].at
    return Shape(
        _monotone(pieces, courses, sure=sure) if continuous else _NOTHING,
        _parity(pieces) if whole and low == -high else _NOTHING,
        _values(pieces, courses, points, stationary, sure=sure) if continuous else _NOTHING,
        _limits(pieces),
    )


def _monotone(pieces: Pieces, courses: Sequence[Course], *, sure: bool) -> Fact:
    if len(courses) < len(pieces.cells):
        return _NOTHING
    signs = [sign for course in courses for sign in course.signs]
    up, down = 1 in signs, -1 in signs
    if up and down:  # both signs are proved, wherever they change
        return Fact("neither", proved=True, why="f′ is positive in places, negative in others")
    if None in signs:
        return _NOTHING
    known = sure and all(course.sure for course in courses)
    flat = " or 0" if 0 in signs else ""
    if not up and not down:
        return Fact("constant", known, "f′ = 0")
    named = "rising" if up else "falling"
    return Fact(named, known, f"f′ is {'positive' if up else 'negative'}{flat} on every piece")


def _values(
    pieces: Pieces, courses: Sequence[Course], points: Sequence[Point],
    stationary: Sequence[Stationary], *, sure: bool,
) -> Fact:  # fmt: skip
    """Least and greatest value of a continuous function: at an end, a kink, or where f′ = 0."""
    found = [s.value for s in stationary] + [p.value for p in points]
    for cell, at in ((pieces.cells[0], pieces.cells[0].low.at),
                     (pieces.cells[-1], pieces.cells[-1].high.at)):  # fmt: skip
        formula = cell.terms[pieces.written.output]
        value = pieces.finder.exact(formula.id, at) if formula is not None else None
        if formula is not None and value is None:
            value = pieces.finder.value(formula.id, at)
        found.append(value)
    for cell in pieces.cells[:-1]:
        formula = cell.terms[pieces.written.output]
        if formula is not None:
            found.append(pieces.finder.value(formula.id, cell.high.at))
    if any(value is None or not math.isfinite(decimal(value)) for value in found):
        return _NOTHING
    known = sure and len(courses) == len(pieces.cells) and all(c.sure for c in courses)
    if not known:
        found += _tried(pieces)
    least, greatest = min(found, key=decimal), max(found, key=decimal)
    why = "on the interval" if known else "of many points of the interval"
    return Fact("known", known, f"least and greatest {why}", (least, greatest))


def _tried(pieces: Pieces) -> list[Any]:
    """Least and greatest value in doubles at many points of each piece, closer and closer ones
    around them."""
    import numpy

    tape, name = pieces.finder.tape, pieces.finder.variable
    found = []
    for cell in pieces.cells:
        formula = cell.terms[pieces.written.output]
        if formula is None:
            continue
        order = tape.needed_for([formula.id])
        for best in (numpy.nanargmin, numpy.nanargmax):
            low, high = decimal(cell.low.at), decimal(cell.high.at)
            for _ in range(_CLOSER):
                x = numpy.linspace(low, high, _POINTS)
                values = forward(tape, order, {name: x}, FloatArrays())[formula.id]
                values = numpy.array(numpy.broadcast_to(values, x.shape), dtype=float)
                values[~numpy.isfinite(values)] = numpy.nan
                if numpy.isnan(values).all():
                    break
                k = int(best(values))
                low, high = float(x[max(k - 1, 0)]), float(x[min(k + 1, _POINTS - 1)])
            else:
                found.append(ball(float(values[k])))
    return found


def _parity(pieces: Pieces) -> Fact:
    tape = Tape(pieces.written.tape.ops, pieces.written.tape.limits)
    x = Expr(tape, tape.make("input", (), pieces.finder.variable))
    there = _with(pieces, tape, x)
    back = _with(pieces, tape, -x)
    for answer, other in (("even", back), ("odd", -back)):
        if proved_equal(tape, there.id, other.id):
            sign = "−" if answer == "odd" else ""
            return Fact(
                answer, proved=True, why=f"f(−x) = {sign}f(x)".replace("x", pieces.finder.variable)
            )
    for share in _TRIED:
        at = share * pieces.marks[-1].at
        one, other = (_at(pieces, place) for place in (at, -at))
        if one is not None and other is not None and one != other and one != -other:
            return Fact("neither", proved=True, why=f"f({at}) and f(−{at}) tell")
    return _NOTHING


def _at(pieces: Pieces, place: Any) -> Any:
    """A ball for the value inside a piece; None on its rim."""
    for cell in pieces.cells:
        formula = cell.terms[pieces.written.output]
        if formula is not None and ball(cell.low.at) < ball(place) < ball(cell.high.at):
            return pieces.finder.value(formula.id, place)
    return None


def _with(pieces: Pieces, tape: Tape, x: Expr) -> Expr:
    """The function of another expression."""
    source, moved = pieces.written.tape, {pieces.written.variable: x.id}
    for i in source.needed_for([pieces.written.output]):
        if i not in moved:
            node = source.nodes[i]
            operands = tuple([moved[k] for k in node.operands])
            moved[i] = tape.make(node.op, operands, node.attr, node.shape)
    return Expr(tape, moved[pieces.written.output])


def _limits(pieces: Pieces) -> Fact:
    """Both limits at infinity: those of f(1/t) beside t = 0."""
    name = pieces.finder.variable
    tape = Tape(pieces.written.tape.ops, pieces.written.tape.limits)
    t = Expr(tape, tape.make("input", (), name))
    far = _with(pieces, tape, apply(tape, "div", Expr(tape, tape.make("const", (), 1)), t))
    try:
        found = one_sided(Graph(tape, far.id, {}, {name: t.id}), {name: 0}, name)
    except GraphDiffError:
        return _NOTHING
    below, above = (
        half.limit if half.status == "known" else None for half in (found.below, found.above)
    )
    ways = [f"to {end}" for end, limit in (("−∞", below), ("∞", above)) if limit is not None]
    if not ways:
        return _NOTHING
    why = f"as {name} goes {' and '.join(ways)}"
    return Fact("known", proved=True, why=why, numbers=(below, above))


def signs_between(
    sign: Callable[[Any], int | None], cell: Cell, turns: Sequence[Any]
) -> tuple[int | None, ...]:
    """The sign of f′ on each stretch of a piece between the points where it is 0."""
    ends = [cell.low.at, *sorted(turns, key=lambda at: float(ball(at).mid())), cell.high.at]
    return tuple(sign(middle(a, b)) for a, b in pairwise(ends))
