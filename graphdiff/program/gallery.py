"""Built-in examples: programs from lectures and books, each with its source and its point.

They are the ``.gd`` files in the folder ``gallery``: a program with header comments.

    # title: A sum feeding a product, (x+y)*z
    # source: CS231n notes, Backpropagation
    # at: x=-2,y=5,z=-4
    # note: optional
    # fuse: optional, as the option --fuse
    q = x + y
    f = q*z

>>> from graphdiff import gallery
>>> example = gallery.load("colah")
>>> example.trace().gradients
{'a': 2, 'b': 5}
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING

from graphdiff.errors import UnknownName
from graphdiff.language.reading.infix import closest

if TYPE_CHECKING:
    from .graph import Graph
    from .runs.trace import Trace

__all__ = ["Example", "load", "names", "read"]

_SUFFIX = ".gd"
_KEYS = ("title", "source", "at", "note", "fuse")


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A program from a lecture or book, and the point at which it is run there."""

    name: str
    title: str
    source: str
    at: str
    """The point as ``--at`` reads it: ``x=-2,y=5,z=-4``."""
    program: str
    note: str = ""
    fuse: str = "none"

    def graph(self) -> Graph:
        """The program, parsed."""
        from .graph import parse

        return parse(self.program, fuse=self.fuse)

    def trace(self) -> Trace:
        """Its backward pass at its own point."""
        from graphdiff.language.reading.point import read_point

        return self.graph().backprop(read_point([self.at])).complete()


def names() -> list[str]:
    """Names of all examples, in alphabetical order.

    >>> "cs231n-add-mul" in names()
    True
    """
    return sorted(
        entry.name.removesuffix(_SUFFIX)
        for entry in _folder().iterdir()
        if entry.name.endswith(_SUFFIX)
    )


def load(name: str) -> Example:
    """The example of that name.  Raises UnknownName, with the closest name.

    >>> load("colah").at
    'a=2,b=1'
    """
    known = names()
    if name not in known:
        hint = closest(name, dict.fromkeys(known)) or "graphdiff gallery lists all examples"
        raise UnknownName(f"there is no example {name!r}", hint=hint)
    return read(name, (_folder() / f"{name}{_SUFFIX}").read_text(encoding="utf-8"))


def read(name: str, text: str) -> Example:
    """The example that the text of a ``.gd`` file describes.

    >>> read("mine", "# title: Mine\\n# at: x=2\\nf = x^2\\n").program
    'f = x^2'
    """
    header: dict[str, str] = {}
    program: list[str] = []
    for line in text.splitlines():
        key, colon, value = line.removeprefix("#").partition(":")
        if line.startswith("#") and colon and key.strip() in _KEYS:
            header[key.strip()] = value.strip()
        else:
            program.append(line)
    return Example(
        name=name,
        title=header.get("title", name),
        source=header.get("source", ""),
        at=header.get("at", ""),
        program="\n".join(program).strip(),
        note=header.get("note", ""),
        fuse=header.get("fuse", "none"),
    )


def _folder() -> Traversable:
    return files("graphdiff.program") / "examples"
