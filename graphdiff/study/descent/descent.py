"""Run optimizers on a program: one, or many side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

from graphdiff.core.ir.op import Op
from graphdiff.core.support.collection import paused_collection
from graphdiff.errors import DomainError, UnknownName
from graphdiff.language.reading.point import point_of
from graphdiff.program.formula import Formula
from graphdiff.program.graph import graph_of

from .engines import engine_for
from .lanes import ENOUGH, Lane, run_lanes
from .problem import Problem, pose, written_out
from .running import Progress, run
from .settings import Chosen, Settings
from .trajectory import Descent, Trajectory
from .wishes import Wish, wishes

__all__ = ["compare", "descend"]

BACKENDS = ("python", "compiled")
_SHOWN = 2
"""Numbers of a start that a label tells."""


def descend(
    program: Formula | str,
    start: Mapping[str, Any] | str | None = None,
    optimizer: str = "sgd",
    *,
    fixed: Mapping[str, Any] | str | None = None,
    backend: str = "python",
    progress: Progress | None = None,
    ops: Mapping[str, Op] | None = None,
    **options: Any,
) -> Trajectory:
    """Minimize a program from a start; options are those of ``Settings``, and those of the
    optimizer may also stand in its brackets: ``"adam(lr=0.3)"``.

    The start is ``{"x": 10}``, ``"x=10"`` or keywords, ``x=10``, that are no options; so is
    ``fixed``, which holds what keeps its value.

    Raises BadPoint, DomainError, UnknownName, LimitExceeded.

    >>> run = descend("x^2", {"x": 10}, lr=0.2, steps=10)
    >>> round(run.final["x"], 6), run.status
    (0.060466, 'running')
    """
    known = {field.name for field in fields(Settings)}
    given = {name: value for name, value in options.items() if name in known}
    graph = graph_of(program, ops)
    values = {name: value for name, value in options.items() if name not in known}
    begun = point_of(start, values, graph.known, [*known, *(descend.__kwdefaults__ or ())])
    with paused_collection():
        problem = pose(graph, begun, fixed)
        [wish] = wishes([optimizer], given)
        return _one(problem, wish.chosen(), Settings(**wish.options), backend, progress)


def compare(
    program: Formula | str,
    starts: Mapping[str, Any] | str | Sequence[Mapping[str, Any] | str],
    optimizers: Sequence[str | Wish] = ("sgd",),
    *,
    lrs: Sequence[float] | None = None,
    fixed: Mapping[str, Any] | str | None = None,
    backend: str = "python",
    progress: Progress | None = None,
    ops: Mapping[str, Op] | None = None,
    **options: Any,
) -> Descent:
    """Several optimizers, settings and starts on one program, in this order.

    An optimizer may have settings of its own (``"adam(lr=0.3)"``), and an option of ``Settings``
    several values. Runs of one rule are vectorized where there are many of them.

    >>> found = compare("x^2", {"x": 1}, ["sgd", "momentum"], lrs=[0.1, 0.5], steps=5)
    >>> [(run.label, round(run.value, 4)) for run in found.runs]
    [('sgd, lr 0.1', 0.1074), ('sgd, lr 0.5', 0.0),
     ('momentum, lr 0.1', 0.3369), ('momentum, lr 0.5', 0.643)]
    """
    for_all = {name: options[name] for name in ("steps", "tolerance") if name in options}
    settings = Settings(**for_all)
    points = [starts] if isinstance(starts, Mapping | str) else list(starts)
    problems = [pose(program, point, fixed, ops) for point in points]
    lanes = [
        Lane(problem, wish.chosen(**(_told(problem) if len(points) > 1 else {})))
        for wish in wishes(optimizers, options, lrs) for problem in problems
    ]  # fmt: skip
    wanted = [lane.chosen for lane in lanes]
    found: dict[int, Trajectory] = {}
    for program_text in dict.fromkeys(chosen.rule.program for chosen in wanted):
        own = [k for k, lane in enumerate(lanes) if lane.chosen.rule.program == program_text]
        if len(own) >= ENOUGH and _vectorizes(lanes[own[0]]):
            made = run_lanes([lanes[k] for k in own], settings, progress)
            found |= dict(zip(own, made, strict=True))
        else:
            for k in own:
                found[k] = _one(*lanes[k], settings, backend, progress)
                if found[k].interrupted:
                    break
        if any(run.interrupted for run in found.values()):
            break
    runs = tuple(found[k] for k in sorted(found))
    return Descent(runs)


def _told(problem: Problem) -> dict[str, str]:
    """A start in words, as long as they are few."""
    numbers = problem.start.items()
    if not problem.scalar or len(numbers) > _SHOWN:
        return {}
    return {"from": "from " + ", ".join(f"{name} = {value:g}" for name, value in numbers)}


def _vectorizes(lane: Lane) -> bool:
    """Whether arrays with one entry per run can stand for its numbers.

    With ``where``, a branch that is not taken may have no value (0 times NaN is NaN).
    """
    graph = lane.problem.graph
    branches = any(graph.tape.selects(i) for i in graph.order)
    return lane.problem.scalar and lane.chosen.optimizer != "newton" and not branches


def _one(
    problem: Problem, chosen: Chosen, settings: Settings, backend: str, progress: Progress | None
) -> Trajectory:
    if chosen.optimizer == "newton":
        problem = written_out(problem)
    if backend not in BACKENDS:
        raise UnknownName(f"there is no backend {backend!r}", hint=f"use {' or '.join(BACKENDS)}")
    try:
        engine = engine_for(problem, chosen, compiled=backend == "compiled")
    except OverflowError:
        message = "a constant of the gradient is beyond 1.8e308, the range of doubles"
        raise DomainError(message, hint="scale the program, or its variables") from None
    return run(problem, chosen, settings, engine, progress)
