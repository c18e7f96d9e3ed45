"""Values and gradients of a program in one sweep each, where that tells all of them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import Arrays, entrywise
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.mixed import Undecided, mixed
from graphdiff.core.domains.scaled import Scaled
from graphdiff.core.sweeps.backward import Convention, accumulate
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import GraphDiffError
from graphdiff.language.reading.point import Constant, read_all

from .enclosure import LARGEST, MOST_WORK, enough, middle, most_bits, work
from .ties import on_doubles_alone

if TYPE_CHECKING:
    from graphdiff.program.graph import Graph

__all__ = ["certain_numbers"]

Numbers = dict[int, Any]


def certain_numbers(
    graph: Graph, point: Mapping[str, Constant], convention: Convention,
    targets: Sequence[int] | None,
) -> tuple[Numbers, Numbers] | None:  # fmt: skip
    """Values and gradients, each exact or the double nearest to it.

    They are those that ``enclose`` leads to, without a run in doubles beside it: None where
    anything has to be looked at more closely.  That is an undefined value, a comparison that is not
    decided, a ball that is too wide at the first precision.
    """
    if work(graph) > MOST_WORK:
        return None
    bits, need = enough(graph)
    most = most_bits(graph)
    with working_precision(bits):
        domain: Any = mixed()
        if graph.has_arrays:
            domain = Arrays(domain)
        try:
            balls = forward(graph.tape, graph.order, read_all(point, domain), domain)
            values = _told(balls, need, LARGEST, scaled=most >= LARGEST)
            if values is None or on_doubles_alone(graph, values):
                return None
            adjoints = _told(
                accumulate(
                    graph.tape, graph.order, graph.output, balls, domain, convention, values,
                    targets,
                ), need, most,
            )  # fmt: skip
        except (GraphDiffError, Undecided, TypeError, ValueError, AttributeError, ArithmeticError):
            return None  # also for a row of the user's own whose rule asks for plain numbers
    return None if adjoints is None else (values, adjoints)


def _told(balls: Mapping[int, Any], need: int, most: int, *, scaled: bool = True) -> Numbers | None:
    """The numbers of a sweep; None if a ball has fewer than ``need`` bits, or if a number is beyond
    doubles and must not be ``scaled``."""
    told: Numbers = {}
    number = _Number(need, most, scaled)
    try:
        for i, ball in balls.items():
            told[i] = entrywise(number, ball) if hasattr(ball, "flat") else number(ball)
    except Undecided:
        return None
    return told


class _Number:
    """The number that a ball tells, or an exact one of flint's.  Raises Undecided."""

    def __init__(self, need: int, most: int, scaled: bool) -> None:
        self.need, self.most, self.scaled = need, most, scaled
        self.arb, self.fraction = mixed().arb, mixed().fraction
        self.known: dict[Any, Fraction] = {}

    def __call__(self, ball: Any) -> Any:
        if ball.__class__ is self.arb:
            if ball.rel_accuracy_bits() < self.need:
                raise Undecided
            value = float(ball)
            if not (1e-300 < value < 1e300 or -1e300 < value < -1e-300):
                value = middle(ball, self.most) if ball.is_finite() else math.nan
                if value != value or (value.__class__ is Scaled and not self.scaled):
                    raise Undecided
            return value
        if ball.__class__ is bool:
            return ball
        if ball.__class__ is Undefined:
            raise Undecided
        exact = self.known.get(ball)
        if exact is None:
            exact = self.known[ball] = self.fraction(ball)
        return exact
