"""The op table.  A rule over floats gives a local gradient; over expressions, its formula.

>>> from graphdiff.core.ops import STANDARD
>>> STANDARD["tanh"].role, STANDARD["max"].role
('scaler', 'router')
"""

from __future__ import annotations

import copyreg
import re
from typing import Any

from graphdiff.core.ir.op import Op

from . import (
    activation,
    arithmetic,
    convolution,
    elementary,
    layers,
    linalg,
    losses,
    pooling,
    reciprocal,
    recurrent,
    reduction,
    selection,
    shaping,
)

__all__ = ["LATEX_FUNCTIONS", "SCALARS", "SIGNS", "STANDARD", "TABLE", "TENSORS", "names"]

TABLE: tuple[Op, ...] = (
    *arithmetic.ROWS,
    *elementary.ROWS,
    *reciprocal.ROWS,
    *activation.ROWS,
    *selection.ROWS,
    *linalg.ROWS,
    *reduction.ROWS,
    *shaping.ROWS,
    *layers.ROWS,
    *convolution.ROWS,
    *pooling.ROWS,
    *recurrent.ROWS,
    *losses.ROWS,
)
"""Every row, in the order in which ``graphdiff ops`` lists them."""

SCALARS: tuple[Op, ...] = tuple(row for row in TABLE if row.elementwise)
"""Rows that work number by number, and state ``partials`` and ``samples``."""

TENSORS: tuple[Op, ...] = tuple(row for row in TABLE if not row.elementwise)
"""Rows of vectors, matrices and layers, which state ``vjp`` (or are composite) and ``cases``."""

STANDARD: dict[str, Op] = {row.name: row for row in TABLE}
"""The table that the parser uses; a user's own table is ``{**STANDARD, "mine": row}``."""


SIGNS: dict[str, str] = {
    **{row.unicode[0]: row.name for row in TABLE if row.unicode and row.unicode[0] in "⌊⌈"},
    "e^": next(row.name for row in TABLE if row.latex.startswith("e^")),
    **{row.symbol: row.name for row in reversed(TABLE) if row.symbol},
}
"""What the signs of formulas stand for: ``√`` and ``|x|``, ``⌊``, ``@``, and the power of e."""

LATEX_FUNCTIONS = frozenset(
    found[0]
    for row in TABLE
    if len(row.symbol) != 1  # a letter, such as σ, is no name
    and (found := re.match(r"\\[a-z]+(?=\\left\(|_)", row.latex))
) | {r"\exp"}
"""Commands that set the names of functions in LaTeX."""


def names(ops: dict[str, Op]) -> dict[str, str]:
    """Every name a call may use, aliases included, with the op it stands for.

    >>> names(STANDARD)["ln"]
    'log'
    """
    aliases = {alias: row.name for row in ops.values() for alias in row.aliases}
    # A name is its row's, but lse(x, y) and lse(x) are calls of logsumexp, which sorts them out.
    sorted_out = {row.single: row.name for row in ops.values() if row.single in row.aliases}
    return aliases | {row.name: row.name for row in ops.values()} | sorted_out


def _row(name: str) -> Op:
    return STANDARD[name]


def _kept(row: Op) -> Any:
    """A row as pickle keeps it: by name, since its rules are functions without one."""
    return (_row, (row.name,)) if STANDARD.get(row.name) is row else row.__reduce_ex__(2)


copyreg.pickle(Op, _kept)
