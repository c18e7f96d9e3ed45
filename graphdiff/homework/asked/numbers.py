"""The numbers that a student wrote: exact, rounded decimals as balls, and arrays of either."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import Balls
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.core.support.words import Message
from graphdiff.language.handwriting import (
    Reading,
    Term,
    Unreadable,
    build,
    decimals_in,
    latex,
    read,
    show,
)
from graphdiff.language.handwriting.settings import Settings

from .arrays import PLAIN, QUOTIENT, Array, Entry, Summand, array_in, flat
from .evaluation import Evaluator, Missing

__all__ = ["Number", "Written", "ball", "bits_for", "fraction", "written"]

MOST_TEXT = 200_000
_MOST_DIGITS = 400
_SHOWN = 2
"""Significant digits that the decimals of a computation need, for their rounding to count."""
_CONSENT = re.compile(r"\d\s*(?:\\?%|\s\d+\s*/\s*\d|\\[dtc]?frac)")
_PROGRAM = 15
"""Significant digits from which on a number counts as printed by a program, in doubles."""


@dataclass(frozen=True, slots=True, eq=False)
class Number:
    """One number as written."""

    ball: Any
    """Everything that the writing stands for: half a unit either side of a decimal."""
    exact: Fraction | None = None
    """The number itself, of text without decimals and functions."""
    middle: Fraction | None = None
    """A single decimal as printed."""
    radius: Fraction = Fraction(0)
    digits: int = 0
    """Significant digits that a decimal shows."""
    rounded: bool = False
    """Whether there is a decimal in it."""
    whole: bool = False
    """Printed with a single 0 behind the point, as programs print a rounded 88: ``88.0``."""
    printed: Fraction = Fraction(0)
    """Half a unit in the last printed place; ``radius`` is what the course allows."""
    powered: bool = False
    """Whether a decimal is in an exponent: its rounding allows too much to prove anything right."""
    shown: Any = None
    """What the writing stands for by the digits that are printed, whatever the course allows."""
    computed: Number | None = None
    """The computation with decimals that it is the result of: 0.73·0.27 = 0.1971."""


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """An answer as it was read."""

    shape: tuple[int, ...]
    numbers: tuple[Number, ...]
    """All entries, row by row; one for a number."""
    reading: str = ""
    latex: str = ""
    notes: tuple[str, ...] = ()
    others: tuple[tuple[Number, ...], ...] = ()
    """What else the text may mean: all entries each time."""
    readings: tuple[str, ...] = ()
    consent: bool = False
    """Whether it has a percentage or a mixed number, which a course may allow."""
    left: str = ""
    """A left side that was set aside: ``df/dx``."""


def bits_for(answers: Any) -> int:
    """A precision that does justice to every digit of the answers."""
    longest = 0
    for answer in answers:
        if isinstance(answer, str):
            runs = re.findall(r"[\d.]+", answer[:MOST_TEXT])
            longest = max(longest, min(_MOST_DIGITS, max(map(len, runs), default=0)))
    bits = 128
    while bits < 64 + 3.4 * longest:
        bits *= 2
    return bits


def written(answer: object, settings: Settings, balls: Balls) -> Written:
    """Read an answer: a number, text, or nested lists.  Raises Unreadable.

    >>> from graphdiff.core.domains.ball import working_precision
    >>> with working_precision(64) as balls:
    ...     w = written("[[1, 1/2], [0.25, -3]]", Settings(), balls)
    >>> w.shape, w.numbers[2].radius
    ((2, 2), Fraction(1, 200))
    """
    if hasattr(answer, "tolist"):
        answer = answer.tolist()
    if isinstance(answer, bool) or not isinstance(
        answer, str | int | float | Fraction | list | tuple
    ):
        raise Unreadable(Message("reading.no_text"), hint=Message("hint.number"))
    if isinstance(answer, str):
        if len(answer) > MOST_TEXT:
            raise Unreadable(Message("reading.long"), kind="limit")
        array, left = array_in(answer, settings.decimal != "comma")
    elif isinstance(answer, list | tuple):
        shape, leaves = flat(answer)
        array, left = Array(shape, tuple((Summand(leaf),) for leaf in leaves)), ""
    else:
        array = None
    if array is None:
        return _single(answer, settings, balls)
    each = [_entry(entry, settings, balls) for entry in array.entries]
    return Written(
        array.shape, tuple(one.numbers[0] for one in each), str(answer).strip()[:2_000], left=left,
        notes=tuple(dict.fromkeys(note for one in each for note in one.notes)),
        **_other_arrays(each),
    )  # fmt: skip


def _other_arrays(each: list[Written]) -> dict[str, Any]:
    """The other readings of the entries, all taken together, and one text in both readings."""
    doubtful = next((one for one in each if one.others), None)
    if doubtful is None:
        return {}
    other = tuple(one.others[0][0] if one.others else one.numbers[0] for one in each)
    return {"others": (other,), "readings": doubtful.readings}


def _entry(entry: Entry, settings: Settings, balls: Balls) -> Written:
    """One entry of an array, with the numbers that stand around the array."""
    first = entry[0]
    if len(entry) == 1 and first.sign > 0 and not first.factors:
        return _single(first.text, settings, balls)
    terms, others, notes, doubtful = [], [], dict[str, None](), False
    for summand in entry:
        usual, other, said = _addend(summand, settings)
        terms.append(usual)
        others.append(other or usual)
        doubtful |= other is not None
        notes |= said
    term, other = _sum(terms), _sum(others)
    return Written(
        (), (_number(term, settings, balls),), notes=tuple(notes),
        others=((_number(other, settings, balls),),) if doubtful else (),
        readings=(show(term), show(other)) if doubtful else (),
    )  # fmt: skip


def _addend(summand: Summand, settings: Settings) -> tuple[Term, Term | None, dict[str, None]]:
    """A summand in its usual reading, in another one, and the conventions that were used."""
    first = _constant(summand.text, settings)
    usual, other = first.term, (*first.alternatives, first.term)[0]
    doubtful, notes = bool(first.alternatives), dict.fromkeys(first.notes)
    for text, divides in summand.factors:
        factor, op = _constant(text, settings), "div" if divides else "mul"
        usual = Term(op, (usual, factor.term))
        other = Term(op, (other, (*factor.alternatives, factor.term)[0]))
        doubtful |= bool(factor.alternatives)
        notes |= dict.fromkeys(factor.notes)
    if summand.sign < 0:
        usual, other = Term("neg", (usual,)), Term("neg", (other,))
    return usual, other if doubtful else None, notes


def _sum(terms: list[Term]) -> Term:
    total = terms[0]
    for term in terms[1:]:
        total = Term("add", (total, term))
    return total


# -- one number ----------------------------------------------------------------------------------


def _single(answer: Any, settings: Settings, balls: Balls) -> Written:
    if isinstance(answer, float):
        if not math.isfinite(answer):
            raise Unreadable(Message("reading.number", name=answer), hint=Message("hint.finite"))
        answer = repr(answer)
    if isinstance(answer, int | Fraction):
        exact = Fraction(answer)
        return Written((), (_exact(exact, balls),), str(answer))
    plain = _plain(answer, settings, balls)
    if plain is not None:
        shown = answer.strip().replace("-", "−")
        return Written((), (plain,), shown, shown.replace("−", "-"))
    reading = _constant(answer, settings)
    texts = tuple(dict.fromkeys(show(t) for t in (reading.term, *reading.alternatives)))
    number = _number(reading.term, settings, balls)
    for side in reading.sides:
        other = _number(side, settings, balls)
        if not other.ball.overlaps(number.ball):
            raise Unreadable(Message("reading.sides"))
        if number.middle is not None and _comes_to(side, number, settings, balls):
            number = replace(number, computed=other)
    return Written(
        (), (number,), show(reading.term), latex(reading.term),
        reading.notes, tuple((_number(t, settings, balls),) for t in reading.alternatives), texts,
        bool(_CONSENT.search(str(answer))), reading.left,
    )  # fmt: skip


def _constant(answer: object, settings: Settings) -> Reading:
    """The reading of a number's text.  Raises Unreadable if it names anything."""
    reading = read(answer if isinstance(answer, str) else str(answer), (), settings)
    if reading.unknown:
        name, position = reading.unknown[0]
        raise Unreadable(
            Message("reading.number", name=name),
            source=str(answer),
            at=position,
            hint=Message("hint.number_itself"),
        )
    return reading


