"""Products without a sign: ``2x``, ``sin 2x``, ``1/2x``, ``e^2x``."""

from __future__ import annotations

import re
from fractions import Fraction

from graphdiff.core.support.words import Message

from .operands import Operands
from .stack import BARE, BELOW, EXPONENT, INSIDE, MIXED, POWER, PRODUCT, RAISED_SIGN, Frame
from .terms import constant
from .tokens import Token

__all__ = ["Products"]


_OF_NUMBERS = re.compile(r"((number|open number close)( |$)){2}")
"""The kinds of the tokens behind ``\\frac`` where it is made of numbers."""


class Products(Operands):
    """Handlers of an operand behind an operand."""

    def juxtaposed(self, token: Token) -> None:
        """An operand behind an operand: a product.  The token is read again as its start."""
        before = self.tokens[self.i - 1]
        if token.gap == 2:
            self.fail(Message("reading.line"), token.start, Message("hint.one_or_chain"))
        if token.kind == "number" and before.kind in ("number", "rest"):
            if self.mixed_number(before, token):
                return
            self.two_numbers(before, token)
            return
        if token.kind == "frac" and self.mixed(token, before):
            self.push(MIXED, "binary", token, "add")
            return
        prec = self.binding(token, before)
        self.reduce(prec)
        self.push(prec, "binary", token, "mul")

    def two_numbers(self, before: Token, token: Token) -> None:
        """``2½`` is a mixed number; other numbers side by side are a slip."""
        x, y = before.value, token.value
        if not (before.text.isdigit() and y.op == "const" and token.gap < 2) or (
            not token.text or token.text.isdigit()
        ):
            self.fail(Message("reading.two_numbers"), token.start, Message("hint.times"))
        self.out[-1] = constant(x.value + y.value, (before.start, token.end))
        self.i += 1

    def mixed_number(self, before: Token, token: Token) -> bool:
        """``1 1/2``: whether it could be read, as 3/2 or as a product."""
        behind = self.tokens[self.i + 1 : self.i + 3]
        texts = [before.text, token.text, *(t.text for t in behind[1:])]
        slash = len(behind) == 2 and behind[0].value == "/"
        if not slash or not all(text.isdigit() for text in texts) or not int(texts[2]):
            return False
        fraction = constant(Fraction(int(texts[1]), int(texts[2])), (token.start, behind[1].end))
        if self.taken_as_sum(token):
            whole = self.out[-1].value + fraction.value
            self.out[-1] = constant(whole, (before.start, behind[1].end))
            self.i += 3
        else:
            self.tokens[self.i : self.i + 3] = [Token("rest", fraction, *fraction.span)]
            self.reduce(PRODUCT)
            self.push(PRODUCT, "binary", token, "mul")
        return True

    def taken_as_sum(self, token: Token) -> bool:
        """Whether a fraction behind a whole number is added to it."""
        choice = self.settings.mixed
        return self.ask("mixed", token.start) if choice == "either" else choice == "sum"

    def mixed(self, token: Token, before: Token) -> bool:
        """``2\\frac12``: whether it is the mixed number 5/2."""
        if not before.text.isdigit() or token.gap == 2:
            return False
        following = self.tokens[self.i + 1 : self.i + 7]
        digits = following[:1] and following[0].text.isdigit() and len(following[0].text) > 1
        plain = digits or _OF_NUMBERS.match(" ".join([t.kind for t in following]))
        return bool(plain) and self.taken_as_sum(token)

    def binding(self, token: Token, before: Token) -> int:
        """How tightly this product binds."""
        if self.in_exponent(token, before):
            return EXPONENT
        frame = self.waiting() if self.functions else None
        if frame is not None:
            return self.binding_in_argument(frame, token)
        return BELOW if self.below(token) else PRODUCT

    def binding_in_argument(self, frame: Frame, token: Token) -> int:
        numeric = self.names == frame.names
        if token.kind == "function" or (token.kind in ("open", "bar") and not numeric):
            return PRODUCT  # sin x cos x, sin x(y)
        if numeric:
            return INSIDE
        # sin x y is mostly sin(xy), and \sin x \sqrt y two factors; both may be otherwise.
        ends = token.kind in ("root", "frac")
        return PRODUCT if self.ask("argument", token.start) is not ends else INSIDE

    def in_exponent(self, token: Token, before: Token) -> bool:
        """``e^2x``: whether the exponent runs on."""
        if token.kind not in ("name", "constant") or token.gap or len(self.frames) == 0:
            return False
        top = self.frames[-1]
        if top.prec == EXPONENT:
            return True
        k = len(self.frames) - 1
        if top.prec == RAISED_SIGN:
            k -= 1
        if k < 0 or self.frames[k].prec != POWER or before.kind not in BARE:
            return False
        base = self.out[-2]
        number = base.op == "const" and base.value != "pi"
        first = self.tokens[self.i - 2].value in ("^", "-")
        return number and first and self.ask("exponent", token.start)

    def below(self, token: Token) -> bool:
        """``1/2x``: whether the product belongs to the denominator."""
        k = len(self.frames) - 1
        while k >= 0 and self.frames[k].prec > PRODUCT:
            k -= 1
        if k < 0 or self.frames[k].op != "div" or self.frames[k].prec != PRODUCT:
            return False
        slash = self.settings.slash
        if slash != "either":
            return slash == "denominator"
        stroke = self.frames[k].token
        return not self.factor(token, stroke) and self.ask("slash", stroke.start)

    def factor(self, token: Token, stroke: Token) -> bool:
        """``1/2 x``, ``4/3pir^3``: a fraction of numbers before a space or before π is a factor."""
        top, bottom = self.out[-2], self.out[-1]
        if type(top.value) is not int or type(bottom.value) is not int:
            return False
        pi = token.kind == "constant" and token.value.value == "pi" and top.value > 1
        return pi or token.gap > stroke.gap
