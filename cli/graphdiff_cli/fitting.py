"""Tables that fit the width of a terminal without a number or a name in two lines."""

from __future__ import annotations

import re
from collections.abc import Sequence

from graphdiff.errors import cell_width

__all__ = ["column_widths", "fitted", "records", "wrapped"]

_NUMBER = r"\d[\d.]*(?:,\d{3})*(?:e[-−+]?\d+)?(?:/\d+)?"
_PIECE = re.compile(
    rf"\s+|[(\[{{|∂√]*[-−+]?(?:{_NUMBER}|[^\W\d][\w']*|\S)[)\]}}|,.:;⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*"
)  # fmt: skip
"""What stays in one line: a number or a name, with the brackets around it; or a blank."""


def column_widths(rows: Sequence[Sequence[str]], room: int) -> list[int] | None:
    """Widths that fit the room, the widest columns made narrower; None where none do.

    >>> column_widths([("x", "where(x > 0, 1, 0)", "-2.5")], 16)
    [1, 11, 4]
    """
    columns = list(zip(*rows, strict=True))
    widths = [max(_natural(cell) for cell in column) for column in columns]
    least = [max(_least(cell) for cell in column) for column in columns]
    if sum(least) > room:
        return None
    while sum(widths) > room:
        wide = max(
            (k for k in range(len(widths)) if widths[k] > least[k]), key=widths.__getitem__
        )  # fmt: skip
        widths[wide] -= 1
    return widths


def fitted(text: str, width: int) -> str:
    """Lines of a text that are too long, broken, what follows as far in as they begin.

    >>> print(fitted("  a = 1/3 + 12,345", 12))
      a = 1/3 +
      12,345
    """
    return "\n".join(
        line if cell_width(line) <= width else _hanging(line, width) for line in text.split("\n")
    )


def _hanging(line: str, width: int) -> str:
    """A line over several, all beginning where it does, if there is room."""
    text = line.lstrip()
    indent = min(len(line) - len(text), max(0, width - _least(text)))
    lines = wrapped(text, width - indent).split("\n")
    return "\n".join(" " * indent + part for part in lines)


def wrapped(text: str, width: int) -> str:
    """The text in lines of that width, broken between numbers, names and signs.

    >>> wrapped("n2·where(n3, 1, 0)", 8)
    'n2·where\\n(n3, 1,\\n0)'
    """
    return "\n".join(_line(line, width) for line in text.split("\n"))


def _line(text: str, width: int) -> str:
    indent = len(text) - len(text.lstrip())
    lines, line = [], " " * indent
    for piece in _PIECE.findall(text.lstrip()):
        if cell_width(line) + cell_width(piece.rstrip()) > width and line.strip():
            lines.append(line.rstrip())
            line = "" if piece.isspace() else piece
        elif line.strip() or not piece.isspace():
            line += piece
    return "\n".join([*lines, line.rstrip()])


def records(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> str:
    """Rows one below the other, each cell behind its header: for what fits no columns.

    >>> print(records(("node", "value"), [("x", "-2"), ("", "3")], 20))
      node   x
      value  -2
    <BLANKLINE>
      value  3
    """
    margin = max(map(cell_width, headers))
    blocks = []
    for row in rows:
        lines = []
        for header, cell in zip(headers, row, strict=True):
            if not cell:
                continue
            if width - margin - 4 < _least(cell):  # no room beside the header
                below = wrapped(cell, max(width - 4, 1)).split("\n")
                lines += [f"  {header}", *(f"    {line}" for line in below)]
                continue
            first, *more = wrapped(cell, width - margin - 4).split("\n")
            lines.append(f"  {header}{' ' * (margin - cell_width(header))}  {first}")
            lines += [" " * (margin + 4) + line for line in more]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _natural(cell: str) -> int:
    return max(map(cell_width, cell.split("\n")))


def _least(cell: str) -> int:
    return max((cell_width(piece.strip()) for piece in _PIECE.findall(cell)), default=0)
