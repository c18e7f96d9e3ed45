"""Which mistakes lead to exactly this answer?

A candidate explains an answer if their balls overlap, tightly, at several points and are disjoint
at none.  Nothing is guessed: an answer that no candidate equals is left unexplained.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import islice
from typing import Any

from graphdiff.homework.asked.evaluation import Missing
from graphdiff.homework.asked.problem import Place, Problem
from graphdiff.homework.asked.verdict import Mistake, Verdict
from graphdiff.language.handwriting import Reading, Term

from .answer import TIGHT, Attempt
from .candidates import Candidate, Candidates, Spans, candidates_of
from .catalogue import mistake
from .faults import FAULTS, INTEGRATED, Kind
from .summands import one_term

__all__ = ["diagnosis"]

ENOUGH = 3
"""Points of tight agreement that an explanation needs."""
PLENTY = 4
"""Points of agreement after which no more are looked at."""
EVERYWHERE = 1000
"""More points than there are."""
Told = tuple[str, Spans, str]
"""Code, places, and detail."""


def diagnosis(
    problem: Problem, reading: Reading, verdict: Verdict, *, language: str = "en"
) -> tuple[Mistake, ...]:
    """The mistakes that lead to this answer, simplest first; empty if none of the known ones does.

    >>> from graphdiff.homework.judging.answers import judge, problem_of
    >>> [m.text for m in judge(problem_of("sin(x^2)", "x"), "cos(x^2)").mistakes]
    ['In sin(x^2): the derivative of the inner function is missing (chain rule).']
    """
    if problem.function is None or problem.graph is None or verdict.status != "wrong":
        return ()
    for term in (reading.term, *reading.alternatives):
        told = _explained(problem, term)
        if told:
            return _in_words(problem, told, language)
    return ()


def _explained(problem: Problem, term: Term) -> list[Told]:
    known = candidates_of(problem)
    answer = Attempt(problem, term)
    if not _differs(answer):
        return []  # the witness against it lies where nothing else is looked at
    found: list[tuple[Kind, Spans]] = _matching(known, answer)
    if _is_integral(answer):
        rank = FAULTS.index(INTEGRATED)
        later = (k for k, (kind, _) in enumerate(found) if FAULTS.index(kind) > rank)
        found.insert(next(later, len(found)), (INTEGRATED, ()))
    if not found:
        rounded = Attempt(problem, term, rounded=True)
        if rounded.decimals:
            found = _matching(known, rounded)
    # Two mistakes are an explanation only where one is none, and of more than a number.
    fewest = [(kind, spans) for kind, spans in found if len(spans) < 2]
    if not fewest and answer.tape.nodes[answer.node].operands:
        fewest = found
    return (
        [(kind.code, spans, "") for kind, spans in fewest]
        or list(_proportional(answer))
        or list(_but_one_term(answer))
    )


def _in_words(problem: Problem, told: list[Told], language: str) -> tuple[Mistake, ...]:
    assert problem.graph is not None
    mistakes: list[Mistake] = []
    told_spans: dict[str, list[Spans]] = {}
    for code, spans, detail in told:
        before = told_spans.setdefault(code, [])
        # "Here" and "everywhere" do not stand side by side: whichever came first is simpler.
        if before and (() in before or spans in before or len(spans) != 1):
            continue
        before.append(spans)
        place = ", ".join(problem.graph.source[slice(*span)] for span in spans)
        span = spans[0] if len(spans) == 1 else None
        mistakes.append(mistake(code, place=place, span=span, language=language, detail=detail))
    return tuple(mistakes)


def _usable(problem: Problem) -> Iterator[Place]:
    """Points where the function is smooth and its derivative is known."""
    for place in problem.places():
        if place.usable and place.known[problem.key].__class__ is not Missing:
            yield place


def _differs(answer: Attempt) -> bool:
    for place in _usable(answer.problem):
        given = answer.value(place)
        if given.__class__ is not Missing and not given.overlaps(place.known[answer.problem.key]):
            return True
    return False


def _matching(known: Candidates, answer: Attempt) -> list[tuple[Kind, Spans]]:
    """The candidates that equal the answer wherever both have a value."""
    agreed: dict[int, int] = {}
    wrong, plenty = False, _plenty(answer)
    alive: list[tuple[int, Candidate]] = list(enumerate(known.all))
    for place in _usable(known.problem):
        given = answer.value(place)
        if given.__class__ is Missing:
            continue
        left = []
        for k, candidate in alive:
            value = known.value(candidate, place)
            if value is Missing.UNDEFINED:
                continue
            if value is not Missing.UNKNOWN:
                if not given.overlaps(value):
                    continue
                agreed[k] = agreed.get(k, 0) + (_tight(value) and _close(given, answer))
            left.append((k, candidate))
        alive = left
        # Where the answer is right, faults that make no difference there agree with it too.
        wrong = wrong or not given.overlaps(place.known[known.problem.key])
        if not alive or (wrong and all(agreed.get(k, 0) >= plenty for k, _ in alive)):
            break
    return [(c.kind, c.spans) for k, c in alive if agreed.get(k, 0) >= ENOUGH]


def _plenty(answer: Attempt) -> int:
    """Points after which no more are looked at; past a kink the agreement may end."""
    return EVERYWHERE if answer.kinked else PLENTY


def _tight(ball: Any) -> bool:
    return bool(ball.rel_one_accuracy_bits() >= TIGHT)


def _close(given: Any, answer: Attempt) -> bool:
    """Whether the answer's ball says enough; rounded decimals say at least a digit and a half."""
    return bool(given.rel_accuracy_bits() >= 4) if answer.decimals else _tight(given)


