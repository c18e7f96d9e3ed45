r"""Judging a gradient in symbols of vectors and matrices: ``2(Wx)x^T``, ``A^{-\top}``.

The answer becomes a node of the program's tape.  It is compared with the gradient at random points
of several choices of sizes, in balls: one that differs is a witness.  Where none does, both are
written as sums over indices, with sizes as letters; if these are the same, it is proved.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from typing import Any

from graphdiff.core.domains.ball_arrays import flat
from graphdiff.core.ir.expr import Expr
from graphdiff.core.support.words import Message
from graphdiff.homework.asked.built import Built, Choices, Misfit, Value, built, every_choice
from graphdiff.homework.asked.evaluation import shown_ball
from graphdiff.homework.asked.shaped import DIGITS, FINE, POINTS, MatrixProblem, SamplePoint, Sized
from graphdiff.homework.asked.verdict import Mistake, Verdict, Witness, hinted
from graphdiff.language.formats import notation
from graphdiff.language.handwriting import Term, Unreadable, members
from graphdiff.language.handwriting.matrices import (
    Stranger,
    prepared,
    read_matrices,
    statements,
    substituted,
)
from graphdiff.program.calculus.sizes import named_sizes, shown_shapes

__all__ = ["Formula", "judge_matrices", "shown_formula", "typeset_readings"]

_USUAL_SIZES = ("N", "n", "m", "M", "B")
"""What answers call sizes that the program has no name for."""
_DEGREE = 1_000
"""The degree of formulas that random points are trusted with."""
_COARSE = (1, 2, 4, 64)
"""Denominators of the numbers in a witness, the plainest first."""


@dataclass(frozen=True, eq=False)
class Formula:
    """One reading of an answer."""

    tree: Term
    path: tuple[int, ...]
    """What was chosen where the tree could be understood in several ways."""
    problem: MatrixProblem

    def at(self, sized: Sized) -> Expr | None:
        """Its node with other sizes; None where its shapes do not fit there."""
        try:
            return built(self.tree, sized.names, sized.due, Choices(self.path)).expr
        except Misfit:
            return None


def judge_matrices(
    problem: MatrixProblem, answer: object, *, language: str = "en", diagnose: bool = True
) -> Verdict:
    """Judge one answer to "what is the gradient".

    >>> from graphdiff import parse
    >>> from graphdiff.language.handwriting.settings import Settings
    >>> from graphdiff.homework.asked.shaped import matrix_problem
    >>> judge_matrices(matrix_problem(parse("x.T@A@x"), "x", Settings()), "(A+A^T)x").proved
    True
    """
    told = _told_of(problem, answer, language, diagnose)
    if told.status != "wrong" or problem.base.of_value:
        return told
    for names, other in problem.with_numbers.items():
        if good := _told_of(other, answer, language, diagnose=False):
            reason = Message("reason.with_numbers", names=names, reading=good.reading)
            return replace(good, status="ambiguous", proved=False, reason=reason, notes=told.notes)
    return _of_unit_targets(problem, told, answer, language, diagnose)


def _of_unit_targets(
    problem: MatrixProblem, told: Verdict, answer: object, language: str, diagnose: bool
) -> Verdict:
    """The verdict on a wrong answer that may be right, or have a better explanation, where targets
    sum to 1."""
    unit = problem.with_unit_targets
    if unit is None:
        return told
    other = _told_of(unit, answer, language, diagnose and not told.mistakes)
    if not other:
        return replace(told, mistakes=told.mistakes or other.mistakes)
    reason = Message("reason.unit_targets")
    if problem.settings.ambiguity == "convention":
        return replace(other, notes=(*other.notes, reason))
    return replace(other, status="ambiguous", proved=False, reason=reason)


def _told_of(problem: MatrixProblem, answer: object, language: str, diagnose: bool) -> Verdict:
    """The verdict for the shapes that the program's variables have."""
    try:
        trees, left = _trees(problem, answer)
    except Stranger as error:
        return Verdict(status="name", proved=True, reason=error.reason)
    except Unreadable as error:
        reason = hinted(error.reason, error.hint)
        return Verdict(status="unreadable", proved=True, reason=reason)
    *sides, readings = trees
    told = _read_all(problem, readings)
    if told is None:
        told = _with_ones(problem, readings) or _entry_by_entry(problem, readings)
    if told is None:
        told = _misfit(problem, readings[0], language, diagnose)
    if sides and not (told and all(_read_all(problem, side) for side in sides)):
        # Which of them is wrong, and whether the others define something, is not known.
        return Verdict(status="unreadable", reason=Message("reading.sides"), reading=told.reading)
    if left and not _names_this(left, problem.base.wrt):
        reason = Message("reason.wrt", left=left, x=problem.base.wrt)
        return Verdict(status="name", reason=reason, reading=told.reading)
    if told.status == "wrong" and diagnose and not problem.base.of_value:
        told = replace(told, mistakes=_mistakes(problem, readings, language))
    return told


