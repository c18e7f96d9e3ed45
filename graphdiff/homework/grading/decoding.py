"""Text of files that other programs wrote: bounded, in the encodings that occur."""

from __future__ import annotations

from pathlib import Path

from graphdiff.errors import LimitExceeded, ParseError

__all__ = ["encoding_of", "read_text"]

_SMALL = 16_000_000
_SAMPLE, _HEAD = 1 << 20, 1 << 12


def encoding_of(path: Path) -> tuple[str, str]:
    """The encoding of a file, and a warning where it was guessed.

    A byte order mark decides; then UTF-8 if all of the file is; else a Korean or a Western code
    page, whichever fits.  Raises ParseError for what is no text.
    """
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if head.startswith(b"\xef\xbb\xbf"):
                return "utf-8-sig", ""
            if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
                return "utf-16", ""
            if b"\0" in head:
                return _wide(head, path), ""
    except OSError as error:
        raise ParseError(f"cannot read {path}: {error.strerror}") from None
    for name in ("utf-8", "cp949", "cp1252"):
        if _decodes(path, name):
            warning = f"{path} is not UTF-8; it is read as {name}" if name != "utf-8" else ""
            return name, warning
    return "latin-1", f"{path} is in no known encoding; it is read as latin-1"


def _wide(head: bytes, path: Path) -> str:
    """The encoding of text with a NUL in every other byte.  Raises ParseError for what is none."""
    even, odd = head[::2].count(0), head[1::2].count(0)
    if 0 in head[:2] and 8 * min(even, odd) <= max(even, odd):
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    hint = "text, CSV, .xlsx, notebooks, folders and zip files are read"
    raise ParseError(f"{path} is no text", hint=hint)


def _decodes(path: Path, encoding: str) -> bool:
    """Whether the whole file is text in an encoding, read in pieces."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            while file.read(_SAMPLE):
                pass
    except UnicodeDecodeError:
        return False
    return True


def read_text(path: Path, most: int = _SMALL) -> tuple[str, str]:
    """A small file's text and the warning about its encoding.  Raises ParseError and the like."""
    try:
        size = path.stat().st_size
    except OSError as error:
        raise ParseError(f"cannot read {path}: {error.strerror}") from None
    except ValueError as error:  # a name that no file has
        raise ParseError(f"cannot read {path}: {error}") from None
    if size > most:
        raise LimitExceeded(f"{path} has {size:,} bytes; at most {most:,} are read")
    encoding, warning = encoding_of(path)
    try:
        return path.read_bytes().decode(encoding), warning
    except (OSError, UnicodeDecodeError) as error:
        raise ParseError(f"cannot read {path}: {error}") from None
