"""Mistakes outside the rules of the backward sweep: wrong values, rounding, updates too early."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from math import floor
from typing import Any

from graphdiff.core.domains.ball import Balls
from graphdiff.homework.asked.names import Key
from graphdiff.homework.asked.numbers import fraction
from graphdiff.language.handwriting.settings import unit

from .records import Fault
from .slopes import FORWARD, SUBTRACTED
from .sweeps import Sweeps

__all__ = ["forward_faults", "in_place_faults", "rounding_faults", "target_faults"]


def forward_faults(sweeps: Sweeps[Any], nodes: Sequence[int]) -> Iterator[Fault]:
    """Faults in the value of one of these nodes."""
    for i in nodes:
        for code, rule, detail in FORWARD.get(sweeps.tape.nodes[i].op, ()):
            yield Fault(code, i, detail, values={i: rule})


RATES = [Fraction(n) for n in ("0.5", "0.1", "0.01", "0.001", "1", "0.2", "0.05", "2", "0.3")]
"""Learning rates in use in exercises."""


def in_place_faults(sweeps: Sweeps[Any], node: int, numbers: Iterable[Fraction]) -> Iterator[Fault]:
    """Parameters that were updated before all gradients were known: local gradients see the new
    value.  Those that meet the node in a gate, or all, by a common rate; or one of them to a number
    that occurs in the answers."""
    s, inputs = sweeps, [i for i in sweeps.graph.inputs.values() if i in sweeps.values]
    steps = {i: s.truth[Key("gradient", i)] for i in inputs if s.active[i] and i in s.graph.uses}
    met = {k for gate, _ in s.graph.uses.get(node, ()) for k in s.tape.nodes[gate].operands}
    for chosen in (met, set(inputs)):
        for rate in RATES:
            moved = {
                i: s.values[i] - s.number(rate) * g
                for i, g in steps.items() if i in chosen and i != node and g is not None
            }  # fmt: skip
            if moved:
                yield Fault("E_INPLACE", -1, f"η = {rate}", moved=moved)
    for i in inputs:
        if not hasattr(s.values[i], "shape"):
            for number in numbers:
                yield Fault("E_INPLACE", i, moved={i: s.number(number)})


def target_faults(sweeps: Sweeps[Any], node: int) -> Iterator[Fault]:
    """p for p − y: the way back as if a target, an input that is subtracted, were 0."""
    s, inputs = sweeps, {*sweeps.graph.inputs.values()} - {node}
    for gate in s.graph.order:
        operands = s.tape.nodes[gate].operands
        if s.tape.nodes[gate].op in SUBTRACTED and operands[1] in inputs:
            target = operands[1]
            zero = s.meaning.shaped(s.number(0), target)
            yield Fault("E_TARGET", gate, moved={target: zero})


_SHOWN = 100
"""A number that is smaller by this factor than the last decimal is not rounded to 0."""


def rounding_faults() -> Iterator[Fault]:
    """Runs in which every number in between is rounded to so many digits, or decimals."""
    for n in (2, 3, 4, 1):
        yield Fault("E_ROUNDED", rounding=partial(_to_digits, n))
        yield Fault("E_ROUNDED", rounding=partial(_to_unit, Fraction(1, 10**n)))


def _to_digits(digits: int, ball: Any) -> Any:
    middle = fraction(ball.mid()) if hasattr(ball, "mid") and ball.is_finite() else None
    return _to_unit(unit(middle, digits), ball) if middle else ball


def _to_unit(step: Fraction, ball: Any) -> Any:
    """The middle of a ball, rounded half away from zero."""
    middle = fraction(ball.mid()) if hasattr(ball, "mid") and ball.is_finite() else None
    if not middle:
        return ball
    if abs(middle) * _SHOWN < step:
        return ball  # nobody writes 10^-201 to four decimals
    whole = floor(abs(middle) / step + Fraction(1, 2)) * step
    return Balls().number(whole if middle > 0 else -whole)
