"""The verdict on a trace: what was checked, by which method, with which proven distance."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..domains.ball import Balls, working_precision
from ..printing.numbers import significant
from .differences import (
    BITS,
    STEP,
    Quotients,
    affordable,
    ball_quotients,
    directional_quotient,
    float_quotients,
)
from .enclosure import Enclosure, blurred, distance, enclose
from .method import Method

if TYPE_CHECKING:
    from ..trace import Trace

__all__ = ["Method", "OneSided", "Report", "verify"]

_AGREES = 1e-18
"""Quotients are right to some 60 digits; a gradient that is off by more than this is wrong."""


@dataclass(frozen=True, slots=True)
class OneSided:
    """Derivatives of the output in one input from below and from above, found by quotients."""

    left: float
    right: float
    jump: bool

    @property
    def differ(self) -> bool:
        """Whether there is no derivative here."""
        return self.jump or abs(self.left - self.right) > 1e-9 * (1 + abs(self.left))


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome of ``Trace.verify``.

    >>> from graphdiff import parse
    >>> parse("x*y").backprop(x=2, y=3).verify().ok
    True
    """

    ok: bool
    methods: tuple[Method, ...]
    enclosure: Enclosure
    one_sided: dict[str, OneSided] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def verify(trace: Trace, methods: str = "standard", digits: int = 17) -> Report:
    """Check a trace by ball arithmetic and difference quotients; ``symbolic`` adds sympy.diff."""
    enclosure = enclose(trace, digits)
    # Distances between balls are computed no less precisely than the balls themselves.
    with working_precision(max(enclosure.bits, BITS)):
        return _verify(trace, methods, enclosure)


def _verify(trace: Trace, methods: str, enclosure: Enclosure) -> Report:
    warnings: list[str] = []
    sides: dict[str, OneSided] = {}
    checks = [_central(trace, enclosure, sides, warnings), _floats(trace, enclosure)]
    checks.append(_enclosures(trace, enclosure, warnings))
    if methods == "symbolic":
        from .symbolic import compare

        checks.append(compare(trace, enclosure))
    ok = all(check.ok is not False for check in checks)
    return Report(ok, tuple(checks), enclosure, sides, tuple(warnings))


def _central(
    trace: Trace, enclosure: Enclosure, sides: dict[str, OneSided], warnings: list[str]
) -> Method:
    name = "central differences in ball arithmetic"
    graph = trace.graph
    if not graph.active[graph.output]:
        return Method(
            name, True, 0.0, "nothing to differentiate: the output depends on no variable"
        )
    kinky = bool(trace.kinks)
    targets = affordable(trace)
    inputs = {i: x for x, i in graph.inputs.items()}
    if kinky:
        targets = [i for i in targets if i in inputs]
    if not targets:
        return _directions(trace, enclosure, name)
    worst, bad, unmoved, unsure = 0.0, list[str](), list[str](), list[str]()
    near = _near_kink(trace, enclosure)
    for i, quotients in ball_quotients(trace, targets).items():
        label = graph.labels[i]
        if quotients is None:
            unmoved.append(label)
        elif kinky and (one := _one_sided(quotients)).differ:
            sides[label] = one
            if not one.jump and not _between(one, trace.gradients[label]):
                bad.append(label)
        else:
            error = _nearest(trace, i, quotients, enclosure, near)
            if error <= _AGREES * (1 + abs(float(trace.adjoints.get(i, 0)))):
                worst = max(worst, error)
            else:
                (unsure if near or quotients.wide else bad).append(label)
    if unmoved:
        warnings.append(
            f"no central difference for {', '.join(unmoved[:6])}: a step leaves the domain"
        )
    if unsure:
        warnings.append(
            f"no difference quotient decides the gradient of {', '.join(unsure[:6])}: "
            + ("a gate is too near a kink or a jump" if near else "it is too ill-conditioned")
        )
    if bad:
        return Method(name, False, worst, _disagreement(trace, bad, kinky))
    count = len(targets) - len(unmoved) - len(unsure)
    plural = "" if count == 1 else "s"
    detail = f"{count} gradient{plural}, h = 2^-100·min(|x|, 1), in balls"
    return Method(name, None if unsure else True, worst, detail)


def _disagreement(trace: Trace, names: list[str], kinky: bool) -> str:
    text = f"the gradient of {', '.join(names[:6])} disagrees with the difference quotient"
    if not kinky:
        return text
    return (
        f"{text}: on this kink the convention {trace.convention!r} does not give a derivative"
        " (try --kink mean)"
    )


def _near_kink(trace: Trace, enclosure: Enclosure) -> bool:
    """Whether balls leave it open on which side of its kink some gate is."""
    graph = trace.graph
    for i in graph.order:
        node = graph.tape.nodes[i]
        row = graph.tape.ops.get(node.op)
        if row is None or row.kink is None or not graph.active[i]:
            continue
        ball = enclosure.values.get(i)
        if row.condition:
            left, right = (enclosure.values.get(k) for k in node.operands)
            exact = trace.values[node.operands[0]] == trace.values[node.operands[1]]
            if left is not None and right is not None and left.overlaps(right) and not exact:
                return True
        elif ball is not None and blurred(ball):
            return True
    return any(hasattr(ball, "rad") and blurred(ball) for ball in enclosure.gradients.values())


def _nearest(
    trace: Trace, i: int, quotients: Quotients, enclosure: Enclosure, near_kink: bool
) -> float:
    """Distance between the gradient of node i and its quotient, with a finer step if it is far.

    Next to a singularity even 2^-100 is a large step; a wrong rule stays wrong.
    """
    gradient, exact = enclosure.gradients.get(i, 0), trace.adjoints.get(i)
    error = _error(quotients.central, gradient, exact)
    if error <= _AGREES or near_kink:
        return error
    finer = ball_quotients(trace, [i], 4 * STEP)[i]
    return _error(finer.central, gradient, exact) if finer else error