def _is_integral(answer: Attempt) -> bool:
    problem, agreed, plenty = answer.problem, 0, _plenty(answer)
    function = problem.function
    assert function is not None
    for place in _usable(problem):
        slope = answer.derivative(place)
        if slope is None:
            continue
        value = place.known[function]
        if not slope.overlaps(value):
            return False
        agreed += _tight(slope) and _tight(value)
        if agreed == plenty:
            break
    return agreed >= ENOUGH


def _proportional(answer: Attempt) -> Iterator[Told]:
    """The answer as a multiple of the derivative, or the derivative plus a number."""
    pairs = [(answer.value(p), p.known[answer.problem.key]) for p in _telling(answer)]
    if len(pairs) < ENOUGH or any(_same(column) for column in zip(*pairs, strict=True)):
        return  # of a constant derivative every number is a multiple
    factor = _ratio(pairs)
    if factor is not None:
        two = any(factor.overlaps(factor.__class__(x)) for x in (2, 0.5))
        yield "E_FACTOR_TWO" if two else "E_FACTOR", (), _number(factor)
        return
    offset = _constant([a - b for a, b in pairs])
    if offset is not None and not offset.contains(0):
        yield "E_OFFSET", (), _number(offset)


def _but_one_term(answer: Attempt) -> Iterator[Told]:
    places = list(_telling(answer))
    if len(places) >= ENOUGH:
        for code, term in one_term(answer, places):
            yield code, (), term


def _telling(answer: Attempt) -> Iterator[Place]:
    """The first points where both answer and derivative say enough."""
    key = answer.problem.key
    telling = (
        place
        for place in _usable(answer.problem)
        if (given := answer.value(place)).__class__ is not Missing
        and _tight(given)
        and _tight(place.known[key])
    )
    return islice(telling, _plenty(answer))


def _ratio(pairs: list[tuple[Any, Any]]) -> Any:
    """The number, other than 0, by which all second members are multiplied, or None."""
    if any(b.contains(0) and not a.contains(0) for a, b in pairs):
        return None
    factor = _constant([a / b for a, b in pairs if not b.contains(0)])
    return None if factor is None or factor.contains(0) or factor.contains(1) else factor


def _constant(balls: list[Any]) -> Any:
    """The first of these balls if all of them, at least three, overlap and are tight."""
    tight = len(balls) >= ENOUGH and all(_tight(b) for b in balls)
    return balls[0] if tight and _same(balls) else None


def _same(balls: Sequence[Any]) -> bool:
    return all(b.overlaps(balls[0]) for b in balls)


def _number(ball: Any) -> str:
    """A short fraction if there is one in the ball, else six digits."""
    if abs(ball) < 10**6:
        short = Fraction(float(ball.mid())).limit_denominator(1000)
        if ball.overlaps(ball.__class__(short.numerator) / short.denominator):
            return str(short)
    return str(ball.str(6, radius=False))
