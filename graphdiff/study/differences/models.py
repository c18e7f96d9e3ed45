"""Why a difference quotient is off: truncation of the series, and rounding of the values.

Truncation follows from the Taylor coefficients; rounding from E, by which a computed value of the
program is expected to be off: every gate rounds its value by the unit roundoff u, and the output
feels it times its gradient.  (Higham 2002, Accuracy and Stability, sec. 1.14 and 3.1; Press et al.
2007, Numerical Recipes, sec. 5.7; Miller 1975 for rounding errors by gradients.)
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphdiff.core.sweeps.backward import active_nodes
from graphdiff.core.sweeps.forward import Undefined

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

    from .targets import Target

__all__ = ["EPSILON", "Model", "expected_rounding", "models"]

EPSILON = {"float64": 2.0**-52, "float32": 2.0**-23}
"""The distance from 1 to the next number; the unit roundoff u is half of it."""


@dataclass(frozen=True, slots=True)
class Model:
    """|error| ≈ coefficient·hᵖ + rounding/h.

    >>> model = Model(2, 1 / 6, 1.1e-16)
    >>> f"{model.best_h:.1e} {model.error(model.best_h):.1e}"
    '6.9e-06 2.4e-11'
    """

    order: int | None
    """p, or None where no coefficient up to t⁷ differs from 0: there is no truncation to see."""
    coefficient: float
    rounding: float
    """E for the central quotient, 2E for the forward one, which has half the width."""
    proved: bool = True
    """Whether all coefficients before the leading one are proved to be 0."""

    def truncation(self, h: float) -> float:
        """The part that shrinks with h."""
        return 0.0 if self.order is None else self.coefficient * h**self.order

    def rounded(self, h: float) -> float:
        """The part that grows as h shrinks."""
        return self.rounding / h

    def error(self, h: float) -> float:
        """Both parts."""
        return self.truncation(h) + self.rounded(h)

    @property
    def best_h(self) -> float | None:
        """Where both parts together are least: p·c·hᵖ = rounding/h."""
        if self.order is None or not self.rounding or not self.coefficient:
            return None
        ratio = self.rounding / (self.order * self.coefficient)
        return float(ratio ** (1 / (self.order + 1)))


def models(terms: Sequence[Any], rounding: float) -> tuple[Model, Model]:
    """Models of the forward and the central quotient, from Taylor coefficients as balls."""
    ahead = _leading(list(enumerate(terms))[2:])
    centred = _leading([(k, term) for k, term in enumerate(terms) if k >= 3 and k % 2])
    return Model(*ahead[:2], 2 * rounding, ahead[2]), Model(*centred[:2], rounding, centred[2])


def _leading(terms: list[tuple[int, Any]]) -> tuple[int | None, float, bool]:
    """Order of the error, size of the coefficient, and whether those before it are exactly 0."""
    proved = True
    for k, term in terms:
        if not term.contains(0):
            size = float(abs(term).mid())
            if math.isfinite(size) and size > 0:
                return k - 1, size, proved
        proved = proved and bool(term.is_zero())
    return None, 0.0, proved


def expected_rounding(trace: Trace, target: Target, dtype: str) -> float:
    """E: the root of the sum of squares of what each rounding makes of the output.

    Only gates that depend on what moves count: the others are off by the same at both ends.
    """
    graph = trace.graph
    moved = {graph.inputs[name]: d for name, d in target.direction.items()}
    marks = active_nodes(graph.tape, graph.order, list(moved))
    total = 0.0
    for i in graph.order:
        node = graph.tape.nodes[i]
        if i in moved:
            total += _square(trace, i, moved[i])
        elif marks[i] and node.operands and not graph.tape.ops[node.op].exact:
            total += _square(trace, i, 1)
    return EPSILON[dtype] / 2 * math.sqrt(total)


def _square(trace: Trace, i: int, moved: Any) -> float:
    """The sum of (value · gradient)² of a node."""
    import numpy

    value, gradient = trace.values[i], trace.adjoints.get(i, 0)
    if isinstance(value, Undefined | bool):
        return 0.0
    try:
        with numpy.errstate(all="ignore"):
            felt = numpy.asarray(value, dtype=float) * numpy.asarray(gradient, dtype=float) * moved
            total = float(numpy.sum(felt * felt))
    except OverflowError:
        return 0.0
    return total if math.isfinite(total) else 0.0
