"""What the command line lends to a manifest: the pictures of its commands."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["Commands", "Picture"]

Picture = Callable[[Sequence[str], Path, str], bytes]
"""Makes a picture of arguments (a command and its options), a folder for files and a format."""


class Commands(NamedTuple):
    """Commands that make pictures.  Below the command line there are functions, but no options."""

    options: Callable[[str], Collection[str]]
    """The options of a command.  Raises UnknownName."""
    arguments: Callable[[str, Mapping[str, Any]], tuple[str, ...]]
    """A command and a table of its options as arguments.  Raises ParseError, UnknownName."""
    picture: Picture
