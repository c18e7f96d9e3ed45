"""Writes the files of a graded class, each whole or not at all."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from functools import partial
from json.encoder import encode_basestring
from pathlib import Path
from typing import TextIO

from graphdiff.homework.formats import GRADES

from .atomic import written
from .decisions import DECISIONS, Decisions
from .feedback import decimal
from .homework import Homework
from .results import results_text
from .table import Grades, Result, Student

__all__ = [
    "defused", "keep_decisions", "safe_name", "write_all", "write_blackboard", "write_brightspace",
    "write_canvas", "write_document", "write_moodle", "write_results", "write_table",
]  # fmt: skip

_SIGNS = "=+-@＝＋－＠"
_FORMULA = (*_SIGNS, "\t", "\r", "\n")
_BREAK = re.compile(r"""[;\t\r\n][\s"';]*""")
_PLAIN = re.compile(r"(?:[A-Za-z0-9(][^;\t\r\n\0]*)?")
"""Most cells: they begin as no formula does, and nothing in them begins a cell."""
_DEVICE = re.compile(
    r"(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)", re.IGNORECASE
)
"""Names that Windows keeps for itself, with any ending."""


def defused(cell: str) -> str:
    """The cell, with an apostrophe where a spreadsheet would run it as a formula (OWASP).

    Also behind a semicolon, tab or end of line, at which one of another country begins a cell.

    >>> defused("=HYPERLINK(1)"), defused("-x"), defused("2x"), defused("2x;=1+1")
    ("'=HYPERLINK(1)", "'-x", '2x', "2x;'=1+1")
    """
    return cell if _PLAIN.fullmatch(cell) else _begun(_continued(cell))


def _begun(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) or cell.lstrip().startswith("=") else cell


def _continued(text: str) -> str:
    """The text of a cell behind its beginning."""
    return _BREAK.sub(_guarded, text.replace("\0", "\N{REPLACEMENT CHARACTER}"))


def _guarded(found: re.Match[str]) -> str:
    following = found.string[found.end() : found.end() + 1]
    return f"{found[0]}'" if following and following in _SIGNS else found[0]


def safe_name(student: str) -> str:
    """A folder's name for a student, on every system; a part of a hash keeps changed ones apart.

    >>> safe_name("ann@uni.edu"), safe_name("../x"), safe_name("con")
    ('ann@uni.edu', '_.._x-d6b96a', '_con-1143da')
    """
    plain = re.sub(r"[^\w@.+-]", "_", student)
    # The limit of file systems is one of bytes.
    plain = plain.encode("utf-8", "replace")[:80].decode("utf-8", "ignore")
    if plain[:1] in (".", "-", "") or _DEVICE.match(plain):
        plain = f"_{plain}"
    # Some file systems do not tell capital letters from small ones, or é from e with an accent;
    # Windows drops dots at the end.
    same = plain == student and plain == plain.lower() and plain[-1:] != "."
    if same and unicodedata.is_normalized("NFC", plain):
        return plain
    return f"{plain}-{hashlib.sha256(student.encode('utf-8', 'replace')).hexdigest()[:6]}"


def write_all(grades: Grades, folder: Path) -> None:
    """Write every file of the table ``GRADES``, streaming; a row is finished after those before."""
    _tidy(folder)
    with contextlib.ExitStack() as files:
        takers = [files.enter_context(row(grades, folder)) for row in reversed(GRADES.values())]
        for student in grades:
            for take in takers:
                take(student)


def keep_decisions(decisions: Decisions, folder: Path) -> None:
    """Add to the folder's decisions what is not among them; what is there stays as it is."""
    if not decisions.fresh:
        return
    path = folder / DECISIONS
    kept = path.read_text(encoding="utf-8").rstrip() + "\n\n" if path.exists() else ""
    with written(path) as file:
        file.write(kept + "\n".join(row.toml for row in decisions.fresh))


Taker = Callable[[Student], None]


@contextlib.contextmanager
def _rows(
    path: Path, head: Iterable[Sequence[str]], row: Callable[[Student], list[str]]
) -> Iterator[Taker]:
    """A CSV file with a row of defused cells for every student."""
    with written(path) as file:
        rows = csv.writer(file)
        rows.writerows(map(defused, cells) for cells in head)
        yield lambda student: rows.writerow(row(student))


def write_table(grades: Grades, folder: Path) -> AbstractContextManager[Taker]:
    """The table of the class."""
    return _rows(folder / "grades.csv", [grades.header], partial(_row, grades))


def _row(grades: Grades, student: Student) -> list[str]:
    """The row of the table, defused; of an answer that many gave, once."""
    row = list(map(defused, grades.who(student)))
    for result in student.results.values():
        cells = result.told.get("defused")
        if cells is None:
            cells = result.told["defused"] = list(map(defused, result.cells))
        row += cells
        row[-2] = defused(result.text)
    return row


def write_canvas(grades: Grades, folder: Path) -> AbstractContextManager[Taker]:
    """Canvas's gradebook import."""
    return _rows(folder / "canvas.csv", _canvas_head(grades.homework), _canvas)


def write_moodle(grades: Grades, folder: Path) -> AbstractContextManager[Taker]:
    """Moodle's import of grades."""
    return _rows(folder / "moodle.csv", [_moodle_head(grades.homework)], _moodle)


def write_blackboard(grades: Grades, folder: Path) -> AbstractContextManager[Taker]:
    """Blackboard's upload of a column, with feedback; without an id it becomes a new column."""
    homework = grades.homework
    title = f"{homework.assignment} [Total Pts: {decimal(homework.points)} Score]"
    head = ["Username", title, "Grading Notes", "Notes Format", "Feedback to Learner",
            "Feedback Format"]  # fmt: skip
    return _rows(folder / "blackboard.csv", [head], _blackboard)


