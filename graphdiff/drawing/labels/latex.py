r"""Labels that users write in LaTeX: a subset of its mathematics, as Typst mathematics.

What is known: letters, numbers, signs, Greek, subscripts and superscripts, fractions, roots, sums,
accents, fonts, brackets with \left and \right, \text, and matrices.  Anything else is an error
that names it, since a figure must look alike in every format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from graphdiff.drawing.parts.diagram import Label
from graphdiff.drawing.parts.escaping import clean, latex_text, typst_string
from graphdiff.errors import ParseError, Span

from .latex_signs import (  # fmt: skip
    BRACKETS,
    FRACTIONS,
    MATRICES,
    PLAIN,
    SYMBOLS,
    TEXTS,
    WORDS,
    WRAPPED,
)

__all__ = ["latex_label", "typst_label", "user_label"]

_TYPST = "typst:"
_PIECE = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)


def user_label(name: str, text: str) -> Label:
    """The label that a user wrote for a name: LaTeX, or Typst after ``typst:``.

    Raises ParseError.

    >>> user_label("q", r"\\sum_i w_i x_i").typst
    'sum_(i) w_(i) x_(i)'
    """
    if text.startswith(_TYPST):
        return typst_label(name, text.removeprefix(_TYPST))
    return latex_label(text.strip().removeprefix("$").removesuffix("$"))


def latex_label(text: str) -> Label:
    """LaTeX mathematics as a label.  Raises ParseError where it is not in the subset."""
    typst = _Reader(text).all().strip()
    return Label(typst, clean(text), clean(text))


def typst_label(name: str, text: str) -> Label:
    """Typst mathematics as a label; TikZ shows its source.  Raises ParseError.

    It is compiled alone first, and may hold no code: a figure never reads files.
    """
    code = re.search(r"[#$]|//|/\*", text)
    if code:
        message = f"a label in Typst may not have {code[0]!r}"
        raise ParseError(message, source=text, span=Span(*code.span()))
    whole = _one_argument(text)
    from graphdiff.drawing.parts.typeset import Text, typeset

    try:
        made = typeset([Text(f"lr(({whole}))", 10.0), Text(whole, 10.0)])
    except (RuntimeError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ParseError(
            f"the label of {name} is no Typst mathematics: {reason}", source=text,
            span=Span(0, len(text)),
        ) from None  # fmt: skip
    if len(made) != 2 or not made[1].marks:
        raise ParseError(f"the label of {name} shows nothing", source=text, span=Span(0, len(text)))
    return Label(whole, clean(text), rf"\text{{{latex_text(text)}}}")


def _one_argument(text: str) -> str:
    """Typst mathematics that stays one argument inside of a function.  Raises ParseError."""
    made, depth = [], 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|\\.|std\.|.', text, re.DOTALL):
        piece = match[0]
        if piece == "std.":  # all functions of Typst, those that read files among them
            message = f"a label in Typst may not have {piece!r}"
            raise ParseError(message, source=text, span=Span(*match.span()))
        depth += (piece in "([{") - (piece in ")]}")
        if depth < 0 or piece == '"':
            raise ParseError(f"{piece!r} has no partner", source=text, span=Span(*match.span()))
        made.append(f"\\{piece}" if piece in ",;:" and not depth else piece)
    if depth:
        raise ParseError("a bracket is not closed", source=text, span=Span(0, len(text)))
    return "".join(made)


class _Reader:
    """A recursive descent through the pieces of one label."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pieces = [(match[0], match.start()) for match in _PIECE.finditer(text)]
        self.at = 0
        self.depth = 0

    def all(self) -> str:
        """The whole label.  Raises ParseError."""
        made = self.sequence(())
        if self.at < len(self.pieces):
            self.fail(f"{self.peek()!r} has no partner")
        if not made.strip():
            self.fail("the label is empty")
        return made

    def fail(self, message: str) -> NoReturn:
        place = self.pieces[min(self.at, len(self.pieces) - 1)] if self.pieces else (" ", 0)
        end = self.at >= len(self.pieces)
        start = len(self.text) if end else place[1]
        span = Span(start, start + (1 if end else len(place[0])))
        raise ParseError(
            f"cannot typeset this label: {message}", source=self.text, span=span,
            hint='a subset of LaTeX is known; or write Typst: --label "q=typst:hat(y)"',
        )  # fmt: skip

    def peek(self) -> str:
        return self.pieces[self.at][0] if self.at < len(self.pieces) else ""

    def take(self) -> str:
        piece = self.peek()
        self.at += 1
        return piece

    def skip_space(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def sequence(self, ends: tuple[str, ...]) -> str:
        """Atoms with their indices, up to one of the ends, which is left."""
        made: list[str] = []
        while True:
            self.skip_space()
            piece = self.peek()
            if not piece or piece in ends or piece in ("}", r"\right", r"\end", "&", r"\\"):
                return "".join(made)
            if piece in ("_", "^"):
                self.at += 1
                if not made:
                    made.append('""')
                made.append(f"{piece}({self.argument()}) ")
                made[-2] = made[-2].rstrip()
            else:
                made.append(self.atom() + " ")

    def argument(self) -> str:
        """What follows a command or an index: a group in braces, or one atom."""
        self.skip_space()
        if self.peek() in ("_", "^", "}", ""):
            self.fail("something is missing here")
        return self.atom()

    def atom(self) -> str:
        """One atom.  Raises ParseError at what is not in the subset."""
        self.depth += 1
        if self.depth > 60:
            self.fail("it is nested too deeply")
        made = self.read_atom()
        self.depth -= 1
        return made

    def read_atom(self) -> str:
        piece = self.peek()
        if piece == "{":
            return self.group()
        if piece in SYMBOLS or piece in PLAIN or piece in BRACKETS:
            self.at += 1
            return _first(piece, SYMBOLS, PLAIN, BRACKETS)
        if piece.startswith("\\"):
            return self.command()
        if piece in ("$", "#", "%"):
            self.fail(f"{piece!r} cannot stand here")
        self.at += 1
        if (piece.isascii() and (piece.isalpha() or piece[0].isdigit())) or piece in "+=<>.!?":
            return piece
        return typst_string(piece)

    def group(self) -> str:
        """What stands in braces."""
        self.at += 1
        made = self.sequence(())
        if self.peek() != "}":
            self.fail("a brace is not closed")
        self.at += 1
        return made or '""'

    def command(self) -> str:
        """A command with its arguments.  Raises ParseError."""
        piece = self.peek()
        if piece in WORDS:
            self.at += 1
            return piece[1:]
        if piece in TEXTS:
            self.at += 1
            return self.words()
        if piece in WRAPPED:
            self.at += 1
            if piece == r"\sqrt" and self.peek() == "[":
                return self.root()
            return f"{WRAPPED[piece]}({self.argument()})"
        if piece in FRACTIONS:
            self.at += 1
            return FRACTIONS[piece].format(self.argument(), self.argument())
        if piece == r"\left":
            return self.between()
        if piece != r"\begin":
            self.fail(f"{piece} is not known")
        return self.matrix()

    def root(self) -> str:
        """A root with its index."""
        self.at += 1
        index = self.sequence(("]",))
        if self.take() != "]":
            self.at -= 1
            self.fail("a bracket is not closed")
        return f"root({index}, {self.argument()})"

    def words(self) -> str:
        """Text in braces, as it is."""
        self.skip_space()
        if self.peek() != "{":
            self.fail("text stands in braces")
        self.at += 1
        parts = []
        while self.peek() not in ("}", ""):
            piece = self.take()
            parts.append(piece.removeprefix("\\") if len(piece) == 2 else piece)
        if self.take() != "}":
            self.fail("a brace is not closed")
        return typst_string("".join(parts))

    def between(self) -> str:
        r"""What stands between \left and \right, with brackets that grow."""
        self.at += 1
        left = self.bracket()
        inner = self.sequence(())
        if self.take() != r"\right":
            self.at -= 1
            self.fail(r"\left has no \right")
        return f"lr({left} {inner} {self.bracket()})"

    def bracket(self) -> str:
        """A bracket, or a dot for none."""
        self.skip_space()
        piece = self.peek()
        known = {".": "", "<": "chevron.l", ">": "chevron.r"}
        if piece not in (*known, *BRACKETS, r"\{", r"\}", r"\|", r"\langle", r"\rangle"):
            self.fail("a bracket is missing")
        self.at += 1
        return _first(piece, known, BRACKETS, SYMBOLS)

    def matrix(self) -> str:
        """A matrix, row by row."""
        self.at += 1
        kind = "".join(self.raw_group())
        if kind not in MATRICES:
            self.fail(f"the environment {kind!r} is not known")
        rows: list[list[str]] = [[]]
        while True:
            rows[-1].append(self.sequence(()) or '""')
            piece = self.take()
            if piece == r"\\":
                rows.append([])
            elif piece == r"\end":
                break
            elif piece != "&":
                self.fail("the matrix has no end")
        if "".join(self.raw_group()) != kind:
            self.fail(f"the environment {kind!r} has another end")
        body = "; ".join(map(", ".join, rows))
        return f"mat(delim: {MATRICES[kind]}, {body})"

    def raw_group(self) -> list[str]:
        """What stands in braces, piece by piece."""
        self.skip_space()
        if self.take() != "{":
            self.fail("a name in braces is missing")
        found = []
        while self.peek() not in ("}", ""):
            found.append(self.take())
        self.at += 1
        return found


def _first(piece: str, *tables: Mapping[str, str]) -> str:
    return next(table[piece] for table in tables if piece in table)
