"""Stochastic gradient descent on rows of data: minibatches, one row, or all of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.shape import Shape
from graphdiff.errors import BadPoint, LimitExceeded, Unsupported
from graphdiff.language.reading.point import point_of, read_value
from graphdiff.program.formula import Formula
from graphdiff.program.graph import Graph, graph_of, parse

from .chance import Chance
from .data import Batches, Columns, Data
from .engines import Engine, array_engine
from .problem import ROWS, Problem, begun, pose, shaped
from .running import Progress, march, stride_for, summed_up
from .settings import MOST_STEPS, Settings
from .trajectory import Curves, Trajectory
from .wishes import Wish, wishes

__all__ = ["Training", "inputs_of", "train"]


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
    chances: Mapping[str, Chance] | None = None
    """Variables that are drawn anew for every row of every step; what is only measured (losses over
    all rows, the end of a run) has their means."""
    init: str | None = None
    """The rule by which variables start that are no columns and have no start."""
    shapes: Mapping[str, Shape] | None = None
    """Shapes of those."""


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
    if how.init is not None:
        start = _started(program, start, taught, how)
    losses = _Losses(program, start, taught, how)
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
        rows = {n: x[seen] for n, x in problem.fixed.items()}
        return losses.graph(len(seen)), {**rows, **losses.drawn(len(seen), t, how.seed)}

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


def _columns(names: Iterable[str], how: Training) -> dict[str, Columns]:
    """The columns of each variable; one that is declared to have two axes is a matrix."""
    given, declared, found = how.columns or {}, how.shapes or {}, dict[str, Columns]()
    for name in names:
        if name not in (how.chances or {}):
            own = given.get(name, [name])
            found[name] = Columns(own, len(own) > 1 or len(declared.get(name, ())) == 2)
    return found


def _started(
    program: Formula | str, start: Mapping[str, Any], data: Data, how: Training
) -> dict[str, Any]:
    """The start, with what it leaves out drawn."""
    names = [
        n for n in inputs_of(graph_of(program)) if n in (how.columns or {}) or n in data.columns
    ]
    columns = _columns([n for n in names if n not in start], how)
    kept = {name: of.shape(ROWS) for name, of in columns.items()}
    kept |= _by_row(program, {**(how.shapes or {}), **_shapes(start), **kept}, how)
    assert how.init is not None
    return begun(program, start, how.init, how.seed, shapes=how.shapes, kept=kept)


def _by_row(program: Formula | str, shapes: Mapping[str, Shape], how: Training) -> dict[str, Shape]:
    """The shapes of what chance draws: each has a part of its own for every row.  Raises
    BadPoint."""
    if not how.chances:
        return {}
    graph = shaped(program, shapes, how.chances)
    found = {}
    for name in how.chances:
        if name not in graph.inputs:
            hint = f"its variables: {', '.join(graph.inputs)}"
            raise BadPoint(
                f"the program has no variable {name}, of which --random speaks", hint=hint
            )
        own = graph.shapes[name]
        found[name] = own if own[:1] == (ROWS,) else (ROWS, *own)
    return found


def _shapes(start: Mapping[str, Any]) -> dict[str, Shape]:
    return {name: read_value(name, value).shape for name, value in start.items()}


class _Losses:
    """The program for every number of rows that a step may see."""

    def __init__(
        self, program: Formula | str, start: Mapping[str, Any], data: Data, how: Training
    ) -> None:
        self.shapes = _shapes(start)
        self.program = graph_of(program)
        inputs = inputs_of(self.program)
        self.names = _columns([name for name in inputs if name not in start], how)
        if not self.names:
            raise BadPoint(
                "the program reads no column of the data",
                hint=f"{data.name} has {', '.join(list(data.columns)[:12])}",
            )
        stray = next((name for name in how.columns or {} if name not in self.names), None)
        if stray is not None:
            raise BadPoint(f"the program has no variable {stray} without a start")
        self.chances = how.chances or {}
        columns = {name: of.shape(ROWS) for name, of in self.names.items()}
        self.by_row = _by_row(program, {**self.shapes, **columns}, how)
        self.made: dict[int, Graph] = {}

    def bound(self, data: Data) -> dict[str, Any]:
        """The values of the variables that are columns, and the means of those that are drawn."""
        import numpy as np

        means = {
            name: np.full((len(data), *shape[1:]), self.chances[name].mean)
            for name, shape in self.by_row.items()
        }
        return {**data.bound(self.names), **means}

    def drawn(self, rows: int, step: int, seed: int) -> dict[str, Any]:
        """What chance gives the rows of a step."""
        return {
            name: self.chances[name].drawn((rows, *shape[1:]), seed, step, k + 1)
            for k, (name, shape) in enumerate(self.by_row.items())
        }

    def graph(self, rows: int) -> Graph:
        """The loss of so many rows, as a number."""
        if rows not in self.made:
            wide = {name: of.shape(rows) for name, of in self.names.items()}
            wide |= {name: (rows, *shape[1:]) for name, shape in self.by_row.items()}
            ops = self.program.recipe.ops if self.program.recipe else None
            shapes: dict[str, Shape] = {**self.shapes, **wide}
            self.made[rows] = _averaged(parse(self.program.source, ops, shapes=shapes))
        return self.made[rows]


def inputs_of(graph: Graph) -> list[str]:
    """The names of a program's variables, also where its shapes are not known."""
    return list(graph.inputs) if graph.unshaped is None else _mentioned(graph)


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
