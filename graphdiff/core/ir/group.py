"""Nodes that a composite op, or a loop, was written out as; they may be shown as one box."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Group"]


class Group(NamedTuple):
    """One call of a composite op, such as a layer."""

    op: str
    members: frozenset[int]
    output: int
    operands: tuple[int, ...]
    """Nodes outside that the call was given."""
    learned: tuple[int, ...] = ()
    """Those of the operands that are the layer's learnable parameters."""
    repetitions: int = 0
    """How often the body was repeated, if it is no call but a loop."""
    settings: tuple[tuple[str, Any], ...] = ()
    """The settings of the call, ``stride`` and its like, by name."""
