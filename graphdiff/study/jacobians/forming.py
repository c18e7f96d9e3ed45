"""Jacobians entry by entry, as numbers and as formulas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Any

from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.domains.array import Arrays, FloatArrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.ball_arrays import BallArrays, middles
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.shape import size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops.reduction import softmax
from graphdiff.core.sweeps.backward import Convention, accumulate, active_nodes, rule, times
from graphdiff.core.sweeps.forward import Undefined, first_missing, forward, located, taken
from graphdiff.core.sweeps.walks import descend, plus
from graphdiff.errors import DomainError
from graphdiff.language.reading.point import Constant, read_all
from graphdiff.program.graph import Graph
from graphdiff.program.runs.choosing import apart
from graphdiff.program.runs.enclosure import decisions_of, is_sure
from graphdiff.program.runs.trace import is_exact, plain
from graphdiff.program.unfold import entry_name
from graphdiff.program.wording import in_own_words

from .notation import formula_printer
from .rules import Named

__all__ = ["LONGEST", "Point", "entry_formulas", "evaluated", "rows", "swept"]

_EXACT = 4_096
"""Entries of all values together up to which a Jacobian is exact where its point is."""
LONGEST = 200
"""Characters of a formula up to which it is written out."""
_BITS = 512
"""Of balls where doubles cannot tell what flows."""


@dataclass(frozen=True, slots=True)
class Point:
    """The values of every node at a point."""

    graph: Graph
    constants: Mapping[str, Constant]
    values: dict[int, Any]
    domain: Arrays
    convention: Convention = "zero"
    beyond: bool = False
    """Whether a number that the output needs is none that doubles can hold."""


def evaluated(graph: Graph, constants: Mapping[str, Constant], convention: Convention) -> Point:
    """Evaluate a program: exactly where it is small, else in doubles.  Raises DomainError."""
    small = _small(graph)
    domain = Arrays(RATIONAL) if small else FloatArrays()
    # Variables that the output does not need have a place and a derivative, which is 0.
    order = sorted({*graph.order, *[i for n, i in graph.inputs.items() if n in constants]})
    values = forward(graph.tape, order, read_all(constants, domain), domain)
    missing = next((v for v in values.values() if isinstance(v, Undefined)), None)
    if small and missing is not None:  # a branch that is not taken may be undefined, and harmless
        domain = FloatArrays()
        exact = {
            i: value.astype(bool) if hasattr(value, "dtype") else value
            for i, value in decisions_of(graph.tape, order, values).items()
        }
        values = forward(graph.tape, order, read_all(constants, domain), domain, overrides=exact)
    out = values[graph.output]
    finite = isinstance(domain, FloatArrays) and not isinstance(out, Undefined)
    if isinstance(out, Undefined) or (finite and not _finite(out)):
        lost = first_missing(graph.tape, values, graph.output, domain)
        error = located(lost or missing or out, graph.tape, graph.source)
        raise in_own_words(graph, error)
    beyond = (
        small
        and finite
        and not all(
            isinstance(values[i], Undefined) or _finite(values[i])
            for i in taken(graph.tape, graph.output, values)
        )
    )
    if beyond or (
        small and domain.dtype == object and not all(map(is_exact, values.values()))
    ):  # fmt: skip
        misled = apart(graph, constants, order, values)
        if misled:
            values = forward(
                graph.tape, order, read_all(constants, domain), domain, overrides=misled
            )
    return Point(graph, constants, values, domain, convention, beyond)


def _small(graph: Graph) -> bool:
    return sum(size(graph.tape.nodes[i].shape) for i in graph.order) <= _EXACT


def _finite(value: Any) -> bool:
    import numpy

    return bool(numpy.isfinite(numpy.asarray(value, dtype=float)).all())


def rows(point: Point, wrt: int, diagonal: bool = False) -> Any:
    """The matrix ∂(output entry)/∂(input entry): one backward sweep for each row.

    Both count their entries row by row.  One that is known to be diagonal takes one sweep.
    """
    import numpy

    try:
        found = swept(point, wrt, point.values, point.domain, diagonal=diagonal)
    except DomainError as error:
        error.source = point.graph.source
        raise in_own_words(point.graph, error) from None
    if point.domain.dtype == object:
        return numpy.frompyfunc(plain, 1, 1)(found)
    if point.beyond or (not _finite(found) and _small(point.graph)):
        found = _in_balls(point, wrt, diagonal)
    if not _finite(found):
        raise DomainError("the slope is infinite or undefined here", source=point.graph.source)
    return found


def _in_balls(point: Point, wrt: int, diagonal: bool) -> Any:
    """The matrix next to the middles of balls, which know where nothing flows: in doubles 0 times
    the slope of a branch that is not taken is NaN."""
    order = sorted({*point.graph.order, wrt})
    with working_precision(_BITS) as balls:
        domain = BallArrays(balls)
        inputs = read_all(point.constants, domain)
        values = forward(point.graph.tape, order, inputs, domain)
        return middles(_told(swept(point, wrt, values, domain, point.values, diagonal)))


def _told(found: Any) -> Any:
    """The balls; NaN for those that tell no number, as where two branches are joined."""
    import numpy

    nothing = 2.0 ** -(_BITS // 2)

    def one(ball: Any) -> Any:
        known = not hasattr(ball, "rad") or is_sure(ball) or bool(abs(ball) < nothing)
        return ball if known else numpy.nan

    return numpy.frompyfunc(one, 1, 1)(found)


def swept(
    point: Point, wrt: int, values: Mapping[int, Any], domain: Arrays,
    decided: Mapping[int, Any] | None = None, diagonal: bool = False,
) -> Any:  # fmt: skip
    """Sweeps from Σ u·y, with u = 1 at one entry and 0 at the others."""
    np, graph = domain.np, point.graph
    tape, nodes = graph.tape, graph.tape.nodes
    shape, columns = nodes[graph.output].shape, size(nodes[wrt].shape)
    unit = tape.make("input", (), "∂", shape)
    product = total = tape.make("mul", (unit, graph.output))
    if shape:
        total = tape.make("sum", (product,), (("axis", None), ("keepdims", False)))
    order = sorted({*graph.order, *tape.needed_for([total])})
    known = {**values, total: domain.number(0)}

    def row(upstream: Any) -> Any:
        known[unit] = known[product] = upstream if shape else domain.number(1)
        found = accumulate(tape, order, total, known, domain, point.convention, decided, [wrt]).get(
            wrt, domain.number(0)
        )
        return np.broadcast_to(domain.entries(found), nodes[wrt].shape).reshape(columns)

    if diagonal:
        return domain.diag(row(domain.zeros(shape) + domain.number(1)))
    matrix = np.empty((size(shape), columns), dtype=domain.dtype)
    for k, place in enumerate(np.ndindex(shape)):
        upstream = domain.zeros(shape)
        upstream[place] = domain.number(1)
        matrix[k] = row(upstream)
    return matrix


# -- formulas ----------------------------------------------------------------------------------


class _Formulas(Arrays):
    """Arrays of formulas in which rules that name a softmax find it written out."""

    def softmax(self, x: Any, *, axis: int) -> Any:
        return softmax(self, x, axis=axis)


def entry_formulas(named: Named, wrt: int) -> tuple[list[list[str]], list[list[int | Fraction]]]:
    """The entries as formulas in the entries of the inputs and of named values; and a number for
    each, the same for the same formula, however long, and the number itself for one.

    Raises LimitExceeded for formulas that are too long to be written out.
    """
    import numpy

    graph = named.graph
    tape = Tape(graph.tape.ops, graph.tape.limits)
    domain = _Formulas(symbolic(tape))
    leaves: dict[str, Any] = {}
    renamed: dict[int, Any] = {}
    for i in graph.order:
        name = named.names.get(i, graph.tape.nodes[i].attr)
        if i in named.names or graph.tape.nodes[i].op == "input":
            value = _entries_of(tape, name, graph.tape.nodes[i].shape)
            if i in named.names:
                renamed[i] = value
            else:
                leaves[name] = value
    values = forward(graph.tape, graph.order, leaves, domain, overrides=renamed)
    shape = graph.tape.nodes[graph.output].shape
    found: list[Expr] = []
    for place in numpy.ndindex(shape):
        upstream = domain.zeros(shape)
        upstream[place] = domain.number(1)
        row = _sweep(graph, wrt, values, domain, upstream if shape else domain.number(1))
        found += domain.entries(row).ravel().tolist()
    simple = simplify(found)
    texts = formula_printer(simple[0].tape, most=LONGEST).show_all([e.id for e in simple])
    texts = ["…" if "…" in text else text for text in texts]
    columns = size(graph.tape.nodes[wrt].shape)
    kinds = [_kind(e) for e in simple]
    starts = range(0, len(texts), columns)
    return [texts[k : k + columns] for k in starts], [kinds[k : k + columns] for k in starts]


def _kind(formula: Expr) -> int | Fraction:
    """A number that is no other formula's by chance; equal formulas are one node."""
    known = formula.known()
    return (
        known if known is not None else int(sha256(str(formula.id).encode()).hexdigest()[:16], 16)
    )


