"""Files as learning platforms let teachers download them: who handed in what is in their names.

Canvas: ``leeann_LATE_501_77_hw.txt`` (``Submissions::…::SubmissionZipper``).  Moodle: folders
``Ann Lee_123_assignsubmission_file`` (``mod/assign``).  Blackboard: ``HW 3_alee_attempt_2026-03-01-
10-00-00_hw.txt``.  Brightspace: folders ``12-34 - Ann Lee - Mar 1, 2026 1000 AM``.  Gradescope:
folders ``submission_1`` beside ``submission_metadata.yml``.  nbgrader: ``submitted/ann/ps1/…``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime

from graphdiff.core.support.loading import decoded, read_bytes
from graphdiff.errors import ParseError
from graphdiff.homework.grading.decoding import read_text

from .archives import Handed

__all__ = [
    "Piece", "blackboard", "brightspace", "canvas", "gradescope", "moodle", "nbgrader",
    "plain",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Piece:
    """A file of one student."""

    student: str
    file: Handed
    identity: dict[str, str] = field(default_factory=dict)
    attempt: float = 0.0
    text: str | None = None
    """What was typed into the platform, as HTML, where the file holds more than that."""


Files = Sequence[Handed]
_CANVAS = re.compile(
    r"(?P<name>.+?)(?P<late>_LATE)?_(?P<id>\d+)_(?:\d+_.+|(?:text|link)\.html?)"
    r"|anon(?P<late_too>_LATE)?_(?P<anonymous>\w+?)_(?:\d+_.+|(?:text|link)\.html?)"
)
_MOODLE = re.compile(r"(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext)(?:_.*)?")
_BLACKBOARD = re.compile(
    r".+_(?P<login>[^_]+)_attempt_(?P<time>\d{4}(?:-\d\d){5})(?P<receipt>\.txt)?(?:_.+)?"
)
_RECEIPT = re.compile(r"^Name: (.{1,200}?) \((.{1,100})\)\s*$", re.MULTILINE)
_TYPED = re.compile(
    r"^Submission Field:\s*\n(?!There is no student submission)(.*?)^Comments:",
    re.MULTILINE | re.DOTALL,
)
_BRIGHTSPACE = re.compile(r"(?P<id>\d+)-\d+ - (?P<name>.+?) - (?P<time>.+)")
_GRADESCOPE = re.compile(r"submission_(\d+)")


def _by_name(
    files: Files, part: Callable[[Handed], str], pattern: re.Pattern[str]
) -> list[tuple[Handed, re.Match[str]]]:
    """The files whose name says whose they are, if it is that of most of them."""
    found = [(file, match) for file in files if (match := pattern.fullmatch(part(file)))]
    return found if 2 * len(found) > len(files) else []


def _base(file: Handed) -> str:
    return file.base


def _first(file: Handed) -> str:
    return file.name.partition("/")[0]


def canvas(files: Files) -> Iterator[Piece]:
    """Canvas's zip of submissions."""
    for file, match in _by_name(files, _base, _CANVAS):
        if match["anonymous"]:
            yield Piece(match["anonymous"], file, _late(match["late_too"]))
        else:
            who = {"id": match["id"], "name": match["name"]}
            yield Piece(match["id"], file, who | _late(match["late"]))


def _late(mark: str | None) -> dict[str, str]:
    return {"late": "1"} if mark else {}


def moodle(files: Files) -> Iterator[Piece]:
    """Moodle's zip of an assignment, with folders or without."""
    for file, match in _by_name(files, _first, _MOODLE):
        number = match["id"]
        yield Piece(number, file, {"participant": number, "name": match["name"]})


