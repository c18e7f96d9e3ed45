"""What is judged: one answer to one question, as a table that JSON can carry anywhere."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from graphdiff.core.ir.op import Op
from graphdiff.core.support.cache import code_digest
from graphdiff.core.support.words import tell, words
from graphdiff.errors import GraphDiffError, ProgramMissing
from graphdiff.homework.grading.submissions.cells import LONGEST
from graphdiff.homework.grading.submissions.rows import UNSPLIT

from .credit import HAND, MISSING
from .homework import Problem, variant

__all__ = ["Lost", "Task", "identify", "judge", "prepare", "undecided", "variant"]

Task = dict[str, Any]
"""Arguments of ``check``, or a ``verdict`` that needs no check; identical tasks are one."""
PATIENCE = 60.0
"""Seconds on the wall in which a check must get the few seconds of computing that it may have."""


def prepare(problem: Problem, answers: Mapping[str, str], language: str) -> Task:
    """The task of an answer; one whose verdict is plain without a check has it already."""
    said = words(language, "task")
    given = {part: text.strip() for part, text in answers.items() if text.strip()}
    if problem.hand:
        return _settled(HAND, "") | {"text": "".join(given.values())}
    if problem.variants is not None:
        return _settled("undecided", said["variant"])
    if not given:
        return _settled(MISSING, "")
    longest = max(map(len, given.values()))
    if longest > LONGEST:
        return _settled("unreadable", said("long", count=longest))
    unsplit = given.pop(UNSPLIT, "")
    if not given:
        several = len(problem.parts) > 1
        return _settled(
            "unreadable", said("unsplit" if several else "other", name=problem.parts[0])
        )
    task: Task = {"function": problem.function, "language": language}
    if problem.settings:
        task["settings"] = dict(problem.settings)
    if problem.at is not None:
        task["at"] = dict(problem.at)
    elif problem.wrt:
        task["wrt"] = ",".join(problem.wrt)
    if problem.parts == ("",):
        task["answer"] = given[""]
    else:
        task["answers"] = given
        missing = [part for part in problem.parts if part not in given]
        if missing:
            # What belongs to no part may be the answer to one that seems to be missing.
            task["unsplit" if unsplit else "missing"] = missing
    return task


def _settled(status: str, reason: str) -> Task:
    return {"verdict": {"status": status, "reason": reason, "proved": status == "unreadable"}}


def identify(task: Task) -> str:
    """A name that only identical tasks share, judged by the same program."""
    text = json.dumps([code_digest(), task], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class Lost(Exception):
    """The machine did not get to judge a task: that says nothing of the answer."""


def judge(
    task: Task, *, isolated: bool = False, ops: Mapping[str, Op] | None = None
) -> dict[str, Any]:
    """The verdict on a task, as JSON; the same wherever and whenever it is judged.

    Raises Lost if that takes a machine that is less busy or lives longer.
    """
    if "verdict" in task:
        return _document(**task["verdict"])
    from graphdiff.homework.asked.verdict import Verdict
    from graphdiff.homework.asking import checked
    from graphdiff.homework.checking import request
    from graphdiff.homework.isolation import SECONDS, WorkerLost, ask

    language = task["language"]
    asked = request(
        task["function"], wrt=None if "answers" in task else task.get("wrt"),
        answer=task.get("answer"), answers=task.get("answers"), at=task.get("at"),
        settings=task.get("settings"), language=language,
    )  # fmt: skip
    try:
        if ops is not None:
            from graphdiff.program.graph import graph_of

            asked["function"] = graph_of(task["function"], ops)
        elif isolated:
            verdict = Verdict.read(ask(asked, PATIENCE, SECONDS))
            return _with_missing(verdict.document_in(language), task)
        return _with_missing(checked(**asked).document_in(language), task)
    except WorkerLost as lost:
        if lost.machine:
            raise Lost(str(lost)) from None
        return _with_missing(undecided(tell(lost.reason, language)), task)
    except ProgramMissing as error:
        raise Lost(str(error)) from None
    except GraphDiffError as error:
        return undecided(str(error))


def _with_missing(document: dict[str, Any], task: Task) -> dict[str, Any]:
    """The verdict with the parts that were not answered; right ones do not make it right."""
    said = words(task["language"], "task")
    good = document["status"] in ("right", "domain")
    for part in task.get("missing", ()):
        document.setdefault("answers", {})[part] = _document(MISSING, "")
    for part in task.get("unsplit", ()):
        told = _document("unreadable", said("unsplit", name=part), proved=True)
        document.setdefault("answers", {})[part] = told
    if good and "missing" in task:
        reason = said("some", names=", ".join(task["missing"]))
        document |= {"status": MISSING, "reason": reason, "proved": False}
    elif good and "unsplit" in task:
        reason = said("unsplit", name=task["unsplit"][0])
        document |= {"status": "unreadable", "reason": reason, "proved": True}
    return document


def undecided(reason: str) -> dict[str, Any]:
    """The verdict on what could not be judged."""
    return _document("undecided", reason)


def _document(status: str, reason: str, proved: bool = False) -> dict[str, Any]:
    from graphdiff.homework.asked.verdict import Verdict

    told = Verdict(status="undecided", reason=reason, proved=proved).document()
    return told | {"status": status}
