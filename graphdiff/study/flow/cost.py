"""Backpropagation as the dynamic program it is: what is shared, and what that saves.

Path by path, the gradient takes one product for every path; the reverse sweep multiplies once for
every edge, since ∂f/∂q is computed once and read by all that lies below q.  Its work is bounded by
a small multiple of the function's, whatever the number of inputs (Baur & Strassen 1983; Griewank &
Walther 2008, Evaluating Derivatives, section 3.3 and chapter 4: at most 4 operations for one, if +
and · are counted alike).  Forward mode takes one sweep for every input.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Dim, Shape, size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.section import Section
from graphdiff.core.sweeps.backward import gradient
from graphdiff.errors import GraphDiffError, ShapeMismatch
from graphdiff.language.reading.point import complete, point_of, read_value
from graphdiff.program.formula import Formula
from graphdiff.program.formulas import Formulas
from graphdiff.program.graph import Graph, graph_of
from graphdiff.study.report.protocol import Reporting

from .counting import Count, count_data, log2, plus, product
from .factors import Factor, Way
from .operations import operations
from .paths import number
from .timing import Timing, measured

__all__ = ["Cost", "Factor", "Way", "cost"]

MOST_FACTORS = 10_000
"""Edges of a graph up to which its factors are listed."""
_FORMULAS = 500
"""Edges up to which their formulas are."""
_MARKS = 400_000_000
"""Bits that marks of which node depends on which input may take."""
_SYMBOLIC = 200_000
"""Nodes of a graph up to which its gradient is written out to be counted."""
_SECOND = 20_000
"""Nodes of a gradient up to which it is differentiated again."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Cost(Reporting):
    """What the gradient of a program costs, by several methods."""

    graph: Graph
    arrays: bool
    gates: int
    edges: int
    ways: tuple[Way, ...]
    factors: tuple[Factor, ...]
    paths: Count
    path_multiplications: Count
    path_additions: Count
    reverse_multiplications: int
    reverse_additions: int
    forward_passes: int
    forward_multiplications: int
    forward_additions: int
    forward_exact: bool
    """False where it is only known to be no more."""
    function_operations: int | None
    gradient_operations: int | None
    """Of function and gradient together; None where the graph is too large to write it out."""
    stored: int | None
    """Numbers of the forward pass that the backward pass reads."""
    product_operations: int | None
    """Of one column of the Hessian, the gradient of ∇f·v; None where it is not written out."""
    timing: Timing | None

    @property
    def ratio(self) -> float | None:
        """Operations of function and gradient for one of the function."""
        if not self.function_operations or self.gradient_operations is None:
            return None
        return self.gradient_operations / self.function_operations

    @property
    def difference_operations(self) -> int | None:
        """Operations of all central differences: two evaluations of the function for each entry."""
        if self.function_operations is None:
            return None
        return 2 * self.forward_passes * self.function_operations

    @property
    def hessian_operations(self) -> int | None:
        """Operations of the whole Hessian, column by column."""
        if self.product_operations is None:
            return None
        return self.forward_passes * self.product_operations

    @property
    def source(self) -> str:
        """The program's text."""
        return self.graph.source

    def sections(self) -> list[Section]:
        """The tables of ``graphdiff cost``."""
        from .cost_tables import sections

        return sections(self)

    def headline(self) -> str:
        """The multiplications."""
        return f"{self.reverse_multiplications:,} multiplications in reverse mode"

    def document(self) -> dict[str, Any]:
        """All of it as JSON data, schema ``graphdiff.cost/1``."""
        graph, timing = self.graph, self.timing
        return {
            "schema": "graphdiff.cost/1", "source": graph.source,
            "output": graph.labels[graph.output], "arrays": self.arrays, "gates": self.gates,
            "edges": self.edges,
            "inputs": [
                {"input": way.name, "paths": count_data(way.paths),
                 "multiplications": count_data(way.multiplications)}
                for way in self.ways
            ],
            "factors": [factor.document() for factor in self.factors],
            "path_by_path": {
                "paths": count_data(self.paths), "log2_paths": number(log2(self.paths)),
                "multiplications": count_data(self.path_multiplications),
                "additions": count_data(self.path_additions),
            },
            "reverse": {
                "passes": 1, "multiplications": self.reverse_multiplications,
                "additions": self.reverse_additions,
            },
            "forward": {
                "passes": self.forward_passes, "multiplications": self.forward_multiplications,
                "additions": self.forward_additions, "exact": self.forward_exact,
            },
            "operations": {
                "function": self.function_operations,
                "function_and_gradient": self.gradient_operations, "ratio": number(self.ratio),
            },
            "stored": self.stored,
            "differences": {
                "evaluations": 2 * self.forward_passes, "operations": self.difference_operations,
            },
            "hessian": {
                "entries": self.forward_passes**2, "products": self.forward_passes,
                "operations": self.hessian_operations,
            },
            "measured": None if timing is None else {
                "function_seconds": timing.function, "gradient_seconds": timing.gradient,
                "ratio": number(timing.ratio),
            },
        }  # fmt: skip