def blackboard(files: Files) -> Iterator[Piece]:
    """Blackboard's zip of an assignment; a receipt tells the student's name."""
    found = _by_name(files, _base, _BLACKBOARD)
    receipts = {file: read_text(file.path)[0] for file, match in found if match["receipt"]}
    names = {told[2]: told[1] for text in receipts.values() if (told := _RECEIPT.search(text))}
    for file, match in found:
        login, time = match["login"], float(match["time"].replace("-", ""))
        who = {"login": login, "name": names.get(login, "")}
        typed = _TYPED.search(receipts.get(file, ""))
        text = None if file not in receipts else typed[1] if typed else ""
        yield Piece(login, file, who, time, text)


def brightspace(files: Files) -> Iterator[Piece]:
    """Brightspace's zip of an assignment."""
    for file, match in _by_name(files, _first, _BRIGHTSPACE):
        yield Piece(match["id"], file, {"name": match["name"]}, _time(match["time"]))


def _time(text: str) -> float:
    for form in ("%b %d, %Y %I%M %p", "%B %d, %Y %I%M %p", "%d %B, %Y %H%M", "%Y-%m-%d %H%M"):
        with suppress(ValueError):
            return float(datetime.strptime(text, form).strftime("%Y%m%d%H%M"))  # noqa: DTZ007
    return 0.0


def gradescope(files: Files) -> Iterator[Piece]:
    """Gradescope's export of an assignment; a group's work is that of all its members."""
    tables = [file for file in files if file.base == "submission_metadata.yml"]
    if len(tables) != 1:
        return
    submitters = _submitters(tables[0])
    above = tables[0].folders
    for file in files:
        inner = file.folders[len(above) :]
        match = _GRADESCOPE.fullmatch(inner[0]) if inner else None
        for who in submitters.get(match[0], ()) if match else ():
            student = who.get("email") or who.get("sis_id") or who.get("name", "")
            yield Piece(student, file, who)


_SUBMISSION = re.compile(r"(submission_\d+):\s*")
_FIELD = re.compile(r"\s*(-\s+)?:?(name|sid|email):\s*(.*?)\s*")
_FIELDS = {"name": "name", "sid": "sis_id", "email": "email"}


def _submitters(file: Handed) -> dict[str, list[dict[str, str]]]:
    """Who handed in which submission.  Of YAML only what Gradescope writes is read."""
    found: dict[str, list[dict[str, str]]] = {}
    people: list[dict[str, str]] = []
    asked = False
    for line in decoded(read_bytes(file.path), file.where).splitlines():
        if begins := _SUBMISSION.fullmatch(line):
            people = found.setdefault(begins[1], [])
            asked = False
        elif re.fullmatch(r"  :?\w+:.*", line):
            asked = line.strip().strip(":") == "submitters"
        elif asked and (told := _FIELD.fullmatch(line)):
            if told[1]:
                people.append({})
            if people and told[3].strip("'\""):
                people[-1][_FIELDS[told[2]]] = told[3].strip("'\"")
    if not any(found.values()):
        raise ParseError(f"{file.where} names no submitters")
    return found


def nbgrader(files: Files) -> Iterator[Piece]:
    """nbgrader's folder of submissions, or the folder above it."""
    inside = [file for file in files if "submitted" in file.folders] or list(files)
    depth = inside[0].folders.index("submitted") + 1 if "submitted" in inside[0].folders else 0
    books = [file for file in inside if file.ending == ".ipynb" and len(file.folders) == depth + 2]
    if not books or (not depth and len(books) < len(inside) - sum(_stamp(f) for f in inside)):
        return
    names = sorted({file.folders[depth + 1] for file in books})
    if len(names) > 1:
        one = f"the folders of {names[0]} in a folder of their own"
        raise ParseError(f"there are several assignments: {', '.join(names)}", hint=one)
    for file in books:
        yield Piece(file.folders[depth], file)


def plain(files: Files) -> Iterator[Piece]:
    """Files ``ann.txt``, or folders ``ann/…``."""
    for file in files:
        first = _first(file)
        if not first.startswith("_"):
            yield Piece(first if file.folders else first.removesuffix(file.ending), file)


def _stamp(file: Handed) -> bool:
    return file.base == "timestamp.txt"
