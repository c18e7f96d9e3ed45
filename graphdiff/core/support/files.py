"""Files that are there whole or not at all."""

from __future__ import annotations

import contextlib
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

__all__ = ["replaced"]


@contextmanager
def replaced(path: Path, *, private: bool = False, **how: Any) -> Iterator[IO[Any]]:
    """A file that takes the place of ``path`` when all of it is written; raises OSError.

    A new file gets the rights that the user's umask leaves, a ``private`` one no more than its
    owner's; one that is replaced keeps its own.  A link stays a link.  ``how`` are arguments of
    ``open``; bytes are written unless they say otherwise.
    """
    target = Path(os.path.realpath(path))
    how = {"mode": "wb"} | how
    try:
        rights = target.stat().st_mode
    except FileNotFoundError:
        rights = None
    if rights is not None and not stat.S_ISREG(rights):  # a pipe, or /dev/null
        with target.open(**how) as file:
            yield file
        return
    temporary = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}")
    binary = getattr(os, "O_BINARY", 0)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | binary
    handle = os.open(temporary, flags, 0o600 if private or rights is not None else 0o666)
    try:
        with os.fdopen(handle, **how) as file:
            yield file
        if rights is not None:
            os.chmod(temporary, stat.S_IMODE(rights))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
