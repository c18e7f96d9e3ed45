"""Judging an answer as a student wrote it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.core.support.words import Message
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.problem import LIMITS, Problem, derivative, expression
from graphdiff.homework.asked.verdict import Verdict, hinted
from graphdiff.language.handwriting import (
    Reading,
    Term,
    Unreadable,
    build,
    decimals_in,
    read,
    show,
    typeset,
    words_in,
)
from graphdiff.language.handwriting.settings import Settings
from graphdiff.language.handwriting.tokens import Token
from graphdiff.language.handwriting.units import without_units
from graphdiff.program.graph import parse

from .equality import Comparison, compare
from .forms import has_form

if TYPE_CHECKING:
    from graphdiff.homework.asked.shaped import MatrixProblem
    from graphdiff.homework.asked.verdict import Mistake
    from graphdiff.program.graph import Graph

__all__ = [
    "judge", "judge_equal", "judge_named", "names_in", "or_value", "problem_of", "question_of",
]  # fmt: skip

PLAIN = Settings()
_SUMS = ("add", "sub")
_OF_VARIABLE = re.compile(r"(?:[A-Za-z]\w*'*\(([A-Za-z])\)|D_([A-Za-z])[A-Za-z]?)\Z")
"""``f'(t)``, ``D_t f``."""
_OF_FUNCTION = re.compile(r"d?\(?([A-Za-z]\w*)")
_AT_A_NUMBER = re.compile(r"\([^A-Za-z]*\d[^A-Za-z]*\)\Z")
"""``f'(2)``."""


@lru_cache(maxsize=256)
def _read(function: str) -> Graph:
    """The graph of a function, kept between its answers."""
    return parse(function, limits=LIMITS)


@lru_cache(maxsize=256)
def problem_of(function: str | Graph, wrt: str | None, settings: Settings = PLAIN) -> Problem:
    """The problem of a function of numbers, kept with its values at the points."""
    return derivative(function, wrt, settings)


@lru_cache(maxsize=256)
def question_of(
    function: str | Graph, wrt: str | None, settings: Settings = PLAIN
) -> Problem | MatrixProblem:
    """The problem of a function of numbers or arrays."""
    graph = _read(function) if isinstance(function, str) else function
    if graph.has_arrays:
        from graphdiff.homework.asked.shaped import matrix_problem

        return matrix_problem(graph, wrt, settings)
    return problem_of(function, wrt, settings)


def judge(
    problem: Problem | MatrixProblem, answer: object, *, language: str = "en",
    diagnose: bool = True,
) -> Verdict:  # fmt: skip
    """Judge one answer to "differentiate": read it, compare it, explain it.

    >>> judge(problem_of("x^2*sin(y)", "x"), "2x sin(y)").status
    'right'
    """
    if not isinstance(problem, Problem):
        from .calculus import judge_matrices

        return judge_matrices(problem, answer, language=language, diagnose=diagnose)
    units: tuple[str, ...] = ()
    if isinstance(answer, str):
        answer, units = without_units(answer, problem.known)
    try:
        reading = read(answer, problem.vocabulary, problem.settings)
    except Unreadable as error:
        return _unreadable(error)
    if units:
        reading = replace(reading, notes=(*reading.notes, Message("note.units", units=units)))
    verdict = _named(problem, reading)
    if verdict is None:  # a verdict that says no is false
        verdict = _judged(problem, reading)
        if verdict and problem.wrt and not has_form(reading.term, problem.settings.form):
            reason = Message("reason.form", form=problem.settings.form)
            verdict = replace(verdict, status="form", reason=reason)
        if verdict and _is_other(problem, reading.left):
            notes = (*verdict.notes, Message("note.asked", left=reading.left))
            verdict = replace(verdict, notes=notes)
    if verdict.status == "wrong" and diagnose:
        from graphdiff.homework.mistakes import diagnosis

        found: Sequence[Mistake] = diagnosis(problem, reading, verdict, language=language)
        verdict = replace(verdict, mistakes=tuple(found))
    return verdict


def judge_named(
    function: str | Graph, name: str | None, answer: object, settings: Settings, *,
    language: str = "en", diagnose: bool = True,
) -> Verdict:  # fmt: skip
    """Judge an answer to what a name asks for: the derivative in a variable or node, or the value
    of a node of arrays (``q.value``)."""
    told: dict[str, Any] = {"language": language, "diagnose": diagnose}
    graph = _read(function) if isinstance(function, str) else function
    node = (name or "").removesuffix(".value")
    if not graph.has_arrays or node in graph.inputs or node not in graph.names:
        return judge(question_of(function, name, settings), answer, **told)
    from graphdiff.homework.asked.shaped import value_problem

    value = partial(judge, value_problem(graph, node, settings), answer)
    if node != name or graph.names[node] == graph.output:
        return value(**told)
    found = judge(question_of(function, name, settings), answer, **told)
    return or_value(found, node, partial(value, diagnose=False))


