"""A trace: one forward and one backward pass at a point, with everything a lecture shows of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import Arrays, FloatArrays, all_finite, entrywise
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.ball_arrays import flat
from graphdiff.core.domains.base import Domain
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.scaled import Scaled, beyond_doubles
from graphdiff.core.ir.op import Role
from graphdiff.core.support.section import Section
from graphdiff.core.sweeps.backward import (
    Convention,
    Pieces,
    active_nodes,
    array_local,
    contribution,
    directional,
    local_gradient,
    on_kink,
    one_sided,
    times,
)
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.core.sweeps.sides import sides_along
from graphdiff.errors import DomainError, GraphDiffError
from graphdiff.language.notation.numbers import show_number
from graphdiff.language.notation.operands import of_operands
from graphdiff.language.reading.point import Constant, Stored
from graphdiff.program.above import Picture, Proof, above
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.gates import gate_label, role_of

from .enclosure import (
    Enclosure,
    ball_domain,
    blurred,
    enclose,
    is_sure,
    middle,
    rounded,
)
from .expansions import expanded
from .losses import Losses, against_doubles

if TYPE_CHECKING:
    import networkx

    from graphdiff.program.germs import Local, OneSided

__all__ = [
    "Edge", "KinkReport", "NodeView", "Trace", "finite_slope", "is_exact",
    "is_finite", "plain", "too_large",
]  # fmt: skip

_TABLES = 200
"""Nodes up to which a notebook shows the tables of a trace below its picture."""


_DIGITS = 17
"""Digits that enclosures have if no others are asked for."""


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
    bent: bool = False
    """Whether the slopes along directions between the inputs do not fit those along the inputs, as
    those of min(|x|, |y|) at 0: 0 along both axes, and 1 between them."""

    @property
    def smooth(self) -> bool:
        """Whether no direction shows a kink of the output all the same (``x*abs(x)`` at 0)."""
        even = all(self.left[x] == self.right[x] for x in self.left)
        return even and not self.jump and not self.bent

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
    total: Trace | None = None
    """Where the output is no number: the trace of the number above it, which has all proofs."""

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
        return self._enclosed(_DIGITS)

    def below(self, graph: Graph, wrt: Sequence[str] | None) -> Trace:
        """What this trace of a number above an array says of the program of that array."""
        point = {name: constant for name, constant in self.point.items() if name in graph.known}
        asked = None if wrt is None else tuple(wrt)
        return replace(self, graph=graph, point=point, wrt=asked, total=self)

    def enclose(self, digits: int = _DIGITS) -> Enclosure:
        """Balls, as narrow as so many digits ask for where that can be had."""
        return self.enclosure if digits == _DIGITS else self._enclosed(digits)

    def _enclosed(self, digits: int) -> Enclosure:
        if self.total is not None:
            return self.total.enclose(digits)
        asked = None if self.wrt is None else list(self.targets.values())
        found = enclose(self.graph, self.point, self.values, self.convention, asked, digits)
        return found if self.singular is None else replace(found, gradients={})

    @cached_property
    def _losses(self) -> Losses:
        if self.total is not None:
            return self.total._losses
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

    @property
    def core(self) -> Trace:
        """The trace of what the output needs alone, whose numbers may be those of no array."""
        graph = self.graph.core
        return replace(self, graph=graph, domain=self.domain if graph.has_arrays else RATIONAL)

    @cached_property
    def settled(self) -> bool:
        """Whether the gradient is proved to be that of the program where the chain rule alone does
        not give it: gates are on kinks that cancel, fill holes, or have infinite slopes."""
        if self.singular is not None:
            return not self.corners
        if self.total is not None:
            return self.total.settled
        if isinstance(self.convention, Pieces):
            return not self.convention.kinked
        if self.graph.has_arrays or not self.kinks:
            return False
        return all(k.smooth and {*k.left} <= {*k.proved} for k in self.kinks) and (
            all(len(k.left) < 2 for k in self.kinks) or self._differentiable
        )

    @property
    def _differentiable(self) -> bool:
        """Whether the program is proved to be differentiable here, along all directions at once."""
        from graphdiff.program.germs import differential

        found = expanded(self.graph, self.point, differential, len(self.graph.inputs))
        return found is not None and found.status == "differentiable"

    def local(self, i: int, position: int) -> Any:
        """∂(node i)/∂(its operand at that position).

        Entry by entry for an elementwise op on arrays; None where it is a Jacobian that is never
        formed, and where it is infinite: nothing flows there, else there would be no trace.
        """
        return self._told(self._slope(i, position))

    def _told(self, slope: Callable[..., Any] | None) -> Any:
        """The local gradient that is found so; None where it is infinite, or never formed."""
        try:
            local = None if slope is None else self._nearest(slope)
        except DomainError:
            return None
        return None if isinstance(local, Undefined) else local

    def _slope(self, i: int, position: int) -> Callable[..., Any] | None:
        """What finds a local gradient, once in each domain; None where it is never formed."""
        tape, convention = self.graph.tape, self.convention
        if tape.ops[tape.nodes[i].op].vjp:
            return None
        slope: Any = local_gradient
        if isinstance(self.domain, Arrays):
            # An entry without a value lies on a branch that is not taken, and has no slope.
            slope = partial(array_local, upstream=_present(self.values[i]))
        known: dict[bool, Any] = {}

        def found(values: Mapping[int, Any], domain: Any, *decided: Any) -> Any:
            own = domain is self.domain
            if own not in known:
                known[own] = slope(tape, i, position, values, domain, convention, *decided)
            return known[own]

        return found

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
        found = self._edges.get((i, position))
        if found is None:
            found = self._edges[i, position] = self._edge(i, position)
        return found

    @cached_property
    def _edges(self) -> dict[tuple[int, int], Edge]:
        return {}

    def _edge(self, i: int, position: int) -> Edge:
        tape = self.graph.tape
        k = tape.nodes[i].operands[position]
        if self.singular is not None and self._breaks(i, k):
            return Edge(k, i, position, None, None)
        if isinstance(self.values[i], Undefined):
            return Edge(k, i, position, 0, self._zero(k))
        slope = self._slope(i, position)
        local = self._told(slope)
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
            assert slope is not None
            share = self._nearest(
                lambda values, domain, *decided: times(
                    self._arriving(i, domain), slope(values, domain, *decided)
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
        if self.total is not None:
            return self.total.kinks
        if graph.has_arrays:
            return _array_kinks(self)
        found = [i for i in graph.bends if self.live[i] and self.on_kink(i)]
        if not found:
            return ()
        sides = sides_along(
            tape, graph.order, graph.output, values, self.targets.values(), self.domain
        )
        along = {name: sides[k] for name, k in self.targets.items() if k in sides}
        left = {name: plain(side.left) for name, side in along.items()}
        right = {name: plain(side.right) for name, side in along.items()}
        jump = [name for name, side in along.items() if side.jumps]
        jump, proved = _along_both_sides(self, left, right, jump)
        bent = not jump and left == right and self._bends(left)
        # A gate is told only of the inputs that it depends on.
        felt = _felt(self, [*left], found)
        jumping, sure = set(jump), set(proved)
        called = {k: name for name, k in graph.names.items()}
        places = {i: tape.ops[tape.nodes[i].op].kink.where for i in found}  # type: ignore[union-attr]
        return tuple(
            KinkReport(
                i, graph.labels.get(i, ""), tape.nodes[i].op,
                of_operands(places[i], tape, i, called),
                {name: left[name] for name in felt[i]}, {name: right[name] for name in felt[i]},
                tuple(name for name in felt[i] if name in jumping), self.convention,
                tuple(name for name in felt[i] if name in sure), bent,
            )
            for i in found
        )  # fmt: skip

    def _bends(self, slopes: dict[str, Any]) -> bool:
        """Whether the slope along some direction is not that which the inputs' slopes add up to."""
        from random import Random

        tape, order, output = self.graph.tape, self.graph.order, self.graph.output
        for seed in range(_DIRECTIONS if len(slopes) > 1 else 0):
            draw = Random(seed)  # noqa: S311 - no secret
            weights = {name: draw.randint(1, 2**24) * draw.choice((-1, 1)) for name in slopes}
            # A scaled step keeps what is beyond doubles on the way; it says that it is rounded.
            number = Scaled if self.rounded else Fraction
            steps = {self.targets[name]: number(w) for name, w in weights.items()}
            try:
                found, _ = directional(tape, order, self.values, steps, self.domain)
            except DomainError:
                continue
            shares = [Fraction(slopes[name]) * w for name, w in weights.items()]
            off = abs(Fraction(found.get(output, 0)) - sum(shares))
            exact = all(map(is_exact, (*slopes.values(), *found.values())))
            # Rounding is small beside the largest slope on the way.
            if off and (exact or off * 10**9 > max(abs(Fraction(t)) for t in found.values())):
                return True
        return False

    def on_kink(self, i: int) -> bool:
        """Whether node i sits on its kink, and something flows through it that differs."""
        node = self.graph.tape.nodes[i]
        row = self.graph.tape.ops.get(node.op)
        if row is None or row.kink is None or row.selects:
            return False
        operands = tuple([self.values[k] for k in node.operands])
        if not on_kink(row.kink, operands):
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
        if self.total is not None:
            return self.total.certified().below(self.graph, self.wrt)
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

    def verify(self, methods: str = "standard") -> Proof:
        """Prove values and gradients by methods that share nothing with the derivative rules.

        ``methods``: ``standard`` (ball arithmetic) or ``symbolic`` (also ``sympy.diff``).
        """
        report: Proof = above("verify")(self, methods)
        return report

    def figure(self, style: str = "cs231n", **options: Any) -> Picture:
        """The graph with its numbers, drawn as on a lecture slide; ``.save("f.svg")`` writes it."""
        drawn: Picture = above("figure")(self, style, **options)
        return drawn

    @cached_property
    def told(self) -> tuple[Trace, Proof]:
        """This trace with certified numbers, and what proves them; as the command tells it."""
        found: tuple[Trace, Proof] = above("certified_report")(self)
        return found

    def document(self) -> dict[str, Any]:
        """JSON of schema graphdiff.trace/1, verified."""
        document: dict[str, Any] = above("trace_report")(self)
        return document

    def sections(self) -> list[Section]:
        """The tables of ``graphdiff backprop``."""
        tables: list[Section] = above("trace_sections")(self)
        return tables

    def __str__(self) -> str:
        text: str = above("report_text")(self.sections())
        return text

    def _repr_html_(self) -> str:
        try:
            tables = self.sections()
        except GraphDiffError as error:  # a notebook shows the picture, and why there is no proof
            note = str(error).replace("&", "&amp;").replace("<", "&lt;")
            return f"{above('report_html')(self, [])}<pre>{note}</pre>"
        shown: str = above("report_html")(self, tables)
        return shown

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Trace):
            return NotImplemented
        return self is other or self._made_of == other._made_of

    def __hash__(self) -> int:
        return hash(self.graph)

    @property
    def _made_of(self) -> tuple[Any, ...]:
        """What all numbers of a trace follow from."""
        point = {name: _written(constant) for name, constant in self.point.items()}
        return self.graph, point, str(self.convention), self.wrt, self.rounded

    def __getstate__(self) -> dict[str, Any]:
        return {field.name: getattr(self, field.name) for field in fields(self)}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        shown: dict[str, str] = above("mimebundle")(self.figure, repr(self))
        if "image/svg+xml" in shown and len(self.graph.order) <= _TABLES:
            shown["text/html"] = self._repr_html_()
        return shown


