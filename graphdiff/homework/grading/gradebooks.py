"""The teacher's own files of a platform, filled in: only marks and comments change.

Platforms look headers up in their own language and match students by their own numbers, so a file
that they have written is the only one that they surely read again.
"""

from __future__ import annotations

import csv
import glob
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from graphdiff.core.support.formats import loaded
from graphdiff.errors import ParseError
from graphdiff.homework.formats import GRADEBOOKS, Gradebook

from .atomic import written
from .decoding import read_text
from .feedback import decimal
from .homework import Homework
from .table import Grades, Student
from .writing import defused

__all__ = ["blackboard", "brightspace", "canvas", "fill", "is_blackboard", "is_brightspace",
           "is_canvas", "is_moodle", "moodle", "recognised"]  # fmt: skip

Rows = list[list[str]]


@dataclass(frozen=True, slots=True)
class Columns:
    """Where a file has what."""

    points: int
    who: Mapping[str, int]
    """By which columns students are known, the surest first."""
    comment: int | None = None
    first: int = 1
    """The first row of a student."""
    most: Fraction | None = None
    """What can be earned, where the file says it."""


def recognised(rows: Rows) -> Gradebook | None:
    """Which platform's file it is, by its first rows."""
    return next((row for row in GRADEBOOKS.values() if loaded(row.known_by)(rows)), None)


def fill(grades: Grades, source: Path, folder: Path) -> list[str]:
    """Fill a file in, and write it under its name into the folder; returns warnings.

    Raises ParseError for a file that is none, or of another course.
    """
    text, _ = read_text(source)
    rows, dialect = _read(text)
    book = recognised(rows)
    if book is None:
        known = ", ".join(row.help for row in GRADEBOOKS.values())
        raise ParseError(f"{source} is no gradebook that is known", hint=f"known are {known}")
    columns: Columns = book(rows, grades.homework, source)
    if columns.most is not None and columns.most != grades.homework.points:
        most, ours = decimal(columns.most), decimal(grades.homework.points)
        hint = "make them equal: there, or by points in the key file"
        raise ParseError(f"{source}: {most} points can be earned there, {ours} here", hint=hint)
    missing = _filled(rows, columns, grades)
    if len(missing) == len(grades):
        hint = "is it of another course? students are known by " + ", ".join(columns.who)
        raise ParseError(f"{source}: none of the students is in it", hint=hint)
    for half in folder.glob(f".{glob.escape(source.name[:40])}.*"):
        half.unlink(missing_ok=True)  # of a run that was killed
    with written(folder / source.name) as file:
        file.write("\ufeff" if text.startswith("\ufeff") else "")
        csv.writer(file, delimiter=dialect).writerows(rows)
    if not missing:
        return []
    shown = ", ".join(missing[:5]) + (" …" if len(missing) > 5 else "")
    return [f"please look: not in {source.name}: {shown}"]


def _read(text: str) -> tuple[Rows, str]:
    first = text.partition("\n")[0]
    sign = max(",;\t", key=lambda sign: (first.count(sign), sign == ","))
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=sign)), sign


def _filled(rows: Rows, columns: Columns, grades: Grades) -> list[str]:
    """Fill the rows in; returns the students who have none."""
    places = _Places(rows, columns)
    missing = []
    for student in grades:
        row = places.find(student)
        if row is None:
            missing.append(student.name)
            continue
        row[columns.points] = decimal(student.points)
        if columns.comment is not None:
            told = [f"{name}: {result.feedback}" for name, result in student.results.items()]
            row[columns.comment] = defused("\n".join([*told, student.note]).strip())
    return missing


class _Places:
    """The row of every student."""

    def __init__(self, rows: Rows, columns: Columns) -> None:
        width = max([columns.points, columns.comment or 0, *columns.who.values()]) + 1
        self.known: dict[tuple[str, str], list[list[str]]] = {}
        for row in rows[columns.first :]:
            row.extend([""] * (width - len(row)))
            for kind, column in columns.who.items():
                value = _same(kind, row[column])
                if value:
                    self.known.setdefault((kind, value), []).append(row)
        self.kinds = tuple(columns.who)

    def find(self, student: Student) -> list[str] | None:
        """The only row that has one of a student's names."""
        for kind in self.kinds:
            for told in (student.identity.get(kind, ""), student.name):
                found = self.known.get((kind, _same(kind, told)), []) if told else []
                if len(found) == 1:
                    return found[0]
        return None


def _same(kind: str, text: str) -> str:
    """A name in one form: ``Lee, Ann`` is Ann Lee, ``Participant 123`` is 123."""
    text = text.strip().lower()
    if kind == "participant":
        return re.sub(r"\D", "", text)
    if kind == "name":
        return " ".join(sorted(re.findall(r"\w+", text)))
    return text.removeprefix("#")


def _header(rows: Rows) -> list[str]:
    return [cell.strip() for cell in rows[0]] if rows else []


