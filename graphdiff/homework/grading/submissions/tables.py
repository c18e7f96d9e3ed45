"""Tables of answers: a row for every student, or a row for every answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path

from graphdiff.core.support.loading import csv_rows
from graphdiff.errors import ParseError
from graphdiff.homework.grading.decoding import encoding_of

from .rows import Places, Submission, Warn, need_problem
from .sheets import is_sheet, sheet_rows

__all__ = [
    "UNIQUE", "Namesakes", "Table", "identity", "identity_columns", "is_long", "is_wide",
    "long_table", "opened", "peeked", "student_column", "wide_table",
]  # fmt: skip

UNIQUE = ("id", "sis_id", "login", "email", "participant")
"""What only one student has."""
_CELL = 8_000_000
_STUDENT = (
    "student", "student_id", "student id", "학번", "학생", "id", "user", "username", "login",
)  # fmt: skip
_EMAIL = ("email", "email address", "e-mail", "e-mail address", "이메일", "이메일 주소")
_IDENTITY = {
    "name": ("name", "student name", "full name", "fullname", "이름", "성명"),
    "email": _EMAIL,
    "id": ("id",),
    "sis_id": ("sis_id", "sis id", "sis user id", "id number", "idnumber", "학번"),
    "login": ("login", "login id", "sis login id", "username", "user"),
    "section": ("section",),
    "late": ("late", "days late", "lateness (h:m:s)"),
}


@dataclass(frozen=True, slots=True)
class Table:
    """A table that is read line by line."""

    path: Path
    header: tuple[str, ...]
    rows: Iterator[tuple[int, list[str]]]
    """Number of the line that ends a row, and its cells."""

    def column(self, names: Sequence[str]) -> int | None:
        """The first column that has one of these names, in their order."""
        low = [name.strip().lower() for name in self.header]
        return next((low.index(name) for name in names if name in low), None)


def peeked(table: Table) -> tuple[list[str], Table]:
    """The cells of the first row, and the table with all of its rows."""
    first = next(table.rows, None)
    if first is None:
        return [], table
    return first[1], replace(table, rows=chain([first], table.rows))


class Namesakes:
    """Rows that only a name tells apart: two of one name may be two people."""

    def __init__(self, table: Table, known: bool, remedy: str) -> None:
        self.table, self.known, self.remedy = table, known, remedy
        self.lines: dict[str, int] = {}

    def look(self, student: str, line: int) -> None:
        """Raise ParseError at the second row of a name, unless students are known otherwise."""
        first = self.lines.setdefault(student, line)
        if not self.known and first != line:
            told = f"lines {first} and {line} are both of {student}: two people, or two attempts?"
            raise ParseError(f"{self.table.path}: {told}", hint=self.remedy)


@contextmanager
def opened(path: Path, warn: Warn) -> Iterator[Table]:
    """A sheet, or a CSV file in any usual encoding with commas, semicolons or tabs."""
    if is_sheet(path):
        with sheet_rows(path, warn) as sheet:
            _, names = next(sheet, (0, []))
            yield Table(path, tuple(cell.strip() for cell in names), sheet)
        return
    encoding, warning = encoding_of(path)
    if warning:
        warn(warning)
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first = file.readline(_CELL)
        file.seek(0)
        rows = csv_rows(file, path, _separator(first), strict=True)
        _, header = next(rows, (0, []))
        if header:
            header[0] = header[0].lstrip("\ufeff")
        yield Table(path, tuple(cell.strip() for cell in header), rows)


def _separator(line: str) -> str:
    return max(",;\t", key=lambda sign: (line.count(sign), sign == ","))


def identity_columns(table: Table) -> dict[str, int]:
    """Columns that say who somebody is."""
    found = {kind: table.column(names) for kind, names in _IDENTITY.items()}
    return {kind: column for kind, column in found.items() if column is not None}


def student_column(table: Table) -> int | None:
    """The column that tells students apart."""
    return table.column((*_STUDENT, *_EMAIL, *_IDENTITY["name"]))


def identity(columns: dict[str, int], cells: Sequence[str]) -> dict[str, str]:
    """What the cells say of a student."""
    return {
        kind: cells[column].strip()
        for kind, column in columns.items()
        if column < len(cells) and cells[column].strip()
    }


def is_wide(table: Table, places: Places) -> bool:
    """Whether a column is a problem."""
    return any(places.find(name) for name in table.header)


def wide_table(table: Table, places: Places, warn: Warn) -> Iterator[Submission]:
    """A row for every student, with columns ``student, p1, p2.q, p2.df/dq …``."""
    who, known = student_column(table), identity_columns(table)
    if who is None:
        raise ParseError(f"{table.path}: no column names the student", hint="student,p1,p2")
    columns = {k: name for k, name in enumerate(table.header) if places.find(name)}
    once = list(map(places.find, columns.values()))
    for k, name in enumerate(columns.values()):
        if once.index(once[k]) < k:
            raise ParseError(f"{table.path}: two columns are {name}", hint="rename one of them")
    other = {who, *known.values(), *columns}
    attempt = table.column(("attempt",))
    left_out = [n for k, n in enumerate(table.header) if n and k not in other and k != attempt]
    if left_out:
        warn(f"{table.path}: columns that are no problem are left out: {', '.join(left_out)[:200]}")
    remedy = "add a column with the students' ids, or a column attempt"
    by_name = who == table.column(_IDENTITY["name"]) and attempt is None
    namesakes = Namesakes(table, not by_name, remedy)
    for row, (line, found) in enumerate(table.rows):
        where = f"{table.path}, line {line}"
        if len(found) > len(table.header):
            hint = 'an answer with a comma stands in quotation marks: "f(x, y)"'
            raise ParseError(
                f"{where} has {len(found)} cells, the first line {len(table.header)}", hint=hint
            )
        cells = found + [""] * (len(table.header) - len(found))
        student = cells[who].strip()
        if not student:
            warn(f"{where}: no student is named; the line is left out")
            continue
        namesakes.look(student, line)
        answers = [a for k, name in columns.items() for a in places.answers(name, cells[k])]
        # Every row is an attempt of its own.
        tried = number(cells, attempt) + row / 1e9
        yield Submission(student, tuple(answers), where, identity(known, cells), tried)


def is_long(table: Table, _: Places) -> bool:
    """Whether there are columns of problems and of answers."""
    return table.column(PROBLEM) is not None and table.column(ANSWER) is not None


def long_table(table: Table, places: Places, warn: Warn) -> Iterator[Submission]:
    """A row for every answer: ``student, problem, part, answer``."""
    who, problem, answer = student_column(table), table.column(PROBLEM), table.column(ANSWER)
    part, known = table.column(("part",)), identity_columns(table)
    if who is None or problem is None or answer is None:
        hint = "student,problem,answer"
        raise ParseError(f"{table.path}: a column is missing", hint=hint)
    attempt = table.column(("attempt",))
    for line, cells in table.rows:
        where = f"{table.path}, line {line}"
        if len(cells) != len(table.header):
            raise ParseError(
                f"{where} has {len(cells)} cells, the first line {len(table.header)}",
                hint='an answer with a comma stands in quotation marks: "f(x, y)"',
            )
        student, label = cells[who].strip(), cells[problem].strip()
        if part is not None and cells[part].strip():
            label = f"{label}.{cells[part].strip()}"
        need_problem(places, label, where)
        if not student:
            warn(f"{where}: no student is named; the line is left out")
            continue
        yield Submission(
            student, places.answers(label, cells[answer]), where, identity(known, cells),
            number(cells, attempt),
        )  # fmt: skip


PROBLEM, ANSWER = ("problem", "question", "문제"), ("answer", "response", "답", "답안")


def number(cells: Sequence[str], column: int | None) -> float:
    """The number in a cell, 0 if there is none."""
    try:
        value = float(cells[column]) if column is not None else 0.0
    except (ValueError, IndexError):  # no number, or a row that ends before its column
        return 0.0
    return value if abs(value) < 1e9 else 0.0
