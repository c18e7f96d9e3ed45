"""A wrong answer on a tape of its own: its values, and its derivative in numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.sweeps.backward import directional
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.evaluation import Missing
from graphdiff.homework.asked.problem import BITS, Place, Problem, Values
from graphdiff.language.handwriting import Term, build

__all__ = ["TIGHT", "Attempt"]

TIGHT = 24
"""Bits to which two values must agree to count."""


class Attempt:
    """An answer to a problem; with ``rounded``, its decimals are balls of half a unit."""

    def __init__(self, problem: Problem, term: Term, *, rounded: bool = False) -> None:
        self.problem = problem
        self.tape = problem.tape.fork()
        self.decimals: dict[str, tuple[Fraction, Fraction]] = {}
        inputs = dict(problem.known)
        self.node = build(term, self.tape, inputs, decimals=self.decimals if rounded else None)
        self._order = self.tape.needed_for([self.node])
        self._values = Values(problem, self.tape, self.decimals)

    @property
    def kinked(self) -> bool:
        """Whether answer or function has another formula on the other side of some point."""
        nodes, ops = self.tape.nodes, self.tape.ops
        used = {nodes[i].op for i in (*self.problem.order, *self._order) if nodes[i].operands}
        return any(op in ops and ops[op].kink is not None for op in used)

    def value(self, place: Place) -> Any:
        """A ball or ``Missing``."""
        return self.value_of(self.node, place)

    def value_of(self, node: int, place: Place) -> Any:
        """The same of a node of its own: a part of the answer."""
        return self._values.value(node, place)

    def derivative(self, place: Place) -> Any:
        """A ball around the derivative in the problem's variable; None where there is none."""
        values, balls = self._values.at(self.node, place), self._values.evaluator.balls
        if any(values[i].__class__ is Missing for i in self._order):
            return None
        with working_precision(BITS):
            one = {self.problem.inputs[self.problem.wrt]: balls.number(1)}
            try:
                tangent, _ = directional(self.tape, self._order, values, one, balls)
            except GraphDiffError:
                return None
            slope = balls.arb(tangent.get(self.node, 0))
        return slope if slope.is_finite() else None
