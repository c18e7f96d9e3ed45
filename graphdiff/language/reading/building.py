"""The program under construction: what becomes of the parts that were read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from graphdiff.core.ir.group import Group
from graphdiff.core.ir.shape import Dim, Shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.ops import SIGNS, names
from graphdiff.core.support.decimals import level
from graphdiff.core.support.words import Message
from graphdiff.errors import (
    DomainError,
    GraphDiffError,
    LimitExceeded,
    ParseError,
    ShapeMismatch,
    Span,
    UnknownName,
)

from .tokens import Token

__all__ = ["Building", "Piece", "Program", "closest"]

_new = tuple.__new__
"""Makes a NamedTuple without its own, slower constructor."""
_UNGROUPED = re.compile(r"_(?![0-9]{3}(?![0-9]))")
CONSTANTS = {"pi": "pi", "π": "pi", "e": "e"}
_NOT_NUMBERS = {"nan", "inf", "infinity", "undefined", "true", "false", "none"}
_OTHERS = {
    "adadelta", "adamax", "argsort", "einsum", "lamb", "lars", "lion", "radam", "rprop", "trapz",
    "yogi",
}  # fmt: skip
"""Names that mean something else, which is not here: no slips of the pen for what is."""
_TRUTHS = {"True": 1, "False": 0}
_EULER = Node("const", (), "e")


class Program(NamedTuple):
    """What the parser found; ``output`` is the node of the last statement."""

    tape: Tape
    output: int
    names: dict[str, int]
    inputs: dict[str, int]
    groups: tuple[Group, ...] = ()
    loops: tuple[Group, ...] = ()
    """What loops made, below each of the values that they leave."""


class Piece(NamedTuple):
    """A parsed expression: its node, its place, and how it was written."""

    id: int
    start: int
    end: int
    form: str = ""


class Building:
    """The program under construction; one method for each way to put parts together."""

    odd_roots = False
    """Whether x^(1/3) of a negative number is the real root, as in answers."""

    def __init__(self, text: str, tape: Tape, shapes: Mapping[str, Shape]) -> None:
        self.text, self.tape, self.shapes = text, tape, shapes
        self.groups: list[Group] = []
        self.functions = names(dict(tape.ops))
        self.names: dict[str, int] = {}
        self.inputs: dict[str, int] = {}
        self.spelled: dict[str, str] = {}
        """Names as they are known, by their spelling."""
        self.numbers: dict[str, int] = {}
        """Nodes of numbers, by their spelling."""
        self.euler: Span | None = None
        self.sizes: dict[str, Dim] = {}
        """Letters that settings of layers give, as in ``padding=P``."""
        self.truths: dict[tuple[int, int], str] = {}
        """True and False where they stand, as long as no setting has asked for them."""
        self.last: tuple[Piece, str] | None = None
        self.calls: dict[Any, int] = {}
        """Outputs of the calls of composite ops."""
        self.begun = 0
        """How many nodes there were when the statement began."""
        self.owned: set[int] = set()
        """Nodes of statements that have a name."""
        self.loops: list[Group] = []
        self.around: list[int] = []
        """How many nodes there were when the loops around began."""
        self.repeated = 0
        """How many statements had names when the present repetition began."""

    # -- errors ---------------------------------------------------------------------------------

    def fail(
        self,
        message: str,
        start: int,
        end: int,
        hint: str = "",
        kind: type[GraphDiffError] = ParseError,
    ) -> NoReturn:
        raise kind(message, source=self.text, span=Span(start, max(end, start + 1)), hint=hint)

    def fail_limit(self, message: str, limit: str, start: int, end: int) -> NoReturn:
        span = Span(start, max(end, start + 1))
        raise LimitExceeded(message, source=self.text, span=span, limit=limit)

    def unreadable(self, position: int) -> NoReturn:
        char = self.text[position]
        shown = repr(char) if char.isprintable() else f"U+{ord(char):04X}"
        hint = {
            "!": "factorials are not in the language",
            "{": "brackets are round: (x + y)",
            "'": "text in quotes has no meaning here", '"': "text in quotes has no meaning here",
            ".": "a number has one decimal point", "&": "only + - * / ^ join expressions",
        }.get(char, "")  # fmt: skip
        if unicodedata.category(char) in ("No", "Nl"):
            hint = "write it with ordinary digits and letters: 1/2, x^2"
        self.fail(f"unexpected character {shown}", position, position + 1, hint)

    def unexpected(self, token: Token, wants: str, behind: bool) -> NoReturn:
        """No program goes on like that; ``behind`` an operand or where one must follow."""
        kind, word, start, end = token
        if kind == "END":
            self.fail(f"the text ends too early: expected {wants}", len(self.text.rstrip()), 0)
        hint = ""
        if kind == "RSQB" and self.text[:start].rstrip().endswith("["):
            self.fail("an empty list has no entries", start, end, "write its entries: [1, 2]")
        if kind == "COMPARE":
            hint = "a comparison belongs inside where(condition, then, otherwise)"
        elif kind == "RPAR" and behind:
            hint = "remove it, or open a bracket before it"
        elif kind == "EQUAL":
            hint = "one '=' a statement: name = expression"
        shown = repr(word) if kind != "SEP" else "end of the statement"
        self.fail(f"unexpected {shown}: expected {wants}", start, end, hint)

    # -- leaves ---------------------------------------------------------------------------------

    def spell(self, word: str, start: int, end: int) -> str:
        """The name as it is known: compatibility forms (fullwidth, mathematical italic) unified."""
        if word in self.spelled:
            return self.spelled[word]
        plain = word.isascii()
        name = word if plain else unicodedata.normalize("NFKC", word)
        if len(name) > self.tape.limits.name:
            self.fail_limit(f"a name of {len(name):,} characters", "name", start, end)
        # NFKC would make the roman numeral Ⅱ of Ⅱx a part of the name IIx.
        numeral = not plain and any(unicodedata.category(c) == "Nl" for c in word)
        if numeral or not name.rstrip("'").isidentifier():
            self.fail(f"{word!r} is no name", start, end)
        self.spelled[word] = name
        return name

    def number(self, word: str, start: int, end: int) -> Piece:
        known = self.numbers.get(word)
        if known is None or known in self.owned:
            known = self.numbers[word] = self.valued(word, start, end)
        return _new(Piece, (known, start, end, "number"))

    def valued(self, word: str, start: int, end: int) -> int:
        """The node of a number as it is written."""
        limits = self.tape.limits
        text = word if word.isascii() else unicodedata.normalize("NFKC", word).replace("−", "-")
        if len(text) > limits.number:
            self.fail_limit(f"a number of {len(text):,} characters", "number", start, end)
        if text.isdigit():
            return self.tape.make("const", (), int(text))
        if "_" in text and _UNGROUPED.search(text):
            hint = "1_000 groups digits by threes; a power is 2^1, a name x_1"
            self.fail(f"the digits of {word} are not grouped by threes", start, end, hint)
        text = text.replace("_", "").lower()
        exponent = text.partition("e")[2]
        if exponent and (len(exponent) > 9 or abs(int(exponent)) > limits.exponent):
            message = f"a decimal exponent beyond ±{limits.exponent:,}"
            self.fail_limit(message, "exponent", start, end)
        return self.constant(Fraction(text), start, end).id

    def constant(self, value: Fraction, start: int, end: int) -> Piece:
        exact = value.numerator if value.denominator == 1 else value
        return Piece(self.tape.make("const", (), exact), start, end, "number")

    def name(self, word: str, start: int, end: int) -> Piece:
        name = self.spelled.get(word) or self.spell(word, start, end)
        known = self.names.get(name)
        if known is None:
            known = self.inputs.get(name)
            if known is None:
                known = self.unnamed(name, Span(start, end))
        return _new(Piece, (known, start, end, ""))

    def applies(self, word: str) -> bool:
        """Whether a word without a bracket is a function of one operand, and nobody's variable."""
        row = self.tape.ops.get(self.functions.get(word, ""))
        if row is None or not row.elementwise or len(row.params) != 1:
            return False
        called = word == row.name or (word == row.symbol and len(word) > 1)
        return (called or bool(row.radians)) and word not in self.names and word not in self.inputs

    def unnamed(self, name: str, span: Span) -> int:
        """The node of a name that stands here for the first time: a constant or a new input."""
        if name in CONSTANTS:
            if name == "e":
                self.euler = self.euler or span
            return self.tape.make("const", (), CONSTANTS[name])
        if name in self.tape.ops and self.tape.ops[name].elementwise:
            hint = f"write {name}(…), or give the variable another name"
            if self.text[span.end :].lstrip()[:1] in ("^", "*"):
                hint = f"the power stands behind the bracket: {name}(x)^2"
                hint += f"; the inverse is a{name}(x)" * (f"a{name}" in self.functions)
            self.fail(f"{name} is a function", *span, hint)
        if name in _TRUTHS:
            self.truths[span] = name  # of a setting, keepdims=True, which takes it out
            return self.constant(Fraction(_TRUTHS[name]), *span).id
        if name.lower() in _NOT_NUMBERS:
            mask = "; -1e9 masks as well as -inf" if "inf" in name.lower() else ""
            hint = "use a finite number" + mask
            self.fail(f"{name} is not a number", *span, hint, UnknownName)
        known = self.inputs[name] = self.tape.make("input", (), name, self.shapes.get(name, ()))
        self.tape.spans[known] = span
        return known

    # -- expressions ----------------------------------------------------------------------------

    def make(
        self, op: str, operands: tuple[int, ...], start: int, end: int, form: str = "",
        attr: Any = None,
    ) -> Piece:  # fmt: skip
        if op == "pow" and self.tape.nodes[operands[0]] == _EULER and operands[0] not in self.owned:
            op, operands = SIGNS["e^"], operands[1:]  # (e)^x and pow(e, x) too
        try:
            node = self.tape.make(op, operands, attr)
        except (ShapeMismatch, LimitExceeded, DomainError) as error:
            self.place(error, start, end)
        spans = self.tape.spans
        if node not in spans:
            spans[node] = _new(Span, (start, end))
        return _new(Piece, (node, start, end, form))

    def place(self, error: GraphDiffError, start: int, end: int) -> NoReturn:
        """Raise an error of the tape again, with its place in the text."""
        error.source, error.span = self.text, Span(start, max(end, start + 1))
        raise error

    def binary(self, op: str, left: Piece, right: Piece) -> Piece:
        if op == "pow":
            return self.raised(left, right)
        form = "quotient" if op == "div" else ""
        return self.make(op, (left.id, right.id), left.start, right.end, form)

    def raised(self, left: Piece, right: Piece) -> Piece:
        exponent = self.tape.nodes[right.id]
        if exponent.shape and exponent.op == "input" and exponent.attr == "T":
            base = self.text[left.start : left.end][-40:]
            hint = f"a transpose is written {base}.T; a number T is declared: T:scalar"
            self.fail("ambiguous: ^T", left.start, right.end, hint)
        form = "number" if left.form == "number" else ""
        return self.make("pow", (left.id, right.id), left.start, right.end, form)

    def juxtaposed(self, left: Piece, right: Piece) -> Piece:
        if right.form == "number":
            self.fail(
                "a number follows without an operator", right.start, right.end, "write * or ^"
            )
        if right.start == left.end and self.text[left.start : left.end] == "0":
            hint = "write 0*…; hexadecimal numbers are not in the language"
            self.fail("a product with 0 before a name", left.start, right.end, hint)
        # No name of a function is as long as that; the whole left side may be.
        name = self.text[max(left.start, left.end - 40) : left.end].split()[-1]
        if name != self.functions.get(name, name) and name.isascii() and name.islower():
            # A variable may be called ln; before an operand everybody means the function.
            hint = f"write {name}({self.text[right.start : right.end][:80]})"
            self.fail(f"{name} is a function", left.end - len(name), left.end, hint)
        if left.form == "quotient":
            a, b = self.text[left.start : left.end], self.text[right.start : right.end]
            hint = f"write ({a})*{b} or {a.replace('/', '/(', 1)}*{b})"
            self.fail(
                "ambiguous: an implicit product after a quotient", left.start, right.end, hint[:200]
            )
        if self.text.endswith("^T", left.start, left.end):
            base = self.text[left.start : left.end - 2][-40:]
            hint = f"a transpose is written {base}.T, and products of arrays with @: {base}.T@x"
            self.fail("ambiguous: ^T", left.start, left.end, hint)
        ranks = [len(self.tape.nodes[piece.id].shape) for piece in (left, right)]
        if min(ranks) and max(ranks) > 1:
            a, b = self.text[left.start : left.end], self.text[right.start : right.end]
            hint = f"write {a}@{b} for the product of matrices, {a}*{b} for that of the entries"
            self.fail("ambiguous: two arrays side by side", left.start, right.end, hint[:200])
        return self.make("mul", (left.id, right.id), left.start, right.end)

    def prefixed(self, op: str, start: int, piece: Piece) -> Piece:
        """A sign or a root before an operand; a plus does nothing."""
        if not op:
            return piece._replace(start=start)
        return self.make(op, (piece.id,), start, piece.end)

    def superscript(self, base: Piece, word: str, start: int, end: int) -> Piece:
        digits = level(word)
        if len(digits) > self.tape.limits.number:
            self.fail_limit(f"an exponent of {len(digits):,} digits", "number", start, end)
        exponent = self.constant(Fraction(int(digits)), start, end)
        return self.make("pow", (base.id, exponent.id), base.start, end)

    def bars(self, start: int, piece: Piece, end: int) -> Piece:
        return self.make(SIGNS["|x|"], (piece.id,), start, end)

    # -- statements -----------------------------------------------------------------------------

    def define(self, word: str, start: int, end: int, piece: Piece) -> None:
        name = self.spell(word, start, end)
        place = start, end
        # sum, mean or trace may well be names of values; sin and exp may not.
        reserved = name in self.tape.ops and self.tape.ops[name].elementwise
        if reserved or name in ("pi", "π"):
            self.fail(f"{name} has a meaning of its own", *place, "choose another name")
        if name in self.names:
            hint = "each name stands for one value"
            if self.around:
                hint += f"; in a loop {name}_i = … {name}_{{i-1}} …"
            self.fail(f"{name} is defined twice", *place, hint)
        if name in self.inputs or (name == "e" and self.euler):
            hint = f"put the line {name} = … before its first use; a program cannot go in circles"
            if name == "e" and name not in self.inputs:
                hint = "until then e is Euler's number; put the line e = … first"
            self.fail(f"{name} is used before it is defined", *place, hint)
        own = self.names[name] = self.own(piece)
        self.owned.add(own)
        self.statement(Piece(own, *piece[1:]), name)

    def own(self, piece: Piece) -> int:
        """The node of a statement with a name, which is nobody else's: sharing is for parts that
        nobody has named, and another name for a node is a gate that passes it on."""
        tape = self.tape
        node = tape.nodes[piece.id]
        if piece.id in self.owned or node.op == "input":
            if "identity" not in tape.ops:
                return piece.id
            made = self.make("identity", (piece.id,), piece.start, piece.end).id
        elif piece.id < self.begun:
            made = tape.own(*node)
            tape.spans[made] = Span(piece.start, piece.end)
        else:
            made = piece.id
        tape.claim(made)
        return made

    def statement(self, piece: Piece, name: str) -> None:
        if self.last is not None and not self.last[1]:
            message = "only the last statement may go without a name"
            self.fail(message, self.last[0].start, self.last[0].end, "write name = expression")
        self.last = piece, name
        self.begun = len(self.tape.nodes)

    def begin_loop(self) -> None:
        self.around.append(len(self.tape.nodes))

    def begin_repetition(self) -> None:
        self.repeated = len(self.names)

    def end_loop(self, repetitions: int) -> None:
        """Keep the loop as a group, below each of the values that its last repetition leaves."""
        nodes, first = self.tape.nodes, self.around.pop()
        made = frozenset([i for i in range(first, len(nodes)) if nodes[i].op != "input"])
        for output in list(self.names.values())[self.repeated :]:
            if output in made:
                self.loops.append(Group("for", made, output, (), (), repetitions))

    def finish(self) -> Program:
        if self.last is None:
            raise ParseError("the expression is empty", hint='write one, for example "(x+y)*z"')
        for span, name in self.truths.items():
            hint = "a number, or a setting that is true or false: keepdims=True"
            self.fail(f"{name} is not a number", *span, hint, UnknownName)
        return Program(
            self.tape, self.last[0].id, self.names, self.inputs, tuple(self.groups),
            tuple(self.loops),
        )  # fmt: skip


def closest(name: str, known: Mapping[str, Any]) -> str:
    """A suggestion for a mistyped name, or an empty string.

    A name with another one inside, such as ``cummax``, is a name of its own and no slip.

    >>> closest("sigmod", {"sigmoid": 1, "sin": 2}), closest("cummax", {"max": 1})
    ("did you mean 'sigmoid'?", '')
    """
    from difflib import get_close_matches

    matches = get_close_matches(name, known, n=1, cutoff=0.65)
    if not matches or name in _OTHERS or (matches[0] in name and len(name) > len(matches[0]) + 1):
        return ""
    return Message("hint.near", name=repr(matches[0]))