def or_value(found: Verdict, node: str, value: Callable[[], Verdict]) -> Verdict:
    """The verdict on an answer by the bare name of a node, which asks for the derivative in it:
    ambiguous where it is wrong as that, and right as the node's value."""
    if found.status not in ("wrong", "name") or not value():
        return found
    reason = Message("reason.bare_name", name=node)
    return replace(found, status="ambiguous", reason=reason, witness=None, mistakes=())


def judge_equal(
    answer: object, key: object, variables: Sequence[str] | None, settings: Settings = PLAIN
) -> Verdict:
    """Judge whether two expressions are equal; the second one is read by convention.

    >>> judge_equal("(x+1)^2", "x^2 + 2x + 1", ["x"]).status
    'right'
    """
    from .identities import judge_identity

    of_matrices = judge_identity(answer, key, variables, settings)
    if of_matrices is not None:
        return of_matrices
    names = None if variables is None else tuple(variables)
    try:
        wanted, problem = (_wanted if isinstance(key, str) else _wanted.__wrapped__)(
            key, names, settings
        )
    except Unreadable as error:
        raise GraphDiffError(
            f"the second expression cannot be read: {error.reason}", hint=error.hint
        ) from error
    try:
        reading = read(answer, names, settings)
    except Unreadable as error:
        return _unreadable(error)
    if names is None:
        told = _not_mathematics(reading, answer, wanted, key)
        if told is not None:
            return told
        called = _may_call(reading, wanted)
        if called and not _same(answer, key):
            reason = Message("reason.may_call", name=called)
            return Verdict(status="ambiguous", reason=reason, reading=show(reading.term))
        # Both may name variables; the answer's come last.
        tape, inputs = problem.tape.fork(), dict(problem.inputs)
        for term in (reading.term, *reading.alternatives, *reading.sides):
            build(term, tape, inputs)
        problem = expression(tape, problem.key, inputs, settings)
    verdict = _judged(problem, reading, any_name=names is None)
    return verdict if _same(answer, key) else _with_other_keys(problem, reading, wanted, verdict)


def _same(answer: object, key: object) -> bool:
    return isinstance(key, str) and isinstance(answer, str) and key.split() == answer.split()


def _may_call(*readings: Reading) -> str:
    """A name that stands before brackets alone: f, g or h, or three letters and more, which need be
    no product (``foo(2x)``); an empty string where there is none."""
    calls, elsewhere = set[str](), set[str]()
    for reading in readings:
        run: list[Token] = []
        for token, after in pairwise([*reading.tokens, Token("end", "", 0, 0)]):
            if token.kind != "name" or (run and run[-1].end != token.start):
                run = []
            if token.kind != "name":
                continue
            run.append(token)
            if after.kind == "name" and after.start == token.end:
                continue
            word = "".join(str(t.value.value) for t in run)
            called = after.value == "(" and (word in ("f", "g", "h") or len(run) > 2)
            (calls if called else elsewhere).update([word] if called else word)
    return next((word for word in sorted(calls) if elsewhere.isdisjoint(word)), "")


def _with_other_keys(
    problem: Problem, reading: Reading, wanted: Reading, verdict: Verdict
) -> Verdict:
    """The verdict, unless it is another one where the second expression is read differently."""
    if verdict.status not in ("right", "domain", "wrong"):
        return verdict
    for term in wanted.alternatives:
        tape, inputs = problem.tape.fork(), dict(problem.inputs)
        other = expression(tape, build(term, tape, inputs), inputs, problem.settings)
        found = _compared(other, reading.term)
        if _good(found) != bool(verdict):
            texts = tuple(show(t) for t in (wanted.term, *wanted.alternatives))
            reason = Message("reason.second_readings", readings=texts)
            return replace(
                verdict, status="ambiguous", readings=texts, reason=reason,
                proved=verdict.proved and found.proved,
            )  # fmt: skip
    return verdict


def _not_mathematics(
    reading: Reading, answer: object, wanted: Reading, key: object
) -> Verdict | None:
    """Words and equations where any letter may be a variable: they are no expressions."""
    used, known = names_in(reading.term), names_in(wanted.term)
    for one, others in ((reading, known), (wanted, used)):
        if one.left in others:
            reason = Message("reason.equation", name=one.left)
            return Verdict(status="unreadable", reason=reason, reading=show(one.term))
    words = [*words_in(str(answer), known), *words_in(str(key), used)]
    if not words:
        return None
    reason = Message("reading.name", names=tuple(words))
    return Verdict(status="name", reason=reason, reading=show(reading.term))