def is_canvas(rows: Rows) -> bool:
    """``Student, ID, …, Section, <Title (id)>``."""
    header = _header(rows)
    named = header[:2] == ["Student", "ID"] or header[:3] == ["LastName", "FirstName", "ID"]
    return named and "Section" in header


def canvas(rows: Rows, homework: Homework, source: Path) -> Columns:
    """Canvas's gradebook: the column of the assignment, by its name."""
    header = _header(rows)
    names = {"id": "ID", "sis_id": "SIS User ID", "login": "SIS Login ID", "name": "Student"}
    points = _titled(header, header.index("Section") + 1, homework, source, r" \(\d+\)")
    above = [row for row in rows[1:4] if row and _before(row[0])]
    most = next((row[points] for row in above if row[0].strip() == "Points Possible"), "")
    who = {kind: header.index(name) for kind, name in names.items() if name in header}
    return Columns(points, who, first=1 + len(above), most=_number(most))


def _before(cell: str) -> bool:
    return cell.strip() in ("Points Possible", "Manual Posting", "")


def is_blackboard(rows: Rows) -> bool:
    """``Username, <Title [Total Pts: 15 Score] |409578>, …, Feedback to Learner``."""
    header = _header(rows)
    return "Username" in header and any(" |" in name for name in header)


def blackboard(rows: Rows, homework: Homework, source: Path) -> Columns:
    """Blackboard's file of a column."""
    header = _header(rows)
    points = _titled(header, 0, homework, source, r" \[.*\] \|\d+")
    most = re.search(r"\[Total Pts: ([\d.,]+)", header[points])
    comment = header.index("Feedback to Learner") if "Feedback to Learner" in header else None
    who = {"login": header.index("Username")}
    return Columns(points, who, comment, most=_number(most[1]) if most else None)


def is_brightspace(rows: Rows) -> bool:
    """``OrgDefinedId, Username, <Title> Points Grade, End-of-Line Indicator``."""
    return "End-of-Line Indicator" in _header(rows)


def brightspace(rows: Rows, homework: Homework, source: Path) -> Columns:
    """Brightspace's file of grades."""
    header = _header(rows)
    names = {"sis_id": "OrgDefinedId", "login": "Username", "email": "Email"}
    who = {kind: header.index(name) for kind, name in names.items() if name in header}
    points = _titled(header, 0, homework, source, r" Points Grade.*")
    return Columns(points, who)


_PARTICIPANT = re.compile(r"\D+\d+")


def is_moodle(rows: Rows) -> bool:
    """``Identifier, "Full name", …``, in whatever language: rows begin with *Participant 123*."""
    return len(rows) > 1 and len(rows[0]) > 5 and all(
        _PARTICIPANT.fullmatch(row[0].strip()) for row in rows[1:] if row
    )  # fmt: skip


def moodle(rows: Rows, homework: Homework, source: Path) -> Columns:
    """Moodle's grading worksheet, in any language: the grade stands before the maximum."""
    body = [row for row in rows[1:] if len(row) == len(rows[0])]
    points = next((k - 1 for k in range(3, len(rows[0])) if _constant(body, k)), None)
    if points is None:
        hint = "download it again, with a maximum grade for the assignment"
        raise ParseError(f"{source}: no column holds the maximum grade", hint=hint)
    email = next((k for k in range(1, points) if all("@" in row[k] for row in body)), None)
    who = {"participant": 0} | ({} if email is None else {"email": email}) | {"name": 1}
    last = len(rows[0]) - 1
    comment = last if last > points + 3 and not any(_dated(row[last]) for row in body) else None
    return Columns(points, who, comment, most=_number(body[0][points + 1]))


def _constant(body: Rows, column: int) -> bool:
    """Whether a column holds one number in all rows, and the one before it numbers or nothing."""
    values = {row[column].strip() for row in body}
    before = [row[column - 1].strip() for row in body]
    number = _number(values.pop()) if len(values) == 1 else None
    return number is not None and number > 0 and all(
        not cell or cell == "-" or _number(cell) is not None for cell in before
    )  # fmt: skip


def _dated(cell: str) -> bool:
    return bool(re.search(r"\d{4}.*\d:\d\d", cell))


def _number(text: str) -> Fraction | None:
    match = re.fullmatch(r"\s*(\d{1,9}(?:[.,]\d{1,9})?)\s*", text)
    return Fraction(match[1].replace(",", ".")) if match else None


def _titled(
    header: Sequence[str], first: int, homework: Homework, source: Path, behind: str
) -> int:
    """The column that is called as the assignment, whatever id stands behind it."""
    title = re.escape(homework.assignment)
    found = [
        k for k, name in enumerate(header)
        if k >= first and re.fullmatch(f"{title}(?:{behind})?", name, re.IGNORECASE)
    ]  # fmt: skip
    if len(found) != 1:
        told = "two columns are" if found else "no column is"
        hint = "assignment = its name there, in the key file under [homework]"
        raise ParseError(f"{source}: {told} called {homework.assignment!r}", hint=hint)
    return found[0]
