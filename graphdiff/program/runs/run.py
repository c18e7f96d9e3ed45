"""A run: both sweeps at a point, in exact numbers or those nearest to balls, make a trace."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from functools import partial
from itertools import product
from typing import TYPE_CHECKING, Any, NoReturn

from graphdiff.core.domains.array import Arrays, entrywise
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.collection import paused_collection
from graphdiff.core.sweeps.backward import (
    Convention,
    Pieces,
    accumulate,
    pieces_along,
)
from graphdiff.core.sweeps.forward import Undefined, exact_values, forward, taken, undefined
from graphdiff.errors import DomainError
from graphdiff.language.notation.numbers import show_number
from graphdiff.language.reading.point import Constant, complete, read_all, read_value
from graphdiff.program.graph import Graph
from graphdiff.program.unfold import entry_name, unfolded_trace
from graphdiff.program.wording import written_as

from .certain import certain_numbers
from .choosing import chosen, untold
from .doubles import located_adjoints, run_in_doubles, unvalued
from .enclosure import Enclosure, ball_inputs, enclose, is_unknown, most_bits, rounded
from .expansions import EXPANDED, expanded
from .losses import Losses
from .ties import parted
from .trace import (
    KinkReport,
    Trace,
    finite_slope,
    is_exact,
    is_finite,
    too_large,
)

if TYPE_CHECKING:
    from graphdiff.program.germs import Local, OneSided

__all__ = ["run", "value_at"]


_SIGNS = 4
"""Inputs whose ways beside a kink are all tried; the others move as these do."""
_KEPT = 16
"""Gates on kinks of which each is tried with the slope that the convention chooses."""
_FINE = 1024
"""Bits at which the program just beside a kink is compared with its slope."""
_EXACT_ENTRIES = 4_096
"""Entries of all values together up to which an array program is computed exactly."""


def run(
    graph: Graph,
    point: Mapping[str, Any],
    convention: Convention = "zero",
    wrt: Sequence[str] | None = None,
    *,
    settle: bool = True,
) -> Trace:
    """Forward and backward at a point; without ``settle`` the chain rule's numbers on kinks."""
    with paused_collection():
        return _run(graph, point, convention, wrt, settle)


def value_at(graph: Graph, point: Mapping[str, Any]) -> Any:
    """The output's value at a point, of whatever shape; no slope is asked for."""
    graph = graph.core
    return run(graph, point, wrt=(), settle=False).value


def _run(
    graph: Graph, point: Mapping[str, Any], convention: Convention, wrt: Sequence[str] | None,
    settle: bool,
) -> Trace:  # fmt: skip
    tape = Tape({})
    constants = {name: read_value(name, value, tape) for name, value in point.items()}
    graph = graph.given(constants)
    if graph.unshaped is None:  # a missing value is named before shapes are judged
        needed = {name for name, i in graph.inputs.items() if i in graph.uses}
        complete(constants, graph.inputs, needed, graph.names)
    graph = graph.shaped({name: constant.shape for name, constant in constants.items()})
    graph = graph.given(constants)
    needed = {name for name, i in graph.inputs.items() if i in graph.uses}
    complete(constants, graph.inputs, needed, graph.names)
    targets = None if wrt is None else [graph.find(name) for name in wrt]
    asked = None if wrt is None else tuple(wrt)
    if graph.upstream is not None or graph.tape.nodes[graph.output].shape:
        return _below(graph, constants, convention, asked, settle)
    if graph.has_arrays and graph.entries > _EXACT_ENTRIES:
        return replace(run_in_doubles(graph, constants, convention, targets), wrt=asked)
    runs = _Run(graph, constants, convention, targets)
    return replace(runs.settled() if settle else runs.trace(), wrt=asked)


def _below(
    graph: Graph, point: dict[str, Constant], convention: Convention, wrt: Sequence[str] | None,
    settle: bool,
) -> Trace:  # fmt: skip
    """The trace of an output that is no number; without a gradient from above, that of its values.

    Raises ShapeMismatch where gradients were asked for, and have no start.
    """
    if not graph.starts:
        if wrt:
            graph.started()
        wrt = ()
    asked = [x for x, i in graph.inputs.items() if graph.active[i]] if wrt is None else wrt
    return _run(graph.total, graph.with_seed(point), convention, asked, settle).below(graph, wrt)


