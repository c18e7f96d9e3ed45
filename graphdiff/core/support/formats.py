"""Formats as lists: what can be written and read stands in tables, and everybody reads those.

A table is a mapping from names to rows.  The library, the options of commands with their help and
completion, and the errors for a name that is in no table ask the functions below, so that a row is
all there is to a format.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import PurePath
from typing import Any, TypeVar

from graphdiff.errors import Unsupported

from .parts import part

__all__ = ["Format", "chosen", "in_order", "listed", "loaded", "of_file", "table", "unknown"]


@dataclass(frozen=True, slots=True)
class Format:
    """One row of a table of formats."""

    name: str
    help: str
    """What it is, in a few words."""
    work: str | Callable[..., Any]
    """What writes or reads it: a function, or ``module:name`` of one that is loaded when called."""
    suffixes: tuple[str, ...] = ()
    """Endings of its files, with the dot; by default its name."""
    needs: tuple[str, ...] = ()
    """A package that may be missing, what needs it, and perhaps a way without it."""
    lacks: frozenset[str] = frozenset()
    """What it cannot show, of what others of its table can."""

    def __call__(self, *given: Any, **how: Any) -> Any:
        """Do its work.  Raises ProgramMissing without the package that it needs."""
        self.ready()
        return loaded(self.work)(*given, **how)

    def ready(self) -> None:
        """Raise ProgramMissing unless the package that it needs is here."""
        if self.needs:
            part(*self.needs)

    @property
    def endings(self) -> tuple[str, ...]:
        """The endings of its files."""
        return self.suffixes or (f".{self.name}",)


def loaded(work: str | Callable[..., Any]) -> Callable[..., Any]:
    """A function that is named ``module:name``, or given.

    >>> loaded("math:isqrt")(10)
    3
    """
    if callable(work):
        return work
    module, _, name = work.partition(":")
    found: Callable[..., Any] = getattr(import_module(module), name)
    return found


R = TypeVar("R", bound=Format)


def table(*rows: R) -> dict[str, R]:
    """Rows by name."""
    return {row.name: row for row in rows}


def in_order(*tables: Mapping[str, R]) -> Mapping[str, R]:
    """All rows of several tables; of two of one name that of the later table.  They stay theirs.

    >>> first, second = table(Format("svg", "", len)), table(Format("md", "", len))
    >>> list(in_order(first, second))
    ['svg', 'md']
    """
    maps: Any = tables[::-1]  # a ChainMap that is only read needs no more than mappings
    return ChainMap(*maps)


def chosen(name: str, known: Mapping[str, R], of: str = "") -> R:
    """The row of a name.  Raises Unsupported for one that is in no row.

    >>> chosen("pgn", table(Format("svg", "", len), Format("png", "", len)), "figures")
    Traceback (most recent call last):
    graphdiff.errors.Unsupported: there is no format 'pgn' of figures
    hint: one of svg, png; did you mean 'png'?
    """
    if name not in known:
        message = f"there is no format {name!r}" + (f" of {of}" if of else "")
        raise unknown(message, "one of", str(name), known)
    return known[name]


def of_file(path: str | PurePath, known: Mapping[str, R]) -> R:
    """The row whose files end as this one does.  Raises Unsupported.

    >>> of_file("a.SVG", table(Format("svg", "", len))).name
    'svg'
    >>> of_file("a.jpg", table(Format("svg", "", len)))
    Traceback (most recent call last):
    graphdiff.errors.Unsupported: cannot write 'a.jpg': unknown format
    hint: use .svg
    """
    suffix = PurePath(path).suffix.lower()
    by_ending = {ending: row for row in known.values() for ending in row.endings}
    if suffix not in by_ending:
        raise unknown(f"cannot write {str(path)!r}: unknown format", "use", suffix, by_ending)
    return by_ending[suffix]


def unknown(message: str, use: str, given: str, known: Iterable[str]) -> Unsupported:
    """The error for what is none of the known names: all of them, and the nearest."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(given.lower(), names, n=1, cutoff=0.65)
    meant = f"; did you mean {near[0]!r}?" if near else ""
    return Unsupported(message, hint=f"{use} {', '.join(names)}{meant}")


def listed(names: Iterable[str], word: str = "or") -> str:
    """Names as a sentence has them.

    >>> listed(["svg", "pdf", "png"]), listed(["svg"])
    ('svg, pdf or png', 'svg')
    """
    *most, last = names
    return f"{', '.join(most)} {word} {last}" if most else last