def _exact(value: Fraction, balls: Balls) -> Number:
    return Number(balls.number(value), value)


def _plain(text: str, settings: Settings, balls: Balls) -> Number | None:
    """The usual forms without the reader: 3, -0.25, 1.5e-3, 2/3."""
    stripped = text.strip()
    found = QUOTIENT.match(stripped)
    if found and int(found[3]):
        value = Fraction(int(found[2]), int(found[3]))
        return _exact(-value if found[1] in "-−–" and found[1] else value, balls)
    found = PLAIN.match(stripped)
    if found is None or (found[3] is not None and settings.decimal == "comma"):
        return None
    behind, exponent = found[3] or "", int((found[4] or "0").replace("−", "-"))
    if abs(exponent) > _MOST_DIGITS:
        return None
    scale = Fraction(10) ** (exponent - len(behind))
    value = int(found[2] + behind) * scale
    value = -value if found[1] and found[1] in "-−–" else value
    if not behind and not found[4]:
        return _exact(value, balls)
    digits = len((found[2] + behind).lstrip("0"))
    whole = behind == "0" and not found[4]
    return _decimal(value, scale / 2, digits, whole, settings, balls)


def _decimal(
    middle: Fraction, half: Fraction, digits: int, whole: bool, settings: Settings, balls: Balls
) -> Number:
    radius = half
    whole = whole and not settings.strict
    if digits >= _PROGRAM:
        # The last digits of a double are errors of its own arithmetic, not of rounding for print.
        radius = max(radius, abs(middle) / 10 ** (_PROGRAM - 2) / 2)
    radius = settings.allowance(middle, radius)
    shown = ball(balls, middle, half) if settings.strict else None
    return Number(
        ball(balls, middle, radius), None, middle, radius, digits, True, whole, half, shown=shown
    )


