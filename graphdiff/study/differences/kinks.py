"""One-sided derivatives along a target, where the point is on a kink."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.sweeps.backward import directional
from graphdiff.errors import DomainError
from graphdiff.program.runs.enclosure import rounded
from graphdiff.program.runs.trace import is_exact
from graphdiff.program.unfold import entry_name, unfolded_trace
from graphdiff.study.proof.kinks import on_kink

from .result import Sides

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

    from .targets import Target

__all__ = ["Kinks"]


class Kinks:
    """The gates of a trace that are on a kink, over numbers (arrays are written out)."""

    def __init__(self, trace: Trace) -> None:
        self.on = not trace.settled and on_kink(trace)
        """Whether a gate is on a kink, so that the backward sweep follows a convention."""
        self.scalars: Trace | None = None
        if self.on:
            self.scalars = unfolded_trace(trace) if trace.graph.has_arrays else trace

    def sides(self, target: Target) -> Sides | None:
        """Derivatives from below and above, or None where they are one.

        >>> from graphdiff import parse
        >>> from graphdiff.study.differences.targets import Target
        >>> found = Kinks(parse("abs(x)").backprop(x=0)).sides(Target("x", {"x": 1}))
        >>> found.left, found.right, found.gates
        (-1.0, 1.0, ('abs at f',))
        """
        if self.scalars is None:
            return None
        known = self._slopes(target)
        if known is None:
            return None
        below, above, jump = known
        if above == below and not jump:
            return None
        moved = _numbers(target)
        gates = tuple(
            f"{report.op} at {report.name}"
            for report in self.scalars.kinks
            if any(name in report.left for name in moved)
        )
        return Sides(float(below) + 0.0, float(above) + 0.0, gates, jump)

    def slope(self, target: Target) -> Any:
        """The derivative where both sides have the same; one-sided derivatives obey the chain
        rule, which conventions do not (relu(x) − relu(−x) at 0).  None where it is unknown."""
        if self.scalars is None:
            return None
        below, above, jump = self._slopes(target) or (None, None, True)
        return above if above == below and not jump else None

    def _slopes(self, target: Target) -> tuple[Any, Any, bool] | None:
        """From below, from above, and whether it jumps; None where a gate's slope is infinite."""
        assert self.scalars is not None
        for corner in self.scalars.corners:  # of a program of one number
            (name,) = corner.left
            d = _numbers(target).get(name, 0)
            ends = d * corner.left[name], d * corner.right[name]
            return (*(ends if d > 0 else ends[::-1]), False)
        inputs = self.scalars.graph.inputs
        moved = {inputs[name]: d for name, d in _numbers(target).items() if name in inputs}
        try:
            above, up = self._slope(moved)
            below, down = self._slope({i: -d for i, d in moved.items()})
        except DomainError:
            return None
        return -below, above, up or down

    def _slope(self, directions: dict[int, Any]) -> tuple[Any, bool]:
        """The slope along a direction, and whether the value jumps there."""
        scalars = self.scalars
        assert scalars is not None
        graph = scalars.graph
        sweep = graph.tape, graph.order
        slopes, jumping = directional(*sweep, scalars.values, directions, scalars.domain)
        slope = slopes.get(graph.output, 0)
        if not is_exact(slope) and scalars.enclosure.bits:
            # Doubles leave something of p − p, which no difference quotient does.
            with working_precision(scalars.enclosure.bits) as balls:
                enclosed, _ = directional(
                    *sweep, scalars.enclosure.values, directions, balls, scalars.values
                )  # fmt: skip
                slope = rounded(slope, enclosed.get(graph.output, 0))
        return slope, graph.output in jumping


def _numbers(target: Target) -> dict[str, int]:
    """The direction by entry."""
    import numpy

    return {
        entry_name(name, place): int(d)
        for name, moved in target.direction.items()
        for place, d in numpy.ndenumerate(numpy.asarray(moved))
        if d
    }
