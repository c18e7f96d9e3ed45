"""``gradcheck``: the library's entry point."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.domains.floats import FLOAT
from graphdiff.core.ir.op import Op
from graphdiff.errors import BadPoint
from graphdiff.language.reading.point import names_of, point_of, read_all, read_value
from graphdiff.program.formula import Formula
from graphdiff.program.graph import graph_of
from graphdiff.program.rewrite.merge import freed_at
from graphdiff.program.runs.enclosure import distance

from .kinks import Kinks
from .lines import ComplexLine, Line, SideLine
from .models import EPSILON, expected_rounding, models
from .proofs import Proofs
from .result import Check, ComplexStep, Exact, GradCheck, Sides
from .sweep import STEPS, TINY, Error, Row, extrapolate, least, sweep
from .targets import Target, directions, entries, moved_inputs
from .taylor import taylor
from .verdict import Cause, Verdict, judge, relative_error

if TYPE_CHECKING:
    from graphdiff.core.sweeps.backward import Convention
    from graphdiff.program.runs.trace import Trace

    from .models import Model

__all__ = ["Dtype", "gradcheck"]

Dtype = Literal["float64", "float32"]
DEFAULT_H = {"float64": 1e-4, "float32": 1e-2}
"""Steps that leave room on both sides of the best one, which is near the cube root of ε."""
_EVALUATIONS = 70
"""Runs of the program that one check takes, about."""
_BUDGET = 40_000_000
"""Entries computed one by one that all checks together may take."""
_OFF = 1e-4
"""A gradient that is off by more than this, relative to the proved derivative, is not right."""
_ZERO = 1e-9
"""Where the derivative is 0, what a gradient may be by rounding alone, relative to f (or 1)."""

Progress = Callable[[int, int], None]


def gradcheck(
    program: Formula | str,
    at: Mapping[str, Any] | str | None = None,
    *,
    wrt: Sequence[str] | str | None = None,
    h: float | None = None,
    dtype: Dtype = "float64",
    gradient: Mapping[str, Any] | str | None = None,
    most: int = 12,
    along: int = 0,
    kink: Convention = "zero",
    progress: Progress | None = None,
    ops: Mapping[str, Op] | None = None,
    **values: Any,
) -> GradCheck:
    """Compare gradients with difference quotients, and say what limits these.

    ``gradient`` holds values to judge instead of those of backpropagation.  At most ``most``
    entries are checked, or ``along`` directions of ±1 in all of them.  A statement in ``wrt`` is a
    variable for its own derivative, and stands for its value elsewhere.  ``progress`` is told how
    many of how many are done; after Ctrl-C the result holds those.

    Raises BadPoint, UnknownName, Unsupported, DomainError.

    >>> found = gradcheck("0.01*x^2 + 0.1*x", x=5)
    >>> found.checks[0].central, found.checks[0].verdict.status
    (0.1999999999990898, 'happy')
    """
    graph, wrt = graph_of(program, ops), names_of(wrt)
    gradient = None if gradient is None else point_of(gradient)
    step = _checked_step(h, dtype)
    point = point_of(at, values, graph.known, gradcheck.__kwdefaults__)
    inner = [name for name in wrt or () if name in graph.names and name not in graph.inputs]
    if wrt and inner and len(wrt) > 1:
        how: dict[str, Any] = {"h": h, "dtype": dtype, "most": most, "along": along, "kink": kink}
        claims = _by_name(gradient, wrt)
        return _together([
            gradcheck(graph, point, wrt=part, gradient={n: claims[n] for n in part if n in claims},
                      progress=progress, **how)
            for part in ([n for n in wrt if n not in inner], *([n] for n in inner)) if part
        ])  # fmt: skip
    if inner:
        graph, point = freed_at(graph, point, inner)
    asked = None if wrt is None or not set(wrt) <= graph.inputs.keys() else wrt
    trace = graph.backprop(point, kink=kink, wrt=asked)
    own = trace.graph.started().inputs
    trace = trace.total or trace
    names = [name for name in moved_inputs(trace, wrt) if name in own]
    checker = _Checker(trace, dtype, step, gradient)
    chosen, total = entries(trace, names, _affordable(trace, most))
    afford = _affordable(trace, len(chosen))
    chosen = [chosen[k * len(chosen) // afford] for k in range(afford)]
    if along:
        chosen = directions(trace, names, min(along, _affordable(trace, along)))
    done: list[Check] = []
    try:
        for target in chosen:
            done.append(checker.check(target))
            if progress is not None:
                progress(len(done), len(chosen))
    except KeyboardInterrupt:
        if not done:
            raise
    told = {name: constant.text for name, constant in trace.point.items()}
    stopped = len(done) < len(chosen)
    return GradCheck(
        trace.graph.source, told, dtype, EPSILON[dtype], step, tuple(done), total, stopped
    )


def _together(found: Sequence[GradCheck]) -> GradCheck:
    """Several runs of one program as one, the variables' first."""
    return replace(
        found[0],
        at={name: text for one in found for name, text in one.at.items()},
        checks=tuple([check for one in found for check in one.checks]),
        total=sum(one.total for one in found),
        interrupted=any(one.interrupted for one in found),
    )


