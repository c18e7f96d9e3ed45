"""A gradient of arrays at several choices of sizes, and random points of each."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations, islice
from typing import Any, Literal, NamedTuple

from graphdiff.core.algebra.simplify import Algebra
from graphdiff.core.domains.ball import Balls, working_precision
from graphdiff.core.domains.ball_arrays import BallArrays, flat
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.shape import Dim, Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import gradient
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import Unsupported
from graphdiff.homework.asked.built import Scope
from graphdiff.homework.asked.evaluation import settled
from graphdiff.homework.asked.problem import in_variable
from graphdiff.language.handwriting.settings import Settings
from graphdiff.program.calculus.checking import labels
from graphdiff.program.calculus.sizes import assumed, at_sizes, named_sizes, remade, scalar_valued
from graphdiff.program.calculus.targets import of_unit_targets, targets_in
from graphdiff.program.graph import Graph
from graphdiff.study.equality.indices import equal_entries

__all__ = ["MatrixProblem", "Outcome", "SamplePoint", "Sized", "matrix_problem", "value_problem"]

BITS = 192
DIGITS = 30
"""Digits to which two values must agree to be called equal."""
FINE = 1 << 21
"""How many numbers each entry of a random point is drawn from."""
POINTS = 3
"""Random points for each choice of sizes."""
_TRIES = 12
_MOST_ENTRIES = 40_000
_MOST_SHAPES = 8
_MOST_GUESSED = 6
_RANGES = ((-2, 2), (0, 1), (1, 2))
Outcome = Literal["equal", "different", "undefined", "unknown"]


class SamplePoint(NamedTuple):
    """Values of the inputs, and of all nodes that were asked for there."""

    exact: dict[str, Any]
    balls: dict[str, Any]
    values: dict[int, Any]


@dataclass(eq=False)
class Sized:
    """The program with one choice of sizes."""

    graph: Graph
    wrt: str
    like: Sized | None = None
    """The same with the sizes that answers are read for."""
    of_value: bool = False
    """Whether the node's value is asked for, not the gradient in it."""
    unit: frozenset[str] = frozenset()
    """Targets that are taken to sum to 1: ``p − y`` for ``(Σy) p − y``."""

    @cached_property
    def tape(self) -> Tape:
        return self.graph.tape.fork()

    @cached_property
    def key(self) -> Expr:
        """What was asked for, as the rules write it."""
        plain = Expr(self.tape, self.node) if self.of_value else self.gradient(self.wrt)
        return self._moved(of_unit_targets(self.tape, self.unit), plain)[1] if self.unit else plain

    @property
    def node(self) -> int:
        """What the question is about."""
        graph = self.graph
        return graph.names[self.wrt] if self.of_value else graph.inputs[self.wrt]

    @cached_property
    def simple(self) -> Expr:
        """The gradient as it is printed."""
        return self._moved(Algebra(Tape(self.tape.ops, self.tape.limits)), self.key)[1]

    @property
    def targets(self) -> set[str]:
        """The variables that stand in the gradient beside their sums."""
        algebra = Algebra(Tape(self.tape.ops, self.tape.limits))
        return targets_in(algebra, self._moved(algebra, self.key)[0]) - {self.wrt}

    def _moved(self, algebra: Algebra, expr: Expr) -> tuple[int, Expr]:
        """A formula in an algebra, and that on this tape."""
        moved = algebra.moved(self.tape, [expr.id])[expr.id]
        order = algebra.tape.needed_for([moved])
        return moved, Expr(self.tape, algebra.tape.rewritten(order, self.tape.make)[moved])

    def gradient(self, name: str) -> Expr:
        return gradient(self.tape, self.graph.output, [self.graph.inputs[name]])[0]

    @property
    def due(self) -> Shape:
        return self.tape.nodes[self.node].shape

    @cached_property
    def where(self) -> tuple[tuple[int, int], ...]:
        """One place of each size: a node of the order, and an axis."""
        if self.like is not None:
            return self.like.where
        found: dict[int, tuple[int, int]] = {}
        for k, i in enumerate(self.graph.order):
            for axis, n in enumerate(self.graph.tape.nodes[i].shape):
                found.setdefault(int(n), (k, axis))
        return tuple(found.values())

    @cached_property
    def matrices(self) -> tuple[int, ...]:
        """One place of each shape of a matrix."""
        if self.like is not None:
            return self.like.matrices
        found: dict[Shape, int] = {}
        for k, i in enumerate(self.graph.order):
            shape = self.graph.tape.nodes[i].shape
            if len(shape) == 2:
                found.setdefault(shape, k)
        return tuple(found.values())[:_MOST_SHAPES]

    @cached_property
    def names(self) -> Scope:
        """What formulas may call nodes and sizes."""
        graph = self.graph
        order = graph.order
        sizes = tuple(graph.tape.nodes[order[k]].shape[axis] for k, axis in self.where)
        shapes = tuple(graph.tape.nodes[order[k]].shape for k in self.matrices)
        known = {n.name: int(n) for n in named_sizes(graph).values() if n.letter}
        nodes = {**graph.names, **graph.inputs}
        if self.of_value:  # q = q says nothing
            nodes = {name: i for name, i in nodes.items() if i < self.node}
        return Scope(self.tape, nodes, sizes, shapes, known)

    @property
    def entries(self) -> int:
        nodes = self.graph.tape.nodes
        total = 0
        for i in self.graph.order:
            count = 1
            for n in nodes[i].shape:
                count *= int(n)
            total += count
        return total

    # -- points -----------------------------------------------------------------------------------

    @cached_property
    def domain(self) -> BallArrays:
        return BallArrays(Balls())

    @cached_property
    def points(self) -> list[SamplePoint]:
        """Random points where the gradient has a value, away from kinks."""
        return list(islice(self.drawn(FINE), POINTS))

    def drawn(self, fine: int, *, symmetric: bool = False) -> Iterator[SamplePoint]:
        """Points whose entries are fractions of so many, where the gradient has a value."""
        source = random.Random(fine)  # noqa: S311 - points, no secrets
        for low, high in _RANGES:
            inside = range(low * fine + 1, high * fine)
            for _ in range(_TRIES if inside else 0):
                point = self.point(source, low, high, fine, symmetric=symmetric)
                value = self.value(self.key, point)
                finite = value is not None and all(x.is_finite() for x in value)
                if finite and self.smooth(self.key, point):
                    yield point

    def point(
        self, source: random.Random, low: int, high: int, fine: int, *, symmetric: bool
    ) -> SamplePoint:
        import numpy

        exact: dict[str, Any] = {}
        order, nodes = self.graph.order, self.graph.tape.nodes
        for name, i in self.graph.inputs.items():
            shape, classes = nodes[i].shape, labels(self.graph.tape, order, i)
            array: Any = numpy.empty(shape, dtype=object)
            for place in numpy.ndindex(*shape):
                array[place] = (
                    Fraction(source.randint(low * fine + 1, high * fine - 1), fine)
                    if classes is None else Fraction(source.randrange(classes))
                )  # fmt: skip
            if symmetric and len(shape) == 2 and shape[0] == shape[1]:
                array = array + array.T
            exact[name] = array if shape else array[()]
        with working_precision(BITS):
            number = self.domain.base.number
            balls = {
                name: self.domain.each(number, x) if hasattr(x, "shape") else number(x)
                for name, x in exact.items()
            }
        return SamplePoint(exact, balls, {})

    def value(self, expr: Expr, point: SamplePoint) -> list[Any] | None:
        """The entries there; None where there is no value."""
        if expr.id not in point.values:
            order, known = self.tape.needed_for([expr.id]), point.values
            start = {i: known[i] for i in order if i in known}
            with working_precision(BITS):
                known.update(forward(self.tape, order, point.balls, self.domain, start=start))
        value = point.values[expr.id]
        if isinstance(value, Undefined):
            return None
        return [self.domain.base.number(x) if isinstance(x, int) else x for x in flat(value)]

    def smooth(self, expr: Expr, point: SamplePoint) -> bool:
        """Whether a formula that has a value there is off all its kinks."""
        nodes, ops = self.tape.nodes, self.tape.ops
        for i in self.tape.needed_for([expr.id]):
            node = nodes[i]
            row = ops[node.op] if node.operands else None
            if row is None or row.kink is None or row.selects or not row.elementwise:
                continue
            xs = [flat(point.values[k]) for k in node.operands]
            if any(isinstance(entries[0], Undefined) for entries in xs):
                continue
            if not all(settled(row, list(entries)) for entries in zip(*xs, strict=False)):
                return False
        return True

    def compared(self, a: Expr, b: Expr, point: SamplePoint) -> Outcome:
        """Whether two formulas have the same value there."""
        first, second = self.value(a, point), self.value(b, point)
        if first is None or second is None:
            return "undefined"
        if len(first) != len(second):
            return "different"
        if not (self.smooth(a, point) and self.smooth(b, point)):
            return "unknown"
        outcome: Outcome = "equal"
        with working_precision(BITS):
            for x, y in zip(first, second, strict=True):
                gap = x - y
                if not gap.is_finite():
                    outcome = "unknown"
                elif not gap.contains(0):
                    return "different"
                elif gap.rad() > (1 + abs(x.mid())) * 10**-DIGITS:
                    outcome = "unknown"
        return outcome

    def alike(self, a: Expr, b: Expr) -> bool:
        """Whether two formulas agree at all points of this choice."""
        return bool(self.points) and all(
            self.compared(a, b, point) == "equal" for point in self.points
        )

    def proved_alike(self, a: Expr, b: Expr) -> bool:
        """Whether two formulas are proved equal for all sizes."""
        return equal_entries(self.tape, a.id, b.id, named_sizes(self.graph))


