"""Hessian times vector, without the matrix: the gradient of ∇f·v (Pearlmutter 1994, Fast exact
multiplication by the Hessian)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphdiff.core.algebra.scalars import copy_into
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.shape import Shape, show_shape, size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import gradient, scalar_output
from graphdiff.core.sweeps.forward import Undefined, forward, located
from graphdiff.errors import BadPoint, DomainError, NotDifferentiable, ShapeMismatch
from graphdiff.language.reading.point import Constant, read_all, read_value
from graphdiff.program.calculus.sizes import scalar_valued
from graphdiff.program.graph import Graph
from graphdiff.program.runs.run import run

__all__ = ["Product", "plain", "product"]

_VECTOR = "v·"
"""What the inputs that hold the vector are called; no user's name has a dot like this."""


@dataclass(frozen=True, slots=True)
class Product:
    """H·v at a point, by variable; exact fractions or doubles, arrays for arrays."""

    variables: tuple[str, ...]
    size: int
    """Entries of all variables together."""
    vector: dict[str, Any]
    result: dict[str, Any]
    curvature: Any
    """vᵀHv: the second derivative along v."""


def product(
    graph: Graph, names: Sequence[str], point: Mapping[str, Constant], vector: Mapping[str, Any]
) -> Product:
    """The Hessian in ``names`` times a vector, whose missing parts are 0.

    Raises BadPoint without a point or for a vector that names no variable, ShapeMismatch,
    NotDifferentiable at a kink, DomainError.
    """
    if not point:
        raise BadPoint("a product with the Hessian needs a point", hint="add --at x=1,y=2")
    if graph.has_arrays:
        graph = scalar_valued(graph)
    scalar_output(graph.tape, graph.output, graph.source)
    _refuse_kinks(graph, point)
    shapes = {x: graph.tape.nodes[graph.inputs[x]].shape for x in names}
    given = {x: read_value(x, value) for x, value in vector.items()}
    _check(given, shapes)
    tape, outputs = _graph_of(graph, names, shapes)
    values = _values(graph, tape, outputs, point, given, shapes)
    result = dict(zip(names, [values[i] for i in outputs[:-1]], strict=True))
    total = sum(size(shape) for shape in shapes.values())
    read = {x: values[f"{_VECTOR}{x}"] for x in names}
    return Product(tuple(names), total, read, result, values[outputs[-1]])


def _check(given: Mapping[str, Constant], shapes: Mapping[str, Shape]) -> None:
    for name, value in given.items():
        if name not in shapes:
            hint = f"its parts are {', '.join(list(shapes)[:12])}"
            raise BadPoint(f"the vector has a part {name}, the Hessian has not", hint=hint)
        if value.shape != shapes[name]:
            have, need = show_shape(value.shape), show_shape(shapes[name])
            raise ShapeMismatch(f"the vector's {name} is {have}, the variable is {need}")


def _refuse_kinks(graph: Graph, point: Mapping[str, Constant]) -> None:
    """Second derivatives do not exist on a kink.  Raises NotDifferentiable, DomainError."""
    trace = run(graph, dict(point))
    if graph.has_arrays:
        from graphdiff.study.proof.kinks import on_kink

        if on_kink(trace):
            raise NotDifferentiable("no Hessian here: an entry of a gate is on its kink")
    elif trace.kinks:
        kink = trace.kinks[0]
        raise NotDifferentiable(f"no Hessian here: {kink.op} at {kink.name} is on its kink")


def _graph_of(
    graph: Graph, names: Sequence[str], shapes: Mapping[str, Shape]
) -> tuple[Tape, list[int]]:
    """A tape with the entries of H·v and, last, vᵀHv."""
    tape = Tape(graph.tape.ops, graph.tape.limits)
    output = copy_into(tape, graph.tape, graph.output)
    inputs = [tape.make("input", (), x, shapes[x]) for x in names]
    slopes = gradient(tape, output.id, inputs)
    directions = [Expr(tape, tape.make("input", (), _VECTOR + x, shapes[x])) for x in names]
    along = _dot(tape, slopes, directions)
    made = gradient(tape, along.id, inputs)
    return tape, [*(e.id for e in made), _dot(tape, made, directions).id]


def _dot(tape: Tape, left: Sequence[Expr], right: Sequence[Expr]) -> Expr:
    total = constant(tape, 0)
    for a, b in zip(left, right, strict=True):
        part = a * b
        total = total + (apply(tape, "sum", part) if part.shape else part)
    return total


def _values(
    graph: Graph, tape: Tape, outputs: Sequence[int], point: Mapping[str, Constant],
    given: Mapping[str, Constant], shapes: Mapping[str, Shape],
) -> dict[Any, Any]:  # fmt: skip
    """The values of the outputs by node, and of the vector by name."""
    import numpy

    from graphdiff.core.domains.array import FloatArrays

    arrays = graph.has_arrays
    domain: Any = FloatArrays() if arrays else RATIONAL
    inputs = read_all(point, domain)
    read = read_all(given, domain)
    for name, shape in shapes.items():
        empty = numpy.zeros(shape) if shape else (0.0 if arrays else 0)
        inputs[_VECTOR + name] = read.get(name, empty)
    with numpy.errstate(all="ignore"):
        values = forward(tape, tape.needed_for(outputs), inputs, domain)
    found: dict[Any, Any] = {k: v for k, v in inputs.items() if k.startswith(_VECTOR)}
    for i in outputs:
        if isinstance(values[i], Undefined):
            raise located(values[i], graph.tape, "")
        if arrays and not numpy.isfinite(numpy.asarray(values[i], dtype=float)).all():
            raise DomainError("a second derivative is infinite here, or its formula has no value")
        found[i] = values[i]
    return found


def plain(value: Any) -> Any:
    """A number or nested lists for JSON."""
    if hasattr(value, "tolist"):
        return value.tolist()
    return value if isinstance(value, int) else float(value)
