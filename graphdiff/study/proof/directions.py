"""Slopes along random directions: two evaluations judge all entries of an array at once.

With u uniform among 2^24 numbers in each entry, a wrong gradient g shows in <u, g> except with a
probability of 2^-24 (Schwartz 1980; Zippel 1979).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.ball_arrays import BallArrays, flat
from graphdiff.core.ir.shape import size
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import DomainError
from graphdiff.language.reading.point import read_all
from graphdiff.program.runs.enclosure import ball_inputs, bits_for, work

from .differences import (
    BITS,
    STEP,
    Quotients,
    dependents,
    differentiated,
    float_output,
    moved_output,
    quotients_of,
)
from .method import Method

if TYPE_CHECKING:
    from graphdiff.program.runs.enclosure import Enclosure
    from graphdiff.program.runs.trace import Trace

__all__ = [
    "FloatSlope", "Slope", "array_directions", "ball_slopes", "drawn_once", "float_slopes",
    "together", "weights",
]  # fmt: skip

_MOST_WORK = 600_000
"""Entry evaluations past which all inputs move along one direction."""
_MOST_FINER = 400_000
"""Entries of one evaluation past which there is no second try with a finer step."""
_AGREES = 1e-25


@dataclass(frozen=True, slots=True)
class Slope:
    """The slope of the output along a direction in some inputs, by quotients and by gradients."""

    names: tuple[str, ...]
    quotients: Quotients | None
    ours: Any
    """The gradient times the direction, as a ball."""
    scale: float
    """About the size of such a product: 2-norm of direction · gradient, entry by entry."""

    @property
    def _size(self) -> float:
        """What errors are relative to; a cube has a quotient of 2^-200 where its slope is 0."""
        assert self.quotients is not None
        return max(self.scale, abs(float(self.quotients.central.mid())), 1e-25)

    @property
    def error(self) -> float:
        """The distance between quotient and gradient, relative to their size."""
        assert self.quotients is not None
        return float(abs(self.quotients.central - self.ours).upper()) / self._size

    @property
    def agrees(self) -> bool:
        """Whether the gradient is right along this direction."""
        return self.error <= _AGREES

    @property
    def crosses(self) -> bool:
        """Whether the slopes on both sides differ: a kink or a jump lies on this direction."""
        assert self.quotients is not None
        gap = abs(self.quotients.left - self.quotients.right)
        return float(gap.upper()) > 1e-12 * max(self._size, 1e-6)

    @property
    def wide(self) -> bool:
        """Whether rounding has left too few digits to judge."""
        assert self.quotients is not None
        rest = max(float(self.quotients.central.rad()), float(self.ours.rad()))
        return not rest <= _AGREES * self._size or not math.isfinite(self._size)

    @property
    def settled(self) -> bool:
        """Whether a finer step would tell no more."""
        return self.quotients is not None and (self.agrees or self.crosses)


@dataclass(frozen=True, slots=True)
class FloatSlope:
    """A slope in doubles: quotients with the steps h and h/4, and ours."""

    names: tuple[str, ...]
    coarse: float
    fine: float
    ours: float
    scale: float


@lru_cache(8)
def weights(i: int, shape: tuple[int, ...]) -> Any:
    """A direction in node i: odd multiples of 2^-24 in (−1, 1), the same on every machine."""
    import numpy

    drawn = numpy.random.RandomState(i).randint(-(2**23), 2**23, shape, numpy.int64)
    return (2 * drawn + 1) * 2.0**-24


@contextmanager
def drawn_once() -> Iterator[None]:
    """A verification, in which directions are kept for the methods that follow."""
    try:
        yield
    finally:
        weights.cache_clear()


def together(trace: Trace, apart: bool = False) -> list[list[int]]:
    """Which inputs to move at a time: each by itself if asked or affordable, else all."""
    inputs = [i for i in differentiated(trace) if i in trace.adjoints]
    if apart or any(trace.graph.tape.nodes[i].op != "input" for i in inputs):
        return [[i] for i in inputs]  # a node and what it depends on do not move together
    costs = (work(trace.graph, dependents(trace, [i])) for i in inputs)
    if len(inputs) <= 12 and sum(costs) <= _MOST_WORK:
        return [[i] for i in inputs]
    return [inputs] if inputs else []


def ball_slopes(
    trace: Trace, enclosure: Enclosure, step: int = STEP, apart: bool = False
) -> list[Slope]:
    """Slopes along a random direction in every input (or in all together), in balls."""
    graph = trace.graph
    with working_precision(bits_for(graph, BITS * step // STEP)) as balls:
        domain = BallArrays(balls)
        base = forward(graph.tape, graph.order, ball_inputs(graph, trace.point, balls), domain)
        groups = together(trace, apart)
        return [_slope(trace, enclosure, base, group, domain, step) for group in groups]


def _slope(
    trace: Trace, enclosure: Enclosure, base: dict[int, Any], group: list[int], domain: BallArrays,
    step: int,
) -> Slope:  # fmt: skip
    nodes, arb = trace.graph.tape.nodes, domain.base.arb
    ways = {i: domain.array(weights(i, nodes[i].shape)) for i in group}
    h = arb(2) ** -step
    above = dependents(trace, group)
    low, high = [
        moved_output(trace, base, above, {i: base[i] + u * to for i, u in ways.items()}, domain)
        for to in (-h, h)
    ]
    terms = [
        u * g
        for i, way in ways.items()
        for u, g in zip(flat(way), flat(enclosure.gradients[i]), strict=True)
    ]
    names = tuple([trace.graph.labels[i] for i in group])
    quotients = quotients_of(low, base[trace.graph.output], high, h)
    return Slope(names, quotients, sum(terms, start=arb(0)), math.hypot(*map(float, terms)))


def array_directions(
    trace: Trace, enclosure: Enclosure, name: str, warnings: list[str], kinky: bool
) -> Method:
    """For large arrays: the slope along a random direction in every input."""
    if not enclosure.bits:
        count = sum(size(trace.graph.tape.nodes[i].shape) for i in trace.graph.order)
        return Method(name, None, None, f"not run: {count:,} entries are too many for balls")
    found: dict[str, list[Slope]] = {"agrees": [], "outside": [], "unsure": [], "bad": []}
    for slope in _judged(trace, enclosure):
        verdict = _verdict(slope)
        found["unsure" if verdict == "bad" and kinky else verdict].append(slope)
    unsure = "a gate is on a kink or too near one" if kinky else "it is too ill-conditioned"
    reasons = {"outside": "a step leaves the domain", "unsure": unsure}
    for verdict, why in reasons.items():
        if found[verdict]:
            warnings.append(
                f"no difference quotient decides the gradient of {_names(found[verdict])}: {why}"
            )
    agree, bad = found["agrees"], found["bad"]
    worst = max((slope.error for slope in agree), default=0.0)
    if bad:
        detail = f"the slope along a random direction in {_names(bad)} disagrees with the gradient"
        return Method(name, False, worst, detail)
    if not agree:
        why = " or ".join(why for verdict, why in reasons.items() if found[verdict])
        return Method(name, None, None, f"no direction could be judged: {why}")
    judged = sum(len(slope.names) for slope in agree)
    plural = "" if judged == 1 else "s"
    way = "one through all" if len(agree) < judged else "one in each of" if judged > 1 else "in"
    detail = f"random directions, {way} {judged} input{plural}, h = 2^-100, in balls"
    return Method(name, None if found["unsure"] else True, worst, detail)


def _judged(trace: Trace, enclosure: Enclosure) -> list[Slope]:
    """The slopes, with a finer step where the first tells nothing."""
    slopes, affordable = ball_slopes(trace, enclosure), work(trace.graph) <= _MOST_FINER
    if not all(slope.settled for slope in slopes) and affordable:
        # Next to a singularity even 2^-100 is a large step; a wrong rule stays wrong.
        slopes = ball_slopes(trace, enclosure, 4 * STEP)
    if any(len(slope.names) > 1 and _verdict(slope) == "bad" for slope in slopes):
        return ball_slopes(trace, enclosure, apart=True)  # which of the inputs it is
    return slopes


def _verdict(slope: Slope) -> str:
    if slope.quotients is None:
        return "outside"
    if slope.crosses or slope.wide:
        return "unsure"
    return "agrees" if slope.agrees else "bad"


def _names(slopes: list[Slope]) -> str:
    names = [name for slope in slopes for name in slope.names]
    return ", ".join(names[:6])


def _unit(ways: dict[str, Any]) -> dict[str, Any]:
    """A direction of length 1, so that a step in doubles is small in every entry."""
    length = sum(float((u * u).sum()) for u in ways.values()) ** 0.5
    return {name: u / length for name, u in ways.items()}


def float_slopes(trace: Trace, h: float = 1e-4) -> list[FloatSlope]:
    """The same in doubles along unit vectors, with the gradients of the trace; empty outside the
    range of doubles."""
    import numpy

    graph, domain = trace.graph, FloatArrays()
    try:
        at = read_all(trace.point, domain)
    except (DomainError, OverflowError):
        return []
    found = []
    for group in together(trace):
        if any(graph.tape.nodes[i].op != "input" for i in group):
            continue  # only inputs are moved by their names
        names = tuple([str(graph.tape.nodes[i].attr) for i in group])
        ways = _unit({n: weights(i, graph.shapes[n]) for n, i in zip(names, group, strict=True)})
        slopes = []
        for step in (h, h / 4):
            ends = [
                float_output(trace, at | {x: at[x] + to * u for x, u in ways.items()}, domain)
                for to in (step, -step)
            ]
            if ends[0] is None or ends[1] is None:
                break
            slopes.append((ends[0] - ends[1]) / (2 * step))
        else:
            gradients = [numpy.asarray(trace.adjoints[i], dtype=float) for i in group]
            terms = [g * u for g, u in zip(gradients, ways.values(), strict=True)]
            ours = sum(float(t.sum()) for t in terms)
            scale = sum(float((t * t).sum()) for t in terms) ** 0.5
            found.append(FloatSlope(names, slopes[0], slopes[1], ours, scale))
    return found