def _checked_step(h: float | None, dtype: str) -> float:
    """The step of the verdict.  Raises BadPoint."""
    step = DEFAULT_H[dtype] if h is None else float(h)
    if not (math.isfinite(step) and 1e-30 < step < 1e30):
        raise BadPoint(f"a step of {step:g} is no step", hint="use --h 1e-4")
    return step


def _affordable(trace: Trace, most: int) -> int:
    """How many checks there is time for; at least one."""
    # numpy computes some hundred entries in the time that it takes to call it.
    cost = len(trace.graph.order) + trace.graph.entries // 100
    return max(1, min(most, _BUDGET // (_EVALUATIONS * cost * 10)))


class _Checker:
    """What all checks of one trace share."""

    def __init__(
        self, trace: Trace, dtype: str, h: float, claimed: Mapping[str, Any] | None
    ) -> None:
        self.trace, self.dtype, self.h = trace, dtype, h
        graph = trace.graph
        self.claimed = _claims(trace, claimed)
        self.gradients = {n: trace.adjoints.get(i, 0) for n, i in graph.inputs.items()}
        self.kinks = Kinks(trace)
        self.zero = _ZERO * max(1.0, abs(float(trace.value)))
        self.proofs = Proofs(trace, self.kinks)
        nodes, ops = graph.tape.nodes, graph.tape.ops
        used = {nodes[i].op for i in graph.order if nodes[i].operands}
        self.branched = sorted(name for name in used if ops[name].branched)

    def check(self, target: Target) -> Check:
        """Everything about one target."""
        trace, h = self.trace, self.h
        sides = self.kinks.sides(target)
        plain = sides is None and not trace.settled
        terms = taylor(trace, target.direction) if plain else None
        exact, ball = (None, None) if sides else self.proofs.derivative(target, terms)
        error = _distance_from(ball)
        line = Line(trace, target.direction, self.dtype)
        on_kink = not plain or (terms is None and self.kinks.on)
        turned, note = self._complex_line(target, on_kink)
        rows = sweep(line, turned, error)
        limits = terms and models(terms, expected_rounding(trace, target, self.dtype))
        crossings = self._crossings(target)
        start = _start(rows, crossings)
        ours, claimed = self._judged(target)
        central = line.central(h)
        tiny = None if turned is None else turned.slope(TINY[self.dtype])
        verdict = self._verdict(ours, central, exact, sides, limits or None, h in dict(crossings))
        suspect = claimed and verdict.right is not True
        return Check(
            target.label, ours, claimed, exact, sides, h, line.forward(h), central, verdict, rows,
            limits or None, _best(rows), None if sides else extrapolate(line, error, start),
            ComplexStep(tiny, error(tiny), note), crossings,
            _without_brackets(ours, central, h) if suspect else None,
        )  # fmt: skip

    def _crossings(self, target: Target) -> tuple[tuple[float, tuple[str, ...]], ...]:
        """Steps that go over a kink, the largest first, and the gates whose kinks these are."""
        watched = SideLine(self.trace, target.direction)
        found = [(h, watched.crossed(h)) for h in sorted({*STEPS, self.h}, reverse=True)]
        return tuple((h, self._named(gates)) for h, gates in found if gates)

    def _judged(self, target: Target) -> tuple[float, bool]:
        if any(name in self.claimed for name in target.direction):
            return float(target.slope({**self.gradients, **self.claimed})), True
        return float(target.slope(self.gradients)), False

    def _named(self, gates: Sequence[int]) -> tuple[str, ...]:
        graph = self.trace.graph
        return tuple(f"{graph.tape.nodes[i].op} at {graph.labels.get(i, '?')}" for i in gates)

    def _complex_line(self, target: Target, on_kink: bool) -> tuple[ComplexLine | None, str]:
        """The program over complex numbers, and what to say of it."""
        if on_kink:
            return None, "not on a kink, where no analytic function continues the program"
        line = ComplexLine(self.trace, target.direction, self.dtype)
        if self.branched:
            shown = ", ".join(self.branched[:6])
            return line, f"analytic only between the kinks of {shown}; follows the real parts"
        return line, ""

    def _verdict(
        self, ours: float, central: float | None, exact: Exact | None, sides: Sides | None,
        found: tuple[Model, Model] | None, crossed: bool,
    ) -> Verdict:  # fmt: skip
        off = None if exact is None else relative_error(ours, exact.value)
        right = None if off is None else off <= _OFF
        if exact is not None and exact.value == 0 and abs(ours) <= self.zero:
            off, right = 0.0, True
        if sides is not None:
            low, high = sorted((sides.left, sides.right))
            right = None if low <= ours <= high else False
        if central is None:
            return Verdict(None, None, "none", right, off)
        relative = relative_error(ours, central)
        cause: Cause = "none"
        if judge(relative) != "happy":
            kinky = crossed or sides is not None
            cause = _cause(right, kinky, found and found[1], abs(ours - central), self.h)
        return Verdict(judge(relative), relative, cause, right, off)


def _cause(
    right: bool | None, kinky: bool, model: Model | None, difference: float, h: float
) -> Cause:
    """What makes a right gradient and its quotient differ."""
    if kinky:
        return "kink"
    if right is False:
        return "gradient"
    if model is None or difference > 100 * model.error(h):
        return "unknown"
    return "truncation" if model.truncation(h) > model.rounded(h) else "rounding"


def _claims(trace: Trace, claimed: Mapping[str, Any] | None) -> dict[str, Any]:
    """Claimed gradients in doubles.  Raises BadPoint for names and shapes that do not fit."""
    graph = trace.graph
    domain: Any = FloatArrays() if graph.has_arrays else FLOAT
    constants = {name: read_value(name, value) for name, value in (claimed or {}).items()}
    for name, constant in constants.items():
        if name not in graph.inputs:
            raise _no_claim(name, graph.inputs)
        if constant.shape != graph.shapes[name]:
            message = f"the gradient given for {name} does not have the shape of {name}"
            raise BadPoint(message, hint="one number for every entry")
    return read_all(constants, domain)


def _by_name(claimed: Mapping[str, Any] | None, wrt: Sequence[str]) -> Mapping[str, Any]:
    """Claimed gradients of what is asked for.  Raises BadPoint for others."""
    for name in claimed or ():
        if name not in wrt:
            raise _no_claim(name, wrt)
    return claimed or {}


def _no_claim(name: str, names: Iterable[str]) -> BadPoint:
    hint = f"the variables are {', '.join(names)}"
    return BadPoint(f"a gradient is given for {name}, which is no variable", hint=hint)


def _distance_from(ball: Any) -> Error:
    def error(quotient: float | None) -> float | None:
        if quotient is None or ball is None:
            return None
        with working_precision(256):
            return distance(ball, quotient)

    return error


def _best(
    rows: Sequence[Row],
) -> tuple[tuple[float, float] | None, tuple[float, float] | None]:
    return (
        least((row.h, row.forward_error) for row in rows),
        least((row.h, row.central_error) for row in rows),
    )


def _start(rows: Sequence[Row], crossings: Sequence[tuple[float, tuple[str, ...]]]) -> float:
    """The largest step of the sweep that stays in the domain and on one side of every kink."""
    over = {h for h, _ in crossings}
    return next((row.h for row in rows if row.central is not None and row.h not in over), 0.1)


def _without_brackets(ours: float, central: float | None, h: float) -> float | None:
    """(f(x + h) − f(x − h))/2·h, which Python reads as a product, where the claim equals it."""
    slip = (central or 0.0) * h * h
    return slip if slip and relative_error(ours, slip) < 1e-3 else None
