"""What kind of stationary point a point is, proved by the eigenvalues of the Hessian there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.intervals import Interval
from graphdiff.core.ir.expr import Expr
from graphdiff.core.sweeps.backward import gradient
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import GraphDiffError
from graphdiff.study.proof.spectrum import spectrum

from .second import Second
from .sweeps import Sweep

__all__ = ["classify", "isolated"]

_KINDS = {
    "positive definite": "local minimum",
    "negative definite": "local maximum",
    "indefinite": "saddle point",
}
_LONG = 1_000
"""Nodes of a derivative past which it is not differentiated again."""
_ORDERS = 12
"""Derivatives of one variable that are looked at."""


def classify(
    parts: Second, exact: Sequence[Fraction] | None, around: Sequence[Interval]
) -> tuple[str, str]:
    """The kind of a stationary point, and the reason why that is certain."""
    n = range(parts.size)
    matrix = exact_matrix(parts, exact) if exact is not None else None
    values = Sweep(parts.tape, list(parts.upper.values())).results(
        dict(zip(parts.variables, around, strict=True))
    )
    entries = dict(zip(parts.upper, values, strict=True))
    if matrix is None and any(v is None for v in values):
        return "degenerate", "the Hessian cannot be enclosed"
    balls = [] if matrix else [[entries[min(i, j), max(i, j)].ball() for j in n] for i in n]
    found = spectrum(matrix, balls)
    kind = _KINDS.get(found.definiteness)
    if kind:
        return kind, f"H is {found.definiteness} ({found.reason.partition(':')[0]})"
    if exact is not None and parts.size == 1:
        made = _higher(parts, exact[0])
        if made:
            return made
    word = found.definiteness
    return "degenerate", f"H is {word}; second derivatives do not decide"


def exact_matrix(parts: Second, point: Sequence[Fraction]) -> list[list[Any]] | None:
    at = dict(zip(parts.variables, point, strict=True))
    nodes = list(parts.upper.values())
    values = forward(parts.tape, parts.tape.needed_for(nodes), at, RATIONAL)
    if not all(isinstance(values[i], int | Fraction) for i in nodes):
        return None
    n = range(parts.size)
    return [[values[parts.node(i, j)] for j in n] for i in n]


def _higher(parts: Second, x: Fraction) -> tuple[str, str] | None:
    """In one variable the first derivative that is not 0 decides: an even one is an extremum."""
    for order, formula in _derivatives(parts):
        value = _exact_value(parts, formula, x)
        if value is None:
            return None
        if value:
            zeros = f"derivatives 2 to {order - 1} are" if order > 3 else "the second derivative is"
            proof = f"{zeros} 0 there, derivative {order} is not"
            if order % 2:
                return "inflection point", proof
            return ("local minimum" if value > 0 else "local maximum"), proof
    return None


def isolated(parts: Second, x: Fraction, around: Interval) -> bool:
    """Whether x, where f′ and f″ are 0, is the only zero of f′ in an interval: the first derivative
    that is not 0 at x keeps its sign there (Taylor's formula with remainder).

    The program is smooth over the interval."""
    if parts.size != 1 or _exact_value(parts, Expr(parts.tape, parts.node(0, 0)), x) != 0:
        return False
    for _, formula in _derivatives(parts):
        sweep = Sweep(formula.tape, [formula.id])
        held = sweep.results({parts.variables[0]: around})[0]
        if held is not None and not held.holds(0):
            return True
        if _exact_value(parts, formula, x) != 0:
            return False
    return False


def _derivatives(parts: Second) -> Iterator[tuple[int, Expr]]:
    """Third and higher derivatives in one variable."""
    formula = Expr(parts.tape, parts.node(0, 0))
    for order in range(3, _ORDERS + 1):
        tape = formula.tape
        variable = [i for i, node in enumerate(tape.nodes) if node.op == "input"]
        if not variable or len(tape.nodes) > _LONG:
            return
        try:
            [formula] = simplify(gradient(tape, formula.id, variable))
        except GraphDiffError:
            return
        yield order, formula


def _exact_value(parts: Second, formula: Expr, x: Fraction) -> int | Fraction | None:
    needed = formula.tape.needed_for([formula.id])
    value = forward(formula.tape, needed, {parts.variables[0]: x}, RATIONAL)[formula.id]
    return value if isinstance(value, int | Fraction) else None