def _read_all(problem: MatrixProblem, readings: list[Term]) -> Verdict | None:
    """The verdict on all readings of a text whose shapes fit; None where none do."""
    found = [_judged(problem, tree) for tree in readings]
    fitting = [verdict for verdict in found if verdict is not None]
    return _combined(fitting) if fitting else None


def _with_ones(problem: MatrixProblem, readings: list[Term]) -> Verdict | None:
    """The verdict where a 1 beside a matrix, which fits as no number, is a vector of ones, and the
    answer is right then: W^T 1."""
    return _read_all(problem, [_counted(tree) for tree in readings]) or None


def _counted(tree: Term) -> Term:
    """A formula whose ones beside other factors, without a sign, are vectors."""
    operands = tuple(map(_counted, tree.operands))
    if tree.op == "product" and tree.value in ("", "@"):
        operands = tuple(Term("ones") if x.op == "number" and x.value == 1 else x for x in operands)
    return tree._replace(operands=operands)


def _entry_by_entry(problem: MatrixProblem, readings: list[Term]) -> Verdict | None:
    """Ambiguous, where letters side by side are no product of matrices, and entry by entry the
    answer is right: x cos(x) for x ⊙ cos(x)."""
    told = _read_all(problem, [_starred(tree) for tree in readings])
    if not told:
        return None
    reason = Message("reason.entry_by_entry", reading=told.reading)
    return replace(told, status="ambiguous", proved=False, reason=reason)


def _starred(tree: Term) -> Term:
    """A formula whose products without a sign, and quotients, may be those of entries."""
    operands = tuple(map(_starred, tree.operands))
    sign = {("product", ""): "*", ("quotient", "/"): "⊘"}.get((tree.op, tree.value), tree.value)
    return tree._replace(operands=operands, value=sign)


def typeset_readings(problem: MatrixProblem, answer: object) -> list[tuple[str, str]]:
    """How an answer is read, in Unicode and LaTeX, each way whose shapes fit.  Raises Unreadable
    where none do."""
    base, found = problem.base, dict[tuple[str, str], None]()
    reason: str = Message("reading.value")
    for tree in _trees(problem, answer)[0][-1]:
        for one in every_choice(partial(built, tree, base.names, base.due)):
            if isinstance(one.found, Misfit):
                reason = one.found.reason
            else:
                found[_typeset(problem, tree, one.path)] = None
    if not found:
        raise Unreadable(reason)
    return list(found)


def _trees(problem: MatrixProblem, answer: object) -> tuple[list[list[Term]], str]:
    """The readings of every member of ``A = B``, and a left side.  Raises Unreadable."""
    if not isinstance(answer, str):
        key = "reading.nothing" if answer is None else "reading.not_text"
        raise Unreadable(Message(key, kind=type(answer).__name__))
    if not answer.strip():
        raise Unreadable(Message("reading.empty"))
    answer, given = statements(_turned(answer), problem.base.wrt)
    parts, left = members(prepared(answer))
    slash = problem.settings.slash
    ways = {"left": (False,), "denominator": (True,)}.get(slash, (False, True))
    names = problem.base.names
    sizes = {*names.named, *_USUAL_SIZES} - {*names.nodes}
    defined: dict[str, Term] = {}

    def tree(text: str, below: bool) -> Term:
        known = {*names.nodes, *defined}
        return substituted(read_matrices(text, known, sizes=sizes - known, below=below), defined)

    for name, text in given.items():
        defined[name] = tree(prepared(text), slash == "denominator")
    found = []
    for part in parts:
        trees = [tree(part, below) for below in ways]
        found.append(trees[:1] if trees[0] == trees[-1] else trees)
    return found, left


