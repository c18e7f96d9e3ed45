"""Paths from the output down to the inputs, and the product of local gradients along each.

The gradient of an input is the sum of these products over all paths (Bauer 1974, Computational
Graphs and Rounding Error; CS231n notes, Optimization 2).  Their number may be exponential in the
number of gates, so the strongest k are found by dynamic programming: the k strongest paths to a
node continue k strongest paths to one of its consumers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from heapq import nlargest
from typing import Any, NamedTuple

from graphdiff.core.sweeps.backward import contribution, times
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.program.runs.trace import Trace, plain

from .counting import Count, count_data, log2, plus
from .measures import norm

__all__ = ["Path", "PathsTo", "flows", "paths"]

MOST_ALL = 64
"""Paths of a program up to which every one is listed."""
_KEPT = 2_000_000
"""Paths that are kept in all while they grow."""
_ENTRIES = 20_000_000
"""Numbers in the arrays that partial paths of an array program may hold."""
_EXACT = 64
"""Factors up to which a product is computed exactly."""


@dataclass(frozen=True, slots=True)
class Path:
    """One way from the output to an input."""

    nodes: tuple[int, ...]
    """Ids, the output first."""
    positions: tuple[int, ...]
    """By step: which operand of the upper node the lower one is (``x*x`` has two)."""
    factors: tuple[Any, ...]
    """Local gradients by step; empty in array programs, whose Jacobians are never formed."""
    product: Any
    """What comes down this path; of an array its Euclidean norm."""
    log10: float
    """The base-10 logarithm of its size, which may lie outside of the range of doubles."""


@dataclass(frozen=True, slots=True)
class PathsTo:
    """The paths to one input."""

    name: str
    node: int
    count: Count
    paths: tuple[Path, ...]
    """All, or the strongest, strongest first."""
    gradient: Any
    """The sum over all paths; of an array its Euclidean norm."""
    share: float | None
    """Which part of Σ|product| over all paths those listed make up; None for arrays."""
    proved: bool
    """Whether no path that is left out is stronger."""

    @property
    def complete(self) -> bool:
        """Whether every path is listed."""
        return self.count == len(self.paths)

    def document(self, labels: dict[int, str]) -> dict[str, Any]:
        """The paths as JSON data."""
        return {
            "input": self.name, "paths": count_data(self.count), "log2_paths": _finite(
                log2(self.count)), "complete": self.complete, "strongest_proved": self.proved,
            "gradient": number(self.gradient), "share": self.share,
            "listed": [
                {
                    "nodes": [labels.get(i, f"n{i}") for i in path.nodes],
                    "operands": list(path.positions),
                    "factors": [number(x) for x in path.factors],
                    "product": number(path.product), "log10": _finite(path.log10),
                }
                for path in self.paths
            ],
        }  # fmt: skip


def number(value: Any) -> float | int | list[Any] | None:
    """A number or array for JSON."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [number(x) for x in value]
    if isinstance(value, int) and abs(value) <= 2**53:
        return int(value)
    try:
        return None if value is None else _finite(float(value))
    except OverflowError:
        return None


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None


class _Partial(NamedTuple):
    """A path from the output to some node, as its last step and the path before it."""

    size: float
    """log2 of |product|, or of the norm; −∞ for nothing."""
    before: _Partial | None
    target: int
    position: int
    share: Any
    """What has come down so far, in array programs."""


def flows(trace: Trace, i: int) -> list[tuple[int, int]]:
    """(position, operand) for every operand of node i that a gradient flows to."""
    graph = trace.graph
    if not graph.active[i] or isinstance(trace.values[i], Undefined):
        return []
    return graph.tape.flows(i, graph.active)


def paths(trace: Trace, most: int = 5) -> tuple[PathsTo, ...]:
    """All paths of a small graph; of a larger one the ``most`` strongest to every input.

    >>> from graphdiff import parse
    >>> found = paths(parse("f = (x+y)*x").backprop(x=2, y=3))
    >>> [(to.name, to.count, [path.product for path in to.paths]) for to in found]
    [('x', 2, [5, 2]), ('y', 1, [2])]
    """
    steps = _steps(trace)
    counts, total = _counts(trace, steps)
    inputs = _inputs(trace)
    ways: Count = 0
    for i in inputs.values():
        ways = plus(ways, counts.get(i, 0))
    small = isinstance(ways, int) and ways <= MOST_ALL
    found, cut = _strongest(trace, steps, MOST_ALL if small else most, set(inputs.values()))
    array = trace.graph.has_arrays
    made = []
    for name, i in inputs.items():
        listed = tuple(_path(trace, i, partial) for partial in found.get(i, ()))
        gradient = plain(trace.adjoints.get(i, 0))
        share = None if array else _share(listed, total.get(i))
        whole = norm(gradient) if array else gradient
        made.append(PathsTo(name, i, counts.get(i, 0), listed, whole, share, not (array and cut)))
    return tuple(made)


def _inputs(trace: Trace) -> dict[str, int]:
    graph = trace.graph
    return {n: i for n, i in graph.inputs.items() if i in graph.uses and graph.active[i]}


def _steps(trace: Trace) -> dict[tuple[int, int], float]:
    """log2 of |local gradient| by (node, operand position); empty for arrays."""
    if trace.graph.has_arrays:
        return {}
    return {
        (i, position): _log2(trace.local(i, position))
        for i in trace.graph.order
        if i in trace.adjoints
        for position, _ in flows(trace, i)
    }