def _error(quotient: Any, gradient: Any, exact: Any) -> float:
    """Proven distance between quotient and gradient; a wide enclosure is judged by its middle."""
    if isinstance(exact, int | Fraction) and not isinstance(exact, bool):
        return distance(quotient, exact)
    return distance(quotient, gradient.mid() if hasattr(gradient, "mid") else gradient)


def _one_sided(quotients: Any) -> OneSided:
    left, right = float(quotients.left.mid()), float(quotients.right.mid())
    # A jump of the value makes the quotient as large as 1/h = 2^100.
    jump = max(abs(left), abs(right)) > 2.0**60
    left, right = (0.0 if abs(s) > 2.0**60 else _tidy(s) for s in (left, right))
    return OneSided(left, right, jump)


def _tidy(slope: float) -> float:
    # The quotient is off by about 2^−100; print −1, not −0.9999999999999999.
    return float(round(slope, 15)) + 0.0


def _between(one: OneSided, value: Any) -> bool:
    low, high = sorted((one.left, one.right))
    return low - 1e-9 <= float(value) <= high + 1e-9


def _directions(trace: Trace, enclosure: Enclosure, name: str) -> Method:
    """For large graphs: the slope along a few fixed directions of ±1 in every input."""
    graph = trace.graph
    worst, ok, tried = 0.0, True, 0
    for seed in (1, 2, 3):
        signs = {
            x: 1 if (k * 2654435761 * (2 * seed + 1) >> 7) & 1 else -1
            for k, x in enumerate(graph.inputs)
        }
        quotient = directional_quotient(trace, signs)
        if quotient is None:
            continue
        tried += 1
        ours = sum(
            (
                signs[x] * enclosure.gradients[i]
                for x, i in graph.inputs.items()
                if i in enclosure.gradients
            ),
            start=quotient * 0,
        )
        error = distance(quotient, ours.mid())
        size = 1 + abs(float(ours.mid()))
        worst, ok = max(worst, error), ok and error <= 1e-15 * size
    detail = f"{tried} random directions through all inputs (large graph)"
    if not tried:
        return Method(name, None, None, "a step leaves the domain")
    if trace.kinks and not ok:
        # On a kink a central difference need not agree; that is no proof either way.
        return Method(name, None, worst, f"{detail}; not judged: a gate sits on a kink")
    return Method(name, ok, worst, detail)


def _floats(trace: Trace, enclosure: Enclosure) -> Method:
    name = "central differences in doubles, h = 1e-4"
    quotients = (
        float_quotients(trace) if len(trace.graph.order) * len(trace.graph.inputs) < 10**5 else {}
    )
    worst, where = 0.0, ""
    outside = [x for x, q in quotients.items() if q is None]
    for x, quotient in quotients.items():
        if quotient is None or not math.isfinite(quotient):
            continue
        gradient = enclosure.gradients.get(trace.graph.inputs[x], 0)
        true = float(gradient.mid()) if hasattr(gradient, "mid") else float(gradient)
        error = abs(quotient - true) / max(abs(true), abs(quotient), 1e-8)
        if error > worst:
            worst, where = error, x
    if not trace.graph.active[trace.graph.output]:
        return Method(name, None, None, "nothing to differentiate")
    if not quotients:
        return Method(name, None, None, "not run: the graph is large or the point beyond doubles")
    if trace.kinks:
        detail = "across a kink it gives the mean of both sides"
    elif worst > 1e-2:
        detail = f"step too large for this function (at {where}), or rounding; not a wrong gradient"
    elif outside:
        detail = f"{', '.join(outside)} ± h leaves the domain"
    else:
        detail = f"relative error at most {significant(worst, 2)}, as expected of this step"
    return Method(name, None, worst, detail)


def _enclosures(trace: Trace, enclosure: Enclosure, warnings: list[str]) -> Method:
    name = "ball enclosures of every value and gradient"
    worst, lossy, wide = 0.0, list[str](), list[str]()
    pairs = [
        (trace.values, enclosure.values, "value"),
        (trace.adjoints, enclosure.gradients, "gradient"),
    ]
    wrong = []
    for numbers, balls, what in pairs:
        for i, ball in balls.items():
            number = numbers.get(i)
            if (
                ball is None
                or isinstance(number, bool)
                or not isinstance(number, int | float | Fraction)
            ):
                continue
            label = f"{what} of {trace.graph.labels.get(i, 'a constant')}"
            if not hasattr(ball, "is_finite"):
                continue  # an exact slope of a kink's convention
            if not ball.is_finite() or float(ball.rad()) > 1e-9 * (1 + abs(float(number))):
                wide.append(label)
                continue
            if isinstance(number, Fraction):
                if not ball.overlaps(Balls().number(number)):
                    wrong.append(label)
                continue
            error = distance(ball, number)
            size = abs(float(ball.mid()))
            worst = max(worst, error / size if size else error)
            if size and error / size > 1e-9 and error > 1e-300:
                lossy.append(label)
    if lossy:
        warnings.append(
            f"doubles lose digits in the {', the '.join(lossy[:4])}: the numbers shown come from"
            " higher precision"
        )
    if wide:
        warnings.append(
            f"the {', the '.join(wide[:4])} cannot be enclosed: a gate sits on a kink, or so near"
            " one that doubles cannot tell the side"
        )
    off = f"off by at most {significant(worst, 2)} relative" if worst else "exact here"
    detail = f"{enclosure.bits} bits; doubles are {off}"
    if wrong:
        detail = f"the exact {', '.join(wrong[:4])} lies outside its enclosure"
    return Method(name, not wrong, worst, detail)
