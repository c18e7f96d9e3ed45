"""Where verdicts are kept while a class is graded, and answers are sorted by student.

Verdicts stay in the file ``verdicts.sqlite``; each is committed when it is there.  SQLite's log
survives the death of the process at any moment, and what was not whole is rolled back.  Everything
else lives in temporary tables, on disk as well, so that memory does not grow with the class.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
import os
import re
import sqlite3
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from operator import itemgetter
from pathlib import Path
from typing import Any, NamedTuple

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading.submissions.rows import UNSPLIT, Answer, Submission
from graphdiff.homework.grading.submissions.tables import UNIQUE

__all__ = ["Given", "Store", "shown"]

Telling = Callable[[], contextlib.AbstractContextManager[None]]
_VERDICTS = """
CREATE TABLE IF NOT EXISTS verdicts(id TEXT PRIMARY KEY, document TEXT, digest TEXT)
"""
_TABLES = """
CREATE TEMP TABLE given(student TEXT, source INTEGER, attempt REAL, problem TEXT, part TEXT,
    text TEXT, again INTEGER DEFAULT 0,
    PRIMARY KEY(student, source, attempt, problem, part)) WITHOUT ROWID;
CREATE TEMP TABLE students(student TEXT PRIMARY KEY, identity TEXT) WITHOUT ROWID;
CREATE TEMP TABLE tasks(number INTEGER PRIMARY KEY, id TEXT UNIQUE, task TEXT);
CREATE TEMP TABLE passing(id TEXT PRIMARY KEY, document TEXT) WITHOUT ROWID;
CREATE TEMP TABLE answers(student TEXT, problem TEXT, task INTEGER, text TEXT, tally INTEGER,
    PRIMARY KEY(student, problem)) WITHOUT ROWID;
CREATE TEMP TABLE tallies(problem TEXT, task INTEGER, text TEXT, count INTEGER, student TEXT,
    PRIMARY KEY(problem, task)) WITHOUT ROWID;
"""
# Of two answers to one question in one attempt the later one counts.
_ADD = """
INSERT INTO given(student, source, attempt, problem, part, text) VALUES(?, ?, ?, ?, ?, ?)
ON CONFLICT(student, source, attempt, problem, part) DO UPDATE SET
    again = again + (text <> '' OR excluded.text <> ''), text = excluded.text
"""
# By the key '' the name by which a student goes.
_CLAIMS = """
CREATE TEMP TABLE claims AS
    SELECT student, lower(value) AS value, key FROM students, json_each(identity)
    WHERE key IN ('id', 'sis_id', 'login', 'email', 'participant')
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
_BATCH = 20_000
"""Answers that are noted together."""
_PAGE = 500
"""Rows that are read together."""
_CELL = 20_000


