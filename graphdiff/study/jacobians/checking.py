"""A check of a Jacobian by difference quotients in balls; they use none of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from graphdiff.core.domains.array import Arrays, entrywise
from graphdiff.core.domains.ball import Balls, working_precision
from graphdiff.core.ir.shape import size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import active_nodes
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.language.notation.numbers import significant
from graphdiff.language.reading.point import read_all
from graphdiff.program.graph import Graph
from graphdiff.program.runs.enclosure import is_sure, middle

from .forming import Point, swept

__all__ = ["Checked", "check", "judged"]

_BITS, _STEP = 512, 100
_FINER = (2048, 8192)
"""Precisions for what 512 bits leave wide."""
_DIGITS = 60
"""Bits of a number that is known."""
_AGREES = 1e-18
"""Quotients are right to some 30 digits; an entry that is off by more than this is wrong."""
_DOUBLES = 1e-9
"""The same for an entry in doubles."""
_BUDGET = 400_000
"""Entries to evaluate in balls past which only some columns are checked."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What difference quotients say of a matrix."""

    ok: bool | None
    """None where some entries were not decided, or not checked."""
    entries: int
    max_error: float | None
    detail: str
    kinks: int = 0
    jumps: int = 0
    """Entries at which the value jumps, so that no number is their slope."""
    certain: bool = False
    """Whether balls tell every entry to its last digits, also those that are tiny beside others."""


def check(point: Point, wrt: int, matrix: Any, diagonal: bool = False) -> tuple[Any, Checked]:
    """Compare entries of ``rows`` with (f(x + h) − f(x − h))/2h in balls; returns them with what
    balls say of doubles, which lose digits: 1 − Σp is 0, not 1e-16.

    h is 2^-100·min(|x|, 1).  The quotients share nothing with the derivative rules.  On a kink
    the slope that the convention chose must lie between the one-sided quotients; where the value
    jumps there is nothing to compare with.  Of a large
    program some columns are checked.
    """

    cost = _cost(point, wrt)
    sweeps = (1 if diagonal else matrix.shape[0]) * cost
    affordable = sweeps <= _BUDGET
    bits, *finer = (b for b in (_BITS, *_FINER) if b == _BITS or sweeps * b <= _BUDGET * _BITS)
    while True:
        with working_precision(bits) as balls:
            here = _evaluated(point, wrt, balls)
            ours, lost = matrix, 0.0
            if affordable:
                ours = swept(point, wrt, here, Arrays(balls), point.values, diagonal)
            if finer and any(map(_wide, ours.ravel())):
                bits = finer.pop(0)
                continue
            certain = affordable and not any(map(_open, ours.ravel()))
            if affordable:
                matrix = _together(entrywise(_rounded, ours, matrix))
                largest = max(map(_size, ours.ravel())) or 1.0
                lost = max(map(_off, ours.ravel(), matrix.ravel())) / largest
            found = _compared(point, wrt, here, ours, cost)
            return matrix, replace(_verdict(found, matrix.size, lost), certain=certain)


def _wide(ball: Any) -> bool:
    """Whether a ball tells too few digits of its number; one without an end tells none."""
    if not hasattr(ball, "mid") or ball.is_zero():
        return False
    return bool(ball.rel_accuracy_bits() < _DIGITS)


def _open(ball: Any) -> bool:
    """Whether a number may be 0 or tiny."""
    return hasattr(ball, "mid") and not is_sure(ball)


def _together(entries: Any) -> Any:
    """As doubles, but for numbers that none can hold and those that are exact."""
    doubles = all(entry.__class__ is float for entry in entries.flat)
    return entries.astype(float) if doubles else entries


def judged(point: Point, wrt: int, matrix: Any) -> Checked:
    """The same of numbers as they are."""
    with working_precision(_BITS) as balls:
        here = _evaluated(point, wrt, balls)
        found = _verdict(_compared(point, wrt, here, matrix, _cost(point, wrt)), matrix.size, 0.0)
        return replace(found, certain=True)


def _cost(point: Point, wrt: int) -> int:
    return 1 + sum(_work(point.graph, i) for i in _above(point.graph, wrt))


def _evaluated(point: Point, wrt: int, balls: Balls) -> dict[int, Any]:
    graph, domain = point.graph, Arrays(balls)
    order = sorted({*graph.order, wrt})  # a variable that is not needed is moved too
    return forward(graph.tape, order, read_all(point.constants, domain), domain)


