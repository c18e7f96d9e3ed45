"""The graph as a domain: a function of an expression is a new node."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from ..ir.expr import Expr, apply, constant
from ..ir.tape import Tape
from .base import Domain

__all__ = ["symbolic"]


class _Symbolic:
    name = "symbolic"

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

        def function(*operands: Any) -> Expr:
            return apply(tape, name, *operands)

        self.__dict__[name] = function
        return function


def symbolic(tape: Tape) -> Domain:
    """The domain whose numbers are expressions of ``tape``."""
    return cast(Domain, _Symbolic(tape))
