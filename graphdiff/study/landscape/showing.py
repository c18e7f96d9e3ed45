"""Numbers of a landscape as text, as doubles and in JSON."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from graphdiff.language.notation.numbers import show_number
from graphdiff.program.germs.coefficients import exact

__all__ = ["decimal", "number", "shown", "smoothness"]


def smoothness(order: int | None, at_least: bool) -> str:
    """``C^1``, ``C^∞``, ``C^8 or more``; empty below C^0."""
    if order is None:
        return "C^∞"
    if order < 0:
        return ""
    return f"C^{order}" + (" or more" if at_least else "")


def shown(value: Any, digits: int = 6) -> str:
    """A number for people: ``1/3``, ``3.14159``, ``−∞``; ``—`` where there is none."""
    if value is None:
        return "—"
    if exact(value):
        return show_number(value, digits, minus="−")
    if isinstance(value, float) and math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return show_number(value, digits, minus="−")


def decimal(value: Any) -> float:
    """A number as a double; infinite beyond their range."""
    try:
        return float(value) if exact(value) or isinstance(value, float) else float(value.mid())
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def number(value: Any) -> dict[str, Any] | None:
    """A number in JSON: a double, and what it is exactly."""
    if value is None:
        return None
    close = decimal(value)
    plain = {"value": close if math.isfinite(close) else None}
    if exact(value):
        return plain if Fraction(value) == Fraction(close) else {**plain, "exact": str(value)}
    if isinstance(value, float):
        return {**plain, "infinite": "+" if value > 0 else "-"}
    return {**plain, "digits": str(value.str(30, radius=False, condense=0))}
