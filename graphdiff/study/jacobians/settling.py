"""A Jacobian where the chain rule has no numbers for it: each row is a proved gradient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.shape import size
from graphdiff.core.sweeps.backward import Pieces
from graphdiff.errors import DomainError, LimitExceeded, Unsupported
from graphdiff.language.reading.point import read_all
from graphdiff.program.runs.run import run
from graphdiff.program.unfold import entry_name, unfold

from .forming import Point

__all__ = ["settled"]

_MOST = 4_096
"""Entries of the output times entries of all values up to which rows are looked for one by one."""


def settled(point: Point, wrt: int, swept: Any = None) -> Any:
    """The matrix ∂(output entry)/∂(input entry) of a program that has one although gates are on
    kinks, fill holes or have infinite slopes; None where there is none, or it is large.

    Rows in which no gate is like that are those of ``swept``, if it is given.  On a kink that
    leaves no slope the row is that of the piece that backpropagation chooses, too.
    """
    import numpy

    graph, values = point.graph, point.values
    nodes = graph.tape.nodes
    shape = nodes[graph.output].shape
    if size(shape) * sum(size(nodes[i].shape) for i in graph.order) > _MOST:
        return None
    fixed = {n: values[i] for n, i in graph.inputs.items() if not graph.active[i]}
    exact = read_all(point.constants, Arrays(RATIONAL))  # the values may be doubles
    attrs = (("axis", None), ("keepdims", False))
    total = graph.tape.make("sum", (graph.output,), attrs) if shape else graph.output
    whole = replace(graph, output=total, unneeded=())
    try:
        scalars, written = unfold(whole, fixed=fixed, steady=True)
        at = {
            entry_name(name, place): value
            for name, i in graph.inputs.items()
            if name not in fixed and i in values
            for place, value in numpy.ndenumerate(numpy.asarray(exact[name], dtype=object))
        }
        name = next(name for name, i in graph.inputs.items() if i == wrt)
        entries = [entry_name(name, place) for place in numpy.ndindex(nodes[wrt].shape)]
        matrix = numpy.zeros((size(shape), len(entries)), dtype=object)
        if swept is not None:
            matrix[:] = swept
        moved = swept is None
        for row, entry in zip(matrix, point.domain.np.ravel(written[graph.output]), strict=True):
            if isinstance(entry, Expr):
                trace = run(replace(scalars, output=entry.id), at, point.convention)
                by_rule = trace.singular is None and not isinstance(trace.convention, Pieces)
                if swept is None or trace.settled or not by_rule:
                    row[:] = [trace.gradients.get(x, 0) for x in entries]
                    moved = True
    except (DomainError, LimitExceeded, Unsupported):
        return None
    return matrix if moved else None
