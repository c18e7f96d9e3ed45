"""Typst, from one place: where it is missing or cannot run, all figures say the same."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.parts import part

from .engine_errors import need_space
from .forks import needs_threads

if TYPE_CHECKING:
    import typst

__all__ = ["compiler", "fonts"]

FONT_FOLDER = Path(__file__).parents[1] / "fonts"


def compiler(source: str, *, korean: bool) -> typst.Compiler:
    """A compiler of a Typst text that reads no file but our fonts.

    Raises ProgramMissing without typst, LimitExceeded without room, and GraphDiffError in a
    process that was forked from one that has drawn.
    """
    needs_threads("typst")  # before the import, which a fork may interrupt
    need_space()
    loaded = _typst()
    # Without a root it wants the working folder, which may be gone.
    made: typst.Compiler = loaded.Compiler(
        source.encode(), root=str(FONT_FOLDER), font_paths=fonts(korean)
    )
    return made


@cache
def fonts(korean: bool) -> typst.Fonts:
    """Typst's own fonts and, if asked for, the Korean one: never those of the machine."""
    folders = [str(FONT_FOLDER)] if korean else []
    made: typst.Fonts = _typst().Fonts(include_system_fonts=False, font_paths=folders)
    return made


def _typst() -> Any:
    return part("typst", "this figure needs", "or write .dot or .mmd, which need no typesetting")
