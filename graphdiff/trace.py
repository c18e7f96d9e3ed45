"""A trace: one forward and one backward pass at a point, with everything a lecture shows of it."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from itertools import product
from typing import TYPE_CHECKING, Any, NoReturn

from .backward import (
    Convention,
    Pieces,
    accumulate,
    active_nodes,
    array_local,
    contribution,
    directional,
    infinite_slope,
    local_gradient,
    one_sided,
    pieces_along,
    scalar_output,
    times,
)
from .certain import certain_numbers
from .collection import paused_collection
from .domains.array import Arrays, FiniteArrays, FloatArrays, all_finite, entrywise
from .domains.ball import working_precision
from .domains.ball_arrays import flat
from .domains.base import Domain
from .domains.floats import RATIONAL
from .domains.scaled import beyond_doubles
from .enclosure import (
    Enclosure,
    ball_domain,
    blurred,
    enclose,
    is_unknown,
    most_bits,
    rounded,
)
from .errors import DomainError, GraphDiffError, NotDifferentiable, ShapeMismatch
from .forward import Undefined, first_missing, forward, located, taken, undefined
from .graph import Graph
from .ir.op import Role
from .ir.shape import show_shape
from .ir.tape import Tape
from .losses import Losses, against_doubles
from .parsing.point import (
    Constant,
    Stored,
    complete,
    read_all,
    read_value,
    refuse_infinities,
)
from .printing.numbers import show_number
from .printing.operands import in_users_words, of_operands
from .rewrite.gates import gate_label, role_of
from .unfold import entry_name

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
    """Inputs along which the output jumps, so that slopes are not all there is to say."""
    convention: Convention
    proved: tuple[str, ...] = ()
    """Inputs of which both slopes, and whether the output jumps, are proved."""

    @property
    def smooth(self) -> bool:
        """Whether the output is differentiable all the same (``x*abs(x)`` at 0)."""
        return not self.jump and all(self.left[x] == self.right[x] for x in self.left)

    def told(self) -> str:
        """Its sides in words."""
        return "; ".join(
            f"in {name} the slope is {show_number(self.left[name])} from the left, "
            f"{show_number(self.right[name])} from the right"
            for name in self.left
        )

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
    rounded: bool = False
    """Whether numbers that are not exact are those nearest to balls."""
    losses: Losses | None = None
    """What doubles alone would have lost, where that is known already (see ``lost``)."""
    singular: DomainError | None = None
    """Why the chain rule has no numbers for some nodes here, though there is a gradient: their
    gradients are None.  Those of the inputs are proved limits of difference quotients."""
    corners: tuple[KinkReport, ...] = ()
    """The kinks that such nodes make."""

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

    @cached_property
    def enclosure(self) -> Enclosure:
        """Balls that contain the true values and gradients."""
        return self.enclose()

    def enclose(self, digits: int = 17) -> Enclosure:
        """Balls, as narrow as so many digits ask for where that can be had."""
        asked = None if self.wrt is None else list(self.targets.values())
        return enclose(self.graph, self.point, self.values, self.convention, asked, digits)

    @cached_property
    def _losses(self) -> Losses:
        if self.losses is not None or not self.rounded:
            return self.losses or Losses({})
        asked = None if self.wrt is None else self.targets.values()
        return against_doubles(
            self.graph, self.point, self.convention, asked, self.values, self.adjoints, self.domain
        )

    @property
    def lost(self) -> tuple[str, ...]:
        """Values and gradients of which doubles alone would have lost more than their last
        digits."""
        return tuple(self._losses.names)

    @property
    def worst(self) -> float:
        """The largest relative error that doubles alone would have made."""
        return self._losses.worst

    def known(self) -> bool:
        """Whether balls know the output and every gradient that was asked for."""
        balls = self.enclosure
        asked = [balls.gradients.get(i, 0) for i in self.targets.values() if i in self.adjoints]
        return all(
            ball is not None and is_finite(ball) and not (hasattr(ball, "rad") and blurred(ball))
            for found in (balls.values.get(self.graph.output), *asked)
            for ball in flat(found)
        )

    def complete(self) -> Trace:
        """This trace, unless some of its nodes have no gradient.  Raises DomainError."""
        if self.singular is not None:
            raise self.singular
        return self

    @cached_property
    def settled(self) -> bool:
        """Whether the gradient is proved to be that of the program where the chain rule alone does
        not give it: gates are on kinks that cancel, fill holes, or have infinite slopes."""
        if self.singular is not None:
            return not self.corners
        if isinstance(self.convention, Pieces):
            return True
        return not self.graph.has_arrays and bool(self.kinks) and all(k.smooth for k in self.kinks)

    def local(self, i: int, position: int) -> Any:
        """∂(node i)/∂(its operand at that position).

        Entry by entry for an elementwise op on arrays; None where it is a Jacobian that is never
        formed, and where it is infinite: nothing flows there, else there would be no trace.
        """
        try:
            return self._local(i, position)
        except DomainError:
            return None

    def _local(self, i: int, position: int) -> Any:
        tape, convention = self.graph.tape, self.convention
        if tape.ops[tape.nodes[i].op].vjp:
            return None
        slope: Any = local_gradient
        if isinstance(self.domain, Arrays):
            # An entry without a value lies on a branch that is not taken, and has no slope.
            slope = partial(array_local, upstream=_present(self.values[i]))
        return self._nearest(
            lambda values, domain, *decided: slope(
                tape, i, position, values, domain, convention, *decided
            )
        )

    def _nearest(self, compute: Callable[..., Any]) -> Any:
        """A number computed from the values, or from balls where it would only be rounded."""
        number = None
        try:
            number = compute(self.values, self.domain)
        except DomainError:
            if not self.rounded:
                raise
        if self.rounded and (number is None or not is_exact(number)):
            with working_precision(self.enclosure.bits) as balls:
                domain = ball_domain(self.graph, balls)
                number = rounded(number, compute(self.enclosure.values, domain, self.values))
        return plain(number)

    def edge(self, i: int, position: int) -> Edge:
        """The edge into node i at an operand position."""
        tape = self.graph.tape
        k = tape.nodes[i].operands[position]
        if self.singular is not None and self._breaks(i, k):
            return Edge(k, i, position, None, None)
        if isinstance(self.values[i], Undefined):
            return Edge(k, i, position, 0, self._zero(k))
        local = self.local(i, position)
        row = self.graph.tape.ops[self.graph.tape.nodes[i].op]
        if not self.graph.needs(i) or (local is None and not row.vjp):
            return Edge(k, i, position, local, self._zero(k))
        if isinstance(self.domain, Arrays):
            discrete = position in tape.ops[tape.nodes[i].op].discrete
            share = 0 if discrete or i not in self.adjoints else self._nearest(
                lambda values, domain, *decided: contribution(
                    tape, i, position, self._arriving(i, domain), values, domain,
                    self.convention, *decided,
                )
            )  # fmt: skip
        else:
            share = self._nearest(
                lambda values, domain, *decided: times(
                    self._arriving(i, domain),
                    local_gradient(tape, i, position, values, domain, self.convention, *decided),
                )
            )
        return Edge(k, i, position, local, plain(share))

    def _zero(self, i: int) -> Any:
        shape = self.graph.tape.nodes[i].shape
        if not shape:
            return 0
        domain: Any = self.domain
        return plain(domain.broadcast(domain.number(0), shape=shape))

    def _breaks(self, i: int, k: int) -> bool:
        """Whether no number goes from node i to its operand k: it, or what is below, has none."""
        inputs = self.targets.values()
        return self.adjoints.get(i, 0) is None or k in inputs or self.adjoints.get(k, 0) is None

    def _arriving(self, i: int, domain: Any) -> Any:
        """The gradient from above, in a domain."""
        exact = domain is self.domain
        return (self.adjoints if exact else self.enclosure.gradients).get(i, domain.number(0))

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
        if self.corners:
            return self.corners
        if graph.has_arrays:
            return _array_kinks(self)
        found = [i for i in graph.order if self.live[i] and self.on_kink(i)]
        if not found:
            return ()
        left: dict[str, Any] = {}
        right: dict[str, Any] = {}
        jump: list[str] = []
        for name, k in self.targets.items():
            if k not in values:
                continue
            try:
                forth, up = directional(tape, graph.order, values, {k: 1}, self.domain)
                back, down = directional(tape, graph.order, values, {k: -1}, self.domain)
            except DomainError:
                continue  # a gate has an infinite slope on that side
            right[name] = plain(forth.get(graph.output, 0))
            left[name] = plain(-back.get(graph.output, 0))
            if graph.output in up or graph.output in down:
                jump.append(name)
        jump, proved = _along_both_sides(self, left, right, jump)
        # A gate is told only of the inputs that it depends on.
        felt: dict[int, list[str]] = {i: [] for i in found}
        for name in left:
            marks = active_nodes(tape, graph.order, [self.targets[name]])
            for i in found:
                if marks[i]:
                    felt[i].append(name)
        called = {k: name for name, k in graph.names.items()}
        places = {i: tape.ops[tape.nodes[i].op].kink.where for i in found}  # type: ignore[union-attr]
        return tuple(
            KinkReport(
                i, graph.labels.get(i, ""), tape.nodes[i].op,
                of_operands(places[i], tape, i, called),
                {name: left[name] for name in felt[i]}, {name: right[name] for name in felt[i]},
                tuple(name for name in jump if name in felt[i]), self.convention,
                tuple(name for name in proved if name in felt[i]),
            )
            for i in found
        )  # fmt: skip

    def on_kink(self, i: int) -> bool:
        """Whether node i sits on its kink, and something flows through it that differs."""
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

    def certified(self) -> Trace:
        """The same trace, an array of doubles replaced by the doubles nearest to balls.

        Small programs are that already; one beyond the size that verification handles is returned
        as it is.  Raises DomainError where some nodes have no gradient (see ``singular``).

        >>> import numpy
        >>> from graphdiff import parse
        >>> trace = parse("sum((exp(x) - 1)/x)").backprop(x=numpy.full(5000, 1e-9)).certified()
        >>> print(trace.gradients["x"][0])
        0.5000000003333334
        """
        self.complete()
        if self.rounded or not isinstance(self.domain, FloatArrays) or not self.enclosure.bits:
            return self
        balls = self.enclosure
        values = {i: rounded(value, balls.values.get(i)) for i, value in self.values.items()}
        adjoints = {i: rounded(g, balls.gradients.get(i)) for i, g in self.adjoints.items()}
        losses = Losses(self.graph.labels)
        losses.compare("value", self.values, values)
        losses.compare("gradient", self.adjoints, adjoints)
        made = replace(self, values=values, adjoints=adjoints, rounded=True, losses=losses)
        made.__dict__["enclosure"] = balls
        return made

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


_EXPANDED = 4_000
"""Nodes times inputs up to which both sides of a kink are expanded."""


def _along_both_sides(
    trace: Trace, left: dict[str, Any], right: dict[str, Any], jump: list[str]
) -> tuple[list[str], list[str]]:
    """Puts limits of difference quotients in place of what the gates' own slopes add up to, where
    they are proved.  Returns the inputs along which the output itself jumps (x·sign(x) does not at
    0, and has the slopes −1 and 1), and those of which all this is proved."""
    from .errors import GraphDiffError
    from .germs import Local

    graph = trace.graph
    if len(graph.order) * len(left) > _EXPANDED:
        return jump, []
    try:
        local = Local(graph, trace.point)
    except (GraphDiffError, TypeError, ValueError, AttributeError, ArithmeticError):
        return jump, []  # a row of the user's own whose rule asks for plain numbers
    jumping, proved = set(jump), []
    for name in left:
        if graph.inputs.get(name) is None or name not in local.program.inputs:
            continue
        found = local.along(name)
        slopes = [_number(found.left), _number(found.right)]
        if found.jump is None or None in slopes:
            continue
        left[name], right[name] = slopes
        proved.append(name)
        (jumping.add if found.jump else jumping.discard)(name)
    return [name for name in left if name in jumping], proved


def _number(slope: Any) -> Any:
    """A finite slope: exact, or the double next to the middle of its ball."""
    if hasattr(slope, "mid"):
        return float(slope.mid())
    return None if isinstance(slope, float) or slope is None else plain(slope)


def _differs(row: Any, operands: tuple[Any, ...], position: int) -> bool:
    left, right = one_sided(row, operands, position)
    forth = tuple(int(k == position) for k in range(len(operands)))
    back = tuple(-t for t in forth)
    jumps = row.kink.jumps
    return bool(left != right or jumps(operands, forth) or jumps(operands, back))


def _present(value: Any) -> Any:
    """1 for every entry of a value, and the integer 0 for those that are missing."""
    return entrywise(lambda x: 0 if isinstance(x, Undefined) or x != x else 1, value)


def _unless_noise(value: Any, double: Any, ball: Any) -> Any:
    """A number, or the double that it stands for where it is 0 for being nothing but rounding."""
    if hasattr(value, "shape") and hasattr(double, "shape") and hasattr(ball, "shape"):
        return entrywise(_unless_noise, value, double, ball)
    noise = value.__class__ is float and not value and hasattr(ball, "is_zero")
    return double if noise and not ball.is_zero() else value


def is_exact(value: Any) -> bool:
    """Whether a value, or each of its entries, is exact, or missing in truth."""
    kind = value.__class__
    if kind is Fraction or kind is int or kind is bool:
        return True
    if isinstance(value, Undefined):
        return not value.doubt
    if hasattr(value, "dtype") and value.dtype == object:
        return all(map(is_exact, value.flat))
    return False


def is_finite(value: Any) -> bool:
    """Whether a number or a ball, or each entry of an array, is finite."""
    if hasattr(value, "dtype") and value.dtype == object:
        return all(map(is_finite, value.flat))
    if hasattr(value, "dtype"):
        return all_finite(value)
    if hasattr(value, "is_finite"):
        return bool(value.is_finite())
    return not isinstance(value, float) or math.isfinite(value)


def too_large(value: Any) -> bool:
    """Whether a number, or an entry, is larger than every double."""
    if hasattr(value, "dtype"):
        return value.dtype == object and any(map(too_large, value.flat))
    return isinstance(value, Fraction) and abs(value) > 1 and beyond_doubles(value)


def plain(value: Any) -> Any:
    """A number as Python people expect it: exact integers as int, doubles as float."""
    if hasattr(value, "dtype"):
        if value.dtype != object:
            return value if value.shape else value.item()

        return entrywise(plain, value)
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value


def run(
    graph: Graph,
    point: Mapping[str, Any],
    convention: Convention = "zero",
    wrt: Sequence[str] | None = None,
    *,
    settle: bool = True,
) -> Trace:
    """Forward and backward at a point; without ``settle`` the chain rule's numbers on kinks."""
    with paused_collection():
        return _run(graph, point, convention, wrt, settle)


