"""Whether numbers as printed give the result as printed, so that a caption may say ``=``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from fractions import Fraction
from typing import Any

from ..backward import local_gradient
from ..domains.floats import RATIONAL
from ..errors import GraphDiffError
from ..forward import Undefined
from ..trace import Trace, plain

__all__ = ["Printed"]


class Printed:
    """Computes again what a caption claims, from the numbers that a reader sees.

    >>> from graphdiff import parse
    >>> printed = Printed(parse("x*y").backprop(x=2, y=3), lambda value: f"{float(value):.2f}")
    >>> printed.multiply(Fraction(1, 3), 3, 1), printed.multiply(Fraction(1, 2), 2, 1)
    (False, True)
    """

    def __init__(self, trace: Trace, show: Callable[[Any], str]) -> None:
        self.trace, self.show = trace, show

    def gives(self, i: int, value: Any) -> bool:
        """Whether the gate of node i makes its value of its operands as printed."""
        node = self.trace.graph.tape.nodes[i]
        rule = self.trace.graph.tape.ops[node.op].value
        operands = [self.trace.values[k] for k in node.operands]
        if any(_is_array(x) for x in (value, *operands)):
            return True
        return self._same(lambda: rule(RATIONAL, *map(self._read, node.operands)), value)

    def slopes(self, i: int, position: int, local: Any) -> bool:
        """Whether a local gradient follows from the operands and the value as printed."""
        graph = self.trace.graph
        if _is_array(local):
            return True

        def again() -> Any:
            nodes = (i, *graph.tape.nodes[i].operands)
            values = {k: self._read(k) for k in nodes}
            convention = self.trace.convention
            return local_gradient(graph.tape, i, position, values, RATIONAL, convention)

        return self._same(again, local)

    def multiply(self, upstream: Any, local: Any, share: Any) -> bool:
        """Whether the two factors as printed have the product as printed."""
        if any(map(_is_array, (upstream, local, share))):
            return True
        return self._same(lambda: self._number(upstream) * self._number(local), share)

    def add_up(self, terms: Iterable[Any], total: Any) -> bool:
        """Whether the terms as printed have the sum as printed."""
        if _is_array(total):
            return True
        return self._same(lambda: sum(map(self._number, terms)), total)

    def _same(self, again: Callable[[], Any], value: Any) -> bool:
        try:
            computed = again()
            return isinstance(computed, Undefined) or self.show(plain(computed)) == self.show(value)
        except (ArithmeticError, GraphDiffError, TypeError, ValueError):
            return True  # infinities, or rounding has left the domain: log of 0.001 as printed

    def _read(self, i: int) -> Any:
        """The value of node i as printed; constants are printed in full."""
        value = self.trace.values[i]
        known = self.trace.graph.drawn[i] and not isinstance(value, bool | Undefined)
        return self._number(value) if known else value

    def _number(self, value: Any) -> Fraction:
        return Fraction(self.show(plain(value)).replace("−", "-"))


def _is_array(value: Any) -> bool:
    return bool(getattr(value, "shape", ()))