def cost(
    program: Formula | str,
    at: Mapping[str, Any] | str | None = None,
    *,
    shapes: Mapping[str, Shape] | None = None,
    time: bool = True,
    ops: Mapping[str, Op] | None = None,
    **values: Any,
) -> Cost:
    """Count the multiplications of a gradient, path by path and with sharing, and measure it.

    Every edge counts as one multiplication with its local gradient (of arrays: as many as its
    product takes), be that 1.  ``time`` also runs function and gradient, at the point or at
    numbers between 1/4 and 3/4.

    Raises ShapeMismatch for an output that is no number or sizes that nobody gave,
    NotDifferentiable, BadPoint.

    >>> c = cost("q = x*y; r = q*q; f = r*r", time=False)
    >>> c.paths, c.path_multiplications, c.reverse_multiplications, c.forward_multiplications
    (8, 24, 6, 10)
    """
    graph = graph_of(program, ops, shapes=shapes)
    tape, given = Tape({}), point_of(at, values, graph.known, cost.__kwdefaults__)
    constants = {name: read_value(name, value, tape) for name, value in given.items()}
    complete(constants, graph.inputs, set())
    known = {name: constant.shape for name, constant in constants.items()}
    graph = graph.shaped({**(shapes or {}), **known})
    graph.started()
    for name, shape in graph.shapes.items():
        if graph.inputs[name] in graph.uses and any(isinstance(n, Dim) for n in shape):
            hint = f"--shape {name}:{'x'.join('3' for _ in shape)}"
            raise ShapeMismatch(f"the sizes of {name} are not settled", hint=hint)
    return _Counter(graph.core).cost(constants, time)


