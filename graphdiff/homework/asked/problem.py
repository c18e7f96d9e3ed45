"""What was asked: a function and its derivative on one tape, with their values at the points."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import Limits
from graphdiff.core.sweeps.backward import gradient
from graphdiff.errors import GraphDiffError, Unsupported
from graphdiff.language.handwriting import Vocabulary
from graphdiff.language.handwriting.settings import Settings
from graphdiff.language.handwriting.words import FUNCTIONS
from graphdiff.program.graph import Graph, parse

from .evaluation import Evaluator, Missing, There, settled
from .points import Point, sample_points, special_points

__all__ = ["BITS", "Place", "Problem", "Values", "derivative", "expression", "in_variable"]

BITS = 64
"""Precision of the first look at every point."""
SAMPLES, SPECIALS = 16, 10
_CUSTOMARY = ("f", "y")
"""What people call the whole function where the program does not."""
_WRITTEN_OUT = 4096
"""Bits before or behind the point of numbers that are written out."""
LIMITS = Limits(text=20_000, depth=200, nodes=20_000)


@dataclass(frozen=True, slots=True)
class Place:
    """A point, and what the problem's own nodes are there."""

    point: Point
    known: dict[int, Any]
    there: There
    """The point in balls."""
    usable: bool | None
    """Whether the function has a value here and is off all its kinks; None if that is not known."""


