"""The interval cut into pieces on each of which the program is one smooth formula.

Ops are taken in the order of the tape.  Where an op is not smooth (|u| at u = 0, a tie of max, a
division by 0), the zeros of what decides are found on every piece, the piece is cut there, and on
each part the op is replaced by the branch that holds: −u for |u|.  What is left is analytic.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

from graphdiff.core.algebra.factors import factors
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.errors import LimitExceeded
from graphdiff.program.germs.coefficients import ball, exact
from graphdiff.program.germs.writing import Written

from .box import Box
from .branches import resolved, side_of
from .intervals import middle
from .roots import MOST, Finder, Root

__all__ = ["Cell", "Mark", "Pieces", "cut"]


@dataclass(eq=False)
class Mark:
    """A point between two pieces, or an end of the interval."""

    at: Any
    """A fraction, or a ball."""
    proved: bool = True
    known: dict[int, Any] = field(default_factory=dict)
    """Nodes of the written program whose value here is known exactly; truth values too."""
    zeros: dict[int, Any] = field(default_factory=dict)
    """Nodes of the smooth formulas whose value here is known exactly."""
    gates: dict[int, None] = field(default_factory=dict)
    """Nodes of the written program that are not smooth here."""
    touched: bool = False
    """Whether anything may be singular here; at an end of the interval, often nothing is."""

    @property
    def wide(self) -> bool:
        """Whether this is a stretch that nothing was decided about, no point."""
        return not exact(self.at) and float(self.at.rad()) > 1e-9 * (1 + abs(float(self.at.mid())))


@dataclass(eq=False)
class Cell:
    """An open piece; by node of the written program its smooth formula (None: not defined)."""

    low: Mark
    high: Mark
    sample: Fraction
    terms: dict[int, Any]


@dataclass(frozen=True, slots=True)
class Pieces:
    """The whole interval: cells from left to right; a cell's high mark is the next one's low."""

    written: Written
    finder: Finder
    cells: tuple[Cell, ...]

    @property
    def marks(self) -> list[Mark]:
        """Ends and cuts, from left to right."""
        return [self.cells[0].low, *[cell.high for cell in self.cells]]


@dataclass(frozen=True, slots=True)
class _Event:
    """A formula whose zeros are places where a node is not smooth."""

    formula: Expr
    target: int
    """The node whose value is known where the formula is 0."""
    value: Any


def cut(program: Written, box: Box) -> Pieces:
    """Cut an interval into smooth pieces.  Raises LimitExceeded past 400 cuts."""
    tape = Tape(STANDARD, program.tape.limits)
    finder = Finder(tape, box.name)
    start = Cell(Mark(box.low), Mark(box.high), middle(box.low, box.high), {})
    cells = [start]
    for i in program.tape.needed_for([program.output]):
        node = program.tape.nodes[i]
        fresh: list[Cell] = []
        for cell in cells:
            if node.op == "const":
                cell.terms[i] = constant(tape, node.attr)
                fresh.append(cell)
            elif node.op == "input":
                cell.terms[i] = Expr(tape, finder.input)
                fresh.append(cell)
            else:
                parts = _cut(finder, program, cell, i)
                for part in parts:
                    part.terms[i] = _formula(finder, program, part, i)
                fresh += parts
        cells = fresh
        if len(cells) > MOST:
            message = f"there are more than {MOST} points at which the program is not smooth"
            raise LimitExceeded(message, hint="choose a smaller interval")
    return Pieces(program, finder, tuple(cells))


def _cut(finder: Finder, program: Written, cell: Cell, i: int) -> list[Cell]:
    """A cell cut where node i is not smooth."""
    found: list[tuple[Root, int, _Event]] = []
    for event in _events(finder, program, cell, i):
        try:
            found += _zeros(finder, cell, event, event.formula.id)
        except LimitExceeded:
            found += _zeros(finder, cell, event, finder.short(event.formula.id))
        for mark in (cell.low, cell.high):
            _touch(finder, mark, event, i)
        if len(found) > MOST:
            message = f"there are more than {MOST} points at which the program is not smooth"
            raise LimitExceeded(message, hint="choose a smaller interval")
    if not found:
        return [cell]
    marks: list[Mark] = []
    for root, factor, event in sorted(found, key=lambda item: float(ball(item[0].at).mid())):
        if not marks or not ball(marks[-1].at).overlaps(ball(root.at)):
            marks.append(Mark(root.at, root.proved))
        elif not exact(marks[-1].at) and exact(root.at):
            marks[-1].at, marks[-1].proved = root.at, root.proved
        _note(marks[-1], factor, event, i)
    ends = [cell.low, *marks, cell.high]
    return [
        Cell(low, high, middle(low.at, high.at), dict(cell.terms)) for low, high in pairwise(ends)
    ]


def _zeros(
    finder: Finder, cell: Cell, event: _Event, formula: int
) -> list[tuple[Root, int, _Event]]:
    """The zeros of an event on a cell, with the factor that is 0."""
    found: list[tuple[Root, int, _Event]] = []
    for factor in factors(finder.tape, formula):
        found += [(root, factor, event) for root in finder.roots(factor, cell.low.at, cell.high.at)]
        for mark in (cell.low, cell.high):
            # Where a zero may lie right beside a mark, nothing is proved of this side of it.
            mark.proved &= not any(ball(at).overlaps(ball(mark.at)) for at in finder.open)
    return found


def _note(mark: Mark, factor: int, event: _Event, i: int) -> None:
    mark.gates[i] = None
    mark.zeros |= {factor: Fraction(0), event.formula.id: Fraction(0)}
    if event.target >= 0:
        mark.known[event.target] = event.value


def _touch(finder: Finder, mark: Mark, event: _Event, i: int) -> None:
    """Note an event at a mark that is there already."""
    at = event.formula.id
    if finder.constant(at):
        return
    known = finder.exact(at, mark.at) if isinstance(mark.at, Fraction) else None
    if known is not None and known != 0:
        return
    value = finder.value(at, mark.at)
    if known == 0 or (value is not None and value.contains(0)):
        mark.gates[i] = None
    mark.touched |= value is None or bool(value.contains(0))


def _events(finder: Finder, program: Written, cell: Cell, i: int) -> list[_Event]:
    """What decides where a node is not smooth on a cell."""
    node = program.tape.nodes[i]
    terms = [cell.terms[k] for k in node.operands]
    if any(not isinstance(term, Expr) for term in terms):
        return []
    row, operands, u = program.tape.ops[node.op], node.operands, terms[0]
    if row.name == "div":
        return [_Event(terms[1], operands[1], Fraction(0))]
    if row.name == "pow":
        exponent = finder.exact(terms[1].id, Fraction(0)) if finder.constant(terms[1].id) else None
        smooth = exponent is not None and exponent >= 0 and exponent.denominator == 1
        return [] if smooth else [_Event(u, operands[0], Fraction(0))]
    if row.ties:
        return [_Event(u - terms[1], -1, None)] if u.id != terms[1].id else []
    if row.condition:
        tied = row.value(RATIONAL, 0, 0)
        return [_Event(u - terms[1], i, tied)] if u.id != terms[1].id else []
    if row.angle:
        found = [_Event(u, operands[0], Fraction(0))]
        if not side_of(finder, u, cell.sample):  # 0 or π where u is 0 all over the cell
            found.append(_Event(terms[1], operands[1], Fraction(0)))
        return found
    points = row.curve.singular
    if points == "integers":
        return [_Event(u - n, operands[0], Fraction(n)) for n in _integers(finder, u, cell)]
    return [_Event(u - n if n else u, operands[0], Fraction(n)) for n in points or ()]


def _integers(finder: Finder, u: Expr, cell: Cell) -> range:
    """Integers that a formula may pass on a cell."""
    row = finder.tape.ops.get(u.node.op)
    low, high = (None, None) if row is None else row.curve.range
    if low is not None and high is not None:
        return range(floor(low), ceil(high) + 1)
    short = finder.short(u.id)
    whole = finder.value(short, ball(cell.low.at).union(ball(cell.high.at)))
    if whole is None or float(whole.rad()) > MOST:
        message = f"there may be more than {MOST} points at which the program jumps"
        raise LimitExceeded(message, hint="choose a smaller interval")
    return range(
        int(whole.lower().ceil().unique_fmpz()), int(whole.upper().floor().unique_fmpz()) + 1
    )


def _formula(finder: Finder, program: Written, cell: Cell, i: int) -> Any:
    node = program.tape.nodes[i]
    return resolved(finder, node, [cell.terms[k] for k in node.operands], cell.sample)
