"""What is minimized, from where; and one step of a rule on it, as one graph of numbers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, reduce
from operator import add
from typing import Any, NamedTuple

from graphdiff.core.domains.array import lifted
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Dim, Shape, size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import SIGNS
from graphdiff.core.sweeps.backward import Pieces, gradient
from graphdiff.errors import BadPoint, DomainError, LimitExceeded
from graphdiff.language.reading.point import point_of, read_all, read_value
from graphdiff.program.formula import Formula
from graphdiff.program.graph import Graph, graph_of, parse
from graphdiff.program.initial import drawn
from graphdiff.program.unfold import entry_name, unfold

from .kinks import steady
from .rules import Rule

__all__ = ["Problem", "Step", "begun", "fused", "pose", "rule_graph", "written_out"]

MOST_ENTRIES = 1_000_000
"""Parameters of a program; each keeps some numbers per recorded step."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A program whose output is minimized."""

    graph: Graph
    start: dict[str, Any]
    """The parameters and where they start: floats, or arrays of doubles."""
    fixed: dict[str, Any]
    """The inputs that keep their values."""

    @property
    def entries(self) -> list[str]:
        """Names of all numbers that are changed: ``x``, ``W[0,1]``."""
        from numpy import ndindex, shape

        return [entry_name(n, place) for n, v in self.start.items() for place in ndindex(shape(v))]

    @property
    def scalar(self) -> bool:
        """Whether all is numbers."""
        return not self.graph.has_arrays


def pose(
    program: Formula | str, start: Mapping[str, Any] | str,
    fixed: Mapping[str, Any] | str | None = None, ops: Mapping[str, Op] | None = None,
) -> Problem:  # fmt: skip
    """A program with its start, checked: it has a value and a gradient there.

    Raises BadPoint, DomainError for a start outside the domain, ShapeMismatch, LimitExceeded.

    >>> pose("x^2 + a*y^2", {"x": 1, "y": "1/2"}, {"a": 3}).start
    {'x': 1.0, 'y': 0.5}
    """
    graph = graph_of(program, ops)
    start, fixed = point_of(start), point_of(fixed)
    twice = next((name for name in start if name in fixed), None)
    if twice is not None:
        raise BadPoint(f"{twice} has a start and a fixed value", hint="give it one of them")
    if not start:
        raise BadPoint("nothing to change: no variable has a start", hint="add --from x=1,y=2")
    trace = graph.backprop({**fixed, **start}, wrt=list(start)).complete()
    if isinstance(trace.convention, Pieces):
        message = (
            "the start is on kinks that cancel, or in a hole, where formulas miss the gradient"
        )
        raise DomainError(message, source=graph.source, hint="start beside it")
    graph = trace.graph.core
    domain = lifted(FLOAT) if graph.has_arrays else FLOAT
    constants = {name: read_value(name, value) for name, value in {**fixed, **start}.items()}
    values = read_all(constants, domain)
    problem = Problem(graph, {n: values[n] for n in start}, {n: values[n] for n in fixed})
    total = sum(size(graph.shapes[name]) for name in start)
    if total > MOST_ENTRIES:
        raise LimitExceeded(f"{total:,} parameters are more than {MOST_ENTRIES:,}")
    return problem


ROWS = Dim(997, "rows")
"""The number of rows, where shapes are looked for."""


