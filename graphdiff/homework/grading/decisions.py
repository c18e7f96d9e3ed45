"""What people decided: readings that are accepted, marks and comments, kept over every rerun."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from graphdiff.errors import ParseError, UnknownName

from .feedback import decimal
from .homework import Homework
from .store import Given, shown
from .variants import exact

__all__ = ["DECISIONS", "Decision", "Decisions", "added", "by_hand", "read_decisions"]

DECISIONS = "decisions.toml"
"""The file in the folder of results in which decisions are looked for."""

_KEYS = (
    "problem", "part", "student", "answer", "request", "reading", "points", "comment", "by",
    "when", "why",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One decision: on a student's answer, or on an answer whoever gave it."""

    where: str
    problem: str
    part: str = ""
    """The part that it is about; all of the answer if none is named."""
    student: str = ""
    answer: str = ""
    request: str = ""
    """Why the student asks to look again; open until something is decided."""
    reading: str = ""
    """What is judged in its place."""
    points: Fraction | None = None
    comment: str = ""
    by: str = ""
    when: str = ""
    why: str = ""

    def meets(self, names: Iterable[str], given: Given) -> bool:
        """Whether it is about a student's answer."""
        text = given.answers.get(self.part, "") if self.part else shown(given.answers)
        return (
            given.problem == self.problem
            and (not self.student or self.student in names)
            and (not self.answer or text.split() == self.answer.split())
        )

    @property
    def open(self) -> bool:
        """Whether it is a request on which nothing is decided yet."""
        return not (self.reading or self.comment) and self.points is None

    @property
    def told(self) -> dict[str, str]:
        """What was asked; who decided, when and why."""
        return {k: v for k in ("request", "by", "when", "why") if (v := getattr(self, k))}

    @property
    def toml(self) -> str:
        """The decision as it stands in a file."""
        lines = [
            f"{key} = {_written(v)}" for key in _KEYS if (v := getattr(self, key)) not in ("", None)
        ]
        return "\n".join(["[[decision]]", *lines, ""])


@dataclass
class Decisions:
    """The decisions of a class, and on whom each of them is."""

    rows: tuple[Decision, ...] = ()
    fresh: tuple[Decision, ...] = ()
    """Those of them that the folder does not keep yet."""
    made: dict[tuple[str, str], list[Decision]] = field(default_factory=dict)
    """By student and problem."""
    _met: set[Decision] = field(default_factory=set)

    def accepted(self, identity: Mapping[str, str], given: Given) -> Given:
        """The answer as it is to be judged; notes who is decided on."""
        student = given.student
        names = {student, *identity.values()}
        found = [row for row in self.rows if row.meets(names, given)]
        if not found:
            return given
        self.made[student, given.problem] = found
        self._met.update(found)
        readings = {row.part: row.reading for row in found if row.reading}
        return given._replace(answers={**given.answers, **readings})

    def check(self, students: Iterable[str]) -> None:
        """Raise ParseError for a decision that is on nobody."""
        for row in self.rows:
            if row in self._met:
                continue
            if row.answer:
                told = f"nobody{f' called {row.student}' if row.student else ''} answered "
                told += f"{row.problem} with {row.answer[:80]!r}"
                hint = "spaces do not count, all else does; remove what no longer holds"
            else:
                near = difflib.get_close_matches(row.student, list(students), 1)
                told = f"there is no student {row.student!r}"
                hint = f"did you mean {near[0]!r}?" if near else "remove it, if he left"
            raise ParseError(f"{row.where}: {told}", hint=hint)

    def marks(self, student: str, problem: str) -> tuple[dict[str, Fraction], str]:
        """The points that somebody set, by part or by ``""`` for all of it, and the comments."""
        points, comments = dict[str, Fraction](), list[str]()
        for row in self.made.get((student, problem), ()):
            if row.points is not None:
                points[row.part] = row.points
            comments += [row.comment] if row.comment else []
        return points, " ".join(dict.fromkeys(comments))


def by_hand(homework: Homework) -> tuple[Decision, ...]:
    """The marks of people that the key file names.  Raises ParseError for too many points."""
    rows = tuple(
        Decision(
            where=mark.where, problem=problem.id, student=mark.student, points=mark.points,
            comment=mark.comment,
        )
        for problem in homework.problems
        for mark in problem.marks
    )  # fmt: skip
    for row in rows:
        _known(row, homework)
    return rows


def added(kept: Iterable[Decision], given: Iterable[Decision]) -> tuple[Decision, ...]:
    """The given decisions that are not kept already."""
    known = {replace(row, where="") for row in kept}
    return tuple(row for row in given if replace(row, where="") not in known)


def read_decisions(
    content: Mapping[str, Any], where: object, homework: Homework
) -> tuple[Decision, ...]:
    """The decisions of a file's content.  Raises ParseError and UnknownName."""
    tables = content.get("decision", [])
    if set(content) - {"decision"} or not isinstance(tables, list):
        raise ParseError(f"{where}: there is something else than decisions", hint="[[decision]]")
    found = [_decision(table, f"{where}: decision {k}") for k, table in enumerate(tables, 1)]
    for row in found:
        _known(row, homework)
    return tuple(found)


def _decision(table: Any, where: str) -> Decision:
    if not isinstance(table, Mapping):
        raise ParseError(f"{where} is not a table", hint="[[decision]]")
    for key in table:
        if key not in _KEYS:
            raise UnknownName(f"{where}: unknown key {key!r}", hint=f"keys are {', '.join(_KEYS)}")
    points = exact(table["points"]) if "points" in table else None
    if "points" in table and (points is None or points < 0):
        raise ParseError(f"{where}: points is no number of at least 0")
    texts = {key: str(table[key]).strip() for key in _KEYS if key in table and key != "points"}
    row = Decision(**{"problem": "", **texts}, where=where, points=points)
    if row.request and not row.student:
        raise ParseError(f"{where}: whose request is it?", hint='student = "ann"')
    if not row.problem or not (row.student or row.answer):
        hint = 'problem = "p1", and student = "ann" or answer = "1/2x"'
        raise ParseError(f"{where}: on what is not said", hint=hint)
    if row.open and not row.request:
        hint = 'reading = "x/2", points = 1.5 or comment = "…"'
        raise ParseError(f"{where}: nothing is decided", hint=hint)
    return row


def _written(value: str | Fraction) -> str:
    """A value as TOML has it."""
    if isinstance(value, Fraction):
        return str(value) if value.denominator == 1 else f'"{value}"'
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _known(row: Decision, homework: Homework) -> None:
    problem = homework.by_id.get(row.problem)
    if problem is None:
        known = ", ".join(homework.by_id)
        told = f"there is no problem {row.problem!r}"
        raise UnknownName(f"{row.where}: {told}", hint=f"there is {known}")
    if (row.part or row.reading) and row.part not in problem.parts:
        parts = ", ".join(problem.parts) or "none: there is only one answer"
        told = f"there is no part {row.part!r}" if row.part else "of which part is the reading?"
        raise UnknownName(f"{row.where}: {told}", hint=f"parts are {parts}")
    most = problem.worth(row.part)
    if row.points is not None and row.points > most:
        told = f"{decimal(row.points)} points of {decimal(most)}"
        what = f"{row.problem}.{row.part}" if row.part else "the problem"
        raise ParseError(f"{row.where}: {told}", hint=f"{what} has no more")
