"""Bounds on hostile or hopeless input, in one place; every caller may pass his own."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT", "Limits"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large an input may be.

    >>> Limits(text=10).text
    10
    """

    text: int = 4_000_000
    """Characters of source text."""
    depth: int = 10_000
    """Brackets open at one time."""
    nodes: int = 1_000_000
    """Nodes of a graph."""
    operands: int = 1_000
    """Operands of one max or min; each looks at all the others."""
    number: int = 1_000
    """Characters of one number as written."""
    exponent: int = 1_000
    """Largest decimal exponent of a number as written (``1e9999`` is refused)."""
    name: int = 100
    """Characters of one name."""
    elements: int = 50_000_000
    """Entries of one array; checked before anything is allocated."""
    axes: int = 16
    """Axes of one array."""
    bits: int = 4_096
    """Bits of an exact value; beyond, floats take over."""
    seconds: float = 10.0
    """Wall-clock time of one sympy call."""


DEFAULT = Limits()