def _blackboard(student: Student) -> list[str]:
    login = student.identity.get("login", student.name)
    return [defused(login), decimal(student.points), "", "", _told(student), "SMART_TEXT"]


def write_brightspace(grades: Grades, folder: Path) -> AbstractContextManager[Taker]:
    """Brightspace's import of grades."""
    title = f"{grades.homework.assignment} Points Grade"
    head = ["OrgDefinedId", "Username", title, "End-of-Line Indicator"]
    return _rows(folder / "brightspace.csv", [head], _brightspace)


def _brightspace(student: Student) -> list[str]:
    who = student.identity
    number, login = who.get("sis_id", ""), who.get("login", "")
    number = number or ("" if login else student.name)
    marked = [f"#{name}" if name else "" for name in (number, login)]
    return [*marked, decimal(student.points), "#"]


@contextlib.contextmanager
def write_document(grades: Grades, folder: Path) -> Iterator[Taker]:
    """Results and verdicts as JSON."""
    with written(folder / "grades.json") as file:
        document = _Document(file, grades)
        yield document.add
        document.close()


@contextlib.contextmanager
def write_results(grades: Grades, folder: Path) -> Iterator[Taker]:
    """A file for every student, as Gradescope reads it."""

    def take(student: Student) -> None:
        _write_results(f"{folder}/gradescope/{safe_name(student.name)}", student, grades.homework)

    yield take


def _tidy(folder: Path) -> None:
    """Remove what a run that was killed left half written; nobody else is at work here."""
    names = [Path(name) for name in GRADES]
    found = [path for name in names if name.parent == Path() for path in folder.glob(f".{name}.*")]
    if found:
        inner = [name.parent / f".{name.name}.*" for name in names if name.parent != Path()]
        for pattern in (*inner, "students/.page-*"):
            found += folder.glob(str(pattern))
    for path in found:
        path.unlink(missing_ok=True)


def _write_results(folder: str, student: Student, homework: Homework) -> None:
    text = results_text(student, homework)
    path = f"{folder}/results.json"
    with contextlib.suppress(OSError), open(path, "rb", buffering=0) as kept:
        if kept.read() == text.encode("utf-8", "replace"):
            return
    with written(Path(path)) as file:
        file.write(text)


def _canvas_head(homework: Homework) -> list[list[str]]:
    """Columns of Canvas's gradebook import, and its line of points."""
    names = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", homework.assignment]
    points = ["    Points Possible", "", "", "", "", decimal(homework.points)]
    return [names, points]


def _canvas(student: Student) -> list[str]:
    who = student.identity
    known = who.get("id") or who.get("sis_id") or who.get("login")
    return list(map(defused, [
        who.get("name", student.name), who.get("id", ""),
        who.get("sis_id", "" if known else student.name),
        who.get("login", ""), who.get("section", ""), decimal(student.points),
    ]))  # fmt: skip


def _moodle_head(homework: Homework) -> list[str]:
    return ["ID number", "Email address", homework.assignment, f"Feedback: {homework.assignment}"]


def _moodle(student: Student) -> list[str]:
    who = student.identity
    email = who.get("email", student.name if "@" in student.name else "")
    number = who.get("sis_id", "" if email else student.name)
    return [defused(number), defused(email), decimal(student.points), _told(student)]


def _told(student: Student) -> str:
    """What a student is told of all problems, defused."""
    note = _continued(f"\n{student.note}") if student.note else ""
    return _begun("".join([*map(_line, student.results.values()), note])[1:])


def _line(result: Result) -> str:
    """A line of feedback with the break before it, defused."""
    known = result.told.get("line")
    if known is None:
        line = f"\n{result.problem.id}: {result.feedback}"
        known = result.told["line"] = _continued(line)
    return str(known)


class _Document:
    """``grades.json``, written as students come: their results, then the verdicts they share."""

    def __init__(self, file: TextIO, grades: Grades) -> None:
        self.file, self.grades = file, grades
        homework = grades.homework
        head = {
            "schema": "graphdiff.grades/1", "title": homework.title,
            "points": float(homework.points),
            "problems": [
                {"id": p.id, "title": p.title, "points": float(p.points)} for p in homework.problems
            ],
            "warnings": list(grades.warnings),
        }  # fmt: skip
        self.file.write(_json(head)[:-1] + ',\n"students": [')
        self.first = True

    def add(self, student: Student) -> None:
        """Write a student's results."""
        told = {"student": student.name, **student.identity, "points": float(student.points)}
        results = ", ".join(
            [f"{encode_basestring(n)}: {_result(r)}" for n, r in student.results.items()]
        )
        self.file.write(("\n" if self.first else ",\n") + _json(told)[:-1])
        self.file.write(f', "results": {{{results}}}}}')
        self.first = False

    def close(self) -> None:
        """Write the verdicts, by the numbers that results refer to."""
        self.file.write('],\n"verdicts": {')
        for k, (number, verdict) in enumerate(self.grades.store.verdicts()):
            self.file.write(("," if k else "") + f'\n"{number}": ' + _json(verdict))
        self.file.write("}}\n")


def _result(r: Result) -> str:
    """A result as JSON; how it was written is the student's own."""
    known = r.told.get("document")
    if known is None:
        known = r.told["document"] = _json({
            "status": r.status, "points": float(r.points), "mistakes": r.codes, "look": r.look,
            "verdict": str(r.task), **({"decided": r.decided} if r.decided else {}),
        })  # fmt: skip
    return f'{{"answer": {encode_basestring(r.text)}, {known[1:]}'


_json = json.JSONEncoder(ensure_ascii=False).encode
