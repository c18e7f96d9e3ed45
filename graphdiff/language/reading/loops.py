"""Loops written out: ``for i in 1..3: h_i = tanh(w*h_{i-1})`` is read as its three statements.

The reader gets the tokens of these statements, each at its place in the text, and knows of no loop.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NoReturn, Protocol

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.limits import Limits
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import GraphDiffError, LimitExceeded, ParseError, Span

from .tokens import Token, tokens

__all__ = ["Watch", "unrolled"]

_OPENS = {"LPAR", "LSQB", "LBRACE"}
_CLOSES = {"RPAR", "RSQB", "RBRACE"}
_NO_FORMULA = {"SEP", "EQUAL", "RANGE", "COLON", "LBRACE"}
"""What stands in no index: no index has an index, however deep they are written."""
_FORM = "a loop reads: for i in 1..5: h_i = tanh(w*h_{i-1})"


class Watch(Protocol):
    """Who is told where loops begin and end, as soon as what stands before was read."""

    def begin_loop(self) -> None: ...

    def begin_repetition(self) -> None: ...

    def end_loop(self, repetitions: int) -> None: ...


def unrolled(
    text: str, limits: Limits, read: Callable[[str], Any], watch: Watch | None = None
) -> Iterator[Token]:
    """The tokens of a program without loops and computed indices; ``read`` reads a formula.

    Raises ParseError and LimitExceeded.

    >>> from graphdiff.core.limits import DEFAULT
    >>> from graphdiff.language.reading.infix import parse_program
    >>> found = unrolled("for i in 1..2: x_i = x_{i-1}*i", DEFAULT, parse_program)
    >>> " ".join(word for _, word, _, _ in found)
    'x_1 = x_0 * 1 ; x_2 = x_1 * 2 ; '
    """
    if "{" not in text and "for" not in text:
        return tokens(text)
    return _Unrolling(text, limits, read, watch).tokens()


@dataclass
class _Loop:
    """A loop that is being repeated."""

    variable: str
    body: list[Token]
    value: int
    last: int
    count: int
    place: int = 0
    """How many tokens of the body have been taken in this repetition."""


@dataclass
class _Unrolling:
    text: str
    limits: Limits
    read: Callable[[str], Any]
    watch: Watch | None
    loops: list[_Loop] = field(default_factory=list)
    """Those around the present token, the outermost first."""
    back: list[Token] = field(default_factory=list)
    """Tokens outside of loops that were looked at beforehand."""
    formulas: dict[tuple[int, int], Any] = field(default_factory=dict)
    """Indices and ends of ranges that were read, by their place."""
    repetitions: int = 0
    written: int = 0

    def __post_init__(self) -> None:
        self.stream = tokens(self.text)

    def tokens(self) -> Iterator[Token]:
        begins, depth, end = True, 0, 0
        while True:
            token = self.take()
            if token is None:
                yield "SEP", ";", end, end
                self.repeat()
                begins = True
                continue
            kind, word, _, end = token
            if kind == "NAME":
                if begins and word == "for" and self.loop(token):
                    continue
                token = self.named(token)
            yield token
            if kind == "END":
                return
            depth += (kind in _OPENS) - (kind in _CLOSES)
            begins = kind == "SEP" and depth <= 0

    def take(self) -> Token | None:
        """The next token as it stands in the text; None where the body of a loop ends."""
        if not self.loops:
            return self.back.pop() if self.back else next(self.stream)
        loop = self.loops[-1]
        if loop.place == len(loop.body):
            return None
        loop.place += 1
        return loop.body[loop.place - 1]

    def give_back(self, token: Token | None) -> None:
        """Take back what ``take`` has returned last."""
        if self.loops:
            self.loops[-1].place -= token is not None
        elif token is not None:
            self.back.append(token)

    def repeat(self) -> None:
        """Go on with the next repetition of the innermost loop, or with what follows it."""
        loop = self.loops[-1]
        if loop.value == loop.last:
            self.loops.pop()
            if self.watch is not None:
                self.watch.end_loop(loop.count)
            return
        loop.value, loop.place = loop.value + 1, 0
        self.repeated(loop)

    def repeated(self, loop: _Loop) -> None:
        self.repetitions += 1
        self.written += len(loop.body)
        _, _, start, end = loop.body[0]
        if self.repetitions > self.limits.repetitions:
            self.fail_limit(
                f"loops with more than {self.limits.repetitions:,} repetitions", "repetitions",
                start, end,
            )  # fmt: skip
        if self.written > self.limits.text:
            self.fail_limit(
                f"loops that say more than {self.limits.text:,} words", "text", start, end
            )
        if self.watch is not None:
            self.watch.begin_repetition()

    # -- names and indices ----------------------------------------------------------------------

    @property
    def known(self) -> dict[str, int]:
        """The variables of the loops around, with their present values."""
        return {loop.variable: loop.value for loop in self.loops}

    def named(self, token: Token) -> Token:
        """A name whose indices are numbers; the variable of a loop is a number itself."""
        _, word, start, end = token
        known = self.known
        if word in known:
            return "NUMBER", str(known[word]), start, end
        name, *indices = word.split("_")
        if any(index in known for index in indices):
            shown = [self.index(known.get(k, k), start, end) for k in indices]
            name, indices = "_".join([name, *shown]), []
        word = "_".join([name, *indices])
        if not word.endswith("_"):
            return "NAME", word, start, end
        brace = self.take()
        if brace is None or brace[0] != "LBRACE" or brace[2] != end:
            self.give_back(brace)
            return "NAME", word, start, end
        inside, end = self.inside(brace)
        return "NAME", word + self.subscripts(inside), start, end

    def inside(self, brace: Token) -> tuple[list[Token], int]:
        """The tokens up to the brace that closes this one, and where that ends."""
        found: list[Token] = []
        depth = 1
        while True:
            token = self.take()
            if token is None or token[0] == "END":
                self.fail("this { is never closed", brace[2], brace[3], "close it with }")
            depth += (token[0] == "LBRACE") - (token[0] == "RBRACE")
            if not depth:
                break
            found.append(token)
        if not found:
            self.fail("these braces are empty", brace[2], token[3], "h_{i-1}; for …: { …; … }")
        return found, token[3]

    def subscripts(self, inside: list[Token]) -> str:
        """The indices in braces, as they stand in a name."""
        items: list[list[Token]] = [[]]
        for token in inside:
            if token[0] == "COMMA":
                items.append([])
            elif token[0] != "SEP" or token[1] == ";":  # lines may end within braces
                items[-1].append(token)
        if not all(items):
            place = inside[0][2], inside[-1][3]
            self.fail("an index is missing here", *place, "one between commas: a_{i,j}")
        return "_".join(map(self.subscript, items))

    def subscript(self, item: list[Token]) -> str:
        """An index as it stands in a name: a number, or a word that means none."""
        if len(item) == 1 and item[0][0] == "NAME" and item[0][1] not in self.known:
            return item[0][1]
        return self.index(self.number(item, "index"), item[0][2], item[-1][3])

    def index(self, value: int | str, start: int, end: int) -> str:
        if isinstance(value, int) and value < 0:
            self.fail(f"the index {value} is below 0", start, end, "let the loop begin later")
        return str(value)

    def number(self, formula: list[Token], what: str) -> int:
        """What an index or an end of a range comes to."""
        start, end = formula[0][2], formula[-1][3]
        for kind, word, *at in formula:
            if kind in _NO_FORMULA:
                self.fail(f"unexpected {word!r} in the {what}", at[0], at[1], "h_{i-1}, x_{2*t}")
        try:
            if (start, end) not in self.formulas:
                self.formulas[start, end] = self.read(self.text[start:end].replace("\n", " "))
            program = self.formulas[start, end]
            for name, i in program.inputs.items():
                if name not in self.known:
                    raise ParseError(
                        f"{name} is the variable of no loop", span=program.tape.spans[i],
                        hint="a number is needed here, since a graph has so many nodes: 1..5",
                    )  # fmt: skip
            order = program.tape.needed_for([program.output])
            value = forward(program.tape, order, self.known, RATIONAL)[program.output]
        except GraphDiffError as error:
            error.source = self.text
            error.span = error.span and Span(start + error.span.start, start + error.span.end)
            raise
        if not isinstance(value, int) and getattr(value, "denominator", 0) != 1:
            self.fail(f"the {what} {self.text[start:end]} is no whole number", start, end)
        return int(value)

    # -- loops ----------------------------------------------------------------------------------

    def loop(self, begin: Token) -> bool:
        """Begin the loop that stands here; False if ``for`` is but a name."""
        variable, word = self.take(), None
        if variable is not None and variable[0] == "NAME":
            word = self.take()
            if word is not None and word[0] in ("EQUAL", "NAME") and word[1] != "in":
                self.fail(f"unexpected {word[1]!r}: expected 'in'", word[2], word[3], _FORM)
        if variable is None or word is None or word[1] != "in":
            self.give_back(word)
            self.give_back(variable)
            return False
        name = variable[1]
        if name in self.known or "_" in name:
            message = f"{name} cannot be the variable of this loop"
            self.fail(message, variable[2], variable[3], "choose another letter")
        low, high = self.bound("RANGE", "'..'", begin), self.bound("COLON", "':'", begin)
        first, last = self.number(low, "end"), self.number(high, "end")
        if last < first:
            hint = "a range goes from the smaller number to the larger one"
            self.fail(f"the range {first}..{last} is empty", low[0][2], high[-1][3], hint)
        loop = _Loop(name, self.body(begin), first, last, last - first + 1)
        if loop.count > self.limits.repetitions:
            message = f"a loop with {loop.count:,} repetitions"
            self.fail_limit(message, "repetitions", low[0][2], high[-1][3])
        if self.watch is not None:
            self.watch.begin_loop()
        self.loops.append(loop)
        self.repeated(loop)
        return True

    def bound(self, until: str, sign: str, begin: Token) -> list[Token]:
        """An end of a range, up to the sign behind it."""
        found: list[Token] = []
        while True:
            token = self.take()
            if token is None or token[0] in ("SEP", "END", "LBRACE", "EQUAL"):
                at = token or begin
                self.fail(f"the loop has no {sign} behind its range", at[2], at[3], _FORM)
            if token[0] == until:
                break
            if token[0] in ("RANGE", "COLON"):
                self.fail(f"unexpected {token[1]!r}: expected {sign}", token[2], token[3], _FORM)
            found.append(token)
        if not found:
            self.fail("the range of the loop has no end here", token[2], token[3], _FORM)
        return found

    def body(self, begin: Token) -> list[Token]:
        """One statement, or those in braces."""
        token = self.take()
        while token is not None and token[0] == "SEP" and token[1] != ";":
            token = self.take()
        if token is not None and token[0] == "LBRACE":
            return self.inside(token)[0]
        found: list[Token] = []
        depth = 0
        while token is not None and token[0] != "END":
            if token[0] == "SEP" and not depth:
                # The body of a loop in this one may begin in the next line, too.
                if token[1] == ";" or not found or found[-1][0] != "COLON":
                    break
            else:
                depth += (token[0] in _OPENS) - (token[0] in _CLOSES)
                found.append(token)
            token = self.take()
        self.give_back(token)
        if not found:
            self.fail("the loop has no body", begin[2], begin[3], _FORM)
        return found

    def fail(self, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        span = Span(start, max(end, start + 1))
        raise ParseError(message, source=self.text, span=span, hint=hint)

    def fail_limit(self, message: str, limit: str, start: int, end: int) -> NoReturn:
        raise LimitExceeded(message, source=self.text, span=Span(start, end), limit=limit)
