"""TOML, JSON and CSV as others write them: what cannot be read is one error that says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from graphdiff.errors import LimitExceeded, ParseError

__all__ = ["csv_rows", "decoded", "read_bytes", "read_json", "read_toml"]

_LARGEST = 16_000_000
_CELL = 8_000_000
"""Characters of a cell; csv's own limit of 131,072 would let one cell stop the run."""


def read_bytes(path: Path, most: int = _LARGEST, limit: str = "", what: str = "") -> bytes:
    """What is in a file; an error says ``what`` it was for.

    Raises ParseError, and LimitExceeded for a file of more than ``most`` bytes.
    """
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except OSError as error:
        raise ParseError(f"cannot read {what}{path}: {error.strerror}") from None
    except ValueError as error:  # a name that no file has
        raise ParseError(f"cannot read {what}{path}: {error}") from None
    if len(data) > most:
        raise LimitExceeded(f"{path} is larger than {most:,} bytes", limit=limit)
    return data


def read_toml(data: bytes | str, where: object, decimals: Callable[[str], Any] = float) -> Any:
    """The table of a TOML text; ``decimals`` reads numbers with a point.  Raises ParseError.

    >>> read_toml("x = 0.1", "t", decimals=str)
    {'x': '0.1'}
    """
    import tomllib

    try:
        return tomllib.loads(decoded(data, where), parse_float=decimals)
    except (ValueError, RecursionError) as error:
        _refuse("TOML", where, error)


def read_json(data: bytes | str, where: object, **numbers: Any) -> Any:
    """What a JSON text says; ``numbers`` are arguments of ``json.loads``.  Raises ParseError.

    >>> read_json('{"x": [1', "t")
    Traceback (most recent call last):
    graphdiff.errors.ParseError: t is not JSON: Expecting ',' delimiter: line 1 column 9 (char 8)
    """
    import json

    try:
        return json.loads(decoded(data, where), **numbers)
    except (ValueError, RecursionError) as error:
        _refuse("JSON", where, error)


def decoded(data: bytes | str, where: object) -> str:
    """UTF-8 text, with or without a byte order mark.  Raises ParseError."""
    if isinstance(data, str):
        return data
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ParseError(f"{where}: it is not UTF-8 text (byte {error.start})") from None


def _refuse(kind: str, where: object, error: Exception) -> NoReturn:
    reason = str(error)
    if isinstance(error, RecursionError):
        reason = "brackets are nested too deeply"
    elif "integer string conversion" in reason:
        reason = "an integer has thousands of digits"
    raise ParseError(f"{where} is not {kind}: {reason}") from None


def csv_rows(
    lines: Iterable[str], where: object, separator: str = ",", *, strict: bool = False
) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV text that are not empty, each with the number of its last line.

    Raises ParseError.

    >>> list(csv_rows(["x,y", "", '1,"2,5"'], "t"))
    [(1, ['x', 'y']), (3, ['1', '2,5'])]
    """
    import csv

    reader = csv.reader(lines, delimiter=separator, strict=strict)
    while True:
        before = csv.field_size_limit(_CELL)  # a setting of the whole process
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            hint = "a quotation mark in a cell is written twice" if strict else ""
            raise ParseError(f"{where}, line {reader.line_num}: {error}", hint=hint) from None
        except UnicodeDecodeError as error:
            raise ParseError(f"{where}: after line {reader.line_num}: {error.reason}") from None
        finally:
            csv.field_size_limit(before)
        if any(cell.strip() for cell in cells):
            yield reader.line_num, cells
