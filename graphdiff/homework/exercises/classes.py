"""A sheet of its own for everybody of a class, and one key file that grades them all."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any

from graphdiff.core.support.words import words
from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading.writing import safe_name

from .derivatives import Differentiation
from .files import files, number, quoted, short_decimal
from .numerals import bracketed, entries_of
from .sheets import Item
from .tables import answers

__all__ = ["class_files"]

_NUMBER = re.compile(r"(?<![\w.])\d+(?:\.\d+)?")


def class_files(
    students: Sequence[str], items: Sequence[Item], like: str, *, seed: int = 0,
    language: str = "en", title: str = "", progress: Callable[[int], None] | None = None,
) -> Iterator[tuple[str, bytes]]:  # fmt: skip
    """What ``graphdiff exercise --roster`` writes, by file name; everybody gets as many exercises.

    Raises GraphDiffError if their exercises differ in more than numbers.
    """
    each = len(items) // len(students)
    sheets = [items[k * each : (k + 1) * each] for k in range(len(students))]
    yield from _key(students, sheets, language, title)
    for done, (student, own) in enumerate(zip(students, sheets, strict=True), 1):
        for name, data in files(own, like, seed=seed, language=language, title=title).items():
            yield f"{safe_name(student)}/{name}", data
        if progress is not None:
            progress(done)


def _key(
    students: Sequence[str], sheets: Sequence[Sequence[Item]], language: str, title: str
) -> Iterator[tuple[str, bytes]]:
    """The key file of the class, and a table of everybody's numbers for each of its problems."""
    said = words(language, "exercise")
    lines = ["[homework]", f"title = {quoted(title or said['exercises'])}",
             f"language = {quoted(language)}", ""]  # fmt: skip
    for nth, column in enumerate(zip(*sheets, strict=True), 1):
        name = f"e{number(nth, sheets[0])}"
        text, rows = _holes([item.program for item in column])
        lines += ["[[problem]]", f'id = "{name}"',
                  f"title = {quoted(said('exercise', number=nth))}"]  # fmt: skip
        first = column[0]
        if isinstance(first, Differentiation):
            lines += [f"function = {quoted(text)}", f"wrt = {quoted(first.wrt)}"]
        else:
            points = [item.point for item in column if not isinstance(item, Differentiation)]
            holes = (f"{{at{k}}}" for k in count(1))
            told = ", ".join(
                f"{quoted(v)} = {quoted(_holed(x, holes))}" for v, x in first.point.items()
            )
            asked = ", ".join(map(quoted, answers(first)))
            lines += [f"program = {quoted(text)}", f"at = {{{told}}}", f"asked = [{asked}]"]
            for row, point in zip(rows, points, strict=True):
                given = entries_of(list(point.values()))
                row |= {f"at{k}": short_decimal(x) for k, x in enumerate(given, 1)}
        lines += [f'variants = {{file = "variants-{name}.csv"}}', ""]
        yield f"variants-{name}.csv", _table(students, rows)
    yield "key.toml", "\n".join(lines).encode()


def _holed(value: Any, holes: Iterator[str]) -> str:
    """A number, or an array, with a hole for every entry."""
    return bracketed(value, lambda _: next(holes))


def _holes(programs: Sequence[str]) -> tuple[str, list[dict[str, str]]]:
    """One text with ``{c1}`` where the numbers of programs differ, and the numbers of each."""
    texts = {_NUMBER.sub("#", program) for program in programs}
    if len(texts) > 1:
        raise GraphDiffError(
            "these exercises differ in more than their numbers, and have no common key",
            hint="without --vary gates; or another --seed",
        )
    numbers = [_NUMBER.findall(program) for program in programs]
    rows: list[dict[str, str]] = [{} for _ in programs]
    holes = []
    for k, values in enumerate(zip(*numbers, strict=True), 1):
        differ = len(set(values)) > 1
        holes.append(f"{{c{k}}}" if differ else values[0])
        if differ:
            for row, value in zip(rows, values, strict=True):
                row[f"c{k}"] = value
    filled = iter(holes)
    return _NUMBER.sub(lambda _: next(filled), programs[0]), rows


def _table(students: Sequence[str], rows: Sequence[dict[str, str]]) -> bytes:
    file = io.StringIO()
    table = csv.writer(file, lineterminator="\n")
    # A problem that is the same for all still has a column, and everybody a row.
    names = list(rows[0]) or ["same"]
    table.writerow(["student", *names])
    for student, row in zip(students, rows, strict=True):
        table.writerow([student, *(row.get(name, "0") for name in names)])
    return file.getvalue().encode()
