"""The op table.  A rule over floats gives a local gradient; over expressions, its formula.

>>> from graphdiff.ops import STANDARD
>>> STANDARD["tanh"].role, STANDARD["max"].role
('scaler', 'router')
"""

from __future__ import annotations

from ..ir.op import Op
from . import activation, arithmetic, elementary, selection

__all__ = ["STANDARD", "TABLE", "names"]

TABLE: tuple[Op, ...] = (
    *arithmetic.ROWS,
    *elementary.ROWS,
    *activation.ROWS,
    *selection.ROWS,
)
"""Every row, in the order in which ``graphdiff ops`` lists them."""

STANDARD: dict[str, Op] = {row.name: row for row in TABLE}
"""The table that the parser uses; a user's own table is ``{**STANDARD, "mine": row}``."""


def names(ops: dict[str, Op]) -> dict[str, str]:
    """Every name a call may use, aliases included, with the op it stands for.

    >>> names(STANDARD)["ln"]
    'log'
    """
    return {alias: row.name for row in ops.values() for alias in (row.name, *row.aliases)}
