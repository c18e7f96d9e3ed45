"""What was handed in as files: those of a folder, or of a zip file, unpacked with bounds."""

from __future__ import annotations

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from graphdiff.errors import LimitExceeded, ParseError
from graphdiff.homework.formats import FILES

__all__ = ["Handed", "collected", "is_zip"]

_FILES, _EACH, _ALL = 50_000, 16_000_000, 1_000_000_000
"""Entries of an archive, bytes of one that is read, and of all of them."""
_METADATA = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class Handed:
    """A file that was handed in."""

    name: str
    """Its path in the folder or archive, with slashes."""
    path: Path
    """Where it can be read."""
    where: str
    """How messages call it."""

    @property
    def folders(self) -> tuple[str, ...]:
        """The folders that it lies in, the outermost first."""
        return tuple(self.name.split("/")[:-1])

    @property
    def base(self) -> str:
        """Its name without folders."""
        return self.name.rpartition("/")[2]

    @property
    def ending(self) -> str:
        """Its ending in small letters, with the dot."""
        return Path(self.base).suffix.lower()


def is_zip(path: Path) -> bool:
    """Whether a file begins as a zip file does; a pipe is left unread."""
    if not path.is_file():
        return False
    try:
        with path.open("rb") as file:
            return file.read(4) in (b"PK\x03\x04", b"PK\x05\x06")
    except OSError:
        return False


@contextmanager
def collected(source: Path) -> Iterator[list[Handed]]:
    """The files of a folder or of a zip file, by name; hidden ones and links are left out.

    Raises ParseError for an archive that is damaged or leads out of its folder, LimitExceeded for
    one that is too large.
    """
    if source.is_dir():
        yield sorted(_inside(source, source), key=lambda file: file.name)
        return
    with tempfile.TemporaryDirectory(prefix="graphdiff-") as folder:
        yield sorted(_unpacked(source, Path(folder)), key=lambda file: file.name)


def _inside(folder: Path, top: Path) -> Iterator[Handed]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        raise ParseError(f"cannot read {folder}: {error.strerror}") from None
    for entry in entries:
        if _hidden(entry.name) or entry.is_symlink():
            continue
        if entry.is_dir():
            yield from _inside(entry, top)
        elif entry.is_file():
            yield Handed(entry.relative_to(top).as_posix(), entry, str(entry))


def _hidden(name: str) -> bool:
    return name.startswith((".", "__"))


def _unpacked(source: Path, folder: Path) -> Iterator[Handed]:
    try:
        with zipfile.ZipFile(source) as archive:
            entries = [(_named(info, source), info) for info in archive.infolist()]
            _bounded([info for _, info in entries], source)
            for number, (name, info) in enumerate(entries):
                if not info.is_dir() and not any(map(_hidden, name.split("/"))):
                    # The name on the disk is ours: students' may be too long, or a device's.
                    path = folder / f"{number}{Path(name).suffix.lower()[:10]}"
                    path.write_bytes(archive.read(info) if _readable(name) else b"")
                    yield Handed(name, path, f"{source}/{name}")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        hint = "download it again; it may be half of one"
        raise ParseError(f"{source} is no zip file that can be read: {error}", hint=hint) from None
    except RuntimeError:
        raise ParseError(f"{source} is encrypted", hint="unpack it, and name the folder") from None
    except OSError as error:
        raise ParseError(f"cannot read {source}: {error.strerror or error}") from None


def _named(info: zipfile.ZipInfo, source: Path) -> str:
    """The name of an entry, with slashes.  Raises ParseError for one that leads elsewhere."""
    name, raw = info.filename, info.orig_filename
    if not info.flag_bits & 0x800 and not raw.isascii():
        name = _decoded(raw)
    name = name.replace("\\", "/")
    parts = name.split("/")
    if "\0" in raw or ".." in parts or name.startswith("/") or ":" in parts[0][1:2]:
        hint = "no platform writes such names; unpack what you trust, and name the folder"
        raise ParseError(f"{source}: the name {raw[:80]!r} leads out of the archive", hint=hint)
    return name


def _decoded(raw: str) -> str:
    """A name that does not say what it is written in: UTF-8, or a Korean code page."""
    try:
        data = raw.encode("cp437")
    except UnicodeEncodeError:
        return raw
    for encoding in ("utf-8", "cp949"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw


def _bounded(entries: list[zipfile.ZipInfo], source: Path) -> None:
    """Raise LimitExceeded for an archive that would fill the disk."""
    hint = "unpack it, and name the folder"
    if len(entries) > _FILES:
        raise LimitExceeded(f"{source} has more than {_FILES:,} entries", hint=hint)
    read = [info for info in entries if _readable(info.filename)]
    large = next((info for info in read if info.file_size > _EACH), None)
    if large is not None:
        told = f"{large.filename[:80]!r} would have {large.file_size:,} bytes"
        raise LimitExceeded(f"{source}: {told}; at most {_EACH:,} are read", hint=hint)
    if sum(info.file_size for info in read) > _ALL:
        raise LimitExceeded(f"{source} would have more than {_ALL:,} bytes", hint=hint)


def _readable(name: str) -> bool:
    endings = {ending for row in FILES.values() for ending in row.endings}
    return Path(name).suffix.lower() in endings.union(_METADATA)
