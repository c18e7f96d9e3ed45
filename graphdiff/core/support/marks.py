"""Text that knows what stands in it: names inside of a formula, formulas inside of a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Self

__all__ = ["Marked", "mark", "parts", "together"]


class Marked(str):
    """A text some parts of which stand for something; to whom does not ask it is any other text.

    Marks stay where texts are put together with ``+``, by ``together``, and as fields of sentences.
    """

    __slots__ = ("marks",)
    marks: tuple[tuple[int, int, Any], ...]
    """Start, end, and what stands there."""

    def __new__(cls, text: str, marks: tuple[tuple[int, int, Any], ...]) -> Self:
        made = super().__new__(cls, text)
        made.marks = marks
        return made

    def __add__(self, other: str) -> str:
        return together((self, other))

    def __radd__(self, other: str) -> str:
        return together((other, self))

    def removeprefix(self, prefix: str, /) -> str:
        return self._cut(len(prefix), len(self)) if self.startswith(prefix) else self

    def removesuffix(self, suffix: str, /) -> str:
        return self._cut(0, len(self) - len(suffix)) if self.endswith(suffix) else self

    def _cut(self, start: int, end: int) -> Marked:
        inside = (mark for mark in self.marks if start <= mark[0] and mark[1] <= end)
        return Marked(str(self)[start:end], tuple((a - start, b - start, k) for a, b, k in inside))


def mark(text: str, what: Any) -> Marked:
    """A text that stands for something as a whole."""
    return Marked(text, ((0, len(text), what),))


def together(pieces: Iterable[str], sign: str = "") -> str:
    """The texts side by side, with a sign between them."""
    pieces = list(pieces)
    whole = sign.join(pieces)
    if Marked not in map(type, pieces):
        return whole
    marks, at = [], 0
    for piece in pieces:
        if isinstance(piece, Marked):
            marks += [(a + at, b + at, what) for a, b, what in piece.marks]
        at += len(piece) + len(sign)
    return Marked(whole, tuple(marks))


def parts(text: str) -> Iterator[tuple[str, Any]]:
    """The parts of a text, each with what it stands for; None for the text between marks.

    >>> list(parts("2·" + mark("x", 7) + "²"))
    [('2·', None), ('x', 7), ('²', None)]
    """
    end = 0
    for start, stop, what in (*getattr(text, "marks", ()), (len(text), len(text), None)):
        if end < start:
            yield str(text)[end:start], None
        if start < stop:
            yield str(text)[start:stop], what
        end = stop
