"""Why a layout engine gave no answer; `graphdiff.rendering.engines` then tries the next one."""

from __future__ import annotations

__all__ = ["EngineFailed", "EngineMissing"]


class EngineMissing(Exception):
    """This engine is not installed or cannot start here; another may."""


class EngineFailed(Exception):
    """This engine is here but did not get through this graph (memory, stack, time)."""
