"""The outcome of one check."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Method"]


@dataclass(frozen=True, slots=True)
class Method:
    """One check.  ``ok`` is None for a check that informs but does not judge."""

    name: str
    ok: bool | None
    max_error: float | None
    detail: str = ""
