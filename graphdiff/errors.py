"""Every error that graphdiff raises on purpose.

    GraphDiffError
    ├── ParseError          the text is not in the language (with line, column, what was expected)
    ├── UnknownName         a function, variable or op that does not exist
    ├── BadPoint            a point (--at) that does not fit the program
    ├── ShapeMismatch       operands or values whose shapes do not fit together
    ├── DomainError         a value where an op is not defined (log of −1, 1/0, overflow)
    ├── NotDifferentiable   an op without a derivative
    ├── Unsupported         this op cannot be read in this numeric domain
    ├── WrongKey            a teacher's answer that is not the derivative of his function
    ├── LimitExceeded       the input is larger, deeper or slower than the limits allow
    └── ProgramMissing      a needed program or package is missing and has no fallback

Bugs are not among them: an unexpected exception is never caught and dressed up.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

__all__ = [
    "BadPoint",
    "DomainError",
    "GraphDiffError",
    "LimitExceeded",
    "NotDifferentiable",
    "ParseError",
    "ProgramMissing",
    "ShapeMismatch",
    "Span",
    "UnknownName",
    "Unsupported",
    "WrongKey",
    "cell_width",
    "printable",
]


class Span(NamedTuple):
    """Half-open character range of a piece of source text."""

    start: int
    end: int


class GraphDiffError(Exception):
    """What went wrong, where in the text, and what to do instead.

    >>> error = ParseError("unexpected ')'", source="x + )", span=Span(4, 5), hint="add an operand")
    >>> print(error)
    unexpected ')' (line 1, column 5)
      x + )
          ^
    hint: add an operand
    """

    def __init__(
        self, message: str, *, source: str = "", span: Span | None = None, hint: str = ""
    ) -> None:
        super().__init__(message)
        # Names of files and cells of tables stand in messages, and messages on terminals.
        self.message, self.hint = printable(message), printable(hint)
        self.source, self.span = source, span

    @property
    def kind(self) -> str:
        """Name of the error as ``--json`` prints it."""
        return type(self).__name__

    @property
    def position(self) -> tuple[int, int] | None:
        """Line and column of the start, both counted from 1, or None if there is no place."""
        if self.span is None:
            return None
        before = self.source[: self.span.start]
        return before.count("\n") + 1, self.span.start - (before.rfind("\n") + 1) + 1

    def __str__(self) -> str:
        lines = [self.message]
        if self.span is not None and self.position is not None:
            line, column = self.position
            lines[0] += f" (line {line}, column {column})"
            lines += caret_lines(self.source, self.span, column)
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


def printable(text: str) -> str:
    r"""The text with a sign in place of whatever would control a terminal.

    >>> printable("a\x1b[2Jb") == "a\N{REPLACEMENT CHARACTER}[2Jb"
    True
    """
    if text.isprintable():
        return text
    spaces = "\n\xa0\u2002\u2003\u2009\u202f\u3000"
    return "".join(
        c if c.isprintable() or c in spaces else "\N{REPLACEMENT CHARACTER}" for c in text
    )


def cell_width(text: str) -> int:
    """Columns of a terminal that a text takes: a Korean letter takes two.

    >>> cell_width("값 = 3")
    6
    """
    return len(text) if _NARROW.fullmatch(text) else sum(map(_room, text))


_NARROW = re.compile("[\x00-\u02ff\u03b1-\u03c9\u2074-\u208e\u2200-\u22ff]*")
"""Letters and mathematical signs of one column each."""


@lru_cache(1024)
def _room(character: str) -> int:
    from unicodedata import combining, east_asian_width

    if combining(character):
        return 0
    return 2 if east_asian_width(character) in "WF" else 1


_WIDTH = 72


def caret_lines(source: str, span: Span, column: int) -> list[str]:
    """The line that holds the span and a caret line below it, cut to 72 characters."""
    start = span.start - (column - 1)
    end = source.find("\n", span.start)
    text = source[start : len(source) if end < 0 else end]
    cut = max(0, column - 1 - _WIDTH // 2)
    shown = text[cut : cut + _WIDTH].replace("\t", " ")
    shown = printable(shown)
    marked = shown[column - 1 - cut : max(span.end - start - cut, column - cut)]
    before = column - 1 - cut
    indent = cell_width(shown[:before])
    carets = max(1, cell_width(shown[before : before + len(marked)]))
    dots = "…" if cut else ""
    return [f"  {dots}{shown}", " " * (2 + len(dots) + indent) + "^" * carets]


class ParseError(GraphDiffError):
    """The text is not in the language."""


class UnknownName(GraphDiffError):
    """A function, variable or op that does not exist."""


class BadPoint(GraphDiffError):
    """A point that does not fit the program: a value is missing, unused or no constant."""


class ShapeMismatch(GraphDiffError):
    """Shapes that do not fit together."""

    clash: tuple[int, int] | None = None
    """The two sizes that would have to be equal."""


class DomainError(GraphDiffError):
    """A value where an op is not defined; names the node."""

    node: int | None = None
    """Id of the node, where the error comes from a graph."""
    operand: int | None = None
    """The position of its operand, where a slope in that one is missing."""


class NotDifferentiable(GraphDiffError):
    """An op that has no derivative rule."""


class Unsupported(GraphDiffError):
    """An op that cannot be read in this numeric domain."""


class WrongKey(GraphDiffError):
    """A teacher's answer that does not agree with his own function."""


class LimitExceeded(GraphDiffError):
    """Input beyond the bounds in ``graphdiff.core.limits``; ``limit`` names the one to raise."""

    def __init__(
        self,
        message: str,
        *,
        source: str = "",
        span: Span | None = None,
        hint: str = "",
        limit: str = "",
    ) -> None:
        if limit:
            allow = f"--limit {limit}=… allows more (limits=Limits({limit}=…) in the library)"
            hint = f"{hint}; {allow}" if hint else allow
        super().__init__(message, source=source, span=span, hint=hint)


class ProgramMissing(GraphDiffError):
    """A program or package is missing, and nothing on this machine can do its work."""