@dataclass(eq=False)
class MatrixProblem:
    """The question for the gradient of a number in arrays."""

    base: Sized
    """With sizes that no two agree by chance."""
    settings: Settings

    @cached_property
    def sampled(self) -> list[Sized]:
        """The program with small sizes: not square, square, one."""
        base = self.base
        free = list(dict.fromkeys(
            n.name for shape in base.graph.shapes.values() for n in shape
            if isinstance(n, Dim) and n.letter
        ))  # fmt: skip
        count = len(free)
        ascending = [2 + k for k in range(count)]
        choices = [ascending, ascending[::-1], [3] * count, [1] * count, [1, *ascending][:count]]
        found = [base] if base.entries <= _MOST_ENTRIES else []
        for sizes in choices if free else ():
            graph = at_sizes(base.graph, dict(zip(free, sizes, strict=True)))
            if graph is not None:
                made = replace(base, graph=graph, like=base)
                if made.entries <= _MOST_ENTRIES:
                    found.append(made)
        return [made for made in [*found[1:], *found[:1]] if made.points]

    @cached_property
    def large(self) -> list[Sized]:
        """The program with two choices of sizes that no number in a formula is by chance."""
        return [
            replace(self.base, graph=graph, like=self.base)
            for graph, _ in islice(assumed(self.base.graph), 2)
        ]

    @cached_property
    def with_unit_targets(self) -> MatrixProblem | None:
        """The same question where targets sum to 1; None where that changes nothing."""
        targets = frozenset() if self.base.of_value else frozenset(self.base.targets)
        return MatrixProblem(replace(self.base, unit=targets), self.settings) if targets else None

    @cached_property
    def with_numbers(self) -> dict[tuple[str, ...], MatrixProblem]:
        """The same question where one or two of the variables that are taken for vectors, though
        nobody said so, are numbers: by their names."""
        graph, found = self.base.graph, dict[tuple[str, ...], MatrixProblem]()
        guessed = [n for n in graph.assumed if len(graph.shapes.get(n, ())) == 1][:_MOST_GUESSED]
        for names in (*combinations(guessed, 1), *combinations(guessed, 2)):
            made = remade(graph, {**graph.shapes, **dict.fromkeys(names, ())})
            if (
                made is not None
                and self.base.wrt in made.inputs
                and made.has_arrays
                and not made.tape.nodes[made.output].shape
            ):
                found[names] = MatrixProblem(replace(self.base, graph=made), self.settings)
        return found


def matrix_problem(graph: Graph, wrt: str | None, settings: Settings) -> MatrixProblem:
    """The problem "the gradient of this with respect to that".

    Raises GraphDiffError for a ``wrt`` that is none of its variables, Unsupported for a function
    whose value is an array, and where a form is asked for.
    """
    _without_form(settings)
    graph, wrt = in_variable(graph, wrt)
    graph = scalar_valued(graph)
    if graph.tape.nodes[graph.output].shape:
        raise Unsupported(
            "a gradient in symbols is that of a number, and this function is an array",
            hint="give a point to check the numbers of a program of arrays: --at",
        )
    return MatrixProblem(Sized(graph, wrt), settings)


def _without_form(settings: Settings) -> None:
    if settings.form != "any":
        raise Unsupported(
            f"no form ({settings.form}) can be asked of an answer in vectors and matrices",
            hint='leave the form out here: form = "any"',
        )


def value_problem(graph: Graph, name: str, settings: Settings) -> MatrixProblem:
    """The problem "what is this node" of a program of arrays."""
    _without_form(settings)
    return MatrixProblem(Sized(graph, name, of_value=True), settings)
