"""Calls: arguments matched with the parameters and settings of the table's rows."""

from __future__ import annotations

from contextlib import nullcontext
from fractions import Fraction
from typing import Any, NamedTuple, NoReturn

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.group import Group
from graphdiff.core.ir.op import REQUIRED, Op
from graphdiff.core.ir.shape import Dim
from graphdiff.errors import DomainError, LimitExceeded, ShapeMismatch, Span, UnknownName

from .arrays import Arrays
from .building import CONSTANTS, Piece, closest

__all__ = ["Argument", "Calls", "usage_of"]

_COMPARISONS = {
    "<": "lt", "<=": "le", "≤": "le", ">": "gt", ">=": "ge", "≥": "ge",
    "==": "eq", "!=": "ne", "≠": "ne",
}  # fmt: skip


_STAND_INS = (3, 5, 7)
"""Numbers that no declared size stands for: see ``shapes``."""


class Argument(NamedTuple):
    """One argument of a call: its name, if it has one, and what it is."""

    name: str | None
    piece: Piece
    is_comparison: bool = False


class Calls(Arrays):
    """Calls."""

    def comparison(self, left: Piece, sign: str, right: Piece) -> Argument:
        op = _COMPARISONS[sign]
        return Argument(None, self.make(op, (left.id, right.id), left.start, right.end), True)

    def raised(self, left: Piece, right: Piece) -> Piece:
        """As in every program; with ``odd_roots``, x^(p/q) for an odd q is a power of the root."""
        power = self.static(right) if self.odd_roots else None
        if not isinstance(power, Fraction) or power.denominator % 2 == 0:
            return super().raised(left, right)
        order = {"n": power.denominator}
        root = self.composed(self.tape.ops["root"], (left.id,), order, left.start, right.end)
        if power.numerator == 1:
            return root
        return super().raised(root, self.constant(Fraction(power.numerator), *right[1:3]))

    def call(self, word: str, start: int, arguments: list[Argument], end: int) -> Piece:
        name = self.spell(word, start, start + len(word))
        op = self.functions.get(name)
        if (base := self.base(name, start, arguments)) is not None:
            return self.logarithm(arguments[0].piece, base, start, end)
        if op is None:
            self.unknown_function(name, start, start + len(word))
        row = self.tape.ops[op]
        if row.single and sum(self.is_operand(row, a) for a in arguments) == 1:
            row = self.tape.ops[row.single]
        attrs: dict[str, Any] = {}
        if row.attrs:
            attrs, arguments = self.settings(row, name, arguments, start, end)
        op, operands = self.in_order(row, arguments) or self.bind(row, name, arguments, start, end)
        if row.composite:
            return self.composed(row, operands, attrs, start, end)
        return self.make(op, operands, start, end, "", tuple(attrs.items()) or None)  # type: ignore[arg-type]

    def base(self, called: str, start: int, arguments: list[Argument]) -> Piece | None:
        """The base of a call such as ``log_5(x)`` or ``log(x, 5)``; None of any other."""
        word, _, index = called.partition("_")
        row = self.tape.ops.get(self.functions.get(word, ""))
        if row is None or row.curve.logarithm != "e" or any(a.name is not None for a in arguments):
            return None
        if index and called not in self.functions and len(arguments) == 1:
            place = start + len(word) + 1, start + len(called)
            return self.number(index, *place) if index.isdigit() else self.name(index, *place)
        return arguments[1].piece if not index and len(arguments) == 2 else None

    def logarithm(self, x: Piece, base: Piece, start: int, end: int) -> Piece:
        known = self.tape.nodes[base.id].attr if base.id not in self.owned else None
        by_base = {row.curve.logarithm: row.name for row in self.tape.ops.values()}
        if known in by_base and known is not None:
            return self.make(by_base[known], (x.id,), start, end)
        parts = [self.make(by_base["e"], (piece.id,), start, end) for piece in (x, base)]
        return self.binary("div", *parts)

    def is_operand(self, row: Op, argument: Argument) -> bool:
        return argument.name is None or argument.name in row.params

    def settings(
        self, row: Op, called: str, arguments: list[Argument], start: int, end: int
    ) -> tuple[dict[str, Any], list[Argument]]:
        """Take the attributes (``axis=0``) out of the arguments."""
        given: dict[str, Argument] = {}
        rest: list[Argument] = []
        extra = list(row.attrs)
        for argument in arguments:
            name = argument.name
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
            if value is None and row.windows:
                value = self.letter(piece)
            if value is None:
                hint = f"settings are written out in numbers: {name}=0, {name}=[0, 1]"
                self.fail(f"{name} is no constant", piece.start, piece.end, hint)
            if isinstance(default, bool):
                self.truths.pop((piece.start, piece.end), None)
            if name == "shape":
                parts = many if len(many) > 1 else []
                value = tuple(self.whole(a.piece, "a size") for a in parts) if parts else value
                value = value if isinstance(value, tuple) else (value,)
            values[name] = value
        return values, rest

    def letter(self, piece: Piece) -> Dim | None:
        """The size that a letter stands for, as in ``padding=P``; None for any other expression."""
        node = self.tape.nodes[piece.id]
        name, place = str(node.attr), Span(piece.start, piece.end)
        if node.op != "input" or (name not in self.sizes and self.tape.spans[piece.id] != place):
            return None
        self.inputs.pop(name, None)
        declared = [n for shape in self.shapes.values() for n in shape if isinstance(n, Dim)]
        known = next((n for n in declared if n.name == name), None)
        if name not in self.sizes and (known or len(self.sizes) < len(_STAND_INS)):
            self.sizes[name] = known or Dim(_STAND_INS[len(self.sizes)], name)
        return self.sizes.get(name)

    def composed(
        self, row: Op, operands: tuple[int | None, ...], attrs: dict[str, Any], start: int, end: int
    ) -> Piece:
        """Write a composite op out as its parts, and remember that they belong together."""
        tape = self.tape
        before = len(tape.nodes)
        given = [None if k is None else Expr(tape, k) for k in operands]
        call = row.name, operands, tuple(attrs.items())
        # The same call under another name is a layer of its own, with all of its nodes; so is any
        # other layer that learns: two convolutions of one input have windows of their own.
        known = self.calls.get(call)
        again = known in self.owned
        if row.learned and known is not None and not again and tape.share:
            return Piece(known, start, end)
        try:
            with tape.apart() if again or row.learned else nullcontext():
                made = getattr(symbolic(tape), row.name)(*given, **attrs)
        except (ShapeMismatch, LimitExceeded, DomainError) as error:
            self.place(error, start, end)
        self.calls[call] = made.id
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
            group = Group(row.name, members, made.id, tuple(used), learned)
            self.groups.append(group._replace(settings=tuple(attrs.items())))
        return Piece(made.id, start, end)

    def unknown_function(self, name: str, start: int, end: int) -> NoReturn:
        if name in self.names or name in self.inputs or name in CONSTANTS or len(name) == 1:
            hint = f"for a product write {name}*(…)"
        else:
            hint = closest(name, self.functions) or "graphdiff ops lists all functions"
        self.fail(f"unknown function {name!r}", start, end, hint, UnknownName)

    def refuse_comparisons(self, row: Op, arguments: list[Argument]) -> None:
        for k, argument in enumerate(arguments):
            if argument.is_comparison and not (row.selects and k == 0):
                hint = "a comparison belongs inside where(condition, then, otherwise)"
                place = argument.piece.start, argument.piece.end
                self.fail("a comparison is no number", *place, hint)

    def in_order(self, row: Op, arguments: list[Argument]) -> tuple[str, tuple[int, ...]] | None:
        """The op and its operands where each parameter is given in its turn: most calls."""
        if row.variadic or len(arguments) != len(row.params) or row.selects:
            return None
        operands = []
        for name, piece, is_comparison in arguments:
            if name or is_comparison:
                return None
            operands.append(piece.id)
        return row.name, tuple(operands)

    def bind(
        self, row: Op, called: str, arguments: list[Argument], start: int, end: int
    ) -> tuple[str, tuple[int | None, ...]]:
        """Match arguments with parameters; returns the op to make and its operands."""
        usage = usage_of(row, called)
        self.refuse_comparisons(row, arguments)
        if row.variadic:
            if len(arguments) < 2 or any(argument.name for argument in arguments):
                self.fail(f"{called} takes two or more operands", start, end, f"usage: {usage}")
            if len(arguments) > self.tape.limits.operands and row.kink is not None:
                most = self.tape.limits.operands
                message = f"{called} of {len(arguments):,} operands; at most {most:,}"
                self.fail_limit(message, "operands", start, start + len(called))
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
                    f"{called} has no free parameter {parameter!r}",
                    start,
                    end,
                    f"usage: {usage}",
                )
            given[parameter] = argument.piece.id
        for parameter, value in row.defaults.items():
            if parameter not in given:
                given[parameter] = self.constant(Fraction(value), start, end).id
        missing = [p for p in row.params if p not in given and p not in row.optional]
        if len(missing) == 1 and missing[0] in row.without:
            return row.without[missing[0]], tuple(given[p] for p in row.params if p in given)
        if missing:
            self.fail(f"{called} needs {' and '.join(missing)}", start, end, f"usage: {usage}")
        if row.selects and not arguments[0].is_comparison:
            piece = arguments[0].piece
            message, hint = f"{row.name} needs a comparison first", f"{row.name}(x < 0, -x, x)"
            self.fail(message, piece.start, piece.end, hint)
        return row.name, tuple(given.get(parameter) for parameter in row.params)


def usage_of(row: Op, called: str) -> str:
    """How a call looks: ``softmax(x, axis=-1)``."""
    shown = [f"[{p}]" if p in row.optional else p for p in row.params]
    shown += ["…"] if row.variadic else []
    shown += [k if v is REQUIRED or v is None else f"{k}={v}" for k, v in row.attrs.items()]
    return f"{called}({', '.join(shown)})"
