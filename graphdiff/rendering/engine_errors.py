"""Why a layout engine gave no answer; `graphdiff.rendering.engines` then tries the next one."""

from __future__ import annotations

from graphdiff.errors import LimitExceeded

__all__ = ["EngineFailed", "EngineMissing", "address_space", "need_space"]

_LEAST = 400 << 20


class EngineMissing(Exception):
    """This engine is not installed or cannot start here; another may."""


class EngineFailed(Exception):
    """This engine is here but did not get through this graph (memory, stack, time)."""


def address_space() -> int | None:
    """Bytes of addresses that this process may have (``ulimit -v``), or None if nobody says."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    limit, _ = resource.getrlimit(resource.RLIMIT_AS)
    return None if limit == resource.RLIM_INFINITY else limit


def need_space() -> None:
    """Raises LimitExceeded where too few addresses are left to typeset: Typst would abort."""
    space = address_space()
    if space is not None and space < _LEAST:
        raise LimitExceeded(
            f"figures need {_LEAST >> 20} MiB of address space, and there are {space >> 20:,}",
            hint="allow this process more (ulimit -v), or write DOT or Mermaid",
        )
