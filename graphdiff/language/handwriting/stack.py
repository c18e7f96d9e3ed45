"""The stack of the parser: what is still open, and what is finished when."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NoReturn

from graphdiff.core.support.words import Message

from .calls import applied, nth_root
from .settings import Settings
from .terms import Kind, Term, Unreadable
from .tokens import Token

__all__ = [
    "BARE", "BELOW", "CLOSING", "COMPARED", "EXPONENT", "FUNCTION", "INSIDE", "MIXED", "OPEN",
    "OVER", "POWER", "PRODUCT", "RAISED_SIGN", "SIGN", "SUM", "TIGHT", "Choice", "Frame", "Stack",
]  # fmt: skip

Choice = tuple[str, int]
"""A kind of ambiguity, and where it is."""

# How tightly things bind.
OPEN, COMPARED, SUM, PRODUCT, SIGN, FUNCTION = 0, 5, 10, 20, 21, 22
INSIDE, BELOW, RAISED_SIGN, POWER, EXPONENT, MIXED, TIGHT = 23, 24, 29, 30, 32, 35, 40
"""INSIDE: a product within a function's argument (sin 2x); BELOW: within a denominator that runs
on (1/2x as 1/(2x)); EXPONENT: within an exponent that does (e^2x)."""

OVER = 7
"""``\\over``: around whole sums."""

MOST_OPEN, MOST_PENDING = 100, 600
CLOSING = {"(": ")", "[": "]", "{": "}", "⌊": "⌋", "⌈": "⌉"}
BARE = frozenset(("number", "name", "constant"))


class Frame:
    """Something open: an operator that waits for its operand, a bracket, a call."""

    __slots__ = ("base", "bracket", "kind", "names", "op", "power", "prec", "sure", "token")

    def __init__(self, prec: int, kind: str, token: Token, op: Any = None) -> None:
        self.prec, self.kind, self.token, self.op = prec, kind, token, op
        self.power: Term | None = None
        """The 2 of ``sin^2``."""
        self.bracket = ""
        self.base = 0
        """How many terms were out before it."""
        self.names = 0
        """How many variables were read before it."""
        self.sure = False
        """Whether a power belongs to the argument without doubt."""


class Stack:
    """Terms that are out, frames that are open, and the questions that were asked."""

    def __init__(
        self, tokens: list[Token], settings: Settings, source: str, end: int,
        flipped: Collection[Choice] = (), latex: bool = False,
    ) -> None:  # fmt: skip
        self.tokens, self.settings, self.source, self.end = list(tokens), settings, source, end
        self.flipped, self.latex = flipped, latex
        self.asked: dict[Choice, None] = {}
        self.notes: dict[str, None] = {}
        self.out: list[Term] = []
        self.frames: list[Frame] = []
        self.open = self.i = self.names = 0
        self.functions = 0
        """Functions without brackets whose arguments are being read."""
        self.ready = False

    def fail(self, reason: str, at: int, hint: str = "", kind: Kind = "invalid") -> NoReturn:
        raise Unreadable(reason, source=self.source, at=at, hint=hint, kind=kind)

    def ask(self, kind: str, at: int) -> bool:
        """Whether to take the less usual reading here; remembers that there is one."""
        key = (kind, at)
        self.asked[key] = None
        return key in self.flipped

    def shown(self, token: Token) -> str:
        return repr(self.source[token.start : token.end]) if self.source else token.kind

    def push(self, prec: int, kind: str, token: Token, op: Any = None) -> Frame:
        if len(self.frames) >= MOST_PENDING:
            self.fail(
                Message("reading.deep"),
                token.start,
                Message("hint.most_brackets", most=MOST_OPEN),
                "limit",
            )
        frame = Frame(prec, kind, token, op)
        frame.base, frame.names = len(self.out), self.names
        if prec == FUNCTION:
            self.functions += 1
            self.check_fraction(token)
        self.frames.append(frame)
        self.ready = False
        return frame

    def check_fraction(self, token: Token) -> None:
        """Refuse ``\\frac\\sin x2``: where would the numerator end?"""
        for frame in reversed(self.frames):
            if frame.prec != TIGHT:
                return
            if frame.kind != "root":
                self.fail(Message("reading.fraction"), token.start, "\\frac{\\sin x}{x}")

    def deeper(self, token: Token) -> None:
        self.open += 1
        if self.open > MOST_OPEN:
            self.fail(Message("reading.open", count=MOST_OPEN), token.start, "", "limit")

    def reduce(self, prec: int) -> None:
        """Finish what binds at least so tightly."""
        frames = self.frames
        while frames and frames[-1].prec >= prec:
            self.apply(frames.pop())

    def apply(self, frame: Frame) -> None:
        """Finish one operator: its operands are out."""
        kind, out = frame.kind, self.out
        if kind == "binary":
            b = out.pop()
            a = out[-1]
            out[-1] = Term(frame.op, (a, b), None, (a.span[0], b.span[1]))
        elif kind == "minus":
            a = out[-1]
            out[-1] = Term("neg", (a,), None, (frame.token.start, a.span[1]))
        elif kind == "root":
            out[-1] = nth_root(self, out[-1], frame.op, out[-1].span, frame.token.start)
        else:
            self.functions -= 1
            self.finish(frame, [out.pop()], out)

    def finish(self, frame: Frame, arguments: list[Term], out: list[Term]) -> None:
        """Apply a function to its arguments."""
        end = arguments[-1].span[1] if frame.kind == "function" else self.tokens[self.i].end
        bare = frame.kind == "function"
        out.append(applied(self, frame.token, frame.power, arguments, end, bare))

    def complete(self) -> None:
        """An operand is complete: what takes exactly one is applied."""
        self.ready = True
        frames, out = self.frames, self.out
        while frames and frames[-1].prec == TIGHT:
            frame = frames.pop()
            if frame.kind == "fraction":
                below = self.push(TIGHT, "denominator", frame.token)
                below.base = frame.base
                return
            end = out[-1].span[1]
            span = (frame.token.start, end)
            if frame.kind == "denominator":
                b = out.pop()
                out[-1] = Term("div", (out[-1], b), None, span)
            else:
                out[-1] = nth_root(self, out[-1], frame.op, span, frame.token.start)

    def widened(self, start: int, end: int) -> None:
        term = self.out[-1]
        self.out[-1] = Term(term.op, term.operands, term.value, (start, end))

    def waiting(self) -> Frame | None:
        """The function without brackets whose argument is being read."""
        for frame in reversed(self.frames):
            if frame.prec == FUNCTION:
                return frame
            if frame.prec < SIGN:
                return None
        return None
