"""The two sweeps over doubles, planned once for a graph and run for every point.

The rules are those of the table, read as in ``forward`` and ``backward``; only what they need is
looked up beforehand, since a graph of small arrays is otherwise slower than its arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import Any, NamedTuple

from graphdiff.core.domains.array import FloatArrays, all_finite, slices
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Node, Tape

from .backward import (
    Convention,
    active_nodes,
    free_operands,
    infinite_slope,
    kinks_chosen,
    rule,
    times,
)

__all__ = ["Plan"]


class _Step(NamedTuple):
    """One node of the forward sweep."""

    node: int
    value: Callable[..., Any]
    operands: tuple[int, ...]


class _Edge(NamedTuple):
    """One operand of one node in the backward sweep."""

    kind: str
    """``pass`` and ``turn`` (the slope is 1 or −1 whatever the operands), ``partial``, ``vjp``,
    ``outer`` (g xᵀ, summed up as one product of matrices) or ``slice`` (added in place)."""
    node: int
    source: int
    position: int
    rule: Callable[..., Any]
    operands: tuple[int, ...]
    shape: tuple[int, ...]
    row: Op
    place: Any = None
    """The part of the operand that a slice is."""


class Plan:
    """How to run a graph of arrays in doubles, forward and backward."""

    def __init__(
        self, tape: Tape, order: Sequence[int], output: int, targets: Iterable[int] | None
    ) -> None:
        self.tape, self.output = tape, output
        self.domain = FloatArrays()
        self.active = active_nodes(tape, order, targets)
        self.order = order
        self.constants: dict[int, Any] = {}
        self.inputs: list[tuple[int, str]] = []
        self.steps: list[_Step] = []
        for i in order:
            node = tape.nodes[i]
            if node.op == "const":
                self.constants[i] = self.domain.number(node.attr)
            elif node.op == "input":
                self.inputs.append((i, node.attr))
            else:
                self.steps.append(_Step(i, self._value(node), node.operands))
        # An infinite factor of a matrix product shows in the product.
        elsewhere = {
            k
            for node in map(tape.nodes.__getitem__, order)
            if node.operands and not tape.ops[node.op].matrix_product
            for k in node.operands
        }
        self.given = [i for i, _ in self.inputs if i in elsewhere] + list(self.constants)
        self.edges = [edge for i in reversed(order) for edge in self._edges(i)]

    def _value(self, node: Node) -> Callable[..., Any]:
        attrs = dict(node.attr or ())
        if node.op == "getitem":
            return itemgetter(slices(attrs["index"]))
        value = partial(self.tape.ops[node.op].value, self.domain, **attrs)
        if not node.shape:
            return partial(_number, value)
        row = self.tape.ops[node.op]
        if self._constant(row, node):
            return lambda *operands: self.domain.run(row, node, operands)
        return value

    def _constant(self, row: Op, node: Node) -> bool:
        """Whether a rule returns the same number whatever its operands are, and not an array."""
        if not row.elementwise or not row.differentiable:
            return False
        with self.domain.quietly():
            try:
                found = row.value(self.domain, *[self.domain.np.ones(1) for _ in node.operands])
            except (ArithmeticError, ValueError):
                return False
        return not getattr(found, "shape", ())

    def _edges(self, i: int) -> list[_Edge]:
        nodes, node = self.tape.nodes, self.tape.nodes[i]
        found = []
        for position, k in self.tape.flows(i, self.active) if self.active[i] else ():
            row = self.tape.ops[node.op]
            kind, pull = self._pull(node, row, position)
            shape = nodes[k].shape
            place = slices(dict(node.attr)["index"]) if kind == "slice" else None
            found.append(_Edge(kind, i, k, position, pull, node.operands, shape, row, place))
        return found

    def _pull(self, node: Node, row: Op, position: int) -> tuple[str, Callable[..., Any]]:
        if not row.vjp:
            slope = rule(row, position)
            return _sign(slope, len(node.operands)), partial(slope, self.domain)
        attrs = dict(node.attr or ())
        if node.op == "getitem":
            return "slice", row.vjp[0]
        shapes = [self.tape.nodes[k].shape for k in node.operands]
        if row.matrix_product and position == 0 and [len(s) for s in shapes] == [2, 1]:
            return "outer", self.domain.outer
        return "vjp", partial(row.pullback(position), self.domain, **attrs)

    def forward(self, inputs: Mapping[str, Any]) -> dict[int, Any]:
        """Every value; infinities and NaN stand for what is not defined.

        Raises ArithmeticError, ValueError or DomainError where a rule of a single node does.
        """
        with self.domain.quietly():
            return self._values(inputs)

    def watched(self, inputs: Mapping[str, Any]) -> tuple[dict[int, Any], bool]:
        """Every value, and whether all are finite.  The flags of the arithmetic tell; single values
        are looked at where one is raised."""
        with self.domain.watching() as watch:
            values = self._values(inputs)
        doubtful = values if watch.raised else self.given
        return values, all(all_finite(values[i]) for i in doubtful)

    def _values(self, inputs: Mapping[str, Any]) -> dict[int, Any]:
        values = dict(self.constants)
        for i, name in self.inputs:
            values[i] = inputs[name]
        for i, value, operands in self.steps:
            values[i] = value(*[values[k] for k in operands])
        return values

    def backward(
        self, values: Mapping[int, Any], convention: Convention, *, careful: bool = False
    ) -> dict[int, Any]:
        """The gradient of every node that is asked for or on the way to one.

        ``careful`` lets nothing flow through entries without a value, which lie on branches that
        are not taken (0 times an undefined slope would be NaN).
        """
        domain = self.domain
        adjoint: dict[int, Any] = {self.output: domain.number(1)}
        outers: dict[int, list[tuple[Any, Any]]] = {}
        # Sums that this sweep made itself, and may add to in place.
        own: set[int] = set()
        with domain.quietly():
            last = -1
            for edge in self.edges:
                i, k = edge.node, edge.source
                if i != last and i in outers:
                    _add(adjoint, own, i, domain.sum_of_outers(outers.pop(i)))
                last = i
                g = adjoint.get(i)
                if g is None:
                    continue
                if edge.kind == "outer":
                    outers.setdefault(k, []).append((g, values[edge.operands[1]]))
                elif edge.kind == "slice":
                    self._add_slice(adjoint, own, edge, g)
                elif edge.kind == "pass" and g.shape == edge.shape:
                    _add(adjoint, own, k, g)
                elif edge.kind == "turn" and g.shape == edge.shape:
                    _add(adjoint, own, k, -g)
                else:
                    share = self._share(edge, g, values, convention)
                    if careful and share.shape == getattr(values[i], "shape", ()):
                        share = domain.where(domain.np.isfinite(values[i]), share, 0.0)
                    _add(adjoint, own, k, share)
            for i in list(outers):
                _add(adjoint, own, i, domain.sum_of_outers(outers.pop(i)))
        for i in self.order:
            if self.active[i] and i not in adjoint:
                shape = self.tape.nodes[i].shape
                adjoint[i] = domain.zeros(shape) if shape else domain.number(0)
        return adjoint

    def _add_slice(self, adjoint: dict[int, Any], own: set[int], edge: _Edge, g: Any) -> None:
        """Add to the part of the operand's gradient that the slice is."""
        k = edge.source
        if k not in own:
            whole = self.domain.zeros(edge.shape)
            adjoint[k] = whole + adjoint[k] if k in adjoint else whole
            own.add(k)
        adjoint[k][edge.place] += g

    def _share(self, edge: _Edge, g: Any, values: Mapping[int, Any], convention: Convention) -> Any:
        domain = self.domain
        operands = [values[k] for k in edge.operands]
        out = values[edge.node]
        if edge.kind == "vjp":
            try:
                share = edge.rule(g, out, *operands)
            except (ArithmeticError, ValueError):
                raise infinite_slope(self.tape, edge.node, edge.position) from None
        else:
            local = edge.rule(out, *operands)
            if edge.row.kink is not None:
                local = kinks_chosen(
                    edge.row, operands, edge.position, convention, local, domain,
                    free_operands(self.tape, edge.node),
                )  # fmt: skip
            share = times(g, local)
        if getattr(share, "shape", ()) != edge.shape:
            share = domain.broadcast(share, shape=edge.shape)
        return share


def _sign(slope: Callable[..., Any], operands: int) -> str:
    """``pass`` or ``turn`` for a slope that is 1 or −1 whatever the operands, else ``partial``."""
    try:
        return {1: "pass", -1: "turn"}.get(slope(None, None, *[None] * operands), "partial")
    except (AttributeError, TypeError):
        return "partial"  # it needs its operands


def _number(value: Callable[..., Any], *xs: Any) -> Any:
    """A value without axes as a number; numpy returns some as 0-d arrays."""
    made = value(*xs)
    return made[()] if hasattr(made, "dtype") else made


def _add(adjoint: dict[int, Any], own: set[int], k: int, share: Any) -> None:
    """Add a share to the gradient of node k, in place where that is nobody else's array."""
    if k not in adjoint:
        adjoint[k] = share
    elif k in own:
        adjoint[k] += share
    else:
        total = adjoint[k] = adjoint[k] + share
        if getattr(total, "ndim", 0):
            own.add(k)
