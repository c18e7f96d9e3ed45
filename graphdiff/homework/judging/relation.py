"""Implicit differentiation: dy/dx on a curve such as x² + y² = 25."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.expr import Expr
from graphdiff.core.support.words import Message
from graphdiff.core.sweeps.backward import gradient
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.evaluation import Evaluator, Missing, There, shown_ball
from graphdiff.homework.asked.problem import LIMITS, Problem, expression
from graphdiff.homework.asked.verdict import Verdict, Witness
from graphdiff.language.handwriting import build, read
from graphdiff.language.handwriting.settings import Settings
from graphdiff.program.graph import parse

from .answers import judge

__all__ = ["judge_relation"]

BITS = 256
_PLACES = [Fraction(n, 4) for n in (1, 3, -3, 5, 7, -7, 11, -11, 14, 17)]
_GRID = [Fraction(n, 2) for n in range(-15, 16)]
_ENOUGH, _CLOSE = 5, 1e-20
_HALVINGS = 160


def judge_relation(
    relation: str, wrt: str | None, answer: object, settings: Settings, *, language: str = "en"
) -> Verdict:
    """Judge dy/dx of the curve that a relation between two variables describes.

    Points off the curve do not count: on xy = 1, −y/x and −1/x² are the same.

    >>> judge_relation("x^2 + y^2 = 25", "x", "-x/y", Settings()).status
    'right'
    >>> judge_relation("x*y = 1", "x", "-1/x^2", Settings()).status
    'right'
    """
    if not wrt:
        raise GraphDiffError("with respect to which variable?", hint="name it: wrt")
    problem, curve = _problem(relation, wrt, settings)
    verdict = judge(problem, answer, language=language, diagnose=False)
    if verdict.status != "wrong":
        return verdict
    return _on_curve(problem, curve, str(answer), wrt, verdict)


def _problem(relation: str, wrt: str, settings: Settings) -> tuple[Problem, int]:
    """The slope −F_x / F_y as a problem, and F."""
    left, equals, right = relation.partition("=")
    if not equals or "=" in right:
        raise GraphDiffError(f"{relation} is no relation", hint="a relation reads x^2+y^2 = 25")
    graph = parse(f"({left}) - ({right})", limits=LIMITS).merged
    others = [name for name in graph.inputs if name != wrt]
    if wrt not in graph.inputs or len(others) != 1 or graph.has_arrays:
        raise GraphDiffError(
            f"{relation} is no relation of {wrt} and one other variable",
            hint=f"its variables are {', '.join(graph.inputs)}",
        )
    tape = graph.tape.fork()
    across, along = gradient(tape, graph.output, [graph.inputs[wrt], graph.inputs[others[0]]])
    slope: Expr = -across / along
    return expression(tape, slope.id, dict(graph.inputs), settings), graph.output


def _on_curve(problem: Problem, curve: int, answer: str, wrt: str, off: Verdict) -> Verdict:
    """The verdict where only points of the curve count."""
    reading = read(answer, problem.vocabulary, problem.settings)
    tape = problem.tape.fork()
    given = build(reading.term, tape, dict(problem.inputs))
    evaluator = Evaluator(tape, odd_roots=problem.settings.odd_roots)
    order = tape.needed_for([given, problem.key])
    agreed, met, witness = 0, 0, None
    for point in _curve_points(evaluator, tape.needed_for([curve]), curve, problem, wrt):
        with working_precision(BITS):
            values = evaluator.run(order, point)
            a, b = values[given], values[problem.key]
            if isinstance(a, Missing) or isinstance(b, Missing):
                continue
            if a.overlaps(b):
                met += 1
                agreed += bool((a - b).rad() < _CLOSE)
            else:
                place = {name: shown_ball(ball) for name, ball in point.items()}
                witness = witness or Witness(place, shown_ball(a), shown_ball(b))
    if witness is None and agreed >= _ENOUGH:
        reason = Message("reason.on_curve", points=agreed)
        return replace(off, status="right", proved=False, witness=None, reason=reason)
    if witness is not None and not met:
        return replace(off, witness=witness)
    key = "reason.one_branch" if witness else "reason.no_curve"
    return replace(
        off, status="ambiguous" if witness else "undecided", proved=False, witness=witness,
        reason=Message(key),
    )  # fmt: skip


def _curve_points(
    evaluator: Evaluator, order: list[int], curve: int, problem: Problem, wrt: str
) -> Iterator[There]:
    """Points of the curve: the one coordinate exact, the other in a small ball."""
    [other] = [name for name in problem.inputs if name != wrt]

    def at(x: Fraction, y: Any) -> Any:
        exact = {wrt: x}
        return evaluator.run(order, There({wrt: evaluator.number(x), other: y}, exact))[curve]

    for x in _PLACES:
        with working_precision(BITS):
            signs = [(y, at(x, evaluator.number(y))) for y in _GRID]
            for (low, below), (high, above) in pairwise(signs):
                if isinstance(below, Missing) or isinstance(above, Missing):
                    continue
                if not ((below < 0 and above > 0) or (below > 0 and above < 0)):
                    continue
                root = _bisected(lambda y, x=x: at(x, y), low, high, bool(above > 0), evaluator)
                if root is not None:
                    yield There({wrt: evaluator.number(x), other: root}, {wrt: x})


def _bisected(f: Any, low: Fraction, high: Fraction, rising: bool, evaluator: Evaluator) -> Any:
    """A small ball that holds a zero; None where f may jump there."""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        value = f(evaluator.number(middle))
        if isinstance(value, Missing):
            return None
        if value > 0:
            low, high = (low, middle) if rising else (middle, high)
        elif value < 0:
            low, high = (middle, high) if rising else (low, middle)
        else:
            if value.is_zero():
                low = high = middle
            break
    ball = evaluator.number(low).union(evaluator.number(high))
    whole = f(ball)
    smooth = not isinstance(whole, Missing) and whole.is_finite() and whole.contains(0)
    return ball if smooth else None
