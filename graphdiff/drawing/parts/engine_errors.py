"""Why a layout engine gave no answer; `graphdiff.drawing.layout.engines` tries the next one."""

from __future__ import annotations

from graphdiff.core.support.parts import address_space
from graphdiff.errors import LimitExceeded

__all__ = ["EngineFailed", "EngineMissing", "need_space"]

_LEAST = 400 << 20


class EngineMissing(Exception):
    """This engine is not installed or cannot start here; another may."""


class EngineFailed(Exception):
    """This engine is here but did not get through this graph (memory, stack, time)."""


def need_space() -> None:
    """Raises LimitExceeded where too few addresses are left to typeset: Typst would abort."""
    space = address_space()
    if space is not None and space < _LEAST:
        raise LimitExceeded(
            f"figures need {_LEAST >> 20} MiB of address space, and there are {space >> 20:,}",
            hint="allow this process more (ulimit -v), or write DOT or Mermaid",
        )
