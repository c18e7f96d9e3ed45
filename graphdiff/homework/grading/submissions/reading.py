"""Finds out which format submissions have, and reads them one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from graphdiff.errors import GraphDiffError, LimitExceeded, ParseError
from graphdiff.homework.formats import FILES, SUBMISSIONS, Reader
from graphdiff.homework.grading.decoding import encoding_of
from graphdiff.homework.grading.homework import Homework

from .files import about, file_answers, json_answers, parse_json
from .rows import Places, Submission, Warn, need_problem
from .tables import Table, opened

__all__ = ["files", "json_lines", "read_submissions", "readable"]

_LARGEST = 4_000_000_000
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


def _read(path: Path, places: Places, warn: Warn, kind: str) -> Iterator[Submission]:
    if not path.exists():
        raise ParseError(f"there is no {path}", hint="name a CSV file, a .jsonl file or a folder")
    if path.is_dir():
        yield from files(path, places, warn)
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


def files(path: Path, places: Places, warn: Warn) -> Iterator[Submission]:
    """Files ``ann.txt``, or folders ``ann/…``; links are not followed.  Or one such file."""
    if not path.is_dir():
        yield _one(path, path.stem, places, warn)
        return
    try:
        entries = sorted(path.iterdir(), key=lambda e: e.name)
    except OSError as error:
        raise ParseError(f"cannot read {path}: {error.strerror}") from None
    for entry in entries:
        if entry.name.startswith((".", "_")) or entry.is_symlink():
            continue
        student = entry.name if entry.is_dir() else entry.stem
        for file in _files(entry, warn):
            try:
                yield _one(file, student, places, warn)
            except (GraphDiffError, OSError) as error:
                # One broken file must not keep the others from being graded.
                told = error.message if isinstance(error, GraphDiffError) else f"{file}: {error}"
                warn(f"{told}; the file is left out")
                yield Submission(student, (), str(file))


def _files(entry: Path, warn: Warn) -> list[Path]:
    """The files of a student that can be read."""
    inner = [entry]
    try:
        if entry.is_dir():
            found = sorted(entry.rglob("*"), key=str)
            inner = [f for f in found if not f.name.startswith(".") and not f.is_symlink()]
        files = [f for f in inner if f.is_file()]
    except OSError as error:
        warn(f"cannot read {entry}: {error.strerror}; it is left out")
        return []
    read = [f for f in files if f.suffix.lower() in readable()]
    if files and not read:
        warn(f"{entry} is left out: no {', '.join(readable())}")
    return read


def readable() -> list[str]:
    """Endings of the files in which answers of a student are looked for."""
    return [ending for row in FILES.values() for ending in row.endings]


def _one(path: Path, student: str, places: Places, warn: Warn) -> Submission:
    answers = file_answers(path, places, warn)
    if not answers:
        warn(f"{path} has no answer to any problem")
    return Submission(student, tuple(answers), str(path))
