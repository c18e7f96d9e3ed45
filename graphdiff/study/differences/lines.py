"""The program along a line: t ↦ f(point + t·direction), in doubles, singles or complex numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import Arrays, FloatArrays
from graphdiff.core.domains.complexes import ComplexArrays
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.domains.singles import SingleArrays
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import DomainError
from graphdiff.language.reading.point import read_all

from .watching import Watched, switched, watched_gates

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["ComplexLine", "Line", "SideLine"]


class _Moved:
    """A program, a point in one domain, and the direction to move it in."""

    def __init__(self, trace: Trace, direction: Mapping[str, Any], domain: Any) -> None:
        self.graph, self.domain = trace.graph, domain
        self.dtype: Any = float if domain is FLOAT else domain.dtype
        try:
            self.at = read_all(trace.point, domain)
        except OverflowError:
            message = "the point is beyond the range of doubles, so there is nothing to difference"
            raise DomainError(message, hint="choose smaller values") from None
        self.direction = {
            name: d.astype(self.dtype) if hasattr(d, "astype") else self.dtype(d)
            for name, d in direction.items()
        }

    def output(self, t: Any) -> Any:
        """The output at point + t·direction, or None where it has no finite value."""
        if isinstance(self.domain, Arrays):
            with self.domain.quietly():
                return self._output(t)
        return self._output(t)

    def _output(self, t: Any) -> Any:
        at = {
            name: x + t * self.direction[name] if name in self.direction else x
            for name, x in self.at.items()
        }
        graph = self.graph
        out = forward(graph.tape, graph.order, at, self.domain)[graph.output]
        if isinstance(out, Undefined):
            return None
        finite = math.isfinite(out.real) and math.isfinite(out.imag)
        return out if finite else None


class Line(_Moved):
    """Real difference quotients, every operation of them in the precision that is asked for.

    >>> from graphdiff import parse
    >>> line = Line(parse("0.01*x^2 + 0.1*x").backprop(x=5), {"x": 1})
    >>> line.central(1e-4)
    0.1999999999990898
    """

    def __init__(self, trace: Trace, direction: Mapping[str, Any], dtype: str = "float64") -> None:
        doubles: Any = FloatArrays() if trace.graph.has_arrays else FLOAT
        domain = SingleArrays() if dtype == "float32" else doubles
        super().__init__(trace, direction, domain)
        self._outputs: dict[float, Any] = {}
        self.here = self.output(self.dtype(0))

    def output(self, t: Any) -> Any:
        """The output at point + t·direction; every t is computed once."""
        if float(t) not in self._outputs:
            self._outputs[float(t)] = super().output(t)
        return self._outputs[float(t)]

    def forward(self, h: float) -> float | None:
        """(f(x + h) − f(x))/h."""
        step = self.dtype(h)
        return _quotient(self.output(step), self.here, step)

    def central(self, h: float) -> float | None:
        """(f(x + h) − f(x − h))/2h."""
        step = self.dtype(h)
        return _quotient(self.output(step), self.output(-step), 2 * step)


def _quotient(high: Any, low: Any, width: Any) -> float | None:
    if high is None or low is None:
        return None
    import numpy

    with numpy.errstate(all="ignore"):
        slope = float((high - low) / width)
    return slope if math.isfinite(slope) else None


class ComplexLine(_Moved):
    """Im f(x + ih)/h: no difference, so nothing cancels, and h may be as small as one likes."""

    def __init__(self, trace: Trace, direction: Mapping[str, Any], dtype: str = "float64") -> None:
        super().__init__(trace, direction, ComplexArrays(single=dtype == "float32"))

    def slope(self, h: float) -> float | None:
        """The quotient for one h."""
        out = self.output(self.dtype(complex(0, h)))
        if out is None:
            return None
        slope = float(out.imag) / h + 0.0
        return slope if math.isfinite(slope) else None


class SideLine(_Moved):
    """On which sides of their kinks the gates are."""

    def __init__(self, trace: Trace, direction: Mapping[str, Any]) -> None:
        super().__init__(trace, direction, Watched())
        self.gates = watched_gates(trace.graph)
        self.here = self._sides(0.0) if self.gates else []

    def _sides(self, t: float) -> list[bytes]:
        self.domain.sides = []
        self.output(t)
        return list(self.domain.sides)

    def crossed(self, h: float) -> list[int]:
        """The gates that are on another side at x − h or at x + h than at x."""
        if not self.gates:
            return []
        sides = {i: None for t in (-h, h) for i in switched(self.gates, self.here, self._sides(t))}
        return sorted(sides)
