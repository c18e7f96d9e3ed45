"""What a graph and a trace can do that later modules and higher rooms know how.

Their methods are the faces of the library; what computes them imports a graph itself.  So it is
told here where it stands, by the face, and found when it is called.

>>> stands("math", "isqrt")
>>> above("isqrt")(10)
3
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from graphdiff.core.support.section import Section

if TYPE_CHECKING:
    from graphdiff.program.germs import OneSided

__all__ = ["Picture", "Proof", "above", "stands"]


class Picture(Protocol):
    """What ``figure()`` returns, a `graphdiff.drawing.figure.Figure`: drawn on demand."""

    @property
    def style(self) -> str:
        """The name of its style."""

    @property
    def alt(self) -> str:
        """What it shows, in words, for people who cannot see it."""

    def render(self, kind: str) -> bytes:
        """The bytes of a format: ``"svg"``, ``"pdf"``, ``"png"``, ``"html"`` and others."""

    def save(self, path: str | Path) -> Path:
        """Write a file; its suffix tells the format."""


class Proof(Protocol):
    """What ``verify()`` returns, a `graphdiff.study.proof.report.Report`."""

    @property
    def ok(self) -> bool:
        """Whether no method found a difference."""

    @property
    def methods(self) -> Sequence[Any]:
        """What each method found."""

    @property
    def one_sided(self) -> Mapping[str, OneSided]:
        """Derivatives from both sides, by input, where the point is on a kink."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader should know of these numbers."""

    @property
    def headline(self) -> str:
        """The verdict in a few words."""

    @property
    def proved(self) -> bool:
        """Whether every number is proved."""

    def document(self) -> dict[str, Any]:
        """The JSON contract."""

    def sections(self) -> Sequence[Section]:
        """Its tables."""


_PLACES: dict[str, str] = {}


def stands(module: str, *names: str) -> None:
    """Say that these functions stand in a module, which need not be loaded yet."""
    _PLACES.update(dict.fromkeys(names, module))


def above(name: str) -> Any:
    """The function of that name."""
    return getattr(import_module(_PLACES[name]), name)
