"""The numbers of a trace as text, with no digit that is not certain."""

from __future__ import annotations

import math
from collections.abc import Iterable
from copy import copy
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import Arrays, entrywise
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.sweeps.backward import array_local, contribution, local_gradient, times
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.language.notation.arrays import MOST, in_layout, nested, summary
from graphdiff.language.notation.numbers import bounded, show_number, significant, vanishes
from graphdiff.program.runs.enclosure import rounded
from graphdiff.program.runs.trace import Edge, Trace, is_exact, plain

if TYPE_CHECKING:
    from graphdiff.study.proof.report import Report

__all__ = ["Numbers"]


class Numbers:
    """Values, gradients, local gradients and contributions of a trace, as text and as floats.

    Exact numbers are shown exactly while short; the others come from their enclosures where a
    report is given (so that every digit shown is certain), else from doubles.  Arrays of up to
    ``most`` entries are shown whole, larger ones by shape and norm; gradients stand in a layout
    (see ``printing.arrays``).

    >>> from graphdiff import parse
    >>> trace = parse("sum(relu(x))").backprop(x=[1, -2, 3, -1])
    >>> numbers = Numbers(trace, None)
    >>> numbers.gradient(trace.graph.inputs["x"])
    '[1, 0, 1, 0]'
    """

    def __init__(
        self, trace: Trace, report: Report | None, digits: int = 6, precision: int | None = None,
        *, layout: str = "gradient", most: int = MOST,
    ) -> None:  # fmt: skip
        self.trace, self.report = trace, report
        self.digits = precision or digits
        self.exact = precision is None
        self.layout, self.most = layout, most

    def finer(self, more: int) -> Numbers:
        """The same with more digits."""
        found = copy(self)
        found.digits = self.digits + more
        return found

    def value(self, i: int) -> str:
        """The value of node i."""
        value = self.trace.values[i]
        number = None if isinstance(value, Undefined) else plain(value)
        return self.show(number, self.value_ball(i))

    def gradient(self, i: int) -> str:
        """∂(output)/∂(node i); empty for a node that has none, such as a label."""
        if i not in self.trace.adjoints and self.trace.graph.has_arrays:
            return ""
        number = plain(self.trace.adjoints.get(i, 0))
        return self.show(self.laid_out(number), self.laid_out(self.gradient_ball(i)))

    def local(self, edge: Edge) -> str:
        """The local gradient of an edge; empty where it is a Jacobian that is never formed."""
        if edge.local is None:
            return ""
        ball = self.local_ball(edge) if self._whole(edge.local) else None
        return self.show(self.laid_out(edge.local), self.laid_out(ball))

    def contribution(self, edge: Edge) -> str:
        """What the edge passes down."""
        return self.show(self.laid_out(edge.contribution), self.laid_out(self.passed_ball(edge)))

    def passed_ball(self, edge: Edge, local: Any = None) -> Any:
        """The enclosure of what an edge passes down where that is shown whole, else None.
        ``local`` is the enclosure of its local gradient, where it has been found already."""
        return self.contribution_ball(edge, local) if self._whole(edge.contribution) else None

    def laid_out(self, gradient: Any) -> Any:
        """A gradient as the layout shows it."""
        return in_layout(gradient, self.layout)

    def value_ball(self, i: int) -> Any:
        """The enclosure of a value, or of every entry; None where it is unknown."""
        return self.report.enclosure.values.get(i) if self.report else None

    def gradient_ball(self, i: int) -> Any:
        """The enclosure of a gradient, or of every entry; None where it is unknown."""
        return self.report.enclosure.gradients.get(i) if self.report else None

    def contribution_ball(self, edge: Edge, local: Any = None) -> Any:
        """The enclosure of what an edge passes down; None where it is unknown."""
        upstream = self.gradient_ball(edge.target)
        if self.report is None or upstream is None:
            return None
        trace, enclosure = self.trace, self.report.enclosure
        if not isinstance(trace.domain, Arrays):
            local = self.local_ball(edge) if local is None else local
            if local is None:
                return None
            with working_precision(enclosure.bits):
                return times(upstream, local)
        if not self._enclosed(edge):
            return None
        with working_precision(enclosure.bits) as balls:
            return contribution(
                trace.graph.tape, edge.target, edge.position, upstream, enclosure.values,
                Arrays(balls), trace.convention, trace.values,
            )  # fmt: skip

    def local_ball(self, edge: Edge) -> Any:
        """The enclosure of an edge's local gradient; None where it is an integer or unknown."""
        if self.report is None or edge.local is None or isinstance(edge.local, int):
            return None
        if not self._enclosed(edge):
            return None
        trace, values = self.trace, self.report.enclosure.values
        with working_precision(self.report.enclosure.bits) as balls:
            place = trace.graph.tape, edge.target, edge.position, values
            if isinstance(trace.domain, Arrays):
                return array_local(*place, Arrays(balls), trace.convention, trace.values)
            return local_gradient(*place, balls, trace.convention, trace.values)

    def _enclosed(self, edge: Edge) -> bool:
        """Whether all that a rule reads of an edge's target is enclosed."""
        assert self.report is not None
        values, node = self.report.enclosure.values, self.trace.graph.tape.nodes[edge.target]
        arrays = isinstance(self.trace.domain, Arrays)
        read = (edge.target, *node.operands) if arrays else node.operands
        return all(_known(values.get(k)) for k in read)

    def _whole(self, number: Any) -> bool:
        return not getattr(number, "shape", ()) or number.size <= self.most

    def show(self, number: Any, ball: Any) -> str:
        """A number, or an array of numbers, as text."""
        if not getattr(number, "shape", ()):
            return self._one(number, ball)
        if not self._whole(number):
            return summary(number)
        return nested(_mapped(self._one, number, ball))

    def _one(self, number: Any, ball: Any) -> str:
        if number is None:
            return "undefined"
        if isinstance(number, bool):
            return show_number(number)
        if is_exact(number):
            # Where digits are asked for, one third is shown by them.
            shown = show_number(number, self.digits)
            return shown if self.exact or "/" not in shown else significant(number, self.digits)
        if hasattr(ball, "rel_accuracy_bits"):
            return show_number(ball, self.digits, padded=not self.exact)
        return show_number(number, self.digits)

    def data(self, number: Any, ball: Any) -> Any:
        """A number, or nested lists of them, for JSON; null where no double holds it."""
        if not getattr(number, "shape", ()):
            return self.number(number, ball)
        if number.dtype != object and ball is None:
            import numpy

            if bool(numpy.isfinite(number).all()):
                return number.tolist()
        return _mapped(self.number, number, ball).tolist()

    def nothing(self, number: Any, ball: Any) -> str:
        """What the zeros of ``data`` stand for if balls cannot tell it from 0; else nothing."""
        if ball is None or number is None:
            return ""
        pairs: Iterable[tuple[Any, Any]] = [(number, ball)]
        if hasattr(ball, "flat"):
            pairs = zip(number.flat, ball.flat, strict=True)
        known = (b for x, b in pairs if hasattr(b, "rel_accuracy_bits") and not is_exact(x))
        found = [b for b in known if not b.is_zero() and vanishes(b)]
        return bounded(max(found, key=lambda b: b.abs_upper())) if found else ""

    def number(self, number: Any, ball: Any) -> float | int | None:
        """One number for JSON: an int, or the double nearest to it or to its enclosure.

        What cannot be told from 0 is 0, and a wide ball says nothing of the number in it.
        """
        if isinstance(number, bool) or number is None:
            return None
        if isinstance(number, int) and abs(number) <= 2**53:
            return number
        if not is_exact(number) and hasattr(ball, "rel_accuracy_bits"):
            if not ball.is_finite():
                return None
            number = 0.0 if vanishes(ball) else rounded(number, ball)
        try:
            double = float(number)
        except OverflowError:
            return None
        return double if math.isfinite(double) else None


def _known(ball: Any) -> bool:
    """Whether a ball, or every entry of an array of balls, is known."""
    if getattr(ball, "shape", ()):
        return all(entry is not None for entry in ball.flat)
    return ball is not None


def _mapped(function: Any, number: Any, ball: Any) -> Any:

    return entrywise(function, number, ball)