def _turned(answer: str) -> str:
    """The text with ``'`` as the transpose where it is no derivative: ``x x'``, but ``σ'(z)``."""
    return re.sub(r"(?<=[\w)\]}])'(?!\s*[('=])", "^T", answer)


def _names_this(left: str, wrt: str) -> bool:
    """Whether a left side names the derivative that was asked, or none at all."""
    plain = re.sub(r"[{}\s]|\\(?:top|mathbf|boldsymbol)", "", left)
    quotient = re.search(r"/\(?[d∂]([^)^]+)", plain)
    if quotient is not None:
        return quotient[1].replace("_", "") == wrt.replace("_", "")
    nabla = re.match(r"(?:∇|\\?nabla)_(.+)", plain)
    return nabla is None or nabla[1].replace("_", "").startswith(wrt.replace("_", ""))


def _judged(problem: MatrixProblem, tree: Term) -> Verdict | None:
    """The verdict on one reading; None where its shapes do not fit, however it is understood."""
    base = problem.base
    meanings: dict[tuple[int, ...], list[Built]] = {}
    for one in every_choice(lambda choices: built(tree, base.names, base.due, choices)):
        if isinstance(one.found, Value):
            meanings.setdefault(one.meaning, []).append(one)
    verdicts = []
    for several in meanings.values():
        unlike = {one.found.expr.id: one for one in several if isinstance(one.found, Value)}
        found = [_compared(problem, Formula(tree, one.path, problem)) for one in unlike.values()]
        # A vector of ones is as long as it must be.
        verdicts.append(min(found, key=lambda verdict: not verdict))
    return _combined(verdicts) if verdicts else None


def _combined(verdicts: list[Verdict]) -> Verdict:
    """One verdict on all readings of a text."""
    first = verdicts[0]
    if len({bool(v) for v in verdicts}) > 1 and not any(v.status == "undecided" for v in verdicts):
        texts = tuple(dict.fromkeys(v.reading for v in verdicts))
        if len(texts) > 1:
            reason = Message("reason.readings", readings=texts)
            return replace(first, status="ambiguous", readings=texts, reason=reason, witness=None)
    undecided = [v for v in verdicts if v.status == "undecided"]
    return undecided[0] if undecided else first


def _compared(problem: MatrixProblem, formula: Formula) -> Verdict:
    """The verdict on one meaning."""
    shown, in_latex = _typeset(problem, formula.tree, formula.path)
    notes = (_shapes(problem.base),)
    told: dict[str, Any] = {"reading": shown, "latex": in_latex, "notes": notes}
    points, undefined = 0, False
    for sized in problem.sampled:
        answer = formula.at(sized)
        if answer is None:
            continue
        for point in sized.points:
            outcome = sized.compared(sized.key, answer, point)
            if outcome == "different":
                witness = _witness(problem, formula) or _told(sized, answer, point)
                return Verdict(status="wrong", proved=True, witness=witness, **told)
            points += outcome == "equal"
            undefined |= outcome == "undefined"
    if not points:
        key = "reason.value" if problem.sampled else "reason.key_value"
        return Verdict(status="undecided", reason=Message(key), **told)
    status: Any = "domain" if undefined else "right"
    if _proved(problem, formula):
        return Verdict(status=status, proved=True, points=points, digits=DIGITS, **told)
    reason = _sampled(problem, points)
    return Verdict(status=status, reason=reason, points=points, digits=DIGITS, **told)


def _proved(problem: MatrixProblem, formula: Formula) -> bool:
    """Whether the answer and the gradient are one sum over indices.

    Sizes are letters there; a number that has such a size as a factor could be taken for one.
    """
    for sized in problem.large:
        answer = formula.at(sized)
        told = _tells_sizes(sized, formula.tree)
        if answer is None or not told or not sized.proved_alike(sized.key, answer):
            return False
    return bool(problem.large)


def _tells_sizes(sized: Sized, tree: Term) -> bool:
    """Whether no number in a formula has a size as a factor."""
    numbers = {n for x in _numbers(tree) for n in x.as_integer_ratio() if n}
    return not any(n % size == 0 for n in numbers for size in named_sizes(sized.graph))


def _numbers(tree: Term) -> Iterator[Fraction]:
    """The numbers that are written in a formula."""
    if tree.op == "number" and isinstance(tree.value, Fraction):
        yield tree.value
    for operand in tree.operands:
        yield from _numbers(operand)


