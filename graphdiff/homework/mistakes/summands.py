"""A sum of which one term is wrong, missing or too many: what is said where no known mistake fits.

Terms are compared in balls at several points, as whole answers are: first the terms of the sums as
they stand, then those of the sums multiplied out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SIGNS
from graphdiff.homework.asked.evaluation import Missing
from graphdiff.homework.asked.problem import Place
from graphdiff.language.notation.printer import printer_for

from .answer import TIGHT, Attempt

__all__ = ["one_term"]

MOST = 8
"""Terms of a sum that are compared."""
_PLUS, _MINUS, _TIMES, _OVER, _MINUS_ONE = (SIGNS[sign] for sign in ("+", "−", "*", "/", "×-1"))

_Around = tuple[str, tuple[int, ...], tuple[int, ...]]
"""An op, with its operands before and behind what it is done to."""


def one_term(answer: Attempt, places: Sequence[Place]) -> Iterator[tuple[str, str]]:
    """The code if all terms but one are right, and that term of the answer; else nothing.

    ``places`` are those where answer and derivative have values that say enough.
    """
    for multiplied in (False, True):
        given = _terms(answer.tape, answer.node, multiplied)
        right = _terms(answer.tape, answer.problem.key, multiplied)
        wrong, missing = _unmatched(answer, given, right, places)
        if len(wrong) == len(given) or not 0 < len(wrong) + len(missing) <= 2:
            continue
        if len(wrong) <= 1 and len(missing) <= 1:
            kind = ("E_TERM" if missing else "E_TERM_EXTRA") if wrong else "E_TERM_MISSING"
            yield kind, _shown(answer.tape, wrong[0]) if wrong else ""
            return


def _unmatched(
    answer: Attempt, given: Sequence[int], right: Sequence[int], places: Sequence[Place]
) -> tuple[list[int], list[int]]:
    """The terms of either sum that are none of the other's."""
    wrong, missing = [], list(right)
    values = {i: [answer.value_of(i, place) for place in places] for i in (*given, *right)}
    for i in given:
        same = next((k for k in missing if _agree(values[i], values[k])), None)
        if same is None:
            wrong.append(i)
        else:
            missing.remove(same)
    return wrong, missing


def _agree(one: Sequence[Any], other: Sequence[Any]) -> bool:
    pairs = list(zip(one, other, strict=True))
    known = all(Missing not in (a.__class__, b.__class__) for a, b in pairs)
    return known and all(
        a.overlaps(b) and min(x.rel_one_accuracy_bits() for x in (a, b)) >= TIGHT for a, b in pairs
    )


def _terms(tape: Tape, node: int, multiplied: bool) -> list[int]:
    """The terms of a sum, with their signs, or the node alone; empty if they are too many."""
    sums = _sums(tape, node, multiplied)
    found: list[int] = []
    waiting: list[tuple[int, tuple[_Around, ...]]] = [(node, ())]
    while waiting:
        i, around = waiting.pop()
        if i in sums:
            waiting.extend((k, (*around, *within)) for k, within in _split(tape, i, sums))
        else:
            for op, before, behind in reversed(around):
                i = tape.make(op, (*before, i, *behind))
            found.append(i)
        if len(found) + len(waiting) > MOST:
            return []
    return found


def _split(tape: Tape, i: int, sums: set[int]) -> list[tuple[int, tuple[_Around, ...]]]:
    """The parts of a sum, last one first, with what is done to each."""
    op, (first, *rest) = tape.nodes[i].op, tape.nodes[i].operands
    if op == _PLUS:
        return [(rest[0], ()), (first, ())]
    if op == _MINUS:
        return [(rest[0], ((_MINUS_ONE, (), ()),)), (first, ())]
    if first in sums:
        return [(first, ((op, (), tuple(rest)),))]
    return [(rest[0], ((op, (first,), ()),))]


def _sums(tape: Tape, node: int, multiplied: bool) -> set[int]:
    """The nodes that are sums, up to a sign and, ``multiplied`` out, up to a factor or divisor."""
    found: set[int] = set()
    for i in tape.needed_for([node]):
        op, operands = tape.nodes[i].op, tape.nodes[i].operands
        inside = {_MINUS_ONE: operands, _TIMES: operands, _OVER: operands[:1]}.get(op, ())
        inner = (multiplied or op == _MINUS_ONE) and not found.isdisjoint(inside)
        if inner or op in (_PLUS, _MINUS):
            found.add(i)
    return found


def _shown(tape: Tape, node: int) -> str:
    """A term as it stands in a sum: −2·x, not −(2·x)."""
    op, operands = tape.nodes[node].op, tape.nodes[node].operands
    sign, node = ("−", operands[0]) if op == _MINUS_ONE else ("", node)
    return sign + printer_for("unicode", tape).show(node)
