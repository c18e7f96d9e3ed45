"""How formulas are written: the tables of notations, of code and of explanations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from graphdiff.core.support.formats import Format, chosen, loaded, table
from graphdiff.errors import Unsupported

__all__ = ["CODE", "EXPLANATIONS", "NOTATIONS", "Explanation", "Notation", "notation"]

_SCALARS, _ARRAYS = (f"graphdiff.language.notation.{m}" for m in ("printer", "matrix_printers"))


@dataclass(frozen=True, slots=True)
class Notation(Format):
    """A row: its work is what prints formulas of numbers, or a function of them."""

    arrays: str | Callable[..., Any] = ""
    """The same for formulas of arrays."""

    @property
    def for_arrays(self) -> Callable[..., Any]:
        """What prints formulas of arrays.  Raises Unsupported where there is nothing."""
        if not self.arrays:
            having = [row.name for row in (*NOTATIONS.values(), *CODE.values()) if row.arrays]
            message = f"formulas of arrays are not written as {self.name}"
            raise Unsupported(message, hint=f"one of {', '.join(having)}")
        return loaded(self.arrays)


NOTATIONS = table(
    Notation("text", "the language that is read", f"{_SCALARS}:Printer",
             arrays=f"{_ARRAYS}:TextMatrices"),
    Notation("unicode", "as in a book, in letters", f"{_SCALARS}:UnicodePrinter",
             arrays=f"{_ARRAYS}:MatrixPrinter"),
    Notation("latex", "LaTeX", f"{_SCALARS}:LatexPrinter", arrays=f"{_ARRAYS}:LatexMatrices"),
    Notation("typst", "Typst", f"{_SCALARS}:TypstPrinter"),
)  # fmt: skip
"""Formula by formula: a printer of a tape."""

CODE = table(
    Notation("python", "a function, with numpy where there are arrays",
             "graphdiff.language.notation.code:python_function",
             arrays="graphdiff.language.notation.matrix_code:numpy_function"),
)  # fmt: skip
"""All formulas as one function: name, arguments, formulas and docstring to text; for arrays the
tape, name, formulas, shapes and sizes."""


@dataclass(frozen=True, slots=True)
class Explanation(Format):
    """A row: its work takes the parts of an explanation, its language, and whether it is to be a
    document of its own."""

    notation: Literal["unicode", "latex"] = "unicode"
    """How formulas stand in it."""


EXPLANATIONS = table(
    Explanation("text", "plain text", "graphdiff.lecture.text:to_text", (".txt",)),
    Explanation("markdown", "Markdown", "graphdiff.lecture.markdown:to_markdown", (".md",),
                notation="latex"),
    Explanation("latex", "LaTeX", "graphdiff.lecture.latex:to_latex", (".tex",),
                notation="latex"),
)  # fmt: skip
"""A derivation told step by step."""


def notation(name: str) -> Notation:
    """The row of a notation of formulas.  Raises Unsupported for others.

    >>> notation("text").name
    'text'
    """
    return chosen(name, NOTATIONS, "formulas")
