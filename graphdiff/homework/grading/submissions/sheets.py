"""Tables of spreadsheets: the first sheet of an ``.xlsx`` file, as it shows."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO, Any

from graphdiff.core.support.parts import part
from graphdiff.errors import LimitExceeded, ParseError

from .archives import is_zip

__all__ = ["is_sheet", "sheet_rows"]

_LARGEST = 200_000_000
"""Bytes that all of a file may have when it is unpacked."""


def is_sheet(path: Path) -> bool:
    """Whether a file is a workbook, whatever it is called."""
    if not is_zip(path):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return "xl/workbook.xml" in archive.namelist()
    except (zipfile.BadZipFile, OSError, NotImplementedError):
        return False


@contextmanager
def sheet_rows(
    path: Path, warn: Callable[[str], None]
) -> Iterator[Iterator[tuple[int, list[str]]]]:
    """The rows of the first sheet that are not empty, each with its number.

    Raises ProgramMissing without the package that reads it, ParseError for what cannot be read.
    """
    instead = "or save the table as CSV"
    openpyxl: Any = part("openpyxl", "a table of a spreadsheet needs", instead)
    with zipfile.ZipFile(path) as archive:
        if sum(info.file_size for info in archive.infolist()) > _LARGEST:
            raise LimitExceeded(f"{path} would have more than {_LARGEST:,} bytes")
    with path.open("rb") as file, closing(_book(openpyxl, file, path)) as book:
        if not book.worksheets:
            raise ParseError(f"{path} has no sheet with cells")
        if len(book.worksheets) > 1:
            warn(f"{path}: of its sheets the first one is read: {book.worksheets[0].title}")
        yield _rows(book.worksheets[0], path)


def _book(openpyxl: Any, file: IO[bytes], path: Path) -> Any:
    with _told(path):
        return openpyxl.load_workbook(file, read_only=True, keep_links=False)


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except Exception as error:  # noqa: BLE001  whatever a damaged file does to its reader
        hint = "open it and save it again, or save it as CSV"
        reason = " ".join(str(error).split())
        raise ParseError(f"{path} is no workbook that can be read: {reason}", hint=hint) from None


def _rows(sheet: Any, path: Path) -> Iterator[tuple[int, list[str]]]:
    for number, row in enumerate(_read(sheet, path), 1):
        formula = next((cell for cell in row if cell.data_type == "f"), None)
        if formula is not None:
            raise ParseError(
                f"{path}: cell {formula.coordinate} is a formula, not an answer: {formula.value}",
                hint="paste values only, with the column formatted as text, or save it as CSV",
            )
        cells = [_text(cell.value) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if any(cells):
            yield number, cells


def _read(sheet: Any, path: Path) -> Iterator[Any]:
    """Rows as they are read: a file may be damaged anywhere."""
    rows = sheet.iter_rows()
    while True:
        with _told(path):
            row = next(rows, None)
        if row is None:
            return
        yield row


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value).strip()
