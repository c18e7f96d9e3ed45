"""One table of a result; `graphdiff/study/report` shows it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Section"]


@dataclass(frozen=True, slots=True)
class Section:
    """One table; ``right`` names the columns that hold numbers."""

    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
