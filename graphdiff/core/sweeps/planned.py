"""The two sweeps over doubles, planned once for a graph and run for every point.

The rules are those of the table, read as in ``forward`` and ``backward``; only what they need is
looked up beforehand, since a graph of small arrays is otherwise slower than its arithmetic.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache, partial
from operator import itemgetter
from typing import Any, NamedTuple

from graphdiff.core.domains.array import FloatArrays, all_finite, slices
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.errors import DomainError

from .backward import (
    Convention,
    accumulate,
    active_nodes,
    free_operands,
    infinite_slope,
    kinks_chosen,
    rule,
    times,
)
from .forward import Undefined, forward

__all__ = ["Plan", "Swept"]


class _Step(NamedTuple):
    """One node of the forward sweep."""

    node: int
    value: Callable[..., Any]
    operands: tuple[int, ...]


class _Edge(NamedTuple):
    """One operand of one node in the backward sweep."""

    kind: str
    """``pass`` and ``turn`` (the slope is 1 or −1 whatever the operands), ``rule``, ``outer``
    (g xᵀ, summed up as one product of matrices) or ``slice`` (added in place)."""
    node: int
    source: int
    shape: Shape
    """The operand's."""
    told: Any
    """What the kind needs to know: of a rule ``(g, values, convention)`` → share, of an outer
    product the node of x, of a slice which part of the operand it is."""


class Swept(NamedTuple):
    """A sweep forward."""

    values: dict[int, Any]
    finite: bool
    """Whether all values that there are, are finite."""
    planned: bool
    """Whether every node has one; else the slopes are not found by the plan."""