def _entries_of(tape: Tape, name: str, shape: tuple[int, ...]) -> Any:
    import numpy

    made = numpy.empty(shape, dtype=object)
    for place in numpy.ndindex(shape):
        made[place] = Expr(tape, tape.make("input", (), entry_name(name, place)))
    return made if shape else made[()]


def _sweep(graph: Graph, wrt: int, values: Mapping[int, Any], domain: Arrays, start: Any) -> Any:
    """The backward sweep over arrays of formulas, where no kink can be asked for."""
    tape, nodes = graph.tape, graph.tape.nodes

    def edge(i: int, position: int, k: int, above: Any, known: Any) -> Any:
        node = nodes[i]
        row, flows = tape.ops[node.op], (above, values[i], *[values[j] for j in node.operands])
        if row.vjp:
            # As arrays, so that a number on the left of an array is numpy's business.
            pull, whole = row.pullback(position), map(domain.entries, flows)
            share = pull(domain, *whole, **dict(node.attr or ()))
        else:
            local = rule(row, position)
            share = domain.each(lambda g, *xs: times(g, local(domain.base, *xs)), *flows)
        if getattr(share, "shape", ()) != nodes[k].shape:  # a slope that is one number
            share = domain.broadcast(share, shape=nodes[k].shape)
        return plus(known, share)

    active = active_nodes(tape, graph.order, [wrt])
    adjoint = descend(tape, graph.order, active, {graph.output: start}, edge)
    zero = domain.broadcast(domain.number(0), shape=nodes[wrt].shape)
    return zero + adjoint[wrt] if wrt in adjoint else zero