def _sampled(problem: MatrixProblem, points: int) -> Message:
    """What agreement at random points proves: a polynomial that is not 0 has few zeros (Schwartz
    1980)."""
    chance = POINTS * (len(str(FINE)) - len(str(_DEGREE)))
    return Message("reason.sampled_shapes", points=points, shapes=len(problem.sampled),
                   degree=_DEGREE, power=chance)  # fmt: skip


def _shapes(sized: Sized) -> Message:
    free = {k: n for k, n in named_sizes(sized.graph).items() if n.letter}
    return Message("note.shapes", shapes=shown_shapes(sized.graph, free))


def _typeset(
    problem: MatrixProblem, tree: Term, path: tuple[int, ...]
) -> tuple[str, str]:  # fmt: skip
    """How a formula is read, in Unicode and LaTeX, with sizes that no number in it is by chance."""
    choices = [sized for sized in problem.large if _tells_sizes(sized, tree)]
    for sized in (*choices, *problem.large, problem.base):
        try:
            value: Value | None = built(tree, sized.names, sized.due, Choices(path))
        except Misfit as misfit:
            value = misfit.value
        if value is not None:
            expr = value.expr
            return shown_formula(sized, expr, "unicode"), shown_formula(sized, expr, "latex")
    return "", ""


def shown_formula(sized: Sized, node: Expr, name: str) -> str:
    """A formula of the tape as it was read."""
    names = {i: called for called, i in sized.names.nodes.items()}
    sizes = {k: n for k, n in named_sizes(sized.graph).items() if n.letter}
    printer = notation(name).for_arrays(sized.tape, names, sizes)
    return str(printer.show_all([node.id])[0])


# -- witnesses -----------------------------------------------------------------------------------


def _witness(problem: MatrixProblem, formula: Formula) -> Witness | None:
    """A point of plain numbers where answer and gradient differ."""
    for fine in _COARSE:
        for sized in problem.sampled:
            answer = formula.at(sized)
            if answer is None:
                continue
            for _, point in zip(range(POINTS), sized.drawn(fine), strict=False):
                if sized.compared(sized.key, answer, point) == "different":
                    return _told(sized, answer, point)
    return None


def _told(sized: Sized, answer: Expr, point: SamplePoint) -> Witness:
    values = [_array(point.values[expr.id], sized) for expr in (answer, sized.key)]
    return Witness({name: _array(x, sized) for name, x in point.exact.items()}, *values)


def _array(value: Any, sized: Sized) -> str:
    """``[[1, 2], [3, 4]]``."""

    def one(x: Any) -> str:
        if isinstance(x, list):
            return f"[{', '.join(map(one, x))}]"
        if isinstance(x, Fraction | int):
            return str(x)
        return shown_ball(x, 6)

    if hasattr(value, "tolist"):
        return one(value.tolist())
    return one(flat(value)[0])


# -- what went wrong -----------------------------------------------------------------------------


def _misfit(
    problem: MatrixProblem, tree: Term, language: str, diagnose: bool
) -> Verdict:  # fmt: skip
    """The verdict on a formula whose shapes do not fit."""
    base = problem.base
    ways = list(every_choice(lambda choices: built(tree, base.names, base.due, choices)))
    misfits = [one.found for one in ways if isinstance(one.found, Misfit)]
    whole = next((one for one in ways if isinstance(one.found, Misfit) and one.found.value), None)
    reading = "" if whole is None else _typeset(problem, tree, whole.path)[0]
    misfit = misfits[0] if whole is None else whole.found
    assert isinstance(misfit, Misfit)
    if not all(one.shapes for one in misfits):
        reason = next(one.reason for one in misfits if not one.shapes)
        return Verdict(status="unreadable", proved=True, reason=reason)
    wrong = Verdict(
        status="wrong", proved=True, reading=reading, reason=misfit.reason, notes=(_shapes(base),)
    )
    if not diagnose or base.of_value:
        return wrong
    return replace(wrong, mistakes=_mistakes(problem, [tree], language))


def _mistakes(
    problem: MatrixProblem, trees: list[Term], language: str
) -> tuple[Mistake, ...]:  # fmt: skip
    from graphdiff.homework.mistakes.guesses import explained

    return next(filter(None, (explained(problem, tree, language) for tree in trees)), ())