def _run(
    graph: Graph, point: Mapping[str, Any], convention: Convention, wrt: Sequence[str] | None,
    settle: bool,
) -> Trace:  # fmt: skip
    tape = Tape({})
    constants = {name: read_value(name, value, tape) for name, value in point.items()}
    graph = graph.given(constants)
    if graph.unshaped is None:  # a missing value is named before shapes are judged
        needed = {name for name, i in graph.inputs.items() if i in graph.uses}
        complete(constants, graph.inputs, needed, graph.names)
    graph = graph.shaped({name: constant.shape for name, constant in constants.items()})
    graph = graph.given(constants)
    needed = {name for name, i in graph.inputs.items() if i in graph.uses}
    complete(constants, graph.inputs, needed, graph.names)
    targets = None if wrt is None else [graph.find(name) for name in wrt]
    asked = None if wrt is None else tuple(wrt)
    if graph.has_arrays:
        scalar_output(graph.tape, graph.output, graph.source)
        if graph.entries > _EXACT_ENTRIES:
            return replace(_run_doubles(graph, constants, convention, targets), wrt=asked)
    runs = _Run(graph, constants, convention, targets)
    return replace(runs.settled() if settle else runs.trace(), wrt=asked)


def _by(convention: Convention, left: Any, right: Any) -> Any:
    """The slope that a convention chooses between two sides."""
    if convention in ("left", "right"):
        return left if convention == "left" else right
    if convention == "mean":
        return (Fraction(left) + Fraction(right)) / 2
    return min((left, right), key=abs) if left * right > 0 else 0


