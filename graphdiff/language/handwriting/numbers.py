"""Numbers: integers, decimals as they are printed, and what else they might mean."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any, NoReturn

from graphdiff.core.support.words import Message

from .settings import Settings
from .terms import Term, Unreadable, constant
from .tokens import Token
from .words import Words

__all__ = ["MOST_DIGITS", "Numbers"]

MOST_DIGITS = 400
MOST_EXPONENT = 400


class Numbers:
    """Where everything scanned is collected; scans numbers."""

    def __init__(
        self, text: str, source: str, places: list[int] | None, words: Words, settings: Settings
    ) -> None:
        self.text, self.source, self.places = text, source, places
        self.words, self.settings = words, settings
        self.unknown: dict[str, int] = {}
        self.notes: dict[str, None] = {}
        self.functions: dict[str, tuple[str, ...]] = {}
        """Names that stand for values, with what they may be applied to: ``s(x)``."""
        self.applicable = False
        """Whether one of them has been met."""
        self.guessed = False
        """Whether one of them is applied to something else, which is read as a product."""
        self.tokens: list[Token] = []
        self.gap = 0

    def place(self, i: int) -> int:
        """Where a character of the cleaned text stands in the original."""
        if self.places is None:
            return i
        return self.places[i] if i < len(self.places) else len(self.source)

    def fail(self, reason: str, i: int, hint: str = "", kind: Any = "invalid") -> NoReturn:
        raise Unreadable(reason, source=self.source, at=self.place(i), hint=hint, kind=kind)

    def span(self, i: int, stop: int) -> tuple[int, int]:
        return (i, stop) if self.places is None else (self.place(i), self.place(stop - 1) + 1)

    def add(
        self, kind: str, value: Any, start: int, end: int, text: str = "",
        other: tuple[Token, ...] = (),
    ) -> None:  # fmt: skip
        if self.places is not None:
            start, end = self.place(start), self.place(end - 1) + 1
        self.tokens.append(Token(kind, value, start, end, self.gap, text, other))
        self.gap = 0

    def number(self, text: str, i: int, stop: int) -> int:
        if self.settings.decimal == "point" and "," in text and "{" not in text:
            text = text.partition(",")[0]
            stop = i + len(text)
        before = self.tokens[-1].kind if text[0] == "." and self.tokens and not self.gap else ""
        if before in ("name", "number", "constant", "close"):
            hint = Message("hint.product")
            self.fail(Message("reading.point"), i, hint)
        if text.isdigit():
            if stop - i > MOST_DIGITS:
                self.fail(
                    Message("reading.digits", count=stop - i),
                    i,
                    Message("hint.most", most=MOST_DIGITS),
                    "limit",
                )
            self.add("number", constant(int(text), self.span(i, stop)), i, stop, text)
        elif self.letter_e(text):
            text = re.split("[eE]", text)[0]
            return self.number(text, i, i + len(text))
        else:
            other = self.other_number(text, i, stop)
            self.add("number", self.decimal(text, i, stop), i, stop, "", other)
        return stop

    def letter_e(self, text: str) -> bool:
        """Whether the e of ``2e3`` is a declared variable."""
        return any(e in text and e in self.words.declared for e in "eE")

    def decimal(self, text: str, i: int, stop: int) -> Term:
        digits, _, power = text.lower().partition("e")
        comma = "," in digits
        whole, _, rest = digits.replace("{,}", ".").replace(",", ".").partition(".")
        if rest and not comma and self.settings.decimal == "comma":
            self.notes[Message("note.decimal_point")] = None
        shift = int(power or 0) if len(power) <= 5 else MOST_EXPONENT
        if abs(shift) >= MOST_EXPONENT:
            self.fail(
                Message("reading.exponent", number=text[:20]),
                i,
                Message("hint.most", most="10^399"),
                "limit",
            )
        if len(whole) + len(rest) > MOST_DIGITS:
            self.fail(
                Message("reading.digits", count=stop - i),
                i,
                Message("hint.most", most=MOST_DIGITS),
                "limit",
            )
        value = Fraction(int(whole + rest)) * Fraction(10) ** (shift - len(rest))
        span = self.span(i, stop)
        if not rest and shift >= 0:
            return constant(value.numerator, span)
        return Term("decimal", (), (value, Fraction(10) ** (shift - len(rest)) / 2), span)

    def other_number(self, text: str, i: int, stop: int) -> tuple[Token, ...]:
        """``2E-3`` may be 2·e − 3, and ``0,5`` two numbers."""
        middle = max(text.find(c) for c in "eE")
        if middle >= 0 and ("," not in text or "{" in text):
            if text[middle + 1 : middle + 2] != "-":
                return ()
            e = constant("e", self.span(i + middle, i + middle + 1))
            letter = Token("constant", e, *e.span)
            return (*self.part(text[:middle], i), letter, self.minus(i + middle + 1),
                    *self.part(text[middle + 2 :], i + middle + 2))  # fmt: skip
        middle = text.find(",")
        if middle < 0 or "{" in text or self.settings.decimal == "comma":
            return ()
        start = i + middle
        comma = Token("comma", "", self.place(start), self.place(start) + 1)
        return (*self.part(text[:middle], i), comma, *self.part(text[middle + 1 :], start + 1))

    def minus(self, i: int) -> Token:
        return Token("op", "-", self.place(i), self.place(i) + 1)

    def part(self, text: str, i: int) -> tuple[Token, ...]:
        stop = i + len(text)
        start, end = self.span(i, stop)
        if text.isdigit():
            return (Token("number", constant(int(text), (start, end)), start, end, 0, text),)
        return (Token("number", self.decimal(text, i, stop), start, end),)
