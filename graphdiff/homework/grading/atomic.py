"""The files of a class: whole or not at all, and nobody's but their owner's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from graphdiff.core.support.files import replaced
from graphdiff.errors import GraphDiffError

__all__ = ["written"]


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """A text file that appears under its name when all of it is written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with replaced(
            path, private=True, mode="w", encoding="utf-8", errors="replace", newline=""
        ) as file:
            yield file  # type: ignore[misc]
    except OSError as error:
        raise GraphDiffError(f"cannot write {path}: {error.strerror}") from None
