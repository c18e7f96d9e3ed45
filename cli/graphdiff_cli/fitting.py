"""Tables that fit the width of a terminal without a number or a name in two lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from graphdiff.errors import cell_width

__all__ = ["column_widths", "fitted", "records", "wrapped"]

_NUMBER = r"\d[\d.]*(?:,\d{3})*(?:e[-−+]?\d+)?(?:/\d+)?"
_PIECE = re.compile(
    rf"\s+|[(\[{{|∂√]*[-−+]?(?:{_NUMBER}|[^\W\d][\w']*|\S)[)\]}}|,.:;⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*"
)  # fmt: skip
"""What stays in one line: a number or a name, with the brackets around it; or a blank."""
_FULL = 0.6
"""How much of a line must be used before a better place for a break counts."""
_SIGNS = frozenset("+−-*·/=")


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

    >>> wrapped("2·w·h·(1 − tanh(n3)²) + 2·w²·h", 24)
    '2·w·h·(1 − tanh(n3)²)\\n+ 2·w²·h'
    """
    return "\n".join(_line(line, width) for line in text.split("\n"))


def _line(text: str, width: int) -> str:
    body = text.lstrip()
    indent = len(text) - len(body)
    pieces = _PIECE.findall(body)
    ends = [*accumulate(map(cell_width, pieces), initial=indent)]
    costs = _costs(pieces)
    lines, start, begin = [], 0, 0  # a line begins at piece `start`, in column `begin` of the text
    for k, piece in enumerate(pieces):
        while start < k and ends[k] - begin + cell_width(piece.rstrip()) > width:
            at = min(
                (b for b in range(start + 1, k + 1) if b == k or ends[b] - begin > width * _FULL),
                key=lambda b: (costs[b], -b),
            )
            lines.append("".join(pieces[start:at]).strip())
            start = at + pieces[at].isspace()
            begin = ends[start]
    lines.append("".join(pieces[start:]).strip())
    return " " * indent + "\n".join(lines)


def _costs(pieces: Sequence[str]) -> list[int]:
    """What a break before each piece tears apart: open brackets, a function from its own."""
    costs, depth, before = [], 0, ""
    for piece in pieces:
        call = piece[0] in "([{" and (before[-1:].isalnum() or before[-1:] in "_'")
        costs.append(2 * depth + 3 * call + (before in _SIGNS))
        depth += sum(map(piece.count, "([{")) - sum(map(piece.count, ")]}"))
        before = piece if piece.strip() else before
    return costs


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
