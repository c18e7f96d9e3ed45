"""Marks that people gave on paper: a table ``student,points,comment`` beside the key file."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from graphdiff.core.support.loading import csv_rows
from graphdiff.errors import ParseError

from .decoding import read_text
from .variants import exact

__all__ = ["Mark", "read_marks"]


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody gave a student."""

    where: str
    student: str
    """Any of his names: id, login, e-mail."""
    points: Fraction
    comment: str = ""


def read_marks(path: Path) -> tuple[Mark, ...]:
    """The marks of a table; a student whose points are blank is not marked yet.

    Raises ParseError.
    """
    text, _ = read_text(path)
    lines = csv_rows(text.splitlines(keepends=True), path)
    _, header = next(lines, (0, []))
    columns = [name.strip().lower() for name in header]
    if columns[:2] != ["student", "points"] or columns[2:] not in ([], ["comment"]):
        raise ParseError(f"{path}: the first line is not student,points,comment")
    found: dict[str, Mark] = {}
    for line, cells in lines:
        where = f"{path}, line {line}"
        student, points, comment = (*[cell.strip() for cell in cells], "", "", "")[:3]
        if not student or not points:
            continue
        number = exact(points)
        if number is None or number < 0:
            raise ParseError(f"{where}: {points[:60]!r} is no number of points")
        if student in found:
            raise ParseError(f"{where}: {student} stands in {found[student].where}, too")
        found[student] = Mark(where, student, number, comment)
    return tuple(found.values())
