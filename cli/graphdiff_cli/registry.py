"""All commands: every module in ``commands`` holds the one of its name."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

import click

__all__ = ["COMMANDS", "SETTINGS", "module_of"]

_FOLDER = f"{__package__}.commands"
SETTINGS: dict[str, Any] = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
"""What holds for all contexts; click before 8.2 keeps the help of the first one that it made."""


def module_of(name: str) -> str:
    """The module that a command lies in."""
    return f"{_FOLDER}.{name}"


class _Files(UserDict[str, click.Command]):
    """Commands by name; each is loaded when it is asked for."""

    def __iter__(self) -> Iterator[str]:
        return (found.name for found in iter_modules(import_module(_FOLDER).__path__))

    def __contains__(self, name: object) -> bool:
        return any(name == known for known in self)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __missing__(self, name: str) -> click.Command:
        if name not in self:
            raise KeyError(name)
        command: click.Command = getattr(import_module(module_of(name)), name)
        return command


COMMANDS = _Files()
