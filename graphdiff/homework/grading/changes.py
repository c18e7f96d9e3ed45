"""What a rerun would do to marks that are there already, before it is written."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from graphdiff.core.support.formats import listed
from graphdiff.errors import ParseError

from .feedback import decimal
from .table import Grades

__all__ = ["Change", "Changes", "changes", "check_earlier"]

_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Change:
    """A student whose marks change."""

    student: str
    before: Fraction
    after: Fraction
    problems: tuple[tuple[str, Fraction], ...]
    """What each problem gains or loses."""
    same: bool
    """Whether all of it is for the same answers."""

    def __str__(self) -> str:
        told = ", ".join(f"{name} {_signed(delta)}" for name, delta in self.problems)
        anew = "" if self.same else ", answered anew"
        return f"{self.student}: {decimal(self.before)} → {decimal(self.after)} ({told}{anew})"


@dataclass(frozen=True)
class Changes:
    """All students whose marks change."""

    rows: tuple[Change, ...]

    @property
    def judged_anew(self) -> bool:
        """Whether a mark changes though the answer did not: key, credit or program did."""
        return any(row.same for row in self.rows)

    def document(self) -> list[dict[str, Any]]:
        """As JSON."""
        return [
            {"student": row.student, "before": float(row.before), "after": float(row.after),
             "problems": {name: float(delta) for name, delta in row.problems}, "same": row.same}
            for row in self.rows
        ]  # fmt: skip

    def __str__(self) -> str:
        if not self.rows:
            return "no mark changes"
        tally = Counter(row.after - row.before for row in self.rows)
        told = [
            f"{count} student{'s' if count > 1 else ''} {_signed(delta)}"
            for delta, count in sorted(tally.items(), reverse=True)
        ]
        loses = "" if any(delta < 0 for delta in tally) else ", none loses"
        return listed(told, "and") + loses

    def lines(self) -> Iterator[str]:
        """The summary, and the first students."""
        yield str(self)
        yield from (f"  {row}" for row in self.rows[:_SHOWN])
        if len(self.rows) > _SHOWN:
            yield f"  … and {len(self.rows) - _SHOWN} more"


def _signed(delta: Fraction) -> str:
    return f"{'+' if delta >= 0 else '−'}{decimal(abs(delta))}"


def changes(grades: Grades, old: Path) -> Changes:
    """How marks differ from those of an earlier run: a folder, or its ``grades.json``.

    Raises ParseError for a file that is none.
    """
    before = {told["student"]: told for told in _marks(old)}
    rows = []
    for student in grades:
        was = before.get(student.name)
        if was is None:
            continue
        deltas, same = [], True
        for name, result in student.results.items():
            earlier = was["results"].get(name, {"points": 0.0, "answer": ""})
            delta = result.points - _points(earlier["points"])
            if decimal(delta) not in ("0", "-0"):
                deltas.append((name, delta))
                same &= earlier["answer"] == result.text
        if deltas:
            total = _points(was["points"])
            rows.append(Change(student.name, total, student.points, tuple(deltas), same))
    return Changes(tuple(rows))


def check_earlier(old: Path) -> None:
    """Look, before anything is judged, whether an earlier run can be compared with.

    Raises ParseError for a file that is none.
    """
    next(_marks(old), None)


def _points(value: float) -> Fraction:
    return Fraction(value).limit_denominator(10**9)


def _marks(old: Path) -> Iterator[dict[str, Any]]:
    """The students of ``grades.json``, which stand in a line each."""
    path = old / "grades.json" if old.is_dir() else old
    try:
        with path.open(encoding="utf-8") as file:
            if '"schema": "graphdiff.grades/1"' not in file.readline(100_000):
                raise ParseError(f"{path} holds no grades of graphdiff", hint="name grades.json")
            for line in file:
                if line.startswith('{"student": '):
                    yield json.loads(line.rstrip("],\n"))
                elif line.startswith('"verdicts"'):
                    return
    except OSError as error:
        raise ParseError(f"cannot read {path}: {error.strerror}", hint="--diff graded") from None
    except (ValueError, KeyError) as error:
        raise ParseError(f"{path} is damaged: {error}", hint="write it again") from None
