"""A trace: one forward and one backward pass at a point, with everything a lecture shows of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from .backward import (
    Convention,
    accumulate,
    active_nodes,
    array_local,
    contribution,
    directional,
    infinite_slope,
    local_gradient,
    one_sided,
    scalar_output,
    times,
)
from .collection import paused_collection
from .domains.array import Arrays, FloatArrays, all_finite
from .domains.base import Domain
from .domains.floats import RATIONAL
from .errors import DomainError, NotDifferentiable, ShapeMismatch
from .forward import Undefined, first_missing, forward, located
from .graph import Graph
from .ir.op import Role
from .ir.shape import show_shape
from .ir.tape import Tape
from .parsing.point import (
    Constant,
    Stored,
    complete,
    read_all,
    read_value,
    refuse_infinities,
)
from .rewrite.gates import gate_label, role_of

if TYPE_CHECKING:
    import networkx

    from .rendering.figure import Figure
    from .verification.report import Report

__all__ = ["Edge", "KinkReport", "NodeView", "Trace", "plain", "run"]


@dataclass(frozen=True, slots=True)
class Edge:
    """One operand of one gate: the local gradient and what flows down it."""

    source: int
    target: int
    position: int
    local: Any
    contribution: Any


@dataclass(frozen=True, slots=True)
class NodeView:
    """A node as a learner sees it; gradients are None for constants."""

    id: int
    name: str
    label: str
    op: str
    role: Role | None
    shape: tuple[int, ...]
    operands: tuple[int, ...]
    value: Any
    gradient: Any
    locals: dict[int, Any]
    """∂(this)/∂(operand) by operand position; constants are left out."""
    contributions: tuple[Edge, ...]
    """What each use of this node sends back; their sum is the gradient."""

    @property
    def upstream(self) -> Any:
        """∂(output)/∂(this node)."""
        return self.gradient


@dataclass(frozen=True, slots=True)
class KinkReport:
    """A gate that sits on a kink at this point."""

    node: int
    name: str
    op: str
    where: str
    left: dict[str, Any]
    """One-sided derivatives of the output by input, from below."""
    right: dict[str, Any]
    jump: tuple[str, ...]
    """Inputs along which a gate's value jumps, so that slopes are not all there is to say."""
    convention: Convention

    @property
    def smooth(self) -> bool:
        """Whether the output is differentiable all the same (``x*abs(x)`` at 0)."""
        return not self.jump and all(self.left[x] == self.right[x] for x in self.left)

    def subdifferential(self, name: str) -> tuple[Any, Any]:
        """The interval between the one-sided derivatives in one input."""
        ends = sorted((self.left[name], self.right[name]))
        return ends[0], ends[1]


