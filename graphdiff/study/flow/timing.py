"""How long function and gradient take, run by the same plan of numpy calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.ir.shape import size
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.planned import Plan
from graphdiff.language.reading.point import read_all
from graphdiff.program.graph import Graph

__all__ = ["Timing", "measured"]

_ROUNDS, _FEW = 7, 2
_LONG = 0.1
"""Seconds of a run past which a few rounds do."""
_LEAST = 0.01
"""Seconds that a round takes at least, so that the clock is fine enough."""


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one run; the fastest of several rounds."""

    function: float
    gradient: float
    """Of function and gradient together."""

    @property
    def ratio(self) -> float:
        """Function and gradient, divided by the function."""
        return self.gradient / self.function


def measured(
    graph: Graph, tape: Tape, both: Sequence[int], constants: Mapping[str, Any]
) -> Timing | None:
    """Time the function, and function and gradient, whose nodes are ``both`` on the tape.

    Variables that ``constants`` leaves out get numbers between 1/4 and 3/4; None where a label is
    among them.
    """
    import numpy

    generator = numpy.random.default_rng(0)
    inputs = read_all(constants, FloatArrays())
    for name, i in graph.inputs.items():
        if i in graph.uses and name not in inputs:
            if not graph.active[i]:
                return None
            shape = tuple(map(int, graph.shapes[name]))
            if size(shape) > 10_000_000:
                return None
            inputs[name] = generator.uniform(0.25, 0.75, shape)
    one = Plan(tape, graph.order, graph.output, ())
    two = Plan(tape, both, graph.output, ())
    function, gradient = _fastest([lambda: one.forward(inputs), lambda: two.forward(inputs)])
    return Timing(function, gradient)


def _fastest(jobs: Sequence[Callable[[], Any]]) -> list[float]:
    """Seconds of every job, in turns, so that a busy machine is unfair to none."""
    repeats, longest = [], 0.0
    for job in jobs:
        start = perf_counter()
        job()
        seconds = max(perf_counter() - start, 1e-7)
        longest = max(longest, seconds)
        repeats.append(max(1, min(10_000, int(_LEAST / seconds))))
    best = [float("inf")] * len(jobs)
    for _ in range(_ROUNDS if longest < _LONG else _FEW):
        for k, (job, count) in enumerate(zip(jobs, repeats, strict=True)):
            start = perf_counter()
            for _ in range(count):
                job()
            best[k] = min(best[k], (perf_counter() - start) / count)
    return best
