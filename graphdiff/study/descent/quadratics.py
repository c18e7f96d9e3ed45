"""Quadratic programs: how a step shortens each eigenvector of the Hessian, and with which rates.

On a quadratic a linear rule multiplies what is left along an eigenvector, together with the state,
by one matrix a step; the run converges where all eigenvalues of these matrices are shorter than 1
(Goh 2017, Why Momentum Really Works, Distill).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.sweeps.backward import gradient
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import GraphDiffError
from graphdiff.program.graph import parse
from graphdiff.study.proof.spectrum import spectrum

from .engines import rule_step
from .problem import Problem, written_out
from .settings import Chosen

__all__ = ["Pace", "eigenvalues", "pace"]

MOST = 8
"""Parameters of a program whose Hessian is looked at."""
_GATES = 400


@dataclass(frozen=True, slots=True)
class Pace:
    """What a rule does on a quadratic."""

    below: float | None
    """The rates that converge are those below it; None where none does."""
    factors: tuple[float, ...]
    """By eigenvalue, what a step comes to multiply the distance by."""


def eigenvalues(problem: Problem) -> tuple[float, ...] | None:
    """Those of the Hessian, in ascending order, where it is proved to be constant.

    >>> from .problem import pose
    >>> eigenvalues(pose("x^2 + 3*y^2", {"x": 1, "y": 1})), eigenvalues(pose("x^4", {"x": 1}))
    ((2.0, 6.0), None)
    """
    if len(problem.entries) > MOST:
        return None
    try:
        matrix = _hessian(written_out(problem))
    except GraphDiffError:
        return None
    return None if matrix is None else tuple(float(x.mid()) for x in spectrum(matrix, []).values)


def _hessian(problem: Problem) -> list[list[Any]] | None:
    graph = problem.graph
    branches = any(graph.tape.selects(i) for i in graph.order)
    if len(graph.order) > _GATES or graph.bends or branches:
        return None
    tape, nodes = graph.tape.fork(), [graph.inputs[name] for name in problem.start]
    slopes = gradient(tape, graph.output, nodes)
    rows = simplify([e for g in slopes for e in gradient(tape, g.id, nodes)])
    made, ids = rows[0].tape, [e.id for e in rows]
    order = made.needed_for(ids)
    if any(made.nodes[i].attr in problem.start for i in order if made.nodes[i].op == "input"):
        return None
    fixed = {name: Fraction(value) for name, value in problem.fixed.items()}
    values = forward(made, order, fixed, RATIONAL)
    found = [values[i] for i in ids]
    if not all(isinstance(x, int | Fraction) for x in found):
        return None
    n = len(nodes)
    return [found[k : k + n] for k in range(0, n * n, n)]


def pace(chosen: Chosen, values: tuple[float, ...]) -> Pace | None:
    """What a rule does along eigenvectors of these eigenvalues; None if its steps are not linear.

    >>> from .settings import Settings, choose
    >>> pace(choose("sgd", Settings(lr=0.25)), (2.0, 6.0))
    Pace(below=0.3333333333333333, factors=(0.5, 0.5))
    """
    if not chosen.rule.bound:
        return None
    below = None
    if values[0] >= 0 < values[-1]:
        bound = parse(chosen.rule.bound)
        given = {**chosen.numbers, "top": values[-1]}
        below = float(bound({name: given[name] for name in bound.inputs}))
    return Pace(below, tuple(_factor(chosen, x) for x in values))


def _factor(chosen: Chosen, eigenvalue: float) -> float:
    """The longest eigenvalue of the matrix of a step."""
    import numpy as np

    basis = np.eye(1 + len(chosen.rule.states))
    new, moved = rule_step(chosen)(1, basis[0], eigenvalue * basis[0], list(basis[1:]))
    return float(abs(np.linalg.eigvals(np.array([moved, *new]))).max())