@dataclass(frozen=True, eq=False, repr=False)
class Trace:
    """Values and gradients of every node.  Made by ``Graph.backprop``."""

    graph: Graph
    point: dict[str, Constant]
    convention: Convention
    values: dict[int, Any]
    adjoints: dict[int, Any]
    domain: Domain | Arrays = RATIONAL
    wrt: tuple[str, ...] | None = None
    """What gradients were asked for; None for those of all inputs."""

    def __repr__(self) -> str:
        at = ", ".join(f"{name}={constant.text}" for name, constant in self.point.items())
        return f"<Trace of {self.graph.source[:60]!r} with {len(self.values)} nodes at {at[:60]}>"

    @property
    def value(self) -> Any:
        """The output's value: an int or Fraction where it is exact, else a float."""
        return plain(self.values[self.graph.output])

    @cached_property
    def gradients(self) -> dict[str, Any]:
        """∂(output)/∂(input) for every input, in the order of the text, or for what was asked."""
        return {
            name: plain(self.adjoints.get(i, 0))
            for name, i in self.targets.items()
            if not self.graph.has_arrays or i in self.adjoints
        }

    @cached_property
    def targets(self) -> dict[str, int]:
        """The nodes in which the output was differentiated, by name."""
        if self.wrt is None:
            return self.graph.inputs
        return {name: self.graph.find(name) for name in self.wrt}

    @cached_property
    def live(self) -> bytearray:
        """Marks of the nodes that depend on what was asked for: no other slope is ever needed."""
        if self.wrt is None:
            return self.graph.active
        return active_nodes(self.graph.tape, self.graph.order, self.targets.values())

    def local(self, i: int, position: int) -> Any:
        """∂(node i)/∂(its operand at that position).

        Entry by entry for an elementwise op on arrays; None where it is a Jacobian that is never
        formed, and where there is none in a statement that the output does not need.
        """
        try:
            return self._local(i, position)
        except DomainError:
            if self.graph.needs(i):
                raise
            return None

    def _local(self, i: int, position: int) -> Any:
        if isinstance(self.domain, Arrays):
            if self.graph.tape.ops[self.graph.tape.nodes[i].op].vjp:
                return None
            return plain(
                array_local(self.graph.tape, i, position, self.values, self.domain, self.convention)
            )
        return plain(
            local_gradient(self.graph.tape, i, position, self.values, self.domain, self.convention)
        )

    def edge(self, i: int, position: int) -> Edge:
        """The edge into node i at an operand position."""
        k = self.graph.tape.nodes[i].operands[position]
        if isinstance(self.values[i], Undefined):
            return Edge(k, i, position, 0, 0)
        local = self.local(i, position)
        if not self.graph.needs(i):
            return Edge(k, i, position, local, self._zero(k))
        if isinstance(self.domain, Arrays):
            discrete = position in self.graph.tape.ops[self.graph.tape.nodes[i].op].discrete
            share = 0 if discrete or i not in self.adjoints else contribution(
                self.graph.tape, i, position, self.adjoints[i], self.values, self.domain,
                self.convention,
            )  # fmt: skip
        else:
            share = times(self.adjoints.get(i, 0), self.domain.number(local))
        return Edge(k, i, position, local, plain(share))

    def _zero(self, i: int) -> Any:
        shape = self.graph.tape.nodes[i].shape
        if not shape:
            return 0
        domain: Any = self.domain
        return plain(domain.broadcast(domain.number(0), shape=shape))

    @cached_property
    def edges(self) -> list[Edge]:
        """Every edge between nodes that have a gradient, targets ascending, operands in order."""
        graph = self.graph
        return [
            self.edge(i, position)
            for i in graph.order
            for position, k in enumerate(graph.tape.nodes[i].operands)
            if self.live[k]
        ]

    @cached_property
    def _edges_from(self) -> dict[int, list[Edge]]:
        grouped: dict[int, list[Edge]] = {}
        for edge in self.edges:
            if not self.graph.needs(edge.target):
                continue  # nothing comes back from what the output does not need
            grouped.setdefault(edge.source, []).append(edge)
        return grouped

    def contributions(self, i: int) -> list[Edge]:
        """The edges out of node i; more than one means that gradients add here."""
        return self._edges_from.get(i, [])

    def node(self, i: int) -> NodeView:
        """All about one node."""
        graph = self.graph
        node = graph.tape.nodes[i]
        active = graph.active
        label = str(node.attr) if not node.operands else gate_label(graph.tape, i, graph.drawn)
        value = self.values[i]
        return NodeView(
            id=i,
            name=graph.labels.get(i, ""),
            label=label,
            op=node.op,
            role=role_of(graph.tape, i, active) if active[i] else None,
            shape=node.shape,
            operands=node.operands,
            value=None if isinstance(value, Undefined) else plain(value),
            gradient=plain(self.adjoints[i]) if i in self.adjoints else None,
            locals={p: self.local(i, p) for p, k in enumerate(node.operands) if self.live[k]},
            contributions=tuple(self.contributions(i)),
        )

    def __getitem__(self, name: str) -> NodeView:
        """A node by its name: ``trace["q"].value``.  Raises UnknownName."""
        return self.node(self.graph.find(name))

    @cached_property
    def kinks(self) -> tuple[KinkReport, ...]:
        """Gates that sit on a kink here, with the one-sided derivatives of the output."""
        graph, tape, values = self.graph, self.graph.tape, self.values
        if graph.has_arrays:
            return _array_kinks(self)
        found = [i for i in graph.order if self.live[i] and self._on_kink(i)]
        if not found:
            return ()
        left: dict[str, Any] = {}
        right: dict[str, Any] = {}
        jump: list[str] = []
        for name, k in self.targets.items():
            if k not in values:
                continue
            forth, up = directional(tape, graph.order, values, {k: 1}, self.domain)
            back, down = directional(tape, graph.order, values, {k: -1}, self.domain)
            right[name] = plain(forth.get(graph.output, 0))
            left[name] = plain(-back.get(graph.output, 0))
            if graph.output in up or graph.output in down:
                jump.append(name)
        # A gate is told only of the inputs that it depends on.
        felt: dict[int, list[str]] = {i: [] for i in found}
        for name in left:
            marks = active_nodes(tape, graph.order, [self.targets[name]])
            for i in found:
                if marks[i]:
                    felt[i].append(name)
        return tuple(
            KinkReport(
                i, graph.labels.get(i, ""), tape.nodes[i].op,
                tape.ops[tape.nodes[i].op].kink.where,  # type: ignore[union-attr]
                {name: left[name] for name in felt[i]}, {name: right[name] for name in felt[i]},
                tuple(name for name in jump if name in felt[i]), self.convention,
            )
            for i in found
        )  # fmt: skip

    def _on_kink(self, i: int) -> bool:
        node = self.graph.tape.nodes[i]
        row = self.graph.tape.ops.get(node.op)
        if row is None or row.kink is None or node.op == "where":
            return False
        operands = tuple([self.values[k] for k in node.operands])
        if any(isinstance(x, Undefined) for x in operands) or not row.kink.at(*operands):
            return False
        if row.condition:
            return True
        return any(
            self.live[k] and _differs(row, operands, position)
            for position, k in enumerate(node.operands)
        )

    @cached_property
    def dag(self) -> networkx.MultiDiGraph[int]:
        """``Graph.dag`` with ``value`` and ``gradient`` on nodes, ``local`` and ``contribution`` on
        edges (gradients are None for constants)."""
        view = self.graph.dag.copy()
        for i in view:
            node = self.node(i)
            view.nodes[i].update(value=node.value, gradient=node.gradient)
        for edge in self.edges:
            view.edges[edge.source, edge.target, edge.position].update(
                local=edge.local, contribution=edge.contribution
            )
        return view

    def verify(self, methods: str = "standard") -> Report:
        """Prove values and gradients by methods that share nothing with the derivative rules.

        ``methods``: ``standard`` (ball arithmetic) or ``symbolic`` (also ``sympy.diff``).
        """
        from .verification.report import verify

        return verify(self, methods)

    def figure(self, style: str = "cs231n", **options: Any) -> Figure:
        """The graph with its numbers, drawn as on a lecture slide; ``.save("f.svg")`` writes it."""
        from .rendering.figure import figure

        return figure(self, style, **options)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from .rendering.figure import mimebundle

        return mimebundle(self.figure, repr(self))