def _by(convention: Convention, left: Any, right: Any) -> Any:
    """The slope that a convention chooses between two sides."""
    if convention in ("left", "right"):
        return left if convention == "left" else right
    if convention == "mean":
        return (Fraction(left) + Fraction(right)) / 2
    return min((left, right), key=abs) if left * right > 0 else 0


def _agrees(trace: Trace, gradient: dict[int, Any]) -> bool:
    """Whether the gradients of a trace are those, entry by entry."""
    domain: Any = trace.domain
    pairs: list[tuple[Any, Any]] = []
    for i, true in gradient.items():
        ours = trace.adjoints.get(i, 0)
        if hasattr(true, "flat"):
            ours = domain.broadcast(ours, shape=true.shape)
            pairs += zip(ours.flat, true.flat, strict=True)
        else:
            pairs.append((ours, true))
    return all(
        ours == true or abs(ours - true) <= Fraction(1, 10**12) * abs(Fraction(true))
        for ours, true in pairs
    )


def _entries(trace: Trace) -> dict[str, Any]:
    """The gradient by the names of entries."""
    if not trace.graph.has_arrays:
        return trace.gradients
    import numpy

    return {
        entry_name(name, place): slope
        for name, found in trace.gradients.items()
        for place, slope in numpy.ndenumerate(found)
    }


def _fits(number: Any, kink: KinkReport, name: str) -> bool:
    """Whether a gradient lies between the slopes of both sides, where there are any."""
    low, high = kink.subdifferential(name)
    if name in kink.jump or number is None:
        return True
    if not any(isinstance(x, float) and not math.isfinite(x) for x in (low, high, number)):
        low, high, number = map(Fraction, (low, high, number))  # no double need hold them
    slack = max(abs(low), abs(high)) / 10**12
    return bool(low - slack <= number <= high + slack)


