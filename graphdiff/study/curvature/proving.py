"""Convexity over a box by an interval Hessian: every matrix that it may be is semidefinite.

The box is cut until each part is settled (Hansen & Walster 2004, Global Optimization Using
Interval Analysis, ch. 12); a function whose Hessian is semidefinite all over a box is convex there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphdiff.core.domains.intervals import Interval
from graphdiff.program.wording import gate_at
from graphdiff.study.proof.spectrum import positive_definite

from .second import Second
from .sweeps import Sweep, rough_node

Progress = Callable[[int, int], None]
"""``(done, of)``, called as work goes on."""

__all__ = ["Progress", "Proof", "SubBox", "bisected", "prove", "widest"]

WORK = 600_000
"""Nodes evaluated by one proof; two to three seconds."""
_PARTS = 6_000


@dataclass(frozen=True, slots=True)
class Proof:
    """What an interval Hessian proves over the box."""

    convex: bool
    concave: bool
    strict: bool
    """Whether the Hessian is definite everywhere, so that the function is strictly so."""
    parts: int
    """Boxes looked at."""
    reason: str
    """Why not, where neither is proved."""
    low: float | None = None
    """Every eigenvalue over the box is at least this (Gershgorin)."""
    high: float | None = None


@dataclass(frozen=True, slots=True)
class SubBox:
    """A part of the box and its intervals."""

    box: dict[str, Interval]
    matrix: list[list[Interval]] | None
    """None where the program is not twice differentiable all over the part, as far as known."""
    determinant: Interval | None
    rough: int | None
    """The node that is why."""


class Curvatures:
    """The interval Hessian of a program, box by box."""

    def __init__(self, parts: Second) -> None:
        self.parts = parts
        graph = parts.graph
        self.primal = Sweep(graph.tape, [graph.output])
        outputs = list(parts.upper.values())
        det = parts.determinant
        self.sweep = Sweep(parts.tape, [*outputs, *([det] if det is not None else [])])
        self.slopes = Sweep(parts.tape, list(parts.slopes))
        self.cost = len(self.primal.order) + len(self.sweep.order)

    def at(self, box: dict[str, Interval]) -> SubBox:
        """The interval Hessian over a box."""
        graph, n = self.parts.graph, self.parts.size
        rough = rough_node(graph.tape, graph.order, self.primal.run(box))
        if rough is not None:
            return SubBox(box, None, None, rough)
        values = self.sweep.results(box)
        places = dict(zip(self.parts.upper, values, strict=False))
        if any(v is None for v in places.values()):
            return SubBox(box, None, None, graph.output)
        matrix = [[places[min(i, j), max(i, j)] for j in range(n)] for i in range(n)]
        det = values[-1] if len(values) > len(places) else None
        return SubBox(box, matrix, det, None)


def semidefinite(part: SubBox, sign: int) -> bool:
    """Whether sign·H is positive semidefinite all over the part."""
    matrix = part.matrix
    if matrix is None:
        return False
    low, high = eigenvalue_bounds(matrix)
    if (low if sign > 0 else -high) >= 0:
        return True
    turned = matrix if sign > 0 else [[-x for x in row] for row in matrix]
    if any(turned[i][i].hi < 0 for i in range(len(turned))):
        return False
    if positive_definite(turned):
        return True
    det = part.determinant
    return bool(det is not None and det.lo >= 0 and all(turned[i][i].lo >= 0 for i in range(2)))


def definite(part: SubBox, sign: int) -> bool:
    """Whether sign·H is positive definite all over the part."""
    assert part.matrix is not None
    turned = part.matrix if sign > 0 else [[-x for x in row] for row in part.matrix]
    return positive_definite(turned)


def eigenvalue_bounds(matrix: Sequence[Sequence[Interval]]) -> tuple[Any, Any]:
    """Bounds of all eigenvalues by Gershgorin's circles; exact 0 stays 0."""
    lows, highs = [], []
    for i, row in enumerate(matrix):
        around = row[i]
        for j, x in enumerate(row):
            if j != i:
                size = max(x.hi, -x.lo)
                around = around + Interval(-size, size)
        lows.append(around.lo)
        highs.append(around.hi)
    return min(lows), max(highs)


def prove(
    parts: Second,
    box: Mapping[str, Interval],
    wanted: Sequence[int],
    *,
    work: int = WORK,
    progress: Progress | None = None,
) -> Proof:
    """Try to prove that the program is convex (1 in ``wanted``) or concave (−1) over the box."""
    curvatures = Curvatures(parts)
    most = max(1, min(_PARTS, work // curvatures.cost))
    alive, strict = set(wanted), True
    queue, seen, reason = [dict(box)], 0, ""
    low = high = None
    while queue and alive:
        here = queue.pop()
        seen += 1
        if progress is not None:
            progress(seen, most)
        part = curvatures.at(here)
        settled = {sign for sign in alive if semidefinite(part, sign)}
        if part.matrix is not None:
            alive -= {s for s in alive - settled if _refuted(part, s)}
        if alive and settled >= alive:
            strict = strict and all(definite(part, sign) for sign in alive)
            assert part.matrix is not None
            bounds = eigenvalue_bounds(part.matrix)
            low = bounds[0] if low is None or bounds[0] < low else low
            high = bounds[1] if high is None or bounds[1] > high else high
            continue
        can_cut = bool(alive) and all(x.finite for x in here.values())
        halves = bisected(here, parts.variables) if can_cut else None
        if halves is None or seen + len(queue) >= most:
            reason = _why(curvatures, part, seen)
            alive = set()
        else:
            queue += halves
    done = bool(alive) and not queue
    return Proof(
        convex=done and 1 in alive, concave=done and -1 in alive, strict=done and strict,
        parts=seen, reason=reason,
        low=None if low is None or not done else float(low),
        high=None if high is None or not done else float(high),
    )  # fmt: skip


def _refuted(part: SubBox, sign: int) -> bool:
    """Whether some second derivative has the wrong sign all over the part."""
    assert part.matrix is not None
    diagonal = [part.matrix[i][i] for i in range(len(part.matrix))]
    return any(x.hi < 0 if sign > 0 else x.lo > 0 for x in diagonal)


def _why(curvatures: Curvatures, part: SubBox, seen: int) -> str:
    graph = curvatures.parts.graph
    where = ", ".join(f"{name} in {x}" for name, x in list(part.box.items())[:3])
    if part.rough is not None:
        return f"{gate_at(graph, part.rough)} may have a kink or no value where {where}"
    return f"after {seen} boxes the sign of the curvature is still open where {where}"


_NARROW = 1e-9


def bisected(box: Mapping[str, Interval], names: Sequence[str]) -> list[dict[str, Interval]] | None:
    """The box cut in two across its widest side; None if that is too narrow to cut."""
    name = widest(box, names)
    x = box[name]
    if not x.width() > _NARROW * (1 + abs(x.mid())):
        return None
    middle = x.lo + (x.hi - x.lo) / 2
    middle = middle.mid()
    return [
        {**box, name: Interval(x.lo, middle)},
        {**box, name: Interval(middle, x.hi)},
    ]


def widest(box: Mapping[str, Interval], names: Sequence[str]) -> str:
    """The variable of the widest range."""
    return max(names, key=lambda name: box[name].width())