class Plan:
    """How to run a graph of arrays in doubles, forward and backward."""

    def __init__(
        self, tape: Tape, order: Sequence[int], output: int, targets: Iterable[int] | None
    ) -> None:
        _keep_memory()
        self.tape, self.output = tape, output
        self.targets = None if targets is None else list(targets)
        self.domain = FloatArrays()
        self.active = active_nodes(tape, order, self.targets)
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
        self.given = [(i, name) for i, name in self.inputs if i in elsewhere]
        self.finite = all(map(all_finite, self.constants.values()))
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
        flows = self.tape.flows(i, self.active) if self.active[i] else ()
        return [
            _Edge(kind, i, k, self.tape.nodes[k].shape, told)
            for position, k in flows
            for kind, told in [self._pull(i, position)]
        ]

    def _pull(self, i: int, position: int) -> tuple[str, Any]:
        """The kind of an edge, and what it needs to know."""
        node = self.tape.nodes[i]
        row = self.tape.ops[node.op]
        if not row.vjp:
            slope = rule(row, position)
            pull = self._bent if row.bend is not None else self._smooth
            return _sign(slope, len(node.operands)), pull(i, position, partial(slope, self.domain))
        if node.op == "getitem":
            return "slice", slices(dict(node.attr)["index"])
        shapes = [self.tape.nodes[k].shape for k in node.operands]
        if row.matrix_product and position == 0 and [len(s) for s in shapes] == [2, 1]:
            return "outer", node.operands[1]
        return "rule", self._vector(i, position)

    def _smooth(self, i: int, position: int, slope: Callable[..., Any]) -> Callable[..., Any]:
        """What an op that works entry by entry hands down, and has no kink."""
        operands = self.tape.nodes[i].operands
        if len(operands) == 1:
            (only,) = operands
            return lambda g, values, _: times(g, slope(values[i], values[only]))
        return lambda g, values, _: times(g, slope(values[i], *[values[k] for k in operands]))

    def _bent(self, i: int, position: int, slope: Callable[..., Any]) -> Callable[..., Any]:
        """The same of one with a kink, on which a convention chooses."""
        node = self.tape.nodes[i]
        row, free = self.tape.ops[node.op], free_operands(self.tape, i)

        def share(g: Any, values: Mapping[int, Any], convention: Convention) -> Any:
            operands = [values[k] for k in node.operands]
            local = slope(values[i], *operands)
            return times(
                g, kinks_chosen(row, operands, position, convention, local, self.domain, free)
            )

        return share

    def _vector(self, i: int, position: int) -> Callable[..., Any]:
        """What a tensor op hands down.  Raises DomainError where its rule has no value."""
        node = self.tape.nodes[i]
        row = self.tape.ops[node.op]
        pull = partial(row.pullback(position), self.domain, **dict(node.attr or ()))

        def share(g: Any, values: Mapping[int, Any], _: Convention) -> Any:
            try:
                return pull(g, values[i], *[values[k] for k in node.operands])
            except (ArithmeticError, ValueError):
                raise infinite_slope(self.tape, i, position) from None

        return share

    def forward(self, inputs: Mapping[str, Any]) -> dict[int, Any]:
        """Every value; infinities and NaN stand for what is not defined.

        Raises ArithmeticError, ValueError or DomainError where a rule of a single node does.
        """
        with self.domain.quietly():
            return self._values(inputs)

    def watched(
        self, inputs: Mapping[str, Any], known: Container[str] = ()
    ) -> tuple[dict[int, Any], bool]:
        """Every value, and whether all are finite, as the inputs ``known`` are.  The flags of the
        arithmetic tell; single values are looked at where one is raised."""
        with self.domain.watching() as watch:
            values = self._values(inputs)
        if watch.raised:
            return values, all(map(all_finite, values.values()))
        given = (values[i] for i, name in self.given if name not in known)
        return values, self.finite and all(map(all_finite, given))

    def sweep(self, inputs: Mapping[str, Any], known: Container[str] = ()) -> Swept:
        """``watched``; where a rule raises, node by node: the output may not need what lacks a
        value, as a singular matrix has no inverse."""
        try:
            return Swept(*self.watched(inputs, known), planned=True)
        except (ArithmeticError, ValueError, DomainError):
            values = forward(self.tape, self.order, inputs, self.domain)
            found = (value for value in values.values() if not isinstance(value, Undefined))
            return Swept(values, all(map(all_finite, found)), planned=False)

    def slopes(
        self, swept: Swept, convention: Convention = "zero", *, careful: bool = False
    ) -> dict[int, Any]:
        """The gradients of a sweep; see ``backward``."""
        if swept.planned:
            return self.backward(swept.values, convention, careful=careful)
        return accumulate(
            self.tape, self.order, self.output, swept.values, self.domain, convention,
            wrt=self.targets,
        )  # fmt: skip

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
            for kind, i, k, shape, told in self.edges:
                if i != last and i in outers:
                    _add(adjoint, own, i, domain.sum_of_outers(outers.pop(i)))
                last = i
                g = adjoint.get(i)
                if g is None:
                    continue
                if kind == "outer":
                    outers.setdefault(k, []).append((g, values[told]))
                elif kind == "slice":
                    self._add_slice(adjoint, own, k, shape, told, g)
                elif kind == "pass" and g.shape == shape:
                    _add(adjoint, own, k, g)
                elif kind == "turn" and g.shape == shape:
                    _add(adjoint, own, k, -g)
                else:
                    share = told(g, values, convention)
                    if getattr(share, "shape", ()) != shape:
                        share = domain.broadcast(share, shape=shape)
                    if careful and share.shape == getattr(values[i], "shape", ()):
                        share = domain.where(domain.np.isfinite(values[i]), share, 0.0)
                    _add(adjoint, own, k, share)
            for i in list(outers):
                _add(adjoint, own, i, domain.sum_of_outers(outers.pop(i)))
        unreached = [i for i in self.order if self.active[i] and i not in adjoint]
        return adjoint | {i: self._zero(i) for i in unreached}

    def _zero(self, i: int) -> Any:
        shape = self.tape.nodes[i].shape
        return self.domain.zeros(shape) if shape else self.domain.number(0)

    def _add_slice(
        self, adjoint: dict[int, Any], own: set[int], k: int, shape: Shape, place: Any, g: Any
    ) -> None:
        """Add to the part of the operand's gradient that the slice is."""
        if k not in own:
            whole = self.domain.zeros(shape)
            adjoint[k] = whole + adjoint[k] if k in adjoint else whole
            own.add(k)
        adjoint[k][place] += g


@cache
def _keep_memory() -> None:
    """Let the C library keep the memory of arrays that are dropped, for those of the next run.

    glibc hands it back to the system, and the first touch of every page that it gets again takes
    longer than what is computed there.  Once a block of this size was freed, it keeps up to twice
    as much; nothing is written to the block.
    """
    with suppress(MemoryError):
        FloatArrays().np.empty(_LARGEST // 8)


_LARGEST = 31 << 20
"""Bytes; glibc learns from no block of 32 MiB or more."""


def _sign(slope: Callable[..., Any], operands: int) -> str:
    """``pass`` or ``turn`` for a slope that is 1 or −1 whatever the operands, else ``rule``."""
    try:
        return {1: "pass", -1: "turn"}.get(slope(None, None, *[None] * operands), "rule")
    except (AttributeError, TypeError):
        return "rule"  # it needs its operands


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
