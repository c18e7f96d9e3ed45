"""A graded class: students, their results, and the table that spreadsheets get."""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, lcm
from pathlib import Path
from typing import Any

from graphdiff.core.support.section import Section
from graphdiff.core.support.words import words
from graphdiff.study.report.protocol import Reporting

from .credit import places_to_look
from .decisions import Decisions
from .feedback import decimal, feedback
from .homework import Homework, Problem
from .store import Store
from .variants import exact

__all__ = ["Grades", "Result", "Student"]

_KEPT = 4_000


@dataclass(frozen=True, slots=True)
class Result:
    """What an answer was, and what it earned."""

    problem: Problem
    text: str
    """The answer as it was written."""
    verdict: Mapping[str, Any]
    """As JSON, schema ``graphdiff.verdict/1``; ``missing`` where there is no answer."""
    share: Fraction
    """Of the problem's points."""
    points: Fraction
    feedback: str
    codes: tuple[str, ...]
    """Codes of the mistakes, of all parts."""
    task: int
    """Number of the task; equal answers share it."""
    decided: tuple[Mapping[str, str], ...] = ()
    """What the student asked; who decided on it, when and why."""
    settled: bool = False
    """Whether somebody decided on it."""
    request: str = ""
    """Why the student asks to look again, if nobody has yet."""
    comment: str = ""
    """What somebody tells the student, beside the feedback."""
    told: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)
    """What writers make of the verdict once, by their names: thousands may share it."""

    @property
    def cells(self) -> list[str]:
        """The cells of the table of the class, the answer and what is told of it last."""
        told = [decimal(self.points), self.status, " ".join(self.codes)]
        return [*told, self.text, self.feedback]

    @property
    def status(self) -> str:
        """The verdict's status."""
        return str(self.verdict["status"])

    @property
    def look(self) -> bool:
        """Whether a person should look at it; not where one has."""
        return bool(self.request) or (places_to_look(self.verdict) and not self.settled)


@dataclass(frozen=True, slots=True)
class Student:
    """One student's results."""

    name: str
    """What tells students apart: an id, an address, a name."""
    identity: Mapping[str, str]
    results: Mapping[str, Result]
    points: Fraction
    """All that was earned, less what is lost by coming late."""
    note: str = ""
    """What he is told of the whole."""