def _array_kinks(trace: Trace) -> tuple[KinkReport, ...]:
    """Kinks of an array program: those of the same program written out in numbers."""
    from .unfold import unfolded_trace

    scalars = unfolded_trace(trace)
    return () if scalars is None else scalars.kinks


def _differs(row: Any, operands: tuple[Any, ...], position: int) -> bool:
    left, right = one_sided(row, operands, position)
    forth = tuple(int(k == position) for k in range(len(operands)))
    back = tuple(-t for t in forth)
    jumps = row.kink.jumps
    return bool(left != right or jumps(operands, forth) or jumps(operands, back))


def plain(value: Any) -> Any:
    """A number as Python people expect it: exact integers as int, doubles as float."""
    if hasattr(value, "dtype"):
        if value.dtype != object:
            return value if value.shape else value.item()
        import numpy

        return numpy.frompyfunc(plain, 1, 1)(value)
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def run(
    graph: Graph,
    point: Mapping[str, Any],
    convention: Convention = "zero",
    wrt: Sequence[str] | None = None,
) -> Trace:
    """Forward and backward at a point."""
    with paused_collection():
        return _run(graph, point, convention, wrt)


def _run(
    graph: Graph, point: Mapping[str, Any], convention: Convention, wrt: Sequence[str] | None
) -> Trace:
    tape = Tape({})
    constants = {name: read_value(name, value, tape) for name, value in point.items()}
    graph = graph.given(constants)
    if graph.unshaped is None:  # a missing value is named before shapes are judged
        complete(constants, graph.inputs, {n for n, i in graph.inputs.items() if i in graph.uses})
    graph = graph.shaped({name: constant.shape for name, constant in constants.items()})
    graph = graph.given(constants)
    needed = {name for name, i in graph.inputs.items() if i in graph.uses}
    complete(constants, graph.inputs, needed)
    targets = None if wrt is None else [graph.find(name) for name in wrt]
    asked = None if wrt is None else tuple(wrt)
    if graph.has_arrays:
        return replace(_run_arrays(graph, constants, convention, targets), wrt=asked)
    inputs = read_all(constants, RATIONAL)
    values = forward(graph.tape, graph.order, inputs, RATIONAL)
    out = values[graph.output]
    if isinstance(out, Undefined):
        values = _rescued(graph, constants, values)
        out = values[graph.output]
    if isinstance(out, Undefined):
        raise _unvalued(graph, out)
    adjoints = _adjoints(graph, values, RATIONAL, convention, targets)
    return Trace(graph, dict(constants), convention, values, adjoints, wrt=asked)


