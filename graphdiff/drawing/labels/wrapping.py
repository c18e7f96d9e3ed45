"""Remarks of several lines: text broken where a line would get too long to read."""

from __future__ import annotations

from collections.abc import Iterator

from graphdiff.drawing.parts.diagram import Ink, Label
from graphdiff.drawing.parts.escaping import clean, latex_text, plain_label, typst_string
from graphdiff.errors import cell_width

__all__ = ["lines", "wrapped_label"]

# Columns of a line; a Korean letter takes two.
_WIDEST = 36


def wrapped_label(text: str, ink: Ink = "ink") -> Label:
    """A label that shows arbitrary text, upright, on as many lines as it needs.

    >>> wrapped_label("short").latex
    '\\\\text{short}'
    >>> wrapped_label("word " * 12).typst.count(";")
    1
    """
    found = list(lines(clean(text)))
    if len(found) < 2:
        return plain_label(text, ink)
    rows = "; ".join(f"display({typst_string(line)})" for line in found)
    array = r" \\ ".join(rf"\text{{{latex_text(line)}}}" for line in found)
    return Label(
        f"mat(delim: #none, align: #left, row-gap: #0.3em, {rows})",
        clean(text),
        rf"\begin{{array}}{{@{{}}l@{{}}}} {array} \end{{array}}",
        ink,
    )


def lines(text: str) -> Iterator[str]:
    """The lines of a text, none too long, all about equally long; long words are broken.

    >>> list(lines("a remark that is a little longer than one line of a figure"))
    ['a remark that is a little longer', 'than one line of a figure']
    >>> [len(line) for line in lines("x" * 80)]
    [27, 27, 26]
    """
    count = sum(1 for _ in _filled(text, _WIDEST))
    width = next(w for w in range(1, _WIDEST + 1) if sum(1 for _ in _filled(text, w)) <= count)
    return _filled(text, width)


def _filled(text: str, width: int) -> Iterator[str]:
    """Lines as full as they get."""
    line = ""
    for word in text.split():
        longer = f"{line} {word}" if line else word
        if cell_width(longer) <= width:
            line = longer
            continue
        if line:
            yield line
        *full, line = _broken(word, width)
        yield from full
    if line:
        yield line


def _broken(word: str, width: int) -> Iterator[str]:
    """A word in pieces that fit into lines."""
    piece = ""
    for letter in word:
        if piece and cell_width(piece + letter) > width:
            yield piece
            piece = ""
        piece += letter
    yield piece