def _leads(trace: Trace, direction: Sequence[int]) -> bool:
    """Whether the output changes by the gradient of a trace where its inputs move a little in a
    direction, to twenty digits: formulas of gates know nothing of what is smaller than the step."""
    graph = trace.graph
    if trace.targets.keys() != graph.inputs.keys():
        return False
    with working_precision(_FINE) as balls:
        step = balls.arb(2) ** (-_FINE // 3)
        at = ball_inputs(graph, trace.point, balls)
        ways = dict(zip(graph.inputs, direction, strict=True))
        moved = {name: x + ways[name] * step for name, x in at.items()}
        here, there = (
            forward(graph.tape, graph.order, point, balls)[graph.output] for point in (at, moved)
        )
        if isinstance(here, Undefined) or isinstance(there, Undefined):
            return False
        shares = [balls.number(ways[name] * Fraction(g)) for name, g in trace.gradients.items()]
        size = sum((abs(share) for share in shares), balls.arb(0))
        off = abs((there - here) / step - sum(shares, balls.arb(0)))
        return bool(off.is_finite() and off <= size * 1e-15 + 1e-20)


def _known_gradient(gradient: dict[str, Any]) -> str:
    """What the difference quotients tend to, in words."""
    shown = ", ".join(f"{name}: {show_number(g)}" for name, g in list(gradient.items())[:6])
    more = ", …" if len(gradient) > 6 else ""
    return f"the difference quotients tend to {shown}{more}"


def _unless_noise(value: Any, double: Any, ball: Any) -> Any:
    """A number, or the double that it stands for where it is 0 for being nothing but rounding."""
    if hasattr(value, "shape") and hasattr(double, "shape") and hasattr(ball, "shape"):
        return entrywise(_unless_noise, value, double, ball)
    noise = value.__class__ is float and not value and hasattr(ball, "is_zero")
    return double if noise and not ball.is_zero() else value


class _Run:
    """A run in exact numbers where all are exact, else in the numbers nearest to balls."""

    def __init__(
        self, graph: Graph, point: dict[str, Constant], convention: Convention,
        targets: Sequence[int] | None,
    ) -> None:  # fmt: skip
        self.graph, self.point, self.convention, self.targets = graph, point, convention, targets
        self.domain: Any = Arrays(RATIONAL) if graph.has_arrays else RATIONAL

    def trace(self) -> Trace:
        """Forward and backward.  Raises DomainError where a value or a slope does not exist."""
        graph = self.graph
        at = graph.tape, graph.order, read_all(self.point, self.domain), self.domain
        values = exact_values(*at)
        if len(values) < len(graph.order):
            found = certain_numbers(graph, self.point, self.convention, self.targets)
            if found is not None:
                return self.made(*found, rounded=True)
            values = forward(*at)
        out = values[graph.output]
        if isinstance(out, Undefined) and not out.doubt:
            self.refused(values)
        if all(map(is_exact, values.values())):
            try:
                adjoints = self.adjoints(values)
            except DomainError as error:
                return self.limits(values, error, rounded=False)
            if all(map(is_exact, adjoints.values())):
                return self.made(values, adjoints, rounded=False)
        return self.enclosed(values)

    def settled(self) -> Trace:
        """The trace whose gradient is that of the program where it is proved to have one, though
        gates are on their kinks."""
        trace = self.trace()
        graph = trace.graph
        if trace.singular or not self.of_inputs():
            return trace
        if graph.has_arrays and not (self.small and trace.kinks):
            return trace
        if not graph.has_arrays and not any(
            trace.live[i] and trace.on_kink(i) for i in graph.bends
        ):
            return trace
        found = self.gradient() or self.sided()
        if found is None:
            return trace if self.is_slope(trace) else self.piece(trace)
        true = self.inputs_of(found)
        if _agrees(trace, true):
            return trace
        for side in () if graph.has_arrays else (1, -1):
            other = self.beside(trace, [side * (97 + 31 * k) for k in range(len(graph.inputs))])
            if other is not None and _agrees(other, true):
                return other
        error = DomainError(
            "the chain rule gives no gradient here: a gate is on its kink or fills a hole",
            source=graph.source, hint=_known_gradient(found),
        )  # fmt: skip
        return self.with_gradient(trace, true, error)

    def beside(
        self, trace: Trace, direction: Sequence[int], *, kinked: bool = False
    ) -> Trace | None:
        """The trace whose gates on kinks follow the piece of the program in a direction; None where
        there is none.  With ``kinked`` the program is not differentiable all the same."""
        graph = self.graph
        steps = {i: Fraction(n, 64) for i, n in zip(graph.inputs.values(), direction, strict=True)}
        try:
            slopes = pieces_along(graph.tape, graph.order, trace.values, steps, RATIONAL)
            if slopes is None:
                return None
            convention: Any = Pieces(self.convention, slopes, kinked=kinked)
            other = _Run(graph, self.point, convention, self.targets).trace()
            return other if not kinked or _leads(other, direction) else None
        except (DomainError, ArithmeticError):
            return None

    def is_slope(self, trace: Trace, sides: Sequence[KinkReport] | None = None) -> bool:
        """Whether the chain rule's numbers are not proved to be no slopes: gates on their kinks
        share what does not add up to one."""
        numbers = _entries(trace)
        return all(
            _fits(numbers.get(name), kink, name)
            for kink in (trace.kinks if sides is None else sides) for name in kink.proved
        )  # fmt: skip

    def piece(self, trace: Trace) -> Trace:
        """The trace of a kink on which the gates' own conventions do not fit together: a gradient
        that the program has beside the point, the smallest that fits its sides along the inputs; or
        what the convention makes of both sides of a function of one variable.

        Raises DomainError where no such gradient is found.
        """
        graph, numbers = self.graph, _entries(trace)
        kink, name = next(
            (kink, name) for kink in trace.kinks for name in kink.proved
            if not _fits(numbers.get(name), kink, name)
        )  # fmt: skip
        error = DomainError(
            f"the gates on their kinks give no slope here: that in {name} would be "
            + show_number(numbers[name]),
            source=graph.source, hint=kink.told(),
        )  # fmt: skip
        if graph.has_arrays:
            entries = unfolded_trace(trace, settle=True)
            if entries is None:
                raise error
            return self.cornered(trace, entries.gradients, error)
        found = [
            other
            for signs in product((1, -1), repeat=min(len(graph.inputs), _SIGNS))
            if (other := self.beside(
                trace, [(97 + 31 * k) * signs[k % _SIGNS] for k in range(len(graph.inputs))],
                kinked=True,
            ))
        ]  # fmt: skip
        if len(graph.inputs) > 1:
            if not found:
                raise error
            fits = partial(self.is_slope, sides=trace.kinks)
            return self.by_convention(min(
                found, key=lambda t: (not fits(t), math.hypot(*map(float, t.gradients.values())))
            ), fits)  # fmt: skip
        slope = _by(self.convention, kink.left[name], kink.right[name])
        for other in found:
            if other.gradients[name] == slope:
                return other
        return self.cornered(trace, {name: slope}, error)

    def by_convention(self, piece: Trace, fits: Callable[[Trace], bool]) -> Trace:
        """The same with the convention's own slope at every gate where that fits as well, so that
        a kink beside one that needs a piece is told as it would be alone."""
        slopes: dict[int, Any] = dict(getattr(piece.convention, "slopes", {}))
        for i in list(slopes)[:_KEPT] if fits(piece) else ():
            fewer = {k: slope for k, slope in slopes.items() if k != i}
            convention: Any = Pieces(self.convention, fewer, kinked=True)
            try:
                other = _Run(self.graph, self.point, convention, self.targets).trace()
            except (DomainError, ArithmeticError):
                continue
            if fits(other):
                piece, slopes = other, fewer
        return piece

    def cornered(self, trace: Trace, gradient: dict[str, Any], error: DomainError) -> Trace:
        """The trace with a gradient that its gates do not lead to."""
        return replace(
            self.with_gradient(trace, self.inputs_of(gradient), error), corners=trace.kinks
        )

    def with_gradient(self, trace: Trace, gradient: dict[int, Any], error: DomainError) -> Trace:
        """The trace with this gradient of its inputs; the gates between have none."""
        output = self.graph.output
        adjoints = dict.fromkeys(trace.adjoints) | {output: trace.adjoints[output]}
        return replace(trace, adjoints=adjoints | gradient, singular=error)

    @property
    def small(self) -> bool:
        """Whether a program of arrays is written out to expand both sides of its kinks."""
        nodes = self.graph.tape.nodes
        inputs = sum(math.prod(nodes[i].shape) for i in self.graph.inputs.values())
        return self.graph.entries * inputs <= EXPANDED

    def of_inputs(self) -> bool:
        """Whether gradients of inputs alone are asked for."""
        return self.targets is None or set(self.targets) <= set(self.graph.inputs.values())

    @property
    def asked(self) -> dict[str, int]:
        """The inputs whose gradients are asked for."""
        inputs = self.graph.inputs
        return {x: i for x, i in inputs.items() if self.targets is None or i in self.targets}

    def concerns(self, name: str) -> bool:
        """Whether an input, or the array of which it is an entry, is asked for.  In a program that
        was written out in numbers ``x[0]`` is an input itself."""
        return name in self.asked or name.partition("[")[0] in self.asked

    def gradient(self) -> dict[str, Any] | None:
        """The gradient that is asked for where the program is proved to be differentiable, by
        entries; None else."""
        from graphdiff.program.germs import differential

        graph = self.graph
        found = expanded(graph, self.point, differential, len(graph.inputs))
        if found is None or found.status != "differentiable" or found.gradient is None:
            return None
        gradient = {
            name: finite_slope(slope) for name, slope in found.gradient.items()
            if self.concerns(name)
        }  # fmt: skip
        return None if None in gradient.values() else gradient

    def sided(self) -> dict[str, Any] | None:
        """The derivative of a function of one variable at an end of its domain; None else.

        Raises DomainError where a difference quotient has an infinite limit, though the branch that
        is taken at the point itself has another slope: ``where(x==0, 0, sqrt(x))`` at 0.
        """
        graph = self.graph

        def both_sides(local: Local) -> tuple[int, dict[str, OneSided]]:
            names = local.program.inputs
            return len(names), {name: local.along(name) for name in names if self.concerns(name)}

        told = expanded(graph, self.point, both_sides, len(graph.inputs))
        if told is None:
            return None
        entries, found = told
        for name, sides in found.items():
            for side, slope in (("left", sides.left), ("right", sides.right)):
                if isinstance(slope, float) and math.isinf(slope):
                    raise DomainError(
                        f"the slope of {graph.labels[graph.output]} in {name} is infinite here",
                        source=graph.source,
                        hint=f"from the {side} the difference quotients tend to "
                        + ("∞" if slope > 0 else "−∞"),
                    )
        if entries != 1 or len(found) != 1:
            return None
        gradient = {name: finite_slope(sides.derivative) for name, sides in found.items()}
        return None if None in gradient.values() else gradient

    def inputs_of(self, gradient: dict[str, Any]) -> dict[int, Any]:
        """The gradient by input nodes."""
        made: dict[int, Any] = {}
        for name, i in self.asked.items():
            shape = self.graph.tape.nodes[i].shape
            if not shape:
                made[i] = gradient.get(name, 0)
            elif entry_name(name, (0,) * len(shape)) in gradient:
                made[i] = self.domain.zeros(shape)
                for place in product(*map(range, shape)):
                    made[i][place] = gradient[entry_name(name, place)]
        return made

    def limits(self, values: dict[int, Any], error: DomainError, *, rounded: bool) -> Trace:
        """The trace of a program with a gradient although a gate has an infinite slope; raises the
        error of one without."""
        found = self.gradient() if self.of_inputs() else None
        corner = self.corner(error) if found is None else None
        if corner is not None:
            found = {name: _by(self.convention, corner.left[name], corner.right[name])
                     for name in corner.left}  # fmt: skip
        elif found is None and self.of_inputs():
            found, corner = self.crease(error)
        if found is None:
            raise error
        graph, broken = self.graph, set[int]()
        adjoints: dict[int, Any] = {graph.output: self.domain.number(1)}
        if not graph.has_arrays:
            adjoints = accumulate(
                graph.tape, graph.order, graph.output, values, self.domain, self.convention,
                wrt=self.targets, broken=broken,
            )  # fmt: skip
        else:
            adjoints = dict.fromkeys(i for i in graph.order if graph.active[i]) | adjoints
        error.hint = _known_gradient(found) if corner is None else corner.told()
        adjoints |= self.inputs_of(found)
        corners = () if corner is None else (corner,)
        trace = self.made(values, adjoints, rounded=rounded)
        return replace(trace, singular=error, corners=corners)

    def corner(self, error: DomainError) -> KinkReport | None:
        """The kink that a gate with an infinite slope makes in a function of one variable."""
        graph, i = self.graph, getattr(error, "node", None)
        if len(graph.inputs) != 1 or graph.has_arrays or i is None:
            return None
        (name,) = graph.inputs
        found = expanded(graph, self.point, lambda local: local.along(name))
        if found is None:
            return None
        left, right = finite_slope(found.left), finite_slope(found.right)
        if not found.kink or left is None or right is None:
            return None
        where = "its slope is infinite"
        label = graph.labels.get(i, "")
        op = graph.tape.nodes[i].op
        return KinkReport(
            i, label, op, where, {name: left}, {name: right}, (), self.convention, (name,)
        )

    def crease(self, error: DomainError) -> tuple[dict[str, Any] | None, KinkReport | None]:
        """What the linear part of a kink of several inputs gives, and that kink: at 0, |x| + y and
        the norm of a vector, of whose subdifferential that is the middle."""
        from graphdiff.program.germs import differential

        graph, i = self.graph, getattr(error, "node", None)
        if i is None:
            return None, None
        told = expanded(
            graph, self.point, lambda local: (local, differential(local)), len(graph.inputs)
        )
        if told is None:
            return None, None
        local, found = told
        nodes, ops = local.tape.nodes, local.tape.ops
        kinked = any(nodes[k].operands and ops[nodes[k].op].kink for k in local.order)
        if found.middle is None or found.sides is None or (kinked and not found.lengths):
            return None, None
        if self.convention not in ("zero", "mean"):
            error.hint = "on this kink --kink zero and --kink mean choose a subgradient"
            return None, None
        middle = {name: finite_slope(x) for name, x in found.middle.items() if self.concerns(name)}
        left, right = dict[str, Any](), dict[str, Any]()
        for name in middle:
            a, b = map(finite_slope, found.sides[name])
            if a is None or b is None:
                return None, None
            if a != b:
                left[name], right[name] = a, b
        if None in middle.values() or not left:
            return None, None
        several = found.lengths and len(left) > 1
        ball = "the length of a vector is 0; its subgradients fill a ball"
        where = ball if several else "its slope is infinite"
        op, label = written_as(graph, i)
        return middle, KinkReport(i, label, op, where, left, right, (), self.convention, (*left,))

    def enclosed(self, first: dict[int, Any]) -> Trace:
        """The same with numbers that are nearest to balls where they are not exact."""
        graph = self.graph
        enclosure = enclose(graph, self.point, first, self.convention, self.targets)
        if not enclosure.bits:  # too large for balls
            return self.made(first, self.adjoints(first), rounded=False)
        most = most_bits(graph)
        values = {i: rounded(first[i], enclosure.values[i], most) for i in graph.order}
        lost = {i for i in graph.order if is_unknown(values[i], enclosure.values[i])}
        told = first
        if lost:
            told = self.again(first, values, enclosure, lost)
            values |= {i: rounded(told[i], enclosure.values[i], most) for i in lost}
        if self.lacking(values):
            self.refused(values)
        asked = list(graph.inputs.values() if self.targets is None else self.targets)
        open_ = untold(graph, enclosure, values, asked)
        if open_:
            choice: Any = chosen(
                graph, self.point, first, enclosure, open_, self.convention, self.targets
            )
            return _Run(graph, self.point, choice, self.targets).enclosed(first)
        apart = parted(graph, values, enclosure.decided)
        values |= apart
        told = told | apart
        beyond = any(isinstance(value, Undefined) and value.doubt for value in first.values())
        try:
            doubles, error = self.adjoints(values if beyond else told), None
        except DomainError as refusal:
            doubles, error = {}, refusal
        balls = enclosure.gradients
        adjoints = {i: rounded(doubles.get(i), b, most) for i, b in balls.items()} or doubles
        if error and not (balls and all(is_finite(adjoints[i]) for i in asked if i in adjoints)):
            try:
                return self.limits(values, error, rounded=True)
            except DomainError:
                self.refused(values, error)
        losses = Losses(graph.labels)
        losses.compare("value", first, values)
        losses.compare("gradient", doubles, adjoints)
        trace = self.made(values, adjoints, rounded=True)
        return replace(trace, losses=losses)

    def again(
        self, first: dict[int, Any], values: dict[int, Any], enclosure: Enclosure, lost: set[int]
    ) -> dict[int, Any]:
        """The values without balls, those that balls do not know computed from the others.

        Their operands may be other numbers than doubles thought: outside the domain, even.
        """
        graph = self.graph
        known = {
            i: _unless_noise(value, first[i], enclosure.values[i]) if is_finite(value) else first[i]
            for i, value in values.items()
            if i not in lost
        }
        inputs = read_all(self.point, self.domain)
        return forward(graph.tape, graph.order, inputs, self.domain, overrides=known)

    def lacking(self, values: dict[int, Any]) -> bool:
        """Whether the output, or a node that it needs, has no value."""
        graph = self.graph
        out = values[graph.output]
        if isinstance(out, Undefined) or not is_finite(out):
            return True
        if not any(isinstance(value, Undefined) for value in values.values()):
            return False
        needed = taken(graph.tape, graph.output, values)
        return any(isinstance(values[i], Undefined) for i in needed)

    def adjoints(self, values: dict[int, Any]) -> dict[int, Any]:
        """Every gradient, without balls."""
        return located_adjoints(self.graph, values, self.domain, self.convention, self.targets)

    def made(self, values: dict[int, Any], adjoints: dict[int, Any], *, rounded: bool) -> Trace:
        """The trace.  Raises DomainError for an output or a gradient too large for doubles."""
        graph = self.graph
        if too_large(values[graph.output]):
            self.refused(values)
        for name, i in graph.inputs.items():
            if too_large(adjoints.get(i, 0)):
                raise DomainError(
                    f"the gradient of {name} is beyond 1.8e308, the range of doubles",
                    source=graph.source, span=graph.tape.spans.get(i),
                    hint="choose smaller values",
                )  # fmt: skip
        return Trace(
            graph, self.point, self.convention, values, adjoints, self.domain, rounded=rounded
        )

    def refused(self, values: dict[int, Any], error: DomainError | None = None) -> NoReturn:
        """Raise the error of an output without a value that a double can hold, or of a gradient;
        of an array program doubles know the entry, unless they are misled."""
        graph = self.graph
        if graph.has_arrays:
            run_in_doubles(graph, self.point, self.convention, self.targets)
        if error is not None:
            raise error
        for i in taken(graph.tape, graph.output, values):
            missing = values[i]
            operands = [values[k] for k in graph.tape.nodes[i].operands]
            if operands and too_large(missing):
                missing = Undefined(undefined(graph.tape, i, operands), i)
            if isinstance(missing, Undefined) and not (graph.has_arrays and missing.doubt):
                raise unvalued(graph, missing)
        if graph.has_arrays and not too_large(values[graph.output]):
            message = "an entry is not defined, or cannot be told from a pole"
            hint = "move the point"
        else:
            message = f"{graph.labels[graph.output]} overflows: its value is beyond 1.8e308"
            hint = "choose smaller values"
        raise DomainError(message, source=graph.source, hint=hint)