def _counts(
    trace: Trace, steps: Mapping[tuple[int, int], float]
) -> tuple[dict[int, Count], dict[int, float]]:
    """Paths from the output to every input, and log2 of Σ|product| over them (numbers only)."""
    graph, inputs = trace.graph, set(_inputs(trace).values())
    ways: dict[int, Count] = {graph.output: 1}
    sizes: dict[int, float] = {graph.output: 0.0}
    for i in reversed(graph.order):
        if i not in ways:
            continue
        # Counts have up to thousands of digits: only those of inputs are kept.
        here, size = (ways[i], sizes[i]) if i in inputs else (ways.pop(i), sizes.pop(i))
        for position, k in flows(trace, i):
            ways[k] = plus(ways.get(k, 0), here)
            sizes[k] = _added(sizes.get(k, -math.inf), size + steps.get((i, position), 0.0))
    return ways, sizes


def _added(a: float, b: float) -> float:
    """log2(2^a + 2^b)."""
    high, low = max(a, b), min(a, b)
    if low == -math.inf:
        return high
    return high + math.log2(1.0 + 2.0 ** max(low - high, -1_000.0))


def _log2(value: Any) -> float:
    """log2|value|, also of numbers outside of the range of doubles; nothing flows where a local
    gradient is None."""
    if value is None:
        return -math.inf
    if isinstance(value, Fraction | int):
        top, bottom = abs(value.numerator), value.denominator
        return math.log2(top) - math.log2(bottom) if top else -math.inf
    size = abs(float(value))
    if math.isnan(size):
        return -math.inf
    return math.log2(size) if size else -math.inf


def _strongest(
    trace: Trace, steps: Mapping[tuple[int, int], float], most: int, inputs: set[int]
) -> tuple[dict[int, list[_Partial]], bool]:
    """The strongest paths by input, and whether any was left out on the way."""
    graph = trace.graph
    array = trace.graph.has_arrays
    kept = max(1, min(most, _KEPT // max(1, len(graph.order))))
    if array:
        kept = max(1, min(kept, _ENTRIES // max(1, graph.entries)))
    start = _Partial(0.0, None, graph.output, 0, trace.adjoints[graph.output])
    waiting: dict[int, list[_Partial]] = {graph.output: [start]}
    cut = False
    for i in reversed(graph.order):
        here = waiting.get(i)
        if here is None:
            continue
        if len(here) > kept:
            cut, here = True, nlargest(kept, here, key=lambda partial: partial.size)
        waiting[i] = sorted(here, key=lambda partial: -partial.size)
        if i not in inputs:
            waiting.pop(i)
        for position, k in flows(trace, i):
            waiting.setdefault(k, []).extend(_continued(trace, steps, i, position, here))
    return waiting, cut


def _continued(
    trace: Trace, steps: Mapping[tuple[int, int], float], i: int, position: int,
    here: Sequence[_Partial],
) -> Iterator[_Partial]:  # fmt: skip
    """Every partial path to node i, one step on to its operand."""
    if not trace.graph.has_arrays:
        for partial in here:
            yield _Partial(partial.size + steps[i, position], partial, i, position, None)
        return
    graph = trace.graph
    domain: Any = trace.domain
    for partial in here:
        with domain.quietly():
            share = contribution(
                graph.tape, i, position, partial.share, trace.values, domain, trace.convention
            )
        yield _Partial(_log2(norm(share)), partial, i, position, share)


def _path(trace: Trace, end: int, partial: _Partial) -> Path:
    """A path written out from its end."""
    steps: list[tuple[int, int]] = []
    step: _Partial | None = partial
    while step is not None and step.before is not None:
        steps.append((step.target, step.position))
        step = step.before
    steps.reverse()
    nodes = (*(i for i, _ in steps), end)
    factors: tuple[Any, ...] = ()
    if trace.graph.has_arrays:
        product: Any = norm(partial.share)
    else:
        factors = tuple(trace.local(i, position) for i, position in steps)
        product = _multiplied(factors)
    return Path(
        nodes, tuple(p for _, p in steps), factors, product, partial.size * math.log10(2.0)
    )  # fmt: skip


def _multiplied(factors: Sequence[Any]) -> Any:
    """The product: exact where it is short and its factors are, else in range where it is though
    parts of it are not."""
    if None in factors:
        return 0
    if len(factors) <= _EXACT and all(isinstance(x, int | Fraction) for x in factors):
        return plain(reduce(times, factors, 1))
    product, scale = 1.0, 0
    for factor in factors:
        part, power = _scaled(factor)
        product, carried = math.frexp(product * part)
        scale += power + carried
    try:
        return math.ldexp(product, scale)
    except OverflowError:
        return math.copysign(math.inf, product)


def _scaled(x: Any) -> tuple[float, int]:
    """A number as a double near 1 and a power of two."""
    if not isinstance(x, int | Fraction):
        return math.frexp(x)
    power = x.numerator.bit_length() - x.denominator.bit_length()
    return float(x * Fraction(2) ** -power), power


def _share(listed: Sequence[Path], total: float | None) -> float | None:
    """The part of 2^total that the listed paths are."""
    if total is None or total == -math.inf:
        return None
    return min(1.0, math.fsum(2.0 ** (path.log10 / math.log10(2.0) - total) for path in listed))
