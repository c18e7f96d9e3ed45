"""The symbolic gradient and Hessian of a program, on a tape of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from graphdiff.core.algebra.scalars import copy_into, simplify
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import overrides
from graphdiff.core.sweeps.backward import gradient, scalar_output
from graphdiff.errors import (
    BadPoint,
    GraphDiffError,
    LimitExceeded,
    NotDifferentiable,
    ShapeMismatch,
)
from graphdiff.language.formats import notation as notation_of
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.calculus.sizes import scalar_valued
from graphdiff.program.graph import Graph
from graphdiff.program.unfold import unfold

__all__ = ["MOST", "Second", "labels_of", "longest", "second", "variables_of", "written_out"]

MOST = 64
"""Variables up to which the Hessian is formed."""
_NODES = 200_000
"""Nodes of all second derivatives together."""
_LONGEST = 1 << 16


@dataclass(frozen=True, eq=False)
class Second:
    """A scalar program with its first and second derivatives as expressions.

    >>> from graphdiff import parse
    >>> print(second(parse("x^2*y")).show())
    [['2*y', '2*x'], ['2*x', '0']]
    """

    graph: Graph
    variables: tuple[str, ...]
    tape: Tape
    """Tape of the simplified derivatives."""
    slopes: tuple[int, ...]
    """Nodes of the gradient."""
    upper: dict[tuple[int, int], int]
    """Nodes of the upper triangle."""

    def node(self, i: int, j: int) -> int:
        """The node of entry (i, j)."""
        return self.upper[(i, j) if i <= j else (j, i)]

    @property
    def size(self) -> int:
        return len(self.variables)

    @cached_property
    def constant(self) -> bool:
        """Whether no second derivative depends on a variable."""
        nodes = self.tape.nodes
        needed = self.tape.needed_for(list(self.upper.values()))
        return all(nodes[i].op != "input" for i in needed)

    @cached_property
    def determinant(self) -> int | None:
        """Node of the determinant where there are two variables."""
        if self.size != 2:
            return None
        a, b, c = (Expr(self.tape, self.upper[p]) for p in ((0, 0), (0, 1), (1, 1)))
        # The tape is our own: nodes are only added.
        [made] = _simplified([a * c - b * b])
        return copy_into(self.tape, made.tape, made.id).id

    @cached_property
    def singular(self) -> bool:
        """Whether the determinant is 0 wherever it is defined, as far as its formula shows."""
        if self.determinant is None:
            return False
        node = self.tape.nodes[self.determinant]
        return node.op == "const" and bool(node.attr == 0)

    def show(self, notation: str = "text") -> list[list[str]]:
        """The entries as text; one that is longer than ``longest()`` is …"""
        printer = notation_of(notation)(self.tape)
        printer.most = longest()
        texts = dict(zip(self.upper, printer.show_all(list(self.upper.values())), strict=True))
        n = range(self.size)
        return [[texts[min(i, j), max(i, j)] for j in n] for i in n]


def longest() -> int:
    """Characters up to which a formula, or a part of one, is written out."""
    return int(overrides().get("formula", _LONGEST))


def variables_of(graph: Graph, wrt: Sequence[str] | None) -> tuple[str, ...]:
    """The variables asked for, by default all.  Raises UnknownName."""
    for name in wrt or ():
        if name not in graph.inputs:
            raise no_variable(name, graph.inputs)
        if labels_of(graph, [name]):
            raise NotDifferentiable(f"{name} holds labels or a mask; there is no derivative in it")
    if wrt and len(set(wrt)) < len(wrt):
        raise GraphDiffError("a variable is named twice", hint="--wrt names each variable once")
    labels = labels_of(graph, graph.inputs)
    names = tuple(wrt) if wrt else tuple(x for x in graph.inputs if x not in labels)
    if not names:
        raise GraphDiffError("the expression has no variable to differentiate in")
    return names


def labels_of(graph: Graph, names: Iterable[str]) -> list[str]:
    """Those of the inputs that hold labels or a mask, in which nothing is differentiated."""
    if graph.unshaped is not None:
        return []
    return [x for x in names if graph.inputs[x] in graph.uses and not graph.active[graph.inputs[x]]]


def written_out(
    graph: Graph, names: Sequence[str], labels: Mapping[str, Any] = {}
) -> tuple[Graph, tuple[str, ...]]:
    """A program over numbers, and which of them the variables are made of, row by row; labels
    choose entries by their numbers.

    Raises ShapeMismatch for an output that is an array, LimitExceeded for a large program,
    BadPoint for labels without numbers.
    """
    if not graph.has_arrays:
        return graph, tuple(names)
    graph = scalar_valued(graph)
    try:
        scalar_output(graph.tape, graph.output)
    except ShapeMismatch as error:
        error.source = graph.source
        raise
    for name in labels_of(graph, graph.inputs):
        if name not in labels:
            hint = f"--at {name}=… gives them"
            raise BadPoint(f"{name} holds labels, which choose the entries of a formula", hint=hint)
    scalars, _ = unfold(graph, fixed=labels, steady=True)
    wanted = set(names)
    return scalars, tuple(x for x in scalars.inputs if x.partition("[")[0] in wanted)


def second(
    graph: Graph, wrt: Sequence[str] | None = None, labels: Mapping[str, Any] = {}
) -> Second:
    """Differentiate the gradient graph; ``labels`` gives the numbers of inputs that hold labels.

    Raises UnknownName, NotDifferentiable, LimitExceeded for more than 64 variables.
    """
    scalars, variables = written_out(graph, variables_of(graph, wrt), labels)
    if len(variables) > MOST:
        raise LimitExceeded(
            f"the Hessian in {len(variables):,} variables has {len(variables) ** 2:,} entries",
            hint=f"it is formed for up to {MOST}; --vector multiplies by it without forming it",
        )
    old = scalars.tape
    limits = replace(old.limits, nodes=min(old.limits.nodes, len(old.nodes) + _NODES))
    tape = Tape(old.ops, limits)
    moved = old.rewritten(sorted({*scalars.order, *scalars.inputs.values()}), tape.make)
    wanted = [moved[scalars.inputs[x]] for x in variables]
    slopes = gradient(tape, moved[scalars.output], wanted)
    entries: dict[tuple[int, int], Any] = {}
    for i, slope in enumerate(slopes):
        row = gradient(tape, slope.id, wanted[i:])
        entries.update({(i, i + k): entry for k, entry in enumerate(row)})
    simple = _simplified([*slopes, *entries.values()])
    n = len(variables)
    ids = tuple(e.id for e in simple)
    upper = dict(zip(entries, ids[n:], strict=True))
    return Second(scalars, variables, simple[0].tape, ids[:n], upper)


def _simplified(formulas: list[Expr]) -> list[Expr]:
    """Simplified, unless that makes long formulas longer still."""
    try:
        return simplify(formulas)
    except LimitExceeded:
        return formulas
