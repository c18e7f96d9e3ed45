"""Rules that decide by Python's ``if``, read over numbers of which no condition is known: once for
each way that they can go, and joined."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from graphdiff.errors import Unsupported

__all__ = ["asked", "every_way", "known"]

_MOST = 8
"""Conditions that a rule may come upon one after the other."""
_NOTHING: Mapping[Hashable, bool] = MappingProxyType({})
_DECIDED: ContextVar[Mapping[Hashable, bool]] = ContextVar("decided", default=_NOTHING)


class _Fork(Exception):
    """A rule asks for a condition that is not decided yet."""

    def __init__(self, key: Hashable, condition: Any) -> None:
        super().__init__(key)
        self.key, self.condition = key, condition


def asked(key: Hashable, condition: Any) -> bool:
    """What ``bool`` of a condition answers on the way that is being read."""
    decided = _DECIDED.get()
    if key not in decided:
        raise _Fork(key, condition)
    return decided[key]


def known(key: Hashable) -> bool | None:
    """What a condition is on this way; None if nobody asked."""
    return _DECIDED.get().get(key)


def every_way(
    rule: Callable[[], Any], join: Callable[[Any, Any, Any], Any],
    decided: Mapping[Hashable, bool] = _NOTHING,
) -> Any:  # fmt: skip
    """What a rule says, as ``join(condition, yes, no)`` of its ways.

    Raises Unsupported for a rule with too many conditions.
    """
    token = _DECIDED.set(decided)
    try:
        return rule()
    except _Fork as fork:
        asks = fork
    finally:
        _DECIDED.reset(token)
    if len(decided) == _MOST:
        raise Unsupported("a rule has too many conditions to be written out")
    yes, no = (every_way(rule, join, {**decided, asks.key: way}) for way in (True, False))
    return join(asks.condition, yes, no)