@dataclass(frozen=True, eq=False)
class Problem:
    """A key that answers are compared with.

    >>> p = derivative("x^2*sin(y)", "x")
    >>> list(p.inputs), p.wrt
    (['x', 'y'], 'x')
    """

    tape: Tape
    key: int
    inputs: dict[str, int]
    settings: Settings
    function: int | None = None
    """The differentiated function: points where it has no value or a kink are not looked at."""
    wrt: str = ""
    graph: Graph | None = None

    @cached_property
    def order(self) -> list[int]:
        """Ids of all nodes of key and function, operands first."""
        roots = [self.key] if self.function is None else [self.key, self.function]
        return self.tape.needed_for(roots)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Variables, in the order of the coordinates of points."""
        return tuple(self.inputs)

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The names that an answer may use."""
        variables = tuple(self.inputs)
        if self.graph is None or self.function is None:
            return Vocabulary(variables)
        values = {name: i for name, i in self.graph.names.items() if name not in self.inputs}
        depends = self._dependences([*values.values(), self.function])
        given = next((name for name, i in values.items() if i == self.function), "")
        customary = [n for n in _CUSTOMARY if n not in self.inputs and n not in values]
        return Vocabulary(
            variables,
            tuple((name, depends[i]) for name, i in values.items()),
            tuple((name, depends[self.function]) for name in customary),
            given,
            tuple((name, tuple(self.inputs)) for name in self._gates),
            self.wrt,
        )

    def _dependences(self, nodes: list[int]) -> dict[int, tuple[str, ...]]:
        """The variables that each node depends on."""
        bits = {i: 1 << k for k, i in enumerate(self.inputs.values())}
        found: dict[int, int] = {}
        for i in self.tape.needed_for(nodes):
            found[i] = bits.get(i, 0)
            for k in self.tape.nodes[i].operands:
                found[i] |= found[k]
        return {
            i: tuple(name for name, k in self.inputs.items() if found[i] & bits[k]) for i in nodes
        }

    @cached_property
    def known(self) -> dict[str, int]:
        """The nodes of all names: variables, what the program defines, and ``f`` and ``y``."""
        found = dict(self.inputs)
        if self.graph is not None and self.function is not None:
            found |= {n: i for n, i in self.graph.names.items() if n not in found}
            found |= {n: self.function for n in _CUSTOMARY if n not in found}
            found = self._gates | found
        return found

    @cached_property
    def _gates(self) -> dict[str, int]:
        """The only gate of a function by the function's name: ``σ`` in ``σ(1 - σ)``."""
        gates: dict[str, list[int]] = {}
        for i in self._function_order:
            gates.setdefault(self.tape.nodes[i].op, []).append(i)
        alone = {op: found[0] for op, found in gates.items() if len(found) == 1}
        return {name: alone[f.op] for name, f in FUNCTIONS.items() if f.op in alone}

    @cached_property
    def _function_order(self) -> list[int]:
        return [] if self.function is None else self.tape.needed_for([self.function])

    @cached_property
    def kinks(self) -> list[tuple[int, ...]]:
        """Operands of the function's gates whose kink is at 0 or where they tie."""
        nodes, ops = [self.tape.nodes[i] for i in self._function_order], self.tape.ops
        inner = [node for node in nodes if node.operands]
        found = [node.operands[:1] for node in inner if _at_zero(ops[node.op])]
        # Of three that tie, two may tie below the largest: that is no kink.
        ties = [node.operands for node in inner if _has_ties(ops[node.op])]
        return found + [operands for operands in ties if len(operands) == 2]

    @cached_property
    def _places(self) -> list[Place]:
        return []

    def places(self) -> Iterator[Place]:
        """Where answers are compared first, with values at ``BITS`` bits (kept between answers)."""
        yield from self._places
        points = self._points
        while len(self._places) < len(points):
            self._places.append(self.place(points[len(self._places)], BITS))
            yield self._places[-1]

    @cached_property
    def _points(self) -> tuple[Point, ...]:
        n = len(self.names)
        if not n:
            return ((),)
        # The answer's domain shows at special points; most wrong answers end at the first sample.
        return sample_points(n, SAMPLES) + special_points(n, SPECIALS)

    @cached_property
    def simple_places(self) -> list[Place]:
        """Points that a reader can follow in his head, for witnesses."""
        n = len(self.names)
        rows = (
            [Fraction(a + k, b) for k in range(n)] for a, b in ((2, 1), (1, 1), (1, 2), (-2, 1))
        )
        return [self.place(tuple(row), BITS) for row in rows] if n else []

    def place(self, point: Point, bits: int) -> Place:
        """The problem's own values at a point."""
        with working_precision(bits):
            evaluator = Evaluator(self.tape, odd_roots=self.settings.odd_roots)
            there = coordinates(evaluator, self.names, point)
            known = evaluator.run(self.order, there)
        return Place(point, known, there, self.usable(known))

    def beside_kink(self, known: Mapping[int, Any]) -> bool:
        """Whether the function may be on a kink, as far as these balls tell."""
        nodes, ops = self.tape.nodes, self.tape.ops
        for i in self._function_order:
            op, operands = nodes[i].op, nodes[i].operands
            xs = [known[k] for k in operands]
            kinked = bool(operands) and not ops[op].selects and ops[op].kink is not None
            if kinked and Missing.UNKNOWN not in xs and not settled(ops[op], xs):
                return True
        return False

    def usable(self, known: Mapping[int, Any]) -> bool | None:
        """Whether the function has a value there and is off all its kinks; None: not known."""
        nodes, ops = self.tape.nodes, self.tape.ops
        sure = True
        for i in self._function_order:
            value = known[i]
            if value is Missing.UNDEFINED:
                return False
            if value is Missing.UNKNOWN:
                sure = False
                continue
            node = nodes[i]
            row = ops[node.op] if node.operands else None
            kink = None if row is None or row.selects else row.kink
            if kink is None:
                continue
            xs = [known[k] for k in node.operands]
            if _on(kink.at, xs):
                return False
            # A ball around the kink of |sin(πx)| may be on it.
            sure &= all(x.is_exact() for x in xs) or settled(ops[node.op], xs)
        return True if sure else None