def ball(balls: Balls, middle: Fraction, radius: Fraction) -> Any:
    """All numbers within that distance."""
    return balls.arb(balls.number(middle), balls.number(radius).upper())


def _number(term: Term, settings: Settings, balls: Balls) -> Number:
    """A constant expression: exact if it is rational, else a ball."""
    sign, inner = 1, term
    while inner.op in ("neg", "pos"):
        sign, inner = -sign if inner.op == "neg" else sign, inner.operands[0]
    if inner.op == "decimal":
        middle, half = inner.value
        digits = _digits(middle, half)
        return _decimal(sign * middle, half, digits, False, settings, balls)
    tape, inputs = Tape(STANDARD), dict[str, int]()
    decimals: dict[str, tuple[Fraction, Fraction]] = {}
    exact_exponents = settings.exponents == "exact"
    node = build(term, tape, inputs, decimals=decimals, exact_exponents=exact_exponents)
    evaluator = Evaluator(tape, odd_roots=settings.odd_roots)
    point = {n: ball(balls, m, settings.allowance(m, half)) for n, (m, half) in decimals.items()}
    value = evaluator.run(tape.needed_for([node]), point)[node]
    if value.__class__ is Missing or value.__class__ is bool:
        raise Unreadable(Message("reading.value"), hint=Message("hint.number"))
    exact = None if decimals else evaluator.rational(node)
    if exact is None and not decimals:
        exact = fraction(value)
    powered = bool(decimals_in(term)[1]) and not exact_exponents
    shown = _number(term, _by_print(settings), balls).ball if settings.strict else None
    return Number(value, exact, rounded=bool(decimals), powered=powered, shown=shown)


def _by_print(settings: Settings, tol: float | None = None) -> Settings:
    """The settings with what decimals may be off by themselves: half a unit, or as given."""
    return replace(settings, digits=None, tol=tol)


def _comes_to(side: Term, result: Number, settings: Settings, balls: Balls) -> bool:
    """Whether a decimal is the result of a computation with decimals: 0.73·0.27 = 0.1971.

    One digit says too little of what was rounded: 0.6·0.3 may be 0.1966, and mean 0.18.
    """
    if side.op == "decimal" or not any(decimals_in(side)) or _least_digits(side) < _SHOWN:
        return False
    assert result.middle is not None
    exactly = _number(side, _by_print(settings, 0), balls).ball
    return bool(exactly in ball(balls, result.middle, result.printed))


def _digits(middle: Fraction, half: Fraction) -> int:
    return len(str(abs(int(middle / (2 * half)))))


def _least_digits(term: Term) -> int:
    """The significant digits of the decimal that has the fewest."""
    if term.op == "decimal":
        return _digits(*term.value)
    return min(map(_least_digits, term.operands), default=_MOST_DIGITS)


def fraction(value: Any) -> Fraction | None:
    """The number of a ball without a radius."""
    if not value.is_exact() or not value.is_finite():
        return None
    mantissa, exponent = map(int, value.man_exp())
    return Fraction(mantissa) * Fraction(2) ** exponent if abs(exponent) < 10_000 else None
