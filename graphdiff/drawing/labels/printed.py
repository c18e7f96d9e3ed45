"""Whether numbers as printed give the result as printed, so that a caption may say ``=``."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from fractions import Fraction
from functools import reduce
from operator import add
from typing import Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.sweeps.backward import local_gradient
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.errors import GraphDiffError
from graphdiff.program.runs.trace import Trace, plain

__all__ = ["Printed"]

_ENTRY = re.compile(r"[^\[\],\s]+")


class Printed:
    """Computes again what a caption claims, from the numbers that a reader sees.

    >>> from graphdiff import parse
    >>> printed = Printed(parse("x*y").backprop(x=2, y=3), lambda value: f"{float(value):.2f}")
    >>> printed.multiply("0.33", "3.00", 1), printed.multiply("0.50", "2.00", 1)
    (False, True)
    """

    def __init__(self, trace: Trace, show: Callable[[Any], str]) -> None:
        self.trace, self.show = trace, show

    def gives(self, i: int, value: Any) -> bool:
        """Whether the gate of node i makes its value of its operands as printed."""
        tape = self.trace.graph.tape
        node = tape.nodes[i]
        row = tape.ops[node.op]
        if self.trace.graph.has_arrays:
            domain = Arrays(RATIONAL)
            return self._same(
                lambda: domain.run(row, node, list(map(self._read, node.operands))), value
            )
        return self._same(lambda: row.value(RATIONAL, *map(self._read, node.operands)), value)

    def slopes(self, i: int, position: int, local: Any) -> bool:
        """Whether a local gradient follows from the operands and the value as printed, when it is
        rounded: lectures write (1 − 0.73)·0.73 = 0.20."""
        graph = self.trace.graph
        if _is_array(local):
            return True

        def again() -> Any:
            nodes = (i, *graph.tape.nodes[i].operands)
            values = {k: self._read(k) for k in nodes}
            convention = self.trace.convention
            return local_gradient(graph.tape, i, position, values, RATIONAL, convention)

        return self._same(again, local, rounded=True)

    def multiply(self, upstream: str, local: str, share: Any) -> bool:
        """Whether two factors as they are printed have the product as it is printed, when it is
        rounded."""
        return self._same(lambda: _number(upstream) * _number(local), share, rounded=True)

    def add_up(self, terms: Iterable[Any], total: Any) -> bool:
        """Whether the terms as printed have the sum as printed."""
        return self._same(lambda: reduce(add, map(self._number, terms)), total)

    def _same(self, again: Callable[[], Any], value: Any, *, rounded: bool = False) -> bool:
        """Whether that is the value as it is printed; ``rounded``: whether it is when rounded."""
        try:
            computed = again()
            if isinstance(computed, Undefined):
                return True
            texts = _ENTRY.findall(self.show(plain(value)))
            entries = getattr(computed, "flat", [computed] * len(texts))
            slack = Fraction(1, 2) if rounded else 0
            return all(
                abs(Fraction(plain(x)) - _fraction(text)) <= slack * _unit(text)
                for x, text in zip(entries, texts, strict=True)
            )
        except (ArithmeticError, AttributeError, GraphDiffError, TypeError, ValueError):
            return True  # infinities, or rounding has left the domain: log of 0.001 as printed

    def _read(self, i: int) -> Any:
        """The value of node i as printed; constants are printed in full."""
        value = self.trace.values[i]
        known = self.trace.graph.drawn[i] and not isinstance(value, bool | Undefined)
        return self._number(value) if known else value

    def _number(self, value: Any) -> Any:
        return _number(self.show(plain(value)))


def _number(text: str) -> Any:
    """A printed number, or array.  Raises ValueError for one that is not printed in full."""
    if not text.startswith("["):
        return _fraction(text)
    import numpy

    rows = _ENTRY.sub("0", text).count("[") - 1
    entries = numpy.array([_fraction(entry) for entry in _ENTRY.findall(text)], dtype=object)
    return entries.reshape(rows, -1) if text.startswith("[[") else entries


def _fraction(text: str) -> Fraction:
    return Fraction(text.replace("−", "-"))


def _unit(text: str) -> Fraction:
    """One of the last decimal of a printed number."""
    mantissa, _, exponent = text.replace("−", "-").partition("e")
    return Fraction(10) ** (int(exponent or 0) - len(mantissa.partition(".")[2]))


def _is_array(value: Any) -> bool:
    return bool(getattr(value, "shape", ()))
