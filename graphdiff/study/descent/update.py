"""One update at a point: parameter, gradient, new value, as exact as the trace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.shape import show_shape
from graphdiff.core.support.section import Section
from graphdiff.errors import BadPoint, DomainError
from graphdiff.language.notation.numbers import show_number

if TYPE_CHECKING:
    from graphdiff.program.runs.trace import Trace

__all__ = ["Update", "update"]

MOST_ENTRIES = 6
"""Entries of an array that are written out in a table."""


@dataclass(frozen=True, slots=True)
class Update:
    """x ← x − η·∂f/∂x for some parameters."""

    lr: Fraction
    parameters: dict[str, tuple[Any, Any, Any]]
    """Value, gradient and new value by name."""

    def table(self, digits: int = 6) -> Section:
        """One line per parameter."""
        rows = tuple(
            (name, *[_shown(x, digits) for x in numbers])
            for name, numbers in self.parameters.items()
        )
        headers = ("parameter", "value", "gradient", "new value")
        rate = show_number(self.lr, digits)
        return Section(f"Update: x − {rate}·gradient", headers, rows, frozenset({1, 2, 3}))

    def remarks(self, digits: int = 4) -> list[str]:
        """What a figure says of each parameter.

        >>> from graphdiff import parse
        >>> update(parse("x*y").backprop(x=2, y=-3), "0.1").remarks()
        ['x: x ← 2 − 0.1·(−3) = 2.3', 'y: y ← −3 − 0.1·2 = −3.2']
        """
        found = []
        rate = show_number(self.lr, digits)
        for name, (value, slope, new) in self.parameters.items():
            if getattr(value, "shape", ()):
                found.append(f"{name}: {name} ← {name} − {rate}·∇{name}")
                continue
            old, g, moved = (show_number(x, digits, "−") for x in (value, slope, new))
            found.append(
                f"{name}: {name} ← {old} − {rate}·{f'({g})' if g[0] == '−' else g} = {moved}"
            )
        return found

    def document(self) -> dict[str, Any]:
        """Records for JSON."""
        return {
            "lr": float(self.lr),
            "parameters": {
                name: dict(zip(("value", "gradient", "new"), map(_plain, numbers), strict=True))
                for name, numbers in self.parameters.items()
            },
        }


def update(trace: Trace, lr: str, wrt: Sequence[str] | None = None) -> Update:
    """One step of gradient descent from the point of a trace.

    Raises BadPoint for a learning rate that is not positive, DomainError if a parameter leaves
    the range of doubles.
    """
    try:
        rate = Fraction(lr)
    except (ValueError, ZeroDivisionError):
        raise BadPoint(f"cannot read the learning rate {lr!r}", hint="for example 0.01") from None
    if not 0 < rate < 2**1000:
        raise BadPoint(f"the learning rate is {lr}, and must be a positive number", hint="try 0.01")
    found = {}
    for name, slope in trace.gradients.items():
        if wrt is None or name in wrt:
            value = trace[name].value
            found[name] = value, slope, _moved(name, value, slope, rate)
    return Update(rate, found)


def _moved(name: str, value: Any, slope: Any, rate: Fraction) -> Any:
    """The new value.  Raises DomainError."""
    kind = getattr(getattr(slope, "dtype", None), "kind", "f" if isinstance(slope, float) else "O")
    factor: Any = float(rate) if kind == "f" else rate
    try:
        new = value - factor * slope
        fine = bool(getattr(new, "shape", ())) or math.isfinite(float(new))
    except OverflowError:
        fine = False
    if not fine:
        raise DomainError(f"{name} leaves the range of doubles", hint="choose a smaller --update")
    return new


def _shown(x: Any, digits: int) -> str:
    shape = getattr(x, "shape", ())
    if not shape:
        return show_number(x, digits)
    if x.size > MOST_ENTRIES:
        return f"<{show_shape(shape)} array>"
    return _listed(x.tolist(), digits)


def _listed(x: Any, digits: int) -> str:
    if isinstance(x, list):
        return "[" + ", ".join(_listed(part, digits) for part in x) + "]"
    return show_number(x, digits)


def _plain(x: Any) -> Any:
    """Numbers and nested lists for JSON."""
    if getattr(x, "shape", ()):
        return [_plain(part) for part in x]
    if isinstance(x, int):
        return x
    if isinstance(x, Fraction) and x.denominator == 1 and abs(x) < 2**53:
        return int(x)
    return float(x) if math.isfinite(x) else None
