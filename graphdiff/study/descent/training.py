"""Stochastic gradient descent on rows of data: minibatches, one row, or all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.shape import Shape
from graphdiff.errors import BadPoint, LimitExceeded, Unsupported
from graphdiff.language.reading.point import point_of, read_value
from graphdiff.program.formula import Formula
from graphdiff.program.graph import Graph, graph_of, parse

from .data import Batches, Data
from .engines import Engine, array_engine
from .problem import Problem, pose
from .running import Progress, march, stride_for, summed_up
from .settings import MOST_STEPS, Settings
from .trajectory import Curves, Trajectory
from .wishes import Wish, wishes

__all__ = ["Training", "train"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How rows are used."""

    batch: int | None = 32
    """Rows of one step; None for all of them."""
    epochs: int = 5
    shuffle: bool = False
    seed: int = 0
    validation: Data | float | None = None
    """Data, or the share of the rows, that only measures."""
    columns: Mapping[str, Sequence[str]] | None = None
    """Columns of a variable, where it is not called like one."""


def train(
    program: Formula | str,
    data: Data,
    start: Mapping[str, Any] | str,
    optimizer: str | Wish = "sgd",
    training: Training | None = None,
    *,
    progress: Progress | None = None,
    told: Mapping[str, Any] | None = None,
    **options: Any,
) -> Trajectory:
    """Minimize the mean of a program over the rows of data.

    Variables without a start are columns: vectors with one entry per row of the batch.  The
    program is a loss of the batch (``mean((w*x + b - y)^2)``), or of a row, which is averaged.
    A row of the result holds the loss of its batch; ``value`` is the loss over all rows.  Settings
    of the optimizer may stand in its brackets; ``told`` is what its label says beside them.

    Raises BadPoint, ShapeMismatch, DomainError, LimitExceeded.
    """
    how = training or Training()
    [wish] = wishes([optimizer], options)
    if wish.optimizer == "newton":
        raise Unsupported("newton does not train on batches", hint="use --data without newton")
    taught, held = _split(data, how)
    start = point_of(start)
    losses = _Losses(program, start, taught, how.columns or {})
    problem = pose(losses.graph(len(taught)), start, losses.bound(taught))
    rows = len(taught)
    batches = Batches(rows, _batch(how, rows), how.seed if how.shuffle else None)
    steps = how.epochs * batches.per_epoch
    if steps > MOST_STEPS:
        raise LimitExceeded(f"{steps:,} steps are more than {MOST_STEPS:,}")
    wish = wish._replace(options={**wish.options, "steps": steps})
    settings, chosen = Settings(**wish.options), wish.chosen(**(told or {}))

    def batch(t: int) -> tuple[Graph, Mapping[str, Any]]:
        if t > steps:  # what is left to do is to judge where the run ended
            return problem.graph, problem.fixed
        seen = batches.of(t - 1)
        return losses.graph(len(seen)), {n: x[seen] for n, x in problem.fixed.items()}

    curves = _Curves(problem, losses, held, batches.per_epoch)
    engine = curves.watched(array_engine(problem, chosen, batch))
    stride = stride_for(steps, len(problem.entries) * (2 + len(chosen.rule.states)) + 2)
    record = march(engine, steps, stride=stride, progress=progress)
    found = summed_up(problem, chosen, settings.tolerance, record)
    return replace(found, curves=curves.finished(record.taken))


def _batch(how: Training, rows: int) -> int:
    """The rows of one step.  Raises BadPoint."""
    if how.epochs < 0:
        raise BadPoint(f"the number of epochs is {how.epochs}", hint="it must not be negative")
    if how.batch is not None and how.batch < 1:
        raise BadPoint(f"a batch of {how.batch} rows", hint="a batch has at least one row")
    return rows if how.batch is None else min(how.batch, rows)


def _split(data: Data, how: Training) -> tuple[Data, Data | None]:
    if how.validation is None or isinstance(how.validation, Data):
        return data, how.validation
    return data.split(how.validation, how.seed if how.shuffle else None)


