"""Taylor polynomials, with the remainder in Lagrange's form."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from math import factorial
from typing import Any

from graphdiff.core.algebra.scalars import copy_into, simplify
from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import gradient
from graphdiff.errors import BadPoint, NotDifferentiable, Unsupported
from graphdiff.language.formats import notation as notation_of
from graphdiff.language.reading.point import Constant, written_into
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.germs.coefficients import ball, exact
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.merge import settled

from .intervals import fraction

__all__ = ["taylor_polynomial"]

_LONGEST = 300
"""Characters of a remainder that is shown."""
_ROUNDS = 4
"""How often a coefficient is simplified and computed: sin(w·0) is sin(0), and that is 0."""


def taylor_polynomial(
    graph: Graph, order: int, point: Mapping[str, Constant], variable: str | None = None,
    notation: str = "text",
) -> str:  # fmt: skip
    """The Taylor polynomial in one variable around its value, and the remainder.

    Other variables have the values of the point too, or stay letters.  Raises BadPoint without a
    value for the variable, NotDifferentiable on a kink, UnknownName, Unsupported for arrays.

    >>> from graphdiff import parse
    >>> from graphdiff.language.reading.point import read_point
    >>> print(taylor_polynomial(parse("sin(x)"), 3, read_point(["x=0"])))
    T_3 = x - x^3/6
    R_3 = x^4*sin(ξ)/24, with ξ between 0 and x
    """
    graph = graph.merged
    if graph.has_arrays:
        raise Unsupported(
            "a Taylor polynomial is one of numbers", hint="graphdiff hessian has the second order"
        )
    name = _variable(graph, point, variable)
    _check_smooth(graph, name, point)
    others = {k: v for k, v in point.items() if k != name}
    terms, rest, moves = _expansion(settled(graph, others), name, point[name], order)
    row = notation_of(notation)
    printer = row(terms.tape)
    latex = row.name == "latex"
    shown, left = (printer.show(found.id) for found in (terms, rest))
    if len(left) > _LONGEST or "…" in left:
        left = r"\dots" if latex else "…"
    if moves:
        between = r",\; \xi \text{{ between }} {} \text{{ and }} {}"
        words = between if latex else ", with ξ between {} and {}"
        center = printer.show(written_into(terms.tape, point[name]))
        left += words.format(center, printer.name(name))
    below = f"{{{order}}}" if latex and order > 9 else order
    return f"T_{below} = {shown}\nR_{below} = {left}"


def _variable(graph: Graph, point: Mapping[str, Constant], wanted: str | None) -> str:
    """The variable of the polynomial."""
    for name in [*point, *([wanted] if wanted else [])]:
        if name not in graph.inputs:
            raise no_variable(name, graph.inputs)
    names = [wanted] if wanted else list(graph.inputs)
    found = [name for name in names if name in point]
    if len(found) == 1:
        return found[0]
    if not found:
        example = names[0] if names else "x"
        raise BadPoint(
            "a Taylor polynomial needs the place that it is expanded at", hint=f"--at {example}=0"
        )
    raise BadPoint(f"a polynomial in {' or '.join(found)}?", hint=f"--wrt {found[0]}")


def _check_smooth(graph: Graph, name: str, point: Mapping[str, Constant]) -> None:
    """Refuse a point on a kink, where there is no value, and where neither can be told."""
    left = [other for other in graph.inputs if other not in point]
    rows = [graph.tape.ops.get(graph.tape.nodes[i].op) for i in graph.order]
    if left and any(row is not None and row.kink is not None for row in rows):
        raise BadPoint(
            "whether there is a kink depends on the other variables",
            hint="--at " + ",".join(f"{other}=1" for other in left),
        )
    if not left and graph.backprop(point).kinks:
        place = f"{name} = {point[name].text}"
        raise NotDifferentiable(f"there is a kink at {place}, or a condition changes there")


def _expansion(graph: Graph, name: str, center: Constant, order: int) -> tuple[Expr, Expr, bool]:
    """The polynomial and the remainder on one tape, and whether this depends on a place between."""
    tape = Tape(graph.tape.ops, graph.tape.limits)
    x, between = (Expr(tape, tape.make("input", (), n)) for n in (name, "ξ"))
    start = Expr(tape, written_into(tape, center))
    step = x if center.text == "0" else x - start
    derivative, at = Expr(graph.tape.fork(), graph.output), graph.inputs[name]
    terms = [constant(tape, 0)]
    for k in range(order + 1):
        if k and _turns(derivative, at, start):
            message = f"the formula of a derivative of order {k} changes at {name} = {center.text}"
            raise NotDifferentiable(message, hint="it holds beside this point, not on it")
        terms.append(_at(derivative, at, start, factorial(k)) * step**k)
        [derivative] = gradient(derivative.tape, derivative.id, [at])
    rest = _at(derivative, at, between, factorial(order + 1))
    moves = between.id in tape.needed_for([rest.id])
    whole, remainder = simplify([sum(terms[1:], start=terms[0]), rest * step ** (order + 1)])
    return whole, remainder, moves


def _turns(formula: Expr, variable: int, place: Expr) -> bool:
    """Whether something is compared with what it equals at the place: the derivatives of
    where(x == 0, 1, …) are right beside 0 only."""
    source, tape = formula.tape, Tape(place.tape.ops, place.tape.limits)
    order = source.needed_for([formula.id])
    found = source.rewritten(order, tape.make, {variable: copy_into(tape, place.tape, place.id).id})
    gates = [node for node in map(source.nodes.__getitem__, order) if node.operands]
    compared = [node.operands for node in gates if source.ops[node.op].condition]
    gaps = simplify([Expr(tape, found[a]) - Expr(tape, found[b]) for a, b in compared])
    return any(gap.tape.nodes[gap.id][:3] == ("const", (), 0) for gap in gaps)


def _at(formula: Expr, variable: int, place: Expr, divisor: int) -> Expr:
    """A formula with something for a variable, divided by a number; what is exact is computed."""
    tape, source = place.tape, formula.tape
    order = source.needed_for([formula.id])
    found = source.rewritten(order, tape.make, {variable: place.id})[formula.id]
    whole = Expr(tape, found) / divisor
    for _ in range(_ROUNDS):
        [whole] = simplify([whole])
        folded = copy_into(tape, whole.tape, whole.id)
        computed = tape.rewritten(tape.needed_for([folded.id]), partial(_computed, tape))
        whole = Expr(tape, computed[folded.id])
        if whole.id == folded.id:
            break
    return whole


def _computed(tape: Tape, op: str, operands: tuple[int, ...], attr: Any, shape: Shape) -> int:
    """A node, or its number if that is rational: 1/2 for sigmoid(0)."""
    numbers = [tape.nodes[k].attr for k in operands if tape.nodes[k].op == "const"]
    if operands and len(numbers) == len(operands) and all(map(exact, numbers)):
        value = _rational(tape.ops[op], numbers, dict(attr or ()))
        if value is not None:
            return constant(tape, value).id
    return tape.make(op, operands, attr, shape)


def _rational(row: Op, numbers: list[Any], attrs: dict[str, Any]) -> Fraction | None:
    """The exact value of an op, if it has one that is known to be rational."""
    try:
        value = row.value(RATIONAL, *numbers, **attrs)
        if exact(value):
            return Fraction(value)
        around = row.value(Balls(), *map(ball, numbers), **attrs)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return fraction(around) if around.is_exact() else None
