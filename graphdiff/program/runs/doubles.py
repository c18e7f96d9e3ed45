"""Large programs of arrays in doubles, and the place in the text of what a sweep refuses."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphdiff.core.domains.array import FiniteArrays, FloatArrays, all_finite
from graphdiff.core.ir.shape import show_shape
from graphdiff.core.sweeps.backward import Convention, accumulate, contribution, infinite_slope
from graphdiff.core.sweeps.forward import Undefined, first_missing, forward, located
from graphdiff.errors import DomainError, NotDifferentiable, ShapeMismatch
from graphdiff.language.reading.point import Constant, Stored, read_all, refuse_infinities
from graphdiff.program.graph import Graph
from graphdiff.program.wording import at_node, in_own_words

from .trace import Trace

__all__ = ["located_adjoints", "run_in_doubles", "unvalued"]


def located_adjoints(
    graph: Graph, values: dict[int, Any], domain: Any, convention: Convention,
    targets: Sequence[int] | None,
) -> dict[int, Any]:  # fmt: skip
    return _located(
        graph,
        lambda: accumulate(
            graph.tape, graph.order, graph.output, values, domain, convention, wrt=targets
        ),
    )


def _located(graph: Graph, sweep: Callable[[], dict[int, Any]]) -> dict[int, Any]:
    """Run a backward sweep; its errors get their place in the source text."""
    try:
        return sweep()
    except (DomainError, ShapeMismatch) as error:
        error.source = graph.source
        if isinstance(error, DomainError) and error.node is not None:
            in_own_words(graph, error).message += at_node(graph, error.node)
        raise
    except NotDifferentiable as error:
        ops, nodes = graph.tape.ops, graph.tape.nodes
        for i in graph.order:
            if graph.active[i] and nodes[i].operands and not ops[nodes[i].op].differentiable:
                error.message += at_node(graph, i)
                error.source, error.span = graph.source, graph.tape.spans.get(i)
                break
        raise


def unvalued(graph: Graph, missing: Undefined) -> DomainError:
    error = located(missing, graph.tape, graph.source)
    in_own_words(graph, error)
    error.message += at_node(graph, missing.node)
    return error


def run_in_doubles(
    graph: Graph, constants: dict[str, Constant], convention: Convention,
    targets: Sequence[int] | None,
) -> Trace:  # fmt: skip
    """An array program in doubles."""
    plan = graph.plan(targets)
    floats = plan.domain
    inputs = read_all(constants, floats)
    known = {name for name, c in constants.items() if isinstance(c, Stored) and c.finite}
    swept = plan.sweep(inputs, known)
    values = swept.values
    out = values[graph.output]
    if not swept.finite:
        for name, constant in constants.items():
            if isinstance(constant, Stored):
                refuse_infinities(name, constant.entries)
    if isinstance(out, Undefined) or not math.isfinite(out):
        missing = first_missing(graph.tape, values, graph.output, floats)
        raise unvalued(graph, missing or out)
    adjoints = _located(graph, lambda: plan.slopes(swept, convention))
    name = _infinite(graph, adjoints)
    if name and swept.planned:
        adjoints = plan.slopes(swept, convention, careful=True)
        name = _infinite(graph, adjoints)
    if name:
        raise _too_steep(graph, name, values, floats, convention)
    trace = Trace(graph, constants, convention, values, adjoints, floats)
    missing = None if swept.finite else _hidden(graph, inputs)
    if missing is None:
        return trace
    asked = None if targets is None else tuple([graph.labels[i] for i in targets])
    certain = replace(trace, wrt=asked).certified()
    if certain.rounded and certain.known():
        return replace(certain, wrt=None)
    raise unvalued(graph, missing)


def _hidden(graph: Graph, inputs: Mapping[str, Any]) -> Undefined | None:
    """Where an infinity of doubles stands that the output needs, though it does not show: tanh(1/x)
    at 0 is 1 in doubles.  It may be a pole, or an overflow that balls can carry through."""
    finite = FiniteArrays()
    values = forward(graph.tape, graph.order, inputs, finite)
    out = values[graph.output]
    if not isinstance(out, Undefined) and math.isfinite(out):
        return None
    return first_missing(graph.tape, values, graph.output, finite)


def _infinite(graph: Graph, adjoints: Mapping[int, Any]) -> str:
    """The first input whose gradient has an entry that is no finite number, or nothing."""
    found = (
        name for name, i in graph.inputs.items() if i in adjoints and not all_finite(adjoints[i])
    )
    return next(found, "")


def _too_steep(
    graph: Graph, name: str, values: dict[int, Any], domain: FloatArrays, convention: Convention
) -> DomainError:
    """The error of the gate nearest the output that makes a finite gradient infinite."""
    import numpy

    tape = graph.tape
    adjoints = located_adjoints(graph, values, domain, convention, None)
    for i in reversed(graph.order):
        if i not in adjoints or not all_finite(adjoints[i]):
            continue
        for position, k in enumerate(tape.nodes[i].operands):
            if k not in adjoints or all_finite(adjoints[k]):
                continue
            with domain.quietly():
                share = contribution(tape, i, position, adjoints[i], values, domain, convention)
            if all_finite(share):
                continue
            error = infinite_slope(tape, i, position)
            in_own_words(graph, error)
            if numpy.ndim(share):
                place = [int(n) for n in numpy.argwhere(~numpy.isfinite(share))[0]]
                error.message += f" (entry {place} of {show_shape(share.shape)})"
            error.message += at_node(graph, i)
            error.source = graph.source
            return error
    return DomainError(f"the gradient of {name} is infinite or undefined", source=graph.source)
