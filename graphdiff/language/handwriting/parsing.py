"""The parser: tokens to a term, by precedences and a stack of what is still open.

Where a text is ambiguous the parser asks, at that place, which way to go; a second parse with
another answer gives the other reading.  Nothing here recurses, and every token is seen once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NoReturn

from graphdiff.core.ops import SIGNS
from graphdiff.core.support.words import Message

from .calls import product_up_to
from .products import Products
from .stack import (  # fmt: skip
    CLOSING,
    COMPARED,
    EXPONENT,
    FUNCTION,
    INSIDE,
    OPEN,
    OVER,
    POWER,
    PRODUCT,
    RAISED_SIGN,
    SUM,
    TIGHT,
    Choice,
    Frame,
)
from .terms import Term, constant
from .tokens import Token
from .words import selects

__all__ = ["Choice", "Parser"]

_OPS = {"+": "add", "-": "sub", "*": "mul", "/": "div"}


class Parser(Products):
    """Parses one list of tokens, going the other way at the places that are ``flipped``."""

    def parse(self) -> Term:
        """The term.  Raises Unreadable."""
        while self.i < len(self.tokens):
            token = self.tokens[self.i]
            if self.ready:
                _AFTER.get(token.kind, Parser.unexpected)(self, token)
            else:
                _BEFORE.get(token.kind, Parser.misplaced)(self, token)
        if not self.ready:
            self.incomplete()
        self.reduce(COMPARED)
        if self.frames:
            frame = self.frames[-1]
            self.fail(Message("reading.unclosed"), frame.token.start, self.closing_hint(frame))
        return self.out[0]

    def closing_hint(self, frame: Frame) -> str:
        return Message("hint.add", bracket=CLOSING.get(frame.bracket, "|"))

    def incomplete(self) -> NoReturn:
        if not self.frames:
            self.fail(Message("reading.none"), self.end)
        token = self.frames[-1].token
        if token.kind == "function":
            name = token.value[0]
            self.fail(Message("reading.argument", name=name), token.start, f"{name}(x)")
        self.fail(Message("reading.early"), self.end)

    def unexpected(self, token: Token) -> NoReturn:
        self.fail(
            Message("reading.meaningless", token=self.shown(token)),
            token.start,
            Message("hint.operator"),
        )

    def operator(self, token: Token) -> None:
        op = token.value
        if op == "^":
            self.power_sign(token)
            return
        prec = SUM if op in "+-" else PRODUCT
        if prec == PRODUCT:
            if self.inside(token):
                prec = INSIDE
            elif op == "/" and self.divides_exponent(token):
                prec = EXPONENT
        self.reduce(prec)
        self.push(prec, "binary", token, _OPS[op])
        self.i += 1

    def inside(self, token: Token) -> bool:
        """Whether * or / stays within the argument of a function without brackets."""
        if not self.functions:
            return False
        frame = self.waiting()
        following = self.tokens[self.i + 1] if self.i + 1 < len(self.tokens) else None
        if frame is None or following is None:
            return False
        if token.value == "/":
            close = not token.gap and not following.gap and following.kind != "function"
            return close and self.ask("quotient", token.start)
        # ln2*2^x: nobody multiplies two numbers within the logarithm.
        numeric = self.names == frame.names and following.kind in ("name", "constant")
        return numeric and self.ask("product", token.start)

    def divides_exponent(self, token: Token) -> bool:
        """``x^1/2``, ``e^-x^2/2``: whether the slash belongs to the exponent."""
        following = self.tokens[self.i + 1 : self.i + 2]
        if token.gap or not following or following[0].gap or following[0].kind != "number":
            return False
        frames, k = self.frames, len(self.frames)
        while k and frames[k - 1].prec in (POWER, RAISED_SIGN):
            k -= 1
        if k == len(frames):
            return False
        base = self.out[frames[k].base - 1]
        chain = len(frames) - k > 1 and base.op == "const" and base.value == "e"
        if self.tokens[self.i - 1].text != "1" and not chain:
            return False
        if not self.ask("exponent", token.start):
            return False
        if len(frames) - k > 1 and frames[-1].prec == POWER:
            self.apply(frames.pop())
        return True

    def power_sign(self, token: Token) -> None:
        self.whose_power(token)
        top = self.frames[-1] if self.frames else None
        chain = top is not None and top.prec == POWER and top.kind == "binary"
        self.reduce(POWER if chain and self.ask("tower", token.start) else POWER + 1)
        self.push(POWER, "binary", token, "pow")
        self.i += 1
        following = self.tokens[self.i] if self.i < len(self.tokens) else None
        if following is None or following.kind != "number" or not self.latex:
            return
        if len(following.text) > 1 and self.ask("digits", following.start):
            self.tokens[self.i : self.i + 1] = self.digits(following)

    def whose_power(self, token: Token) -> None:
        """``sin x^2``: the power of the argument, or of the sine."""
        frame = self.waiting() if self.functions else None
        if frame is None or frame.sure:
            return
        base = self.out[-1]
        if base.op == "const" and base.value == "e":
            return
        if self.ask("power", token.start):
            self.reduce(FUNCTION)

    def superscript(self, token: Token) -> None:
        self.whose_power(token)
        self.reduce(POWER + 1)
        a = self.out[-1]
        self.out[-1] = Term("pow", (a, token.value), None, (a.span[0], token.end))
        self.i += 1

    def factorial(self, token: Token) -> None:
        x = self.out[-1]
        integer = x.op == "const" and isinstance(x.value, int) and x.value >= 0
        if not integer or self.tokens[self.i - 1].kind == "factorial":
            self.fail(Message("reading.factorial"), token.start, Message("hint.factorial"))
        self.out[-1] = product_up_to(self, x, (x.span[0], token.end), token.start)
        self.i += 1

    def closing(self, token: Token) -> None:
        self.reduce(COMPARED)
        frame = self.frames[-1] if self.frames else None
        if frame is None:
            self.fail(
                Message("reading.closing", token=self.shown(token)),
                token.start,
                Message("hint.leave"),
            )
        if CLOSING.get(frame.bracket) != token.value:
            self.fail(Message("reading.mismatch", token=self.shown(token)), token.start)
        self.frames.pop()
        self.open -= 1
        _CLOSERS[frame.kind](self, frame, token)

    def close_plain(self, frame: Frame, token: Token) -> None:
        self.i += 1
        if frame.token.value in "⌊⌈":
            self.out[-1] = Term(
                SIGNS[frame.token.value], (self.out[-1],), None, (frame.token.start, token.end)
            )
        else:
            self.widened(frame.token.start, token.end)
        self.complete()

    def close_call(self, frame: Frame, token: Token) -> None:
        arguments = self.out[frame.base :]
        del self.out[frame.base :]
        following = self.tokens[self.i + 1 : self.i + 2]
        order = frame.bracket == "[" and frame.op.op == SIGNS["√"]
        if order and following and following[0].kind == "open":  # sqrt[3]{x}
            self.i += 1
            self.push(TIGHT, "root", frame.token, arguments[0])
            return
        self.finish(frame, arguments, self.out)
        self.i += 1
        self.complete()

    def close_power(self, frame: Frame, token: Token) -> None:
        power = self.out.pop()
        if power.op == "neg" and isinstance(power.operands[0].value, int):
            power = constant(-power.operands[0].value, power.span)
        self.i += 1
        self.argument(frame.token, power)

    def close_index(self, frame: Frame, token: Token) -> None:
        self.i += 1
        self.push(TIGHT, "root", frame.token, self.out.pop())

    def comma(self, token: Token) -> None:
        self.reduce(COMPARED)
        frame = self.frames[-1] if self.frames else None
        if frame is None or frame.kind != "call":
            self.fail(Message("reading.list"), token.start, Message("hint.give_one"))
        if len(self.out) - frame.base >= frame.op.most:
            name = frame.token.value[0]
            self.fail(
                Message("reading.takes", name=name, count=frame.op.most), token.start, f"{name}(x)"
            )
        self.ready = False
        self.i += 1

    def over(self, token: Token) -> None:
        """``{a \\over b}`` divides all that stands in its group."""
        self.reduce(OVER)
        self.push(OVER, "binary", token, "div")
        self.i += 1

    def comparison(self, token: Token) -> None:
        self.reduce(COMPARED + 1)
        frame = self.frames[-1] if self.frames else None
        first = frame is not None and frame.kind == "call" and len(self.out) == frame.base + 1
        if frame is None or not first or not selects(frame.op.op):
            self.fail(Message("reading.comparison"), token.start, Message("hint.give_one"))
        self.push(COMPARED, "binary", token, token.value)
        self.i += 1

    def bar_behind(self, token: Token) -> None:
        """A bar behind an operand closes the innermost |, else it opens a factor."""
        frame = next((f for f in reversed(self.frames) if f.prec == OPEN), None)
        closes = frame is not None and frame.kind in ("bar", "barred")
        if token.value == "open" or (not closes and token.value != "close"):
            self.juxtaposed(token)
            return
        self.reduce(COMPARED)
        if not closes or frame is None:
            self.fail(Message("reading.bar"), token.start, "|x|")
        self.frames.pop()
        self.open -= 1
        if frame.kind == "barred":
            x = self.out.pop()
            size = Term(SIGNS["|x|"], (x,), None, (frame.token.end, token.end))
            self.finish(frame, [size], self.out)
        else:
            self.out[-1] = Term(SIGNS["|x|"], (self.out[-1],), None, (frame.token.start, token.end))
        self.i += 1
        self.complete()


_Handler = Callable[[Parser, Token], None]

_BEFORE: dict[str, _Handler] = {
    "number": Parser.operand, "rest": Parser.operand, "name": Parser.operand,
    "constant": Parser.operand, "function": Parser.function, "op": Parser.sign,
    "open": Parser.opening, "bar": Parser.bar, "root": Parser.radical, "frac": Parser.fraction,
}  # fmt: skip
_AFTER: dict[str, _Handler] = {
    "op": Parser.operator, "close": Parser.closing, "raised": Parser.superscript,
    "comma": Parser.comma, "semicolon": Parser.comma, "compare": Parser.comparison,
    "factorial": Parser.factorial, "bar": Parser.bar_behind, "over": Parser.over,
    **dict.fromkeys(("number", "rest", "name", "constant", "function", "root", "frac", "open"),
                    Parser.juxtaposed),
}  # fmt: skip
_CLOSERS = {
    "open": Parser.close_plain, "call": Parser.close_call, "power": Parser.close_power,
    "index": Parser.close_index,
}  # fmt: skip