def _agrees(trace: Trace, gradient: dict[int, Any]) -> bool:
    """Whether the gradients of a trace are those, entry by entry."""
    domain: Any = trace.domain
    pairs: list[tuple[Any, Any]] = []
    for i, true in gradient.items():
        ours = trace.adjoints.get(i, 0)
        if hasattr(true, "flat"):
            ours = domain.broadcast(ours, shape=true.shape)
            pairs += zip(ours.flat, true.flat, strict=True)
        else:
            pairs.append((ours, true))
    return all(
        ours == true or abs(ours - true) <= Fraction(1, 10**12) * abs(Fraction(true))
        for ours, true in pairs
    )


def _known_gradient(gradient: dict[str, Any]) -> str:
    """What the difference quotients tend to, in words."""
    shown = ", ".join(f"{name}: {show_number(g)}" for name, g in list(gradient.items())[:6])
    more = ", …" if len(gradient) > 6 else ""
    return f"the difference quotients tend to {shown}{more}"


class _Run:
    """A run in exact numbers where all are exact, else in the numbers nearest to balls."""

    def __init__(
        self, graph: Graph, point: dict[str, Constant], convention: Convention,
        targets: Sequence[int] | None,
    ) -> None:  # fmt: skip
        self.graph, self.point, self.convention, self.targets = graph, point, convention, targets
        self.domain: Any = Arrays(RATIONAL) if graph.has_arrays else RATIONAL

    def trace(self) -> Trace:
        """Forward and backward.  Raises DomainError where a value or a slope does not exist."""
        graph = self.graph
        sweep = partial(
            forward, graph.tape, graph.order, read_all(self.point, self.domain), self.domain
        )
        values = sweep(exact=True)
        if len(values) < len(graph.order):
            found = certain_numbers(graph, self.point, self.convention, self.targets)
            if found is not None:
                return self.made(*found, rounded=True)
            values = sweep()
        out = values[graph.output]
        if isinstance(out, Undefined) and not out.doubt:
            self.refused(values)
        if all(map(is_exact, values.values())):
            try:
                adjoints = self.adjoints(values)
            except DomainError as error:
                return self.limits(values, error, rounded=False)
            if all(map(is_exact, adjoints.values())):
                return self.made(values, adjoints, rounded=False)
        return self.enclosed(values)

    def settled(self) -> Trace:
        """The trace whose gradient is that of the program where it is proved to have one, though
        gates are on their kinks."""
        trace = self.trace()
        graph = trace.graph
        if trace.singular or not self.of_inputs():
            return trace
        if graph.has_arrays and not (self.small and trace.kinks):
            return trace
        if not graph.has_arrays and not any(
            trace.live[i] and trace.on_kink(i) for i in graph.order
        ):
            return trace
        found = self.gradient() or self.sided()
        if found is None:
            self.refute(trace)
            return trace
        true = self.inputs_of(found)
        if _agrees(trace, true):
            return trace
        for side in () if graph.has_arrays else (1, -1):
            try:
                steps = {i: Fraction(side * (97 + 31 * k), 64) for k, i in
                         enumerate(graph.inputs.values())}  # fmt: skip
                slopes = pieces_along(graph.tape, graph.order, trace.values, steps, RATIONAL)
                if slopes is not None:
                    convention: Any = Pieces(self.convention, slopes)
                    other = _Run(graph, self.point, convention, self.targets).trace()
                    if _agrees(other, true):
                        return other
            except (DomainError, ArithmeticError):
                continue
        error = DomainError(
            "the chain rule gives no gradient here: a gate is on its kink or fills a hole",
            source=graph.source, hint=_known_gradient(found),
        )  # fmt: skip
        adjoints = dict.fromkeys(trace.adjoints) | {graph.output: trace.adjoints[graph.output]}
        return replace(trace, adjoints=adjoints | true, singular=error)

    def refute(self, trace: Trace) -> None:
        """Raise DomainError where the chain rule's numbers are proved to be no slopes: gates on
        their kinks share what does not add up to one."""
        if self.graph.has_arrays:
            return
        for kink in trace.kinks:
            for name in kink.proved:
                number, (low, high) = trace.gradients.get(name), kink.subdifferential(name)
                if name in kink.jump or number is None:
                    continue
                slack = 1e-12 * max(abs(low), abs(high))
                if not low - slack <= number <= high + slack:
                    raise DomainError(
                        f"the gates on their kinks give no slope here: that in {name} would be "
                        + show_number(number),
                        source=self.graph.source, hint=kink.told(),
                    )  # fmt: skip

    @property
    def small(self) -> bool:
        """Whether a program of arrays is written out to expand both sides of its kinks."""
        nodes = self.graph.tape.nodes
        inputs = sum(math.prod(nodes[i].shape) for i in self.graph.inputs.values())
        return self.graph.entries * inputs <= _EXPANDED

    def of_inputs(self) -> bool:
        """Whether gradients of inputs alone are asked for."""
        return self.targets is None or set(self.targets) <= set(self.graph.inputs.values())

    @property
    def asked(self) -> dict[str, int]:
        """The inputs whose gradients are asked for."""
        inputs = self.graph.inputs
        return {x: i for x, i in inputs.items() if self.targets is None or i in self.targets}

    def concerns(self, name: str) -> bool:
        """Whether an input, or the array of which it is an entry, is asked for.  In a program that
        was written out in numbers ``x[0]`` is an input itself."""
        return name in self.asked or name.partition("[")[0] in self.asked

    def gradient(self) -> dict[str, Any] | None:
        """The gradient that is asked for where the program is proved to be differentiable, by
        entries; None else."""
        from .germs import Local, differential

        graph = self.graph
        if len(graph.order) * len(graph.inputs) > _EXPANDED:
            return None
        try:
            found = differential(Local(graph, self.point))
        except (GraphDiffError, TypeError, ValueError, AttributeError, ArithmeticError):
            return None  # also for a row of the user's own whose rule asks for plain numbers
        if found.status != "differentiable" or found.gradient is None:
            return None
        gradient = {
            name: _number(slope) for name, slope in found.gradient.items()
            if self.concerns(name)
        }  # fmt: skip
        return None if None in gradient.values() else gradient

    def sided(self) -> dict[str, Any] | None:
        """The derivative of a function of one variable at an end of its domain; None else.

        Raises DomainError where a difference quotient has an infinite limit, though the branch that
        is taken at the point itself has another slope: ``where(x==0, 0, sqrt(x))`` at 0.
        """
        from .germs import Local

        graph = self.graph
        if len(graph.order) * len(graph.inputs) > _EXPANDED:
            return None
        try:
            local = Local(graph, self.point)
            found = {name: local.along(name) for name in local.program.inputs
                     if self.concerns(name)}  # fmt: skip
        except (GraphDiffError, TypeError, ValueError, AttributeError, ArithmeticError):
            return None
        for name, sides in found.items():
            for side, slope in (("left", sides.left), ("right", sides.right)):
                if isinstance(slope, float) and math.isinf(slope):
                    raise DomainError(
                        f"the slope of {graph.labels[graph.output]} in {name} is infinite here",
                        source=graph.source,
                        hint=f"from the {side} the difference quotients tend to "
                        + ("∞" if slope > 0 else "−∞"),
                    )
        if len(local.program.inputs) != 1 or len(found) != 1:
            return None
        gradient = {name: _number(sides.derivative) for name, sides in found.items()}
        return None if None in gradient.values() else gradient

    def inputs_of(self, gradient: dict[str, Any]) -> dict[int, Any]:
        """The gradient by input nodes."""
        made: dict[int, Any] = {}
        for name, i in self.asked.items():
            shape = self.graph.tape.nodes[i].shape
            if not shape:
                made[i] = gradient.get(name, 0)
            elif entry_name(name, (0,) * len(shape)) in gradient:
                made[i] = self.domain.zeros(shape)
                for place in product(*map(range, shape)):
                    made[i][place] = gradient[entry_name(name, place)]
        return made

    def limits(self, values: dict[int, Any], error: DomainError, *, rounded: bool) -> Trace:
        """The trace of a program with a gradient although a gate has an infinite slope; raises the
        error of one without."""
        found = self.gradient() if self.of_inputs() else None
        corner = self.corner(error) if found is None else None
        if corner is not None:
            found = {name: _by(self.convention, corner.left[name], corner.right[name])
                     for name in corner.left}  # fmt: skip
        elif found is None and self.of_inputs():
            found, corner = self.crease(error)
        if found is None:
            raise error
        graph, broken = self.graph, set[int]()
        adjoints: dict[int, Any] = {graph.output: self.domain.number(1)}
        if not graph.has_arrays:
            adjoints = accumulate(
                graph.tape, graph.order, graph.output, values, self.domain, self.convention,
                wrt=self.targets, broken=broken,
            )  # fmt: skip
        else:
            adjoints = dict.fromkeys(i for i in graph.order if graph.active[i]) | adjoints
        error.hint = _known_gradient(found) if corner is None else corner.told()
        adjoints |= self.inputs_of(found)
        corners = () if corner is None else (corner,)
        trace = self.made(values, adjoints, rounded=rounded)
        return replace(trace, singular=error, corners=corners)

    def corner(self, error: DomainError) -> KinkReport | None:
        """The kink that a gate with an infinite slope makes in a function of one variable."""
        from .germs import one_sided as both_sides

        graph, i = self.graph, getattr(error, "node", None)
        if len(graph.inputs) != 1 or graph.has_arrays or i is None:
            return None
        (name,) = graph.inputs
        try:
            found = both_sides(graph, self.point, name)
        except (GraphDiffError, TypeError, ValueError, AttributeError, ArithmeticError):
            return None
        left, right = _number(found.left), _number(found.right)
        if not found.kink or left is None or right is None:
            return None
        where = "its slope is infinite"
        label = graph.labels.get(i, "")
        op = graph.tape.nodes[i].op
        return KinkReport(
            i, label, op, where, {name: left}, {name: right}, (), self.convention, (name,)
        )

    def crease(self, error: DomainError) -> tuple[dict[str, Any] | None, KinkReport | None]:
        """What the linear part of a kink of several inputs gives, and that kink: at 0, |x| + y and
        the norm of a vector, of whose subdifferential that is the middle."""
        from .germs import Local, differential

        graph, i = self.graph, getattr(error, "node", None)
        if i is None or len(graph.order) * len(graph.inputs) > _EXPANDED:
            return None, None
        try:
            local = Local(graph, self.point)
            found = differential(local)
        except (GraphDiffError, TypeError, ValueError, AttributeError, ArithmeticError):
            return None, None
        nodes, ops = local.tape.nodes, local.tape.ops
        kinked = any(nodes[k].operands and ops[nodes[k].op].kink for k in local.order)
        if found.middle is None or found.sides is None or (kinked and not found.lengths):
            return None, None
        if self.convention not in ("zero", "mean"):
            error.hint = "on this kink --kink zero and --kink mean choose a subgradient"
            return None, None
        middle = {name: _number(x) for name, x in found.middle.items() if self.concerns(name)}
        left, right = dict[str, Any](), dict[str, Any]()
        for name in middle:
            a, b = map(_number, found.sides[name])
            if a is None or b is None:
                return None, None
            if a != b:
                left[name], right[name] = a, b
        if None in middle.values() or not left:
            return None, None
        several = found.lengths and len(left) > 1
        ball = "the length of a vector is 0; its subgradients fill a ball"
        where = ball if several else "its slope is infinite"
        op, label = _written_as(graph, i)
        return middle, KinkReport(i, label, op, where, left, right, (), self.convention, (*left,))

    def enclosed(self, first: dict[int, Any]) -> Trace:
        """The same with numbers that are nearest to balls where they are not exact."""
        graph = self.graph
        enclosure = enclose(graph, self.point, first, self.convention, self.targets)
        if not enclosure.bits:  # too large for balls
            return self.made(first, self.adjoints(first), rounded=False)
        most = most_bits(graph)
        values = {i: rounded(first[i], enclosure.values[i], most) for i in graph.order}
        lost = {i for i in graph.order if is_unknown(values[i], enclosure.values[i])}
        told = first
        if lost:
            told = self.again(first, values, enclosure, lost)
            values |= {i: rounded(told[i], enclosure.values[i], most) for i in lost}
        if self.lacking(values):
            self.refused(values)
        beyond = any(isinstance(value, Undefined) and value.doubt for value in first.values())
        try:
            doubles, error = self.adjoints(values if beyond else told), None
        except DomainError as refusal:
            doubles, error = {}, refusal
        balls = enclosure.gradients
        adjoints = {i: rounded(doubles.get(i), b, most) for i, b in balls.items()} or doubles
        asked = graph.inputs.values() if self.targets is None else self.targets
        if error and not (balls and all(is_finite(adjoints[i]) for i in asked if i in adjoints)):
            try:
                return self.limits(values, error, rounded=True)
            except DomainError:
                self.refused(values, error)
        losses = Losses(graph.labels)
        losses.compare("value", first, values)
        losses.compare("gradient", doubles, adjoints)
        trace = self.made(values, adjoints, rounded=True)
        return replace(trace, losses=losses)

    def again(
        self, first: dict[int, Any], values: dict[int, Any], enclosure: Enclosure, lost: set[int]
    ) -> dict[int, Any]:
        """The values without balls, those that balls do not know computed from the others.

        Their operands may be other numbers than doubles thought: outside the domain, even.
        """
        graph = self.graph
        known = {
            i: _unless_noise(value, first[i], enclosure.values[i]) if is_finite(value) else first[i]
            for i, value in values.items()
            if i not in lost
        }
        inputs = read_all(self.point, self.domain)
        return forward(graph.tape, graph.order, inputs, self.domain, overrides=known)

    def lacking(self, values: dict[int, Any]) -> bool:
        """Whether the output, or a node that it needs, has no value."""
        graph = self.graph
        out = values[graph.output]
        if isinstance(out, Undefined) or not is_finite(out):
            return True
        if not any(isinstance(value, Undefined) for value in values.values()):
            return False
        needed = taken(graph.tape, graph.output, values)
        return any(isinstance(values[i], Undefined) for i in needed)

    def adjoints(self, values: dict[int, Any]) -> dict[int, Any]:
        """Every gradient, without balls."""
        return _adjoints(self.graph, values, self.domain, self.convention, self.targets)

    def made(self, values: dict[int, Any], adjoints: dict[int, Any], *, rounded: bool) -> Trace:
        """The trace.  Raises DomainError for an output or a gradient too large for doubles."""
        graph = self.graph
        if too_large(values[graph.output]):
            self.refused(values)
        for name, i in graph.inputs.items():
            if too_large(adjoints.get(i, 0)):
                raise DomainError(
                    f"the gradient of {name} is beyond 1.8e308, the range of doubles",
                    source=graph.source, span=graph.tape.spans.get(i),
                    hint="choose smaller values",
                )  # fmt: skip
        return Trace(
            graph, self.point, self.convention, values, adjoints, self.domain, rounded=rounded
        )

    def refused(self, values: dict[int, Any], error: DomainError | None = None) -> NoReturn:
        """Raise the error of an output without a value that a double can hold, or of a gradient;
        of an array program doubles know the entry, unless they are misled."""
        graph = self.graph
        if graph.has_arrays:
            _run_doubles(graph, self.point, self.convention, self.targets)
        if error is not None:
            raise error
        for i in taken(graph.tape, graph.output, values):
            missing = values[i]
            operands = [values[k] for k in graph.tape.nodes[i].operands]
            if operands and too_large(missing):
                missing = Undefined(undefined(graph.tape, i, operands), i)
            if isinstance(missing, Undefined) and not (graph.has_arrays and missing.doubt):
                raise _unvalued(graph, missing)
        if graph.has_arrays and not too_large(values[graph.output]):
            message = "an entry is not defined, or cannot be told from a pole"
            hint = "move the point"
        else:
            message = f"{graph.labels[graph.output]} overflows: its value is beyond 1.8e308"
            hint = "choose smaller values"
        raise DomainError(message, source=graph.source, hint=hint)


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
        if isinstance(error, DomainError) and error.node is not None:
            _in_own_words(graph, error).message += _at_node(graph, error.node)
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
    in_users_words(error, graph.tape, graph.names)
    error.message += _at_node(graph, missing.node)
    return error


