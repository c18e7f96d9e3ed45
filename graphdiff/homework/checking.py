"""Checking derivatives that somebody else worked out: a verdict, its proof, and the mistake.

>>> from graphdiff.homework.checking import check, equal
>>> check("x^2*sin(y)", wrt="x", answer="2x sin(y)", isolated=False).status
'right'
>>> equal("sin(x)^2", "1 - cos(x)^2", variables=["x"], isolated=False).proved
True
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from graphdiff.errors import GraphDiffError, WrongKey, in_language
from graphdiff.homework.asked.verdict import Mistake, Status, Verdict, Witness
from graphdiff.language.handwriting.settings import Settings

if TYPE_CHECKING:
    from graphdiff.program.graph import Graph

__all__ = ["Mistake", "Settings", "Verdict", "Witness", "check", "checked", "equal", "request"]

Language = Literal["en", "ko"]
_LANGUAGES = dict.fromkeys(("en", "ko"))
MOST_TEXT = 20_000
"""Characters of an answer that are passed on; the reader refuses half of that."""


def check(
    function: str | Graph, *, wrt: str | None = None, answer: object = None,
    answers: Mapping[str, object] | None = None, at: Mapping[str, Any] | None = None,
    key: object = None, settings: Settings | Mapping[str, Any] | None = None,
    language: Language = "en", isolated: bool = True, diagnose: bool = True,
    seconds: float | None = None,
) -> Verdict:  # fmt: skip
    """Judge a derivative that somebody worked out.

    ``answer`` is the text of ∂function/∂wrt; ``answers`` maps several variables to such texts.
    With a point ``at``, ``answers`` are numbers by node: ``{"q": "3", "df/dq": "-4"}``.  ``key`` is
    the teacher's answer (or a mapping of them), proved first.  ``settings`` holds the conventions
    of the course, ``language`` is that of the explanations (``en`` or ``ko``).

    The check runs in a worker process with bounds on memory and time, unless ``isolated=False``;
    a text that exceeds them is ``undecided``, never wrong.

    Raises ParseError and the like for the function, WrongKey for a key that is not its derivative,
    GraphDiffError for a variable that it does not have.

    >>> v = check("sin(3x)", answer="cos(3x)", isolated=False)
    >>> v.status, v.mistakes[0].code
    ('wrong', 'E_CHAIN')
    """
    in_language(_LANGUAGES, language)
    if (answer is None) == (answers is None) and not (answers is None and at is None):
        raise GraphDiffError("give either answer or answers")
    asked = request(
        function, wrt=wrt, answer=answer, answers=answers, at=at, key=key, settings=settings,
        language=language, diagnose=diagnose,
    )  # fmt: skip
    return _run(asked, isolated, seconds)


def request(
    function: str | Graph, *, wrt: str | None = None, answer: object = None,
    answers: Mapping[str, object] | None = None, at: Mapping[str, Any] | None = None,
    key: object = None, settings: Settings | Mapping[str, Any] | None = None,
    language: Language = "en", diagnose: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """What ``check`` asks of the worker: arguments of ``checked`` that JSON can hold."""
    return {
        "function": function if isinstance(function, str) else function.source or str(function),
        "wrt": wrt, "answer": _plain(answer), "at": None if at is None else _written(at),
        "answers": None if answers is None else {n: _plain(a) for n, a in answers.items()},
        "key": {n: _plain(k) for n, k in key.items()} if isinstance(key, Mapping) else _plain(key),
        "settings": _table(settings), "language": language, "diagnose": diagnose,
    }  # fmt: skip


def equal(
    a: object, b: object, variables: Sequence[str] | None = None, *,
    settings: Settings | Mapping[str, Any] | None = None, isolated: bool = True,
    seconds: float | None = None,
) -> Verdict:  # fmt: skip
    """Judge whether two expressions are equal wherever both are defined.

    ``a`` is read as an answer, ``b`` as its key.  ``variables`` are the names that may occur; None
    takes every name that does.

    Raises GraphDiffError if ``b`` cannot be read.

    >>> equal("ln(x^2)", "2 ln x", isolated=False).status
    'domain'
    """
    request = {
        "function": None, "answer": _plain(a), "key": _plain(b), "settings": _table(settings),
        "variables": None if variables is None else list(variables),
    }  # fmt: skip
    return _run(request, isolated, seconds)


def _run(request: dict[str, Any], isolated: bool, seconds: float | None) -> Verdict:
    if not isolated:
        return checked(**request)
    from .isolation import SECONDS, NotStarted, WorkerLost, ask

    try:
        return Verdict.read(ask(request, SECONDS if seconds is None else seconds))
    except NotStarted as lost:
        raise GraphDiffError(str(lost), hint="isolated=False checks in this process") from None
    except WorkerLost as lost:
        return Verdict(status="undecided", reason=str(lost))


def checked(
    function: str | None, answer: object = None, answers: Mapping[str, object] | None = None,
    wrt: str | None = None, at: Mapping[str, Any] | None = None, key: Any = None,
    settings: Mapping[str, Any] | None = None, language: Language = "en", diagnose: bool = True,
    variables: Sequence[str] | None = None,
) -> Verdict:  # fmt: skip
    """One check in this process; the worker calls it with what a JSON document can hold."""
    from graphdiff.homework.judging.answers import judge, judge_equal, problem_of

    in_language(_LANGUAGES, language)
    course = Settings.read(dict(settings or {}))
    if function is None:
        return judge_equal(answer, key, variables, course)
    if at is not None:
        return _nodes(function, at, answers or {}, course, language, diagnose)
    asked = {wrt: answer} if answers is None else {_variable(n): a for n, a in answers.items()}
    keys = key if isinstance(key, Mapping) else {} if key is None else {wrt: key}
    for name, text in keys.items():
        _prove_key(function, name and _variable(name), text, course)
    parts = {
        name or "": judge(problem_of(function, name, course), text,
                          language=language, diagnose=diagnose)
        for name, text in asked.items()
    }  # fmt: skip
    return parts[wrt or ""] if answers is None else together(parts)


def together(parts: dict[str, Verdict]) -> Verdict:
    """One verdict on several answers: the worst of theirs."""
    order: list[Status] = [
        "wrong", "name", "unreadable", "undecided", "ambiguous", "domain", "right",
    ]  # fmt: skip
    if not parts:
        raise GraphDiffError("there are no answers to check")
    name, worst = min(parts.items(), key=lambda item: order.index(item[1].status))
    reason = "" if worst else f"{name}: {worst.reason or worst.status}"
    return Verdict(
        status=worst.status, proved=all(v.proved for v in parts.values()), parts=parts,
        reason=reason, witness=worst.witness, mistakes=worst.mistakes,
    )  # fmt: skip


def _nodes(
    program: str, at: Mapping[str, Any], answers: Mapping[str, object], settings: Settings,
    language: Language, diagnose: bool,
) -> Verdict:  # fmt: skip
    from graphdiff.homework.nodes.judging import check_nodes

    return check_nodes(
        program, at, answers, settings=settings, language=language, diagnose=diagnose
    )


def _prove_key(function: str, wrt: str | None, text: object, settings: Settings) -> None:
    from graphdiff.homework.judging.answers import judge, problem_of
    from graphdiff.homework.judging.telling import place

    verdict = judge(problem_of(function, wrt, settings), text, diagnose=False)
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


def _plain(value: object) -> object:
    """What can go to the worker: text cut to what is read, plain JSON, or what is not text."""
    if isinstance(value, str):
        return value[:MOST_TEXT]
    if hasattr(value, "tolist"):  # a numpy array of numbers
        value = value.tolist()
    try:
        text = json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return [str(type(value))]
    return value if len(text) <= MOST_TEXT else text[:MOST_TEXT]


def _written(at: Mapping[str, Any]) -> dict[str, Any]:
    """A point as JSON holds it: numbers as exact text, arrays as lists."""
    return {name: _number(value) for name, value in at.items()}


def _number(value: Any) -> Any:
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_number(entry) for entry in value]
    return value if isinstance(value, str) else str(value)


def _table(settings: Settings | Mapping[str, Any] | None) -> dict[str, Any]:
    if isinstance(settings, Settings):
        return dataclasses.asdict(settings)
    return dict(settings or {})
