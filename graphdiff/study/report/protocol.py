"""What every result of the library can do: one protocol, and what all results share of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

from graphdiff.core.support.section import Section
from graphdiff.program.above import above

from .plain import html_tables, plain_table

__all__ = ["Report", "Reporting", "report_html", "report_text"]

_SHOWN = 120
"""Characters of a program, and of what was found, in the repr of a result."""


@runtime_checkable
class Report(Protocol):
    """A result: its JSON contract, its tables, and itself as text and in a notebook.

    ``repr`` stays under 300 characters; results are equal if they are of one kind and tell the
    same, and pickle keeps them.
    """

    def document(self) -> dict[str, Any]:
        """What ``--json`` writes."""

    def sections(self) -> Sequence[Section]:
        """The tables that the command prints."""

    def _repr_html_(self) -> str: ...


class Reporting:
    """The methods of a result that follow from its document and its tables."""

    __slots__ = ()

    def document(self) -> dict[str, Any]:
        """What ``--json`` writes."""
        raise NotImplementedError

    def sections(self) -> Sequence[Section]:
        """The tables that the command prints."""
        raise NotImplementedError

    def headline(self) -> str:
        """What was found, in a few words."""
        return ""

    def __str__(self) -> str:
        return report_text(self.sections())

    def __repr__(self) -> str:
        found = self.headline()
        source = getattr(self, "source", "")
        of = f" of {_cut(source)!r}" if source else ""
        return f"<{type(self).__name__}{of}{': ' if found else ''}{_cut(found)}>"

    def _repr_html_(self) -> str:
        return report_html(self, self.sections())

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        assert isinstance(other, Reporting)
        return self is other or self.document() == other.document()

    def __hash__(self) -> int:
        return hash((type(self), getattr(self, "source", "")))


def _cut(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def report_text(tables: Sequence[Section]) -> str:
    """Tables as the command prints them where there is no terminal."""
    return "\n\n".join(map(plain_table, tables))


def report_html(result: Any, tables: Sequence[Section]) -> str:
    """Tables, below a picture if there is one of such a result."""
    picture: str = above("picture")(result)
    return f"{picture}\n{html_tables(tables)}" if picture else html_tables(tables)
