"""Central differences in balls: each gradient against a quotient, or slopes along directions."""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.domains.ball import Balls
from graphdiff.core.domains.ball_arrays import entry
from graphdiff.errors import DomainError
from graphdiff.program.runs.enclosure import Enclosure, distance
from graphdiff.program.runs.run import run
from graphdiff.program.runs.trace import is_exact
from graphdiff.program.unfold import entry_name

from .differences import (
    STEP,
    Quotients,
    Target,
    affordable,
    ball_quotients,
    crosses_kink,
    directional_quotient,
)
from .directions import array_directions
from .kinks import near_kink, on_kink
from .method import Method

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["SideQuotients", "central"]

_AGREES = 1e-18
"""Quotients are right to some 60 digits; a gradient that is off by more than this, relative to its
size, is wrong, unless a finer step brings the quotient nearer."""

_SHRINKS = 2.0**-64
"""How much nearer to 0 a step that is 2^-300 times as large brings the quotient where the gradient
is 0: it falls with the step (with its root, where there is no second derivative)."""
_FEW = 8
"""Gradients that are 0 up to which each of them is tried with every step."""

_STEPS = (STEP, 4 * STEP, 16 * STEP)
"""Next to a singularity, or to a kink, even 2^-100 is a large step."""

_NAMED = 6
"""How many wrong gradients are named; the others need no second look."""


@dataclass(frozen=True, slots=True)
class SideQuotients:
    """Derivatives of the output in one input from below and from above, found by quotients."""

    left: float
    right: float
    jump: bool

    @property
    def differ(self) -> bool:
        """Whether there is no derivative here."""
        gap = abs(self.left - self.right)
        return self.jump or gap > 1e-9 * max(abs(self.left), abs(self.right))


_NOISE = 1e-25
"""What the step of 2^-100 leaves of a slope that is 0."""
_TINY, _FINEST = 1e-20, 1e-300
"""Slopes that this may hide, and what the finest step leaves."""
_STEEP = 2.0**60
"""Slopes up to which no quotient is suspected of a jump."""


def central(
    trace: Trace, enclosure: Enclosure, sides: dict[str, SideQuotients], warnings: list[str]
) -> Method:
    """Judge the gradients; adds one-sided derivatives to ``sides`` where both sides differ."""
    name = "central differences in ball arithmetic"
    graph = trace.graph
    if not trace.live[graph.output]:
        active = graph.active[graph.output]
        why = "no gradient is asked for" if active else "the output depends on no variable"
        return Method(name, True, 0.0, f"nothing to differentiate: {why}")
    kinky = on_kink(trace)
    # A node may have no gradient of its own, where a gate below it is constant.
    targets = [t for t in affordable(trace) if _told(entry(trace.adjoints.get(t[0], 0), t[1]))]
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
    if found.unsure or (found.jumping and near):
        found.unsure = found.unsure or found.jumping
        warnings.append(
            f"no difference quotient decides the gradient of {', '.join(found.unsure[:6])}: "
            + ("a gate is too near a kink or a jump" if near else "it is too ill-conditioned")
        )
    if found.bad:
        return Method(name, False, found.worst, _disagreement(trace, found, kinky))
    count = len(targets) - len(found.unmoved) - len(found.unsure) - len(found.jumping)
    plural = "" if count == 1 else "s"
    detail = f"{count} gradient{plural}, h = 2^-100·min(|x|, 1), in balls"
    if found.jumping:
        warnings.append(f"the value jumps along {', '.join(found.jumping[:6])}: no derivative")
        detail = f"the value jumps along {', '.join(found.jumping[:6])}: no number is a derivative"
    sure = count and not found.unsure and not found.jumping
    return Method(name, True if sure else None, found.worst, detail)


@dataclass(slots=True)
class _Verdicts:
    """Names of the entries by what became of them; the others are right."""

    worst: float = 0.0
    bad: list[str] = field(default_factory=list)
    unmoved: list[str] = field(default_factory=list)
    unsure: list[str] = field(default_factory=list)
    jumping: list[str] = field(default_factory=list)
    """Along these the value jumps: no number is a derivative."""
    failing: list[Target] = field(default_factory=list)

    def fails(self, label: str, target: Target) -> None:
        """An entry whose gradient is wrong."""
        self.bad.append(label)
        self.failing.append(target)


