"""The numbers of a trace against their enclosures."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..domains.array import FloatArrays
from ..domains.ball import Balls
from ..printing.numbers import significant
from .ball_arrays import middles, radii
from .enclosure import Enclosure, distance
from .kinks import near_kink, on_kink
from .method import Method

if TYPE_CHECKING:
    from ..trace import Trace

__all__ = ["enclosures"]

_NAME = "ball enclosures of every value and gradient"


@dataclass(slots=True)
class _Findings:
    """What the comparison has found so far: names of values and gradients."""

    balls: Balls
    worst: float = 0.0
    lossy: list[str] = field(default_factory=list)
    wide: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Exact numbers outside their enclosures."""
    far: dict[str, float] = field(default_factory=dict)
    """Relative errors of doubles above one percent."""

    def number(self, label: str, ball: Any, number: Any) -> None:
        """Compare one number."""
        if isinstance(number, bool) or not isinstance(number, int | float | Fraction):
            return
        if not hasattr(ball, "is_finite"):
            return  # an exact slope of a kink's convention
        if _wide(ball, number):
            self.wide.append(label)
        elif isinstance(number, Fraction):
            if not ball.overlaps(self.balls.number(number)):
                self.wrong.append(label)
        else:
            self._off(label, distance(ball, number), abs(float(ball.mid())))

    def array(self, label: str, balls: Any, numbers: Any) -> None:
        """Compare an array; errors of doubles are relative to its largest entry."""
        if numbers.dtype == float:
            self._doubles(label, balls, numbers)
            return
        error, largest, wide = 0.0, 0.0, False
        for ball, number in zip(balls.flat, numbers.flat, strict=True):
            if not hasattr(ball, "is_finite") or not math.isfinite(number):
                continue
            if _wide(ball, number):
                wide = True
            elif isinstance(number, float):
                error = max(error, distance(ball, number))
                largest = max(largest, abs(float(ball)))
            elif not ball.overlaps(self.balls.number(number)):
                self.wrong.append(label)
                break
        if wide:
            self.wide.append(label)
        self._off(label, error, largest)

    def _doubles(self, label: str, balls: Any, numbers: Any) -> None:
        """The same for an array of doubles, which may be large."""
        import numpy

        errors = numpy.frompyfunc(lambda ball: float(ball.abs_upper()), 1, 1)(balls - numbers)
        sizes = abs(middles(balls))
        judged, sharp = numpy.isfinite(numbers), radii(balls) <= 1e-9 * (1 + abs(numbers))
        if not sharp[judged].all():
            self.wide.append(label)
        both = judged & sharp
        if both.any():
            self._off(label, float(errors[both].max()), float(sizes[both].max()))

    def _off(self, label: str, error: float, size: float) -> None:
        self.worst = max(self.worst, error / size if size else error)
        if size and error / size > 1e-9 and error > 1e-300:
            self.lossy.append(label)
            if error / size > 1e-2:
                self.far[label] = error / size


def _wide(ball: Any, number: Any) -> bool:
    return not ball.is_finite() or float(ball.rad()) > 1e-9 * (1 + abs(float(number)))


def enclosures(trace: Trace, enclosure: Enclosure, warnings: list[str]) -> Method:
    """Compare every number of the trace with its ball; adds to ``warnings``."""
    if not enclosure.bits:
        return Method(_NAME, None, None, "not run: too many entries for balls")
    found = _compare(trace, enclosure)
    if found.lossy:
        warnings.append(
            f"doubles lose digits in the {', the '.join(found.lossy[:4])}: the numbers shown come"
            " from higher precision"
        )
    if found.wide:
        why = (
            "a gate sits on a kink, or so near one that doubles cannot tell the side"
            if on_kink(trace) or near_kink(trace, enclosure)
            else f"the bounds on rounding errors grow too fast for {enclosure.bits} bits"
        )
        warnings.append(f"the {', the '.join(found.wide[:4])} cannot be enclosed: {why}")
    off = f"off by at most {significant(found.worst, 2)} relative" if found.worst else "exact here"
    detail = f"{enclosure.bits} bits; doubles are {off}"
    if found.wrong:
        detail = f"the exact {', '.join(found.wrong[:4])} lies outside its enclosure"
    far = _answers_far_off(trace, found)
    if far:
        detail = f"the {far} in doubles is off by {significant(found.far[far], 2)} relative"
    return Method(_NAME, not found.wrong and not far, found.worst, detail)


def _answers_far_off(trace: Trace, found: _Findings) -> str:
    """The worst of the answers of a trace in doubles, which are what the user gets, if it is
    wrong; on a kink doubles may take another side."""
    labels, graph = trace.graph.labels, trace.graph
    answers = {f"value of {labels[graph.output]}", *(f"gradient of {x}" for x in trace.targets)}
    far = {label: error for label, error in found.far.items() if label in answers}
    if not far or not isinstance(trace.domain, FloatArrays) or on_kink(trace):
        return ""
    return max(far, key=lambda label: far[label])


def _compare(trace: Trace, enclosure: Enclosure) -> _Findings:
    found = _Findings(Balls())
    for numbers, balls, what in (
        (trace.values, enclosure.values, "value"),
        (trace.adjoints, enclosure.gradients, "gradient"),
    ):
        for i, ball in balls.items():
            number = numbers.get(i)
            if ball is None or number is None:
                continue
            label = f"{what} of {trace.graph.labels.get(i, 'a constant')}"
            if hasattr(number, "shape") and number.shape:
                found.array(label, ball, number)
            else:
                found.number(label, ball, number)
    return found