def _compared(
    point: Point, wrt: int, here: Mapping[int, Any], ours: Any, cost: int
) -> list[tuple[str, float] | None]:
    """Verdicts on the entries of all columns, or of as many as there is time for."""
    graph, columns = point.graph, ours.shape[1]
    most = _BUDGET // (2 * cost)
    chosen = range(0, columns, -(-columns // most)) if most else range(0)
    above, domain = _above(graph, wrt), Arrays(Balls())
    found: list[tuple[str, float] | None] = []
    for k in chosen:
        found += _column(partial(_quotients, graph, above, here, wrt, k, domain), ours[:, k])
    return found


def _column(quotients: Callable[[int], Any], ours: Any) -> list[tuple[str, float] | None]:
    """A verdict on each entry of a column."""
    ends = quotients(_STEP)
    if ends is None:
        return [None] * len(ours)
    found = list(map(_judge, *ends, ours))
    if all(one is not None and one[0] == "agrees" for one in found):
        return found
    closer = quotients(2 * _STEP)
    if closer is None:
        return found
    jumps = [map(_jumps, far, near) for far, near in zip(ends, closer, strict=True)]
    return [
        ("jump", 0.0) if left or right else one
        for one, left, right in zip(found, *jumps, strict=True)
    ]


def _jumps(far: Any, near: Any) -> bool:
    """Whether a value jumps: the difference stays the same, though the step is 2^-100 of what it
    was.  That of |x|^(1/10) is a thousandth."""
    far, near = (abs(Balls().number(x)) for x in (far, near))
    return bool(near > far * Balls().number(2) ** (_STEP - 1)) and not bool(near < 1)


def _above(graph: Graph, wrt: int) -> list[int]:
    marks = active_nodes(graph.tape, graph.order, [wrt])
    return [i for i in graph.order if marks[i] and i != wrt]


def _work(graph: Graph, i: int) -> int:
    """Entries that a node reads or writes; a product of matrices reads each of them often."""
    nodes = graph.tape.nodes
    sizes = [size(nodes[k].shape) for k in (i, *nodes[i].operands)]
    return max(sizes) * (int(nodes[i].shape[-1]) if _product(graph.tape, i) else 1)


def _product(tape: Tape, i: int) -> bool:
    return tape.multiplies(i) and len(tape.nodes[i].shape) > 1


def _quotients(
    graph: Graph, above: list[int], here: Mapping[int, Any], wrt: int, k: int, domain: Arrays,
    bits: int,
) -> list[Any] | None:  # fmt: skip
    """Quotients of all outputs in one input entry, from the left and from the right."""
    x = domain.entries(here[wrt])
    middle = x.ravel()[k].mid()
    power = 0
    if not middle.is_zero():
        mantissa, exponent = middle.man_exp()
        power = min(int(exponent) + int(mantissa).bit_length(), 0)
    h = domain.number(2) ** (power - bits)
    ends = []
    for step in (-h, h):
        moved = x.copy()
        moved.ravel()[k] = moved.ravel()[k] + step
        start = {**here, wrt: moved if x.ndim else moved[()]}
        there = forward(graph.tape, above, {}, domain, start=start)[graph.output]
        if isinstance(there, Undefined):
            return None
        ends.append(there)
    y = here[graph.output]
    return [domain.np.ravel(domain.entries(q)) for q in ((y - ends[0]) / h, (ends[1] - y) / h)]


def _judge(left: Any, right: Any, ours: Any) -> tuple[str, float] | None:
    """``agrees``, ``kink`` or ``wrong``, with the proven distance; None for balls too wide."""
    left, right = (Balls().number(x) for x in (left, right))  # a step function's are integers
    centre = (left + right) / 2
    if not centre.is_finite() or float(centre.rad()) > 1e-20 * (1 + abs(float(centre.mid()))):
        return None
    slope = ours.mid() if hasattr(ours, "mid") else Balls().number(ours)
    error = float(abs(centre - slope).upper())
    scale = 1 + abs(float(slope))
    if float(abs(right - left).lower()) > _DOUBLES * scale:
        low, high = sorted((float(left.mid()), float(right.mid())))
        inside = low - _DOUBLES * scale <= float(slope) <= high + _DOUBLES * scale
        return ("kink" if inside else "wrong"), error
    near = _DOUBLES if isinstance(ours, float) else _AGREES
    return ("agrees" if error <= near * scale else "wrong"), error


def _size(ball: Any) -> float:
    return abs(float(ball.mid() if hasattr(ball, "mid") else ball))


_LAST = 2.0**-50
"""What doubles may lose of an entry that they give."""


def _rounded(ball: Any, number: Any) -> Any:
    """A double, or where it lost more than its last digit the one next to its ball; 0 where that
    is in the ball, which is as narrow then."""
    if not isinstance(number, float) or not hasattr(ball, "mid") or not ball.is_finite():
        return number
    if ball.contains(0):
        return 0.0 if float(ball.rad()) < _AGREES * 2.0**-60 else number
    near = abs(ball - number) <= _LAST * abs(ball)  # in balls: doubles underflow
    return number if near or ball.rel_accuracy_bits() < _DIGITS else middle(ball)


def _off(ball: Any, number: Any) -> float:
    """Distance of a printed number from the same entry in balls; 0 where it is exact."""
    enclosing = ball if hasattr(ball, "mid") else Balls().number(ball)
    return float(abs(enclosing - Balls().number(number)).lower())


def _verdict(found: list[tuple[str, float] | None], total: int, lost: float) -> Checked:
    agreed = [one[1] for one in found if one is not None and one[0] == "agrees"]
    kinks = sum(one is not None and one[0] == "kink" for one in found)
    wrong = sum(one is not None and one[0] == "wrong" for one in found)
    jumps = sum(one is not None and one[0] == "jump" for one in found)
    unsure = sum(one is None for one in found)
    parts = [f"{len(agreed):,} of {total:,} entries agree with difference quotients in balls"]
    if kinks:
        parts.append(f"{kinks} on a kink lie between the one-sided slopes")
    if jumps:
        parts.append(f"{jumps} where the value jumps: there is no slope")
    if unsure:
        parts.append(f"{unsure} undecided: a step leaves the domain, or balls are wide")
    if wrong:
        parts.append(f"{wrong} disagree")
    if lost > _DOUBLES:
        parts.append(f"doubles are off by {significant(lost, 2)} of the largest entry")
    if len(found) < total:
        parts.append(f"{total - len(found):,} not checked: the program is large")
    open_ = unsure or jumps or len(found) < total
    ok = False if wrong or lost > _DOUBLES else None if open_ else True
    return Checked(ok, len(agreed), max(agreed, default=None), "; ".join(parts), kinks, jumps)