def names_in(term: Term) -> set[str]:
    """The names that occur in a formula."""
    names: set[str] = set()
    waiting = [term]
    while waiting:
        this = waiting.pop()
        if this.op == "input":
            names.add(this.value)
        waiting += this.operands
    return names


@lru_cache(maxsize=256)
def _wanted(
    key: object, names: tuple[str, ...] | None, settings: Settings
) -> tuple[Reading, Problem]:
    """The problem "is it equal to this", kept with its values at the points."""
    wanted = read(key, names, settings, settled=("number",))
    if wanted.sides and not _equation_holds(wanted):
        raise Unreadable(Message("reading.equation"), hint=Message("hint.one_side"))
    if names is not None and wanted.unknown:
        unknown = tuple(name for name, _ in wanted.unknown)
        raise Unreadable(Message("reading.name", names=unknown))
    tape = Tape(STANDARD)
    inputs = {name: tape.make("input", (), name) for name in names or ()}
    problem = expression(tape, build(wanted.term, tape, inputs), inputs, settings)
    return wanted, problem


def _equation_holds(reading: Reading) -> bool:
    """Whether all members of ``A = B = C`` are equal as expressions."""
    tape, inputs = Tape(STANDARD), dict[str, int]()
    roots = [build(term, tape, inputs) for term in (reading.term, *reading.sides)]
    problem = expression(tape, roots[0], inputs, PLAIN)
    return all(_good(compare(problem, tape, root)) for root in roots[1:])


def _unreadable(error: Unreadable) -> Verdict:
    reason = hinted(error.reason, error.hint)
    return Verdict(status="unreadable", proved=True, reason=reason, position=error.position)


def _named(problem: Problem, reading: Reading) -> Verdict | None:
    """The verdict on an answer whose left side names another derivative."""
    if not problem.wrt or not reading.left:
        return None
    left = reading.left.replace("{", "").replace("}", "").replace(" ", "")
    above, slash, below = left.partition("/")
    if not slash and left.count("_") == 1:  # f_y
        above, slash, below = left.partition("_")
    below, above = below.lstrip("d∂"), above.lstrip("d∂").rstrip("'")
    elsewhere = slash and below != problem.wrt and below in problem.known
    inner = problem.known.get(above) if slash or "'" in left else None
    if above in problem.inputs:  # y' is said of a function of y, too
        inner = None
    found = _OF_VARIABLE.match(left)
    variable = below if found is None else found[1] or found[2]
    strange = len(variable) == 1 and variable.isalpha() and variable not in problem.known
    if strange or (found is not None and variable != problem.wrt):
        key = "reason.wrt_strange" if strange else "reason.wrt"
        reason = Message(key, left=left, name=variable, x=problem.wrt)
        return Verdict(status="name", reason=reason, reading=show(reading.term))
    if _AT_A_NUMBER.search(left):
        reason = Message("reason.as_function", left=left)
        return Verdict(status="name", reason=reason, reading=show(reading.term))
    if left.startswith("d^") or "''" in left:
        reason = Message("reason.first", left=left)
        return Verdict(status="name", proved=True, reason=reason, reading=show(reading.term))
    if elsewhere or (inner is not None and inner not in (problem.function, problem.key)):
        reason = Message("reason.wrt", left=left, x=problem.wrt)
        return Verdict(status="name", proved=True, reason=reason, reading=show(reading.term))
    return None


def _is_other(problem: Problem, left: str) -> bool:
    """Whether a left side has another name for the function, or names no derivative at all."""
    if not left or not problem.wrt or left.startswith(("d/d", "D", "∇")):
        return False
    found = _OF_FUNCTION.match(left.replace("{", "").replace("}", ""))
    if found is None:
        return False
    name = found[1].partition("_")[0]
    derivative = "/" in left or "'" in left or "_" in left or left == f"d{name}"
    return not derivative or problem.known.get(name) != problem.function


