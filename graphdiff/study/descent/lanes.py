"""Many runs of one rule at once: every number of a step is an array with one entry per run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, overload

from .engines import state_inputs
from .kernels import lowered
from .problem import Problem, fused, setting
from .running import Progress, Record, summed_up
from .settings import Chosen, Settings
from .trajectory import Trajectory

__all__ = ["ENOUGH", "run_lanes"]

ENOUGH = 64
"""Runs from which on arrays are faster than one kernel after another."""
NUMBERS = 8_000_000
"""Numbers recorded of all runs together; beyond, every n-th step is kept."""


class Lane(NamedTuple):
    """One run among many."""

    problem: Problem
    chosen: Chosen


class _Recorded(Sequence[tuple[Any, ...]]):
    """The rows of one lane: views of the arrays of all."""

    def __init__(self, kept: Sequence[tuple[int, Any]], lane: int, end: int | None) -> None:
        self._kept, self._lane = kept, lane
        self._count = len(kept) if end is None else sum(t < end for t, _ in kept)
        self._last: tuple[Any, ...] | None = None

    def close(self, row: tuple[Any, ...]) -> None:
        """Add the last row, which other lanes need not have."""
        self._last = row

    def __len__(self) -> int:
        return self._count + (self._last is not None)

    @overload
    def __getitem__(self, k: int) -> tuple[Any, ...]: ...
    @overload
    def __getitem__(self, k: slice) -> list[tuple[Any, ...]]: ...
    def __getitem__(self, k: int | slice) -> Any:
        if isinstance(k, slice):
            return [self[j] for j in range(*k.indices(len(self)))]
        k = k + len(self) if k < 0 else k
        if not 0 <= k < len(self):
            raise IndexError(k)
        if k == self._count and self._last is not None:
            return self._last
        t, block = self._kept[k]
        return (t, *block[:, self._lane].tolist())


def run_lanes(
    lanes: Sequence[Lane], settings: Settings, progress: Progress | None = None
) -> list[Trajectory]:
    """All runs of one rule on one program, from their own starts, with their own settings."""
    import numpy as np

    problem, rule = lanes[0].problem, lanes[0].chosen.rule
    n, names = len(problem.start), state_inputs(problem, rule.states)
    made = fused(problem, rule)
    program = lowered(made.tape, made.roots, problem.fixed)
    numbers = {
        setting(k): np.array([lane.chosen.numbers[k] for lane in lanes]) for k in rule.defaults
    }
    start = [np.array([lane.problem.start[v] for lane in lanes]) for v in problem.start]
    state = [*start, *[np.zeros(len(lanes))] * (len(names) - n)]
    every = max(1, -(-settings.steps * len(lanes) * (1 + n + len(names)) // NUMBERS))
    seat = _Seats(len(lanes), n, every)
    interrupted, t = False, 0
    try:
        for t in range(settings.steps + 1):
            inputs: Mapping[str, Any] = {
                **problem.fixed, **numbers, **dict(zip(names, state, strict=True)),
                setting("t"): float(t + 1),
            }  # fmt: skip
            values = program.plan.forward(inputs)
            found = [np.broadcast_to(values[i], len(lanes)) for i in program.roots]
            if not seat.look(t, [*found[: 1 + n], *state], last=t == settings.steps):
                break
            state = [*found[-n:], *found[1 + n : -n]]
            if progress is not None and t % 50 == 0:
                progress(t)
    except KeyboardInterrupt:
        interrupted = True
    return [
        summed_up(lane.problem, lane.chosen, settings.tolerance, seat.record(k, interrupted))
        for k, lane in enumerate(lanes)
    ]


class _Seats:
    """What is recorded of all lanes, and which of them left the numbers when."""

    def __init__(self, lanes: int, n: int, every: int) -> None:
        import numpy as np

        self.n, self.every = n, every
        self.alive = np.ones(lanes, dtype=bool)
        self.kept: list[tuple[int, Any]] = []
        self.ended: dict[int, tuple[int, tuple[Any, ...], Any]] = {}
        """For a lane that overflowed: when, its last finite row, and the state after it."""
        self.previous: list[Any] = []
        self.taken = -1

    def look(self, t: int, row: list[Any], *, last: bool) -> bool:
        """Record the row of step ``t``; False if no lane is left."""
        import numpy as np

        fine = np.isfinite(row[0])
        for x in row[1 + self.n : 1 + 2 * self.n]:
            fine &= np.isfinite(x)
        for k in np.flatnonzero(self.alive & ~fine).tolist():
            before = (t - 1, *[float(x[k]) for x in self.previous])
            state = tuple([float(x[k]) for x in row[1 + self.n :]])
            self.ended[k] = t, before, state
        self.alive &= fine
        self.previous, self.taken = row, t
        if t % self.every == 0 or last:
            self.kept.append((t, np.array(row)))
        return bool(self.alive.any())

    def record(self, lane: int, interrupted: bool) -> Record:
        """The run of one lane."""
        if lane in self.ended:
            t, row, state = self.ended[lane]
            rows = _Recorded(self.kept, lane, t)
            if t and rows[-1][0] != t - 1:
                rows.close(row)
            return Record(state, rows, t, overflowed=t)
        rows = _Recorded(self.kept, lane, None)
        if self.kept[-1][0] != self.taken:
            rows.close((self.taken, *[float(x[lane]) for x in self.previous]))
        return Record(rows[-1][1 + self.n :], rows, self.taken, interrupted)
