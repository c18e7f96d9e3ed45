"""What kind of point a mark is."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

from graphdiff.core.ir.op import Op
from graphdiff.program.germs.coefficients import Doubt, exact, overlap, told
from graphdiff.study.equality import proved_equal

from .cells import Cell, Mark, Pieces
from .natures import FLAT, MEROMORPHIC
from .result import Kind, Point
from .sides import DEEPEST, UNKNOWN, Side, agreement, side
from .values import here

__all__ = ["points"]


def points(pieces: Pieces) -> list[Point]:
    """Every mark that is worth telling, from left to right."""
    cells = pieces.cells
    neighbours: list[tuple[Cell | None, Cell | None]] = [
        (None, cells[0]),
        *pairwise(cells),
        (cells[-1], None),
    ]
    found = []
    for mark, (before, after) in zip(pieces.marks, neighbours, strict=True):
        point = None if mark.wide else _point(pieces, mark, before, after)
        if point is not None:
            found.append(point)
    return found


def _side(pieces: Pieces, cell: Cell | None, mark: Mark, way: int, doubt: Doubt) -> Side | None:
    """One side of a mark; None outside the domain or the interval."""
    formula = None if cell is None else cell.terms[pieces.written.output]
    if formula is None:
        return None
    return side(pieces.finder.tape, formula.id, pieces.finder.input, mark, way, doubt)


def _point(pieces: Pieces, mark: Mark, before: Cell | None, after: Cell | None) -> Point | None:
    end = before is None or after is None
    if end and not mark.touched:
        return None
    doubts = [Doubt(), Doubt(strict=True), Doubt(strict=True)]
    value = here(pieces.written, mark, doubts[0])
    left = _side(pieces, before, mark, -1, doubts[1])
    right = _side(pieces, after, mark, 1, doubts[2])
    if left is None and right is None:
        if value is None or end:
            return None
        return _told(pieces, mark, "isolated", value, None, None, -1, False, doubts)
    if left is None or right is None:
        return _one_sided(pieces, mark, value, left, right, end, doubts)
    doubt = Doubt()
    order: int | None
    kind, order = _kind(pieces, mark, value, left, right, doubt, any(d.wild for d in doubts))
    doubts.append(doubt)
    at_least = (
        order == DEEPEST
        or (kind == "oscillation" and order == 0)
        or (order == min(left.order, right.order) >= 0 and order < min(left.most, right.most))
    )
    if order == DEEPEST:
        assert before is not None
        assert after is not None
        a, b = (cell.terms[pieces.written.output].id for cell in (before, after))
        natures = {left.nature, right.nature}
        flat = natures == {FLAT} or (FLAT in natures and _zero(pieces, a, b))
        if flat or (natures == {MEROMORPHIC} and proved_equal(pieces.finder.tape, a, b)):
            kind, order, at_least = "smooth", None, False
        else:
            kind = "joint"
    if kind == "smooth" and not any(_name(pieces, i) for i in mark.gates):
        return None
    return _told(pieces, mark, kind, value, left, right, order, at_least, doubts)


def _one_sided(
    pieces: Pieces, mark: Mark, value: Any, left: Side | None, right: Side | None, end: bool,
    doubts: list[Doubt],
) -> Point | None:  # fmt: skip
    """The end of the domain, or of the interval."""
    only = left or right
    assert only is not None
    doubt = Doubt()
    order: int | None
    if _infinite(only.limit):
        kind: Kind = "pole"
        order = -1
    elif only.limit is None:
        kind, order = ("undecided" if only.nature == UNKNOWN else "oscillation"), -1
    else:
        joined = value is not None and overlap(value, only.limit, _continuity(pieces, mark, doubt))
        order = only.order if joined else -1
        if joined and order == DEEPEST and only.nature:
            order = None
        if end and joined and order is None:
            return None
        if end:
            kind = "steep" if joined and _infinite(only.slope) else "joint" if joined else "hole"
            if value is not None and not joined:
                kind = "jump" if mark.proved else "undecided"  # a zero may lie in between
        else:
            kind = "edge"
    if not end:
        order = -1  # on the other side there is nothing
    at_least = order == DEEPEST or (order == only.order >= 0 and only.most > only.order)
    return _told(pieces, mark, kind, value, left, right, order, at_least, [*doubts, doubt])


def _zero(pieces: Pieces, a: int, b: int) -> bool:
    """Whether one of two formulas is the constant 0, which is flat."""
    nodes = pieces.finder.tape.nodes
    return any(nodes[i].op == "const" and nodes[i].attr == 0 for i in (a, b))


def _kind(
    pieces: Pieces, mark: Mark, value: Any, left: Side, right: Side, doubt: Doubt, wild: bool
) -> tuple[Kind, int]:
    if _infinite(left.limit) or _infinite(right.limit):
        return "pole", -1
    if UNKNOWN in (left.nature, right.nature):
        return "undecided", -1
    if left.limit is None or right.limit is None:
        return "oscillation", -1
    first = doubt if value is None else _continuity(pieces, mark, doubt)
    if not overlap(left.limit, right.limit, first):
        return "jump", -1
    if value is None or not overlap(left.limit, value, first):
        return "hole", -1
    order = agreement(left, right, Doubt())
    if order >= 1:
        _compared(left, right, order, doubt)
    slopes = left.slope, right.slope
    if any(_infinite(slope) for slope in slopes):
        return "steep", 0
    if wild or None in slopes:
        doubt.raised |= None in slopes
        return "oscillation", 0
    if order == 0:
        return "kink", 0
    return ("smooth" if order == DEEPEST else "joint"), order


def _continuity(pieces: Pieces, mark: Mark, doubt: Doubt) -> Doubt:
    """Who doubts that limits are the value: nobody, where every gate is continuous.

    Compositions of continuous ops are continuous; that needs no digits.
    """
    steady = all(_row(pieces, i).steady for i in mark.gates)
    return Doubt() if steady else doubt


def _compared(left: Side, right: Side, order: int, doubt: Doubt) -> None:
    """Doubts about the derivatives that agree."""
    for k in range(1, order + 1):
        overlap(left.derivatives[k], right.derivatives[k], doubt)


def _told(
    pieces: Pieces, mark: Mark, kind: Kind, value: Any, left: Side | None, right: Side | None,
    order: int | None, at_least: bool, doubts: list[Doubt],
) -> Point:  # fmt: skip
    sides = [s for s in (left, right) if s is not None]
    slopes = [s.slope for s in sides]
    finite = all(s is not None and not _infinite(s) for s in slopes)
    same = finite and (len(slopes) < 2 or overlap(slopes[0], slopes[1], Doubt()))
    names = dict.fromkeys(filter(None, (_name(pieces, i) for i in mark.gates)))
    rates = [s.rate for s in sides if s.rate is not None]
    smooth = order is None or order >= 0
    return Point(
        mark.at, kind, told(value), left and told(left.limit), right and told(right.limit),
        left and told(left.slope), right and told(right.slope),
        order, at_least, bool(smooth and sides and same), min(rates, default=None),
        tuple(names), mark.proved and not any(doubt.raised for doubt in doubts),
    )  # fmt: skip


def _row(pieces: Pieces, i: int) -> Op:
    tape = pieces.written.tape
    return tape.ops[tape.nodes[i].op]


def _name(pieces: Pieces, i: int) -> str:
    """The user's op that a gate with a kink comes from."""
    row = _row(pieces, i)
    if row.kink is None or row.selects or row.angle:
        return ""
    return pieces.written.spoken.get(i, "")


def _infinite(value: Any) -> bool:
    return not exact(value) and isinstance(value, float) and math.isinf(value)
