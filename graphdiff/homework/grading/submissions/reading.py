"""Finds out which format submissions have, and reads them one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from graphdiff.core.support.formats import loaded
from graphdiff.errors import GraphDiffError, LimitExceeded, ParseError
from graphdiff.homework.formats import FILES, GRADEBOOKS, SUBMISSIONS, Reader
from graphdiff.homework.grading.decoding import encoding_of
from graphdiff.homework.grading.homework import Homework

from .archives import Handed, collected, is_zip
from .downloads import Piece
from .files import about, file_answers, json_answers, parse_json
from .rows import Answer, Places, Submission, Warn, need_problem
from .sheets import is_sheet
from .tables import Table, identity, identity_columns, opened, student_column

__all__ = ["json_lines", "one_file", "read_roster", "read_submissions", "readable"]

_LARGEST = 4_000_000_000
_SCORES = {
    "Gradescope": {"Total Score", "Submission ID"},
    "nbgrader": {"raw_score", "late_submission_penalty"},
}
"""Columns by which tables of scores are known."""
_LINE = 16_000_000


def read_submissions(
    sources: tuple[Path | Mapping[str, Any], ...], homework: Homework, warn: Warn, kind: str = ""
) -> Iterator[Submission]:
    """All submissions; a format that is not named is recognised.  Raises ParseError."""
    places = Places(homework)
    for source in sources:
        if isinstance(source, Mapping):
            yield from _given(source, places)
        else:
            yield from _read(source, places, warn, kind)


def _given(source: Mapping[str, Any], places: Places) -> Iterator[Submission]:
    """Answers of a Python caller: ``{student: {problem: answer}}``."""
    for student, answers in source.items():
        where = str(student)
        if not isinstance(answers, Mapping):
            raise ParseError(f"the answers of {where} are no table", hint='{"p1": "2x"}')
        for label in answers:
            need_problem(places, label, where)
        found = tuple(a for label, value in answers.items() for a in places.answers(label, value))
        yield Submission(where, found, where)


def read_roster(path: Path, warn: Warn) -> Iterator[Submission]:
    """The class list: a table with ids, logins, e-mail addresses or names; a gradebook is one.

    Raises ParseError.
    """
    with opened(path, warn) as table:
        known = identity_columns(table)
        numbers = (known[kind] for kind in ("id", "sis_id", "login") if kind in known)
        column = student_column(table)
        who = next(numbers, column)
        taken = {who, *known.values()}
        if column is not None and column not in taken:  # in a gradebook this is the name
            known = {"name": column, **known}
        if who is None:
            hint = "a column student, id, login, email or name"
            raise ParseError(f"{path}: no column names the students", hint=hint)
        for line, cells in table.rows:
            student = cells[who].strip() if who < len(cells) else ""
            if student and cells[0].strip() not in ("Points Possible", "Manual Posting"):
                yield Submission(student, (), f"{path}, line {line}", identity(known, cells))


def _read(path: Path, places: Places, warn: Warn, kind: str) -> Iterator[Submission]:
    if not path.exists():
        raise ParseError(f"there is no {path}", hint="name a CSV file, a .jsonl file or a folder")
    if path.is_dir() or (is_zip(path) and not is_sheet(path)):
        with collected(path) as files:
            yield from _Downloaded(path, places, warn).read(files, kind)
        return
    if not path.is_file():
        with _kept(path) as file:
            yield from _read_file(file, places, warn, kind)
    else:
        yield from _read_file(path, places, warn, kind)


@contextmanager
def _kept(path: Path) -> Iterator[Path]:
    """What comes through a pipe, in a file: it is read more than once."""
    import shutil
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / path.name
        try:
            with path.open("rb") as pipe, kept.open("wb") as file:
                shutil.copyfileobj(pipe, file)
        except OSError as error:
            raise ParseError(f"cannot read {path}: {error.strerror}") from None
        yield kept


def _read_file(path: Path, places: Places, warn: Warn, kind: str) -> Iterator[Submission]:
    size = path.stat().st_size
    if size > _LARGEST:
        raise LimitExceeded(f"{path} has {size:,} bytes; at most {_LARGEST:,} are read")
    by_ending = (row for row in SUBMISSIONS.values() if path.suffix.lower() in row.suffixes)
    reader = SUBMISSIONS[kind] if kind else next(by_ending, None)
    if reader is not None and reader.files:
        hint = f"{reader.name} is {reader.help}"
        raise ParseError(f"{path} is neither a folder nor a zip file", hint=hint)
    if reader is not None and not reader.known_by:
        yield from reader(path, places, warn)
        return
    with opened(path, warn) as table:
        yield from (reader or _recognised(table, places))(table, places, warn)


def _recognised(table: Table, places: Places) -> Reader:
    """The format of a table, by its first line."""
    for reader in SUBMISSIONS.values():
        if reader.recognises(table, places):
            return reader
    for platform, columns in _SCORES.items():
        if columns <= set(table.header):
            hint = "export the submissions there, and name their zip file or folder"
            raise ParseError(f"{table.path} holds scores of {platform}, and no answers", hint=hint)
    rows = [list(table.header), *(cells for _, cells in islice(table.rows, 3))]
    for book in GRADEBOOKS.values():
        if loaded(book.known_by)(rows):
            hint = f"name the answers, and have it filled in: --gradebook {table.path}"
            raise ParseError(f"{table.path} is {book.help}, and holds no answers", hint=hint)
    known = ", ".join(problem.id for problem in places.homework.problems)
    first = ",".join(table.header)[:120] or "it is empty"
    raise ParseError(
        f"{table.path}: the first line names no problem: {first}",
        hint=f"columns student and {known}; or student,problem,answer",
    )


def json_lines(path: Path, places: Places, warn: Warn) -> Iterator[Submission]:
    """A line ``{"student": …, "problem": …, "answer": …}``, or all answers of a student."""
    encoding, warning = encoding_of(path)
    if warning:
        warn(warning)
    with path.open(encoding=encoding, errors="replace") as file:
        number = 0
        while line := file.readline(_LINE):
            number += 1
            where = f"{path}, line {number}"
            if not line.strip():
                continue
            content = parse_json(line.strip(), where)
            who = about(content)
            if not who.get("student"):
                raise ParseError(f"{where}: no student is named", hint='{"student": "ann", …}')
            if "problem" in content:
                label = ".".join(str(content[k]) for k in ("problem", "part") if content.get(k))
                need_problem(places, label, where)
                answers = places.answers(label, content.get("answer"))
            else:
                answers = tuple(json_answers(content, places))
            student = who.pop("student")
            yield Submission(student, answers, where, who)


def one_file(path: Path, places: Places, warn: Warn) -> Iterator[Submission]:
    """The file of one student, who is called as it is."""
    answers = file_answers(path, places, warn)
    if not answers:
        warn(f"{path} has no answer to any problem")
    yield Submission(path.stem, tuple(answers), str(path))


def readable() -> list[str]:
    """Endings of the files in which answers of a student are looked for."""
    return [ending for row in FILES.values() for ending in row.endings]


class _Downloaded:
    """What lies in a folder or an archive."""

    def __init__(self, source: Path, places: Places, warn: Warn) -> None:
        self.source, self.places, self.warn = source, places, warn
        self.answered: dict[tuple[str, str, str], str] = {}
        """In which folder of his a student has answered what."""
        self.broken: set[Handed] = set()

    def read(self, files: list[Handed], kind: str) -> Iterator[Submission]:
        """A submission for every file, and for everybody who handed in nothing that is read."""
        reader, pieces = self._recognised(files, kind)
        known = {piece.file for piece in pieces}
        other = [f.name for f in files if f not in known and f.ending in readable()]
        if other and reader.name != "folder":
            told = ", ".join(other[:5]) + (" …" if len(other) > 5 else "")
            self.warn(f"{self.source}: no student is named by {told}; left out")
        by_student: dict[str, list[Piece]] = {}
        for piece in pieces:
            by_student.setdefault(piece.student, []).append(piece)
        for student, own in by_student.items():
            read = [piece for piece in own if piece.file.ending in readable()]
            if not read:
                self.warn(
                    f"please look: {student} handed in {own[0].file.base}, which is not read: "
                    f"no {', '.join(readable())}"
                )
                yield Submission(student, (), own[0].file.where, own[0].identity)
            given = [self._submission(piece, plain=reader.name == "folder") for piece in read]
            yield from given
            whole = [piece for piece in read if piece.file not in self.broken]
            if whole and not any(submission.answers for submission in given):
                self.warn(f"{whole[0].file.where} has no answer to any problem")

    def _recognised(self, files: list[Handed], kind: str) -> tuple[Reader, list[Piece]]:
        """The layout of the files, and whose each of them is.  Raises ParseError."""
        readers = [SUBMISSIONS[kind]] if kind else SUBMISSIONS.values()
        inner = _below(files)
        for reader in readers:
            if reader.files:
                for tried in [files, inner] if inner and reader.name != "folder" else [files]:
                    pieces = list(reader(tried)) if tried else []
                    if pieces:
                        return self._of_a_class(reader, pieces, inner)
        told = f"{self.source} holds no file" if not files else f"{self.source} is no {kind}"
        if files:
            raise ParseError(told, hint="leave --format out, and it is recognised")
        self.warn(told)
        return SUBMISSIONS["folder"], []

    def _of_a_class(
        self, reader: Reader, pieces: list[Piece], inner: list[Handed]
    ) -> tuple[Reader, list[Piece]]:
        """The pieces, unless they are those of a class that stand under one name."""
        if reader.name != "folder" or not inner or not self._several(inner):
            return reader, pieces
        above = pieces[0].student
        if self.source.is_dir():
            raise ParseError(
                f"{self.source} holds nothing but the folder {above}, with files of several "
                "students",
                hint=f"name that folder: {self.source / above}",
            )
        return reader, list(reader(inner))

    def _several(self, files: list[Handed]) -> bool:
        """Whether two of the files answer the same."""
        found: set[tuple[str, str]] = set()
        for file in files:
            if file.ending in readable():
                answers = {(a.problem, a.part) for a in self._answers(file) if a.text.strip()}
                if answers & found:
                    return True
                found |= answers
        return False

    def _submission(self, piece: Piece, *, plain: bool) -> Submission:
        where = piece.file.where
        if piece.text is not None:
            answers = list(FILES["html"](piece.text, self.places, where))
        else:
            answers = self._answers(piece.file, self.warn)
        if plain and len(piece.file.folders) > 1:
            self._one_student(piece, answers)
        return Submission(piece.student, tuple(answers), where, piece.identity, piece.attempt)

    def _one_student(self, piece: Piece, answers: list[Answer]) -> None:
        """Raise ParseError if folders of one student answer the same: they are of several."""
        inner = piece.file.folders[1]
        for answer in answers:
            place = piece.student, answer.problem, answer.part
            if answer.text.strip() and self.answered.setdefault(place, inner) != inner:
                first = self.answered[place]
                raise ParseError(
                    f"{self.source}: the folder {piece.student} holds folders of several students, "
                    f"{first} and {inner}",
                    hint=f"name that folder: {self.source / piece.student}",
                )

    def _answers(self, file: Handed, warn: Warn | None = None) -> list[Answer]:
        """The answers in a file; a broken one must not keep the others from being graded."""
        try:
            return file_answers(file.path, self.places, warn or (lambda _: None), file.where)
        except (GraphDiffError, OSError) as error:
            told = error.message if isinstance(error, GraphDiffError) else f"{file.where}: {error}"
            if warn is not None:
                self.broken.add(file)
                warn(f"{told}; the file is left out")
            return []


def _below(files: list[Handed]) -> list[Handed]:
    """The files without the one folder that all of them lie in; none where there is none."""
    tops = {file.name.partition("/")[0] for file in files}
    if len(tops) != 1 or not all(file.folders for file in files):
        return []
    return [replace(file, name=file.name.partition("/")[2]) for file in files]