def _entries(
    trace: Trace, enclosure: Enclosure, sides: dict[str, SideQuotients], targets: list[Target],
    kinky: bool, near: bool,
) -> _Verdicts:  # fmt: skip
    found = _Verdicts()
    judge = _Judge(trace, enclosure, targets, kinky, near)
    for target, quotients in judge.first.items():
        label = entry_name(trace.graph.labels[target[0]], target[1])
        if quotients is None:
            found.unmoved.append(label)
        elif kinky and (one := judge.one_sided(target, quotients)).differ:
            sides[label] = one
            if one.jump:
                found.jumping.append(label)
            elif near:
                found.unsure.append(label)
            elif not _between(one, _ours(trace, target)):
                found.fails(label, target)
        elif len(found.bad) >= _NAMED and not judge.agrees(target, quotients):
            found.fails(label, target)  # the others need no second look
        else:
            verdict = judge.verdict(target)
            if verdict is None:
                found.unsure.append(label)
            elif not verdict:
                found.fails(label, target)
            else:
                found.worst = max(found.worst, judge.error)
    return found


class _Judge:
    """Gradients against quotients, with finer steps for those that are off."""

    def __init__(
        self, trace: Trace, enclosure: Enclosure, targets: list[Target], kinky: bool, near: bool
    ) -> None:
        self.trace, self.enclosure, self.kinky, self.near = trace, enclosure, kinky, near
        self.first = ball_quotients(trace, targets)
        self.error = 0.0
        """How far the last quotient that agreed was off, relative to its gradient."""
        self._far = [t for t, q in self.first.items() if q is not None and not self.agrees(t, q)]
        self._finer: dict[int, dict[Target, Quotients | None]] = {step: {} for step in _STEPS[1:]}

    def gradient(self, target: Target) -> Any:
        """The gradient of an entry as a ball; a wide enclosure is judged by its middle."""
        i, place = target
        number = entry(self.trace.adjoints.get(i, 0), place)
        ball = entry(self.enclosure.gradients.get(i, 0), place)
        known = hasattr(ball, "mid") and ball.is_finite()
        if is_exact(number) or not known or (number == 0 and ball.contains(0)):
            return Balls().number(Fraction(number))
        return ball.mid()

    def off(self, target: Target, quotients: Quotients) -> Any:
        """An upper bound of |quotient − gradient|, as a ball; of a gradient of which only the
        nearest double is known, a lower one."""
        i, place = target
        gap = abs(quotients.central - self.gradient(target))
        number = entry(self.trace.adjoints.get(i, 0), place)
        if number.__class__ is float and i not in self.enclosure.gradients:
            last = Balls().number(abs(Fraction(number)) / 2**53)
            return (gap - last).max(Balls().number(0)).upper()
        return gap.upper()

    def agrees(self, target: Target, quotients: Quotients) -> bool:
        """Whether they are the same but for what the step leaves."""
        size = abs(self.gradient(target)).lower()
        return bool(self.off(target, quotients) <= size * _AGREES)

    def verdict(self, target: Target) -> bool | None:
        """Whether the gradient is right; None where no quotient decides."""
        quotients = self.first[target]
        assert quotients is not None
        gradient, off = self.gradient(target), self.off(target, quotients)
        falling = settled = False
        for step in _STEPS[1:]:
            if self.agrees(target, quotients):
                break
            finer = self._finest(target, step)
            if finer is None:
                return None
            closer = self.off(target, finer)
            settled = bool(abs(finer.central - quotients.central).upper() <= closer * 1e-6)
            falling = bool(gradient.is_zero() and closer <= off * _SHRINKS)
            quotients, off = finer, closer
            if falling and len(self._far) > _FEW:
                break
        if falling or self.agrees(target, quotients):
            self.error = _relative(off, gradient)
            return True
        if self.near or quotients.wide or not settled:
            return None
        if self.kinky:
            return False
        return None if crosses_kink(self.trace, target, _STEPS[-1]) else False

    def one_sided(self, target: Target, quotients: Quotients) -> SideQuotients:
        """The slopes of both sides.  At a jump of the value a quotient is as large as 1/h."""
        left, right = (float(side.mid()) for side in (quotients.left, quotients.right))
        size = max(abs(left), abs(right))
        if 0 < size < _TINY and (finest := self._finest(target, _STEPS[-1])) is not None:
            left, right = (float(side.mid()) for side in (finest.left, finest.right))
            return SideQuotients(_tidy(left, _FINEST), _tidy(right, _FINEST), False)
        if size <= _STEEP:
            return SideQuotients(_tidy(left), _tidy(right), False)
        finer = self._finest(target, _STEPS[1])
        if finer is not None and max(abs(finer.left), abs(finer.right)) <= 2 * size:
            return SideQuotients(_tidy(left), _tidy(right), False)
        left, right = (0.0 if abs(slope) > _STEEP else _tidy(slope) for slope in (left, right))
        return SideQuotients(left, right, True)

    def _finest(self, target: Target, step: int) -> Quotients | None:
        """The quotients with a finer step, found some at a time."""
        known = self._finer[step]
        if target not in known:
            waiting = [t for t in self._far if t not in known]
            some = list(dict.fromkeys([target, *waiting[:20]])) if step == _STEPS[1] else [target]
            known |= ball_quotients(self.trace, some, step)
        return known[target]


