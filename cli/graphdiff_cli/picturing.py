"""Pictures that a manifest lists under a command of ours: its keys are the command's options."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click

from graphdiff.core.support.formats import Format, of_file
from graphdiff.core.support.parts import missing
from graphdiff.drawing.series.commands import Commands
from graphdiff.errors import ParseError, UnknownName, Unsupported
from graphdiff.language.reading.infix import closest

from .registry import COMMANDS, SETTINGS

__all__ = ["PICTURES"]

_OTHERWISE = {"expression", "expr", "file", "output", "to", "limit", "debug", "help"}
"""Parameters that a manifest has other words for, or none."""


def _formats(command: click.Command) -> Mapping[str, Format] | None:
    """What a command makes of a program; None where it makes no pictures."""
    parameters = {p.name: p for p in command.params}
    known = getattr(parameters.get("output"), "known", None)
    # A text's endings are no table, and what is made of a class has no program.
    return known if isinstance(known, Mapping) and "expr" in parameters else None


def _options(name: str) -> dict[str, click.Parameter]:
    """The options of a command that makes pictures, as a manifest writes them."""
    command = COMMANDS.get(name)
    if command is None or _formats(command) is None:
        known = {n: 1 for n in COMMANDS if _formats(COMMANDS[n]) is not None}
        hint = closest(name, known) or f"there are {', '.join(known)}"
        raise UnknownName(f"no command {name!r} makes pictures", hint=hint)
    return {
        written.removeprefix("--"): parameter
        for parameter in command.params
        if parameter.name not in _OTHERWISE
        for written in (*parameter.opts, *parameter.secondary_opts)
        if written.startswith("--")
    }


def _arguments(name: str, table: Mapping[str, Any]) -> tuple[str, ...]:
    """The arguments of a command for a table of its options.  Raises ParseError, UnknownName."""
    options = _options(name)
    found = [name]
    for written, value in table.items():
        key = written.replace("_", "-")
        if key not in options:
            hint = closest(key, options) or f"{name} has {', '.join(sorted(options))}"
            raise UnknownName(f"unknown key {written!r}", hint=hint)
        found += _written(written, f"--{key}", value, options[key])
    try:
        COMMANDS[name].make_context(name, [*found[1:], "--expr=x"], **SETTINGS).close()
    except click.UsageError as error:
        raise ParseError(error.format_message()) from None
    return tuple(found)


def _written(key: str, option: str, value: Any, parameter: click.Parameter) -> Iterator[str]:
    """A value as it stands on a command line: once, or once for each item."""
    if getattr(parameter, "is_flag", False):
        if not isinstance(value, bool):
            raise ParseError(f"{key} is not true or false")
        if value:
            yield option
        return
    items = value if isinstance(value, list) else [value]
    if any(isinstance(item, bool | dict | list) for item in items):
        raise ParseError(f"{key} is not a text, a number or a list of them")
    texts = [str(item) for item in items]
    for text in texts if parameter.multiple else [",".join(texts)]:
        yield f"{option}={text}"


def _picture(arguments: Sequence[str], folder: Path, kind: str) -> bytes:
    """What a command writes; files that it reads are looked for in the folder."""
    name, *rest = arguments
    of_file(f"picture.{kind}", _formats(COMMANDS[name]) or {})  # before the work
    with TemporaryDirectory() as room:
        target = Path(room, f"picture.{kind}")
        # With --debug an error comes here, instead of being printed.
        told = [*rest, f"--output={target}", "--debug"]
        try:
            with chdir(folder), redirect_stdout(StringIO()), redirect_stderr(StringIO()):
                COMMANDS[name].main(told, standalone_mode=False)
        except click.ClickException as error:
            raise ParseError(error.format_message()) from None
        except ImportError as error:
            if (known := missing(error)) is None:
                raise
            raise known from None
        if not target.exists():
            raise Unsupported(f"{name} made no picture")
        return target.read_bytes()


PICTURES = Commands(_options, _arguments, _picture)
"""The commands, as a manifest of figures uses them."""