class _Counter:
    """Counts over one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        active = graph.active
        # Only what the output depends on and what depends on an input has factors.
        self.inputs = {n: i for n, i in graph.inputs.items() if i in graph.uses and active[i]}
        self.edges = [
            (i, position, k)
            for i in reversed(graph.order)
            if active[i]
            for position, k in graph.tape.flows(i, active)
        ]
        self.price = cache(self._price)

    def _price(self, i: int) -> int:
        """Multiplications with the local gradient of node i, for one of its operands."""
        node, nodes = self.graph.tape.nodes[i], self.graph.tape.nodes
        if self.graph.tape.multiplies(i):
            return size(node.shape) * nodes[node.operands[0]].shape[-1]
        return operations(self.graph.tape, i)

    def cost(self, constants: Mapping[str, Any], time: bool) -> Cost:
        """All counts."""
        graph = self.graph
        ways, reached = self._ways()
        passes, forward, added, exact = self._forward()
        paths: Count = 0
        work: Count = 0
        extra: Count = 0
        for way in ways:
            paths, work = plus(paths, way.paths), plus(work, way.multiplications)
            # One path less one is none; of a count that is only a logarithm it makes no odds.
            extra = plus(extra, way.paths - 1 if isinstance(way.paths, int) else way.paths)
        function, both, stored, second, timing = self._written(constants, time)
        nodes = graph.tape.nodes
        return Cost(
            graph, graph.has_arrays, sum(bool(nodes[i].operands) for i in graph.order),
            len(self.edges), ways, self._factors(), paths, work, extra,
            sum(self.price(i) for i, _, _ in self.edges),
            sum((uses - 1) * size(nodes[k].shape) for k, uses in reached.items()),
            passes, forward, added, exact, function, both, stored, second, timing,
        )  # fmt: skip

    def _ways(self) -> tuple[tuple[Way, ...], dict[int, int]]:
        """Paths and multiplications by input; how many edges come down to every node."""
        graph, kept = self.graph, set(self.inputs.values())
        counts: dict[int, Count] = {graph.output: 1}
        work: dict[int, Count] = {graph.output: 0}
        reached: dict[int, int] = {}
        last = -1
        for i, _, k in self.edges:
            if last not in (i, -1) and last not in kept:
                counts.pop(last, None)  # counts are long: those of inner nodes are let go
                work.pop(last, None)
            last = i
            counts[k] = plus(counts.get(k, 0), counts[i])
            here = plus(work[i], product(counts[i], self.price(i)))
            work[k] = plus(work.get(k, 0), here)
            reached[k] = reached.get(k, 0) + 1
        ways = [Way(n, counts.get(i, 0), work.get(i, 0)) for n, i in self.inputs.items()]
        return tuple(ways), reached

    def _forward(self) -> tuple[int, int, int, bool]:
        """Sweeps of forward mode, their multiplications, and whether these are exact.

        A sweep for one input multiplies at every edge whose lower end depends on it.
        """
        graph = self.graph
        sizes = [size(graph.tape.nodes[i].shape) for i in self.inputs.values()]
        passes = sum(sizes)
        if len(sizes) * len(graph.order) > _MARKS:
            return passes, passes * sum(self.price(i) for i, _, _ in self.edges), 0, False
        marks = self._marks()

        def weigh(mark: int) -> int:
            if max(sizes, default=1) == 1:
                return mark.bit_count()
            return sum(s for bit, s in enumerate(sizes) if mark >> bit & 1)

        total = added = 0
        known: dict[int, int] = {}  # what the operands so far depend on, by gate
        for i, _, k in self.edges:
            total += weigh(marks[k]) * self.price(i)
            added += weigh(marks[k] & known.get(i, 0)) * size(graph.tape.nodes[i].shape)
            known[i] = known.get(i, 0) | marks[k]
        return passes, total, added, True

    def _marks(self) -> dict[int, int]:
        """For every node the inputs it depends on, as bits."""
        marks = {i: 1 << bit for bit, i in enumerate(self.inputs.values())}
        for i, _, k in reversed(self.edges):
            marks[i] = marks.get(i, 0) | marks[k]
        return marks

    def _factors(self) -> tuple[Factor, ...]:
        graph = self.graph
        if len(self.edges) > MOST_FACTORS:
            return ()
        formulas = Formulas(graph) if len(self.edges) <= _FORMULAS else None
        above: dict[int, Count] = {graph.output: 1}
        below: dict[int, Count] = dict.fromkeys(self.inputs.values(), 1)
        for i, _, k in self.edges:
            above[k] = plus(above.get(k, 0), above[i])
        for i, _, k in reversed(self.edges):
            below[i] = plus(below.get(i, 0), below[k])
        marks, names = self._marks(), list(self.inputs)
        return tuple(
            Factor(
                graph.labels[i], graph.labels[k], position,
                formulas.local(i, position) if formulas else "",
                tuple(name for bit, name in enumerate(names) if marks[k] >> bit & 1),
                product(above[i], below[k]),
            )
            for i, position, k in self.edges
        )  # fmt: skip

    def _written(
        self, constants: Mapping[str, Any], time: bool
    ) -> tuple[int | None, int | None, int | None, int | None, Timing | None]:
        """Operations of the function, of function and gradient; numbers that the gradient reads;
        operations of a column of the Hessian; function and gradient measured."""
        graph = self.graph
        if len(graph.order) > _SYMBOLIC:
            return sum(operations(graph.tape, i) for i in graph.order), None, None, None, None
        start = graph.total if graph.tape.nodes[graph.output].shape else graph
        tape = start.tape.fork()
        targets = list(self.inputs.values())
        found = gradient(tape, start.output, targets) if targets else []
        both = tape.needed_for([start.output, *(formula.id for formula in found)])
        function, total = (sum(operations(tape, i) for i in order) for order in (graph.order, both))
        timing = None
        if time and targets:
            try:
                timing = measured(start, tape, both, graph.with_seed(constants))
            except (ArithmeticError, ValueError, GraphDiffError):
                timing = None  # nothing to time at that point
        stored = self._stored(tape, both, {formula.id for formula in found})
        return function, total, stored, self._column(tape, found, targets), timing

    def _stored(self, tape: Tape, both: Sequence[int], found: set[int]) -> int:
        """Numbers of the forward pass that the gradient is computed from, or is."""
        nodes, forward = tape.nodes, set(self.graph.order)
        read = found.union(*(nodes[i].operands for i in both if i not in forward))
        return sum(size(nodes[i].shape) for i in read & forward if self.graph.active[i])

    def _column(self, tape: Tape, found: Sequence[Expr], targets: Sequence[int]) -> int | None:
        """Operations of a column of the Hessian: the gradient of ∇f·v, which takes ∇f too."""
        if not targets or len(tape.nodes) > _SECOND:
            return None
        products = []
        for formula, i in zip(found, targets, strict=True):
            shape = tape.nodes[i].shape
            v = Expr(tape, tape.make("input", (), f"v{i}", shape=shape))
            products.append(apply(tape, "sum", formula * v) if shape else formula * v)
        try:
            column = gradient(tape, sum(products[1:], start=products[0]).id, targets)
        except GraphDiffError:
            return None  # an op has no second derivative
        return sum(operations(tape, i) for i in tape.needed_for([e.id for e in column]))
