"""The text form of a program: ``q = x + y; f = q*z``."""

from __future__ import annotations

import threading
import unicodedata
from collections.abc import Iterator, Mapping
from fractions import Fraction
from functools import cache
from typing import Any, NamedTuple, NoReturn

from ..collection import paused_collection
from ..domains.symbolic import symbolic
from ..errors import GraphDiffError, LimitExceeded, ParseError, ShapeMismatch, Span, UnknownName
from ..ir.expr import Expr
from ..ir.group import Group
from ..ir.op import REQUIRED, Op
from ..ir.shape import Shape
from ..ir.tape import Node, Tape
from ..limits import DEFAULT, Limits
from ..ops import STANDARD, names

__all__ = ["Program", "closest", "parse_program"]

_OPERATORS = {"PLUS": "add", "MINUS": "sub", "TIMES": "mul", "OVER": "div", "AT": "matmul"}
_COMPARISONS = {
    "<": "lt", "<=": "le", "≤": "le", ">": "gt", ">=": "ge", "≥": "ge",
    "==": "eq", "!=": "ne", "≠": "ne",
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_CONSTANTS = {"pi": "pi", "π": "pi", "e": "e"}
_NOT_NUMBERS = {"nan", "inf", "infinity", "undefined", "true", "false", "none"}
_ENDS = {"NUMBER", "NAME", "RPAR", "RSQB", "BAR_CLOSE", "SUPERSCRIPT", "TRANSPOSED"}
_OPENING = {"LPAR", "BAR_OPEN", "LIST_OPEN", "INDEX_OPEN"}
_CLOSING = {"RPAR", "BAR_CLOSE", "RSQB"}
_EULER = Node("const", (), "e")
_state = threading.local()


class Program(NamedTuple):
    """What the parser found; ``output`` is the node of the last statement."""

    tape: Tape
    output: int
    names: dict[str, int]
    inputs: dict[str, int]
    groups: tuple[Group, ...] = ()


class _Piece(NamedTuple):
    """A parsed expression: its node, its place, and how it was written."""

    id: int
    start: int
    end: int
    form: str = ""


class _Argument(NamedTuple):
    name: Any
    piece: _Piece
    is_comparison: bool = False


class _Index(NamedTuple):
    """One item of ``x[…]``: a position, or a slice as (start, stop, step)."""

    piece: _Piece | None
    slice: tuple[int | None, int | None, int | None] | None = None


def parse_program(
    text: str,
    ops: Mapping[str, Op] = STANDARD,
    *,
    limits: Limits = DEFAULT,
    share: bool = True,
    commas: bool = False,
    shapes: Mapping[str, Shape] | None = None,
) -> Program:
    """Read a program; with ``commas``, a comma outside brackets ends a statement (as in ``--at``).

    ``shapes`` gives the shapes of variables; others are numbers.  Raises ParseError, UnknownName,
    ShapeMismatch or LimitExceeded, each with its place in the text.
    """
    if len(text) > limits.text:
        raise LimitExceeded(
            f"the text has more than {limits.text:,} characters",
            hint="raise Limits.text in the library if this is meant",
        )
    if not text.strip():
        raise ParseError("the expression is empty", hint='write one, for example "(x+y)*z"')
    from lark import UnexpectedCharacters, UnexpectedInput

    build = _state.build = _Build(text, Tape(ops, limits, share=share), commas, shapes or {})
    try:
        with paused_collection():
            _parser().parse(text)
    except UnexpectedCharacters as error:
        build.unreadable(error.pos_in_stream or 0)
    except UnexpectedInput as error:
        build.unexpected(error)
    finally:
        _state.build = None
    return build.finish()


@cache
def _parser() -> Any:
    from importlib.resources import files

    from lark import Lark, Transformer

    class Actions(Transformer[Any, Any]):
        """Hands each rule to the program being built in this thread."""

        def __getattr__(self, name: str) -> Any:
            if name not in _RULES:
                raise AttributeError(name)
            rule = _RULES[name]
            return lambda children: rule(_state.build, children)

    grammar = files(__package__).joinpath("infix.lark").read_text(encoding="utf-8")
    return Lark(
        grammar, parser="lalr", lexer="basic", transformer=Actions(), postlex=_SecondPass(),
        maybe_placeholders=False,
    )  # fmt: skip


class _SecondPass:
    """Between lexer and parser: tells calls from names and opening bars from closing ones, drops
    line ends inside brackets, and bounds the depth."""

    always_accept = ("BAR", "SEP", "LSQB")

    def process(self, stream: Iterator[Any]) -> Iterator[Any]:
        held: Any = None
        for token in self._brackets(stream, _state.build):
            if held is not None:
                if token.type == "LPAR" and held.type == "NAME":
                    held.type = "CALL"
                yield held
            held = token
        if held is not None:
            yield held

    def _brackets(self, stream: Iterator[Any], build: _Build) -> Iterator[Any]:
        opened: list[str] = []
        previous = ""
        for token in stream:
            kind = token.type
            if kind == "SEP" and opened and token != ";":
                continue
            if kind == "COMMA" and not opened and build.commas:
                kind = "SEP"
            elif kind == "LSQB":
                kind = "INDEX_OPEN" if previous in _ENDS else "LIST_OPEN"
            elif kind == "BAR":
                closes = previous in _ENDS and opened and opened[-1] == "BAR_OPEN"
                kind = "BAR_CLOSE" if closes else "BAR_OPEN"
            if kind in _OPENING:
                opened.append(kind)
                if len(opened) > build.tape.limits.depth:
                    build.fail_limit(f"more than {build.tape.limits.depth:,} open brackets", token)
            elif kind in _CLOSING and opened:
                opened.pop()
            token.type = previous = kind
            yield token


class _Build:
    """The program under construction; one method per grammar rule."""

    def __init__(self, text: str, tape: Tape, commas: bool, shapes: Mapping[str, Shape]) -> None:
        self.text, self.tape, self.commas, self.shapes = text, tape, commas, shapes
        self.groups: list[Group] = []
        self.functions = names(dict(tape.ops))
        self.names: dict[str, int] = {}
        self.inputs: dict[str, int] = {}
        self.euler: Span | None = None
        self.last: tuple[_Piece, str] | None = None

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

    def fail_limit(self, message: str, token: Any) -> NoReturn:
        self.fail(message, token.start_pos, token.end_pos, "simplify the input", LimitExceeded)

    def unreadable(self, position: int) -> NoReturn:
        char = self.text[position]
        shown = repr(char) if char.isprintable() else f"U+{ord(char):04X}"
        hint = {
            "!": "factorials are not in the language",
            "{": "brackets are round: (x + y)", "\\": "LaTeX is not read here; a fraction is a/b",
            "'": "text in quotes has no meaning here", '"': "text in quotes has no meaning here",
            ".": "a number has one decimal point", "&": "only + - * / ^ join expressions",
        }.get(char, "")  # fmt: skip
        if unicodedata.category(char) in ("No", "Nl"):
            hint = "write it with ordinary digits and letters: 1/2, x^2"
        self.fail(f"unexpected character {shown}", position, position + 1, hint)

    def unexpected(self, error: Any) -> NoReturn:
        token = getattr(error, "token", None)
        expected = set(getattr(error, "accepts", None) or getattr(error, "expected", None) or ())
        wants = _expectation(expected)
        if token is None or token.type == "$END":
            self.fail(f"the text ends too early: expected {wants}", len(self.text.rstrip()), 0)
        hint = ""
        if token.type == "COMPARE":
            hint = "a comparison belongs inside where(condition, then, otherwise)"
        elif token.type == "RPAR" and "TIMES" in expected:
            hint = "remove it, or open a bracket before it"
        elif token == "=":
            hint = "one '=' a statement: name = expression"
        elif token.type == "NUMBER" and "TIMES" in expected:
            hint = "write * between them"
        shown = repr(str(token)) if token.type != "SEP" else "end of the statement"
        self.fail(f"unexpected {shown}: expected {wants}", token.start_pos, token.end_pos, hint)

    # -- leaves ---------------------------------------------------------------------------------

    def spell(self, token: Any) -> str:
        """The name as it is known: compatibility forms (fullwidth, mathematical italic) unified."""
        name = unicodedata.normalize("NFKC", str(token))
        if len(name) > self.tape.limits.name:
            self.fail_limit(f"a name of {len(name):,} characters", token)
        # NFKC would make the roman numeral Ⅱ of Ⅱx a part of the name IIx.
        numeral = any(unicodedata.category(c) == "Nl" for c in str(token))
        if numeral or not name.rstrip("'").isidentifier():
            self.fail(f"{str(token)!r} is no name", token.start_pos, token.end_pos)
        return name

    def number(self, children: list[Any]) -> _Piece:
        token = children[0]
        text = unicodedata.normalize("NFKC", str(token)).replace("_", "").replace("−", "-").lower()
        exponent = text.partition("e")[2]
        limits = self.tape.limits
        if len(text) > limits.number:
            self.fail_limit(f"a number of {len(text):,} characters", token)
        if exponent and (len(exponent) > 9 or abs(int(exponent)) > limits.exponent):
            self.fail_limit(f"a decimal exponent beyond ±{limits.exponent:,}", token)
        return self.constant(Fraction(text), token.start_pos, token.end_pos)

    def constant(self, value: Fraction, start: int, end: int) -> _Piece:
        exact = value.numerator if value.denominator == 1 else value
        return _Piece(self.tape.make("const", (), exact), start, end, "number")

    def name(self, children: list[Any]) -> _Piece:
        token = children[0]
        name = self.spell(token)
        span = Span(token.start_pos, token.end_pos)
        known = self.names.get(name)
        if known is None:
            if name in _CONSTANTS:
                if name == "e":
                    self.euler = self.euler or span
                known = self.tape.make("const", (), _CONSTANTS[name])
                return _Piece(known, *span)
            if name in self.tape.ops and self.tape.ops[name].elementwise:
                hint = f"write {name}(…), or give the variable another name"
                self.fail(f"{name} is a function", *span, hint)
            if name.lower() in _NOT_NUMBERS:
                self.fail(f"{name} is not a number", *span, "use a finite number", UnknownName)
            known = self.inputs.get(name)
            if known is None:
                known = self.inputs[name] = self.tape.make(
                    "input", (), name, self.shapes.get(name, ())
                )
                self.tape.spans[known] = span
        return _Piece(known, *span)

    # -- expressions ----------------------------------------------------------------------------

    def make(
        self, op: str, operands: tuple[int, ...], start: int, end: int, form: str = "",
        attr: Any = None,
    ) -> _Piece:  # fmt: skip
        if op == "pow" and self.tape.nodes[operands[0]] == _EULER:
            op, operands = "exp", operands[1:]  # (e)^x and pow(e, x) too
        try:
            node = self.tape.make(op, operands, attr)
        except (ShapeMismatch, LimitExceeded) as error:
            self.place(error, start, end)
        self.tape.spans.setdefault(node, Span(start, end))
        return _Piece(node, start, end, form)

    def place(self, error: GraphDiffError, start: int, end: int) -> NoReturn:
        """Raise an error of the tape again, with its place in the text."""
        error.source, error.span = self.text, Span(start, max(end, start + 1))
        raise error

    def binary(self, children: list[Any]) -> _Piece:
        left, operator, right = children
        op = _OPERATORS[operator.type]
        form = "quotient" if op == "div" else ""
        return self.make(op, (left.id, right.id), left.start, right.end, form)

    def juxtaposed(self, children: list[Any]) -> _Piece:
        left, right = children
        if right.form == "number":
            self.fail(
                "a number follows without an operator", right.start, right.end, "write * or ^"
            )
        if right.start == left.end and self.text[left.start : left.end] == "0":
            hint = "write 0*…; hexadecimal numbers are not in the language"
            self.fail("a product with 0 before a name", left.start, right.end, hint)
        if left.form == "quotient":
            a, b = self.text[left.start : left.end], self.text[right.start : right.end]
            hint = f"write ({a})*{b} or {a.replace('/', '/(', 1)}*{b})"
            self.fail(
                "ambiguous: an implicit product after a quotient", left.start, right.end, hint[:200]
            )
        return self.make("mul", (left.id, right.id), left.start, right.end)

    def negative(self, children: list[Any]) -> _Piece:
        sign, piece = children
        return self.make("neg", (piece.id,), sign.start_pos, piece.end)

    def positive(self, children: list[Any]) -> _Piece:
        sign, piece = children
        return piece._replace(start=sign.start_pos)  # type: ignore[no-any-return]

    def raised(self, children: list[Any]) -> _Piece:
        base, _, exponent = children
        form = base.form if base.form == "number" else ""
        return self.make("pow", (base.id, exponent.id), base.start, exponent.end, form)

    def superscript(self, children: list[Any]) -> _Piece:
        base, token = children
        digits = token.translate(_SUPERSCRIPTS)
        if len(digits) > self.tape.limits.number:
            self.fail_limit(f"an exponent of {len(digits):,} digits", token)
        exponent = self.constant(Fraction(int(digits)), token.start_pos, token.end_pos)
        return self.make("pow", (base.id, exponent.id), base.start, exponent.end)

    def bracketed(self, children: list[Any]) -> _Piece:
        return _Piece(children[1].id, children[0].start_pos, children[2].end_pos)

    def bars(self, children: list[Any]) -> _Piece:
        left, piece, right = children
        return self.make("abs", (piece.id,), left.start_pos, right.end_pos)

    def root(self, children: list[Any]) -> _Piece:
        sign, piece = children
        op = "sqrt" if sign == "√" else "cbrt"
        return self.make(op, (piece.id,), sign.start_pos, piece.end)

    # -- arrays ---------------------------------------------------------------------------------

    def listed(self, children: list[Any]) -> _Piece:
        items = tuple(child.id for child in children if isinstance(child, _Piece))
        start, end = children[0].start_pos, children[-1].end_pos
        return self.make("stack", items, start, end, "list", (("axis", 0),))

    def transposed(self, children: list[Any]) -> _Piece:
        piece, token = children
        return self.make(
            "transpose", (piece.id,), piece.start, token.end_pos, "", (("axes", None),)
        )

    def position(self, children: list[Any]) -> _Index:
        return _Index(children[0])

    def sliced(self, children: list[Any]) -> _Index:
        parts: list[int | None] = [None]
        for child in children:
            if isinstance(child, _Piece):
                parts[-1] = self.whole(child, "a slice")
            else:
                parts.append(None)
        start, stop, step = (*parts, None, None)[:3]
        if step is not None and step < 1:
            self.fail("a slice goes forward", children[0].start_pos, children[-1].end_pos)
        return _Index(None, (start, stop, step))

    def indexed(self, children: list[Any]) -> _Piece:
        piece, closing = children[0], children[-1]
        items = [child for child in children if isinstance(child, _Index)]
        start, end = piece.start, closing.end_pos
        first = items[0].piece
        if len(items) == 1 and first is not None and self.static(first) is None:
            return self.make("take", (piece.id, first.id), start, end)
        index = tuple(
            item.slice if item.piece is None else self.whole(item.piece, "an index")
            for item in items
        )
        return self.make("getitem", (piece.id,), start, end, "", (("index", index),))

    def static(self, piece: _Piece) -> Any:
        """The integer, fraction or nested tuple that a piece is, or None."""
        values: dict[int, Any] = {}
        nodes = self.tape.nodes
        for i in self.tape.needed_for([piece.id]):
            node = nodes[i]
            inner = tuple([values[k] for k in node.operands])
            known = None not in inner
            if node.op == "const" and not isinstance(node.attr, str):
                values[i] = node.attr
            elif node.op == "neg" and known and not isinstance(inner[0], tuple):
                values[i] = -inner[0]
            elif node.op == "stack" and known:
                values[i] = inner
            else:
                values[i] = None
        return values[piece.id]

    def whole(self, piece: _Piece, what: str) -> int:
        value = self.static(piece)
        if not isinstance(value, int):
            hint = "labels stand alone: p[y]" if what == "an index" else "write 1:3"
            self.fail(f"{what} is a whole number", piece.start, piece.end, hint)
        return value

    # -- calls ----------------------------------------------------------------------------------

    def positional(self, children: list[Any]) -> _Argument:
        return _Argument(None, children[0])

    def keyword(self, children: list[Any]) -> _Argument:
        return _Argument(children[0], children[-1])

    def comparison(self, children: list[Any]) -> _Argument:
        left, operator, right = children
        op = _COMPARISONS[str(operator)]
        return _Argument(None, self.make(op, (left.id, right.id), left.start, right.end), True)

    def arguments(self, children: list[Any]) -> list[_Argument]:
        return [child for child in children if isinstance(child, _Argument)]

    def call(self, children: list[Any]) -> _Piece:
        token, _, arguments, closing = children
        name, start, end = self.spell(token), token.start_pos, closing.end_pos
        op = self.functions.get(name)
        if op is None:
            self.unknown_function(name, token)
        row = self.tape.ops[op]
        if row.single and sum(self.is_operand(row, a) for a in arguments) == 1:
            row = self.tape.ops[row.single]
        attrs: dict[str, Any] = {}
        if row.attrs:
            attrs, arguments = self.settings(row, name, arguments, start, end)
        op, operands = self.bind(row, name, arguments, start, end)
        if row.composite:
            return self.composed(row, operands, attrs, start, end)
        return self.make(op, operands, start, end, "", tuple(attrs.items()) or None)  # type: ignore[arg-type]

    def is_operand(self, row: Op, argument: _Argument) -> bool:
        return argument.name is None or str(argument.name) in row.params

    def settings(
        self, row: Op, called: str, arguments: list[_Argument], start: int, end: int
    ) -> tuple[dict[str, Any], list[_Argument]]:
        """Take the attributes (``axis=0``) out of the arguments."""
        given: dict[str, _Argument] = {}
        rest: list[_Argument] = []
        extra = list(row.attrs)
        for argument in arguments:
            name = None if argument.name is None else str(argument.name)
            if name in row.attrs:
                given[name] = argument
            elif name is None and not row.variadic and len(rest) >= len(row.params) and extra:
                given.setdefault(extra[0], argument)
                if extra[0] != "shape":  # reshape(x, 2, 3) gives it in parts
                    extra.pop(0)
            else:
                rest.append(argument)
        values = {}
        many = [a for a in arguments if a.name is None][len(row.params) :]
        for name, default in row.attrs.items():
            if name not in given:
                if default is REQUIRED:
                    self.fail(
                        f"{called} needs {name}", start, end, f"usage: {usage_of(row, called)}"
                    )
                values[name] = default
                continue
            piece = given[name].piece
            value = self.static(piece)
            if value is None:
                hint = f"{name}=0 or {name}=[0, 1]"
                self.fail(f"{name} is no constant", piece.start, piece.end, hint)
            if name == "shape":
                parts = many if len(many) > 1 else []
                value = tuple(self.whole(a.piece, "a size") for a in parts) if parts else value
                value = value if isinstance(value, tuple) else (value,)
            values[name] = value
        return values, rest

    def composed(
        self, row: Op, operands: tuple[int | None, ...], attrs: dict[str, Any], start: int, end: int
    ) -> _Piece:
        """Write a composite op out as its parts, and remember that they belong together."""
        tape = self.tape
        before = len(tape.nodes)
        given = [None if k is None else Expr(tape, k) for k in operands]
        try:
            made = getattr(symbolic(tape), row.name)(*given, **attrs)
        except (ShapeMismatch, LimitExceeded) as error:
            self.place(error, start, end)
        span = Span(start, end)
        for i in range(before, len(tape.nodes)):
            tape.spans.setdefault(i, span)
        used = [k for k in operands if k is not None]
        members = frozenset(range(before, len(tape.nodes)))
        if made.id in members:
            learned = tuple(
                k for name, k in zip(row.params, operands, strict=False)
                if k is not None and name in row.learned
            )  # fmt: skip
            self.groups.append(Group(row.name, members, made.id, tuple(used), learned))
        return _Piece(made.id, start, end)

    def unknown_function(self, name: str, token: Any) -> NoReturn:
        if name in self.names or name in self.inputs or name in _CONSTANTS or len(name) == 1:
            hint = f"for a product write {name}*(…)"
        else:
            hint = closest(name, self.functions) or "graphdiff ops lists all functions"
        message = f"unknown function {name!r}"
        self.fail(message, token.start_pos, token.end_pos, hint, UnknownName)

    def refuse_comparisons(self, row: Op, arguments: list[_Argument]) -> None:
        for k, argument in enumerate(arguments):
            if argument.is_comparison and not (row.name == "where" and k == 0):
                hint = "a comparison belongs inside where(condition, then, otherwise)"
                place = argument.piece.start, argument.piece.end
                self.fail("a comparison is no number", *place, hint)

    def bind(
        self, row: Op, called: str, arguments: list[_Argument], start: int, end: int
    ) -> tuple[str, tuple[int | None, ...]]:
        """Match arguments with parameters; returns the op to make and its operands."""
        usage = usage_of(row, called)
        self.refuse_comparisons(row, arguments)
        if row.variadic:
            if len(arguments) < 2 or any(argument.name for argument in arguments):
                self.fail(f"{called} takes two or more operands", start, end, f"usage: {usage}")
            if len(arguments) > self.tape.limits.operands and row.kink is not None:
                message = f"{called} of {len(arguments):,} operands"
                hint = f"at most {self.tape.limits.operands:,}; nest several calls"
                self.fail(message, start, start + len(called), hint, LimitExceeded)
            return row.name, tuple(argument.piece.id for argument in arguments)
        given: dict[str, int] = {}
        for k, argument in enumerate(arguments):
            parameter = argument.name or (row.params[k] if k < len(row.params) else None)
            if parameter is None:
                plural = "" if len(row.params) == 1 else "s"
                message = f"{called} takes {len(row.params)} argument{plural}, not {len(arguments)}"
                self.fail(message, start, end, f"usage: {usage}")
            if parameter not in row.params or parameter in given:
                self.fail(
                    f"{called} has no free parameter {str(parameter)!r}",
                    start,
                    end,
                    f"usage: {usage}",
                )
            given[str(parameter)] = argument.piece.id
        for parameter, value in row.defaults.items():
            if parameter not in given:
                given[parameter] = self.constant(Fraction(value), start, end).id
        missing = [p for p in row.params if p not in given and p not in row.optional]
        if len(missing) == 1 and missing[0] in row.without:
            return row.without[missing[0]], tuple(given[p] for p in row.params if p in given)
        if missing:
            self.fail(f"{called} needs {' and '.join(missing)}", start, end, f"usage: {usage}")
        if row.name == "where" and not arguments[0].is_comparison:
            piece = arguments[0].piece
            self.fail(
                "where needs a comparison first", piece.start, piece.end, "where(x < 0, -x, x)"
            )
        return row.name, tuple(given.get(parameter) for parameter in row.params)

    # -- statements -----------------------------------------------------------------------------

    def result(self, children: list[Any]) -> None:
        self.statement(children[0], "")

    def define(self, children: list[Any]) -> None:
        token, piece = children[0], children[-1]
        name = self.spell(token)
        place = token.start_pos, token.end_pos
        # sum, mean or trace may well be names of values; sin and exp may not.
        reserved = name in self.tape.ops and self.tape.ops[name].elementwise
        if reserved or name in ("pi", "π"):
            self.fail(f"{name} has a meaning of its own", *place, "choose another name")
        if name in self.names:
            self.fail(f"{name} is defined twice", *place, "each name stands for one value")
        if name in self.inputs or (name == "e" and self.euler):
            hint = f"put the line {name} = … before its first use; a program cannot go in circles"
            if name == "e" and name not in self.inputs:
                hint = "until then e is Euler's number; put the line e = … first"
            self.fail(f"{name} is used before it is defined", *place, hint)
        self.names[name] = piece.id
        self.statement(piece, name)

    def statement(self, piece: _Piece, name: str) -> None:
        if self.last is not None and not self.last[1]:
            message = "only the last statement may go without a name"
            self.fail(message, self.last[0].start, self.last[0].end, "write name = expression")
        self.last = piece, name

    def finish(self) -> Program:
        if self.last is None:
            raise ParseError("the expression is empty", hint='write one, for example "(x+y)*z"')
        groups = tuple(self.groups)
        return Program(self.tape, self.last[0].id, self.names, self.inputs, groups)


_RULES = {
    rule: getattr(_Build, rule)
    for rule in (
        "number", "name", "binary", "juxtaposed", "negative", "positive", "raised", "superscript",
        "bracketed", "bars", "root", "positional", "keyword", "comparison", "arguments", "call",
        "result", "define", "listed", "indexed", "transposed", "position", "sliced",
    )
}  # fmt: skip


def usage_of(row: Op, called: str) -> str:
    """How a call looks: ``softmax(x, axis=-1)``."""
    shown = [f"[{p}]" if p in row.optional else p for p in row.params]
    shown += ["…"] if row.variadic else []
    shown += [k if v is REQUIRED or v is None else f"{k}={v}" for k, v in row.attrs.items()]
    return f"{called}({', '.join(shown)})"


def _expectation(expected: set[str]) -> str:
    """What could stand here, in words: ``a number, a name or '('``."""
    words = ["an operator"] if "TIMES" in expected else []
    if not words and "NAME" in expected:
        return "a number, a name or '('"
    words += [_CLOSERS[kind] for kind in _CLOSERS if kind in expected]
    words = words or ["something else"]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


_CLOSERS = {
    "LPAR": "'('", "COMMA": "','", "RPAR": "')'", "RSQB": "']'", "BAR_CLOSE": "'|'",
    "$END": "the end",
}  # fmt: skip


def closest(name: str, known: Mapping[str, Any]) -> str:
    """A suggestion for a mistyped name, or an empty string.

    >>> closest("sigmod", {"sigmoid": 1, "sin": 2})
    "did you mean 'sigmoid'?"
    """
    from difflib import get_close_matches

    matches = get_close_matches(name, known, n=1, cutoff=0.6)
    return f"did you mean {matches[0]!r}?" if matches else ""
