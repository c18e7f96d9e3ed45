"""Points that show that a program is not convex: proved in balls at exact points."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.program.graph import Graph

from .boxes import Box
from .second import Second
from .sweeps import Sweep, point_box, rough_node

__all__ = [
    "Counterexample",
    "chord_from",
    "defined_at",
    "negative_curvature",
    "sample_points",
    "wrong_chord",
]

_BITS = 192


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Why a program is not convex (or not concave).

    ``chord``: the value at the middle of two points lies on the wrong side of the mean of the ends.
    ``curvature``: the second derivative along a direction has the wrong sign at a point.
    ``domain``: two points with a value, and none in their middle.
    """

    kind: str
    first: tuple[Fraction, ...]
    """A point."""
    second: tuple[Fraction, ...]
    """The other point, or the direction."""
    gap: Any
    """A ball: f(middle) − mean of the ends, or the second derivative along the direction."""
    values: tuple[Any, ...] = ()
    """Balls: f at the first point, the second and the middle."""

    @property
    def middle(self) -> tuple[Fraction, ...]:
        """The middle of the two points."""
        return tuple((a + b) / 2 for a, b in zip(self.first, self.second, strict=True))


def sample_points(box: Box, count: int) -> Iterator[list[Fraction]]:
    """Corners and the centre, then a Halton sequence (Halton 1960): the same on every run."""
    n = len(box.ranges)
    yield box.place([0.5] * n)
    if n <= 4:
        for k in range(2**n):
            yield box.place([(k >> j) & 1 for j in range(n)])
    for k in range(1, count):
        yield box.place([_radical(k, _PRIMES[j % len(_PRIMES)]) for j in range(n)])


_PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53)


def _radical(k: int, base: int) -> float:
    """k's digits mirrored at the point."""
    value, share = 0.0, 1.0 / base
    while k:
        k, digit = divmod(k, base)
        value += digit * share
        share /= base
    return value


def defined_at(graph: Graph, names: Sequence[str], point: Sequence[Fraction]) -> bool | None:
    """Whether the program has a value at an exact point; None where that is not certain."""
    at = dict(zip(names, point, strict=True))
    made = forward(graph.tape, graph.order, at, RATIONAL)
    value = made[graph.output]
    if not isinstance(value, Undefined):
        return True if _ball_value(graph, at) is not None else None
    node = graph.tape.nodes[value.node]
    operands = [made[k] for k in node.operands]
    exact = all(isinstance(x, int | Fraction) for x in operands)
    row = graph.tape.ops[node.op]
    try:
        outside = row.defined is not None and not row.defined(*operands)
    except (ArithmeticError, ValueError, TypeError):
        return None
    return False if exact and outside else None


def _ball_value(graph: Graph, at: dict[str, Fraction]) -> Any:
    with working_precision(_BITS) as balls:
        read = {name: balls.number(x) for name, x in at.items()}
        value = forward(graph.tape, graph.order, read, balls)[graph.output]
    if isinstance(value, Undefined) or not value.is_finite():
        return None
    return value


def negative_curvature(
    parts: Second, point: Sequence[Fraction], sign: int
) -> Counterexample | None:
    """A direction along which sign·f bends down at a point, proved."""
    graph, names = parts.graph, parts.variables
    at = dict(zip(names, point, strict=True))
    with working_precision(_BITS) as balls:
        box = point_box(at)
        if (
            rough_node(graph.tape, graph.order, Sweep(graph.tape, [graph.output]).run(box))
            is not None
        ):
            return None
        n = range(len(names))
        read = {name: balls.number(x) for name, x in at.items()}
        nodes = list(parts.upper.values())
        values = forward(parts.tape, parts.tape.needed_for(nodes), read, balls)
        if any(isinstance(values[i], Undefined) or not values[i].is_finite() for i in nodes):
            return None
        matrix = [[values[parts.node(i, j)] for j in n] for i in n]
        for direction in _directions(matrix, sign):
            total = balls.number(0)
            for i in n:
                for j in n:
                    total = total + matrix[i][j] * balls.number(direction[i] * direction[j])
            if (total < 0) if sign > 0 else (total > 0):
                return Counterexample("curvature", tuple(point), tuple(direction), total)
    return None


def _directions(matrix: Any, sign: int) -> Iterator[list[Fraction]]:
    """Axes, then the eigenvector of the worst eigenvalue in doubles, rounded."""
    n = len(matrix)
    for i in range(n):
        entry = matrix[i][i]
        if (entry < 0) if sign > 0 else (entry > 0):
            yield [Fraction(int(k == i)) for k in range(n)]
            return
    if n == 1:
        return
    import numpy

    rows = numpy.array([[float(x.mid()) for x in row] for row in matrix])
    if not numpy.isfinite(rows).all():
        return
    values, vectors = numpy.linalg.eigh(rows * sign)
    if values[0] >= 0:
        return
    worst = vectors[:, 0] / numpy.abs(vectors[:, 0]).max()
    if worst[numpy.abs(worst).argmax()] < 0:
        worst = -worst
    for steps in (4, 1 << 20):
        rounded = [Fraction(round(float(x) * steps), steps) for x in worst]
        if any(rounded):
            yield rounded


def wrong_chord(
    graph: Graph, names: Sequence[str], first: Sequence[Fraction], second: Sequence[Fraction],
    sign: int,
) -> Counterexample | None:  # fmt: skip
    """The chord between two points, if the value in the middle proves sign·f not convex."""
    middle = [(a + b) / 2 for a, b in zip(first, second, strict=True)]
    ends = [_ball_value(graph, dict(zip(names, p, strict=True))) for p in (first, second)]
    if any(x is None for x in ends):
        return None
    inner = _ball_value(graph, dict(zip(names, middle, strict=True)))
    pair = (tuple(first), tuple(second))
    if inner is None:
        if defined_at(graph, names, middle) is False:
            return Counterexample("domain", *pair, None, (*ends, None))
        return None
    with working_precision(_BITS):
        gap = inner - (ends[0] + ends[1]) / 2
        if (gap > 0) if sign > 0 else (gap < 0):
            return Counterexample("chord", *pair, gap, (*ends, inner))
    return None


def chord_from(
    graph: Graph, names: Sequence[str], box: Box, found: Counterexample, sign: int
) -> Counterexample | None:
    """Two points and their middle near a point of wrong curvature, inside the box."""
    for k in range(2, 40, 2):
        step = [x / 2**k * 8 for x in found.second]
        for start, end in ((-1, 1), (0, 2), (-2, 0)):
            ends = [
                [p + s * t for p, t in zip(found.first, step, strict=True)] for s in (start, end)
            ]
            if all(box.holds(point) for point in ends):
                made = wrong_chord(graph, names, ends[0], ends[1], sign)
                if made is not None and made.kind == "chord":
                    return made
    return None
