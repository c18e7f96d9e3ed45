"""Decimals stand for rounded numbers: is there one choice of those numbers that fits everywhere?

At a single point nearly every answer with a few decimals can be made to fit, so the points are
taken together.  A choice is looked for by least squares within the bounds of the rounding (Gauss
and Newton).  That there is none is proved by the mean value theorem: with weights w, the answer
misses the key by w·(key − F(m)) at the middle m, and no choice makes up for more than the sum of
|w·∂F/∂d| times what d may move.  Residuals of the least squares are the weights that separate.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import gradient
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.evaluation import Evaluator, Missing, settled
from graphdiff.homework.asked.points import Point, degenerate
from graphdiff.homework.asked.problem import Place, Problem, coordinates

__all__ = ["Rounding"]

Decimals = Mapping[str, tuple[Fraction, Fraction]]
PRECISION = 256
FITS, SURE = 210, 150
"""Bits to which a choice must fit, and to which it is given."""
ROUNDS = 16
BOXES = 48
"""Parts into which the choices are divided before they are given up."""
_MOST = 8
"""Decimals for which a common choice is looked for."""
_WIDTH = Fraction(1, 1 << SURE)


class Rounding:
    """An answer whose decimals are inputs of its tape, at the points where the key is known."""

    def __init__(
        self, problem: Problem, tape: Tape, answer: int, decimals: Decimals, points: Iterable[Point]
    ) -> None:
        self.problem, self.tape, self.answer = problem, tape, answer
        self.names = list(decimals)
        self.middles = [decimals[name][0] for name in self.names]
        self.reach = [decimals[name][1] for name in self.names]
        self.evaluator = Evaluator(tape, odd_roots=problem.settings.odd_roots)
        own = set(problem.order)
        inputs = [tape.make("input", (), name) for name in self.names]
        self.slopes = [e.id for e in gradient(tape, answer, inputs)]
        self.order = [i for i in tape.needed_for([answer, *self.slopes]) if i not in own]
        self.kinked = self._kinked(set(inputs))
        most = 3 * len(self.names) + 8
        chosen = sorted((p for p in points if not degenerate(p)), key=_size)[:most]
        with working_precision(PRECISION):
            places = [problem.place(point, PRECISION) for point in chosen]
        self.places = [
            place for place in places
            if place.usable and place.known[problem.key].__class__ is not Missing
        ]  # fmt: skip

    @classmethod
    def of(
        cls, problem: Problem, tape: Tape, answer: int, decimals: Decimals, points: Iterable[Point]
    ) -> Rounding | None:
        """None where there are too many decimals, or a part without a derivative."""
        if len(decimals) > _MOST:
            return None
        try:
            return cls(problem, tape, answer, decimals, points)
        except GraphDiffError:
            return None

    def _kinked(self, depends: set[int]) -> list[int]:
        """Gates with a kink whose operands change with the decimals."""
        nodes, ops, found = self.tape.nodes, self.tape.ops, []
        for i in self.order:
            if not depends.isdisjoint(nodes[i].operands):
                depends.add(i)
                if not ops[nodes[i].op].selects and ops[nodes[i].op].kink is not None:
                    found.append(i)
        return found

    # -- a choice --------------------------------------------------------------------------------

    def choice(self) -> dict[str, tuple[Fraction, Fraction]] | None:
        """Numbers within the rounding, to ``SURE`` bits, that fit at all the points.

        A frequency is found from points near 0 first: far away there are many that nearly fit.
        """
        with working_precision(PRECISION):
            number = self.evaluator.number
            at = [number(m) for m in self.middles]
            ends = [(number(m - r), number(m + r)) for m, r in self._bounds()]
            for places in (self.places[: 2 * len(at) + 2], self.places):
                at, worst = self._nearest(places, at, ends)
            return self._told(at) if worst < 2.0**-FITS else None

    def _nearest(
        self, places: Sequence[Place], at: list[Any], ends: list[tuple[Any, Any]]
    ) -> tuple[list[Any], float]:
        """The best choice for these points, and by how much it misses."""
        before = 1e300
        for _ in range(ROUNDS):
            rows = self._rows([(x, x) for x in at], places)
            worst = max((abs(float(row[0])) for row in rows), default=1e300)
            if worst < 2.0**-FITS or (worst > 0.9 * before and before < 1e-3):
                return at, worst
            before = worst
            moved = self._step(rows, at, ends) if rows else None
            if moved is None:
                break
            at = moved
        return at, 1e300

    def _bounds(self) -> list[tuple[Fraction, Fraction]]:
        return list(zip(self.middles, self.reach, strict=True))

    def _told(self, at: list[Any]) -> dict[str, tuple[Fraction, Fraction]]:
        found = {}
        for name, x, (middle, reach) in zip(self.names, at, self._bounds(), strict=True):
            mantissa, exponent = map(int, x.mid().man_exp())
            value = Fraction(mantissa) * Fraction(2) ** exponent
            value = min(max(value, middle - reach), middle + reach)
            found[name] = value, _WIDTH * max(reach, abs(value))
        return found

    def _step(
        self, rows: list[tuple[Any, list[Any]]], at: list[Any], ends: list[tuple[Any, Any]]
    ) -> list[Any] | None:
        """The next choice: least squares in units of what each number may move."""
        number = self.evaluator.number
        slopes = [[float(slope) for slope in row[1]] for row in rows]
        misses = [float(row[0]) for row in rows]
        low, high = [], []
        for x, (start, end), reach in zip(at, ends, self.reach, strict=True):
            low.append(min(0.0, float(((start - x) / number(reach)).mid())) if reach else 0.0)
            high.append(max(0.0, float(((end - x) / number(reach)).mid())) if reach else 0.0)
        found = _bounded(slopes, misses, low, high)
        if found is None:
            return None
        return [
            (x + number(Fraction(step)) * number(reach)).mid()
            for x, step, reach in zip(at, found, self.reach, strict=True)
        ]

    def _rows(
        self, box: Sequence[tuple[Any, Any]], places: Sequence[Place]
    ) -> list[tuple[Any, list[Any]]]:
        """At every point the miss at the middle of the box, and the slopes times the reach.

        Rows are divided by their size, so that all points count alike.  Points where something is
        not known, or where a gate may be on its kink, are left out.
        """
        reach = [self.evaluator.number(r) for r in self.reach]
        exact = all(low is high for low, high in box)
        rows: list[tuple[Any, list[Any]]] = []
        nodes, ops = self.tape.nodes, self.tape.ops
        for place in places:
            key = place.known[self.problem.key]
            middle = self._values(place, [(low + high) / 2 for low, high in box])
            wide = middle if exact else self._values(place, [low.union(high) for low, high in box])
            given, slopes = middle[self.answer], [wide[i] for i in self.slopes]
            if given.__class__ is Missing or any(s.__class__ is Missing for s in slopes):
                continue
            if not exact and not all(
                settled(ops[nodes[i].op], [wide[k] for k in nodes[i].operands]) for i in self.kinked
            ):
                continue
            slopes = [slope * r for slope, r in zip(slopes, reach, strict=True)]
            size = abs(key) + sum((abs(s) for s in slopes), abs(given))
            size = size.upper() if size.is_finite() and size > 0 else None
            if size is not None and size > 0:
                rows.append(((key - given) / size, [slope / size for slope in slopes]))
        return rows

    def _values(self, place: Place, at: Sequence[Any]) -> dict[int, Any]:
        point = coordinates(self.evaluator, self.problem.names, place.point)
        point |= dict(zip(self.names, at, strict=True))
        return self.evaluator.run(self.order, point, place.known)

    # -- no choice -------------------------------------------------------------------------------

    def excluded(self) -> bool:
        """Whether it is proved that no choice fits at all the points."""
        with working_precision(PRECISION):
            number = self.evaluator.number
            waiting = [[(number(m - r).lower(), number(m + r).upper()) for m, r in self._bounds()]]
            for _ in range(BOXES):
                if not waiting:
                    return True
                box = waiting.pop()
                side = self._widest(box)
                if side is None:
                    continue
                low, high = box[side]
                middle = ((low + high) / 2).mid()
                waiting += [
                    [*box[:side], half, *box[side + 1 :]]
                    for half in ((low, middle), (middle, high))
                ]
        return False

    def _widest(self, box: list[tuple[Any, Any]]) -> int | None:
        """The number to divide next; None if the box holds no choice that fits."""
        number = self.evaluator.number
        half = [
            (high - low).upper() / 2 / number(r) if r else number(Fraction(0))
            for (low, high), r in zip(box, self.reach, strict=True)
        ]
        rows = self._rows(box, self.places)
        if not rows:
            return _largest([float(h) for h in half])
        bounds = [float(h) for h in half]
        slopes = [[float(slope.mid()) for slope in row[1]] for row in rows]
        misses = [float(row[0].mid()) for row in rows]
        best = _bounded(slopes, misses, [-b for b in bounds], bounds)
        if best is None:
            return _largest(bounds)
        weights = [
            Fraction(miss - sum(a * t for a, t in zip(row, best, strict=True)))
            for row, miss in zip(slopes, misses, strict=True)
        ]
        balls = [number(w) for w in weights]
        short = abs(
            sum((w * row[0] for w, row in zip(balls, rows, strict=True)), number(Fraction(0)))
        )
        made, spread = number(Fraction(0)), []
        for k, h in enumerate(half):
            moves = sum(
                (w * row[1][k] for w, row in zip(balls, rows, strict=True)), number(Fraction(0))
            )
            made += abs(moves) * h
            spread.append(float((moves.rad() * h).upper()))
        if short > made:
            return None
        return _largest(spread if any(spread) else bounds)


def _size(point: Point) -> Fraction:
    return max(map(abs, point), default=Fraction(0))


def _largest(sizes: list[float]) -> int:
    return max(range(len(sizes)), key=sizes.__getitem__)


def _bounded(
    rows: list[list[float]], misses: list[float], low: list[float], high: list[float]
) -> list[float] | None:
    """Least squares within bounds (Stark & Parker 1995); None if there are no finite numbers.

    >>> [round(x, 6) for x in _bounded([[1.0, 0.0], [0.0, 1.0]], [3.0, 0.5], [-1, -1], [1, 1])]
    [1.0, 0.5]
    """
    import numpy

    a, b = numpy.array(rows), numpy.array(misses)
    lower, upper = numpy.array(low), numpy.array(high)
    if not (numpy.isfinite(a).all() and numpy.isfinite(b).all()):
        return None
    x = numpy.clip(numpy.zeros(len(low)), lower, upper)
    free = upper > lower
    for _ in range(4 * len(low) + 4):
        target = x.copy()
        if free.any():
            target[free] = numpy.linalg.lstsq(a[:, free], b - a[:, ~free] @ x[~free], rcond=1e-13)[
                0
            ]
        out = free & ((target < lower) | (target > upper))
        if out.any():
            # As far towards it as the first bound on the way.
            ends = numpy.where(target < lower, lower, upper)
            share = numpy.where(out, (ends - x) / numpy.where(out, target - x, 1), 2.0)
            first = int(share.argmin())
            x = numpy.where(free, x + share[first] * (target - x), x)
            x[first], free[first] = ends[first], False
            continue
        x = target
        pull = a.T @ (b - a @ x)
        held = ~free & (upper > lower)
        gain = numpy.where(held, numpy.where(x <= lower, pull, -pull), 0.0)
        if gain.max(initial=0.0) <= 1e-14:
            break
        free[int(gain.argmax())] = True
    return [float(value) for value in numpy.clip(x, lower, upper)]
