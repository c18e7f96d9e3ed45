"""The scanner: text and LaTeX alike become one list of tokens."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import NoReturn

from graphdiff.core.support.words import Message

from .characters import FRACTIONS, LOWERED, RAISED
from .commands import ACCENTS, GLUED, IGNORED, NAMING, SIGNS
from .letters import BELOW, CALLED, Letters
from .numbers import MOST_DIGITS
from .terms import Term, constant
from .tokens import Token
from .words import COMMON, FUNCTIONS

__all__ = ["Scanner"]

_TOKEN = re.compile(
    r"(\s+)"
    r"|((?:[0-9]+(?:\.[0-9]*|(?:,|\{,\})[0-9]+(?![0-9]|\.[0-9]))?|\.[0-9]+)(?:[eE][+\-]?[0-9]+)?)"
    rf"|((?:(?![{''.join(RAISED)}{''.join(LOWERED)}{''.join(FRACTIONS)}])[^\W\d_])+)"
    r"|\\([A-Za-z]+|(?s:.))"
    rf"|([{''.join(RAISED)}]+)"
    r"|(\*\*|<=|>=|==|!=|!|(?s:.))"
)
_SPACE, _NUMBER, _WORD, _COMMAND, _RAISED = 1, 2, 3, 4, 5
_MODULE = re.compile(r"([A-Za-z]+)\.\Z")
_FOLLOWING = re.compile(r"[A-Za-z]\w*")
_BRACED = re.compile(r"\*?\s*\{\s*((?:[^\W_]|\\?_|\s)*?)\s*\}")
_ACCENTED = re.compile(r"\s*(?:\{\s*([A-Za-z]|\\[a-z]+)\s*\}|([A-Za-z])|(\\[a-z]+))")
_POWER = re.compile(r"([+-]?)\(?([+-]?)([0-9]*)([a-z]?)\)?")

_SIGNS: dict[str, tuple[str, str]] = {
    **{c: ("op", c) for c in "+-*/^"}, "**": ("op", "^"), "!": ("factorial", ""),
    **{c: ("open", c) for c in "([{⌊⌈"}, **{c: ("close", c) for c in ")]}⌋⌉"},
    "|": ("bar", ""), ",": ("comma", ""), ";": ("semicolon", ""),
    "<": ("compare", "lt"), ">": ("compare", "gt"), "<=": ("compare", "le"),
    ">=": ("compare", "ge"), "≤": ("compare", "le"), "≥": ("compare", "ge"),
    "==": ("compare", "eq"), "=": ("compare", "eq"),
    "!=": ("compare", "ne"), "≠": ("compare", "ne"),
    "√": ("root", "√"), "∛": ("root", "∛"), "∜": ("root", "∜"),
}  # fmt: skip
_REFUSED = {
    "'": "hint.derivative", '"': "hint.quotation", "%": "hint.percent", "&": "hint.no_formula",
    "°": "hint.degrees", "?": "hint.expression", ":": "hint.quotient", "∞": "hint.infinite",
    "±": "hint.one_sign", "_": "hint.index_place", "$": "hint.dollars",
    "∂": "hint.work_derivative", "\\": "hint.backslash", ".": "hint.point",
    "=": "hint.each_side", "≈": "hint.both_sides",
}  # fmt: skip
_REFUSED_COMMANDS = {
    "infty": "hint.infinite", "pm": "hint.one_sign", "\\": "hint.one_line",
    "partial": "hint.work_derivative", "circ": "hint.degrees", "degree": "hint.degrees",
    "prime": "hint.derivative",
}  # fmt: skip


def _holds(tokens: list[Token], k: int, name: str) -> bool:
    """Whether a name stands within the bracket that opens here: f(1 − f) is no call of f."""
    depth = 0
    for token in tokens[k:]:
        depth += (token.kind == "open") - (token.kind == "close")
        if token.kind == "name" and token.value.value == name:
            return True
        if not depth:
            return False
    return False


class Scanner(Letters):
    """Scans pieces of one text; collects unknown names and notes."""

    def scan(self, start: int, end: int) -> list[Token]:
        """The tokens of a part of the text."""
        self.tokens = tokens = []
        self.gap = 0
        self.applicable = False
        i, text, match = start, self.text, _TOKEN.match
        while i < end:
            found = match(text, i, end)
            assert found is not None  # the last alternative takes any character
            group, stop = found.lastindex, found.end()
            if group == _SPACE:
                self.gap = max(self.gap, 2 if "\n" in found[0] or "\r" in found[0] else 1)
            elif group == _NUMBER:
                stop = self.number(found[0], i, stop)
            elif group == _WORD:
                stop = self.word(found[0], i, stop, end)
            elif group == _COMMAND:
                stop = self.command(found[4], i, stop, end)
            elif group == _RAISED:
                self.raised(found[0], i, stop)
            else:
                known = _SIGNS.get(found[0])
                if known is not None and self.places is None:
                    tokens.append(Token(*known, i, stop, self.gap, found[0]))
                    self.gap = 0
                else:
                    self.sign(found[0], i, stop)
            i = stop
        return self.without_arguments(self.tokens) if self.applicable else self.tokens

    def without_arguments(self, tokens: list[Token]) -> list[Token]:
        """The tokens with ``f`` for ``f(x)``: a value applied to all that it depends on."""
        kept: list[Token] = []
        k = 0
        while k < len(tokens):
            token = tokens[k]
            kept.append(token)
            k += 1
            arguments = self.functions.get(token.value.value) if token.kind == "name" else None
            if not arguments:
                continue
            call = tokens[k : k + 2 * len(arguments) + 1]
            signs = [t.kind for t in call]
            wanted = ["open", *["name", "comma"] * len(arguments)]
            names = tuple(t.value.value for t in call[1::2] if t.kind == "name")
            if signs == [*wanted[:-1], "close"] and names == arguments:
                kept[-1] = token._replace(end=call[-1].end)
                k += len(call)
            elif call and call[0].value == "(" and not call[0].gap:
                self.guessed |= not _holds(tokens, k, token.value.value)
        return kept

    def raised(self, text: str, i: int, stop: int) -> None:
        """A superscript: ``²``, ``⁻¹``, ``ⁿ``."""
        plain = "".join(RAISED[c] for c in text)
        found = _POWER.fullmatch(plain)
        if found is None or not (found[3] or found[4]) or (found[1] and found[2]):
            self.fail(Message("reading.superscript"), i, Message("hint.power"))
        span = self.span(i, stop)
        if len(found[3]) > MOST_DIGITS:
            self.fail(
                Message("reading.digits", count=len(found[3])),
                i,
                Message("hint.most", most=MOST_DIGITS),
                "limit",
            )
        term = constant(int(found[3]), span) if found[3] else None
        if found[4]:
            name = self.words.find(found[4])
            if name is None and not self.words.open:
                self.unknown.setdefault(found[4], self.place(i))
            letter = Term("input", (), name or found[4], span)
            term = letter if term is None else Term("mul", (term, letter), None, span)
        assert term is not None
        if "-" in (found[1], found[2]):
            integer = term.op == "const"
            term = constant(-term.value, span) if integer else Term("neg", (term,), None, span)
        self.add("raised", term, i, stop)

    def sign(self, text: str, i: int, stop: int) -> None:
        found = _SIGNS.get(text)
        if found is not None:
            self.add(*found, i, stop, text)
            return
        if text in FRACTIONS:
            top, bottom = FRACTIONS[text]
            value = constant(Fraction(top, bottom), self.span(i, stop))
            self.add("number", value, i, stop, text)
            return
        if text == "~":
            self.gap = max(self.gap, 1)
            return
        if text == "%" and self.tokens and self.tokens[-1].kind == "number":
            self.percent(i, stop)
            return
        if text == "." and (module := _MODULE.search(self.text[max(0, i - 20) : stop])):
            self.of_module(module[1], i, stop)
        key = {"\\": "reading.backslash", "%": "reading.percent"}.get(text, "reading.unexpected")
        self.fail(Message(key, sign=repr(text)), i, Message(_REFUSED.get(text, "hint.signs")))

    def percent(self, i: int, stop: int) -> None:
        """``19.7%``: 0.197 where the course says so, else that or 19.7."""
        number = self.tokens.pop()
        value, half = number.value.value, Fraction(1, 2)
        if number.value.op == "decimal":
            value, half = value
        hundredth = Term("decimal", (), (Fraction(value) / 100, half / 100), self.span(i, stop))
        part = Token("number", hundredth, number.start, self.span(i, stop)[1], number.gap)
        if self.settings.percent == "either":
            part = number._replace(end=part.end, text="", other=(part,))
        self.tokens.append(part)

    def of_module(self, module: str, i: int, stop: int) -> NoReturn:
        """``np.exp(x)``: a function of a library, or a method of a value."""
        found = _FOLLOWING.match(self.text, stop)
        name = found[0] if found else ""
        hint = "hint.module" if name in FUNCTIONS else "hint.formula"
        if name in ("pi", "e"):
            hint = "hint.write"
        told = Message("reading.unexpected", sign="'.'")
        self.fail(told, i, Message(hint, name=name, module=module))

    def command(self, name: str, i: int, stop: int, end: int) -> int:
        """One command; returns where it ends."""
        if name in IGNORED:
            return self.ignored(name, i, stop, end)
        found = SIGNS.get(name)
        if found is not None:
            self.add(*found, i, stop)
            return stop
        if name in NAMING:
            return self.named(i, stop, end)
        if name in ACCENTS:
            return self.accented(name, i, stop, end)
        if name == "exponentialE":
            self.add("constant", constant("e", self.span(i, stop)), i, stop)
            return stop
        if name == "%":
            self.sign(name, i, stop)
            return stop
        if name in self.words.table or name in FUNCTIONS:
            return self.word_command(name, i, stop, end)
        if name in _REFUSED_COMMANDS:
            hint = Message(_REFUSED_COMMANDS[name])
            self.fail(Message("reading.refused_command", name=name), i, hint)
        return self.glued(name, i, stop, end)

    def ignored(self, name: str, i: int, stop: int, end: int) -> int:
        if name in ("left", "right", "mleft", "mright") or name.lower().startswith("big"):
            found = re.compile(r"\s*(\\?[|.])").match(self.text, stop, end)
            if found and found[1] == "|":
                side = {"t": "close", "r": "close", "l": "open"}.get(name[-1], "")
                side = "open" if name in ("left", "mleft") else side
                self.add("bar", side, i, found.end())
                return found.end()
            if found and name[-1] == "t":
                told = Message("reading.delimiter", name=name + found[1])
                self.fail(told, i, Message("hint.brackets"))
            return stop
        if name in (*",;:!>/ \n\t", "quad", "qquad", "space", "thinspace"):
            self.gap = max(self.gap, 1)
        return stop

    def named(self, i: int, stop: int, end: int) -> int:
        found = _BRACED.match(self.text, stop, end)
        if found is None or not found[1].strip():
            self.fail(Message("reading.braces"), i, "\\operatorname{arsinh}(x)")
        start, after = found.start(1), found.end()
        word = found[1].replace("\\_", "_")
        if " " in word:
            self.fail(Message("reading.words"), i, Message("hint.only"))
        below = BELOW.match(self.text, after, end)
        if below is not None and word in ("ELU", "GELU", "LeakyReLU"):
            if word != "GELU":
                return self.indexed(word, i, after, below)
            self.function("gelu_tanh", i, below.end())
            return below.end()
        if word in FUNCTIONS and word not in self.words.declared:
            if word in COMMON:
                return self.word_command(word, i, after, end)
            self.function(word, i, after)
            return after
        lower = word.lower()
        if word == "ReLU6" or (lower in FUNCTIONS and self.words.find(word) is None):
            self.function(lower, i, after)
            return after
        if below is not None:
            return self.indexed(word, i, after, below)
        name = self.words.find(word)
        if name is not None:
            self.name(name, i, after)
        else:
            self.letters(word, start, start + len(word), False)
        return after

    def accented(self, accent: str, i: int, stop: int, end: int) -> int:
        found = _ACCENTED.match(self.text, stop, end)
        if found is None:
            self.fail(Message("reading.accent", name=accent), i, f"\\{accent} x")
        letter = (found[1] or found[2] or found[3]).lstrip("\\")
        accent = {"widehat": "hat", "overline": "bar"}.get(accent, accent)
        below = BELOW.match(self.text, found.end(), end)
        index, after = ("", found.end()) if below is None else (self.below(below), below.end())
        tail = f"_{index}" if index else ""
        for spelling in (letter + accent, accent + letter, f"{letter}_{accent}"):
            name = self.words.find(spelling + tail)
            if name is not None:
                self.name(name, i, after)
                return after
        self.unknown_index(letter, accent + tail, i, i, after)
        return after

    def word_command(self, name: str, i: int, stop: int, end: int) -> int:
        """``\\sin``, ``\\theta``, ``\\log_2``, ``\\theta_1``."""
        below = BELOW.match(self.text, stop, end)
        if below is not None and (name in ("log", "ln", "lg") or name not in COMMON):
            return self.indexed(name, i, stop, below)
        called = CALLED.match(self.text, stop, end) is not None
        pieces = self.words.split(name, called)
        if pieces is None or len(pieces) > 1:
            self.function(name, i, stop)
        elif pieces[0].kind == "function":
            self.function(pieces[0].value, i, stop)
        else:
            value = pieces[0].value
            if pieces[0].kind == "constant":
                self.add("constant", constant(value, self.span(i, stop)), i, stop)
            else:
                if not pieces[0].known:
                    self.unknown.setdefault(value, self.place(i))
                self.name(value, i, stop)
        return stop

    def glued(self, name: str, i: int, stop: int, end: int) -> int:  # noqa: RET503 (fail raises)
        """A command with the letters after it: ``\\cdotx``, ``\\sinx``."""
        for k in range(min(len(name) - 1, 24), 1, -1):
            head, tail = name[:k], name[k:]
            if head not in GLUED and head not in COMMON and head not in ("pi", "theta"):
                continue
            if self.words.split(tail, False) is None:
                continue
            read_as = f"\\{head} {tail}"
            self.notes[Message("note.read_as", written=f"\\{name}", name=read_as)] = None
            self.command(head, i, i + 1 + k, i + 1 + k)
            return self.word(tail, i + 1 + k, stop, end)
        self.fail(Message("reading.command", name=name), i, Message("hint.commands"))
