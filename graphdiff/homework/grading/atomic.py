"""The files of a class: whole or not at all, and nobody's but their owner's."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from graphdiff.core.support.files import replaced
from graphdiff.errors import GraphDiffError

__all__ = ["archived", "written"]


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


_DAY = (1980, 1, 1, 0, 0, 0)


@contextmanager
def archived(path: Path) -> Iterator[Callable[[str, str], None]]:
    """A zip file of texts by name, the same bytes each time."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            replaced(path, private=True) as file,
            zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        ):

            def add(name: str, text: str) -> None:
                entry = zipfile.ZipInfo(name, _DAY)
                entry.external_attr = 0o600 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, text.encode("utf-8", "replace"))

            yield add
    except OSError as error:
        raise GraphDiffError(f"cannot write {path}: {error.strerror}") from None
