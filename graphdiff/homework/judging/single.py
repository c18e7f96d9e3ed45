"""One answer of many: read, and judged by the true number."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import takewhile
from typing import Any

from graphdiff.core.domains.ball import Balls
from graphdiff.core.ir.shape import show_shape
from graphdiff.core.support.words import Message
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.names import Asked, asked
from graphdiff.homework.asked.numbers import Number, Written, ball, written
from graphdiff.homework.asked.verdict import Mistake, Verdict, Witness, hinted
from graphdiff.homework.mistakes.catalogue import mistake
from graphdiff.homework.mistakes.records import place_of
from graphdiff.homework.mistakes.sweeps import BallSweeps
from graphdiff.language.handwriting import Unreadable, members
from graphdiff.language.handwriting.settings import Settings, unit
from graphdiff.language.handwriting.units import without_units

from .answers import names_in
from .scene import Outcome, Scene, compared, shown, spanned, wide
from .symbols import Pending, Symbolic, board
from .worked import worked_out

__all__ = [
    "Judged", "cut_off", "fits", "fits_closely", "note", "padded", "part_of", "too_rough",
]  # fmt: skip

GRAVEST: tuple[Outcome, ...] = ("wrong", "unsure", "near", "kink", "agrees", "rounded", "exact")
_BRACKETED = re.compile(r"[\[(]|\\begin")
_UNKNOWN = Message("reason.unknown")
_NOISE = Fraction(1, 2**48)
"""What doubles may be off by, relative to the largest number that goes into a sum."""


@dataclass(eq=False)
class Judged(Pending):
    """A number or an array on its way to a verdict."""

    written: Written | None = None
    truth: Any = None
    exact: Any = None
    outcome: Outcome = "unsure"
    numbers: tuple[Number, ...] = ()
    """The entries in the layout of the program; none if they have no place there."""

    @property
    def placed(self) -> bool:
        """Whether it stands for a whole value or gradient that the sweeps compute."""
        whole = self.asked is not None and self.asked.entry is None and self.asked.top is None
        return bool(self.numbers) and whole

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(getattr(self.truth, "shape", ()))


def part_of(
    name: str,
    answer: object,
    place: Scene,
    sweeps: BallSweeps,
    settings: Settings,
    language: str,
) -> Judged:
    """Read one answer and compare it with the truth."""
    try:
        found = asked(name, place.graph)
    except GraphDiffError as error:
        told = Verdict(status="name", reason=hinted(error.message, error.hint))
        return Judged(name, told, written=_parameter(answer, sweeps, settings))
    units: tuple[str, ...] = ()
    if isinstance(answer, str):
        answer, units = without_units(answer, {**place.graph.names, **place.graph.inputs})
    result = _result(name, found, answer, place, settings)
    if result is not None:
        return part_of(name, result, place, sweeps, settings, language)
    try:
        what = written(answer, settings, sweeps.meaning.balls)
    except Unreadable as error:
        formula = _formula(name, found, answer, place, sweeps, settings)
        if formula is not None:
            return formula
        worked = worked_out(answer, found, place, settings)
        if worked is None or not worked.general:
            told = Verdict(
                status="unreadable", proved=True, reason=hinted(error.reason, error.hint),
                position=error.position,
            )  # fmt: skip
            return Judged(name, told, found)
        what = written(worked.value, settings, sweeps.meaning.balls)
        what = replace(what, reading=str(answer).strip(), left=worked.left)
    if units:
        what = replace(what, notes=(*what.notes, Message("note.units", units=units)))
    elsewhere = _elsewhere(what.left, found, place)
    if elsewhere:
        reason = Message("reason.asked", left=what.left, name=name)
        told = Verdict(status="name", reason=reason, reading=what.reading)
        return Judged(name, told, found)
    told = Verdict(status="undecided", reading=what.reading, latex=what.latex, notes=what.notes)
    truth, exact = place.truth(found, sweeps), place.exact(found)
    ends = place.ends(found, sweeps)
    if ends is not None:
        truth, exact = spanned(ends), ends
    part = Judged(name, told, found, written=what, truth=truth, exact=exact)
    _judge(part, place, sweeps, settings, language)
    return part


def _formula(
    name: str, found: Asked, answer: object, place: Scene, sweeps: BallSweeps, settings: Settings
) -> Judged | None:
    """An answer that names nodes, such as ``z``: judged as a formula, followed as its number.

    None where it cannot be read as one either, or names nothing.  The value of a node is a number
    here: its formula is the program itself.
    """
    if found.key.kind == "value" or place.graph.has_arrays or not isinstance(answer, str):
        return None
    questions = board(place.graph, settings)
    formula = questions.formula(name, found, answer)
    if formula.verdict.status in ("unreadable", "name"):
        return None
    if formula.reading is None or not names_in(formula.reading.term):
        return None
    part = Judged(name, formula.verdict, found, truth=place.truth(found, sweeps))
    here = questions.value(formula, sweeps.meaning.inputs)
    if here is not None and formula.verdict.status in ("right", "domain", "wrong"):
        part.numbers = (Number(here),)
        part.outcome = "wrong" if part.wrong else "exact"
    return part


def _result(
    name: str, found: Asked, answer: object, place: Scene, settings: Settings
) -> str | None:
    """The numbers at the end of ``f(1 - f) = 0.73·0.27 = 0.197``, where each formula before them is
    right; None where it is no such chain."""
    if not isinstance(answer, str) or "=" not in answer or place.graph.has_arrays:
        return None
    try:
        links, left = members(answer)
    except Unreadable:
        return None
    if len(links) < 2:
        return None  # z = −4 alone is an answer for z, even where the formula z is right
    if left and _elsewhere(left, found, place):
        links = [left, *links]
    questions = board(place.graph, settings)
    told = [questions.formula(name, found, link) for link in links]
    known = {*place.graph.names, *place.graph.inputs}
    count = sum(1 for _ in takewhile(lambda part: _names_any(part, known), told))
    if not count or not all(part.verdict for part in told[:count]):
        return None
    return " = ".join(links[count:]) or None


def _names_any(formula: Symbolic, known: Collection[str]) -> bool:
    return formula.reading is not None and not names_in(formula.reading.term).isdisjoint(known)


def _elsewhere(left: str, wanted: Asked, place: Scene) -> bool:
    """Whether a left side such as ``df/dx`` names another number of the program."""
    if not left:
        return False
    try:
        return asked(left, place.graph) != wanted
    except GraphDiffError:
        return False


def _parameter(answer: object, sweeps: BallSweeps, settings: Settings) -> Written | None:
    """A number under a name that is none of the program's may be a parameter's new value."""
    try:
        return written(answer, settings, sweeps.meaning.balls)
    except Unreadable:
        return None


def _judge(
    part: Judged, place: Scene, sweeps: BallSweeps, settings: Settings, language: str
) -> None:
    if part.truth is None or part.written is None:
        if part.written is None or place.has_none(part.key):
            reason = Message("reason.jacobian")
            part.verdict = replace(part.verdict, status="name", proved=True, reason=reason)
        else:
            part.verdict = replace(part.verdict, reason=_UNKNOWN)
        return
    fitted = _fitted(part.written, part.shape)
    if fitted is None and not part.shape and not _BRACKETED.search(part.written.reading):
        reason = Message("reason.list")
        part.verdict = replace(part.verdict, status="unreadable", reason=reason)
        return
    if fitted is None:
        _misshapen(part, place)
    else:
        part.numbers = fitted
        _settle(part, place)
    if part.wrong and fitted is not None:
        _computed(part)
        if not part.shape and not settings.strict:
            _as_doubles(part, place, sweeps)
    if fitted is not None:
        _otherwise(part)
    if part.wrong and part.shape:
        _transposed(part, place, language)


def _fitted(what: Written, shape: tuple[int, ...]) -> tuple[Number, ...] | None:
    """The entries if the shape is right; a vector may be written as a row or a column."""
    long = [n for n in what.shape if n != 1]
    same = what.shape == shape or (len(shape) <= 1 and long == [n for n in shape if n != 1])
    return what.numbers if same else None


def _each(numbers: Sequence[Number], part: Judged) -> list[Outcome]:
    slope = part.key.kind != "value"
    if not part.shape:
        return [compared(numbers[0], part.truth, part.exact, slope=slope)]
    exact = hasattr(part.exact, "dtype") and part.exact.dtype.kind == "O"
    known = part.exact.ravel().tolist() if exact else [None] * len(numbers)
    truth = part.truth.ravel().tolist()
    return [compared(n, t, e, slope=slope) for n, t, e in zip(numbers, truth, known, strict=True)]


def good(numbers: Sequence[Number], part: Judged) -> bool:
    """Whether these numbers would be right."""
    return all(outcome not in ("wrong", "unsure") for outcome in _each(numbers, part))


_JUMPS = Message("reason.jumps")


def _settle(part: Judged, place: Scene) -> None:
    """The verdict that follows from the comparison."""
    kinds = set(_each(part.numbers, part))
    part.outcome = next(kind for kind in GRAVEST if kind in kinds)
    true, verdict = shown(part.truth, part.exact), part.verdict
    if place.jumps(part.key):
        # What is shown is the slope of the branch taken, and no derivative.
        part.outcome = "unsure"
        part.verdict = replace(verdict, reason=_JUMPS)
        return
    match part.outcome:
        case "wrong":
            part.verdict = replace(
                verdict, status="wrong", proved=True, witness=_witness(part, place)
            )
        case "unsure":
            part.verdict = replace(verdict, reason=_UNKNOWN)
        case "kink":
            told = Message("note.kink", true=true)
            part.verdict = replace(
                verdict, status="right", proved=True, notes=(*verdict.notes, told)
            )
        case "near":
            reason = Message("reason.kink", true=true)
            part.verdict = replace(verdict, status="undecided", reason=reason)
        case "agrees":
            digits = min(_digits(number) for number in part.numbers)
            reason = Message("reason.agrees", digits=digits)
            part.verdict = replace(verdict, status="right", reason=reason, points=1, digits=digits)
        case "rounded":
            digits = min((n.digits for n in part.numbers if n.rounded), default=0)
            loose = any(n.radius != n.printed for n in part.numbers)
            reason = Message("reason.tolerance" if loose else "reason.rounded", true=true)
            sure = not any(n.powered for n in part.numbers)
            part.verdict = replace(
                verdict, status="right", proved=sure, reason=reason, digits=digits
            )
        case _:
            part.verdict = replace(verdict, status="right", proved=True)


def _digits(number: Number) -> int:
    return int(0.30103 * min(number.ball.rel_one_accuracy_bits(), 4096))


def _witness(part: Judged, place: Scene) -> Witness:
    assert part.written is not None
    answer = part.written.reading.replace("−", "-")
    return Witness(place.point, answer, shown(part.truth, part.exact))


def _misshapen(part: Judged, place: Scene) -> None:
    assert part.written is not None
    given, due = (
        show_shape(s) or Message("reason.a_number") for s in (part.written.shape, part.shape)
    )
    part.outcome = "wrong"
    part.verdict = replace(
        part.verdict, status="wrong", proved=True, witness=_witness(part, place),
        reason=Message("reason.shape", given=given, due=due),
    )  # fmt: skip


def _transposed(part: Judged, place: Scene, language: str) -> None:
    """The other layout: recognised, and taken as it was meant in what follows."""
    assert part.written is not None
    given, numbers = part.written.shape, part.written.numbers
    if len(given) == 2 and given[::-1] == part.shape:
        rows, columns = given
        turned = tuple(numbers[r * columns + c] for c in range(columns) for r in range(rows))
        if good(turned, part):
            part.numbers = turned
            part.mistakes.append(note("E_TRANSPOSED", part, place, language))


def _computed(part: Judged) -> None:
    """0.1971 for 0.1966 where the answer shows 0.73·0.27: their rounding is carried through."""
    other = part.numbers[0].computed
    if other is not None and good((other,), part):
        true = shown(part.truth, part.exact)
        part.numbers, part.outcome = (other,), "rounded"
        part.verdict = replace(
            part.verdict, status="right", proved=False, witness=None, digits=other.digits,
            reason=Message("reason.chain", true=true),
        )  # fmt: skip


def _as_doubles(part: Judged, place: Scene, sweeps: BallSweeps) -> None:
    """1.4e-17 for 0, where a program added 0.1, 0.2 and −0.3 in doubles."""
    number = part.numbers[0]
    if number.middle is None or number.digits < 15:
        return
    radius = max(number.radius, Fraction(sweeps.size_at(part.key)) * _NOISE)
    wider = (
        replace(number, radius=radius, ball=ball(sweeps.meaning.balls, number.middle, radius)),
    )
    if good(wider, part):
        part.numbers, part.verdict = wider, replace(part.verdict, witness=None)
        _settle(part, place)


def _otherwise(part: Judged) -> None:
    """The text may have another reading, under which it is right, or wrong where the course must
    say whether it may be written so."""
    assert part.written is not None
    for other in part.written.others:
        doubtful = part.written.consent and part.verdict and not good(other, part)
        if doubtful or (part.wrong and good(other, part)):
            readings = part.written.readings
            reason = Message("reason.readings", readings=readings)
            part.numbers = part.numbers if doubtful else other
            part.verdict = replace(
                part.verdict, status="ambiguous", readings=readings, reason=reason
            )
            return


def note(code: str, part: Judged, place: Scene, language: str, detail: str = "") -> Mistake:
    """A mistake at the place of this answer."""
    graph, node = place.graph, part.key.node
    span = graph.tape.spans.get(node)
    return mistake(
        code, place=place_of(graph, node), language=language, detail=detail,
        span=None if span is None else (span.start, span.end),
    )  # fmt: skip


def padded(part: Judged, digits: int, sweeps: BallSweeps) -> bool:
    """``-88.0`` beside ``-5.1``: programs print a number rounded to 2 digits that way.

    True, and the answer right, if it is the rounding to so many digits.
    """
    if not all(n.whole and n.middle for n in part.numbers):
        return False
    wider = tuple(_widened(number, digits, sweeps) for number in part.numbers)
    if not good(wider, part):
        return False
    part.numbers, part.outcome = wider, "rounded"
    notes = (*part.verdict.notes, Message("note.rounded", digits=digits))
    part.verdict = replace(part.verdict, status="right", witness=None, notes=notes)
    return True


def too_rough(part: Judged, settings: Settings) -> None:
    """0.2 for 0.1966 where three digits are asked for: right as printed, and too few of them."""
    rounded = settings.strict and part.wrong and not (part.follows or part.mistakes)
    if not rounded or not any(n.rounded for n in part.numbers):
        return
    printed = [number if number.shown is None else _as_shown(number) for number in part.numbers]
    if good(printed, part):
        reason = Message("reason.further")
        part.verdict = replace(part.verdict, status="rough", reason=reason)


def _as_shown(number: Number) -> Number:
    return replace(number, ball=number.shown, radius=number.printed)


def _widened(number: Number, digits: int, sweeps: BallSweeps) -> Number:
    assert number.middle is not None
    radius = max(number.radius, unit(number.middle, digits) / 2)
    return replace(number, ball=ball(sweeps.meaning.balls, number.middle, radius), radius=radius)


def cut_off(part: Judged) -> bool:
    """Whether digits were cut off where they should have been rounded: 0.66 for 2/3."""
    if part.shape or not part.numbers or part.numbers[0].middle is None:
        return False
    number = part.numbers[0]
    if number.digits < 2 or not hasattr(part.truth, "rad"):
        return False
    off = abs(part.truth) - abs(number.ball.mid())
    same_side = bool(part.truth > 0) == bool(number.ball > 0)
    return bool(same_side and off > 0 and off < 2 * float(number.printed))


def fits(part: Judged, predicted: Any) -> bool:
    """Whether what is predicted is what the student wrote, entry by entry."""
    if predicted is None:
        return False
    entries = predicted.ravel().tolist() if hasattr(predicted, "ravel") else [predicted]
    if len(entries) != len(part.numbers):
        return False
    for number, entry in zip(part.numbers, entries, strict=True):
        other = entry if hasattr(entry, "is_finite") else number.ball.__class__(entry)
        if not other.is_finite() or not number.ball.overlaps(other):
            return False
        if wide(other) and not _within(number, other):
            return False
    return True


def _within(number: Number, span: Any) -> bool:
    """Whether a number is in the span itself, not only in what its ball takes in beyond its ends.

    A ball around [0, 3] reaches from −1e-9 on, since the radius of a ball is rounded up.
    """
    slack = span.rad() / 2**20
    if not (number.ball < span.lower() + slack or number.ball > span.upper() - slack):
        return True
    digits = 6 - math.ceil(math.log10(float(span.rad())))
    ends = (round(Fraction(float(end)), digits) for end in (span.lower(), span.upper()))
    return any(number.ball.contains(Balls().number(end)) for end in ends)


def fits_closely(part: Judged, predicted: Any) -> bool:
    """Whether the printed digits are the predicted number itself, to one percent."""
    middle = part.numbers[0].middle
    if not middle or not hasattr(predicted, "mid"):
        return False
    return bool(abs(float(predicted.mid()) / float(middle) - 1) < 0.01)