def _judged(problem: Problem, reading: Reading, *, any_name: bool = False) -> Verdict:
    shown, in_latex = typeset(reading.term)
    told: dict[str, Any] = {"reading": shown, "latex": in_latex, "notes": reading.notes}
    if reading.unknown and not any_name:
        return _strange(problem, reading, told)
    found = _compared(problem, reading.term)
    others = [_compared(problem, term) for term in reading.alternatives]
    sure = found.proved and not (reading.guessed and found.status == "wrong")
    verdict = Verdict(
        status=found.status, proved=sure, witness=found.witness, reason=found.reason,
        points=found.agreed, digits=found.digits, **told,
    )  # fmt: skip
    if reading.conditional and not verdict:  # it may hold where the answer says
        reason = Message("reading.conditional")
        return replace(
            verdict, status="unreadable", proved=False, reason=reason, witness=None
        )  # fmt: skip
    reading = _function_apart(problem, reading)
    if reading.sides and not _chained(problem, reading, bool(verdict)):
        reason = Message("reading.sides")
        return replace(
            verdict, status="unreadable", proved=False, reason=reason, witness=None
        )  # fmt: skip
    terms = [reading.term, *reading.alternatives]
    good = [_good(c) for c in (found, *others)]
    if found.status == "wrong" and not any(good) and problem.wrt and reading.term.op in _SUMS:
        for term in reading.bracketed():
            other = _compared(problem, term)
            if _good(other):
                terms, others, good = [*terms, term], [*others, other], [*good, True]
                break
    if any(good) and not all(good):
        texts = tuple(dict.fromkeys(show(term) for term in terms))
        wrong = next(c for c in (found, *others) if not _good(c))
        reason = Message("reason.readings", readings=texts)
        return replace(
            verdict, status="ambiguous", readings=texts, reason=reason, witness=wrong.witness,
            proved=all(c.proved for c in (found, *others)),
        )  # fmt: skip
    return verdict


def _strange(problem: Problem, reading: Reading, told: dict[str, Any]) -> Verdict:
    """The verdict on an answer with names that nobody gave: never proved to be wrong.

    ``f`` and ``y`` may stand for the function, if the answer is right that way.
    """
    unknown = [name for name, _ in reading.unknown]
    if set(unknown) <= problem.known.keys():
        as_function = replace(reading, unknown=())
        verdict = _judged(problem, as_function)
        if verdict:
            notes = tuple(Message("note.function", name=name) for name in unknown)
            return replace(verdict, notes=(*verdict.notes, *notes))
    own = [name for name in unknown if name in problem.tape.ops]
    if own:
        reason = Message("reason.own_row", name=own[0])
    else:
        known = tuple(problem.vocabulary.declared or ()) or Message("reason.only_numbers")
        reason = Message("reason.known", names=tuple(unknown), known=known)
    return Verdict(status="name", position=reading.unknown[0][1], reason=reason, **told)


def _chained(problem: Problem, reading: Reading, right: bool) -> bool:
    """Whether ``A = B = C`` says one thing: all members are right, or all are wrong.

    Without a left side such as ``dy/dx`` wrong members must also be equal, or it is some equation.
    """
    if not all(_good(_compared(problem, side)) == right for side in reading.sides):
        return False
    return right or bool(reading.left) or _equation_holds(reading)


def _function_apart(problem: Problem, reading: Reading) -> Reading:
    """The reading whose earlier lines are sides, but for those that are the function itself."""
    if problem.function is None or not reading.before:
        return reading
    function = expression(problem.tape, problem.function, dict(problem.inputs), problem.settings)

    def is_function(term: Term) -> bool:
        tape = problem.tape.fork()
        return _good(compare(function, tape, build(term, tape, dict(problem.known))))

    others = tuple(term for term in reading.before if not is_function(term))
    return replace(reading, sides=(*others, *reading.sides), before=())


def _good(found: Comparison) -> bool:
    return found.status in ("right", "domain")


def _compared(problem: Problem, term: Term) -> Comparison:
    tape, inputs = problem.tape.fork(), dict(problem.known)
    found = compare(problem, tape, build(term, tape, inputs))
    if _good(found):
        return found
    outside, within = decimals_in(term)
    exact = problem.settings.exponents == "exact"
    return _allowing(problem, term) if outside or (within and not exact) else found


def _allowing(problem: Problem, term: Term) -> Comparison:
    """Compare again, with every decimal as a ball of what it may be off."""
    settings = problem.settings
    found = _rounded(problem, term, settings)
    if not settings.strict:
        return found
    if _good(found):
        if isinstance(found.reason, Message) and found.reason.key == "reason.as_printed":
            found.reason = Message("reason.as_allowed", **found.reason.fields)
    elif found.status == "wrong" and not found.reason:
        loose = _rounded(problem, term, replace(settings, digits=None, tol=None))
        if _good(loose):
            found.status, found.reason = "rough", Message("reason.further")
    return found


def _rounded(problem: Problem, term: Term, settings: Settings) -> Comparison:
    tape, inputs = problem.tape.fork(), dict(problem.known)
    decimals: dict[str, tuple[Fraction, Fraction]] = {}
    exact = settings.exponents == "exact"
    node = build(term, tape, inputs, decimals=decimals, exact_exponents=exact)
    allowed = {name: (m, settings.allowance(m, r)) for name, (m, r) in decimals.items()}
    return compare(problem, tape, node, allowed)