@dataclass(eq=False, repr=False)
class Grades(Reporting):
    """What grading a class gives; iterates over students, sorted by name.

    Verdicts are read from the store when they are asked for: a class may be larger than memory.
    """

    homework: Homework
    store: Store
    warnings: tuple[str, ...] = ()
    folder: Path | None = None
    """Where the files are, if they were written."""
    decisions: Decisions = field(default_factory=Decisions)
    blind: bool = False
    """Whether the report has no names."""
    _known: OrderedDict[tuple[str, int], Result] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return self.store.count

    def __iter__(self) -> Iterator[Student]:
        for name, identity, answers in self.store.answers():
            results = {
                problem.id: self._decided(name, self.result(problem, *answers[problem.id]))
                for problem in self.homework.problems
                if problem.id in answers
            }
            points = _sum([result.points for result in results.values()])
            lost = self._lost(identity.get("late", ""))
            note = self._late_note(lost) if lost else ""
            yield Student(name, identity, results, points * (1 - lost), note)

    def _lost(self, late: str) -> Fraction:
        """What share of the points is lost by coming late."""
        day, most = self.homework.late
        return min(day * days_late(late), most) if late and day else Fraction(0)

    def _late_note(self, lost: Fraction) -> str:
        return words(self.homework.language, "feedback")("late", share=decimal(100 * lost))

    def result(self, problem: Problem, task: int, text: str) -> Result:
        """The result of an answer, whose verdict others may share."""
        key = (problem.id, task)
        known = self._known.get(key)
        if known is None:
            verdict = self.store.verdict(task)
            points = problem.earned(verdict)
            share = points / problem.points if problem.points else Fraction(0)
            told = self._told(problem, verdict)
            known = Result(problem, text, verdict, share, points, told, _codes(verdict), task)
            self._known[key] = known
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known if known.text == text else replace(known, text=text)

    def _told(self, problem: Problem, verdict: Mapping[str, Any]) -> str:
        """What a student is told."""
        homework = self.homework
        told = feedback(verdict, homework.language, show=homework.show)
        if homework.show != "solution" or verdict["status"] == "right" or problem.variants:
            return told
        key = "; ".join(f"{n} = {k}" if n else k for n, k in problem.key.items())
        solved = words(homework.language, "feedback")("key", key=key) if key else ""
        return " ".join(filter(None, (told, solved)))

    def called(self, student: str) -> str:
        """How the report calls a student: by a number that says nothing, where it is blind."""
        if not self.blind:
            return student
        text = f"{self.homework.title}\0{student}"
        number = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:8]
        return words(self.homework.language, "grade")("blind", number=number)

    def _decided(self, student: str, result: Result) -> Result:
        """The result with what somebody decided on this student's answer."""
        made = self.decisions.made.get((student, result.problem.id))
        if not made:
            return result
        points, comment = self.decisions.marks(student, result.problem.id)
        last = made[-1]
        earned = _marked(result, points)
        share = earned / result.problem.points if result.problem.points else Fraction(0)
        return replace(
            result, points=earned, share=share, told={}, decided=tuple(row.told for row in made),
            settled=not all(row.open for row in made), request=last.request if last.open else "",
            comment=comment,
            feedback=" ".join(filter(None, (result.feedback, comment))),
        )  # fmt: skip

    def decided(self) -> Iterator[tuple[str, Result, Result]]:
        """Students and results on which somebody decided or should, before and after."""
        for student, name in self.decisions.made:
            result = self.result(self.homework.by_id[name], *self.store.answer(student, name))
            yield student, result, self._decided(student, result)

    @property
    def header(self) -> list[str]:
        """Names of the columns."""
        columns = ["student", "name", "points", "of"]
        for problem in self.homework.problems:
            columns += [f"{problem.id}{what}" for what in _COLUMNS]
        return columns

    def rows(self) -> Iterator[list[str]]:
        """The table: a row for every student."""
        for student in self:
            yield self.row(student)

    def row(self, student: Student) -> list[str]:
        """The row of a student."""
        results = [student.results[problem.id] for problem in self.homework.problems]
        return self.who(student) + [cell for result in results for cell in result.cells]

    def who(self, student: Student) -> list[str]:
        """The first cells of a row."""
        of = decimal(self.homework.points)
        return [student.name, student.identity.get("name", ""), decimal(student.points), of]

    @property
    def look(self) -> int:
        """How many answers a person should look at."""
        found = sum(
            count
            for problem in self.homework.problems
            for task, _, count, _ in self.store.tallies(problem.id)
            if places_to_look(self.store.verdict(task))
        )
        return found + sum(after.look - before.look for _, before, after in self.decided())

    def document(self) -> dict[str, Any]:
        """What ``graphdiff grade --json`` tells."""
        return {
            "students": len(self), "look": self.look,
            "folder": "" if self.folder is None else str(self.folder),
            "warnings": list(self.warnings),
        }  # fmt: skip

    def sections(self) -> list[Section]:
        """The table of the class, without what students wrote."""
        columns = ("student", "points", *[problem.id for problem in self.homework.problems])
        rows = []
        for student in self:
            results = [student.results.get(problem.id) for problem in self.homework.problems]
            cells = ["" if r is None else f"{decimal(r.points)} {r.status}" for r in results]
            rows.append((student.name, decimal(student.points), *cells))
        of = decimal(self.homework.points)
        return [Section(f"{self.homework.title}: points of {of}", columns, tuple(rows),
                        frozenset({1}))]  # fmt: skip

    def __str__(self) -> str:
        count, look = len(self), self.look
        students = f"{count} student{'' if count == 1 else 's'}"
        answers = f"{look} answer{'' if look == 1 else 's'} to look at"
        place = "" if self.folder is None else f": {self.folder}/report.html"
        return f"{students}, {answers}{place}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Grades):
            return NotImplemented
        return self is other or (
            self.document() == other.document() and list(self.rows()) == list(other.rows())
        )

    def __hash__(self) -> int:
        return hash((self.homework.title, len(self)))

    def _repr_html_(self) -> str:
        from html import escape

        shown = [row for row, _ in zip(self.rows(), range(50), strict=False)]
        lines = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in shown]
        head = "".join(f"<th>{escape(cell)}</th>" for cell in self.header)
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f"<table><tr>{head}</tr>{body}</table>"

    def __repr__(self) -> str:
        return f"<Grades of {len(self)} students: {self.homework.title[:200]}>"


def days_late(text: str) -> int:
    """How many days late: a number of them, or hours, minutes and seconds; else one.

    >>> [days_late(text) for text in ("2", "25:00:00", "00:00:00", "yes", "")]
    [2, 2, 0, 1, 0]
    """
    text = text.strip().lower()
    clock = re.fullmatch(r"(\d{1,6}):(\d\d):(\d\d)", text)
    if clock:
        hours, minutes, seconds = map(int, clock.groups())
        return -(-(3600 * hours + 60 * minutes + seconds) // 86_400)
    number = exact(text)
    if number is not None:
        return max(0, ceil(number))
    return int(text not in ("", "no", "false", "on time", "-"))


def _marked(result: Result, points: Mapping[str, Fraction]) -> Fraction:
    """What a result earns when somebody set the points of all of it, or of some of its parts."""
    if "" in points:
        return points[""]
    problem, parts = result.problem, result.verdict.get("answers", {})
    before = {part: problem.credit.share(parts[part]) for part in points if part in parts}
    judged = sum((problem.worth(part) * share for part, share in before.items()), Fraction(0))
    return result.points - judged + _sum(list(points.values()))


def _sum(points: Sequence[Fraction]) -> Fraction:
    """The sum, over one denominator: a class has many."""
    below = lcm(*[x.denominator for x in points])
    return Fraction(sum([x.numerator * (below // x.denominator) for x in points]), below)


def _codes(verdict: Mapping[str, Any]) -> tuple[str, ...]:
    parts = [verdict, *verdict.get("answers", {}).values()]
    found = [m["code"] for part in parts for m in part.get("mistakes") or ()]
    return tuple(dict.fromkeys(found))


_COLUMNS = ("", ".verdict", ".mistakes", ".answer", ".feedback")
