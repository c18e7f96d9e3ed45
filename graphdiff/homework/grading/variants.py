"""Variants: every student's own numbers in a problem's text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from graphdiff.core.support.loading import csv_rows
from graphdiff.errors import ParseError

from .decoding import read_text

__all__ = ["Parameters", "Variants", "exact", "filled", "read_variants"]

Parameters = Mapping[str, Fraction]
_NUMBER = re.compile(r"[-+−]?(\d{1,200}(\.\d{0,200})?|\.\d{1,200})(/[1-9]\d{0,200})?", re.ASCII)
_HOLE = re.compile(r"\{([A-Za-z_]\w*)\}")


@dataclass(frozen=True, slots=True)
class Variants:
    """Parameters by student."""

    rows: Mapping[str, Parameters]

    def of(self, identities: Iterable[str]) -> Parameters | None:
        """The parameters of a student, under any of the names that are known of him."""
        return next((self.rows[name] for name in identities if name in self.rows), None)


def exact(value: Any) -> Fraction | None:
    """A number as an exact fraction; None for what is none.

    >>> exact("-0.25"), exact("2/3"), exact("__import__('os')")
    (Fraction(-1, 4), Fraction(2, 3), None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Fraction):
        return Fraction(value)
    text = repr(value) if isinstance(value, float) else value
    if not isinstance(text, str) or not _NUMBER.fullmatch(text.strip()):
        return None
    above, _, below = text.strip().replace("−", "-").partition("/")
    return Fraction(above) / Fraction(below or 1)


def filled(text: str, parameters: Parameters) -> str:
    """The text with numbers in place of ``{a}``, in brackets, so that ``2^{a}`` stays a power.

    Raises ParseError for a parameter without a number.

    >>> filled("{a}*x^2", {"a": Fraction(-3)})
    '(-3)*x^2'
    """

    def number(hole: re.Match[str]) -> str:
        if hole[1] not in parameters:
            raise ParseError(f"there is no number for {{{hole[1]}}} in {text}")
        return f"({parameters[hole[1]]})"

    return _HOLE.sub(number, text)


def read_variants(table: Any, where: str, folder: Path | None) -> Variants:
    """Variants of a key file: a table by student, or ``{file = "variants.csv"}``."""
    if isinstance(table, str):
        table = {"file": table}
    if not isinstance(table, Mapping):
        raise ParseError(f"{where}: variants is not a table", hint="variants = {ann = {a = 3}}")
    rows: dict[str, Parameters] = {}
    for student, numbers in table.items():
        if student == "file" and isinstance(numbers, str):
            path = (folder or Path()) / numbers
            rows |= _from_csv(path)
        elif not isinstance(numbers, Mapping):
            raise ParseError(f"{where}: variants of {student} are not a table", hint="{a = 3}")
        else:
            rows[student] = _numbers(numbers, f"{where}: variants of {student}")
    return Variants(rows)


def _from_csv(path: Path) -> dict[str, Parameters]:
    """A table ``student,a,b`` with a line for everyone."""
    text, _ = read_text(path)
    lines = csv_rows(text.splitlines(keepends=True), path)
    _, header = next(lines, (0, []))
    header = [name.strip() for name in header]
    if len(header) < 2 or header[0].lower() not in ("student", "id", "email", "sis_id"):
        raise ParseError(f"{path}: the first line is not student,a,…")
    rows: dict[str, Parameters] = {}
    for line, cells in lines:
        where = f"{path}, line {line}"
        if len(cells) != len(header):
            raise ParseError(f"{where} has {len(cells)} cells, the first line {len(header)}")
        rows[cells[0].strip()] = _numbers(dict(zip(header[1:], cells[1:], strict=True)), where)
    return rows


def _numbers(table: Mapping[str, Any], where: str) -> Parameters:
    numbers = {}
    for name, value in table.items():
        number = exact(value)
        if number is None:
            hint = "an integer, a decimal or a fraction such as 2/3"
            raise ParseError(f"{where}: {name} = {str(value)[:60]!r} is no number", hint=hint)
        numbers[name] = number
    return numbers
