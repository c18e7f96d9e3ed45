"""A graded class: students, their results, and the table that spreadsheets get."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from .credit import places_to_look
from .feedback import decimal, feedback
from .homework import Homework, Problem
from .store import Store

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

    @property
    def status(self) -> str:
        """The verdict's status."""
        return str(self.verdict["status"])

    @property
    def look(self) -> bool:
        """Whether a person should look at it."""
        return places_to_look(self.verdict)


@dataclass(frozen=True, slots=True)
class Student:
    """One student's results."""

    name: str
    """What tells students apart: an id, an address, a name."""
    identity: Mapping[str, str]
    results: Mapping[str, Result]
    points: Fraction
    """All that was earned."""


@dataclass(eq=False)
class Grades:
    """What grading a class gives; iterates over students, sorted by name.

    Verdicts are read from the store when they are asked for: a class may be larger than memory.
    """

    homework: Homework
    store: Store
    warnings: tuple[str, ...] = ()
    folder: Path | None = None
    """Where the files are, if they were written."""
    _known: OrderedDict[tuple[str, int], Result] = field(default_factory=OrderedDict)

    def __len__(self) -> int:
        return self.store.count

    def __iter__(self) -> Iterator[Student]:
        for name, identity, answers in self.store.answers():
            results = {
                problem.id: self.result(problem, *answers[problem.id])
                for problem in self.homework.problems
                if problem.id in answers
            }
            points = sum((result.points for result in results.values()), Fraction(0))
            yield Student(name, identity, results, points)

    def result(self, problem: Problem, task: int, text: str) -> Result:
        """The result of an answer, whose verdict others may share."""
        key = (problem.id, task)
        known = self._known.get(key)
        if known is None:
            verdict = self.store.verdict(task)
            share = problem.credit.share(verdict)
            told = feedback(verdict, self.homework.language)
            points = share * problem.points
            known = Result(problem, text, verdict, share, points, told, _codes(verdict), task)
            self._known[key] = known
            if len(self._known) > _KEPT:
                self._known.popitem(last=False)
        return known if known.text == text else replace(known, text=text)

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
        row = [student.name, student.identity.get("name", "")]
        row += [decimal(student.points), decimal(self.homework.points)]
        for problem in self.homework.problems:
            result = student.results[problem.id]
            row += [decimal(result.points), result.status, " ".join(result.codes)]
            row += [result.text, result.feedback]
        return row

    def _repr_html_(self) -> str:
        from html import escape

        shown = [row for row, _ in zip(self.rows(), range(50), strict=False)]
        lines = ["".join(f"<td>{escape(cell)}</td>" for cell in row) for row in shown]
        head = "".join(f"<th>{escape(cell)}</th>" for cell in self.header)
        body = "".join(f"<tr>{line}</tr>" for line in lines)
        return f"<table><tr>{head}</tr>{body}</table>"

    def __repr__(self) -> str:
        return f"<Grades of {len(self)} students: {self.homework.title}>"


def _codes(verdict: Mapping[str, Any]) -> tuple[str, ...]:
    parts = [verdict, *verdict.get("answers", {}).values()]
    found = [m["code"] for part in parts for m in part.get("mistakes") or ()]
    return tuple(dict.fromkeys(found))


_COLUMNS = ("", ".verdict", ".mistakes", ".answer", ".feedback")
