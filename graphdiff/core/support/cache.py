"""Files that save time on the next run, in a folder of the user's own.

A cache is trusted only where nobody else can write, since what it holds is run or followed
unchecked; a cache that cannot be read or written is no error.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
from functools import cache
from pathlib import Path

from .files import replaced

__all__ = ["cache_folder", "code_digest", "own_folder", "read", "write"]

_DIGEST_SIZE = 32
# What computes every number.
_ARITHMETIC = ("numpy", "python-flint")

ROOT = Path(__file__).parents[2]
"""Where the code of graphdiff lies."""


@cache
def code_digest(*packages: str) -> str:
    """What a result that is kept rests on: all files of graphdiff and the versions of packages.

    All files, since any of them may decide a number or a word: a list of those that do would
    forget one.  ``packages`` are further ones than those that compute, such as a layout engine.
    """
    from importlib.metadata import PackageNotFoundError, version

    found = hashlib.sha256()
    for path in sorted(ROOT.rglob("*")):
        if path.is_file() and path.suffix != ".pyc":
            place, content = path.relative_to(ROOT).as_posix().encode(), path.read_bytes()
            found.update(b"%s\0%d\0%s" % (place, len(content), content))
    for name in (*_ARITHMETIC, *packages):
        try:
            found.update(f"{name} {version(name)}\n".encode())
        except PackageNotFoundError:
            found.update(f"{name} -\n".encode())
    return found.hexdigest()


def cache_folder() -> Path:
    """Where compiled code is kept: ``$GRAPHDIFF_CACHE_DIR`` or the user's cache folder."""
    own = os.environ.get("GRAPHDIFF_CACHE_DIR")
    if own:
        return Path(own)
    if sys.platform == "win32":
        local = os.environ.get("LOCALAPPDATA")
        base = Path(local) if local else Path.home() / "AppData" / "Local"
        return base / "graphdiff" / "cache"
    # An XDG path must be absolute; a relative one would put machine code into any folder.
    xdg = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(xdg):
        return Path(xdg) / "graphdiff"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "graphdiff"
    return Path.home() / ".cache" / "graphdiff"


def own_folder() -> Path | None:
    """The cache folder, made if need be; None if it is not to be had or not ours alone."""
    try:
        folder = cache_folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder if _is_private(folder.stat()) else None
    except (OSError, RuntimeError):
        return None


def _is_private(status: os.stat_result) -> bool:
    """Whether the entry belongs to this user and nobody else can write it."""
    if not hasattr(os, "geteuid"):
        return True
    return status.st_uid == os.geteuid() and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


def read(path: Path) -> bytes | None:
    """The cached code, or None if it is missing, damaged, or could be someone else's."""
    try:
        with path.open("rb") as file:
            if not _is_private(os.fstat(file.fileno())):
                return None
            content = file.read()
    except OSError:
        return None
    digest, code = content[:_DIGEST_SIZE], content[_DIGEST_SIZE:]
    return code if hashlib.sha256(code).digest() == digest else None


def write(path: Path, code: bytes) -> None:
    """Put the code there whole or not at all; a cache that cannot be written is no error."""
    with contextlib.suppress(OSError), replaced(path, private=True) as file:
        file.write(hashlib.sha256(code).digest() + code)
