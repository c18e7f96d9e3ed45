"""The rules of the op table, read in normal forms: a row of a user's own is proved like any."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.base import Kind
from graphdiff.core.ir.op import Op

from .field import Element
from .functions import Functions
from .limits import NoProof

__all__ = ["normal_form"]

_NO_RULE = (TypeError, ValueError, AttributeError, ArithmeticError)
"""What a rule raises that asks for more than the arithmetic of domains."""


def normal_form(row: Op, functions: Functions, operands: list[Element]) -> Element:
    """What an op is in normal form.  Raises NoProof where its rule cannot be read so."""
    domain = _Normal(functions)
    try:
        return domain.element(row.value(domain, *[_Term(functions, x) for x in operands]))
    except _NO_RULE as error:
        raise NoProof(f"{row.name}: {error}") from None


class _Term:
    """An element with operators.  It is neither true nor false, nor known to be equal to another:
    a rule that asks is not understood."""

    __slots__ = ("element", "functions")
    __hash__ = None  # type: ignore[assignment]

    def __init__(self, functions: Functions, element: Element) -> None:
        self.functions, self.element = functions, element

    def __bool__(self) -> bool:
        raise TypeError("a rule that asks for a number")

    def __eq__(self, other: object) -> bool:
        raise TypeError("a rule that asks for a number")

    def _with(self, rule: Callable[..., Element], *operands: Any) -> _Term:
        made = [_element(self.functions, x) for x in operands]
        return _Term(self.functions, rule(*made))

    def __add__(self, other: Any) -> _Term:
        return self._with(self.functions.add, self, other)

    def __radd__(self, other: Any) -> _Term:
        return self._with(self.functions.add, other, self)

    def __sub__(self, other: Any) -> _Term:
        return self._with(self.functions.subtract, self, other)

    def __rsub__(self, other: Any) -> _Term:
        return self._with(self.functions.subtract, other, self)

    def __mul__(self, other: Any) -> _Term:
        return self._with(self.functions.multiply, self, other)

    def __rmul__(self, other: Any) -> _Term:
        return self._with(self.functions.multiply, other, self)

    def __truediv__(self, other: Any) -> _Term:
        return self._with(self.functions.divide, self, other)

    def __rtruediv__(self, other: Any) -> _Term:
        return self._with(self.functions.divide, other, self)

    def __pow__(self, other: Any) -> _Term:
        return self._with(self.functions.pow, self, other)

    def __neg__(self) -> _Term:
        return self._with(self.functions.negate, self)


def _element(functions: Functions, value: Any) -> Element:
    if isinstance(value, _Term):
        return value.element
    if isinstance(value, bool) or not isinstance(value, int | float | Fraction):
        raise TypeError("no number")
    return functions.number(Fraction(value))


class _Normal(Kind):
    """The domain whose numbers are normal forms."""

    name = "normal"

    def __init__(self, functions: Functions) -> None:
        self.functions = functions

    @property
    def pi(self) -> _Term:
        return _Term(self.functions, self.functions.work.pi())

    def element(self, value: Any) -> Element:
        return _element(self.functions, value)

    def number(self, value: Any) -> _Term:
        return _Term(self.functions, self.element(value))

    def compare(self, name: str, x: Any, y: Any) -> _Term:
        return _Term(self.functions, self.functions.compare(name, self.element(x), self.element(y)))

    def where(self, condition: _Term, x: Any, y: Any) -> _Term:
        chosen = self.functions.choose(condition.element, self.element(x), self.element(y))
        return _Term(self.functions, chosen)

    def __getattr__(self, name: str) -> Callable[..., _Term]:
        rule = getattr(self.functions, name)
        return lambda *xs: _Term(self.functions, rule(*map(self.element, xs)))