def _adjoints(
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
        node = getattr(error, "node", None)
        if node is not None:
            error.message += _at_node(graph, node)
        raise
    except NotDifferentiable as error:
        ops, nodes = graph.tape.ops, graph.tape.nodes
        for i in graph.order:
            if graph.active[i] and nodes[i].operands and not ops[nodes[i].op].differentiable:
                error.message += _at_node(graph, i)
                error.source, error.span = graph.source, graph.tape.spans.get(i)
                break
        raise


def _unvalued(graph: Graph, missing: Undefined) -> DomainError:
    error = located(missing, graph.tape, graph.source)
    error.message += _at_node(graph, missing.node)
    return error


_EXACT_ENTRIES = 4_096
"""Entries of all values together up to which an array program is computed exactly."""


def _run_arrays(
    graph: Graph, constants: dict[str, Constant], convention: Convention,
    targets: Sequence[int] | None,
) -> Trace:  # fmt: skip
    """Exactly where the program is small and everything is defined, else in doubles."""
    scalar_output(graph.tape, graph.output, graph.source)
    if graph.entries <= _EXACT_ENTRIES:
        exact = Arrays(RATIONAL)
        values = forward(graph.tape, graph.order, read_all(constants, exact), exact)
        if not any(isinstance(value, Undefined) for value in values.values()):
            try:
                adjoints = _adjoints(graph, values, exact, convention, targets)
                return Trace(graph, constants, convention, values, adjoints, exact)
            except DomainError:
                pass  # a branch that is not taken may be infinite in doubles, and harmless
    plan = graph.plan(targets)
    floats = plan.domain
    inputs = read_all(constants, floats)
    planned = True
    try:
        values = plan.forward(inputs)
    except (ArithmeticError, ValueError, DomainError):
        planned = False
        values = forward(graph.tape, graph.order, inputs, floats)
    out = values[graph.output]
    if isinstance(out, Undefined) or not math.isfinite(out):
        for name, constant in constants.items():
            if isinstance(constant, Stored):
                refuse_infinities(name, constant.entries)
        missing = first_missing(graph.tape, values, graph.output, floats)
        raise _unvalued(graph, missing or out)
    if planned:
        adjoints = _located(graph, lambda: plan.backward(values, convention))
    else:
        adjoints = _adjoints(graph, values, floats, convention, targets)
    name = _infinite(graph, adjoints)
    if name and planned:
        adjoints = plan.backward(values, convention, careful=True)
        name = _infinite(graph, adjoints)
    if name:
        raise _too_steep(graph, name, values, floats, convention)
    return Trace(graph, constants, convention, values, adjoints, floats)


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
    adjoints = _adjoints(graph, values, domain, convention, None)
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
            if numpy.ndim(share):
                place = [int(n) for n in numpy.argwhere(~numpy.isfinite(share))[0]]
                error.message += f" (entry {place} of {show_shape(share.shape)})"
            error.message += _at_node(graph, i)
            error.source = graph.source
            return error
    return DomainError(f"the gradient of {name} is infinite or undefined", source=graph.source)


def _rescued(
    graph: Graph, constants: Mapping[str, Constant], values: dict[int, Any]
) -> dict[int, Any]:
    """The values once more, from balls, where doubles have lost one.

    ``1/(exp(x) - 1)`` at 1e-20 is 1e20, though in doubles the divisor is 0.  A value that is no
    finite double in truth stays undefined.
    """
    from .domains.ball import working_precision

    with working_precision(512) as balls:
        enclosed = forward(graph.tape, graph.order, read_all(constants, balls), balls)
    rescued: dict[int, Any] = {}
    for i, value in values.items():
        ball = enclosed[i]
        rescued[i] = value
        operands = [values[k] for k in graph.tape.nodes[i].operands]
        if not any(isinstance(x, float | Undefined) for x in operands):
            continue  # exact operands: what is undefined stays so, what is rounded is rounded once
        if isinstance(value, float | Undefined) and hasattr(ball, "rel_accuracy_bits"):
            middle = float(ball.mid()) if ball.is_finite() else math.inf
            if math.isfinite(middle) and (ball.rel_accuracy_bits() > 64 or ball.is_zero()):
                rescued[i] = middle
    return rescued


def _at_node(graph: Graph, node: int) -> str:
    box = next((group.output for group in graph.groups if node in group.members), node)
    label = graph.labels.get(node) or graph.labels.get(box)
    return f" at node {label}" if label else ""
