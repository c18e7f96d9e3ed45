"""The derivative that quotients are measured by, proved wherever it can be."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.errors import GraphDiffError
from graphdiff.language.notation.numbers import certified, significant
from graphdiff.program.runs.enclosure import Enclosure

from .kinks import Kinks
from .result import Exact

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

    from .targets import Target

__all__ = ["Proofs"]

_DIGITS = 30
_NOTHING = 1e-60
"""A ball around 0 that is no larger cannot be told from 0 (the derivative of sin at pi/2)."""

Found = tuple[Exact | None, Any]
"""The derivative for people, and the ball that errors are measured from."""


class Proofs:
    """Derivatives of a trace: from power series, else from backpropagation in balls."""

    def __init__(self, trace: Trace, kinks: Kinks) -> None:
        self.trace, self.kinks = trace, kinks
        self._enclosure: Enclosure | None = None

    def derivative(self, target: Target, terms: list[Any] | None) -> Found:
        """The derivative along a target; on a kink only where both sides have the same."""
        if self.trace.settled:
            gradients = {n: self.trace.adjoints.get(i, 0) for n, i in self.trace.targets.items()}
            return _number(target.slope(gradients), "limits")
        if terms is not None and (found := _shown(terms[1], "taylor"))[0] is not None:
            return found
        if not self.kinks.on:
            return _shown(self._enclosed(target), "balls")
        slope = self.kinks.slope(target)
        if slope is None:
            return None, None
        return _number(slope, "one-sided")

    def _enclosed(self, target: Target) -> Any:
        """The slope along the target from enclosed gradients, or None."""
        if self._enclosure is None:
            try:
                self._enclosure = self.trace.enclose(_DIGITS)
            except GraphDiffError:
                self._enclosure = Enclosure(0, {}, {})
        found = self._enclosure
        if not found.bits:
            return None
        inputs = self.trace.graph.inputs
        gradients = {n: found.gradients.get(i, 0) for n, i in inputs.items()}
        with working_precision(found.bits) as balls:
            slope = target.slope(gradients)
            return slope if hasattr(slope, "mid") else balls.number(Fraction(slope))


def _number(slope: Any, source: str) -> Found:
    """A slope that is exact, or a double, of which no digit is proved."""
    with working_precision(256) as balls:
        ball = balls.number(Fraction(slope))
    if isinstance(slope, float):
        return Exact(slope, significant(slope, 15), source), ball
    return _shown(ball, source)


def _shown(ball: Any, source: str) -> Found:
    """A ball with the digits that it proves; nothing where it proves not even one."""
    if ball is None or not ball.is_finite():
        return None, None
    if ball.contains(0) and not ball.is_zero():
        bound = float(ball.abs_upper())
        if bound > _NOTHING:
            return None, None
        power = math.ceil(math.log10(max(bound, 1e-300)))
        return Exact(0.0, f"0 ± 1e{power}", source), ball
    digits = certified(ball, _DIGITS)
    return (None, None) if digits is None else (Exact(float(ball.mid()), digits, source), ball)
