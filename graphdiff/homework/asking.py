"""One check in one process, asked in what a JSON document can hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.words import known
from graphdiff.errors import WrongKey
from graphdiff.homework.asked.verdict import Verdict, combined
from graphdiff.language.handwriting.settings import Settings

if TYPE_CHECKING:
    from graphdiff.program.graph import Graph

__all__ = ["checked"]


def checked(
    function: str | Graph | None, answer: object = None,
    answers: Mapping[str, object] | None = None,
    wrt: str | None = None, at: Mapping[str, Any] | None = None, key: Any = None,
    settings: Mapping[str, Any] | None = None, language: str = "en", diagnose: bool = True,
    variables: Sequence[str] | None = None, relation: bool = False,
) -> Verdict:  # fmt: skip
    """One check in this process; the worker calls it with what a JSON document can hold."""
    from graphdiff.homework.judging.answers import judge, judge_equal, judge_named, question_of

    known(language)
    course = Settings.read(dict(settings or {}))
    if function is None:
        return judge_equal(answer, key, variables, course)
    if relation:
        from graphdiff.homework.judging.relation import judge_relation

        return judge_relation(str(function), wrt, answer, course, language=language)
    if at is not None:
        return _nodes(function, at, answers or {}, course, language, diagnose)
    several = (wrt or "").split(",") if answer is not None else []
    if len(several) > 1:
        return _gradient(
            function, [name.strip() for name in several], answer, key, course, language, diagnose
        )
    keys = key if isinstance(key, Mapping) else {} if key is None else {wrt: key}
    written = replace(course, form="any")  # a key may be written as one likes
    nodes = False
    if answers:
        from graphdiff.homework.judging.symbols import board, check_formulas, has_nodes

        nodes = has_nodes(function, answers, course)
    for name, text in keys.items():
        variable = name and _variable(name)
        found = (
            board(function, written).judged(name, text).verdict if nodes and name
            else judge(question_of(function, variable, written), text, diagnose=False)
        )  # fmt: skip
        _prove_key(function, variable, text, found)
    if nodes:
        assert answers
        return check_formulas(
            function, answers, settings=course, language=language, diagnose=diagnose
        )
    asked = {wrt: answer} if answers is None else {_variable(n): a for n, a in answers.items()}
    parts = {
        name or "": judge_named(function, name, text, course, language=language, diagnose=diagnose)
        for name, text in asked.items()
    }  # fmt: skip
    return parts[wrt or ""] if answers is None else combined(parts)


def _gradient(
    function: str | Graph, names: list[str], answer: object, key: Any, settings: Settings,
    language: str, diagnose: bool,
) -> Verdict:  # fmt: skip
    """A gradient as one vector, in the order of the variables."""
    from graphdiff.homework.judging.answers import judge, question_of
    from graphdiff.homework.judging.vectors import components, judge_vector
    from graphdiff.language.handwriting import Unreadable

    def judged(name: str, text: str, mistakes: bool = False) -> Verdict:
        problem = question_of(function, name, settings)
        return judge(problem, text, language=language, diagnose=mistakes)

    if key is not None:
        try:
            keys = key if isinstance(key, Mapping) else components(key, names)
        except Unreadable as error:
            raise WrongKey(f"the key {key} is no gradient: {error.reason}") from None
        for name, text in keys.items():
            _prove_key(function, name, text, judged(name, text))
    return judge_vector(answer, names, lambda name, text: judged(name, text, diagnose))


def _nodes(
    program: str | Graph, at: Mapping[str, Any], answers: Mapping[str, object], settings: Settings,
    language: str, diagnose: bool,
) -> Verdict:  # fmt: skip
    from graphdiff.homework.judging.nodes import check_nodes

    return check_nodes(
        program, at, answers, settings=settings, language=language, diagnose=diagnose
    )


def _prove_key(function: str | Graph, wrt: str | None, text: object, verdict: Verdict) -> None:
    from graphdiff.homework.judging.telling import place

    if verdict:
        return
    why = verdict.reason
    if verdict.witness is not None:
        point = place(verdict.witness.point)
        why = f"at {point} it is {verdict.witness.answer}, not {verdict.witness.key}"
    raise WrongKey(
        f"the key {text} is not the derivative of {function}"
        + (f" with respect to {wrt}" if wrt else "") + f": {why}",
        hint="correct the key; no answer was checked",
    )  # fmt: skip


def _variable(name: str) -> str:
    """The variable of ``df/dx`` or ``x``."""
    below = name.strip().rpartition("/")[2]
    return below.lstrip("d∂").strip() if "/" in name else below
