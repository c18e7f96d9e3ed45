"""The loop: step after step, watched for numbers that are none, and recorded."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from graphdiff.core.domains.array import lifted
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.support.collection import paused_collection
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import DomainError, GraphDiffError

from .engines import Engine, Turn
from .problem import Problem
from .recording import Log, Rows
from .settings import Chosen, Settings
from .trajectory import Trajectory

__all__ = ["Progress", "Record", "march", "run", "summed_up"]

Progress = Callable[[int], None]
"""Told, now and then, how many steps are done."""

ROWS, NUMBERS = 100_000, 4_000_000
"""Recorded steps of a run and numbers in them; longer runs keep every n-th step."""
_TURN = 2_000
"""Steps between two reports of progress."""


@dataclass(slots=True)
class Record:
    """What a run leaves behind while it goes on."""

    last: tuple[Any, ...]
    """The state after the steps that were taken."""
    rows: Sequence[tuple[Any, ...]]
    """Steps done, value, gradients, state."""
    taken: int = 0
    interrupted: bool = False
    overflowed: int | None = None


def stride_for(steps: int, numbers: int) -> int:
    """Every how many steps a run is recorded."""
    rows = max(2, min(ROWS, NUMBERS // max(numbers, 1)))
    return max(1, -(-steps // rows))


def march(
    engine: Engine, steps: int, *, stride: int = 1, progress: Progress | None = None
) -> Record:
    """Make the steps; stops where numbers end, or where somebody interrupts."""
    n = len(engine.state)
    log = Log(2 + engine.parameters + n)
    record = Record(engine.state, log)
    turn = engine.turn(stride)
    try:
        with paused_collection():
            while record.taken < steps and record.overflowed is None:
                end = min(steps, record.taken + _TURN)
                if turn is None or not _quick_turn(turn, record, log, end):
                    _turn(engine, record, log, end, stride)
                if progress is not None:
                    progress(record.taken)
    except KeyboardInterrupt:
        record.interrupted = True
        if log and log[-1][0] > record.taken:
            record.taken, record.last = int(log[-1][0]), log[-1][-n:]
    if record.overflowed is None:
        _close(engine, record, log, turn)
    return record


def _close(engine: Engine, record: Record, log: Log, turn: Turn | None) -> None:
    """Record the value and the gradient where the run ended."""
    if turn is not None and not (log and log[-1][0] == record.taken):
        with contextlib.suppress(ArithmeticError, ValueError):
            turn(range(record.taken + 1, record.taken + 2), log.keep, *record.last)
    if log and log[-1][0] == record.taken:
        return
    seen, _ = _one_step(engine, record.taken + 1, record.last)
    if _finite(seen[:1]) and _finite(record.last):
        log.keep((record.taken, *seen, *record.last))
    else:
        record.overflowed = record.taken


def _quick_turn(turn: Turn, record: Record, log: Log, end: int) -> bool:
    """Steps up to number ``end`` in one call; False, and nothing done, if numbers end in it."""
    rows = len(log)
    try:
        state = turn(range(record.taken + 1, end + 1), log.flat.extend, *record.last)
    except (ArithmeticError, ValueError):
        state = None
    if state is None or not _finite(state):
        log.cut(rows)
        return False
    record.last, record.taken = state, end
    return True


def _turn(engine: Engine, record: Record, log: Log, end: int, stride: int) -> None:
    """Steps up to number ``end``, one by one and watched."""
    before: tuple[Any, ...] | None = None
    for t in range(record.taken, end):
        seen, new = _one_step(engine, t + 1, record.last)
        if not (_finite(seen[:1]) and _finite(record.last)):
            record.overflowed = t
            if before is not None and log[-1][0] != t - 1:
                log.keep(before)  # the last finite step, where not all are kept
            return
        before = (t, *seen, *record.last)
        if t % stride == 0:
            log.keep(before)
        record.last, record.taken = new, t + 1


def _one_step(engine: Engine, t: int, state: tuple[Any, ...]) -> Any:
    try:
        return engine.step(t, *state)
    except (ArithmeticError, ValueError):
        return engine.careful(t, *state)


def _finite(xs: Sequence[Any]) -> bool:
    """Whether all are finite: numbers, or arrays of them."""
    if xs[0].__class__ is float:
        return all(map(math.isfinite, xs))
    import numpy as np

    return bool(np.isfinite(np.concatenate([np.ravel(x) for x in xs])).all())


def run(
    problem: Problem, chosen: Chosen, settings: Settings, engine: Engine,
    progress: Progress | None = None,
) -> Trajectory:  # fmt: skip
    """One optimizer from one start."""
    numbers = len(problem.entries) * (2 + len(chosen.rule.states)) + 2
    stride = stride_for(settings.steps, numbers)
    record = march(engine, settings.steps, stride=stride, progress=progress)
    return summed_up(problem, chosen, settings.tolerance, record)


def summed_up(problem: Problem, chosen: Chosen, tolerance: float, record: Record) -> Trajectory:
    """A record as a result.  Raises DomainError where not even the start has one in doubles."""
    if not record.rows:
        raise DomainError(
            f"at the start {_left(problem, record.last[: len(problem.start)])}",
            source=problem.graph.source, hint="a descent computes in doubles: scale the program, "
            "or start elsewhere",
        )  # fmt: skip
    rows = Rows(record.rows, len(problem.start), chosen.rule.states)
    overflow = record.overflowed
    reason = _left(problem, record.last[: rows.n]) if overflow is not None else ""
    if overflow is not None and not math.isfinite(rows.slope(-1)):
        reason = "there is no next point: the gradient before it is infinite or undefined"
    status, words = judged(rows, tolerance, overflow, reason)
    if status == "diverged" and overflow is None:
        words += f" after {record.taken:,} step{'s' * (record.taken != 1)}"
    final = {
        name: x if getattr(x, "shape", ()) else float(x)
        for name, x in zip(problem.start, rows.point(-1), strict=True)
    }
    return Trajectory(
        problem, chosen, tuple(problem.entries), final, rows.value(-1), record.taken, status, words,
        overflow, rows, record.interrupted,
    )  # fmt: skip


def judged(rows: Rows, tolerance: float, overflowed: int | None, why: str) -> tuple[str, str]:
    """Status and words.

    A run that is still made of numbers diverges if its gradient has grown a hundredfold and is
    the largest of the run at the end, or has grown a millionfold.
    """
    if overflowed is not None:
        return "diverged", f"diverged: at step {overflowed:,} {why}"
    first, last = rows.slope(0), rows.slope(-1)
    if last <= tolerance:
        return "converged", f"converged: the gradient is 0 up to {tolerance:g}"
    far = last > 1e6 * (first + 1)
    if far or (last > 100 * (first + 1) and last >= abs(rows.gradients).max()):
        return "diverged", f"diverges: the gradient has grown from {first:.3g} to {last:.3g}"
    return "running", f"still running: the gradient is up to {last:.3g}"


def _left(problem: Problem, xs: tuple[Any, ...]) -> str:
    """Why the value of these parameters is no number."""
    import numpy as np

    if not all(np.isfinite(x).all() for x in xs):
        return "a parameter left the range of doubles"
    graph, point = problem.graph, {**problem.fixed, **dict(zip(problem.start, xs, strict=True))}
    domain: Any = FLOAT if problem.scalar else lifted(FLOAT)
    try:
        value = forward(graph.tape, graph.order, point, domain)[graph.output]
    except GraphDiffError as error:
        return error.message
    if isinstance(value, Undefined):
        return value.error.message
    return "the value left the range of doubles"
