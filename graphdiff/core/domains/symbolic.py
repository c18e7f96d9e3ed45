"""The graph as a domain: a function of an expression is a new node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.shape import elementwise
from graphdiff.core.ir.tape import Tape

from .base import Domain, Kind

__all__ = ["symbolic"]


class _Symbolic(Kind):
    name = "symbolic"
    symbolic = True

    def __init__(self, tape: Tape) -> None:
        self.tape = tape

    @property
    def pi(self) -> Expr:
        return constant(self.tape, "pi")

    def number(self, value: Any) -> Expr:
        return constant(self.tape, value)

    def compare(self, name: str, x: Any, y: Any) -> Expr:
        return apply(self.tape, name, x, y)

    def __getattr__(self, name: str) -> Callable[..., Expr]:
        # Domain methods and rows of the table have the same names.
        tape = self.tape
        row = tape.ops.get(name)

        def function(*operands: Any, **attrs: Any) -> Expr:
            return apply(tape, name, *operands, **attrs)

        def composite(*operands: Any, **attrs: Any) -> Expr:
            # A composite op is written out as the ops that it consists of.
            assert row is not None
            given = [None if x is None else constant(tape, x) for x in operands]
            given += [None] * (len(row.params) - len(given))
            if row.shape is not elementwise:  # the rule of its operands' shapes
                shapes = [None if x is None else x.shape for x in given]
                row.shape(*shapes, **{**row.attrs, **attrs})
            made: Expr = row.value(self, *given, **{**row.attrs, **attrs})
            return made

        self.__dict__[name] = made = composite if row and row.composite else function
        return made


def symbolic(tape: Tape) -> Domain:
    """The domain whose numbers are expressions of ``tape``."""
    return cast(Domain, _Symbolic(tape))
