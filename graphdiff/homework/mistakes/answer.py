"""A wrong answer on a tape of its own: its values, and its derivative in numbers."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.sweeps.backward import active_nodes, rule, times
from graphdiff.homework.asked.evaluation import Evaluator, Missing
from graphdiff.homework.asked.problem import BITS, Place, Problem, coordinates
from graphdiff.language.handwriting import Term, build

__all__ = ["Answer"]


class Answer:
    """An answer to a problem; with ``rounded``, its decimals are balls of half a unit."""

    def __init__(self, problem: Problem, term: Term, *, rounded: bool = False) -> None:
        self.problem = problem
        self.tape = problem.tape.fork()
        self.decimals: dict[str, tuple[Fraction, Fraction]] = {}
        inputs = dict(problem.known)
        self.node = build(term, self.tape, inputs, decimals=self.decimals if rounded else None)
        self._order = self.tape.needed_for([self.node])
        self._evaluator = Evaluator(self.tape, odd_roots=problem.settings.odd_roots)
        self._values: dict[int, dict[int, Any]] = {}

    @property
    def kinked(self) -> bool:
        """Whether answer or function has another formula on the other side of some point."""
        nodes, ops = self.tape.nodes, self.tape.ops
        used = {nodes[i].op for i in (*self.problem.order, *self._order) if nodes[i].operands}
        return any(op in ops and ops[op].kink is not None for op in used)

    def value(self, place: Place) -> Any:
        """A ball or ``Missing``."""
        return self._at(place)[self.node]

    def derivative(self, place: Place) -> Any:
        """A ball around the derivative in the problem's variable; None where there is none."""
        values = self._at(place)
        if values[self.node].__class__ is Missing:
            return None
        with working_precision(BITS):
            return self._slope(values)

    def _slope(self, values: dict[int, Any]) -> Any:
        variable = self.problem.inputs[self.problem.wrt]
        balls = self._evaluator.balls
        active = active_nodes(self.tape, self._order, [variable])
        slopes: dict[int, Any] = {variable: balls.number(1)}
        for i in self._order:
            node = self.tape.nodes[i]
            if not active[i] or not node.operands:
                continue
            row = self.tape.ops[node.op]
            xs = [values[k] for k in node.operands]
            if any(x.__class__ is Missing for x in (values[i], *xs)) or not row.partials:
                return None
            total = balls.number(0)
            for position, k in enumerate(node.operands):
                if active[k]:
                    try:
                        local = rule(row, position)(balls, values[i], *xs)
                    except (ValueError, ArithmeticError, TypeError):
                        return None
                    total += times(slopes[k], local)
            slopes[i] = total
        slope = slopes.get(self.node, balls.number(0))
        return slope if slope.is_finite() else None

    def _at(self, place: Place) -> dict[int, Any]:
        values = self._values.get(id(place))
        if values is None:
            with working_precision(BITS):
                evaluator = self._evaluator
                point = coordinates(evaluator, self.problem.names, place.point)
                for name, (middle, radius) in self.decimals.items():
                    point[name] = evaluator.balls.arb(
                        evaluator.number(middle), evaluator.number(radius).upper()
                    )
                values = evaluator.run(self._order, point, place.known)
            self._values[id(place)] = values
        return values
