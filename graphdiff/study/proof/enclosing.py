"""The numbers of a trace against their enclosures."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import FloatArrays, entrywise
from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.ball_arrays import middles, radii
from graphdiff.core.domains.scaled import Scaled
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.errors import DomainError
from graphdiff.language.notation.numbers import significant
from graphdiff.program.runs.enclosure import Enclosure, blurred, distance
from graphdiff.program.runs.trace import is_finite
from graphdiff.program.wording import gate_at

from .kinks import near_kink, on_kink
from .method import Method

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["enclosures", "refuse_poles"]

_NAME = "ball enclosures of every value and gradient"
_SHARP = 30
"""Bits of a ball that says enough of its number."""
_FAR = 2.0**-24
"""Errors of doubles, relative to the largest entry of their array, past which they are wrong."""


@dataclass(slots=True)
class _Findings:
    """What the comparison has found so far: names of values and gradients."""

    balls: Balls
    worst: float = 0.0
    wide: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Exact numbers outside their enclosures."""
    vanished: list[str] = field(default_factory=list)
    """Arrays of doubles in which a number is 0 that is not proved to be 0: it may underflow."""
    far: dict[str, float] = field(default_factory=dict)
    """Relative errors of arrays of doubles that are no rounding any more."""

    def number(self, label: str, ball: Any, number: Any) -> None:
        """Compare one number."""
        if isinstance(number, bool) or not isinstance(number, int | float | Fraction):
            return
        if number != number or not hasattr(ball, "is_finite"):
            return  # a value of an untaken branch, or an exact slope of a kink's convention
        if isinstance(number, int | Fraction) and not isinstance(number, Scaled):
            if ball.is_finite() and not ball.overlaps(self.balls.number(number)):
                self.wrong.append(label)
            elif not ball.is_finite() or blurred(ball):
                self.wide.append(label)
        elif number == 0 and ball.is_finite() and ball.contains(0):
            return  # it is shown with its bound
        elif not ball.is_finite() or ball.rel_accuracy_bits() < _SHARP:
            self.wide.append(label)
        elif isinstance(number, float):
            self._off(label, distance(ball, number), abs(float(ball.mid())))

    def array(self, label: str, balls: Any, numbers: Any) -> None:
        """Compare an array; errors of doubles are relative to its largest entry."""
        if numbers.dtype == float:
            self._doubles(label, balls, numbers)
            return
        before = len(self.wide), len(self.wrong)
        for ball, number in zip(balls.flat, numbers.flat, strict=True):
            self.number(label, ball, number)
        for names, length in zip((self.wide, self.wrong), before, strict=True):
            del names[length + 1 :]

    def _doubles(self, label: str, balls: Any, numbers: Any) -> None:
        """The same for an array of doubles, which may be large."""
        import numpy

        errors = entrywise(distance, balls, numbers)
        sizes = abs(middles(balls))
        judged, sharp = numpy.isfinite(numbers), radii(balls) <= 1e-9 * (1 + abs(numbers))
        if not sharp[judged].all():
            self.wide.append(label)
        zero = judged & (numbers == 0)
        if zero.any() and not all(ball.is_zero() for ball in balls[zero] if hasattr(ball, "mid")):
            self.vanished.append(label)
        both = judged & sharp
        if both.any():
            self._off(label, float(errors[both].max()), float(sizes[both].max()))

    def _off(self, label: str, error: float, size: float) -> None:
        self.worst = max(self.worst, error / size if size else error)
        if size and error / size > _FAR:
            self.far[label] = error / size


def enclosures(trace: Trace, enclosure: Enclosure, warnings: list[str]) -> Method:
    """Compare every number of the trace with its ball; adds to ``warnings``."""
    if not enclosure.bits:
        return Method(_NAME, None, None, "not run: too many entries for balls")
    found = _compare(trace, enclosure)
    if trace.lost:
        warnings.append(
            f"doubles lose digits in the {', the '.join(trace.lost[:4])}: the numbers shown come"
            " from higher precision"
        )
    if found.wide:
        why = (
            "a gate sits on a kink, or so near one that doubles cannot tell the side"
            if on_kink(trace) or near_kink(trace, enclosure)
            else f"the bounds on rounding errors grow too fast for {enclosure.bits} bits"
        )
        warnings.append(f"the {', the '.join(found.wide[:4])} cannot be enclosed: {why}")
    worst = max(found.worst, trace.worst)
    off = f"off by at most {significant(worst, 2)} relative" if worst else "exact here"
    detail = f"{enclosure.bits} bits; doubles are {off}"
    if found.wrong:
        detail = f"the exact {', '.join(found.wrong[:4])} lies outside its enclosure"
    far = _answers_far_off(trace, found)
    if far:
        detail = f"the {far} in doubles is off by {significant(found.far[far], 2)} relative"
    vanished = sorted(set(found.vanished) & _answers(trace))
    if vanished and not (found.wrong or far):
        detail = f"entries of the {vanished[0]} are 0 in doubles, which may be an underflow"
        return Method(_NAME, None, worst, detail)
    return Method(_NAME, not found.wrong and not far, worst, detail)


def _answers_far_off(trace: Trace, found: _Findings) -> str:
    """The worst of the answers of a trace in doubles, which are what the user gets, if it is
    wrong; on a kink doubles may take another side."""
    answers = _answers(trace)
    far = {label: error for label, error in found.far.items() if label in answers}
    if not far or not isinstance(trace.domain, FloatArrays) or on_kink(trace):
        return ""
    return max(far, key=lambda label: far[label])


def _answers(trace: Trace) -> set[str]:
    """What the numbers that were asked for are called."""
    output = trace.graph.labels[trace.graph.output]
    return {f"value of {output}", *(f"gradient of {x}" for x in trace.targets)}


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
            if trace.singular and what == "gradient":
                continue  # limits, not what the rules give
            label = f"{what} of {trace.graph.labels.get(i, 'a constant')}"
            if hasattr(number, "shape") and number.shape:
                found.array(label, ball, number)
            else:
                found.number(label, ball, number)
    return found


def refuse_poles(trace: Trace, enclosure: Enclosure) -> None:
    """Doubles see tan(pi/2) as 1.6e16; balls cannot tell it from the pole, and so nobody can.

    Raises DomainError.
    """
    graph = trace.graph
    for i, ball in enclosure.values.items():
        number = trace.values[i]
        if ball is None or isinstance(number, Undefined | bool) or _defined(ball, number):
            continue
        raise DomainError(
            f"{gate_at(graph, i)} cannot be told from a pole, or is not defined",
            source=graph.source,
            span=graph.tape.spans.get(i),
            hint="move the point; --verify none shows what doubles make of it",
        )


def _defined(ball: Any, number: Any) -> bool:
    """Whether balls are finite wherever the numbers are, which those of untaken branches need
    not be."""
    if not hasattr(ball, "shape"):
        return not hasattr(ball, "is_finite") or ball.is_finite() or not is_finite(number)
    numbers = [number] * ball.size if not hasattr(number, "flat") else number.flat
    return all(
        not hasattr(b, "is_finite") or b.is_finite() or not is_finite(x)
        for b, x in zip(ball.flat, numbers, strict=True)
    )
