"""An explanation as plain text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from graphdiff.errors import cell_width

from .narrative import Block

__all__ = ["to_text"]


def to_text(
    blocks: Sequence[Block], lang: str = "en", standalone: bool = False, columns: int = 80
) -> str:
    """Numbered steps, details indented below them, in lines of that many columns."""
    lines: list[str] = []
    count = 0
    for block in blocks:
        text = str(block.text)
        match block.kind:
            case "heading":
                count = 0
                lines += ["", *_wrapped(text, columns)]
            case "step":
                count += 1
                number = f"  {count}. "
                lines += _wrapped(number + text, columns, len(number))
            case "detail":
                lines += _wrapped(f"     {text}", columns, 7)
            case "fact":
                lines += _wrapped(f"  {text}", columns, 4)
            case "display":
                lines += ["", *(f"    {line}" for line in text.splitlines()), ""]
            case _:
                lines += _wrapped(text, columns)
    return "\n".join(lines) + "\n"


def _wrapped(line: str, columns: int, indent: int = 0) -> list[str]:
    """A line over as many as it needs, the others indented.

    >>> _wrapped("  1. " + "[1, 2, 3], " * 9, 80, 5)[1]
    '     [1, 2, 3], [1, 2, 3], [1, 2, 3],'
    """
    bare = line.lstrip(" ")
    if "  " not in bare and not bare.endswith(" ") and cell_width(line) <= columns:
        return [line]
    lines: list[str] = []
    filled = 0
    for word in _words(line):
        width = cell_width(word)
        if lines and filled + 1 + width <= columns:
            lines[-1] += " " + word
            filled += 1 + width
        else:
            filled = width + (indent if lines else 0)
            lines.append(" " * indent + word if lines else word)
    return lines


def _words(line: str) -> Iterator[str]:
    """Pieces that stay whole: words, and everything in square brackets but rows of a matrix."""
    start, depth = len(line) - len(line.lstrip(" ")), 0
    if "[" not in line:
        first, *rest = line[start:].split(" ")
        yield line[:start] + first
        yield from filter(None, rest)
        return
    begin = 0
    for k, c in enumerate(line):
        depth += (c == "[") - (c == "]")
        if c == " " and k >= start and (depth <= 0 or line[begin:k].endswith("],")):
            if begin < k:
                yield line[begin:k]
            begin = k + 1
    if begin < len(line):
        yield line[begin:]
