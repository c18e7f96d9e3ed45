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
from typing import Any

from graphdiff.core.ir.op import Op
from graphdiff.core.ops import STANDARD
from graphdiff.core.support.words import known
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.verdict import Mistake, Query, Verdict, Witness
from graphdiff.language.handwriting.settings import Settings
from graphdiff.language.reading.point import Constant, Stored, point_of
from graphdiff.program.formula import Formula
from graphdiff.program.graph import graph_of

from .asking import checked

__all__ = ["Mistake", "Settings", "Verdict", "Witness", "check", "equal", "request"]

MOST_TEXT = 20_000
"""Characters of an answer that are passed on; the reader refuses half of that."""


def check(
    function: Formula | str, *, wrt: str | Sequence[str] | None = None, answer: object = None,
    answers: Mapping[str, object] | None = None, at: Mapping[str, Any] | str | None = None,
    key: object = None, settings: Settings | Mapping[str, Any] | None = None,
    language: str = "en", isolated: bool = True, diagnose: bool = True,
    seconds: float | None = None, ops: Mapping[str, Op] | None = None, relation: bool = False,
) -> Verdict:  # fmt: skip
    """Judge a derivative that somebody worked out.

    ``answer`` is the text of ∂function/∂wrt, with a list of variables the gradient as a vector in
    their order (``"(2xy, x^2)"``); ``answers`` maps several variables, or
    nodes of the program (``{"df/dq": "z"}``), to such texts.  With a point ``at``, ``answers`` are
    numbers by node: ``{"q": "3", "df/dq": "-4"}``.  ``key`` is
    the teacher's answer (or a mapping of them), proved first.  ``settings`` holds the conventions
    of the course, ``language`` is that of the explanations (``en`` or ``ko``).

    With ``relation`` the function is an equation between two variables, and the answer the slope
    of its curve: ``check("x^2 + y^2 = 25", wrt="x", answer="-x/y", relation=True)``.

    The check runs in a worker process with bounds on memory and time, unless ``isolated=False``;
    a text that exceeds them is ``undecided``, never wrong.  With rows of your own, ``ops``, which
    are your code, it runs in this process.

    Raises ParseError and the like for the function, WrongKey for a key that is not its derivative,
    GraphDiffError for a variable that it does not have.

    >>> v = check("sin(3x)", answer="cos(3x)", isolated=False)
    >>> v.status, v.mistakes[0].code
    ('wrong', 'E_CHAIN')
    """
    known(language)
    if (answer is None) == (answers is None) and not (answers is None and at is None):
        raise GraphDiffError("give either answer or answers")
    asked = request(
        function, wrt=wrt, answer=answer, answers=answers, at=at, key=key, settings=settings,
        language=language, diagnose=diagnose,
    )  # fmt: skip
    if relation:
        asked["relation"] = True
    own = ops is not None or not (
        isinstance(function, str) or dict(function.graph.tape.ops) == STANDARD
    )
    if own:
        asked["function"] = graph_of(function, ops)
    verdict = _run(asked, isolated and not own, seconds)
    given = answer if isinstance(answer, str) else ""
    told = Query(str(asked["function"]), given, language, diagnose and not relation)
    return dataclasses.replace(verdict, asked=told)


def request(
    function: Formula | str, *, wrt: str | Sequence[str] | None = None, answer: object = None,
    answers: Mapping[str, object] | None = None, at: Mapping[str, Any] | str | None = None,
    key: object = None, settings: Settings | Mapping[str, Any] | None = None,
    language: str = "en", diagnose: bool = True,
) -> dict[str, Any]:  # fmt: skip
    """What ``check`` asks of the worker: arguments of ``checked`` that JSON can hold."""
    return {
        "function": function if isinstance(function, str) else str(function.graph),
        "wrt": wrt if isinstance(wrt, str | None) else ",".join(wrt),
        "answer": _plain(answer), "at": None if at is None else _written(point_of(at)),
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
    verdict = _run(request, isolated, seconds)
    return dataclasses.replace(verdict, asked=Query(answer=a if isinstance(a, str) else ""))


def _run(request: dict[str, Any], isolated: bool, seconds: float | None) -> Verdict:
    if not isolated:
        return checked(**request)
    from .isolation import SECONDS, NotStarted, WorkerLost, ask

    try:
        return Verdict.read(ask(request, SECONDS if seconds is None else seconds))
    except NotStarted as lost:
        raise GraphDiffError(str(lost), hint="isolated=False checks in this process") from None
    except WorkerLost as lost:
        return Verdict(status="undecided", reason=lost.reason)


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
    if isinstance(value, Constant):
        value = value.entries if isinstance(value, Stored) else value.text
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return [_number(entry) for entry in value]
    return value if isinstance(value, str) else str(value)


def _table(settings: Settings | Mapping[str, Any] | None) -> dict[str, Any]:
    if isinstance(settings, Settings):
        return dataclasses.asdict(settings)
    return dict(settings or {})
