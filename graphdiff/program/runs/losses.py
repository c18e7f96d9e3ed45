"""What doubles alone would have lost: a run in doubles against numbers from balls."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.scaled import Scaled, beyond_doubles
from graphdiff.core.sweeps.backward import Convention, accumulate
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import DomainError
from graphdiff.language.reading.point import Constant, read_all

if TYPE_CHECKING:
    from graphdiff.program.graph import Graph

__all__ = ["Losses", "against_doubles"]


class Losses:
    """The values and gradients that doubles lose, by name, and their largest relative error."""

    def __init__(self, labels: Mapping[int, str]) -> None:
        self.labels = labels
        self.names: list[str] = []
        self.worst = 0.0

    def compare(self, what: str, doubles: Mapping[int, Any], numbers: Mapping[int, Any]) -> None:
        """Compare values or gradients, node by node."""
        for i, number in numbers.items():
            double = doubles.get(i)
            if double.__class__ is float and double == number:
                continue
            if double is not None and hasattr(number, "dtype") and hasattr(double, "dtype"):
                size = max((abs(x) for x in number.flat if x == x), default=0)
                pairs = zip(double.flat, number.flat, strict=True)
                errors = [self._error(a, b, size) for a, b in pairs]
                error = max(errors, default=0.0)
            else:
                error = self._error(double, number, number)
            if error > 1e-9:
                self.names.append(f"{what} of {self.labels.get(i, 'a constant')}")
            self.worst = max(self.worst, error)

    def _error(self, double: Any, number: Any, size: Any) -> float:
        if double.__class__ is not float or double == number or not math.isfinite(double):
            return 0.0
        if number.__class__ is float and size.__class__ is float:
            return abs(double - number) / abs(size) if size else 0.0
        if not isinstance(number, int | float | Fraction) or number != number:
            return 0.0
        if isinstance(number, Scaled) and beyond_doubles(number):
            return 1.0
        error = abs(Fraction(double) - Fraction(number))
        return float(min(error / abs(Fraction(size)), Fraction(10) ** 300)) if size else 0.0


def against_doubles(
    graph: Graph, point: Mapping[str, Constant], convention: Convention,
    targets: Iterable[int] | None, values: Mapping[int, Any], adjoints: Mapping[int, Any],
    domain: Any,
) -> Losses:  # fmt: skip
    """Run a program in doubles, and compare its numbers."""
    tape, order, losses = graph.tape, graph.order, Losses(graph.labels)
    doubles = forward(tape, order, read_all(point, domain), domain)
    losses.compare("value", doubles, values)
    try:
        gradients = accumulate(tape, order, graph.output, doubles, domain, convention, wrt=targets)
    except DomainError:
        return losses
    losses.compare("gradient", gradients, adjoints)
    return losses