class _Database:
    """A connection whose errors are told as ours, also while rows are read."""

    def __init__(self, raw: sqlite3.Connection, telling: Telling) -> None:
        self.raw, self.telling = raw, telling

    def execute(self, sql: str, values: Sequence[Any] = ()) -> _Rows:
        """Run a statement; its rows."""
        with self.telling():
            # A cursor of its own: others may be read meanwhile.
            return _Rows(self.raw.cursor().execute(sql, values), self.telling)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each of several rows."""
        with self.telling():
            self.raw.executemany(sql, rows)

    def executescript(self, sql: str) -> None:
        """Run several statements."""
        with self.telling():
            self.raw.executescript(sql)


class _Rows:
    """Rows of a statement."""

    def __init__(self, cursor: sqlite3.Cursor, telling: Telling) -> None:
        self.cursor, self.telling = cursor, telling

    @property
    def lastrowid(self) -> int:
        """The number of the row that was inserted."""
        return int(self.cursor.lastrowid or 0)

    @property
    def changed(self) -> int:
        """How many rows were inserted or changed."""
        return self.cursor.rowcount

    def fetchone(self) -> Any:
        """The next row, or None."""
        with self.telling():
            return self.cursor.fetchone()

    def fetchall(self) -> list[Any]:
        """All rows."""
        with self.telling():
            return self.cursor.fetchall()

    def __iter__(self) -> Iterator[Any]:
        while rows := self.page():
            yield from rows

    def page(self) -> list[Any]:
        """The next rows; none behind the last one."""
        with self.telling():
            return self.cursor.fetchmany(_PAGE)


Tried = dict[int, dict[float, list[tuple[str, str, str]]]]
"""Problem, part and text of answers, by source and attempt."""


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
        with self._telling():
            if path is not None:
                # What students wrote is nobody else's to read.
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
            self._raw = sqlite3.connect(
                ":memory:" if path is None else path, isolation_level=None, timeout=0.5,
                check_same_thread=False,
            )  # fmt: skip
            # A verdict of a damaged file is no text, perhaps; it is found out by its digest.
            self._raw.text_factory = lambda data: data.decode("utf-8", "replace")
            # A table that somebody looked at and let go; also where the interpreter ends.
            weakref.finalize(self, _close, self._raw)
        try:
            self._db.execute("PRAGMA locking_mode=EXCLUSIVE")
            self._db.execute("PRAGMA journal_mode=WAL")
            self._db.execute("PRAGMA synchronous=NORMAL")
            self._db.execute("PRAGMA temp_store=FILE")
            self._db.execute("PRAGMA temp.cache_size=-32768")
            self._db.execute("BEGIN IMMEDIATE")
            state = self._db.execute("PRAGMA integrity_check(1)").fetchone()[0]
            if state != "ok":
                raise self._unusable(state)
            if fresh or self._earlier():
                self._db.execute("DROP TABLE IF EXISTS verdicts")
            self._db.execute(_VERDICTS)
            self._db.execute("COMMIT")
            self._db.executescript(_TABLES)
        except BaseException:
            self.close()
            raise

    def _earlier(self) -> bool:
        """Whether the file's verdicts are those of an earlier version, which nobody asks for."""
        columns = [row[1] for row in self._db.execute("PRAGMA table_info(verdicts)")]
        return columns == ["id", "document"]

    @property
    def _db(self) -> _Database:
        return _Database(self._raw, self._telling)

    @contextmanager
    def _telling(self) -> Iterator[None]:
        """Say in one message what is wrong with the file."""
        try:
            yield
        except sqlite3.OperationalError as error:
            path, told = self._path or "the verdicts", str(error)
            if "locked" in told and self._path:
                raise GraphDiffError(
                    f"another graphdiff grade is at work in {self._path.parent}",
                    hint="wait for it, or name another folder: -o",
                ) from None
            if not re.search("full|readonly|unable to open|disk I/O", told):
                raise self._unusable(error) from None
            full = "full" in told
            hint = "make room; what is judged is kept, and a second run goes on" if full else ""
            raise GraphDiffError(f"cannot write {path}: {error}", hint=hint) from None
        except OSError as error:
            raise GraphDiffError(f"cannot write {self._path}: {error.strerror}") from None
        except (sqlite3.Error, UnicodeDecodeError, OverflowError) as error:
            raise self._unusable(error) from None

    def _unusable(self, error: object) -> GraphDiffError:
        hint = "remove it; everything is judged again"
        return GraphDiffError(f"{self._path} cannot be used: {error}", hint=hint)

    def __getstate__(self) -> dict[str, Any]:
        """All rows; what is read again is no file's any more."""
        kept = {}
        for schema in ("main", "temp"):
            source = "sqlite_master" if schema == "main" else "sqlite_temp_master"
            found = f"SELECT name, sql FROM {source} WHERE type = 'table'"  # noqa: S608
            for name, sql in self._db.execute(found).fetchall():
                rows = self._db.execute(f'SELECT * FROM {schema}."{name}"').fetchall()  # noqa: S608
                kept[schema, name] = (sql, rows)
        return {"claims": self.claims, "tables": kept}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__()  # type: ignore[misc]
        self.claims = state["claims"]
        for (schema, name), (sql, rows) in state["tables"].items():
            self._db.execute(f'DROP TABLE IF EXISTS {schema}."{name}"')
            self._db.execute(
                sql.replace("CREATE TABLE", f"CREATE {'TEMP ' * (schema == 'temp')}TABLE")
            )
            marks = ", ".join("?" * len(rows[0])) if rows else ""
            if rows:
                self._db.executemany(f'INSERT INTO {schema}."{name}" VALUES({marks})', rows)

    @property
    def used(self) -> bool:
        """Whether there is a verdict, or the file no longer says."""
        try:
            return self._db.execute("SELECT 1 FROM verdicts LIMIT 1").fetchone() is not None
        except GraphDiffError:
            return True

    def close(self) -> None:
        """Close the file; SQLite writes its log into it."""
        _close(self._raw)

    def add(self, submissions: Iterable[Submission], source: int = 0) -> None:
        """Take in the submissions of a source; its attempts are none of another source's."""
        self._db.execute("BEGIN")
        rows: list[tuple[Any, ...]] = []
        for submission in submissions:
            student, attempt = _whole(submission.student), submission.attempt
            self._person(student, submission.identity)
            for place, text in _merged(submission.answers).items():
                rows.append((student, source, attempt, *place, _whole(text)))
            if len(rows) > _BATCH:
                self._db.executemany(_ADD, rows)
                rows.clear()
        self._db.executemany(_ADD, rows)
        self._db.execute("COMMIT")

    def _person(self, student: str, identity: Mapping[str, str]) -> None:
        told = {k: _whole(v) for k, v in identity.items() if v}
        first = (student, json.dumps(told, ensure_ascii=False))
        if self._db.execute("INSERT OR IGNORE INTO students VALUES(?, ?)", first).changed:
            return
        row = self._db.execute("SELECT identity FROM students WHERE student = ?", (student,))
        known = json.loads(row.fetchone()[0])
        for kind in UNIQUE:
            if known.get(kind, told.get(kind)) != told.get(kind, known.get(kind)):
                self.claims.append(f"{student} has two: {kind} {known[kind]}, {told.pop(kind)}")
        if {**known, **told} != known:
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
            "SELECT student FROM given GROUP BY student, problem, part"
            " HAVING MAX(again) > 0 OR SUM(text <> '') > 1 ORDER BY student LIMIT 600"
        )
        return list(dict.fromkeys(row[0] for row in rows))[:6]

    def given(
        self, problems: Iterable[str], attempts: str
    ) -> Iterator[tuple[str, dict[str, str], list[Given]]]:
        """Every student with what is known of him and all his answers, sorted by name.

        Of the attempts in a source the ``"first"`` or the ``"last"`` counts, whole.
        """
        names = list(problems)
        for student, identity, tried in self._tried():
            found: dict[str, dict[str, str]] = {problem: {} for problem in names}
            for of_source in tried.values():
                counts = min(of_source) if attempts == "first" else max(of_source)
                for problem, part, text in of_source[counts]:
                    if text.strip() or part not in found[problem]:
                        found[problem][part] = text
            answers = [Given(student, problem, parts) for problem, parts in found.items()]
            yield student, identity, answers

    def several(
        self, problems: Iterable[str]
    ) -> Iterator[tuple[tuple[str, int, float], dict[str, str], list[Given]]]:
        """The attempts of students who made several: student, source and attempt, and answers."""
        names = list(problems)
        for student, identity, tried in self._tried():
            for source, of_source in tried.items():
                for attempt in of_source if len(of_source) > 1 else ():
                    found: dict[str, dict[str, str]] = {problem: {} for problem in names}
                    for problem, part, text in of_source[attempt]:
                        found[problem][part] = text
                    answers = [Given(student, problem, parts) for problem, parts in found.items()]
                    yield (student, source, attempt), identity, answers

    def _tried(self) -> Iterator[tuple[str, dict[str, str], Tried]]:
        """Every student with what is known of him, and his answers by source and attempt."""
        columns = "source, attempt, problem, part, text"
        for student, identity, rows in self._by_student("given", columns):
            tried: Tried = {}
            for source, attempt, *answer in rows:
                tried.setdefault(source, {}).setdefault(attempt, []).append(tuple(answer))
            yield student, identity, dict(sorted(tried.items()))

    def choose(self, chosen: Iterable[tuple[str, int, float]]) -> None:
        """Keep one attempt of a student in a source, and forget his others there."""
        self._db.execute("BEGIN")
        self._db.executemany(
            "DELETE FROM given WHERE student = ? AND source = ? AND attempt <> ?", chosen
        )
        self._db.execute("COMMIT")

    def _by_student(
        self, table: str, columns: str
    ) -> Iterator[tuple[str, dict[str, str], list[tuple[Any, ...]]]]:
        """Every student with what is known of him, and his rows of a table: one query for all."""
        rows = self._db.execute(
            f"SELECT students.student, identity, {columns} FROM students"  # noqa: S608
            f" LEFT JOIN {table} USING (student) ORDER BY students.student"
        )
        for student, group in itertools.groupby(self._ours(rows), itemgetter(0)):
            found = list(group)
            yield student, json.loads(found[0][1]), [row[2:] for row in found if row[2] is not None]

    def _ours(self, rows: _Rows) -> Iterator[Any]:
        """Rows of tables that this run has written: their text need not be looked at."""
        found: list[Any] = [None]
        while found:
            careful, self._raw.text_factory = self._raw.text_factory, str
            try:
                found = rows.page()
            finally:
                self._raw.text_factory = careful
            yield from found

    def assign(self, rows: Iterable[tuple[str, str, str, str, str]]) -> None:
        """Note which task every answer is: student, problem, the answer as it is shown, the task's
        id, and the task as JSON."""
        self._db.execute("BEGIN")
        numbers: dict[str, int] = {}
        waiting: list[tuple[str, str, int, str]] = []
        for student, problem, shown, name, task in rows:
            number = numbers.get(name)
            if number is None:
                number = numbers[name] = self.number(name, task)
                if len(numbers) > _BATCH:
                    numbers.clear()
            waiting.append((student, problem, number, shown))
            if len(waiting) > _BATCH:
                self._note(waiting)
                waiting.clear()
        self._note(waiting)
        self._db.execute("COMMIT")

    def _note(self, answers: Sequence[tuple[str, str, int, str]]) -> None:
        tallies: dict[tuple[str, int], list[Any]] = {}
        for student, problem, number, shown in answers:
            tally = tallies.get((problem, number))
            if tally is None:
                tallies[problem, number] = [shown, 1, student]
            else:
                tally[1] += 1
        self._db.executemany("INSERT INTO answers VALUES(?, ?, ?, ?, 0)", answers)
        self._db.executemany(
            "INSERT INTO tallies VALUES(?, ?, ?, ?, ?)"
            " ON CONFLICT(problem, task) DO UPDATE SET count = count + excluded.count",
            [(*key, *tally) for key, tally in tallies.items()],
        )

    def number(self, name: str, task: str) -> int:
        """The number of a task, by its id and as JSON."""
        found = self._db.execute("SELECT number FROM tasks WHERE id = ?", (name,)).fetchone()
        if found:
            return int(found[0])
        row = self._db.execute("INSERT INTO tasks(id, task) VALUES(?, ?)", (name, task))
        return row.lastrowid

    def open_tasks(self) -> tuple[int, Iterator[tuple[str, dict[str, Any]]]]:
        """How many tasks have no verdict yet, and these tasks."""
        self._forget_damaged()
        missing = "FROM tasks WHERE id NOT IN (SELECT id FROM verdicts)"
        count = self._db.execute(f"SELECT COUNT(*) {missing}").fetchone()[0]
        return count, self._pages(missing)

    def _forget_damaged(self) -> None:
        """Have judged again what is not as it was written."""
        rows = self._db.execute(
            "SELECT tasks.id, document, digest FROM tasks JOIN verdicts ON verdicts.id = tasks.id"
        )
        damaged = [(name,) for name, text, digest in rows if _digest(name, str(text)) != digest]
        if damaged:
            self._db.executemany("DELETE FROM verdicts WHERE id = ?", damaged)

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
        document = json.dumps(verdict, ensure_ascii=False)
        if lasting:
            values = (name, document, _digest(name, document))
            self._db.execute("INSERT OR REPLACE INTO verdicts VALUES(?, ?, ?)", values)
        else:
            self._db.execute("INSERT OR REPLACE INTO passing VALUES(?, ?)", (name, document))

    @property
    def count(self) -> int:
        """How many students there are."""
        return int(self._db.execute("SELECT COUNT(*) FROM students").fetchone()[0])

    def enrol(self, people: Iterable[Submission]) -> tuple[list[str], list[str]]:
        """Take in the class list; returns who is missing so far, and who is not on it.

        Somebody is known by whatever only one student has.
        """
        known: dict[str, str] = {}
        strangers: dict[str, None] = {}
        for student, identity in self._db.execute("SELECT student, identity FROM students"):
            strangers[student] = None
            for value in (student, *_claims(json.loads(identity))):
                known.setdefault(value.lower(), student)
        missing = []
        for person in people:
            told = {k: _whole(v) for k, v in person.identity.items() if v}
            claims = [_whole(person.student), *_claims(told)]
            found = next((known[c.lower()] for c in claims if c.lower() in known), "")
            self._person(found or claims[0], told)
            strangers.pop(found, None)
            name = told.get("name", claims[0])
            missing += [] if found else [name if name == claims[0] else f"{name} ({claims[0]})"]
        return missing, list(strangers)

    def name(self, student: str) -> str:
        """The name of a student; what he is known by where there is none."""
        query = "SELECT identity FROM students WHERE student = ?"
        found: str = json.loads(self._db.execute(query, (student,)).fetchone()[0]).get("name", "")
        return found or student

    def names(self) -> list[str]:
        """The names of all students."""
        return [row[0] for row in self._db.execute("SELECT student FROM students")]

    def answer(self, student: str, problem: str) -> tuple[int, str]:
        """Task and text of a student's answer."""
        query = "SELECT task, text FROM answers WHERE student = ? AND problem = ?"
        found: tuple[int, str] = self._db.execute(query, (student, problem)).fetchone()
        return found

    def verdicts(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """All verdicts of this run, by number of their task."""
        rows = self._db.execute(f"SELECT number, {_DOCUMENT} ORDER BY number")
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
        yield from self._db.execute(
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
        for student, identity, rows in self._by_student("answers", "problem, task, text"):
            yield student, identity, {row[0]: (row[1], row[2]) for row in rows}


def _close(database: sqlite3.Connection) -> None:
    with contextlib.suppress(sqlite3.Error):
        database.close()


def _digest(name: str, document: str) -> str:
    data = f"{name} {document}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]


def _merged(answers: Iterable[Answer]) -> dict[tuple[str, str], str]:
    """The answers of one submission: one that is blank in one place stands in the other.

    Whatever is said of a problem replaces what an earlier attempt left without a part.
    """
    found: dict[tuple[str, str], str] = {}
    for answer in answers:
        place = answer.problem, answer.part
        if answer.text.strip() or place not in found:
            found[place] = answer.text
        if answer.part:
            found.setdefault((answer.problem, UNSPLIT), "")
    return found


def _claims(identity: Mapping[str, str]) -> list[str]:
    return [identity[kind] for kind in UNIQUE if kind in identity]


def _whole(text: str) -> str:
    """The text without halves of characters, which JSON can hold and no file can."""
    return text.encode("utf-8", "replace").decode()


def shown(answers: Mapping[str, str]) -> str:
    """An answer in one text, of a length that a cell can hold."""
    if set(answers) <= {"", "?"}:
        return "".join(answers.values()).strip()[:_CELL]
    given = (
        text.strip() if part == UNSPLIT else f"{part} = {text.strip()}"
        for part, text in answers.items() if text.strip()
    )  # fmt: skip
    return "; ".join(given)[:_CELL]
