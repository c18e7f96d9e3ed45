"""The search for variants: draw, judge, keep; bounded, and the same on every machine."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import gcd
from typing import Any

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.errors import BadPoint, GraphDiffError, LimitExceeded
from graphdiff.language.reading.point import read_value
from graphdiff.language.reading.unknown import no_variable, one_of
from graphdiff.program.graph import Graph, parse
from graphdiff.program.runs.trace import Trace, plain

from .judging import REASONS, fault
from .numerals import Drawing
from .varying import GATES, LIMITS, Template, read_like, written

__all__ = ["Exercise", "Progress", "checked_count", "too_few", "variants"]

MOST = 10_000
"""Exercises of one set."""
VARY = ("numbers", "gates")
Progress = Callable[[int], None]
"""Called with the number of exercises found so far, now and then."""

_TRIES, _WORK = 8_000, 400_000
"""Draws in each stage, and draws times nodes: some seconds in all."""
_STAGES: tuple[tuple[Fraction, ...], ...] = (
    tuple(map(Fraction, range(2, 6))),
    tuple(map(Fraction, range(1, 10))),
    tuple(Fraction(n, 2) for n in range(1, 13)),
    tuple(sorted({Fraction(n, d) for d in (1, 2, 4, 5, 10) for n in range(1, 10 * d + 1)})),
)
"""Numbers that points are made of; later stages are for programs that few numbers suit."""


@dataclass(frozen=True, eq=False)
class Exercise:
    """A program at a point, to be worked out on paper."""

    program: str
    point: dict[str, int | Fraction]
    graph: Graph
    trace: Trace

    @property
    def rounded(self) -> bool:
        """Whether some of its numbers are no short decimals, so that solutions are rounded."""
        return any(isinstance(value, float) for value in self.trace.values.values())


def variants(
    like: str | Graph, *, seed: int = 0, count: int = 10, vary: str = "numbers",
    at: Mapping[str, Any] | None = None, progress: Progress | None = None,
) -> list[Exercise]:  # fmt: skip
    """Variants of a program whose numbers are pleasant; the same ones for the same seed.

    Points and constants differ, with ``vary="gates"`` also gates (+ − × max min).  Every value,
    local gradient and gradient is an integer or a decimal with at most 2 places, of at most 100;
    only past functions such as exp, whose arguments are then small integers or halves, numbers
    have to be rounded.  ``at`` is the example's own point: it is left out, and its decimals say
    which variables get decimals.

    Raises GraphDiffError if there are not so many, and says why; Unsupported for arrays.

    >>> [e.program for e in variants("(2*x + y)*z", count=3, seed=1, vary="gates")]
    ['(7*x - y)*z', '(3*x + y)*z', 'max(7*x + y, z)']
    """
    checked_count(count)
    one_of("vary", vary, VARY)
    template = Template(read_like(like))
    example = _example(template, at or {})
    search = _Search(template, Drawing(seed), vary == "gates", example)
    found = search.found(count, progress or (lambda _: None))
    if len(found) < count:
        more = "" if vary == "gates" else "vary the gates too, "
        raise too_few(len(found), count, search.reasons, f"{more}or take another program")
    return found


def checked_count(count: int) -> None:
    """Refuse a set without exercises, or one too large.  Raises GraphDiffError."""
    if not 1 <= count <= MOST:
        raise LimitExceeded(f"count = {count} is not from 1 to {MOST:,}")


def too_few(found: int, count: int, reasons: Counter[str], instead: str) -> GraphDiffError:
    """The error that says how many variants there are, and why others were not taken."""
    told = ", ".join(
        f"{REASONS[key]} ({n:,} time{'s' * (n != 1)})" for key, n in reasons.most_common(3)
    )
    if found:
        message, rest = f"only {found} of {count} exercises were found", "others were"
    else:
        message, rest = "no exercise could be made", "each that was tried was"
        instead = instead.removeprefix("or ")
        told = told or "the program has no number that could be another"
    if not reasons:
        return GraphDiffError(f"{message}: {told}" if told else message, hint=instead)
    return GraphDiffError(
        f"{message}; {rest} refused: {told}",
        hint=f"ask for {found}, {instead}" if found else instead,
    )


def _example(template: Template, at: Mapping[str, Any]) -> dict[str, Any]:
    for name in at:
        if name not in template.graph.inputs:
            graph = template.graph
            raise no_variable(name, graph.inputs, graph.names, of="program", error=BadPoint)
    constants = {name: read_value(name, value) for name, value in at.items()}
    for name, constant in constants.items():
        if constant.shape:
            raise BadPoint(f"the value of {name} is an array", hint="give it a number")
    return {name: constant.read(RATIONAL) for name, constant in constants.items()}


class _Search:
    """Draws variants, and counts why others were not taken."""

    def __init__(
        self, template: Template, drawing: Drawing, gates: bool, example: Mapping[str, Any]
    ) -> None:
        self.template, self.drawing, self.example = template, drawing, example
        self.gates = template.gates if gates else ()
        self.reasons: Counter[str] = Counter()
        self.seen: set[tuple[Any, ...]] = set()

    def found(self, count: int, progress: Progress) -> list[Exercise]:
        """So many variants, or all there are; those with small numbers first."""
        found: list[Exercise] = []
        tries = min(_TRIES, _WORK // len(self.template.graph.order))
        for pool in _STAGES:
            pools = [self._pool(name, pool) for name in self.template.inputs]
            for k in range(tries):
                if k % 256 == 0:
                    progress(len(found))
                exercise = self._drawn(pools)
                if exercise is not None:
                    found.append(exercise)
                if len(found) == count:
                    return found
        return found

    def _pool(self, name: str, pool: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """Values for one variable, of either sign; decimals where the example has them."""
        given = self.example.get(name)
        below = given.denominator if isinstance(given, Fraction) else 1
        if below > 1 and 100 % below == 0:
            pool = tuple(Fraction(n, below) for n in range(1, 20) if gcd(n, below) == 1)
        return tuple(sign * x for x in pool for sign in (1, -1))

    def _drawn(self, pools: list[tuple[Fraction, ...]]) -> Exercise | None:
        one, template = self.drawing.one, self.template
        point = {name: one(p) for name, p in zip(template.inputs, pools, strict=True)}
        numbers = {place: one(pool) for place, pool in template.numbers.items()}
        gates = {i: one(self._others(i)) for i in self.gates}
        key = (*point.values(), *numbers.values(), *gates.values())
        if key in self.seen:
            self.reasons["again"] += 1
            return None
        graph = template.changed(numbers, gates)
        reason = self._refused(graph, point)
        if graph is None or reason:
            self.reasons[reason] += 1
            return None
        self.seen.add(key)
        return _exercise(graph, point)

    def _others(self, i: int) -> tuple[str, ...]:
        """Gates for node i; its own as often as all others together."""
        own = self.template.tape.nodes[i].op
        return (*GATES, own, own, own)

    def _refused(self, graph: Graph | None, point: Mapping[str, Fraction]) -> str:
        if all(self.example.get(name) == x for name, x in point.items()):
            return "example"
        return "merged" if graph is None else fault(graph, point)


def _exercise(graph: Graph, point: Mapping[str, Fraction]) -> Exercise:
    """The exercise as a student sees it: the graph is that of the text."""
    program = graph.source or written(graph)
    if not graph.source:
        graph = parse(program, graph.tape.ops, limits=LIMITS)
    at = {name: plain(value) for name, value in point.items()}
    at = {name: at[name] for name in graph.inputs if name in at}
    return Exercise(program, at, graph, graph.backprop(at).complete())