def begun(
    program: Formula | str, start: Mapping[str, Any], init: str, seed: int, *,
    shapes: Mapping[str, Shape] | None = None, kept: Mapping[str, Shape] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The start, and for every variable that neither has one nor is ``kept`` one by chance:
    matrices by a rule (``he``, ``xavier``, ``lecun``, a standard deviation), biases 0.

    What nobody declared is a number where it would else have an entry for every row of data.
    Raises BadPoint, ShapeMismatch.

    >>> found = begun("sum(relu(W@x + b))", {}, "he", 0, shapes={"W": (3, 2)}, kept={"x": (2,)})
    >>> found["W"].shape, found["b"].tolist()
    ((3, 2), [0.0, 0.0, 0.0])
    """
    known = {name: read_value(name, value).shape for name, value in start.items()}
    graph = shaped(program, {**(shapes or {}), **known, **(kept or {})})
    point = {**dict.fromkeys(kept or {}), **start}
    return {**start, **drawn(graph, point, graph.inputs, init, seed)}


def shaped(
    program: Formula | str, shapes: Mapping[str, Shape], by_row: Iterable[str] = ()
) -> Graph:
    """The program with these shapes; what is assumed has no entries for every row of data, but for
    what is said to have."""
    source = graph_of(program)
    ops = source.recipe.ops if source.recipe else None
    graph = parse(source.source, ops, shapes=shapes)
    if graph.unshaped is not None:
        raise graph.unshaped
    numbers = [n for n in graph.assumed if ROWS in graph.shapes[n] and n not in {*shapes, *by_row}]
    if not numbers:
        return graph
    return parse(source.source, ops, shapes={**shapes, **dict.fromkeys(numbers, ())})


def written_out(problem: Problem) -> Problem:
    """The same over the entries of its arrays.  Raises LimitExceeded for large programs."""
    from numpy import asarray, ndenumerate

    if problem.scalar:
        return problem

    def entries(values: Mapping[str, Any]) -> dict[str, float]:
        return {
            entry_name(name, place): float(value)
            for name, array in values.items()
            for place, value in ndenumerate(asarray(array))
        }

    graph, _ = unfold(problem.graph)
    return Problem(graph, entries(problem.start), entries(problem.fixed))


class Step(NamedTuple):
    """One update as a graph: inputs are parameters, state (``v:x``), ``t`` and settings."""

    tape: Tape
    value: int
    gradients: list[int]
    states: list[list[int]]
    """The new state, for every name of the rule's states one node per parameter."""
    updated: list[int]
    """The new parameters."""
    hessian: list[list[int]]
    """Second derivatives, for Newton's rule."""

    @property
    def roots(self) -> list[int]:
        """All results."""
        flat = [i for row in [*self.states, *self.hessian] for i in row]
        return [self.value, *self.gradients, *flat, *self.updated]


def setting(name: str) -> str:
    """How a step calls a rule's settings; no variable of a program is called so."""
    return f"@{name}"


def state_name(state: str, variable: str) -> str:
    """How a step calls what a rule keeps of a variable."""
    return f"{state}:{variable}"


def rule_graph(rule: Rule, shapes: Mapping[str, Any] | None = None) -> Graph:
    """The rule's program, as any other program is read."""
    return parse(rule.program, shapes=shapes) if shapes else _rule_graph(rule.program)


@cache
def _rule_graph(program: str) -> Graph:
    return parse(program)


def fused(problem: Problem, rule: Rule) -> Step:
    """Value, gradient and the rule for every parameter, in one graph of numbers.

    The gradient is the reverse sweep as formulas.
    Raises NotDifferentiable.
    """
    tape = steady(problem.graph.tape)
    nodes = [problem.graph.inputs[name] for name in problem.start]
    gradients = gradient(tape, problem.graph.output, nodes)
    ids = [e.id for e in gradients]
    if rule.name == "newton":
        rows = [[e.id for e in gradient(tape, g.id, nodes)] for g in gradients]
        return Step(tape, problem.graph.output, ids, [], [], rows)
    program = rule_graph(rule)
    states: list[list[int]] = [[] for _ in rule.states]
    updated = []
    norm = {"norm": _norm(tape, ids)} if rule.needs_norm else {}
    for name, node, slope in zip(problem.start, nodes, gradients, strict=True):
        leaves = {"x": node, "g": slope.id, **norm}
        leaves |= {s: tape.make("input", (), state_name(s, name)) for s in rule.states}
        made = _instance(tape, program, leaves)
        for kept, state in zip(states, rule.states, strict=True):
            kept.append(made[program.names[f"{state}2"]])
        updated.append(made[program.names["x2"]])
    return Step(tape, problem.graph.output, ids, states, updated, [])


def _norm(tape: Tape, nodes: Sequence[int]) -> int:
    """The length of a vector of nodes."""
    squares = [Expr(tape, i) ** 2 for i in nodes]
    return apply(tape, SIGNS["√"], reduce(add, squares)).id


def _instance(tape: Tape, program: Graph, leaves: Mapping[str, int]) -> dict[int, int]:
    """Copy a rule to a tape with its inputs in place; new ids by old ones."""
    nodes, moved = program.tape.nodes, dict[int, int]()
    for i, node in enumerate(nodes):
        if node.op == "input":
            known = leaves.get(node.attr)
            moved[i] = tape.make("input", (), setting(node.attr)) if known is None else known
    return program.tape.rewritten(range(len(nodes)), tape.make, moved)
