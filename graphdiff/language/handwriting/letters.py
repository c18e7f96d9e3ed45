"""Letters: names, functions, constants, with their digits and indices."""

from __future__ import annotations

import re
from fractions import Fraction

from graphdiff.core.support.words import Message

from .characters import LOWERED
from .numbers import MOST_DIGITS, Numbers
from .terms import Term, constant
from .tokens import Token
from .words import COMMON, FOREIGN, FUNCTIONS, NO_VALUES, Piece

__all__ = ["BELOW", "CALLED", "Letters"]

BELOW = re.compile(
    rf"_?([{''.join(LOWERED)}]+)|\s*_\s*(?:\{{\s*([^{{}}]*?)\s*\}}|([0-9]+|[A-Za-z0-9]+|\\[A-Za-z]+))"
)
"""An index: ``_{11}``, ``_1``, ``₁``."""
CALLED = re.compile(r"\s*(?:\\(?:left|big|Big|bigl|Bigl|mleft)\s*)?(?:[(\[{]|\\\{)")
MOST_INDEX = 40
_DIGITS = re.compile(r"[0-9]+")
_INNER_DIGITS = re.compile(r"[0-9]+[A-Za-z]+")


class Letters(Numbers):
    """Scans runs of letters."""

    def word(self, run: str, i: int, stop: int, end: int) -> int:
        """A run of letters with what belongs to it; returns where it ends."""
        text = self.text
        follows = text[stop : stop + 1]
        if follows and (follows == "_" or follows in LOWERED or "0" <= follows <= "9"):
            below = None if "0" <= follows <= "9" else BELOW.match(text, stop, end)
            if below is not None:
                return self.indexed(run, i, stop, below)
            # The x of \\frac x2 stands alone.
            if "0" <= follows <= "9" and not (self.tokens and self.tokens[-1].kind == "frac"):
                taken = self.numbered(run, i, stop, end)
                if taken:
                    return taken
        if follows == "'" and run + "'" in self.words.declared:
            self.name(run + "'", i, stop + 1)
            return stop + 1
        called = CALLED.match(text, stop, end) is not None
        self.letters(run, i, stop, called)
        return stop

    def letters(self, run: str, i: int, stop: int, called: bool) -> None:
        if run.lower() in NO_VALUES and run not in self.words.declared:
            self.fail(Message("reading.expression", name=run), i, Message("hint.expression"))
        # idk is not i·d·k, whatever letters are variables.
        word = run != "idk" or run in self.words.declared
        foreign = called and run in FOREIGN and run not in self.words.declared
        if foreign and self.words.open:
            self.fail(Message("reason.own_row", name=run), i)
        pieces = self.words.split(run, called) if word and not foreign else None
        if pieces is None:
            if run in FUNCTIONS and run not in COMMON:
                self.fail(Message("reading.brackets", name=run), i, f"{run}(…)")
            self.stranger(run, i, stop)
            return
        for piece in pieces:
            self.piece(piece, run, i)

    def piece(self, piece: Piece, run: str, i: int) -> None:
        start, stop = i + piece.start, i + piece.end
        if piece.kind == "constant":
            self.add("constant", constant(piece.value, self.span(start, stop)), start, stop)
        elif piece.kind == "name":
            if not piece.known:
                self.unknown.setdefault(piece.value, self.place(start))
            self.name(piece.value, start, stop)
        else:
            written = run[piece.start : piece.end]
            if written != piece.value:
                self.notes[Message("note.read_as", written=written, name=piece.value)] = None
            self.function(piece.value, start, stop)

    def name(self, name: str, i: int, stop: int) -> None:
        self.applicable = self.applicable or name in self.functions
        self.add("name", Term("input", (), name, self.span(i, stop)), i, stop)

    def function(self, name: str, i: int, stop: int) -> None:
        other: tuple[Token, ...] = ()
        if name[0] == "a" and name[1:] in COMMON and "a" in self.words.declared:
            a, b = self.span(i, stop)
            factor = Token("name", Term("input", (), "a", (a, a + 1)), a, a + 1)
            other = (factor, Token("function", (name[1:], None), a + 1, b))
        self.add("function", (name, None), i, stop, "", other)

    def stranger(self, name: str, i: int, stop: int) -> None:
        """A name that nobody declared."""
        self.unknown.setdefault(name, self.place(i))
        self.name(name, i, stop)

    def numbered(self, run: str, i: int, stop: int, end: int) -> int:
        """Letters with digits behind them: ``w0``, ``xw0``, ``log10``, ``sin2x``; 0: no name."""
        found = _DIGITS.match(self.text, stop, end)
        assert found is not None
        longer = _INNER_DIGITS.match(self.text, stop, end)  # log1p(x)
        called = longer is not None and CALLED.match(self.text, longer.end(), end)
        if longer and called and self.numbered_function(run, longer[0], i, stop, longer.end()):
            return longer.end()
        after = found.end()
        if self.numbered_function(run, found[0], i, stop, after):
            return after
        if self.ends_in_name(run, found[0], i, stop, after):
            return after
        pieces = self.words.split(run, False)
        if pieces is not None and pieces[-1].kind == "function":
            return 0  # sin2x: the digits begin the argument
        self.unknown_index(run, found[0], i, stop, after)
        return after

    def numbered_function(self, run: str, digits: str, i: int, stop: int, after: int) -> bool:
        """``log10(x)``, ``xlog2(x)``; ``log2x`` may be the logarithm of 2x."""
        for k in range(max(0, len(run) - 5), len(run)):
            name = run[k:] + digits
            before = self.words.split(run[:k], False) if k else ()
            if name not in FUNCTIONS or name in self.words.declared or before is None:
                continue
            for piece in before:
                self.piece(piece, run, i)
            other: tuple[Token, ...] = ()
            if self.text[after : after + 1].isalpha() and run[k:] == "log":
                log = Token("function", ("log", None), *self.span(i + k, stop))
                other = (log, *self.part(digits, stop))
            self.add("function", (name, None), i + k, after, "", other)
            return True
        return False

    def ends_in_name(self, run: str, index: str, i: int, stop: int, after: int) -> bool:
        """Whether the run is a product whose last factor is a declared name with this index."""
        for k in range(max(0, len(run) - 24), len(run)):
            written = self.text[i + k : after]
            find = self.words.find
            name = find(written) or find(f"{run[k:]}_{index}") or find(run[k:] + index)
            if name is None:
                continue
            before = self.words.split(run[:k], False) if k else ()
            if before is None:
                continue
            for piece in before:
                self.piece(piece, run, i)
            self.name(name, i + k, after)
            return True
        return False

    def unknown_index(self, run: str, index: str, i: int, stop: int, after: int) -> None:
        sign = "_" if not index.isdigit() or self.text[stop : stop + 1] == "_" else ""
        if self.words.open:
            self.name(f"{run}{sign}{index}", i, after)
        else:
            self.stranger(f"{run}{sign}{index}", i, after)

    def below(self, found: re.Match[str]) -> str:
        """An index as it is written: letters and digits."""
        raw = next(part for part in found.groups() if part is not None)
        index = "".join(LOWERED.get(c, c) for c in raw)
        if found[2] is not None and not re.fullmatch(r"[A-Za-z0-9,.\\ ]+", index):
            self.fail(Message("reading.index"), found.start(), Message("hint.index"))
        return index.replace(",", "").replace(" ", "").replace("\\", "")

    def indexed(self, run: str, i: int, stop: int, below: re.Match[str]) -> int:
        """Letters with an index: ``w_{11}``, ``x₁``, ``log_2``."""
        index, after = self.below(below), below.end()
        if f"{run}_{index}" in FUNCTIONS and f"{run}_{index}" not in self.words.declared:
            self.function(f"{run}_{index}", i, after)
            return after
        if self.based(run, i, stop):
            if below[3] is not None and index.isalpha():
                after, index = below.start(3) + 1, index[0]
            return self.base(run, index, i, stop, after)
        if self.ends_in_name(run, index, i, stop, after):
            return after
        if below[3] is not None and not index.isdigit():  # x_ny: an index of one letter, then y
            for k in range(min(len(index), MOST_INDEX) - 1, 0, -1):
                if self.ends_in_name(run, index[:k], i, stop, below.start(3) + k):
                    return below.start(3) + k
        self.unknown_index(run, index, i, stop, after)
        return after

    def based(self, run: str, i: int, stop: int) -> bool:
        """Whether an index behind this run is the base of a logarithm, or a setting."""
        if run in self.words.declared:
            return False
        if run in ("LeakyReLU", "ELU"):
            return True
        pieces = self.words.split(run, False)
        return pieces is not None and pieces[-1].value in ("log", "ln", "lg") and (
            pieces[-1].kind == "function"
        )  # fmt: skip

    def base(self, run: str, index: str, i: int, stop: int, after: int) -> int:
        if run in ("LeakyReLU", "ELU"):
            run = FUNCTIONS[run.lower()].op
            pieces: tuple[Piece, ...] = ()
        else:
            pieces = self.words.split(run, False) or ()
            run = pieces[-1].value
        for piece in pieces[:-1]:
            self.piece(piece, self.text[i:stop], i)
        start = i + pieces[-1].start if pieces else i
        if index.replace(".", "", 1).isdigit():
            if len(index) > MOST_DIGITS:
                self.fail(Message("reading.long_index"), stop, kind="limit")
            value = Fraction(index)
            term = constant(value.numerator if value.denominator == 1 else value)
        elif index == "e" and "e" not in self.words.declared:
            term = constant("e")
        else:
            name = self.words.find(index)
            if name is None and not self.words.open:
                self.unknown.setdefault(index, self.place(stop))
            term = Term("input", (), name or index)
        self.add("function", (run, term._replace(span=self.span(stop, after))), start, after)
        return after