def _felt(trace: Trace, names: Sequence[str], gates: Sequence[int]) -> dict[int, list[str]]:
    """The names of the nodes that each gate depends on."""
    marks = dict.fromkeys(trace.graph.order, 0)
    for k, name in enumerate(names):
        marks[trace.targets[name]] |= 1 << k
    nodes = trace.graph.tape.nodes
    for i in trace.graph.order:
        for k in nodes[i].operands:
            marks[i] |= marks[k]
    felt: dict[int, list[str]] = {i: [] for i in gates}
    for i, told in felt.items():
        left = marks[i]
        while left:
            lowest = left & -left
            told.append(names[lowest.bit_length() - 1])
            left ^= lowest
    return felt


def _written(constant: Constant) -> Any:
    """A value of a point as data that can be compared."""
    return constant.entries.tolist() if isinstance(constant, Stored) else constant.text


def _array_kinks(trace: Trace) -> tuple[KinkReport, ...]:
    """Kinks of an array program: those of the same program written out in numbers."""
    from graphdiff.program.unfold import MOST, unfolded_trace

    graph = trace.graph
    if graph.entries > MOST or not any(_may_bend(trace, i) for i in graph.order if trace.live[i]):
        return ()
    scalars = unfolded_trace(trace)
    return () if scalars is None else scalars.kinks


