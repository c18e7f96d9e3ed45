"""The text form of a program: ``q = x + y; f = q*z``.

A precedence machine with a stack of its own, so that no depth of brackets or signs recurses.  The
grammar that it reads is written down, and tested against it, in ``tests/language/infix.lark``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, NoReturn

from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import DEFAULT, Limits, in_force
from graphdiff.core.ops import SIGNS, STANDARD, names
from graphdiff.core.support.collection import paused_collection
from graphdiff.errors import GraphDiffError, LimitExceeded, ParseError, ShapeMismatch, UnknownName

from .building import Piece, Program, closest
from .calls import Argument, Calls
from .loops import unrolled
from .tokens import APPLIED, Token

__all__ = ["Program", "closest", "parse_program"]

_SUM, _PRODUCT, _SIGN, _POWER, _ROOT = 1, 2, 3, 4, 5
"""How tightly an operator binds; 0 is the bottom of a bracket."""
_BINARY = {
    "PLUS": (_SUM, "add"), "MINUS": (_SUM, "sub"),
    "TIMES": (_PRODUCT, "mul"), "OVER": (_PRODUCT, "div"), "AT": (_PRODUCT, SIGNS["@"]),
}  # fmt: skip
_SIGNS = {"MINUS": "neg", "PLUS": ""}
_ROOTS = {sign: SIGNS[sign] for sign in "√∛"}
_POSTFIX = {"LSQB", "TRANSPOSED", "POWER", "SUPERSCRIPT"}
_OPENING = {"LPAR": "LPAR", "LSQB": "LIST", "BAR": "BAR"}
_ENDINGS = {"SEP", "COMMA"}
_BRACKETS = {
    "LPAR": ("RPAR",), "BAR": ("BAR",), "CALL": ("COMMA", "RPAR"), "LIST": ("COMMA", "RSQB"),
    "INDEX": ("COMMA", "RSQB"),
}  # fmt: skip
"""What ends an item of each bracket."""
_BEGINS = {"NUMBER", "NAME", "LPAR", "BAR", "ROOT"}
"""What begins an operand, also behind another one: a product without a sign."""
_NEEDED = {
    "": ("the end",), "LPAR": ("')'",), "BAR": ("'|'",), "CALL": ("','", "')'"),
    "LIST": ("','", "']'"), "INDEX": ("','", "']'"),
}  # fmt: skip
"""What goes on behind an operand in each bracket, apart from operators."""


def parse_program(
    text: str,
    ops: Mapping[str, Op] = STANDARD,
    *,
    limits: Limits = DEFAULT,
    share: bool = True,
    commas: bool = False,
    shapes: Mapping[str, Shape] | None = None,
    odd_roots: bool = False,
) -> Program:
    """Read a program; with ``commas``, a comma outside brackets ends a statement (as in ``--at``).

    ``shapes`` gives the shapes of variables; others are numbers.  Raises ParseError, UnknownName,
    ShapeMismatch or LimitExceeded, each with its place in the text.
    """
    limits = in_force(limits)
    if len(text) > limits.text:
        raise LimitExceeded(f"the text has more than {limits.text:,} characters", limit="text")
    if not text.strip():
        raise ParseError("the expression is empty", hint='write one, for example "(x+y)*z"')
    try:
        return _read(text, Tape(ops, limits, share=share), commas, shapes or {}, odd_roots)
    except (ParseError, UnknownName) as error:
        meant = _meant(text, ops, limits, commas, shapes or {})
        if meant:
            error.hint = f"write {meant}"
        raise


def _meant(
    text: str, ops: Mapping[str, Op], limits: Limits, commas: bool, shapes: Mapping[str, Shape]
) -> str:
    """The text without the habits of other languages, if it can be read so; else empty."""
    from .habits import rewritings

    for other in rewritings(text, names(dict(ops))):
        try:
            _read(other, Tape(ops, limits), commas, shapes)
        except ShapeMismatch:
            return other  # the shapes are found later
        except GraphDiffError:
            continue
        return other
    return ""


def _read(
    text: str, tape: Tape, commas: bool, shapes: Mapping[str, Shape], odd_roots: bool = False
) -> Program:
    build = Calls(text, tape, shapes)
    build.odd_roots = odd_roots
    with paused_collection():
        _Machine(build, commas).run()
    return build.finish()


class _Frame:
    """An open bracket, and what of its contents is complete; or the statement itself."""

    __slots__ = (
        "bare", "compared", "items", "keyword", "kind", "parts", "power", "start", "word",
    )  # fmt: skip

    def __init__(self, kind: str, word: str = "", start: int = 0) -> None:
        self.kind, self.word, self.start = kind, word, start
        self.items: list[Any] = []
        """Arguments of a call, entries of a list, items of an index."""
        self.bare = True
        """Nothing of the present item has been read."""
        self.keyword = ""
        self.compared: tuple[Piece, str] | None = None
        """The left side of a comparison, and its sign."""
        self.parts: list[Piece | None] = []
        """What stands before each colon of the present item."""
        self.power: Token | None = None
        """The 2 of ``tan^2(x)``."""


class _Machine:
    """Reads tokens in turn, in one of two states: an operand must follow, or has been read."""

    def __init__(self, build: Calls, commas: bool) -> None:
        self.build, self.commas = build, commas
        self.stream: Iterator[Token] = unrolled(build.text, build.tape.limits, parse_program, build)
        self.held: Token | None = None
        """A token that was looked at beforehand."""
        self.frame = _Frame("")
        self.frames = [self.frame]
        self.pieces: list[Piece] = []
        self.waiting: list[tuple[int, str, int]] = [(0, "", 0)]
        """Operators without their right operand: how tightly, which, and where they begin."""
        self.complete = False
        """Whether an operand has been read."""
        self.atom = False
        """Whether it may be raised, indexed or transposed."""
        self.defined: Token | None = None
        """The name of the present statement."""

    def run(self) -> None:
        waiting, kind = self.waiting, ""
        while kind != "END":
            token, self.held = self.held or next(self.stream), None
            if token[0] in _ENDINGS:
                token = self.ending(token)
            kind = token[0]
            if not self.complete:
                if kind == "NAME":
                    self.named(token)
                else:
                    self.before(token)
            elif kind in _BINARY:
                binding, op = _BINARY[kind]
                if waiting[-1][0] >= binding:
                    self.reduce(binding)
                waiting.append((binding, op, token[2]))
                self.complete = False
            else:
                self.behind(token)

    def ending(self, token: Token) -> Token:
        """The token that counts where a line or an item ends; lines may end within brackets."""
        if token[0] == "SEP":
            while len(self.frames) > 1 and token[0] == "SEP" and token[1] != ";":
                token = next(self.stream)
        elif self.commas and len(self.frames) == 1:
            token = ("SEP", *token[1:])
        return token

    # -- where an operand must follow -----------------------------------------------------------

    def before(self, token: Token) -> None:
        kind, word, start, end = token
        frame, tightest = self.frame, self.waiting[-1][0]
        first, frame.bare = frame.bare, False
        if kind == "NUMBER":
            self.operand(self.build.number(word, start, end))
        elif kind in _OPENING:
            self.open(_OPENING[kind], "", start, start, end)
        elif kind in _SIGNS and tightest != _ROOT:
            self.waiting.append((_SIGN, _SIGNS[kind], start))
        elif kind == "ROOT":
            self.waiting.append((_ROOT, _ROOTS[word], start))
        elif first and frame.kind == "" and kind in ("SEP", "END"):
            frame.bare = True
        elif first and frame.kind == "CALL" and kind == "RPAR" and not frame.items:
            self.close(end)
        elif frame.kind == "INDEX" and tightest == 0 and kind == "COLON" and len(frame.parts) < 2:
            frame.parts.append(None)
        elif frame.parts and tightest == 0 and kind in ("COMMA", "RSQB"):
            self.separate(kind, None, end)
        else:
            self.refuse(token)

    def named(self, token: Token) -> None:
        """A variable, a function with its bracket, or what stands before ``=``."""
        _, word, start, end = token
        frame, ahead = self.frame, next(self.stream)
        first, frame.bare = frame.bare, False
        if ahead[0] in _ENDINGS:
            ahead = self.ending(ahead)
        if ahead[0] == "LPAR":
            self.open("CALL", word, start, *ahead[2:])
        elif ahead[0] == "EQUAL" and first and frame.kind == "CALL":
            frame.keyword = word
        elif ahead[0] == "EQUAL" and first and frame.kind == "":
            self.defined = token
        elif self.build.applies(word) and (found := APPLIED.match(self.build.text, end)):
            self.apply(token, ahead, found)
        else:
            self.held = ahead
            self.operand(self.build.name(word, start, end))

    def apply(self, token: Token, ahead: Token, found: re.Match[str]) -> None:
        """A function with its power before the bracket, or without one: ``tan^2(x)``, ``ln x``."""
        _, word, start, _ = token
        power = None
        if found["power"]:
            power = ahead if ahead[0] == "SUPERSCRIPT" else next(self.stream)
            ahead = next(self.stream)
        self.open("CALL", word, start, *ahead[2:])
        self.frame.power = power
        if found["operand"]:
            inside, stop = [ahead], found.end("operand")
            while inside[-1][3] < stop:
                inside.append(next(self.stream))
            self.stream = chain(inside, [("RPAR", ")", stop, stop)], self.stream)

    def operand(self, piece: Piece) -> None:
        self.pieces.append(piece)
        self.complete = self.atom = True

    def open(self, kind: str, word: str, start: int, bracket: int, end: int) -> None:
        limit = self.build.tape.limits.depth
        if len(self.frames) > limit:
            message = f"more than {limit:,} open brackets"
            self.build.fail_limit(message, "depth", bracket, end)
        self.frame = _Frame(kind, word, start)
        self.frames.append(self.frame)
        self.waiting.append((0, "", 0))
        self.complete = False

    # -- where an operand has been read ---------------------------------------------------------

    def behind(self, token: Token) -> None:
        kind, _, start, end = token
        frame = self.frame
        if kind in _BRACKETS.get(frame.kind, ()):
            self.reduce(_SUM)
            self.separate(kind, self.pieces.pop(), end)
        elif kind in _BEGINS:
            self.reduce(_PRODUCT)
            self.waiting.append((_PRODUCT, "", start))
            self.complete = False
            self.held = token
        elif kind in ("SEP", "END") and frame.kind == "":
            self.reduce(_SUM)
            self.statement(self.pieces.pop())
        elif self.atom and kind in _POSTFIX:
            self.postfix(token)
        elif kind == "COMPARE" and frame.kind == "CALL" and not (frame.compared or frame.keyword):
            self.reduce(_SUM)
            frame.compared = self.pieces.pop(), token[1]
            self.complete = False
        elif kind == "COLON" and frame.kind == "INDEX" and len(frame.parts) < 2:
            self.reduce(_SUM)
            frame.parts.append(self.pieces.pop())
            self.complete = False
        else:
            self.refuse(token)

    def postfix(self, token: Token) -> None:
        kind, word, start, end = token
        if kind == "LSQB":
            self.open("INDEX", "", start, start, end)
        elif kind == "TRANSPOSED":
            self.pieces.append(self.build.transposed(self.pieces.pop(), end))
        elif kind == "POWER":  # to the right first: x^y^z
            self.reduce(_ROOT)
            self.waiting.append((_POWER, "pow", start))
            self.complete = False
        else:
            self.reduce(_ROOT)
            self.pieces.append(self.build.superscript(self.pieces.pop(), word, start, end))
            self.atom = False

    def reduce(self, binding: int) -> None:
        """Apply the operators that bind at least as tightly."""
        waiting, pieces, build = self.waiting, self.pieces, self.build
        while waiting[-1][0] >= binding:
            tightness, op, start = waiting.pop()
            right = pieces.pop()
            if tightness in (_SIGN, _ROOT):
                pieces.append(build.prefixed(op, start, right))
            elif op:
                pieces.append(build.binary(op, pieces.pop(), right))
            else:
                pieces.append(build.juxtaposed(pieces.pop(), right))

    def statement(self, piece: Piece) -> None:
        if self.defined is None:
            self.build.statement(piece, "")
        else:
            self.build.define(*self.defined[1:], piece)
        self.defined, self.complete, self.frame.bare = None, False, True

    # -- brackets -------------------------------------------------------------------------------

    def separate(self, kind: str, piece: Piece | None, end: int) -> None:
        """An item of a bracket is complete, and the bracket too unless a comma follows."""
        frame, build = self.frame, self.build
        if frame.kind == "CALL" and piece is not None:
            if frame.compared is not None:
                frame.items.append(build.comparison(*frame.compared, piece))
            else:
                frame.items.append(Argument(frame.keyword or None, piece))
        elif frame.kind == "INDEX":
            frame.items.append(build.index_item(piece, frame.parts))
        else:
            frame.items.append(piece)
        if kind == "COMMA":
            frame.bare, frame.keyword, frame.compared, frame.parts = True, "", None, []
            self.complete = False
        else:
            self.close(end)

    def close(self, end: int) -> None:
        frame, build = self.frame, self.build
        self.frames.pop()
        self.frame = self.frames[-1]
        self.waiting.pop()
        items, start = frame.items, frame.start
        if frame.kind == "CALL":
            piece = build.call(frame.word, start, items, end)
            if frame.power is not None:
                piece = self.raised(piece, frame.power)
        elif frame.kind == "INDEX":
            piece = build.indexed(self.pieces.pop(), items, end)
        elif frame.kind == "LIST":
            piece = build.listed(start, items, end)
        elif frame.kind == "BAR":
            piece = build.bars(start, items[0], end)
        else:
            piece = Piece(items[0].id, start, end)
        self.operand(piece)

    def raised(self, piece: Piece, power: Token) -> Piece:
        kind, word, start, end = power
        if kind == "SUPERSCRIPT":
            return self.build.superscript(piece, word, start, end)
        return self.build.binary("pow", piece, self.build.number(word, start, end))

    def refuse(self, token: Token) -> NoReturn:
        """No program goes on like that."""
        if token[0] in ("UNKNOWN", "LBRACE", "RBRACE", "RANGE"):
            self.build.unreadable(token[2])
        if not self.complete:
            self.build.unexpected(token, "a number, a name or '('", False)
        wanted = _NEEDED[self.frame.kind]
        if token[0] != "END":
            wanted = "an operator", "'('", *wanted
        words = " or ".join(filter(None, (", ".join(wanted[:-1]), wanted[-1])))
        self.build.unexpected(token, words, True)
