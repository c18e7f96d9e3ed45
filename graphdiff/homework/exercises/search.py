"""Variants of a program whose numbers are pleasant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from fractions import Fraction
from math import gcd
from typing import Any

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.errors import BadPoint, GraphDiffError, LimitExceeded, Unsupported
from graphdiff.language.reading.point import read_value
from graphdiff.language.reading.unknown import no_variable, one_of
from graphdiff.program.graph import Graph, parse
from graphdiff.program.runs.trace import plain

from .judging import REASONS, fault
from .matrices import ArraySearch
from .numerals import Drawing
from .searching import Exercise, Progress, Search
from .varying import GATES, LIMITS, Template, read_like, read_program, written

__all__ = ["Exercise", "Progress", "checked_count", "too_few", "variants"]

MOST = 10_000
"""Exercises of one set."""
VARY = ("numbers", "gates")


def variants(
    like: str | Graph, *, seed: int = 0, count: int = 10, vary: str = "numbers",
    at: Mapping[str, Any] | None = None, progress: Progress | None = None,
) -> list[Exercise]:  # fmt: skip
    """Variants of a program whose numbers are pleasant; the same ones for the same seed.

    Points and constants differ, with ``vary="gates"`` also gates (+ − × max min).  Every value,
    local gradient and gradient is an integer or a decimal with at most 2 places, of at most 100;
    only past functions such as exp, whose arguments are then small integers or halves, numbers
    have to be rounded.  ``at`` is the example's own point: it is left out, and its decimals say
    which variables get decimals.  Of a program of arrays it gives the shapes, and only the entries
    differ; labels and what consists of 0 and 1 alone stay.

    Raises GraphDiffError if there are not so many, and says why; Unsupported for other gates of
    arrays.

    >>> [e.program for e in variants("(2*x + y)*z", count=3, seed=1, vary="gates")]
    ['(7*x - y)*z', '(3*x + y)*z', 'max(7*x + y, z)']
    """
    checked_count(count)
    one_of("vary", vary, VARY)
    search = _search(read_program(like), Drawing(seed), vary == "gates", at or {})
    found = search.found(count, progress or (lambda _: None))
    if len(found) < count:
        more = "vary the gates too, " if vary == "numbers" and search.has_gates else ""
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


def _search(graph: Graph, drawing: Drawing, gates: bool, at: Mapping[str, Any]) -> Search:
    if graph.unshaped is None and not graph.has_arrays:
        template = Template(read_like(graph))
        return _NumberSearch(template, drawing, gates, _example(template, at))
    if gates:
        raise Unsupported("the gates of a program of arrays stay", hint="without --vary gates")
    if not at:
        raise BadPoint(
            "an exercise of arrays needs an example for its shapes",
            hint='--at "W=[[1,2],[3,4]],x=[5,6]"',
        )
    return ArraySearch(graph, at, drawing)


class _NumberSearch(Search):
    has_gates = True

    def __init__(
        self, template: Template, drawing: Drawing, gates: bool, example: Mapping[str, Any]
    ) -> None:
        super().__init__(drawing, len(template.graph.order))
        self.template, self.example = template, example
        self.gates = template.gates if gates else ()
        self._pools: dict[tuple[Fraction, ...], list[tuple[Fraction, ...]]] = {}

    def _pool(self, name: str, pool: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
        """Values for one variable, of either sign; decimals where the example has them."""
        given = self.example.get(name)
        below = given.denominator if isinstance(given, Fraction) else 1
        if below > 1 and 100 % below == 0:
            pool = tuple(Fraction(n, below) for n in range(1, 20) if gcd(n, below) == 1)
        return tuple(sign * x for x in pool for sign in (1, -1))

    def drawn(self, pool: tuple[Fraction, ...]) -> Exercise | None:
        one, template = self.drawing.one, self.template
        if pool not in self._pools:
            self._pools[pool] = [self._pool(name, pool) for name in template.inputs]
        pools = self._pools[pool]
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
