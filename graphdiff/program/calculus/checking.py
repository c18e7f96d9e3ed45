"""Formulas against numbers: every formula is evaluated before it is printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphdiff.core.domains.array import FloatArrays
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import accumulate
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import DomainError, GraphDiffError

__all__ = ["Sample", "WrongFormula", "agree", "labels", "sample", "unchecked"]

_RANGES = ((-1.0, 1.0), (0.1, 0.9), (1.1, 1.9))
"""Where random numbers are drawn from, until the program has a value: some need positive ones."""
_TIGHT = 1e-9
_ROUNDING = 1e-13


class WrongFormula(GraphDiffError):
    """A formula that disagrees with backpropagation: a bug in a rule, never to be printed."""


class Sample:
    """A program with numbers: values and gradients of all nodes at a random point."""

    def __init__(
        self, tape: Tape, output: int, point: Mapping[str, Any], domain: FloatArrays
    ) -> None:
        self.tape, self.point, self.domain = tape, dict(point), domain
        order = tape.needed_for([output])
        self.values = forward(tape, order, point, domain)
        self.adjoints: dict[int, Any] = {}
        if self.found(self.values[output]):
            try:
                self.adjoints = accumulate(tape, order, output, self.values, domain)
            except DomainError:
                self.adjoints = {}

    def found(self, value: Any) -> bool:
        """Whether there is a value, finite in every entry."""
        return not isinstance(value, Undefined) and bool(self.domain.np.isfinite(value).all())

    @property
    def usable(self) -> bool:
        """Whether every gradient exists here."""
        return bool(self.adjoints) and all(map(self.found, self.adjoints.values()))

    @property
    def scale(self) -> float:
        """The largest gradient on the way, to which rounding errors are in proportion."""
        return max(float(self.domain.np.abs(g).max()) for g in self.adjoints.values())

    def evaluated(self, formulas: Sequence[Expr], more: Mapping[str, Any] = {}) -> list[Any]:
        """The values of formulas in the variables of the program, and in ``more``.

        Raises DomainError where one has no value.
        """
        if not formulas:
            return []
        tape = formulas[0].tape
        order = tape.needed_for([e.id for e in formulas])
        values = forward(tape, order, {**self.point, **more}, self.domain)
        if not all(self.found(values[e.id]) for e in formulas):
            raise unchecked()  # as where the formula has the inverse of a matrix that has none
        return [values[e.id] for e in formulas]


def sample(tape: Tape, output: int) -> Sample:
    """Numbers for a program, at a random point where it has a value and a gradient.

    Raises DomainError where none is found.
    """
    domain = FloatArrays()
    random = domain.np.random.default_rng(1)
    order = tape.needed_for([output])
    for low, high in _RANGES * 3:
        point = {
            tape.nodes[i].attr: _entries(tape, order, i, random, low, high)
            for i in order
            if tape.nodes[i].op == "input"
        }
        made = Sample(tape, output, point, domain)
        if made.usable and _steady(made, Sample(tape, output, _nudged(point, random), domain)):
            return made
    raise unchecked()


def unchecked() -> DomainError:
    """The refusal of formulas that no point was found for."""
    hint = "graphdiff backprop --at … computes the gradient at a point"
    return DomainError("the formulas cannot be checked: no point with a value was found", hint=hint)


_NUDGE = 1e-12
_STEADY = 1e-6


def _nudged(point: Mapping[str, Any], random: Any) -> dict[str, Any]:
    """The point moved by a few units in the last digits; labels stay."""
    return {
        name: x if (x == x.round()).all() else x * (1 + random.uniform(-_NUDGE, _NUDGE, x.shape))
        for name, x in point.items()
    }


def _steady(made: Sample, moved: Sample) -> bool:
    """Whether gradients stay what they are where a point moves a little: next to a singular
    matrix, they are rounding errors."""
    if not moved.usable:
        return False
    np, rounding = made.domain.np, _ROUNDING * made.scale
    return all(
        float(np.abs(np.subtract(moved.adjoints[i], g)).max())
        <= _STEADY * float(np.abs(g).max()) + rounding
        for i, g in made.adjoints.items()
    )


def _entries(tape: Tape, order: Sequence[int], i: int, random: Any, low: float, high: float) -> Any:
    """Random values of an input: numbers, or labels where it holds labels."""
    shape, classes = tape.nodes[i].shape, labels(tape, order, i)
    if classes is not None:
        return random.integers(0, classes, shape).astype(float)
    return random.uniform(low, high, shape)


def labels(tape: Tape, order: Sequence[int], i: int) -> int | None:
    """How many labels an input may hold; None where it holds numbers."""
    found = None
    for k in order:
        node = tape.nodes[k]
        for position, operand in enumerate(node.operands):
            if operand == i and position in tape.ops[node.op].discrete:
                found = _classes(tape, k)
    return found


def _classes(tape: Tape, k: int) -> int:
    node = tape.nodes[k]
    attrs = dict(node.attr or ())
    if "classes" in attrs:
        return int(attrs["classes"])
    if node.op == "take":
        return int(tape.nodes[node.operands[0]].shape[0])
    return int(attrs["shape"][0]) if "shape" in attrs else 2


def agree(name: str, formula: Any, number: Any, made: Sample) -> None:
    """Compare what a formula gives with what it must give.  Raises WrongFormula."""
    np = made.domain.np
    same = not isinstance(formula, Undefined) and np.shape(formula) == np.shape(number)
    if same:
        size = max(float(np.abs(formula).max()), float(np.abs(number).max()))
        bound = _TIGHT * size + _ROUNDING * made.scale
        same = bool((np.abs(np.subtract(formula, number)) <= bound).all())
    if not same:
        raise WrongFormula(
            f"the formula of {name} disagrees with backpropagation, and is not printed",
            hint="this is a bug in graphdiff; graphdiff backprop --at … computes the gradient",
        )
