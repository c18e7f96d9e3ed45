"""One-sided limits and slopes of a program at a point, along one input at a time.

The program is expanded just right and just left of the point, gate by gate (``gates.py``), so that
what is singular inside may be smooth as a whole: √(x⁴), relu(x) − relu(−x), sin(x)/x with its hole
filled.  Exact where the point is; nothing is guessed: what does not follow is undecided.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, Literal

from graphdiff.core.domains.array import entrywise
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.walks import ascend
from graphdiff.language.reading.point import read_value
from graphdiff.program.graph import Graph

from .coefficients import BITS, ORDER, Doubt, NoSeries, equal, known, times, told
from .gates import UNKNOWN, State, named, state_of
from .germ import Germ, Tail
from .writing import WrittenOut, written_out

__all__ = ["Half", "Local", "OneSided", "judged", "one_sided"]


_SHORT = 4
"""Powers from here on are left out at first; where that says too little, more are taken."""


@dataclass(frozen=True, slots=True)
class Half:
    """One side of a point.  Numbers are fractions, balls (``arb``), or ±inf."""

    status: Literal["known", "outside", "undecided"]
    """``outside``: the program has no value on this side."""
    limit: Any = None
    """What the value tends to; None where nothing is known."""
    slope: Any = None
    """The limit of (f(c ± t) − limit)/(±t); None where there is none, or none is known."""


@dataclass(frozen=True, slots=True)
class OneSided:
    """What a program does on both sides of a point, along one input."""

    value: Any
    """At the point: a fraction or a ball; None where it has none."""
    below: Half
    above: Half
    jump: bool | None
    """Whether the value differs from a limit; None if undecided."""
    same: bool | None
    """Whether both slopes are finite and equal; None if undecided, or if there is one side only."""

    @property
    def left(self) -> Any:
        """The slope from below."""
        return self.below.slope

    @property
    def right(self) -> Any:
        """The slope from above."""
        return self.above.slope

    @property
    def decided(self) -> bool:
        """Whether limits, slopes and jumps are all proved."""
        halves = [h for h in (self.below, self.above) if h.status != "outside"]
        return (
            bool(halves)
            and all(h.status == "known" and h.slope is not None for h in halves)
            and self.jump is not None
            and (len(halves) < 2 or self.same is not None)
        )

    @property
    def derivative(self) -> Any:
        """The derivative, where it is proved to exist; at the end of the domain the one-sided one,
        which may be infinite.  None else."""
        if self.jump is not False or not self.decided:
            return None
        if self.below.status == "outside":
            return self.right
        if self.above.status == "outside":
            return self.left
        if self.same:
            return self.left if _simple(self.left) else self.right
        infinite = _infinite(self.left) and _infinite(self.right) and self.left == self.right
        return self.left if infinite else None

    @property
    def kink(self) -> bool:
        """Whether it is proved to be continuous with two different slopes."""
        two = self.below.status == self.above.status == "known"
        return two and self.decided and self.jump is False and self.derivative is None


def one_sided(graph: Graph, point: Mapping[str, Any], name: str) -> OneSided:
    """Both sides of a point along one input, or one entry (``x[0]``) of an array.

    Raises what ``Local`` raises, and KeyError for an input that is none.

    >>> import graphdiff as gd
    >>> found = one_sided(gd.parse("relu(x) - relu(-x)"), {"x": 0}, "x")
    >>> found.left, found.right, found.derivative
    (Fraction(1, 1), Fraction(1, 1), Fraction(1, 1))
    >>> found = one_sided(gd.parse("ceil(x)*x"), {"x": 1}, "x")
    >>> found.below.limit, found.above.limit, found.jump, found.left, found.right
    (Fraction(1, 1), Fraction(2, 1), True, Fraction(1, 1), Fraction(2, 1))
    """
    return Local(graph, point).along(name)


class Local:
    """A program at a point, written out once for all its inputs.

    Raises BadPoint, ShapeMismatch, LimitExceeded (too many entries to write out), Unsupported,
    NotDifferentiable.
    """

    def __init__(self, graph: Graph, point: Mapping[str, Any]) -> None:
        constants = {name: read_value(name, value) for name, value in point.items()}
        self.program: WrittenOut = written_out(graph, constants)
        self.tape: Tape = self.program.tape
        self.order = self.tape.needed_for([self.program.output])
        self._names: dict[Any, Any] = {}
        self._around: dict[int, tuple[dict[int, State], dict[int, State]]] = {}

    @cached_property
    def seat(self) -> dict[int, State]:
        """Every node at the point itself: constant germs."""
        with working_precision(BITS):
            doubt = Doubt(strict=True, names=self._names)
            states: dict[int, State] = {}
            met: dict[Any, State] = {}
            for name, place in self.program.places.items():
                found: dict[int, State] = {}
                self._seat(self.tape.needed_for([place]), found, met, doubt)
                states[self.program.inputs[name]] = found[place]
            self._seat(self.order, states, met, doubt)
            return states

    def _seat(
        self, order: Sequence[int], states: dict[int, State], met: dict[Any, State], doubt: Doubt
    ) -> None:
        """Adds constant germs; an op of equal numbers is one number, whatever its name."""

        def gate(i: int, node: Node, xs: list[State]) -> State:
            numbers = tuple(map(_number, xs))
            key = (node.op, numbers) if numbers and None not in numbers else None
            if key not in met:
                met[key] = named(state_of(self.tape, i, states, doubt))
            return met[key] if key is not None else met.pop(key)

        ascend(self.tape, order, gate, values=states, known=states)

    def number(self, i: int) -> Any:
        """What is proved of a node of the program over arrays or numbers: by entries a fraction, a
        surd (equal ones are one number), a truth value, or None."""

        def one(node: int | None) -> Any:
            state = self.seat.get(node) if node is not None else None
            return state if isinstance(state, bool) else _number(state)

        nodes = self.program.entries.get(i)
        return entrywise(one, nodes) if hasattr(nodes, "shape") else one(nodes)

    @cached_property
    def bases(self) -> dict[int, int | None]:
        """By node: the node through which alone it depends on the inputs (itself, where several
        such meet, and for inputs); None for constants."""
        bases: dict[int, int | None] = {}
        for i in self.order:
            node = self.tape.nodes[i]
            below = {bases[k] for k in node.operands} - {None}
            if node.op == "input":
                bases[i] = i
            else:
                bases[i] = below.pop() if len(below) == 1 else i if below else None
        return bases

    def around(self, base: int) -> tuple[dict[int, State], dict[int, State]]:
        """The nodes that depend on one base, as that moves down and up."""
        if base not in self._around:
            nodes = [i for i in self.order if self.bases[i] == base]
            self._around[base] = self.beside(base, -1, nodes), self.beside(base, 1, nodes)
        return self._around[base]

    def edged(self, lowest: Sequence[int] = ()) -> bool:
        """Whether some node was seen to have no value on one side of the point; ``lowest`` are
        nodes that do not move down."""
        return any(
            None in up.values() or (base not in lowest and None in down.values())
            for base, (down, up) in self._around.items()
        )

    def beside(self, variable: int, way: int, order: Sequence[int]) -> dict[int, State]:
        """The nodes of ``order`` that depend on one node, as that moves up (1) or down (−1)."""
        start = self.seat[variable]
        if not isinstance(start, Germ):
            return {}
        moved: dict[int, State] = {}
        for reach in (_SHORT, ORDER):
            doubt = Doubt(strict=True, reach=reach, names=self._names)
            moved = self._moved(variable, start, way, order, doubt)
            if all(_far(state) for state in moved.values()):
                break
        return moved

    def _moved(
        self, variable: int, start: Germ, way: int, order: Sequence[int], doubt: Doubt
    ) -> dict[int, State]:
        terms = {**start.terms, (Fraction(1), 0): Fraction(way)}
        moved: dict[int, State] = {variable: Germ(terms, math.inf, doubt)}
        names: dict[int, Any] = {variable: ("moved", variable)}
        met: dict[Any, int] = {}
        for i in order:
            node = self.tape.nodes[i]
            operands = node.operands
            if i == variable or not any(k in moved for k in operands):
                continue
            called = tuple([names[k] if k in names else self._called(k) for k in operands])
            key = node.op, called, self._called(i)
            if key in met:
                moved[i], names[i] = moved[met[key]], names[met[key]]
                continue
            states = {k: moved.get(k, self.seat.get(k, UNKNOWN)) for k in operands}
            same = len(set(called)) < len(called) and not self.tape.selects(i)
            state = state_of(self.tape, i, states, doubt, same)
            moved[i] = self._anchored(i, state, states)
            chosen = _selected(self.tape.ops[node.op], state, [states[k] for k in operands], called)
            names[i] = ("moved", i) if chosen is None else chosen
            met[key] = i
        return moved

    def _called(self, i: int) -> Any:
        """A name for a number: its value where that is known, else its node."""
        number = _number(self.seat.get(i))
        return ("node", i) if number is None else ("number", number)

    def _anchored(self, i: int, state: State, states: Mapping[int, State]) -> State:
        """A germ whose limit is the very number that the node has at the point, where that follows
        from continuity and not from digits."""
        node, here = self.tape.nodes[i], self.seat.get(i)
        if not isinstance(state, Germ) or not isinstance(here, Germ) or not state.order > 0:
            return state
        row = self.tape.ops[node.op]
        if known(state.at(0)) or row.selects or (row.kink is not None and row.kink.can_jump):
            return state
        for k in node.operands:
            a, b = states[k], self.seat.get(k)
            if not isinstance(a, Germ) or not isinstance(b, Germ) or any(
                alpha < 0 or (alpha == 0 and beta) for alpha, beta in a.terms
            ):  # fmt: skip
                return state
            if not _one(a.at(0), b.at(0)):
                return state
        return Germ({**state.terms, (Fraction(0), 0): here.at(0)}, state.order, state.doubt,
                    state.flat)  # fmt: skip

    def along(self, name: str) -> OneSided:
        """Both sides along one input, or one entry of an array."""
        if name not in self.program.inputs:
            raise KeyError(name)
        variable, output = self.program.inputs[name], self.program.output
        with working_precision(BITS):
            here = self.seat.get(output, UNKNOWN)
            down, up = here, here
            if variable in self.order:
                down = self.beside(variable, -1, self.order).get(output, here)
                up = self.beside(variable, 1, self.order).get(output, here)
            found = judged(here, down, up)
            below, above = (
                Half(half.status, told(half.limit), told(half.slope))
                for half in (found.below, found.above)
            )
            return OneSided(told(found.value), below, above, found.jump, found.same)


def _number(state: State) -> Any:
    """The exact number that a constant germ is; None where it is none."""
    value = state.at(0) if isinstance(state, Germ) else None
    return value if known(value) else None


def _selected(row: Op, state: State, operands: Sequence[State], called: Sequence[Any]) -> Any:
    """The name of the operand that a gate hands on, beside the point; None where it makes another
    function, or expansions do not tell which it takes."""
    hands_on = row.selects or (row.exact and row.kink is not None and not row.kink.can_jump)
    if not hands_on or not isinstance(state, Germ):
        return None
    mine = _content(state)
    found = [
        name for x, name in zip(operands, called, strict=True)
        if isinstance(x, Germ) and _content(x) == mine
    ]  # fmt: skip
    return found[0] if len(set(found)) == 1 or (found and state.order == math.inf) else None


def _content(germ: Germ) -> Any:
    terms = frozenset((key, c if known(c) else id(c)) for key, c in germ.terms.items())
    return terms, germ.order, germ.flat


def _half(state: State, way: int) -> Half:
    """One side of the output."""
    if state is None:
        return Half("outside")
    if isinstance(state, Tail):
        return Half("known", state.limit)
    if not isinstance(state, Germ):
        return Half("undecided")
    try:
        limit = state.limit
        if isinstance(limit, float):
            return Half("known", limit)
    except NoSeries:
        return Half("undecided")
    try:
        slope = _slope(state, way)
    except NoSeries:
        slope = None
    return Half("known" if slope is not None else "undecided", limit, slope)


def _slope(germ: Germ, way: int) -> Any:
    """The slope of a germ with a finite limit; ±inf, None if it is not known."""
    rest = Germ({k: v for k, v in germ.terms.items() if any(k)}, germ.order, germ.doubt, germ.flat)
    early = {k: v for k, v in rest.terms.items() if k[0] < 1 or (k[0] == 1 and k[1])}
    found = Germ(early, math.inf, germ.doubt).leading()
    if found is not None:
        rising = Germ({found[0]: found[1]}, math.inf, germ.doubt).sign()
        return rising * way * math.inf
    return times(rest.at(1), Fraction(way)) if rest.order > 1 else None


def _far(state: State) -> bool:
    """Whether an expansion is known, and far enough for slopes and second derivatives."""
    return state is not UNKNOWN and (not isinstance(state, Germ) or state.order > 2)


def judged(here: State, down: State, up: State) -> OneSided:
    """What follows for a node from its states at the point and on both sides; with surds."""
    below, above = _half(down, -1), _half(up, 1)
    value = here.at(0) if isinstance(here, Germ) else None
    halves = [h for h in (below, above) if h.status != "outside"]
    jump: bool | None = None
    if value is not None:
        meets = [_meets(h.limit, value) for h in halves]
        jump = True if False in meets else None if None in meets else False
    same: bool | None = None
    slopes = [h.slope for h in halves]
    if len(slopes) == 2 and None not in slopes:
        same = not any(map(_infinite, slopes)) and _same(*slopes)
    return OneSided(value, below, above, jump, same)


def _meets(limit: Any, value: Any) -> bool | None:
    """Whether a limit is the value."""
    if limit is None:
        return None
    return False if _infinite(limit) else _same(limit, value)


def _same(a: Any, b: Any) -> bool | None:
    return True if _one(a, b) else equal(a, b)


def _one(a: Any, b: Any) -> bool:
    """Whether two coefficients are one number, without a look at digits."""
    return a is b or (known(a) and known(b) and bool(a == b))


def _simple(value: Any) -> bool:
    return isinstance(value, int | Fraction)


def _infinite(value: Any) -> bool:
    return isinstance(value, float) and math.isinf(value)
