"""Bounds on hostile or hopeless input, in one place; every caller may pass his own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from types import MappingProxyType

__all__ = ["DEFAULT", "Limits", "in_force", "limited", "overrides"]


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
    repetitions: int = 10_000
    """Repetitions of all loops of a program."""
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
    formula: int = 1_000_000
    """Characters of one derived formula as written."""
    pixels: int = 100_000_000
    """Pixels of one picture."""
    seconds: float = 10.0
    """Wall-clock time of one sympy call."""


DEFAULT = Limits()
_given: ContextVar[Mapping[str, int | float]] = ContextVar("limits", default=MappingProxyType({}))


@contextmanager
def limited(given: Mapping[str, int | float]) -> Iterator[None]:
    """Within, these take the place of the limits of the same name, whatever sets those.

    >>> with limited({"nodes": 5}):
    ...     in_force().nodes, in_force(Limits(nodes=3, text=7)).text
    (5, 7)
    """
    token = _given.set(MappingProxyType({**_given.get(), **given}))
    try:
        yield
    finally:
        _given.reset(token)


def overrides() -> dict[str, int | float]:
    """What ``limited`` was given, for a process that does a part of the work."""
    return dict(_given.get())


def in_force(limits: Limits = DEFAULT) -> Limits:
    """These limits, with those in their place that the user gave."""
    given = _given.get()
    return replace(limits, **given) if given else limits  # type: ignore[arg-type]