class Values:
    """Nodes of a tape that continues a problem's, at its places; each is computed once there.

    ``decimals`` gives midpoint and radius of inputs that stand for rounded numbers.
    """

    def __init__(
        self, problem: Problem, tape: Tape,
        decimals: Mapping[str, tuple[Fraction, Fraction]] | None = None,
    ) -> None:  # fmt: skip
        self.problem, self.tape, self.decimals = problem, tape, decimals or {}
        self.evaluator = Evaluator(tape, odd_roots=problem.settings.odd_roots)
        self._known = frozenset(problem.order)
        self._orders: dict[int, list[int]] = {}
        self._values: dict[int, dict[int, Any]] = {}

    def order(self, node: int) -> list[int]:
        """What a node needs beyond the problem's own nodes, operands first."""
        if node not in self._orders:
            nodes, needed, waiting = self.tape.nodes, set[int](), [node]
            while waiting:
                i = waiting.pop()
                if i not in needed and i not in self._known:
                    needed.add(i)
                    waiting.extend(nodes[i].operands)
            self._orders[node] = sorted(needed)
        return self._orders[node]

    def value(self, node: int, place: Place) -> Any:
        """A ball or ``Missing``."""
        return self.at(node, place)[node]

    def at(self, node: int, place: Place) -> Mapping[int, Any]:
        """All that is known there, with this node and those that it needs."""
        values = self._values.get(id(place))
        if values is None:
            values = self._values[id(place)] = dict(place.known)
        if node not in values:
            nodes, evaluator = self.tape.nodes, self.evaluator
            fresh = [i for i in self.order(node) if i not in values]
            known = {k: values[k] for i in fresh for k in nodes[i].operands if k in values}
            with working_precision(BITS):
                point = coordinates(evaluator, self.problem.names, place.point)
                for name, (middle, radius) in self.decimals.items():
                    point[name] = evaluator.balls.arb(
                        evaluator.number(middle), evaluator.number(radius).upper()
                    )
                values.update(evaluator.run(fresh, point, known))
        return values


def _at_zero(row: Op) -> bool:
    """Whether the one kink of a row is where its first operand is 0."""
    return row.curve.singular == (0,) and row.kink is not None


def _has_ties(row: Op) -> bool:
    """Whether the kink is where operands tie; at a = b alone nothing is on another side."""
    one, other = Fraction(0), Fraction(1)
    return bool(row.kink and row.kink.tie) or (
        row.condition and row.value(RATIONAL, one, other) != row.value(RATIONAL, other, one)
    )


def coordinates(evaluator: Evaluator, names: tuple[str, ...], point: Point) -> There:
    """A point as balls by variable."""
    exact = dict(zip(names, point, strict=True))
    return There({name: evaluator.number(x) for name, x in exact.items()}, exact)


def _on(at: Any, xs: list[Any]) -> bool:
    if all(x.is_exact() for x in xs):
        xs = [_fraction(x) for x in xs]  # floor's kink asks for int(x), which no ball has
    try:
        return bool(at(*xs))
    except (ValueError, TypeError, ArithmeticError):
        return False


def _fraction(ball: Any) -> Any:
    """The number of an exact ball; itself where that is far from 1."""
    mantissa, exponent = ball.mid().man_exp()
    near = abs(int(exponent)) < _WRITTEN_OUT
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent) if near else ball


def in_variable(graph: Graph, wrt: str | None) -> tuple[Graph, str]:
    """The graph with what is asked about as a variable, and its name: by default the only input.

    Raises GraphDiffError.
    """
    if wrt is None:
        if len(graph.inputs) != 1:
            raise GraphDiffError(
                f"with respect to which of {', '.join(graph.inputs)}?", hint="name it: wrt"
            )
        wrt = next(iter(graph.inputs))
    if wrt in graph.names:
        graph = graph.freed(wrt)
    if wrt not in graph.inputs:
        raise GraphDiffError(
            f"{wrt!r} is no variable of {graph.source or graph}",
            hint=f"its variables are {', '.join(graph.inputs)}",
        )
    return graph, wrt


def derivative(function: str | Graph, wrt: str | None, settings: Settings | None = None) -> Problem:
    """The problem "differentiate this with respect to that".

    Raises ParseError and the like for the function; GraphDiffError for a ``wrt`` that is none of
    its variables; Unsupported for a function of arrays.
    """
    graph = parse(function, limits=LIMITS) if isinstance(function, str) else function
    if graph.has_arrays:
        raise Unsupported(
            "a derivative in symbols is checked for functions of numbers",
            hint="give a point to check the numbers of a program of arrays: --at",
        )
    graph, wrt = in_variable(graph, wrt)
    graph = graph.merged
    tape = graph.tape.fork()
    key = gradient(tape, graph.output, [graph.inputs[wrt]])[0].id
    inputs = dict(graph.inputs)
    return Problem(tape, key, inputs, settings or Settings(), graph.output, wrt, graph)


def expression(tape: Tape, key: int, inputs: dict[str, int], settings: Settings) -> Problem:
    """The problem "is it equal to this expression"."""
    return Problem(tape, key, inputs, settings)
