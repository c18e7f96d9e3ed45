r"""Labels as text that a presentation can edit: lines of runs, each upright, italic, high or low.

The LaTeX of our labels is read again, since it says what is a name, an index or a fraction; what
has no place on a line is written as one types it: ``(a + b)/c``, ``√(x)``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from graphdiff.core.ops import LATEX_FUNCTIONS
from graphdiff.drawing.parts.diagram import Label
from graphdiff.language.notation.letters import ACCENTS

from .tex_text import LETTERS

__all__ = ["Run", "live_lines"]


class Run(NamedTuple):
    """Text in one look; ``level`` is 1 above the line, −1 below it.

    What is underlined is above the bar of a fraction.
    """

    text: str
    italic: bool = False
    level: int = 0
    underlined: bool = False


_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\s+|.", re.DOTALL)
_SPACES = {r"\quad": "  ", r"\ ": " ", r"\,": " ", r"\;": " ", r"\:": " ", r"\!": "", "~": " "}
_SILENT = (
    r"\left", r"\right", r"\displaystyle", r"\scriptstyle", r"\dfrac", r"\ensuremath", r"\mathbf",
)  # fmt: skip
_FRACTIONS = (r"\frac", r"\tfrac", r"\dfrac")
_TEXTS = (r"\text", r"\mathrm", r"\operatorname")
_PIECES = {"[": "⎡⎢⎣", "]": "⎤⎥⎦"}
"""Brackets around several lines: the upper, a middle and the lower piece."""
_FIGURE_SPACE = "\N{FIGURE SPACE}"
_ACCENTS = {name: mark for mark, name in ACCENTS.items()}
_Cell = list[Run]


def live_lines(label: Label) -> list[list[Run]]:
    r"""The lines of a label; one that cannot be read is its plain text.

    >>> live_lines(Label("", "", r"w_{10} \cdot \theta"))
    ... # doctest: +NORMALIZE_WHITESPACE, +ELLIPSIS
    [[Run(text='w', italic=True, level=0, underlined=False),
      Run(text='10', italic=False, level=-1, underlined=False), ...]]
    """
    try:
        lines = _Reader(label.latex).fraction() or _Reader(label.latex).lines()
    except _Unreadable:
        return [[Run(label.plain)]]
    return [_merged(line) for line in lines]


class _Unreadable(Exception):
    """LaTeX that our labels do not have, as a user may write it."""


class _Block(NamedTuple):
    """A part of a label: the rows of a matrix, or the one line of what stands beside it."""

    is_matrix: bool
    lines: list[_Cell]

    def line(self, row: int, height: int) -> _Cell:
        """What is to see of it in a row: text in the middle one, of brackets a piece in each."""
        if self.is_matrix or height == 1:
            return self.lines[row] if row < len(self.lines) else []
        piece = 0 if row == 0 else 2 if row == height - 1 else 1
        return [
            run._replace(text=_PIECES[run.text][piece]) if run.text in _PIECES else run
            for run in self.lines[0]
            if run.text in _PIECES or row == (height - 1) // 2
        ]


class _Reader:
    """One pass through the pieces of a label."""

    def __init__(self, latex: str) -> None:
        self.tokens: list[str] = _TOKEN.findall(latex)
        self.at = 0

    def lines(self) -> list[_Cell]:
        """All lines: several where there is a matrix."""
        blocks: list[_Block] = []
        text: _Cell = []
        while self.at < len(self.tokens):
            if self.peek() == r"\begin":
                blocks += [_Block(False, [text]), _Block(True, _columns(self.rows()))]
                text = []
            else:
                text += self.item()
        blocks.append(_Block(False, [text]))
        height = max(len(block.lines) for block in blocks)
        return [[run for b in blocks for run in b.line(k, height)] for k in range(height)]

    def fraction(self) -> list[_Cell] | None:
        """The two lines of a label that is one fraction."""
        if not self.tokens or self.take() not in _FRACTIONS:
            return None
        sides = self.group(), self.group()
        if self.at < len(self.tokens):
            return None
        above, below = (sum(len(run.text) for run in side) for side in sides)
        room = Run(_FIGURE_SPACE * ((below - above + 1) // 2), underlined=True)
        top = [room, *(run._replace(underlined=True) for run in sides[0]), room]
        return [top, sides[1]]

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        if self.at >= len(self.tokens):
            raise _Unreadable
        self.at += 1
        return self.tokens[self.at - 1]

    def group(self, level: int = 0) -> _Cell:
        """What stands in braces, or one item."""
        while self.peek().isspace():
            self.at += 1
        if self.peek() != "{":
            return self.item(level)
        self.at += 1
        made: _Cell = []
        while self.peek() != "}":
            made += self.item(level)
        self.at += 1
        return made

    def raw(self) -> str:
        """The text in braces, as it stands."""
        if self.take() != "{":
            raise _Unreadable
        text, depth = "", 1
        while depth:
            piece = self.take()
            depth += (piece == "{") - (piece == "}")
            text += piece if depth else ""
        return text

    def item(self, level: int = 0) -> _Cell:
        """One item at its level: a letter, a sign, a command with its arguments."""
        piece = self.take()
        if piece == "{":
            self.at -= 1
            return self.group(level)
        if piece in "_^":
            return self.group(1 if piece == "^" else -1)
        if piece.isspace() or (piece in _SILENT and piece not in _FRACTIONS):
            return []
        if piece in _SPACES:
            return [Run(_SPACES[piece])]
        if piece in _FRACTIONS:
            above, below = self.group(level), self.group(level)
            return [*_bracketed(above), Run("/", False, level), *_bracketed(below)]
        if piece == r"\sqrt":
            return self.root(level)
        if piece in _TEXTS:
            return [Run(_unescaped(self.raw()), False, level)]
        if piece[0] == "\\":
            return self.command(piece[1:], level)
        if piece in "{}&":
            raise _Unreadable
        return [Run(_sign(piece), piece.isalpha(), level)]

    def root(self, level: int) -> _Cell:
        """A root; other letters than those of √ and ∛ have no sign."""
        sign = "√"
        if self.peek() == "[":
            index = "".join(self.take() for _ in range(3))
            if index != "[3]":
                raise _Unreadable
            sign = "∛"
        inner = self.group(level)
        return [Run(sign, False, level), *(_bracketed(inner))]

    def command(self, name: str, level: int) -> _Cell:
        """A letter, a sign, an accent, the name of a function, or an escaped sign."""
        if name in LETTERS:
            letter = LETTERS[name]
            return [Run(_around(letter), letter.isalpha(), level)]
        if name in _ACCENTS:
            first, *rest = self.group(level)
            return [first._replace(text=first.text + _ACCENTS[name]), *rest]
        if name in LATEX_FUNCTIONS:
            return [Run(name, False, level)]
        if len(name) == 1 and not name.isalpha():
            return [Run(name, False, level)]
        raise _Unreadable

    def rows(self) -> list[list[_Cell]]:
        """A matrix, row by row and cell by cell."""
        self.at += 1
        kind = self.raw()
        if kind not in ("array", "matrix", "smallmatrix"):
            raise _Unreadable
        if kind == "array":
            self.raw()
        rows: list[list[_Cell]] = [[[]]]
        while (piece := self.peek()) != r"\end":
            if piece == "&":
                self.at += 1
                rows[-1].append([])
            elif piece == r"\\":
                self.at += 1
                rows.append([[]])
            else:
                rows[-1][-1] += self.item()
        self.at += 1
        self.raw()
        return rows


def _columns(rows: Sequence[Sequence[_Cell]]) -> list[_Cell]:
    """The rows of a matrix, their cells on the right of columns of one width."""
    texts = [["".join(run.text for run in cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    made = []
    for row, said in zip(rows, texts, strict=True):
        line: _Cell = []
        for k, (cell, text) in enumerate(zip(row, said, strict=True)):
            room = _FIGURE_SPACE * (widths[k] - len(text))
            line += [Run(("  " if k else "") + room), *cell]
        made.append(line)
    return made


def _bracketed(runs: _Cell) -> _Cell:
    """A part of a fraction, or of a root: brackets around what is more than one name."""
    several = any(sign in run.text for run in runs for sign in " +−·/")
    return [Run("("), *runs, Run(")")] if several else runs


def _around(sign: str) -> str:
    """A sign with the room that LaTeX gives it."""
    return f" {sign} " if sign in "≤≥≠≈→⊙⊘" else sign


def _sign(piece: str) -> str:
    return {"-": "−", **{sign: f" {sign} " for sign in "=+<>"}}.get(piece, piece)


def _unescaped(text: str) -> str:
    """Text as it was before ``latex_text``."""
    text = text.replace(r"\textasciicircum{}", "^").replace(r"\textquotedbl{}", '"')
    return re.sub(r"\\([_{}#$%&])", r"\1", text)


def _merged(runs: Sequence[Run]) -> list[Run]:
    """Neighbours of one look as one run."""
    looks = groupby((run for run in runs if run.text), key=lambda run: run[1:])
    return [Run("".join(run.text for run in group), *look) for look, group in looks]
