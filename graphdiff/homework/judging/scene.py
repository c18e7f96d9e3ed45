"""The true numbers of a program at a point, and whether a written number is one of them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property, lru_cache, partial
from typing import Any, Literal

from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.shape import size
from graphdiff.core.limits import Limits
from graphdiff.core.support.words import Message
from graphdiff.core.sweeps.backward import directional
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.errors import GraphDiffError, LimitExceeded
from graphdiff.homework.asked.evaluation import shown_ball
from graphdiff.homework.asked.names import Asked, Key
from graphdiff.homework.asked.numbers import Number, fraction
from graphdiff.homework.mistakes.meanings import InBalls
from graphdiff.homework.mistakes.sweeps import BallSweeps, Sweeps
from graphdiff.language.notation.numbers import show_number
from graphdiff.program.graph import Graph, parse
from graphdiff.program.runs.enclosure import MOST_WORK, work
from graphdiff.program.runs.run import run
from graphdiff.program.runs.trace import Trace
from graphdiff.program.unfold import entry_name, unfolded_trace

__all__ = ["Outcome", "Scene", "compared", "scene", "shown", "spanned", "wide"]

LIMITS = Limits(text=500_000, depth=200, nodes=20_000, elements=100_000)
Outcome = Literal["exact", "rounded", "agrees", "kink", "near", "wrong", "unsure"]
"""``kink``: between the one-sided slopes; ``near``: within what encloses them, or maybe not."""
_MOST_ENTRIES = 50_000
"""Entries times nodes up to which one-sided slopes are computed for each."""
ENOUGH = 40
"""Bits to which two irrational numbers must agree to be called equal."""


class Scene:
    """A program at a point, with its sweeps at the precisions that answers asked for."""

    def __init__(self, trace: Trace) -> None:
        self.trace, self.graph = trace, trace.graph
        self._sweeps: dict[int, BallSweeps] = {}
        self._tops: dict[tuple[int, int], dict[Key, Any]] = {}

    def sweeps(self, bits: int) -> BallSweeps:
        """The sweeps at a precision; kept."""
        if bits not in self._sweeps:
            self._sweeps[bits] = Sweeps(InBalls(self.trace, bits))
        return self._sweeps[bits]

    def truth(self, asked: Asked, sweeps: BallSweeps) -> Any:
        """The true number or array as balls; None where there is none."""
        told = sweeps.truth
        if asked.top is not None:
            place = sweeps.meaning.bits, asked.top
            if place not in self._tops:
                self._tops[place] = sweeps.predict({}, output=asked.top)
            told = self._tops[place]
        found = told.get(asked.key)
        if asked.entry is not None and found is not None:
            found = found[asked.entry]
        if hasattr(found, "dtype"):
            return sweeps.domain.each(partial(_as_ball, balls=sweeps.meaning.balls), found)
        return _as_ball(found, sweeps.meaning.balls)

    def exact(self, asked: Asked) -> Any:
        """The true number or array as fractions where the trace has them exactly, else None."""
        trace, key = self.trace, asked.key
        if asked.top is not None or (key.kind == "gradient" and self.kinked):
            return None
        if key.kind == "local":
            positions = [
                p for p, k in enumerate(self.graph.tape.nodes[key.node].operands)
                if k == key.operand and key.position in (-1, p)
            ]  # fmt: skip
            parts = [trace.local(key.node, p) for p in positions]
            found = None if self.kinked or any(p is None for p in parts) else sum(parts)
        else:
            found = (trace.values if key.kind == "value" else trace.adjoints).get(key.node)
        return found[asked.entry] if asked.entry is not None and found is not None else found

    def has_none(self, key: Key) -> bool:
        """Whether there is no such number: a Jacobian, or a value that is not defined."""
        node = self.graph.tape.nodes[key.node]
        if key.kind == "local":
            return bool(self.graph.tape.ops[node.op].vjp)
        return isinstance(self.trace.values.get(key.node), Undefined)

    @cached_property
    def kinked(self) -> bool:
        """Whether a gate sits on its kink."""
        return bool(self.trace.kinks)

    def jumps(self, key: Key) -> bool:
        """Whether this is the gradient of an input along which the output jumps."""
        if key.kind != "gradient" or not self.kinked:
            return False
        name = next((x for x, i in self.graph.inputs.items() if i == key.node), None)
        along = {x.partition("[")[0] for kink in self.trace.kinks for x in kink.jump}
        return name in along

    def ends(self, asked: Asked, sweeps: BallSweeps) -> Any:
        """The one-sided slopes of a gradient at a point with kinks, the smaller one first.

        An array of such pairs for the gradient of a named array; None where the slopes are
        not known one by one: the sweeps then hold only what encloses them.
        """
        if not self.kinked or asked.key.kind == "value":
            return None
        if self.graph.has_arrays:
            return self._ends_of_entries(asked, sweeps.meaning.bits)
        if asked.key.kind == "local":
            return self._local_ends(asked.key, sweeps)
        return self._ends(asked.key.node, self.graph.output if asked.top is None else asked.top,
                          sweeps)  # fmt: skip

    def _ends(self, start: int, top: int, sweeps: BallSweeps) -> tuple[Any, Any] | None:
        # Doubles and balls that cannot tell choose no branch.
        if any(sweeps.values[i] is None for i in self.graph.order):
            return None
        values = self.trace.values
        if all(isinstance(values.get(i), int | Fraction) for i in self.graph.order):
            exact = self._slopes(start, top, self.graph.order, values, RATIONAL)
            if exact is not None and all(isinstance(slope, int | Fraction) for slope in exact):
                return _ordered(*map(Fraction, exact))
        slopes = self._slopes(start, top, sweeps.meaning.every, sweeps.values, sweeps.domain)
        balls = [sweeps.meaning.balls.arb(slope) for slope in slopes or ()]
        return _ordered(*balls) if balls and all(b.is_finite() for b in balls) else None

    def _slopes(
        self, start: int, top: int, order: list[int], values: Mapping[int, Any], domain: Any
    ) -> list[Any] | None:
        """What a node's slope is when another one moves forth, and back; None where it jumps."""
        slopes = []
        for step in (1, -1):
            try:
                tangent, jumping = directional(
                    self.graph.tape, order, values, {start: step}, domain, self.trace.values
                )
            except (GraphDiffError, ArithmeticError, ValueError, TypeError, KeyError):
                return None
            if top in jumping:
                return None
            slopes.append(tangent.get(top, 0) * step)
        return slopes

    def _local_ends(self, key: Key, sweeps: BallSweeps) -> tuple[Any, Any] | None:
        node = self.graph.tape.nodes[key.node]
        kink = self.graph.tape.ops[node.op].kink
        xs = tuple([sweeps.values[k] for k in node.operands])
        if kink is None or any(x is None for x in xs) or not kink.at(*xs):
            return None
        step = tuple(
            [int(k == key.operand and key.position in (-1, p)) for p, k in enumerate(node.operands)]
        )
        back = tuple([-t for t in step])
        if kink.jumps(xs, step) or kink.jumps(xs, back):
            return None
        arb = sweeps.meaning.balls.arb
        return _ordered(arb(kink.slope(xs, step)), -arb(kink.slope(xs, back)))

    def _ends_of_entries(self, asked: Asked, bits: int) -> Any:
        import numpy

        node = self.graph.tape.nodes[asked.key.node]
        name = self.graph.labels.get(asked.key.node) if node.op != "input" else str(node.attr)
        if asked.top is not None or asked.key.kind != "gradient" or not name:
            return None
        scalars = self._scalars
        if scalars is None or len(scalars.graph.order) * size(node.shape) > _MOST_ENTRIES:
            return None
        places = [asked.entry] if asked.entry is not None else list(numpy.ndindex(node.shape))
        found = numpy.empty(len(places), dtype=object)
        for k, place in enumerate(places):
            entry = entry_name(name, place)
            start = scalars.graph.inputs.get(entry, scalars.graph.names.get(entry))
            if start is None or list(scalars.graph.names.values()).count(start) > 1:
                return None  # a number, or the same node as an entry of another array
            ends = scalars._ends(start, scalars.graph.output, scalars.sweeps(bits))
            if ends is None:
                return None
            found[k] = ends
        single = asked.entry is not None or not node.shape
        return found[0] if single else found.reshape(node.shape)

    @cached_property
    def _scalars(self) -> Scene | None:
        """The same program over numbers, if it is not too large."""
        trace = unfolded_trace(self.trace)
        return None if trace is None else Scene(trace)

    @cached_property
    def point(self) -> dict[str, str]:
        """The point in text, for witnesses."""
        return {name: constant.text for name, constant in self.trace.point.items()}