class _Losses:
    """The program for every number of rows that a step may see."""

    def __init__(
        self, program: Formula | str, start: Mapping[str, Any], data: Data,
        columns: Mapping[str, Sequence[str]],
    ) -> None:  # fmt: skip
        self.shapes = {name: read_value(name, value).shape for name, value in start.items()}
        graph = graph_of(program)
        self.program = graph
        inputs = list(graph.inputs) if graph.unshaped is None else _mentioned(graph)
        self.names: dict[str, Sequence[str]] = {
            name: columns.get(name, [name]) for name in inputs if name not in start
        }
        if not self.names:
            raise BadPoint(
                "the program reads no column of the data",
                hint=f"{data.name} has {', '.join(list(data.columns)[:12])}",
            )
        stray = next((name for name in columns if name not in self.names), None)
        if stray is not None:
            raise BadPoint(f"the program has no variable {stray} without a start")
        self.made: dict[int, Graph] = {}

    def bound(self, data: Data) -> dict[str, Any]:
        """The values of the variables that are columns."""
        return data.bound(self.names)

    def graph(self, rows: int) -> Graph:
        """The loss of so many rows, as a number."""
        if rows not in self.made:
            wide = {n: ((rows,) if len(c) == 1 else (rows, len(c))) for n, c in self.names.items()}
            shapes: dict[str, Shape] = {**self.shapes, **wide}
            ops = self.program.recipe.ops if self.program.recipe else None
            self.made[rows] = _averaged(parse(self.program.source, ops, shapes=shapes))
        return self.made[rows]


def _mentioned(graph: Graph) -> list[str]:
    from graphdiff.language.reading.shapes import declarations, variables

    return list(dict.fromkeys(variables(declarations(graph.written)[0])))


def _averaged(graph: Graph) -> Graph:
    """The mean of the output, unless it is a number already."""
    if not graph.tape.nodes[graph.output].shape:
        return graph
    tape = graph.tape.fork()
    output = apply(tape, "mean", Expr(tape, graph.output)).id
    return Graph(tape, output, graph.names, graph.inputs, graph.written, graph.groups, graph.recipe)


class _Curves:
    """Losses over all rows, before the first epoch and after each."""

    def __init__(
        self, problem: Problem, losses: _Losses, held: Data | None, per_epoch: int
    ) -> None:
        self.problem, self.per_epoch = problem, per_epoch
        self.sets = [(problem.graph, problem.fixed)]
        if held is not None:
            self.sets.append((losses.graph(len(held)), losses.bound(held)))
        self.found: dict[int, list[float]] = {}
        self.last: tuple[Any, ...] = ()

    def watched(self, engine: Engine) -> Engine:
        """The engine, measured whenever an epoch begins or the run ends."""

        def step(t: int, *state: Any) -> Any:
            if (t - 1) % self.per_epoch == 0:
                self.found[t - 1] = self.measure(state)
            self.last = state
            return engine.step(t, *state)

        return replace(engine, step=step)

    def measure(self, state: Sequence[Any]) -> list[float]:
        """The loss on the rows to train with, and on those to validate with."""
        names = self.problem.start
        found = []
        for graph, data in self.sets:
            plan = graph.plan([])
            point = {**data, **dict(zip(names, state[: len(names)], strict=True))}
            found.append(float(plan.forward(point)[graph.output]))
        return found

    def finished(self, taken: int) -> Curves:
        """The curves; a run that was stopped within an epoch ends with a part of one."""
        self.found.setdefault(taken, self.measure(self.last))
        found = sorted(item for item in self.found.items() if item[0] <= taken)
        validation = tuple(row[1] for _, row in found) if len(self.sets) > 1 else None
        epochs = tuple(t / self.per_epoch for t, _ in found)
        return Curves(epochs, tuple(row[0] for _, row in found), validation)
