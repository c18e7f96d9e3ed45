"""The numbers of a trace as text, with no digit that is not certain."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from ..backward import local_gradient, times
from ..domains.ball import working_precision
from ..printing.numbers import show_number
from ..trace import Edge, Trace, plain
from ..verification.enclosure import certified
from ..verification.report import Report

__all__ = ["Numbers"]


class Numbers:
    """Values, gradients, local gradients and contributions of a trace, as text and as floats.

    Exact numbers are shown exactly while short; the others come from their enclosures where a
    report is given (so that every digit shown is certain), else from doubles.
    """

    def __init__(
        self, trace: Trace, report: Report | None, digits: int = 6, precision: int | None = None
    ) -> None:
        self.trace, self.report = trace, report
        self.digits = precision or digits
        self.exact = precision is None

    def value(self, i: int) -> str:
        """The value of node i."""
        ball = self.report.enclosure.values.get(i) if self.report else None
        return self.show(self.trace.node(i).value, ball)

    def gradient(self, i: int) -> str:
        """∂(output)/∂(node i)."""
        ball = self.report.enclosure.gradients.get(i) if self.report else None
        return self.show(plain(self.trace.adjoints.get(i, 0)), ball)

    def local(self, edge: Edge) -> str:
        """The local gradient of an edge."""
        return self.show(edge.local, self.local_ball(edge))

    def contribution(self, edge: Edge) -> str:
        """What the edge passes down."""
        ball = None
        if self.report is not None:
            local = self.local_ball(edge)
            upstream = self.report.enclosure.gradients.get(edge.target)
            if local is not None and upstream is not None:
                with working_precision(self.report.enclosure.bits):
                    ball = times(upstream, local)
        return self.show(edge.contribution, ball)

    def local_ball(self, edge: Edge) -> Any:
        """The enclosure of an edge's local gradient; None where it is an integer or unknown."""
        if self.report is None or isinstance(edge.local, int):
            return None
        trace, enclosure = self.trace, self.report.enclosure
        values = enclosure.values
        if any(values[k] is None for k in trace.graph.tape.nodes[edge.target].operands):
            return None
        with working_precision(enclosure.bits) as balls:
            return local_gradient(
                trace.graph.tape,
                edge.target,
                edge.position,
                values,
                balls,
                trace.convention,
                trace.values,
            )

    def show(self, number: Any, ball: Any) -> str:
        """One number as text."""
        if number is None:
            return "undefined"
        if isinstance(number, int | Fraction) and not isinstance(number, bool):
            text = show_number(number, self.digits)
            if self.exact or isinstance(number, int) or "/" not in text:
                return text
        if ball is None or not hasattr(ball, "is_finite"):
            return show_number(number, min(self.digits, 17))
        certain = certified(ball, self.digits)
        if certain is None:
            return show_number(number, min(self.digits, 3)) + "?"
        middle = float(ball.mid())
        if self.digits <= 15 and middle:
            return show_number(middle, _digits_of(certain))
        return certain

    def number(self, number: Any, ball: Any) -> float | int | None:
        """One number for JSON: an int, or the double nearest to the enclosure's middle."""
        if isinstance(number, bool) or number is None:
            return None
        if isinstance(number, int) and abs(number) <= 2**53:
            return number
        try:
            if isinstance(number, int | Fraction):
                return float(number)
            if ball is not None and hasattr(ball, "is_finite") and ball.is_finite():
                return float(ball.mid()) + 0.0
            return float(number)
        except OverflowError:
            return None


def _digits_of(text: str) -> int:
    """Significant digits of a printed number."""
    mantissa = text.lower().partition("e")[0]
    return max(1, len(mantissa.replace(".", "").lstrip("-0")))