_EXACT_ENTRIES = 4_096
"""Entries of all values together up to which an array program is computed exactly."""


def _run_doubles(
    graph: Graph, constants: dict[str, Constant], convention: Convention,
    targets: Sequence[int] | None,
) -> Trace:  # fmt: skip
    """An array program in doubles."""
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
    trace = Trace(graph, constants, convention, values, adjoints, floats)
    missing = _hidden(graph, inputs, values)
    if missing is None:
        return trace
    asked = None if targets is None else tuple([graph.labels[i] for i in targets])
    certain = replace(trace, wrt=asked).certified()
    if certain.rounded and certain.known():
        return replace(certain, wrt=None)
    raise _unvalued(graph, missing)


def _hidden(graph: Graph, inputs: Mapping[str, Any], values: Mapping[int, Any]) -> Undefined | None:
    """Where an infinity of doubles stands that the output needs, though it does not show: tanh(1/x)
    at 0 is 1 in doubles.  It may be a pole, or an overflow that balls can carry through."""
    if all(isinstance(value, Undefined) or all_finite(value) for value in values.values()):
        return None
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
            _in_own_words(graph, error)
            if numpy.ndim(share):
                place = [int(n) for n in numpy.argwhere(~numpy.isfinite(share))[0]]
                error.message += f" (entry {place} of {show_shape(share.shape)})"
            error.message += _at_node(graph, i)
            error.source = graph.source
            return error
    return DomainError(f"the gradient of {name} is infinite or undefined", source=graph.source)


def _written_as(graph: Graph, node: int) -> tuple[str, str]:
    """The op that a user wrote, of which a node may be a part, and the label of that."""
    for group in graph.groups:
        if node in group.members:
            return group.op, graph.labels.get(group.output, "")
    return graph.tape.nodes[node].op, graph.labels.get(node, "")


def _in_own_words(graph: Graph, error: DomainError) -> DomainError:
    """Of a slope that does not exist, speak of the operands that the user wrote, and of a composite
    op where that is what was written."""
    in_users_words(error, graph.tape, graph.names)
    if error.node is None:
        return error
    op, inner = _written_as(graph, error.node)[0], graph.tape.nodes[error.node].op
    said = re.sub(rf"the slope of {inner} in .+? is ", f"the slope of {op} is ", error.message)
    if op != inner and said != error.message:
        error.message, error.hint = f"{said} (in its {inner})", "move the point"
    return error


def _at_node(graph: Graph, node: int) -> str:
    box = next((group.output for group in graph.groups if node in group.members), node)
    label = graph.labels.get(node) or graph.labels.get(box)
    return f" at node {label}" if label else ""
