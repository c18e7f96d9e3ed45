"""Stationary points of a program in a box: all of them where the search ends, each with a proof.

Boxes are cut, thrown away where some slope cannot be 0, and tested by Krawczyk's operator: one that
maps a box into its own inside proves exactly one zero of the gradient there (Krawczyk 1969; Moore,
Kearfott & Cloud 2009, Introduction to Interval Analysis, sec. 8.2).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.domains.intervals import Interval, enclosing
from graphdiff.core.sweeps.forward import forward
from graphdiff.program.wording import gate_at

from .boxes import Box
from .classifying import classify, isolated
from .points import Search, Stationary
from .proving import Curvatures, Progress, SubBox, bisected
from .regions import box_around, distance, joined_boxes, lies_inside, may_hold, middle_inverse
from .second import Second

__all__ = ["MOST_VARIABLES", "search"]

MOST_VARIABLES = 6
_WORK = 1_300_000
"""Nodes evaluated by one search; some four seconds."""
_BOXES = 8_000
_POINTS = 100
"""Points at which a search ends: sin(1/x) has as many as one likes."""
_FINE = 2.0**-22  # part of the box at which cutting ends


class _Finder:
    def __init__(self, parts: Second, box: Box, progress: Progress | None) -> None:
        self.progress = progress or (lambda done, of: None)
        self.parts, self.box, self.names = parts, box, parts.variables
        self.curvatures = Curvatures(parts)
        self.found: list[Stationary] = []
        self.regions: list[list[Interval]] = []
        """Boxes whose only zero of the gradient is known."""
        self.left: list[list[Interval]] = []
        self.failed: set[tuple[float, ...]] = set()  # to four digits
        self.rough = ""
        start = box.outer()
        self.widths = {name: start[name].width() for name in self.names}
        self.queue = deque([dict(start)])
        self.seen = self.work = 0

    def run(self) -> Search:
        interrupted = False
        try:
            while self.queue and not self._spent():
                self.seen += 1
                self._look(self.queue[0])  # and it stays in the queue if Ctrl-C comes now
                self.queue.popleft()
                self.progress(min(self.work, _WORK), _WORK)
        except KeyboardInterrupt:
            interrupted = True
        self.left += [self._listed(here) for here in self.queue]
        self._try_simple_points()
        self.left = [x for x in self.left if not self._known(x)]
        found = [x for x in self.found if x.place]
        found.sort(key=lambda x: [y.mid() for y in x.around])
        return Search(
            tuple(found), not self.left, self.seen, len(self.left), self._why(), interrupted
        )

    def _why(self) -> str:
        """What is open."""
        if not self.left:
            return ""
        points = [x.around for x in self.found]
        far = [min((distance(box, p) for p in points), default=1.0) for box in self.left]
        if max(far) < 1e-3 * max(self.widths.values()):
            why = f"within {max(far):.1g} of the points that are listed"
        else:
            around = zip(self.names, box_around(self.left), strict=True)
            where = ", ".join(f"{name} in {x}" for name, x in list(around)[:3])
            why = f"{len(self.left)} boxes are open ({where})"
        return f"{why}; {self.rough}" if self.rough else why

    def _spent(self) -> bool:
        return self.work > _WORK or self.seen >= _BOXES or len(self.found) >= _POINTS

    def _slopes(self, box: dict[str, Interval]) -> list[Any]:
        self.work += len(self.curvatures.slopes.order)
        return self.curvatures.slopes.results(box)

    def _part(self, box: dict[str, Interval]) -> SubBox:
        self.work += self.curvatures.cost
        return self.curvatures.at(box)

    def _listed(self, here: dict[str, Interval]) -> list[Interval]:
        return [here[name] for name in self.names]

    def _known(self, here: Sequence[Interval]) -> bool:
        return any(lies_inside(here, region) for region in self.regions)

    def _look(self, here: dict[str, Interval]) -> None:
        """Settle a box, or cut it."""
        listed = self._listed(here)
        if self._known(listed):
            return
        slopes = self._slopes(here)
        # On a kink the slopes hold those of every side, so this is right there too.
        if any(s is not None and not s.holds(0) for s in slopes):
            return
        if all(s is not None and s.lo == 0 == s.hi for s in slopes):
            self.rough = "f is constant over some of them"
            self.left.append(listed)
            return
        part = self._part(here)
        if part.matrix is not None:
            narrowed = self._contract(here, part.matrix)
            if narrowed is None:
                return
            here = narrowed
            small = max(here[n].width() / w for n, w in self.widths.items()) < 0.3
            # What is left of the box beside the region that a jump finds is cut as before.
            if small and self._jump(here) and self._known(self._listed(here)):
                return
        elif part.rough is not None:
            gate = gate_at(self.parts.graph, part.rough)
            self.rough = f"{gate} may have a kink or no value there"
        self._cut(here)

    def _cut(self, here: dict[str, Interval]) -> None:
        fine = all(here[n].width() <= w * _FINE for n, w in self.widths.items())
        halves = None if fine else bisected(here, self.names)
        if halves is None:
            self.left.append(self._listed(here))
        else:
            self.queue += halves

    def _contract(
        self, here: dict[str, Interval], matrix: list[list[Interval]]
    ) -> dict[str, Interval] | None:
        """The part of the box that Krawczyk's operator leaves; None for nothing."""
        made = self._krawczyk(self._listed(here), matrix)
        if made is None:
            return here
        out = {}
        for name, x, k in zip(self.names, self._listed(here), made, strict=True):
            lo, hi = max(x.lo, k.lo), min(x.hi, k.hi)
            if lo > hi:
                return None
            out[name] = Interval(lo, hi)
        return out

    def _krawczyk(
        self, xs: Sequence[Interval], matrix: list[list[Interval]]
    ) -> list[Interval] | None:
        """m − Y·g(m) + (1 − Y·H(X))·(X − m), with Y near the inverse of H."""
        n = range(len(xs))
        self.work += 6 * len(xs) ** 3
        middle = [enclosing(x.mid(), x.mid()) for x in xs]
        slopes = self._slopes(dict(zip(self.names, middle, strict=True)))
        if any(s is None for s in slopes):
            return None
        inverse = middle_inverse(matrix)
        if inverse is None:
            return None
        out = []
        for i in n:
            k = middle[i]
            for j in n:
                k = k - slopes[j] * inverse[i][j]
            for j in n:
                rest = enclosing(int(i == j), int(i == j))
                for m in n:
                    rest = rest - matrix[m][j] * inverse[i][m]
                k = k + rest * (xs[j] - middle[j])
            out.append(k)
        return out

    def _jump(self, here: dict[str, Interval]) -> bool:
        """Newton's method in doubles from the middle, and a proof around where it ends."""
        at = [here[n].mid() for n in self.names]
        for _ in range(12):
            point = [enclosing(x, x) for x in at]
            box = dict(zip(self.names, point, strict=True))
            part, slopes = self._part(box), self._slopes(box)
            inverse = part.matrix and middle_inverse(part.matrix)
            if not inverse or any(s is None for s in slopes):
                return False
            step = [sum(y * s.mid() for y, s in zip(row, slopes, strict=True)) for row in inverse]
            at = [x - s for x, s in zip(at, step, strict=True)]
            near = zip(at, self.names, strict=True)
            if any(not abs(x - here[n].mid()) <= 2 * here[n].width() + 1e-12 for x, n in near):
                return False
            if max(map(abs, step)) <= 1e-12 * (1 + max(map(abs, at))):
                return self._prove_near(at)
        return False

    def _prove_near(self, at: Sequence[float]) -> bool:
        """Find a box around a point that provably holds exactly one zero of the gradient."""
        key = tuple(float(f"{x:.4g}") for x in at)
        if key in self.failed or self._known([enclosing(x, x) for x in at]):
            return False
        for power in (5, 8, 12, 16, 22, 30):
            xs = []
            for x, w in zip(at, self.widths.values(), strict=True):
                half = Fraction(w) / 2**power
                xs.append(enclosing(Fraction(x) - half, Fraction(x) + half))
            tight = self._unique(xs)
            if tight is not None:
                self.regions.append(xs)
                self._add(tight)
                return True
        self.failed.add(key)
        return False

    def _unique(self, xs: list[Interval]) -> list[Interval] | None:
        """A narrow enclosure of the only zero in a box; None where there is no proof of one."""
        part = self._part(dict(zip(self.names, xs, strict=True)))
        made = part.matrix and self._krawczyk(xs, part.matrix)
        if not made or not all(k.lo > x.lo and k.hi < x.hi for k, x in zip(made, xs, strict=True)):
            return None
        for _ in range(40):
            part = self._part(dict(zip(self.names, made, strict=True)))
            finer = part.matrix and self._krawczyk(made, part.matrix)
            if not finer:
                break
            pairs = list(zip(made, finer, strict=True))
            smaller = [Interval(max(a.lo, b.lo), min(a.hi, b.hi)) for a, b in pairs]
            if sum(x.width() for x in smaller) >= 0.95 * sum(x.width() for x in made):
                break
            made = smaller
        return made

    def _add(self, tight: list[Interval]) -> None:
        exact = self._simple(tight)
        kind, proof = classify(self.parts, exact, tight)
        place = self._place(exact, tight)
        around = tuple(enclosing(x, x) for x in exact) if exact else tuple(tight)
        box = dict(zip(self.names, around, strict=True))
        value = self.curvatures.primal.results(box)[0]
        self.found.append(Stationary(exact, around, kind, value, proof, place))

    def _place(self, exact: tuple[Fraction, ...] | None, tight: Sequence[Interval]) -> str:
        """Where the point lies; empty outside of the box."""
        ranges = list(self.box.ranges.values())
        if exact:
            pairs = list(zip(exact, ranges, strict=True))
            if not self.box.holds(exact):
                return ""
            edge = any(x in (r.low, r.high) for x, r in pairs)
            return "on the boundary" if edge else "inside"
        place = "inside"
        for x, r in zip(tight, ranges, strict=True):
            low, high = enclosing(r.low, r.low), enclosing(r.high, r.high)
            if x < low or x > high:
                return ""
            if not (x > low and x < high):
                place = "at the boundary"
        return place

    def _simple(self, tight: Sequence[Interval]) -> tuple[Fraction, ...] | None:
        """A point with small denominators in an enclosure whose gradient is exactly 0."""
        for most in (1, 2, 12, 100):
            point = tuple(Fraction(x.mid()).limit_denominator(most) for x in tight)
            if may_hold(tight, point) and self._gradient_vanishes(point):
                return point
        return None

    def _gradient_vanishes(self, point: Sequence[Fraction]) -> bool:
        at = dict(zip(self.names, point, strict=True))
        parts = self.parts
        values = forward(parts.tape, parts.tape.needed_for(parts.slopes), at, RATIONAL)
        found = [values[i] for i in parts.slopes]
        return all(isinstance(x, int | Fraction) and x == 0 for x in found)

    def _try_simple_points(self) -> None:
        """Degenerate points, where Newton's method fails: simple numbers in what is left."""
        for cluster in joined_boxes(self.left)[:20]:
            wide = [Interval(x.lo, x.hi) for x in cluster]
            point = self._simple(wide)
            if point is None or any(x.exact == point for x in self.found):
                continue
            box = {n: enclosing(x, x) for n, x in zip(self.names, point, strict=True)}
            if self._part(box).matrix is None:
                continue
            kind, proof = classify(self.parts, point, list(box.values()))
            value = self.curvatures.primal.results(box)[0]
            place = self._place(point, list(box.values()))
            around = tuple(box.values())
            whole = self._part(dict(zip(self.names, cluster, strict=True)))
            if whole.matrix is not None and isolated(self.parts, point[0], cluster[0]):
                self.regions.append(list(cluster))
            self.found.append(Stationary(point, around, kind, value, proof, place))


def search(parts: Second, box: Box, progress: Progress | None = None) -> Search:
    """Find the stationary points of a program of up to 6 variables in a finite box."""
    if all(parts.tape.nodes[i][::2] == ("const", 0) for i in parts.slopes):
        return Search((), False, 0, 1, "the gradient is 0 everywhere: every point is stationary")
    return _Finder(parts, box, progress).run()
