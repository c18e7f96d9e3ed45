"""Are two expressions equal?  Disjoint balls prove that they are not, a normal form that they are.

The balls come first: most wrong answers end at the first point (Johansson 2017, "Arb"), and a
normal form takes positive bases for granted where exponents are symbols.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property, partial
from typing import Any, Literal

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.words import Message
from graphdiff.homework.asked.evaluation import Evaluator, Missing, There, shown_ball
from graphdiff.homework.asked.points import (
    Point,
    between,
    degenerate,
    far_points,
    odd_points,
    ordinary,
    sample_points,
    scaled_points,
    special_points,
)
from graphdiff.homework.asked.problem import BITS, Place, Problem, coordinates
from graphdiff.homework.asked.verdict import Witness

from .borders import Border, critical_points, jumping, on_kink
from .doubts import (
    bends,
    constant,
    disturbed,
    disturbed_together,
    edges,
    scales,
    selects,
    side,
    sign_of,
    told_apart,
    too_small,
)
from .rounding import Decimals, Rounding

__all__ = ["Comparison", "compare"]

MOST_BITS = 4096
TIGHT = 40
"""Bits to which two balls must agree to count as agreement at a point."""
_FINE, _STEPS = 768, 240
"""Bits and bisections with which gates that turn close together are told apart."""
FEW = 6
"""Points of every sign at which the two agree before a proof is tried; where there is one, others
can show only that one of the two has no value."""
ENOUGH = 4
"""Informative points that must agree before an answer without a proof is called right, beyond those
where nothing is known."""
HIDDEN = 32
"""Points at which a side of a kink may be hidden before it is looked for no further."""
WORK = 3_000_000
"""Nodes times 64-bit words that one comparison may cost."""
Changes = Callable[..., Iterator[dict[int, Any]]]
"""Gives the values that stay where a gate has another one."""


@dataclass(slots=True)
class Comparison:
    """What comparing an answer with the key has shown."""

    status: Literal["right", "wrong", "domain", "rough", "undecided"] = "undecided"
    proved: bool = False
    witness: Witness | None = None
    agreed: int = 0
    """Points where both have the same value, as far as the balls can tell."""
    informative: int = 0
    """Those of them at which no coordinate is a special number, and nothing is out of reach."""
    digits: int = 0
    reason: str = ""
    undefined: int = 0
    """Points where the key has a value and the answer has none."""
    gap: Witness | None = None
    """The first point where only one of them has a value."""
    loose: list[Point] = field(default_factory=list)
    """Points where a value is not known, or balls overlap without being tight."""
    doubt: str = ""
    """Why agreement at the points says little."""


def compare(
    problem: Problem, tape: Tape, answer: int, decimals: Decimals | None = None
) -> Comparison:
    """Compare a node with the key; ``tape`` continues the problem's.

    ``decimals`` gives midpoint and radius of inputs that stand for rounded numbers: then "right"
    means that one choice of these numbers fits at all points, which is not proved any further.
    """
    if answer == problem.key:
        return _identical(problem)
    found = Comparison()
    look = _Look(problem, tape, answer, decimals or {}, found)
    proved: bool | None = None
    for k, place in enumerate(problem.places()):
        if k == FEW and found.agreed and not decimals:
            proved = _proved(problem, tape, answer)
        if not (proved and look.same_domain_at(place)) and look.at(place):
            look.simply()
            return found
    if decimals:
        return _with_rounding(look)
    if proved is None:
        proved = bool(found.agreed) and _proved(problem, tape, answer)
    if proved:
        found.proved = True
        return _concluded(problem, found)
    if look.closely():
        return found
    if not found.agreed and found.undefined:
        found.proved = look.never_defined()
    return _concluded(problem, found)


def _with_rounding(look: _Look) -> Comparison:
    """The answer fits at every single point; is there one choice that fits at all of them?"""
    problem, tape, answer, found = look.problem, look.tape, look.answer, look.found
    if not look.tight and look.closely():
        return found
    if look.vague > len(look.tight):
        found.reason = Message("reason.loose")
        return found
    if not found.agreed and found.undefined:
        found.proved = look.never_defined()
        return _concluded(problem, found)
    points = list(look.tight)
    rounding = Rounding.of(problem, tape, answer, look.decimals, points)
    for _ in range(3 if rounding is not None else 0):
        assert rounding is not None
        choice = rounding.choice()
        if choice is None:
            break
        closer = _Look(problem, tape, answer, choice, Comparison(), chosen=True)
        if not (any(map(closer.at, problem.places())) or closer.closely()):
            told = _concluded(problem, closer.found)
            if told.status in ("right", "domain"):
                told.reason = Message("reason.as_printed", points=_points(told.agreed))
            return told
        points = [closer.last, *points]
        rounding = Rounding.of(problem, tape, answer, look.decimals, points)
    if rounding is not None and rounding.excluded():
        found.status, found.proved = "wrong", True
        found.witness = look.farthest(points)
        found.reason = Message("reason.no_choice")
        return found
    found.reason = Message("reason.no_choice_found")
    return found


def _identical(problem: Problem) -> Comparison:
    for place in problem.places():
        if place.usable and place.known[problem.key].__class__ is not Missing:
            return Comparison("right", True)
    return Comparison("undecided", reason=Message("reason.key_value"))


def _proved(problem: Problem, tape: Tape, answer: int) -> bool:
    from graphdiff.study.equality import gathered_alike, proved_equal

    real, kinks = problem.settings.odd_roots, problem.kinks
    return gathered_alike(tape, answer, problem.key) or proved_equal(
        tape, answer, problem.key, odd_roots=real, kinks=kinks
    )


def _concluded(problem: Problem, found: Comparison) -> Comparison:
    if not found.agreed and found.undefined:
        found.status, found.witness = "wrong", found.gap
        found.reason = Message("reason.value")
    elif not found.proved and found.doubt:
        found.reason = Message("reason.doubt", doubt=found.doubt)
    elif not found.proved and not found.agreed:
        found.reason = Message("reason.wide")
    else:
        found.status = "right" if found.gap is None else "domain"
        found.witness = found.gap
        if not found.proved:
            found.agreed = found.informative
            points = _points(found.agreed)
            found.reason = Message("reason.sampled", digits=found.digits, points=points)
    return found


def _points(count: int) -> Message:
    return Message("reason.point" if count <= 1 else "reason.points", count=count)


class _Look:
    """Looks at answer and key at one point after another."""

    def __init__(
        self, problem: Problem, tape: Tape, answer: int, decimals: Decimals, found: Comparison,
        *, chosen: bool = False,
    ) -> None:  # fmt: skip
        self.problem, self.tape, self.answer, self.decimals = problem, tape, answer, decimals
        self.found = found
        self.rounded = bool(decimals) and not chosen
        """Whether the decimals are as wide as their rounding allows."""
        self.last: Point = ()
        own = set(problem.order)
        self.order = [i for i in tape.needed_for([answer]) if i not in own]
        self.evaluator = Evaluator(tape, odd_roots=problem.settings.odd_roots)
        self.spent = 0
        self.values: dict[int, Any] = {}
        self.tight: dict[Point, None] = {}
        self.informative: set[Point] = set()
        self.hidden: set[Point] = set()
        """Points where they agree, but numbers are out of reach."""
        self.vague = 0
        self.one_sided: set[int] = set()
        self.unmet: set[int] = set()
        """Gates that jump and were not looked at exactly there."""
        self.hiding: Counter[int] = Counter()
        self.turns: list[tuple[Point, Point]] = []
        """Points right before and behind where a gate with a kink turns."""
        self.passed: list[Point] = []
        """Points that may lie on such a kink."""

    def at(self, place: Place, bits: int = BITS) -> bool:
        """Compare at a place; True if that proves the answer wrong."""
        key, self.last = place.known[self.problem.key], place.point
        if place.usable is None or (place.usable and key is Missing.UNKNOWN):
            self.found.loose.append(place.point)
        if not place.usable or key is Missing.UNKNOWN:
            return False
        with working_precision(bits):
            given = self._answer(place)
            self.spent += (len(self.order) + 1) * (bits // 64)
            if given is Missing.UNKNOWN:
                self.found.loose.append(place.point)
            elif given is Missing.UNDEFINED or key is Missing.UNDEFINED:
                self._gap(place, given, key)
            elif not given.overlaps(key):
                self.found.status, self.found.proved = "wrong", True
                self.found.witness = self._witness(place, given, key)
                return True
            else:
                self._agreement(place, given, key, bits)
        return False

    def same_domain_at(self, place: Place) -> bool:
        """Whether this place tells nothing of two that are proved equal where both are defined.

        It does where one of them has no value, which shows in parts of the answer already.
        """
        key = place.known[self.problem.key]
        if not place.usable or key is Missing.UNKNOWN:
            return True
        if key is Missing.UNDEFINED:
            return self.problem.function is not None
        openings, parts = self._openings
        if openings is None:
            return False
        values = place.known
        if parts:
            with working_precision(BITS):
                values = self.evaluator.run(parts, place.there, values)
        return not any(values[i] is Missing.UNDEFINED for i in openings)

    @cached_property
    def _openings(self) -> tuple[list[int] | None, list[int]]:
        """Parts that may have no value, and what they need beyond the problem's own nodes."""
        openings = self.evaluator.openings(self.tape.needed_for([self.problem.key, self.answer]))
        needed = set(self.tape.needed_for(openings or ()))
        return openings, [i for i in self.order if i in needed]

    def never_defined(self) -> bool:
        """Whether a part of the answer that holds no variable, such as 1/0, has no value."""
        order = self.tape.needed_for([self.answer])
        if any(selects(self.tape, i) for i in order):
            return False  # the branch not taken need not have a value
        fixed = constant(self.tape, order)
        with working_precision(BITS):
            return Missing.UNDEFINED in self.evaluator.run(sorted(fixed), {}).values()

    def simply(self) -> None:
        """Take a witness of small integers where one of them tells the two apart as well."""
        kept = self.found
        for place in self.problem.simple_places:
            self.found = Comparison()
            if self.at(place):
                kept.witness = self.found.witness
                break
        self.found = kept

    def farthest(self, points: list[Point]) -> Witness | None:
        """The point at which the numbers as written miss the key by most."""
        found: list[tuple[float, Witness]] = []
        with working_precision(256):
            for point in points:
                place = self.problem.place(point, 256)
                key, given = place.known[self.problem.key], self._answer(place, exactly=True)
                if key.__class__ is not Missing and given.__class__ is not Missing:
                    off = abs(key - given) / (abs(key) + abs(given))
                    found.append((float(off), self._witness(place, given, key)))
        known = [pair for pair in found if pair[0] == pair[0]]
        return max(known, key=lambda pair: pair[0])[1] if known else None

    def _answer(self, place: Place, *, exactly: bool = False) -> Any:
        """The answer's value; ``exactly``, with decimals as the numbers that are written."""
        if not self.order:
            self.values = place.known
            return place.known.get(self.answer, Missing.UNKNOWN)
        evaluator, point = self.evaluator, place.there
        if self.decimals:
            point = There(point, point.exact)
        for name, (middle, radius) in self.decimals.items():
            point[name] = evaluator.balls.arb(
                evaluator.number(middle), 0 if exactly else evaluator.number(radius).upper()
            )
        self.values = evaluator.run(self.order, point, place.known)
        return self.values[self.answer]

    def _gap(self, place: Place, given: Any, key: Any) -> None:
        """One of them has no value; where the key's formula has none, a derivative may exist."""
        if given is key or (key is Missing.UNDEFINED and self.problem.function is not None):
            return
        self.found.undefined += given is Missing.UNDEFINED
        shown = self.found.gap
        # Small integers come last, and are what a reader would rather see.
        small = all(x.denominator == 1 for x in place.point)
        if shown is None or (small and any("/" in x for x in shown.point.values())):
            self.found.gap = self._witness(place, given, key)

    def _agreement(self, place: Place, given: Any, key: Any, bits: int) -> None:
        sure = min(bits, *(int(ball.rel_one_accuracy_bits()) for ball in (given, key)))
        if self.rounded and self._vague(place.point, given):
            self.vague += 1
        elif sure >= TIGHT or self.rounded:
            self.tight[place.point] = None
            if bits > BITS and not degenerate(place.point):
                (self.hidden if self._hides() else self.informative).add(place.point)
            digits = max(0, int(sure * 0.30103))
            self.found.digits = min(self.found.digits, digits) if self.found.agreed else digits
            self.found.agreed += 1
        else:
            self.found.loose.append(place.point)

    def _hides(self) -> bool:
        """Whether something that belongs to the two is too small or large to show in them."""
        return too_small(self.tape, self.problem.order, self.values) or too_small(
            self.tape, self.order, self.values
        )

    def _vague(self, point: Point, given: Any) -> bool:
        """Whether a ball is wide beyond what rounding does: (0.5 − 0.5)·100 may be anything."""
        size = max([Fraction(1), *[abs(x) for x in point]])
        size *= max(radius for _, radius in self.decimals.values())
        return not (given.rel_accuracy_bits() >= 1 or given.rad() <= self.evaluator.number(size))

    def _witness(self, place: Place, given: Any, key: Any) -> Witness:
        """Both values with all the digits that are shown; of decimals, as they are written."""
        if self.rounded and given.__class__ is not Missing:
            given = self._answer(place, exactly=True)
        for bits in (256, 1024):
            if given.__class__ is Missing or (_sharp(given) and _sharp(key)):
                break
            there = self.problem.place(place.point, bits)
            with working_precision(bits):
                given, key = self._answer(there, exactly=True), there.known[self.problem.key]
        point = {n: str(x) for n, x in zip(self.problem.names, place.point, strict=True)}
        texts = _shown(given), _shown(key)
        for digits in (25, 50, 100, 200, 400):
            if texts[0] != texts[1] or Missing in (given.__class__, key.__class__):
                break
            # They differ in digits that are not shown yet.
            there = self.problem.place(place.point, 64 + 4 * digits)
            with working_precision(64 + 4 * digits):
                given, key = self._answer(there, exactly=True), there.known[self.problem.key]
            texts = _shown(given, digits), _shown(key, digits)
        return Witness(point, *texts)

    def closely(self) -> bool:
        """Look again where nothing is decided: more points, both sides of kinks, more bits."""
        loose, self.found.loose = self.found.loose, []
        self.found.agreed = self.found.digits = 0
        if loose and not self.tight and self._unknowable():
            self.found.doubt = Message("reason.too_large")
            return False
        points = [place.point for place in self.problem.places() if place.point not in loose]
        # Differences as small as 10^-30 show with more bits at points that seemed to agree.
        for bits, chosen in ((256, points + loose), (MOST_BITS, points[:3])):
            for point in chosen:
                if self._again(point, bits):
                    return True
        if any(self._again(point, 256) for point in self._further()):
            return True
        for point in sample_points(len(self.problem.names), 160, 88) if self.problem.names else ():
            if not self.tight or len(self.informative) >= 2 * ENOUGH:
                break
            if self._again(point, 256):
                return True
        if self._borders():
            return True
        self.found.informative = len(self.informative)
        self.found.doubt = self._doubt()
        return False

    def _unknowable(self) -> bool:
        """Whether a part without variables, such as 9^9^9^9^9, is not known with all the bits."""
        order = self.tape.needed_for([self.problem.key, self.answer])
        with working_precision(MOST_BITS):
            fixed = sorted(constant(self.tape, order))
            return Missing.UNKNOWN in self.evaluator.run(fixed, {}).values()

    def _doubt(self) -> str:
        """Why two expressions may differ though they agree wherever they were looked at."""
        if self.vague > len(self.tight):
            return Message("reason.loose")
        if self.one_sided:
            op = self.tape.nodes[min(self.one_sided)].op
            return Message("reason.one_side", op=op)
        if self.unmet:
            op = self.tape.nodes[min(self.unmet)].op
            return Message("reason.not_met", op=op)
        unclear = {p for p in self.found.loose if not degenerate(p)} - self.tight.keys()
        needed = ENOUGH if self.problem.names else 1
        # exp(−10^6·u²) is out of reach nearly everywhere, exp(−x²) at large numbers only.
        hidden = [point for point in self.hidden if ordinary(point)]
        if self.hidden and len(self.informative) < max(needed, len(hidden)):
            return Message("reason.sizes")
        if len(self.informative) - len(unclear) >= needed:
            return ""
        if unclear:
            return Message("reason.most_wide")
        return Message("reason.few") if self.tight else ""

    def _there(self, point: Point) -> There:
        there = coordinates(self.evaluator, self.problem.names, point)
        for name, (middle, _) in self.decimals.items():
            there[name] = self.evaluator.number(middle)
        middles = {name: middle for name, (middle, _) in self.decimals.items()}
        return There(there, {**there.exact, **middles})

    def _again(self, point: Point, bits: int) -> bool:
        while self.spent < WORK:
            before = len(self.found.loose)
            self.spent += len(self.problem.order) * (bits // 64)
            if self.at(self.problem.place(point, bits), bits):
                return True
            if len(self.found.loose) == before or bits >= MOST_BITS:
                break
            bits *= 4
        return False

    def _further(self) -> Iterator[Point]:
        n = len(self.problem.names)
        if not n:
            return
        yield from self._sides_of_kinks()
        # (a^b)^c and a^(b c) differ only where a negative base meets an even exponent.
        yield from special_points(n, 60 if n == 1 or not self._symbolic_powers() else 300)
        yield from sample_points(n, 24, 64)
        yield from odd_points(n, 6, self._integers())
        yield from self._scaled()

    def _integers(self) -> Iterator[int]:
        """Numbers above and below the line of exact constants."""
        for i in self.problem.order + self.order:
            value = self.evaluator.rational(i)
            if value is not None:
                yield from (value.numerator, value.denominator)

    def _scaled(self) -> Iterator[Point]:
        """Where constants far from 1 are felt: points of their size, and beside roots of parts."""
        n, order = len(self.problem.names), self.problem.order + self.order
        start = sample_points(n, 16, 64)
        with working_precision(BITS):
            sizes = scales(self.tape, order, self.evaluator.run(order, self._there(start[0])))
        if not sizes:
            return
        for size in sizes:
            yield from scaled_points(n, size)
        for part in bends(self.tape, order):
            if self.spent > WORK:
                return
            sign_of = partial(self._sign, part, self.tape.needed_for([part]))
            places = [(point, sign_of(point)) for point in start]
            for _, root in edges(places, sign_of, 2):
                for k in range(2, 26, 4):
                    yield from (tuple(x + s * Fraction(1, 1 << k) for x in root) for s in (1, -1))

    def _sign(self, part: int, needed: list[int], point: Point) -> Any:
        self.spent += len(needed)
        with working_precision(BITS):
            return sign_of(self.evaluator.run(needed, self._there(point))[part])

    def _symbolic_powers(self) -> bool:
        nodes = self.tape.nodes
        powers = [nodes[i] for i in self.problem.order + self.order if nodes[i].op == "pow"]
        return any(nodes[node.operands[1]].operands for node in powers)

    def _sides_of_kinks(self) -> Iterator[Point]:
        """Points that take every gate with a kink to a side where it has not been."""
        if not self.kinked:
            return
        seen: set[tuple[int, Any]] = set()
        hidden: defaultdict[tuple[int, Any], list[Point]] = defaultdict(list)
        places: list[tuple[Point, Any]] = []
        for point in far_points(len(self.problem.names)):
            if self.spent > WORK:
                return
            sides = self._sides(point)
            places.append((point, sides))
            new = set(zip(self.kinked, sides, strict=True)) - seen
            new = {pair for pair in new if len(hidden[pair]) < HIDDEN}
            if new:
                shown = {i for i, at in new if at is not None and self._shows(i, point)}
                for pair in new:
                    if pair[0] in shown or pair[1] is None:
                        seen.add(pair)
                    else:
                        hidden[pair].append(point)
                yield point
        for pair in hidden.keys() - seen:
            if self._hides_always(pair[0], hidden[pair]):
                seen.add(pair)
        met = Counter(i for i, where in seen if where is not None)
        self.one_sided = {i for i in self.kinked if met[i] < 2}
        for before, behind in edges(places, self._sides):
            # ⌊x/1000⌋ − ⌈x/1000 − 1⌉ is 0 but where x/1000 is an integer.
            on = between(before, behind)
            self.turns.append((before, behind))
            self.passed.append(on)
            yield from (before, behind, on)

    @cached_property
    def kinked(self) -> list[int]:
        """The gates that have kinks."""
        nodes, ops = self.tape.nodes, self.tape.ops
        return [
            i for i in self.problem.order + self.order
            if nodes[i].operands and not selects(self.tape, i) and ops[nodes[i].op].kink is not None
        ]  # fmt: skip

    @cached_property
    def to_kinks(self) -> list[int]:
        """What these depend on, and they."""
        return self.tape.needed_for(self.kinked)

    # -- where gates jump ------------------------------------------------------------------------

    def _borders(self) -> bool:
        """Look exactly where gates jump, and between kinks that lie close together."""
        if not self.kinked or self.rounded:
            return False
        n = len(self.problem.names)
        self.unmet = set(jumping(self.tape, self.tape.needed_for(self._compared)))
        nodes, parts = self.tape.nodes, bends(self.tape, self.problem.order + self.order)
        pairs = sorted({nodes[i].operands for i in self.kinked if len(nodes[i].operands) == 2})
        with working_precision(BITS):
            critical = list(critical_points(
                self.tape, parts, pairs, self.evaluator, self._there, sample_points(n, 2, 64)
            ))  # fmt: skip
        self.spent += 60 * n * len(parts)
        for point in (*critical, *self.passed, *special_points(n, 40)):
            if self._exactly_at(point):
                return True
        return any(self._turning(before, behind) for before, behind in self.turns)

    @cached_property
    def _compared(self) -> list[int]:
        return [self.problem.key, self.answer]

    def _exactly_at(self, point: Point) -> bool:
        """Compare at a point; it meets the gates that are on their kinks there."""
        loose, self.found.loose = self.found.loose, []  # that it is not usable tells nothing
        wrong, unclear = self._again(point, 256), point in self.found.loose
        self.found.loose = loose
        if wrong:
            return True
        if unclear and point not in self.tight:
            place = self.problem.place(point, 256)
            if place.usable or not self.problem.beside_kink(place.known):
                return False
        nodes, ops, exact = self.tape.nodes, self.tape.ops, dict[int, Any]()
        there = self._there(point).exact
        for i in list(self.unmet):
            xs = [self.evaluator.exactly(k, there, exact) for k in nodes[i].operands]
            if None not in xs and on_kink(ops[nodes[i].op], xs):
                self._met(i, len(point) == 1 or self._shows(i, point))
        return False

    def _met(self, i: int, shows: bool) -> None:
        self.hiding[i] += not shows
        # A gate that shows nowhere where it jumps is hidden there by the others.
        if shows or self.hiding[i] >= 2 * ENOUGH:
            self.unmet.discard(i)

    def _turning(self, before: Point, behind: Point) -> bool:
        """Follow gates that turn between two points until they lie apart, and look there."""
        if self.spent > 2 * WORK:
            return False
        places = [(point, self._sides(point, _FINE)) for point in (before, behind)]
        turned = [i for i, a, b in zip(self.kinked, *(s for _, s in places), strict=True) if a != b]
        nodes, ops = self.tape.nodes, self.tape.ops
        at, exact = self._there(between(before, behind)).exact, dict[int, Any]()
        operands = [
            [self.evaluator.exactly(k, at, exact) for k in nodes[i].operands] for i in turned
        ]
        if self.unmet.isdisjoint(turned) and all(
            None not in xs and on_kink(ops[nodes[i].op], xs)
            for i, xs in zip(turned, operands, strict=True)
        ):
            return False
        several = len({Border.of(self.tape, i) for i in turned}) > 1
        if not (several or self.unmet.intersection(turned)):
            return False
        for low, high in edges(places, partial(self._sides, bits=_FINE), 6, steps=_STEPS):
            if several and (self._exactly_at(low) or self._exactly_at(high)):
                return True
            if self._on_jumps(low, high):
                return True
        return False

    def _on_jumps(self, low: Point, high: Point) -> bool:
        """Compare where the gates that turn between two points are on their jumps."""
        sides = zip(self.kinked, self._sides(low, _FINE), self._sides(high, _FINE), strict=True)
        turned = self.unmet.intersection(i for i, a, b in sides if a != b)
        for border in {Border.of(self.tape, i) for i in turned}:
            with working_precision(_FINE):
                ends = self._there(low), self._there(high)
                values = border.values(self.tape, self._everything, self.evaluator, ends)
            if values is None:
                continue
            self.spent += len(values) * (_FINE // 64)
            given, key = values[self.answer], values[self.problem.key]
            usable = self.problem.usable(values)
            if usable and Missing.UNKNOWN not in (given, key):
                if given.__class__ is not Missing and key.__class__ is not Missing:
                    if not given.overlaps(key):
                        self._differs_on(border, low)
                        return True
                    if not _narrow(given - key):
                        continue
            elif (usable is None and not self.problem.beside_kink(values)) or usable:
                continue
            for i in [i for i in self.unmet if Border.of(self.tape, i) == border]:
                self._met(i, len(low) == 1 or not usable or self._moves(i, values))
        return False

    @cached_property
    def _everything(self) -> list[int]:
        function = self.problem.function
        return self.tape.needed_for(
            self._compared if function is None else [*self._compared, function]
        )

    def _moves(self, i: int, values: dict[int, Any]) -> bool:
        with working_precision(_FINE):
            for changed in disturbed(self.tape, self._everything, i, values):
                others = self.evaluator.run(self._everything, {}, changed)
                if any(told_apart(values[k], others[k]) for k in self._compared):
                    return True
        return False

    def _differs_on(self, border: Border, point: Point) -> None:
        near = ", ".join(
            f"{name} = {shown_ball(self.evaluator.number(x))}"
            for name, x in zip(self.problem.names, point, strict=True)
        )
        self.found.status, self.found.proved = "wrong", True
        self.found.reason = Message("reason.differ", op=border.op, near=near)

    def _hides_always(self, i: int, points: list[Point]) -> bool:
        """Whether a side that shows nowhere is hidden by the others: step(x)·step(2x)."""
        return len(points) >= 2 * ENOUGH and any(
            self._shows(i, point, disturbed_together) for point in points[:ENOUGH]
        )

    def _shows(self, i: int, point: Point, changes: Changes = disturbed) -> bool:
        """Whether key or answer would have another value there if this gate had one.

        The relu of max(y + relu(x − 10^5), x²) shows only where the first operand is the larger.
        """
        compared = [self.problem.key, self.answer]
        order = self.tape.needed_for(compared)
        if i not in order:  # the function's, not its derivative's
            return True
        with working_precision(256):
            there = self._there(point)
            values = self.evaluator.run(order, there)
            for changed in changes(self.tape, order, i, values):
                self.spent += 4 * len(order)
                others = self.evaluator.run(order, there, changed)
                if any(told_apart(values[k], others[k]) for k in compared):
                    return True
        return False

    def _sides(self, point: Point, bits: int = BITS) -> tuple[Any, ...]:
        """On which side of its kink each of them is."""
        nodes, ops = self.tape.nodes, self.tape.ops
        self.spent += len(self.to_kinks) * (bits // 64)
        with working_precision(bits):
            values = self.evaluator.run(self.to_kinks, self._there(point))
            return tuple(
                side(ops[nodes[i].op], [values[k] for k in nodes[i].operands]) for i in self.kinked
            )


def _narrow(difference: Any) -> bool:
    return bool(abs(difference) < Fraction(1, 1 << 120).__float__())


def _sharp(value: Any) -> bool:
    """Whether all digits that are shown are proved."""
    return value.__class__ is Missing or value == 0 or value.rel_accuracy_bits() > 44


def _shown(value: Any, digits: int = 12) -> str:
    if value is Missing.UNDEFINED:
        return Message("reason.undefined")
    if value.__class__ is Missing:
        return str(value.value)
    if value.is_exact() and value.is_integer() and abs(value) < 10**15:
        return str(int(value.unique_fmpz()))
    return shown_ball(value, digits)
