"""What may begin an operand: numbers, names, signs, brackets, roots, functions."""

from __future__ import annotations

from typing import NoReturn

from graphdiff.core.ops import SIGNS
from graphdiff.core.support.words import Message

from .stack import BARE, FUNCTION, OPEN, POWER, RAISED_SIGN, SIGN, TIGHT, Stack
from .terms import Term, constant
from .tokens import Token
from .words import FUNCTIONS, Function

__all__ = ["Operands"]

_ROOTS = {"√": 2, "∛": 3, "∜": 4, "\\sqrt": 2}
_STARTS = BARE | {"function", "root", "frac", "open", "bar"}


class Operands(Stack):
    """Handlers of tokens where an operand is due."""

    def misplaced(self, token: Token) -> NoReturn:
        if token.kind == "close" and self.frames and self.frames[-1].kind == "call":
            name = self.frames[-1].token.value[0]
            self.fail(Message("reading.argument", name=name), token.start, f"{name}(x)")
        if token.kind == "function" or (self.frames and self.frames[-1].kind == "function"):
            name = (self.frames[-1].token if token.kind != "function" else token).value[0]
            self.fail(Message("reading.argument", name=name), token.start, f"{name}(x)")
        hint = Message("hint.missing")
        self.fail(Message("reading.misplaced", token=self.shown(token)), token.start, hint)

    def operand(self, token: Token) -> None:
        if token.other:
            token = self.chosen(token)
        if token.text and self.frames and self.frames[-1].kind in ("fraction", "denominator"):
            token = self.first_digit(token)
        if token.kind == "name":
            self.names += 1
        self.out.append(token.value)
        self.i += 1
        self.complete()

    def chosen(self, token: Token) -> Token:
        """The token itself, or the first of those that it might mean instead."""
        other = token.other
        if len(other) == 3 and other[1].kind == "comma":
            return self.chosen_comma(token)
        if not self.ask("number" if len(other) > 1 else "percent", token.start):
            return token
        self.tokens[self.i : self.i + 1] = other
        return other[0]

    def chosen_comma(self, token: Token) -> Token:
        a, comma, b = token.other
        frame = next((f for f in reversed(self.frames) if f.prec == OPEN), None)
        if frame is not None and frame.kind == "call" and frame.op.most > 1:
            self.tokens[self.i : self.i + 1] = token.other
            return a
        after = self.tokens[self.i + 1 : self.i + 2]
        last = next((f for f in reversed(self.frames) if f.kind != "minus"), None)
        if frame is not None and frame is last and frame.kind == "open" and (
            not after or after[0].kind in ("close", "comma")
        ):  # fmt: skip
            self.fail(Message("reading.list"), comma.start, Message("hint.one_number"))
        self.notes[Message("note.decimal_comma")] = None
        if not self.ask("comma", token.start):
            return token
        if len(b.text) == 3 and not a.text.startswith("0"):
            return token._replace(value=constant(int(a.text + b.text), (a.start, b.end)))
        self.tokens[self.i : self.i + 1] = (a, Token("op", "*", comma.start, comma.end), b)
        return a

    def first_digit(self, token: Token) -> Token:
        """``\\frac12``: an argument without braces is one digit; the rest stays for later."""
        if len(token.text) == 1 or not token.text.isdigit():
            return token
        self.tokens[self.i : self.i + 1] = self.digits(token)
        return self.tokens[self.i]

    def digits(self, token: Token) -> tuple[Token, Token]:
        head, rest, cut = token.text[0], token.text[1:], token.start + 1
        return (
            Token("number", constant(int(head), (token.start, cut)), token.start, cut, token.gap),
            Token("rest", constant(int(rest), (cut, token.end)), cut, token.end, 0, rest),
        )

    def sign(self, token: Token) -> None:
        """A sign in front of an operand."""
        if token.value not in "+-":
            self.misplaced(token)
        self.i += 1
        frames = self.frames
        if token.value == "+" or (frames and frames[-1].prec == TIGHT):
            if frames and frames[-1].prec == TIGHT:
                self.misplaced(token)
            return
        last = frames[-1] if frames else None
        if last is not None and last.kind == "minus":  # two signs are none
            frames.pop()
            return
        self.push(RAISED_SIGN if last is not None and last.prec == POWER else SIGN, "minus", token)

    def opening(self, token: Token) -> None:
        self.deeper(token)
        self.push(OPEN, "open", token).bracket = token.value
        self.i += 1

    def bar(self, token: Token) -> None:
        if token.value == "close":
            self.misplaced(token)
        self.deeper(token)
        self.push(OPEN, "bar", token)
        self.i += 1

    def fraction(self, token: Token) -> None:
        self.push(TIGHT, "fraction", token)
        self.i += 1

    def radical(self, token: Token) -> None:
        """√ and \\sqrt: of the next number, name or bracket."""
        self.i += 1
        following = self.tokens[self.i] if self.i < len(self.tokens) else None
        if token.value == "\\sqrt" and following is not None and following.value == "[":
            self.deeper(following)
            self.push(OPEN, "index", token).bracket = "["
            self.i += 1
            return
        prec = TIGHT
        open_ended = token.value != "\\sqrt"  # LaTeX shows how far its root reaches
        bare = open_ended and following is not None and following.kind in BARE
        if bare and self.runs_on(self.i + 1):
            prec = FUNCTION if self.ask("root", token.start) else TIGHT
        self.push(prec, "root" if prec == TIGHT else "function",
                  token if prec == TIGHT else token._replace(kind="function", value=(SIGNS["√" if
                  _ROOTS[token.value] == 2 else "∛"], None)), _ROOTS[token.value])  # fmt: skip

    def runs_on(self, j: int) -> bool:
        """Whether the text goes on without an operator, or with a power."""
        if j >= len(self.tokens):
            return False
        token = self.tokens[j]
        return token.kind in ("name", "constant", "number", "rest", "raised") or token.value == "^"

    def function(self, token: Token) -> None:
        if token.other:
            called = self.i + 1 < len(self.tokens) and self.tokens[self.i + 1].kind == "open"
            if self.ask("function", token.start) is called:  # asin(x), but a·sin x
                self.tokens[self.i : self.i + 1] = token.other
                return
        self.i += 1
        following = self.tokens[self.i] if self.i < len(self.tokens) else None
        power: Term | None = None
        if following is not None and following.kind == "raised":
            power = following.value
            self.i += 1
        elif following is not None and following.value == "^":
            self.i += 1
            if not self.simple_power():
                self.deeper(token)
                self.push(OPEN, "power", token).bracket = self.tokens[self.i].value
                self.i += 1
                return
            power = self.out.pop()
        self.argument(token, power)

    def simple_power(self) -> bool:
        """``sin^2 x``, ``sin^-1 x``: puts the power out, unless it is in brackets."""
        j = self.i
        sign = j < len(self.tokens) and self.tokens[j].value == "-"
        j += sign
        token = self.tokens[j] if j < len(self.tokens) else None
        if token is None or token.kind not in ("number", "name", "constant", "open"):
            self.fail(Message("reading.power"), token.start if token else self.end, "sin^2(x)")
        if token.kind == "open":
            if sign:
                self.fail(Message("reading.bare_power"), token.start, "sin^(-1)(x)")
            return False
        term: Term = token.value
        if sign:
            start = self.tokens[self.i].start
            integer = term.op == "const" and isinstance(term.value, int)
            term = (
                constant(-term.value, (start, term.span[1])) if integer
                else Term("neg", (term,), None, (start, term.span[1]))
            )  # fmt: skip
        self.out.append(term)
        self.i = j + 1
        return True

    def argument(self, token: Token, power: Term | None) -> None:
        """Begin the argument of a function."""
        name = token.value[0]
        row: Function = FUNCTIONS[name]
        following = self.tokens[self.i] if self.i < len(self.tokens) else None
        if following is None:
            self.fail(Message("reading.argument", name=name), token.start, f"{name}(x)")
        if following.kind == "open" or (following.kind == "bar" and following.value != "close"):
            self.deeper(following)
            # The argument of ln|x| is what stands between the bars.
            frame = self.push(OPEN, "call" if following.kind == "open" else "barred", token, row)
            frame.power = power
            frame.bracket = following.value
            self.i += 1
            return
        if row.least > 1:
            self.fail(Message("reading.brackets", name=name), token.start, f"{name}(x, y)")
        if following.kind not in _STARTS and following.value not in ("+", "-"):
            self.fail(Message("reading.argument", name=name), token.start, f"{name}(x)")
        frame = self.push(FUNCTION, "function", token, row)
        frame.power = power
        # 2xcosx^2 is glued: the power is the argument's.
        k = self.i - 2
        glued = not following.gap and power is None and k >= 0
        frame.sure = glued and not token.gap and self.tokens[k].kind in BARE
