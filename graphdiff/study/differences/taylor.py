"""Taylor coefficients of a program along a line, as balls: all derivatives at once, proved.

The values' rules alone are read, over power series in ball arithmetic (flint's ``arb_series``); no
derivative rule of the table takes part, so that the coefficients judge backpropagation as well.
(Griewank & Walther 2008, Evaluating Derivatives, ch. 13.)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import NoneType
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.ball import Balls, working_precision
from graphdiff.core.domains.base import number_of
from graphdiff.core.domains.series import Jet, Series
from graphdiff.core.ir.tape import Node
from graphdiff.core.sweeps.walks import ascend, leaves
from graphdiff.program.runs.enclosure import ball_inputs, work

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["ORDER", "taylor"]

ORDER = 8
"""Coefficients that are computed: 1 for the value, then those of t … t⁷."""
_PRECISIONS = (256, 1_024, 4_096)
_CERTAIN = 90
"""Bits of the derivative that are to be certain."""
_MOST_WORK = 40_000
"""Entries (see ``work``) up to which a program is read over series."""
_WITHOUT_SERIES = frozenset({"det", "inv", "solve", "cofactors", "winner", "argmax"})


@contextmanager
def _lengths(cap: int) -> Iterator[None]:
    """Series of this many terms for the length of the block (flint's context is global)."""
    from graphdiff.core.support.arithmetic import ctx

    before = ctx.cap
    ctx.cap = cap
    try:
        yield
    finally:
        ctx.cap = before


def taylor(trace: Trace, direction: Mapping[str, Any]) -> list[Any] | None:
    """Balls around the coefficients of t⁰ … t⁷ of the output at point + t·direction.

    None on a kink, at the end of a domain, and for programs that are large or invert matrices.

    >>> from graphdiff import parse
    >>> terms = taylor(parse("x^3").backprop(x=2), {"x": 1})
    >>> [int(term.unique_fmpz()) for term in terms[:5]]
    [8, 12, 6, 1, 0]
    """
    graph = trace.graph
    if work(trace.graph) > _MOST_WORK:
        return None
    if any(graph.tape.nodes[i].op in _WITHOUT_SERIES for i in graph.order):
        return None
    terms: list[Any] | None = None
    for bits in _PRECISIONS:
        with working_precision(bits) as balls, _lengths(ORDER):
            terms = _coefficients(trace, direction, balls)
        if terms is not None and _certain(terms[1]):
            return terms
    return terms


def _certain(ball: Any) -> bool:
    return bool(ball.is_zero() or ball.rel_accuracy_bits() >= _CERTAIN)


def _coefficients(trace: Trace, direction: Mapping[str, Any], balls: Balls) -> list[Any] | None:
    inputs = {
        name: _moving(value, direction[name], balls) if name in direction else value
        for name, value in ball_inputs(trace.graph, trace.point, balls).items()
    }
    out = _output(trace, inputs)
    if out is None:
        return None
    terms = [out.terms[k] for k in range(ORDER)] if isinstance(out, Jet) else [out]
    terms += [balls.number(0)] * (ORDER - len(terms))
    return terms if all(term.is_finite() for term in terms) else None


def _moving(value: Any, direction: Any, balls: Balls) -> Any:
    """value + t·direction; entries that do not move stay balls."""
    import numpy

    from graphdiff.core.support.arithmetic import arb_series

    def series(x: Any, d: Any) -> Any:
        return Jet(arb_series([x, balls.number(int(d))])) if d else x

    if not hasattr(value, "shape"):
        return series(value, direction)
    return numpy.frompyfunc(series, 2, 1)(value, direction)


def _output(trace: Trace, inputs: Mapping[str, Any]) -> Any:
    """The output over series, or None where it has none."""
    graph, base = trace.graph, Series()
    domain: Any = Arrays(base) if graph.has_arrays else base

    def gate(i: int, node: Node, xs: list[Any]) -> Any:
        row = graph.tape.ops[node.op]
        try:
            if isinstance(domain, Arrays):
                return domain.run(row, node, xs)
            return number_of(domain, row.value(domain, *xs))
        except (ArithmeticError, ValueError):
            return None

    leaf = leaves(domain.number, inputs)
    return ascend(graph.tape, graph.order, gate, leaf, missing=NoneType)[graph.output]
