"""Jacobians as tables for the terminal, and as JSON (schema ``graphdiff.jacobian/1``)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product
from textwrap import wrap
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.shape import Dim, Shape
from graphdiff.core.support.section import Section
from graphdiff.language.notation.numbers import show_number
from graphdiff.program.unfold import entry_name

from .forming import LONGEST
from .operators import count

if TYPE_CHECKING:
    from .result import Jacobian

__all__ = ["document", "sections"]

SHOWN = 32
"""Rows and columns up to which a matrix is printed."""
_WIDTH = 76
_LISTED = 16
"""Formulas that are listed one by one, where a matrix of them is too wide."""


def sections(found: Jacobian, batch: int | None = None) -> list[Section]:
    """The matrix, if it is small, then its structure, its size and what checked it.

    ``batch`` is how many vectors to say the size for; 100 where there is but one variable.
    """
    tables = []
    texts = _texts(found)
    title = f"∂{found.output}/∂{found.wrt} ({_layout(found)})"
    if texts is not None:
        tables.append(_matrix(found, title, texts))
    elif listed := _listed(found):
        tables.append(Section(title, ("entry", "formula"), listed))
    size, *batched = _sizes(found, batch)
    rows = [("", text) for text in batched]
    rows += [("structure", line) for text in _structure(found) for line in wrap(text, _WIDTH - 12)]
    if found.notation is not None and (found.formulas is None or found.rows * found.columns > 1):
        rows += [("formula", line) for line in wrap(found.notation, _WIDTH - 12)]
    if found.unwritten:
        rows += [("formulas", f"not written out: {found.unwritten}")]
    rows += [("where", f"{name} = {meaning}") for name, meaning in found.legend.items()]
    if found.checked is not None:
        mark = {True: "ok", False: "WRONG", None: "note"}[found.checked.ok]
        lines = wrap(found.checked.detail, _WIDTH - 18)
        rows += [("checked", f"{mark if k == 0 else '  '}  {line}") for k, line in enumerate(lines)]
    shown = [(name if k == 0 or rows[k - 1][0] != name else "", text)
             for k, (name, text) in enumerate(rows)]  # fmt: skip
    heading = f"∂{found.output}/∂{found.wrt}: structure" if tables else title
    return [*tables, Section(heading, ("size", size), tuple(shown))]


def _layout(found: Jacobian) -> str:
    text = f"{found.layout} layout"
    return text + ", entries row by row" if found.flattened else text


def _structure(found: Jacobian) -> list[str]:
    here = [s.text for s in found.structures]
    lines = list(here) or ["no special structure"]
    if 1 in (found.rows, found.columns) and not here:
        lines = ["a number" if found.rows == found.columns else
                 "one row" if found.rows == 1 else "one column"]  # fmt: skip
    names = {s.name for s in found.structures}
    always = [s.text for s in found.everywhere if s.name not in {*names, "sparse"}]
    if found.formed and always:
        lines[0] += " (at this point)"
        lines += [f"{text} (at every point)" for text in always]
    return lines


def _sizes(found: Jacobian, batch: int | None) -> list[str]:
    rows, columns = found.size
    formed = "formed at a point" if found.unwritten else "never formed"
    texts = _texts(found)
    hidden = texts is None or (texts and any("■" in row for row in texts))
    if found.formed:
        formed = "formed here" + ("; --json prints it" if hidden else "")
    elif found.formulas is not None:
        formed = "written out" + (" by --json" if hidden and not _listed(found) else "")
        if any("…" in row for row in found.formulas):
            formed += f" up to {LONGEST} characters"
    amount = "" if found.bytes is None else f", {_bytes(found.bytes)} in doubles"
    lines = [f"{rows} × {columns}{amount}; {formed}"]
    one = len(found.output_shape) <= 1 == len(found.input_shape)
    batch = batch or (100 if len(found.variables) == 1 else 1)
    if one and batch > 1:
        rows, columns = (count((batch, *shape)) for shape in found.shape)
        lines.append(f"with a batch of {batch:,}: {rows} × {columns}, block-diagonal")
    return lines


def _bytes(amount: int) -> str:
    """
    >>> _bytes(128), _bytes(1_342_177_280_000)
    ('128 bytes', '1.34 TB')
    """
    if amount < 1000:
        return f"{amount} bytes"
    power = min(int(math.log10(amount) / 3), 5)
    return f"{show_number(amount / 1000**power, 3)} {('', 'kB', 'MB', 'GB', 'TB', 'PB')[power]}"


def _texts(found: Jacobian) -> list[list[str]] | None:
    """The entries as text, as precisely as fits the terminal; zeros are dots."""
    if max(found.rows, found.columns) > SHOWN:
        return None
    if found.formulas is not None:
        texts = [["·" if text == "0" else text for text in row] for row in found.formulas]
        if _fits(found, texts):
            return texts
        few = found.rows * found.columns <= _LISTED
        return None if few else [["·" if text == "·" else "■" for text in row] for row in texts]
    if found.matrix is None:
        return None
    for show in _WAYS:
        texts = [["·" if v == 0 else show(v) for v in row] for row in found.matrix.tolist()]
        if _fits(found, texts):
            return texts
    # Too wide for numbers: where there are any.
    return [["·" if v == 0 else "■" for v in row] for row in found.matrix.tolist()]


def _listed(found: Jacobian) -> tuple[tuple[str, str], ...]:
    """A few formulas, one below the other, where a matrix of them is too wide."""
    if found.formulas is None or found.rows * found.columns > _LISTED:
        return ()
    places = product(*map(_places, (found.output_shape, found.input_shape)))
    names = [f"∂{entry_name(found.output, y)}/∂{entry_name(found.wrt, x)}" for y, x in places]
    texts = [text for row in found.formulas for text in row]
    if found.layout == "gradient":
        texts = [text for column in zip(*found.formulas, strict=True) for text in column]
    room = _WIDTH - max(map(len, names)) - 2
    lines: list[tuple[str, str]] = []
    pairs = list(zip(names, texts, strict=True))
    filled = [(name, text) for name, text in pairs if text != "0"]
    if len(filled) < len(pairs):
        filled.append(("all others", "0"))
    for name, text in filled:
        first, *rest = wrap(text, room)
        lines += [(name, first), *(("", line) for line in rest)]
    return tuple(lines)


def _significant(digits: int) -> Callable[[Any], str]:
    return lambda value: show_number(value, digits, "−")


def _rounded(places: int) -> Callable[[Any], str]:
    return lambda value: f"{float(value):z.{places}f}".replace("-", "−")


_WAYS = (*map(_significant, (6, 4, 3)), *map(_rounded, (3, 2)))
"""Numbers as text, ever shorter."""


def _heads(found: Jacobian) -> tuple[list[str], list[str]]:
    """Names of the rows and columns: entries of the output and of the variable."""
    outputs, inputs = _places(found.output_shape), _places(found.input_shape)
    rows = [entry_name(found.output, place) for place in outputs]
    columns = [entry_name(found.wrt, place) for place in inputs]
    if (len(rows), len(columns)) == (found.rows, found.columns) and found.layout != "gradient":
        return rows, columns
    if (len(columns), len(rows)) == (found.rows, found.columns):
        return columns, rows
    return [str(k) for k in range(found.rows)], [str(k) for k in range(found.columns)]


def _places(shape: Shape) -> list[tuple[int, ...]]:
    return list(product(*(range(n) for n in shape)))


def _fits(found: Jacobian, texts: Sequence[Sequence[str]]) -> bool:
    return _short(found, texts) or _width(found, texts, _heads(found)[1]) <= _WIDTH


def _short(found: Jacobian, texts: Sequence[Sequence[str]]) -> bool:
    return _width(found, texts, [str(k) for k in range(found.columns)]) <= _WIDTH


def _width(found: Jacobian, texts: Sequence[Sequence[str]], heads: Sequence[str]) -> int:
    widths = [max(map(len, column)) for column in zip(heads, *texts, strict=True)]
    return max(map(len, _heads(found)[0])) + sum(w + 2 for w in widths)


def _matrix(found: Jacobian, title: str, texts: list[list[str]]) -> Section:
    rows, columns = _heads(found)
    if any("■" in row for row in texts):
        title += ": ■ where an entry is not zero"
    if _width(found, texts, columns) > _WIDTH:
        columns = [str(k) for k in range(found.columns)]
    if _width(found, texts, columns) > _WIDTH:  # one character a column
        lines = tuple((name, " ".join(row)) for name, row in zip(rows, texts, strict=True))
        return Section(title, ("", "columns in order"), lines)
    table = tuple((name, *row) for name, row in zip(rows, texts, strict=True))
    return Section(title, ("", *columns), table, frozenset(range(1, len(columns) + 1)))


# -- JSON --------------------------------------------------------------------------------------


def document(found: Sequence[Jacobian]) -> dict[str, Any]:
    """The contract: one object for each variable."""
    return {
        "schema": "graphdiff.jacobian/1",
        "source": found[0].source if found else "",
        "jacobians": [_one(one) for one in found],
    }


def _one(found: Jacobian) -> dict[str, Any]:
    checked = found.checked
    return {
        "output": found.output, "wrt": found.wrt, "layout": found.layout,
        "output_shape": _sizes_of(found.output_shape), "input_shape": _sizes_of(found.input_shape),
        "size": [None, None] if found.symbolic else [found.rows, found.columns],
        "size_text": " × ".join(found.size), "bytes": found.bytes, "formed": found.formed,
        "structure": [_plain(s) for s in found.structures],
        "everywhere": [_plain(s) for s in found.everywhere],
        "notation": found.notation, "legend": dict(found.legend),
        "matrix": None if found.matrix is None else _numbers(found.matrix.tolist()),
        "formulas": None if found.formulas is None else [list(row) for row in found.formulas],
        "unwritten": found.unwritten,
        "verification": None if checked is None else {
            "ok": checked.ok, "entries": checked.entries,
            "max_error": _numbers(checked.max_error),
            "kinks": checked.kinks, "jumps": checked.jumps, "detail": checked.detail,
        },
    }  # fmt: skip


def _sizes_of(shape: Shape) -> list[int | str]:
    return [n.name if isinstance(n, Dim) else int(n) for n in shape]


def _plain(structure: Any) -> dict[str, Any]:
    facts = {key: _numbers(value) for key, value in structure.facts}
    return {"name": structure.name, "text": structure.text, **facts}


def _numbers(value: Any) -> Any:
    """Nested numbers as JSON has them: a fraction as the double next to it, null for a number that
    no double holds."""
    if isinstance(value, list | tuple):
        return [_numbers(v) for v in value]
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        return value
    try:
        near = float(value)
    except OverflowError:
        return None
    if not math.isfinite(near):
        return None
    return value if isinstance(value, int) else near