def _may_bend(trace: Trace, i: int) -> bool:
    """Whether an entry of node i may be on a kink; of an op on whole arrays, if it has any."""
    from graphdiff.program.unfold import picks

    tape = trace.graph.tape
    node = tape.nodes[i]
    row = tape.ops.get(node.op)
    if row is None or not node.operands:
        return False
    if not row.elementwise:
        return picks(tape.ops, row)
    kink = row.kink
    if kink is None or row.selects:
        return False

    def on_kink(*xs: Any) -> bool:
        return any(isinstance(x, Undefined) for x in xs) or kink.at(*xs)

    return any(flat(entrywise(on_kink, *[trace.values[k] for k in node.operands])))


_DIRECTIONS = 8
"""Directions along which slopes are looked at where those along the inputs agree."""


def _along_both_sides(
    trace: Trace, left: dict[str, Any], right: dict[str, Any], jump: list[str]
) -> tuple[list[str], list[str]]:
    """Puts limits of difference quotients in place of what the gates' own slopes add up to, where
    they are proved.  Returns the inputs along which the output itself jumps (x·sign(x) does not at
    0, and has the slopes −1 and 1), and those of which all this is proved."""
    graph = trace.graph

    def sides(local: Local) -> dict[str, OneSided]:
        known = local.program.inputs
        return {name: local.along(name) for name in left if name in graph.inputs and name in known}

    expansions = expanded(graph, trace.point, sides, len(left))
    if expansions is None:
        return jump, []
    jumping, proved = set(jump), []
    for name, found in expansions.items():
        slopes = [finite_slope(found.left), finite_slope(found.right)]
        if found.jump is None or None in slopes:
            continue
        left[name], right[name] = slopes
        proved.append(name)
        (jumping.add if found.jump else jumping.discard)(name)
    return [name for name in left if name in jumping], proved


def finite_slope(slope: Any) -> Any:
    """A finite slope: exact, or the number next to its ball; None where that does not tell it."""
    if hasattr(slope, "mid"):
        return middle(slope) if is_sure(slope) else None
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
    if value.__class__ is float or value.__class__ is int:
        return value  # by far the most
    if hasattr(value, "dtype"):
        if value.dtype != object:
            return value if value.shape else value.item()

        return entrywise(plain, value)
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value