def _relative(off: Any, gradient: Any) -> float:
    size = abs(gradient).lower()
    return float(off / size if size > 0 else off)


def _ours(trace: Trace, target: Target) -> Any:
    """The gradient of one entry, as the trace has it."""
    return entry(trace.adjoints.get(target[0], 0), target[1])


def _disagreement(trace: Trace, found: _Verdicts, kinky: bool) -> str:
    names = ", ".join(found.bad[:_NAMED])
    text = f"the gradient of {names} disagrees with the difference quotient"
    if not kinky:
        return text
    hint = " (try --kink mean)" if _mean_agrees(trace, found.failing[:_NAMED]) else ""
    return f"{text}: on this kink the convention {trace.convention!r} gives no derivative{hint}"


def _told(gradient: Any) -> bool:
    """Whether it is no NaN."""
    return bool(gradient == gradient)


def _mean_agrees(trace: Trace, targets: list[Target]) -> bool:
    """Whether the mean of both sides gives what the difference quotients do."""
    try:
        other = run(trace.graph, trace.point, "mean", trace.wrt)
    except DomainError:
        return False
    judge = _Judge(other, other.enclosure, targets, True, False)
    return all(judge.first[t] is not None and judge.verdict(t) for t in targets)


def _tidy(slope: float, noise: float = _NOISE) -> float:
    # The quotient is off by about 2^−100; print −1, not −0.9999999999999999.
    return 0.0 if abs(slope) < noise else float(f"{slope:.15g}")


def _between(one: SideQuotients, value: Any) -> bool:
    """Whether a gradient is between the slopes of both sides, which are rounded to doubles."""
    low, high = sorted((one.left, one.right))
    # An exact gradient is allowed no more than what an end is rounded by: −1e-9 is not in [0, 3].
    sizes = (abs(low), abs(high)) if is_exact(value) else (max(abs(low), abs(high)),) * 2
    below, above = (Fraction(1e-14) * Fraction(size) for size in sizes)
    return bool(low - below <= value <= high + above)


def _directions(trace: Trace, enclosure: Enclosure, name: str) -> Method:
    """For large graphs: the slope along a few fixed directions of ±1 in every input."""
    graph = trace.graph
    worst, ok, tried = 0.0, True, 0
    if trace.targets.keys() - graph.inputs.keys():
        return Method(name, None, None, "not run: only inputs of a large graph are moved")
    quotients: dict[tuple[int, ...], Any] = {}
    for seed in (1, 2, 3):
        signs = {
            x: 1 if (k * 2654435761 * (2 * seed + 1) >> 7) & 1 else -1
            for k, x in enumerate(graph.inputs)
            if x in trace.targets
        }
        line = max(tuple(signs.values()), tuple([-sign for sign in signs.values()]))
        signs = dict(zip(signs, line, strict=True))  # there and back is one line
        if line not in quotients:
            quotients[line] = directional_quotient(trace, signs)
        quotient = quotients[line]
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
