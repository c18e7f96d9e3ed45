"""Where verdicts are kept while a class is graded, and answers are sorted by student.

Verdicts stay in the file ``verdicts.sqlite``; each is committed when it is there.  SQLite's log
survives the death of the process at any moment, and what was not whole is rolled back.  Everything
else lives in temporary tables, on disk as well, so that memory does not grow with the class.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ..errors import GraphDiffError
from .submissions.rows import UNSPLIT, Answer, Submission

__all__ = ["Given", "Store"]

_TABLES = """
CREATE TEMP TABLE given(student TEXT, problem TEXT, part TEXT, text TEXT, attempt REAL,
    again INTEGER DEFAULT 0, PRIMARY KEY(student, problem, part)) WITHOUT ROWID;
CREATE TEMP TABLE students(student TEXT PRIMARY KEY, identity TEXT) WITHOUT ROWID;
CREATE TEMP TABLE tasks(number INTEGER PRIMARY KEY, id TEXT UNIQUE, task TEXT);
CREATE TEMP TABLE passing(id TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TEMP TABLE answers(student TEXT, problem TEXT, task INTEGER, text TEXT, tally INTEGER,
    PRIMARY KEY(student, problem)) WITHOUT ROWID;
CREATE TEMP TABLE tallies(problem TEXT, task INTEGER, text TEXT, count INTEGER, student TEXT,
    PRIMARY KEY(problem, task)) WITHOUT ROWID;
"""
# A later attempt replaces an earlier one, whichever line comes first.
_ADD = """
INSERT INTO given(student, problem, part, text, attempt) VALUES(?, ?, ?, ?, ?)
ON CONFLICT(student, problem, part) DO UPDATE SET
    again = again + (text <> '' OR excluded.text <> ''),
    text = CASE WHEN excluded.attempt >= attempt THEN excluded.text ELSE text END,
    attempt = MAX(excluded.attempt, attempt)
"""
# By the key '' the name by which a student goes.
_CLAIMS = """
CREATE TEMP TABLE claims AS
    SELECT student, lower(value) AS value, key FROM students, json_each(identity)
    WHERE key IN ('id', 'sis_id', 'login', 'email')
    UNION ALL SELECT student, lower(student), '' FROM students
"""
_TWICE = """
SELECT a.student, a.key, a.value, MIN(b.student) FROM claims a JOIN claims b
ON a.value = b.value AND a.student <> b.student AND b.key IN (a.key, '')
WHERE a.key <> '' GROUP BY a.student, a.key ORDER BY a.student, a.key
"""
# Of a task: what is kept, or what holds for this run only.
_DOCUMENT = """
COALESCE(verdicts.document, passing.document) FROM tasks
LEFT JOIN verdicts ON verdicts.id = tasks.id LEFT JOIN passing ON passing.id = tasks.id
"""
UNIQUE = ("id", "sis_id", "login", "email")
"""What only one student has."""
_BATCH = 5_000
_CELL = 20_000


class Given(NamedTuple):
    """All parts of one student's answer to one problem."""

    student: str
    problem: str
    answers: dict[str, str]


class Store:
    """Submissions, tasks and verdicts of one run."""

    def __init__(self, path: Path | None = None, *, fresh: bool = False) -> None:
        self._path = path
        self.claims: list[str] = []
        """Who claims what somebody else does, or two of what everybody has one of."""
        try:
            self._db = sqlite3.connect(
                ":memory:" if path is None else path, isolation_level=None, timeout=0.5,
                check_same_thread=False,
            )  # fmt: skip
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA temp_store=FILE")
            self._db.execute("PRAGMA temp.cache_size=-32768")
            self._db.execute(
                "CREATE TABLE IF NOT EXISTS verdicts(id TEXT PRIMARY KEY, document TEXT)"
            )
            self._db.execute("BEGIN IMMEDIATE")
            if fresh:
                self._db.execute("DELETE FROM verdicts")
            self._db.execute("COMMIT")
            self._db.executescript(_TABLES)
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise GraphDiffError(f"cannot write {path}: {error}") from None
            raise GraphDiffError(
                f"another graphdiff grade is at work in {path.parent if path else ''}",
                hint="wait for it, or name another folder: -o",
            ) from None
        except sqlite3.DatabaseError as error:
            hint = "remove it; everything is judged again"
            raise GraphDiffError(f"{path} cannot be used: {error}", hint=hint) from None

    def close(self) -> None:
        """Close the file; SQLite writes its log into it."""
        self._db.close()

    def __del__(self) -> None:
        # A table that somebody looked at and let go.
        if hasattr(self, "_db"):
            self._db.close()

    def add(self, submissions: Iterable[Submission]) -> None:
        """Take in submissions, one after the other."""
        self._db.execute("BEGIN")
        for submission in submissions:
            student, attempt = _whole(submission.student), submission.attempt
            self._person(student, submission.identity)
            answers = _merged(submission.answers)
            self._db.executemany(
                _ADD, [(student, *place, _whole(text), attempt) for place, text in answers.items()]
            )
        self._db.execute("COMMIT")

    def _person(self, student: str, identity: Mapping[str, str]) -> None:
        found = self._db.execute(
            "SELECT identity FROM students WHERE student = ?", (student,)
        ).fetchone()
        known = json.loads(found[0]) if found else {}
        told = {k: _whole(v) for k, v in identity.items() if v}
        for kind in UNIQUE:
            if known.get(kind, told.get(kind)) != told.get(kind, known.get(kind)):
                self.claims.append(f"{student} has two: {kind} {known[kind]}, {told.pop(kind)}")
        if not found or {**known, **told} != known:
            self._identify(student, {**known, **told})

    def _identify(self, student: str, identity: Mapping[str, str]) -> None:
        told = json.dumps(identity, ensure_ascii=False)
        self._db.execute("INSERT OR REPLACE INTO students VALUES(?, ?)", (student, told))

    def settle(self) -> None:
        """Take back what two students claim: neither is known by it any longer."""
        self._db.execute(_CLAIMS)
        self._db.execute("CREATE INDEX temp.claimed ON claims(value)")
        twice = self._db.execute(_TWICE).fetchall()
        for student, kind, value, other in twice:
            row = self._db.execute("SELECT identity FROM students WHERE student = ?", (student,))
            identity = json.loads(row.fetchone()[0])
            del identity[kind]
            self._identify(student, identity)
            self.claims.append(f"{student} and {other} claim the same {kind}: {value}")
        self._db.execute("DROP TABLE claims")

    @property
    def repeated(self) -> list[str]:
        """The first students who answered something more than once."""
        rows = self._db.execute(
            "SELECT DISTINCT student FROM given WHERE again > 0 ORDER BY student LIMIT 6"
        )
        return [row[0] for row in rows]

    def given(self, problems: Iterable[str]) -> Iterator[tuple[str, dict[str, str], list[Given]]]:
        """Every student with what is known of him and all his answers, sorted by name."""
        people = self._db.cursor().execute(
            "SELECT student, identity FROM students ORDER BY student"
        )
        for student, identity in people:
            found: dict[str, dict[str, str]] = {problem: {} for problem in problems}
            rows = self._db.execute(
                "SELECT problem, part, text FROM given WHERE student = ?", (student,)
            )
            for problem, part, text in rows:
                found[problem][part] = text
            yield (
                student, json.loads(identity),
                [Given(student, problem, answers) for problem, answers in found.items()],
            )  # fmt: skip

    def assign(self, rows: Iterable[tuple[Given, str, str]]) -> None:
        """Note which task every answer is: the answer, the task's id, and the task as JSON."""
        self._db.execute("BEGIN")
        numbers: dict[str, int] = {}
        for answer, name, task in rows:
            number = numbers.get(name)
            if number is None:
                number = numbers[name] = self._number(name, task)
                if len(numbers) > _BATCH:
                    numbers.clear()
            shown = _shown(answer.answers)
            self._db.execute(
                "INSERT INTO answers VALUES(?, ?, ?, ?, 0)",
                (answer.student, answer.problem, number, shown),
            )
            self._db.execute(
                "INSERT INTO tallies VALUES(?, ?, ?, 1, ?)"
                " ON CONFLICT(problem, task) DO UPDATE SET count = count + 1",
                (answer.problem, number, shown, answer.student),
            )
        self._db.execute("COMMIT")

    def _number(self, name: str, task: str) -> int:
        found = self._db.execute("SELECT number FROM tasks WHERE id = ?", (name,)).fetchone()
        if found:
            return int(found[0])
        row = self._db.execute("INSERT INTO tasks(id, task) VALUES(?, ?)", (name, task))
        return int(row.lastrowid or 0)

    def open_tasks(self) -> tuple[int, Iterator[tuple[str, dict[str, Any]]]]:
        """How many tasks have no verdict yet, and these tasks."""
        missing = "FROM tasks WHERE id NOT IN (SELECT id FROM verdicts)"
        count = self._db.execute(f"SELECT COUNT(*) {missing}").fetchone()[0]
        return count, self._pages(missing)

    def _pages(self, missing: str) -> Iterator[tuple[str, dict[str, Any]]]:
        # Read in pages, since verdicts are written meanwhile.
        last = 0
        while True:
            rows = self._db.execute(
                f"SELECT number, id, task {missing} AND number > ? ORDER BY number LIMIT 1000",
                (last,),
            ).fetchall()
            if not rows:
                return
            for last, name, task in rows:  # noqa: B007 - the last one is where the next page begins
                yield name, json.loads(task)

    def keep(self, name: str, verdict: Mapping[str, Any], *, lasting: bool = True) -> None:
        """Commit a verdict: from here on it survives the process, unless it is for now only."""
        table = "verdicts" if lasting else "passing"
        self._db.execute(
            f"INSERT OR REPLACE INTO {table} VALUES(?, ?)",
            (name, json.dumps(verdict, ensure_ascii=False)),
        )

    @property
    def count(self) -> int:
        """How many students there are."""
        return int(self._db.execute("SELECT COUNT(*) FROM students").fetchone()[0])

    def verdicts(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """All verdicts of this run, by number of their task."""
        rows = self._db.cursor().execute(f"SELECT number, {_DOCUMENT} ORDER BY number")
        for number, document in rows:
            yield number, json.loads(document)

    def verdict(self, number: int) -> dict[str, Any]:
        """The verdict on a task."""
        row = self._db.execute(f"SELECT {_DOCUMENT} WHERE number = ?", (number,)).fetchone()
        found: dict[str, Any] = json.loads(row[0])
        return found

    def task(self, number: int) -> dict[str, Any]:
        """A task."""
        row = self._db.execute("SELECT task FROM tasks WHERE number = ?", (number,)).fetchone()
        found: dict[str, Any] = json.loads(row[0])
        return found

    def tallies(self, problem: str) -> Iterator[tuple[int, str, int, str]]:
        """Different answers to a problem: task, text, how many, and the first student."""
        yield from self._db.cursor().execute(
            "SELECT task, text, count, student FROM tallies WHERE problem = ?"
            " ORDER BY count DESC, task", (problem,),
        )  # fmt: skip

    def of(self, problem: str, task: int, most: int) -> list[tuple[str, str]]:
        """The first students with this answer to a problem, and how they wrote it."""
        rows = self._db.execute(
            "SELECT student, text FROM answers WHERE problem = ? AND task = ?"
            " ORDER BY student LIMIT ?", (problem, task, most),
        )  # fmt: skip
        return list(rows)

    def answers(self) -> Iterator[tuple[str, dict[str, str], dict[str, tuple[int, str]]]]:
        """Students with what is known of them, and task and text of their answers by problem."""
        people = self._db.cursor().execute(
            "SELECT student, identity FROM students ORDER BY student"
        )
        for student, identity in people:
            rows = self._db.execute(
                "SELECT problem, task, text FROM answers WHERE student = ?", (student,)
            )
            yield student, json.loads(identity), {row[0]: (row[1], row[2]) for row in rows}


def _merged(answers: Iterable[Answer]) -> dict[tuple[str, str], str]:
    """The answers of one submission: one that is blank in one place stands in the other.

    Whatever is said of a problem replaces what an earlier attempt left without a part.
    """
    found: dict[tuple[str, str], str] = {}
    for answer in answers:
        place = answer.problem, answer.part
        if answer.text.strip() or place not in found:
            found[place] = answer.text
        found.setdefault((answer.problem, UNSPLIT), "")
    return found


def _whole(text: str) -> str:
    """The text without halves of characters, which JSON can hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def _shown(answers: Mapping[str, str]) -> str:
    """An answer in one text, of a length that a cell can hold."""
    if set(answers) <= {"", "?"}:
        return "".join(answers.values()).strip()[:_CELL]
    given = (
        text.strip() if part == UNSPLIT else f"{part} = {text.strip()}"
        for part, text in answers.items() if text.strip()
    )  # fmt: skip
    return "; ".join(given)[:_CELL]