def spanned(ends: Any) -> Any:
    """What lies between slopes, as balls."""
    if isinstance(ends, tuple):
        low, high = map(_as_ball, ends)
        return low.union(high) if low < high else low
    balls = ends.copy()
    balls.ravel()[:] = [spanned(pair) for pair in ends.ravel()]
    return balls


def _as_ball(x: Any, balls: Balls | None = None) -> Any:
    """A number as a ball: a Fraction, and the 0 of a sweep where nothing flows."""
    exact = isinstance(x, Fraction) or x.__class__ is int
    return (balls or Balls()).number(x) if exact else x


def _ordered(a: Any, b: Any) -> tuple[Any, Any]:
    return (b, a) if b < a else (a, b)


def scene(program: str | Graph, at: Mapping[str, Any]) -> Scene:
    """The program at the point; kept for the next answer to the same question.

    Raises what ``graphdiff.parse`` and ``Graph.backprop`` raise.
    """
    return _scene(program, tuple((str(name), _frozen(value)) for name, value in at.items()))


@lru_cache(maxsize=64)
def _scene(program: str | Graph, at: tuple[tuple[str, Any], ...]) -> Scene:
    graph = parse(program, limits=LIMITS) if isinstance(program, str) else program
    trace = run(graph, {name: _thawed(value) for name, value in at}).complete()
    if work(trace.graph) > MOST_WORK:
        raise LimitExceeded("the program has too many entries for numbers that are proved")
    return Scene(trace)


