"""Central differences in balls: each gradient against a quotient, or slopes along directions."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from ..unfold import entry_name
from .ball_arrays import entry
from .differences import (
    STEP,
    Quotients,
    Target,
    affordable,
    ball_quotients,
    directional_quotient,
)
from .directions import array_directions
from .enclosure import Enclosure, distance
from .kinks import near_kink, on_kink
from .method import Method

if TYPE_CHECKING:
    from ..trace import Trace

__all__ = ["OneSided", "central"]

_AGREES = 1e-18
"""Quotients are right to some 60 digits; a gradient that is off by more than this is wrong."""

_NAMED = 6
"""How many wrong gradients are named; the others need no second look."""


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


def central(
    trace: Trace, enclosure: Enclosure, sides: dict[str, OneSided], warnings: list[str]
) -> Method:
    """Judge the gradients; adds one-sided derivatives to ``sides`` where both sides differ."""
    name = "central differences in ball arithmetic"
    graph = trace.graph
    if not trace.live[graph.output]:
        return Method(
            name, True, 0.0, "nothing to differentiate: the output depends on no variable"
        )
    kinky = on_kink(trace)
    targets = affordable(trace)
    if kinky:
        asked = set(trace.targets.values())
        targets = [target for target in targets if target[0] in asked]
    if not targets:
        if graph.has_arrays:
            return array_directions(trace, enclosure, name, warnings, kinky)
        return _directions(trace, enclosure, name)
    near = near_kink(trace, enclosure)
    found = _entries(trace, enclosure, sides, targets, kinky, near)
    if found.unmoved:
        warnings.append(
            f"no central difference for {', '.join(found.unmoved[:6])}: a step leaves the domain"
        )
    if found.unsure:
        warnings.append(
            f"no difference quotient decides the gradient of {', '.join(found.unsure[:6])}: "
            + ("a gate is too near a kink or a jump" if near else "it is too ill-conditioned")
        )
    if found.bad:
        return Method(name, False, found.worst, _disagreement(trace, found.bad, kinky))
    count = len(targets) - len(found.unmoved) - len(found.unsure)
    plural = "" if count == 1 else "s"
    detail = f"{count} gradient{plural}, h = 2^-100·min(|x|, 1), in balls"
    return Method(name, True if count and not found.unsure else None, found.worst, detail)


@dataclass(slots=True)
class _Verdicts:
    """Names of the entries by what became of them; the others are right."""

    worst: float = 0.0
    bad: list[str] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)


def _entries(
    trace: Trace, enclosure: Enclosure, sides: dict[str, OneSided], targets: list[Target],
    kinky: bool, near: bool,
) -> _Verdicts:  # fmt: skip
    found = _Verdicts()
    all_quotients = ball_quotients(trace, targets)
    errors = {t: _error(trace, enclosure, t, q) for t, q in all_quotients.items() if q is not None}
    far = [] if near else [target for target, error in errors.items() if error > _AGREES]
    finer = _Finer(trace, far)
    for target, quotients in all_quotients.items():
        label, ours = entry_name(trace.graph.labels[target[0]], target[1]), _ours(trace, target)
        if quotients is None:
            found.unmoved.append(label)
        elif kinky and (one := _one_sided(quotients)).differ:
            sides[label] = one
            if not one.jump and not _between(one, ours):
                found.bad.append(label)
        else:
            error = errors[target]
            if len(found.bad) < _NAMED and (better := finer.quotients(target)):
                error = _error(trace, enclosure, target, better)
            if error <= _AGREES * (1 + abs(float(ours))):
                found.worst = max(found.worst, error)
            else:
                (found.unsure if near or quotients.wide else found.bad).append(label)
    return found


class _Finer:
    """Quotients with a finer step where the first are far off, found some at a time.

    Next to a singularity even 2^-100 is a large step; a wrong rule stays wrong.
    """

    def __init__(self, trace: Trace, far: list[Target]) -> None:
        self._trace, self._far = trace, far
        self._known: dict[Target, Quotients | None] = {}

    def quotients(self, target: Target) -> Quotients | None:
        """The finer quotients of a target that is far off; None for the others."""
        while target in self._far and target not in self._known:
            some, self._far = self._far[:20], self._far[20:]
            self._known |= ball_quotients(self._trace, some, 4 * STEP)
        return self._known.get(target)


def _ours(trace: Trace, target: Target) -> Any:
    """The gradient of one entry, as the trace has it."""
    return entry(trace.adjoints.get(target[0], 0), target[1])


def _disagreement(trace: Trace, names: list[str], kinky: bool) -> str:
    text = f"the gradient of {', '.join(names[:_NAMED])} disagrees with the difference quotient"
    if not kinky:
        return text
    return (
        f"{text}: on this kink the convention {trace.convention!r} does not give a derivative"
        " (try --kink mean)"
    )


def _error(trace: Trace, enclosure: Enclosure, target: Target, quotients: Quotients) -> float:
    """Proven distance between the gradient of an entry and its quotient; a wide enclosure is
    judged by its middle."""
    i, place = target
    exact = entry(trace.adjoints.get(i), place)
    if isinstance(exact, int | Fraction) and not isinstance(exact, bool):
        return distance(quotients.central, exact)
    gradient = entry(enclosure.gradients.get(i, 0), place)
    return distance(quotients.central, gradient.mid() if hasattr(gradient, "mid") else gradient)


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
    if trace.targets.keys() - graph.inputs.keys():
        return Method(name, None, None, "not run: only inputs of a large graph are moved")
    for seed in (1, 2, 3):
        signs = {
            x: 1 if (k * 2654435761 * (2 * seed + 1) >> 7) & 1 else -1
            for k, x in enumerate(graph.inputs)
            if x in trace.targets
        }
        quotient = directional_quotient(trace, signs)
        if quotient is None:
            continue
        tried += 1
        ours = sum(
            (
                signs[x] * enclosure.gradients[graph.inputs[x]]
                for x in signs
                if graph.inputs[x] in enclosure.gradients
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
