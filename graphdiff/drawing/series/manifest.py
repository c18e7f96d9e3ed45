"""Reads a manifest: which figures there are, of what, how they look, and where they go."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from stat import S_ISREG
from typing import Any

from graphdiff.core.limits import in_force
from graphdiff.core.support.loading import read_bytes, read_toml
from graphdiff.drawing.formats import BUILDS, STEPS
from graphdiff.errors import GraphDiffError, LimitExceeded, ParseError, UnknownName
from graphdiff.language.reading.infix import closest
from graphdiff.program.gallery import Example, load, read

from . import frames
from .commands import Commands, Picture

__all__ = ["Entry", "Manifest", "Option", "read_manifest"]

Option = str | int | float | bool | tuple[str, ...] | dict[str, str]

_SOURCES = ("program", "file", "gallery")
_TEXTS = (
    "name",
    "title",
    "source",
    "note",
    "section",
    "command",
    *_SOURCES,
    "folder",
    "fuse",
    "kink",
    "upstream",
)
_LISTS = ("at", "shape", "formats", "output")
# What a figure has that another command than draw makes; its other keys are the command's.
_SHARED = ("name", "title", "source", "note", "section", *_SOURCES, "folder", "formats", "output")
# What only one figure can have.
_OWN = (
    "name",
    "title",
    "source",
    "note",
    "command",
    *_SOURCES,
    "at",
    "shape",
    "upstream",
    "output",
)
_FORMATS = ("svg",)
_LONGEST = 255
"""Bytes of a file's name on every file system in common use."""
# Names that options have in commands.
_ALIASES = {"dpi": "ppi", "from": "start"}
# Options of figures that are built up step by step, and their types.
_STEPS = {"start": "str", "only": "Sequence[str]", "captions": "bool", "delay": "float"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One figure: a program, its point, its options, and the files that it becomes."""

    name: str
    example: Example
    """Program, title, source and note; its point where the manifest gives none."""
    file: Path | None
    """Where the program was read, if from a file."""
    section: str
    at: tuple[str, ...]
    shape: tuple[str, ...]
    parsing: tuple[tuple[str, Option], ...]
    """Keyword arguments of ``parse`` and ``backprop``: fuse, share, kink, upstream."""
    options: tuple[tuple[str, Option], ...]
    """Keyword arguments of ``figure``."""
    steps: tuple[tuple[str, Option], ...] | None
    """Keyword arguments of ``builds``, if the figure is built up step by step."""
    targets: tuple[Path, ...]
    folder: Path
    """Where ``@point.json`` is looked for."""
    arguments: tuple[str, ...] = ()
    """The command that makes the picture, and its options; none for what draw and steps make."""
    picture: Picture | None = None

    def is_numbered(self, target: Path) -> bool:
        """Whether a target stands for many files, one for each step."""
        return self.steps is not None and bool(frames.numbers(target))


@dataclass(frozen=True, slots=True)
class Manifest:
    """All figures of a manifest, in its order."""

    path: Path
    entries: tuple[Entry, ...]

    def chosen(self, names: tuple[str, ...]) -> tuple[Entry, ...]:
        """The figures of these names, all without names.  Raises UnknownName."""
        known = {entry.name: entry for entry in self.entries}
        for name in names:
            if name not in known:
                hint = closest(name, known) or "graphdiff figures --list shows all"
                raise UnknownName(f"{self.path} has no figure {name!r}", hint=hint)
        return tuple(e for e in self.entries if e.name in names) if names else self.entries


def read_manifest(path: Path, commands: Commands | None = None) -> Manifest:
    """The figures that a manifest lists; some may be of commands.

    Raises ParseError and UnknownName.
    """
    content = _load(path)
    for key in content.keys() - {"defaults", "figure"}:
        hint = closest(key, {"defaults": 1, "figure": 1}) or "a manifest has defaults and figure"
        raise UnknownName(f"{path}: unknown table {key!r}", hint=hint)
    defaults, figures = content.get("defaults", {}), content.get("figure", [])
    if not isinstance(defaults, dict) or not isinstance(figures, list):
        raise ParseError(f"{path}: defaults is one table, figure is a list", hint="[[figure]]")
    if own := [key for key in _OWN if key in defaults]:
        raise ParseError(f"{path}: {own[0]} belongs to one figure, not to defaults")
    entries: list[Entry] = []
    shared = _shared(path, defaults, figures, commands)
    for number, table in enumerate(figures, 1):
        where = f"{path}: figure {number}"
        if not isinstance(table, dict):
            raise ParseError(f"{where} is not a table", hint="[[figure]]")
        if isinstance(table.get("name"), str):
            where = f"{path}: figure {_told(table['name'])!r}"
        if table.get("command", "draw") in _OURS:
            told = {**shared, **_checked(_built(table), where)}
            entries.append(_entry(told, where, path.parent))
        else:
            entries.append(_pictured(table, defaults, where, path.parent, commands))
    if not entries:
        hint = "add a table [[figure]] with a name and a program"
        raise ParseError(f"{path} lists no figure", hint=hint)
    _distinct(path, entries)
    return Manifest(path, tuple(entries))


_OURS = ("draw", "steps")
"""Commands whose pictures are figures, which are made here."""


def _shared(
    path: Path, defaults: dict[str, Any], figures: list[Any], commands: Commands | None
) -> dict[str, Any]:
    """The defaults of figures; those that only a command has that a figure names are left out."""
    named = {table.get("command") for table in figures if isinstance(table, dict)}
    theirs: set[str] = set()
    for name in named.difference(_OURS) if commands else ():
        with suppress(GraphDiffError):  # said where the figure is read
            theirs.update(commands.options(str(name)) if commands else ())
    kept = {k: v for k, v in defaults.items() if k in _known() or _dashed(k) not in theirs}
    return _checked(kept, f"{path}: defaults")


def _told(name: str) -> str:
    return name if len(name) <= 80 else f"{name[:40]}…"


def _dashed(key: str) -> str:
    return key.replace("_", "-")


def _built(table: dict[str, Any]) -> dict[str, Any]:
    """The table of a figure; for the command steps with its options as those of the builds."""
    if table.get("command") != "steps":
        return table
    steps = {key: value for key, value in table.items() if _ALIASES.get(key, key) in _STEPS}
    rest = {key: value for key, value in table.items() if key not in steps}
    return {"steps": steps, **rest}


def _pictured(
    table: dict[str, Any], defaults: dict[str, Any], where: str, folder: Path,
    commands: Commands | None,
) -> Entry:  # fmt: skip
    """A figure that a command makes."""
    if commands is None:
        hint = "graphdiff figures has them"
        raise ParseError(f"{where}: pictures of commands need the command line", hint=hint)
    own = {key: value for key, value in table.items() if key in _SHARED}
    shared = {key: value for key, value in defaults.items() if key in _SHARED}
    entry = _entry({**_checked(shared, where), **_checked(own, where)}, where, folder)
    name = str(table["command"])
    try:
        known = commands.options(name)
        given = {k: v for k, v in defaults.items() if _dashed(k) in known and k not in _SHARED}
        if entry.at and "at" in known:
            given["at"] = list(entry.at)
        given |= {k: v for k, v in table.items() if k not in own and k != "command"}
        arguments = commands.arguments(name, given)
    except (ParseError, UnknownName) as error:
        raise type(error)(f"{where}: {error.message}", hint=error.hint) from None
    return replace(entry, arguments=arguments, picture=commands.picture)


def _load(path: Path) -> dict[str, Any]:
    try:
        found: dict[str, Any] = read_toml(read_bytes(path), path)
    except ParseError as error:
        error.hint = error.hint or "name a manifest: graphdiff figures lecture.toml"
        raise
    return found


@cache
def _figure_options() -> dict[str, str]:
    """The options of a figure and their types, as its function declares them."""
    from inspect import signature

    from graphdiff.drawing.figure import figure

    parameters = list(signature(figure).parameters.values())[1:]
    return {parameter.name: str(parameter.annotation) for parameter in parameters}


def _checked(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The table with known keys (``-`` is ``_`` in them) and values of the right type."""
    known = _known()
    found = {}
    for written, value in table.items():
        key = _ALIASES.get(written, written).replace("-", "_")
        if key not in known:
            hint = closest(key, known) or f"keys are {', '.join(sorted(known))}"
            raise UnknownName(f"{where}: unknown key {written!r}", hint=hint)
        if key != "name" and _has_nul(value):
            raise ParseError(f"{where}: {written} holds the character NUL, which no text has")
        found[key] = _value(value, known[key], f"{where}: {written}")
    return found


@cache
def _known() -> dict[str, str]:
    """The keys of a figure that is drawn, and their types."""
    known = {**dict.fromkeys(_TEXTS, "str"), **dict.fromkeys(_LISTS, "Sequence[str]")}
    return known | {"share": "bool", "steps": "steps", **_figure_options()}


def _has_nul(value: Any) -> bool:
    if isinstance(value, list | dict):
        return any(map(_has_nul, value.values() if isinstance(value, dict) else value))
    return isinstance(value, str) and "\0" in value


def _value(value: Any, kind: str, where: str) -> Any:
    """A value of a declared type; one text stands for a list of one."""
    if kind == "steps":
        return _steps(value, where)
    if any(word in kind for word in ("Sequence", "Iterable", "tuple")):
        texts = [value] if isinstance(value, str) else value
        if isinstance(texts, list) and all(isinstance(text, str) for text in texts):
            return tuple(texts)
        raise ParseError(f"{where} is not a text or a list of texts")
    if "Mapping" in kind:
        if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
            return value
        raise ParseError(f"{where} is not a table of texts", hint="{q = '\\hat q'}")
    allowed = {"str": str, "bool": bool, "int": int, "float": int | float}
    words = kind.replace("|", " ").split()
    for word in words:
        # In Python, true is a number.
        fits = word in allowed and isinstance(value, allowed[word])
        if fits and isinstance(value, bool) == (word == "bool"):
            return value
    names = {"str": "a text", "bool": "true or false", "int": "a whole number", "float": "a number"}
    raise ParseError(f"{where} is not {' or '.join(names[w] for w in words if w in names)}")


def _steps(value: Any, where: str) -> tuple[tuple[str, Option], ...] | None:
    """Options of the builds: ``true``, or a table."""
    if isinstance(value, bool):
        return () if value else None
    if not isinstance(value, dict):
        raise ParseError(f"{where} is not true, false or a table of options")
    found = {str(_ALIASES.get(key, key)): item for key, item in value.items()}
    for key in found:
        if key not in _STEPS:
            hint = closest(key, _STEPS) or f"keys are {', '.join(_STEPS)}"
            raise UnknownName(f"{where}: unknown key {key!r}", hint=hint)
    if found.get("start", "forward") not in ("forward", "backward"):
        raise ParseError(f"{where}: start is not forward or backward")
    return tuple(
        (key, _value(found[key], kind, f"{where}: {key}"))
        for key, kind in _STEPS.items()
        if key in found
    )


def _entry(table: dict[str, Any], where: str, folder: Path) -> Entry:
    """One figure of its table, which is complete."""
    given = [key for key in _SOURCES if key in table]
    if len(given) != 1:
        which = " and ".join(given) or "no program"
        raise ParseError(f"{where} has {which}", hint=f"give one of {', '.join(_SOURCES)}")
    example = _example(table, where, folder)
    name = table.get("name") or example.name
    options = _figure_options()
    fuse = table.get("fuse", example.fuse)
    return Entry(
        name=name,
        example=example,
        file=folder / table["file"] if "file" in table else None,
        section=table.get("section", ""),
        at=table.get("at", (example.at,) if example.at else ()),
        shape=table.get("shape", ()),
        parsing=(
            ("fuse", fuse),
            ("share", table.get("share", True)),
            *((key, table[key]) for key in ("kink", "upstream") if key in table),
        ),
        options=tuple((key, table[key]) for key in options if key in table),
        steps=table.get("steps"),
        targets=_targets(table, name, where, folder),
        folder=folder,
    )


def _targets(table: dict[str, Any], name: str, where: str, folder: Path) -> tuple[Path, ...]:
    """The files of a figure: those that are named, or one for each format."""
    if not name or name.startswith(".") or any(letter in name for letter in "/\\\0\n"):
        raise ParseError(f"{where}: {name!r} cannot name a file", hint='name = "simple"')
    files = table.get("output") or [f"{name}.{kind}" for kind in table.get("formats", _FORMATS)]
    if not files:
        raise ParseError(f"{where} has no file to be written to", hint='formats = ["svg"]')
    targets = tuple(folder / table.get("folder", ".") / file for file in files)
    for target in targets:
        _check_length(target, where)
    for target in targets if table.get("steps") is not None else ():
        _check_numbers(target, where)
    if table.get("steps") is None and "output" in table and any(map(frames.numbers, targets)):
        numbered = next(target for target in targets if frames.numbers(target))
        raise ParseError(f"{where}: {numbered.name!r} would be many files", hint="steps = true")
    return targets


def _check_length(target: Path, where: str) -> None:
    """Refuse a name that file systems have no room for."""
    for part in target.parts:
        if len(part.encode(errors="surrogateescape")) > _LONGEST:
            message = f"{where}: {_told(part)!r} cannot name a file"
            raise ParseError(message, hint=f"names of files have at most {_LONGEST} bytes")


def _check_numbers(target: Path, where: str) -> None:
    """Refuse a numbered name of a file that cannot be one of many, and one with two numbers."""
    found = frames.numbers(target)
    kinds = " or ".join(f".{kind}" for kind in STEPS)
    if len(found) > 1:
        raise ParseError(f"{where}: {target.name!r} has more than one number", hint="use one %02d")
    if found and target.suffix[1:].lower() not in STEPS:
        hint = f"numbered pictures are {kinds}"
        raise ParseError(f"{where}: {target.name!r} would be many files", hint=hint)
    if not found and target.suffix[1:].lower() in STEPS.keys() - BUILDS.keys():
        message = f"{where}: {target.name!r} is one picture, and there are many"
        raise ParseError(message, hint="use step-%02d.png")


def _example(table: dict[str, Any], where: str, folder: Path) -> Example:
    """Program, title, source and note, from the manifest, a file or the gallery."""
    try:
        if "gallery" in table:
            found = load(table["gallery"])
        elif "file" in table:
            file = folder / table["file"]
            found = read(file.stem, _source(file, table["file"]))
        else:
            found = read(table.get("name", ""), table["program"])
    except OSError as error:
        raise ParseError(f"{where}: cannot read {table['file']}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ParseError(f"{where}: {table['file']} is not UTF-8 text") from None
    except (ParseError, LimitExceeded) as error:
        raise type(error)(f"{where}: {error.message}", hint=error.hint) from None
    except GraphDiffError as error:
        raise UnknownName(f"{where}: {error.message}", hint=error.hint) from None
    own = {key: table[key] for key in ("title", "source", "note") if key in table}
    return replace(found, **own)


def _source(file: Path, name: str) -> str:
    """The text of a program's file, which is bounded; a device or a pipe may never end."""
    if not S_ISREG(file.stat().st_mode):
        raise ParseError(f"cannot read {name}: it is not a regular file")
    # Bytes of one character are at most four.
    return read_bytes(file, 4 * in_force().text).decode("utf-8-sig")


def _distinct(path: Path, entries: list[Entry]) -> None:
    """Refuse two figures of one name or one file."""
    names: set[str] = set()
    targets: dict[Path, str] = {}
    for entry in entries:
        if entry.name in names:
            raise ParseError(f"{path}: two figures are named {entry.name!r}")
        names.add(entry.name)
        for target in entry.targets:
            files = frames.all_frames(target) if entry.is_numbered(target) else (target,)
            for file in files:
                if file in targets:
                    two = f"{targets[file]!r} and {entry.name!r}"
                    raise ParseError(f"{path}: figures {two} both write {file.name}")
                targets[file] = entry.name