def _frozen(value: Any) -> Any:
    """A value of a point, hashable, its decimals exact."""
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list | tuple):
        return tuple([_frozen(entry) for entry in value])
    if isinstance(value, float) and value - value == 0:
        return Fraction(repr(value))
    if isinstance(value, str):
        try:
            # Text such as pi/4, and 1e999999, is left to the reader of points.
            return value if len(value) > 100 or "e" in value.lower() else Fraction(value.strip())
        except (ValueError, ZeroDivisionError):
            return value
    return value


def _thawed(value: Any) -> Any:
    if type(value) is tuple:
        return [_thawed(entry) for entry in value]
    return value


def wide(truth: Any) -> bool:
    """Whether this is all that lies between the one-sided derivatives of a kink."""
    if hasattr(truth, "ravel"):
        return any(wide(entry) for entry in truth.ravel().tolist())
    return hasattr(truth, "rad") and float(truth.rad()) > 1e-12 * (1 + abs(float(truth.mid())))


def compared(number: Number, truth: Any, exact: Any, *, slope: bool) -> Outcome:
    """How a written number stands to the true one, which at a kink is any of several slopes."""
    if truth is None or not hasattr(truth, "overlaps") or not truth.is_finite():
        return "unsure"
    if isinstance(exact, tuple) and exact[0] < exact[1]:
        return _between(number, *exact)
    if isinstance(exact, tuple):
        exact = exact[0]
    known = Fraction(exact) if isinstance(exact, int | Fraction) else fraction(truth)
    if wide(truth):
        unknown: Outcome = "near" if slope else "unsure"
        return unknown if number.ball.overlaps(truth) else "wrong"
    if number.middle is not None:
        return _decimal(number, truth, known)
    if number.exact is not None and known is not None:
        return "exact" if number.exact == known else "wrong"
    if not number.ball.overlaps(truth):
        return "wrong"
    if number.rounded:
        return "rounded"
    certain = min(number.ball.rel_one_accuracy_bits(), truth.rel_one_accuracy_bits())
    return "agrees" if certain >= ENOUGH else "unsure"


def _between(number: Number, low: Any, high: Any) -> Outcome:
    """An exact answer lies between the slopes or it does not; only a decimal has its rounding."""
    if number.exact is not None and isinstance(low, Fraction):
        return "kink" if low <= number.exact <= high else "wrong"
    low, high = _as_ball(low), _as_ball(high)
    if number.ball < low or number.ball > high:
        return "wrong"
    if (number.ball >= low and number.ball <= high) or (
        number.rounded and (number.ball.contains(low) or number.ball.contains(high))
    ):
        return "kink"
    return "agrees" if number.ball.rel_one_accuracy_bits() >= ENOUGH else "unsure"


def _decimal(number: Number, truth: Any, known: Fraction | None) -> Outcome:
    assert number.middle is not None
    if known is not None:
        off = abs(known - number.middle)
        return "exact" if not off else "rounded" if off <= number.radius else "wrong"
    balls = Balls()
    distance, radius = abs(truth - balls.number(number.middle)), balls.number(number.radius)
    if distance <= radius:
        return "rounded"
    return "wrong" if distance > radius else "unsure"


def shown(value: Any, exact: Any = None) -> str:
    """A true number as text."""
    if hasattr(value, "tolist"):
        entries = exact if hasattr(exact, "tolist") else value
        return str(_strings(value.tolist(), entries.tolist())).replace("'", "")
    if value is None:
        return Message("reason.undefined")
    if isinstance(exact, tuple) and not exact[0] < exact[1]:
        exact = exact[0]
    if isinstance(exact, int | Fraction) and not isinstance(exact, bool):
        return show_number(exact, 12)
    if isinstance(exact, tuple) and exact[0] < exact[1]:
        return f"[{shown_ball(_as_ball(exact[0]))}, {shown_ball(_as_ball(exact[1]))}]"
    if not hasattr(value, "str"):
        return str(value)
    if value.rad() > 1e-6:
        return f"[{float(value.lower()):.6g}, {float(value.upper()):.6g}]"
    return shown_ball(value)


def _strings(values: Any, exact: Any) -> Any:
    if isinstance(values, list):
        return [_strings(v, e) for v, e in zip(values, exact, strict=True)]
    return shown(values, exact)
