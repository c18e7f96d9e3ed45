"""FLINT's numbers, for all that compute with them.  Raises ProgramMissing without the package."""

from __future__ import annotations

import copyreg
from typing import Any

from .parts import missing

try:
    from flint import (
        Ordering,
        acb,
        acb_mat,
        arb,
        arb_mat,
        arb_series,
        ctx,
        fmpq,
        fmpq_mat,
        fmpq_mpoly_ctx,
        fmpq_series,
        fmpz,
    )
except ImportError as error:
    raise missing(error) or error from None

__all__ = [
    "Ordering",
    "acb",
    "acb_mat",
    "arb",
    "arb_mat",
    "arb_series",
    "ctx",
    "fmpq",
    "fmpq_mat",
    "fmpq_mpoly_ctx",
    "fmpq_series",
    "fmpz",
]


def _kept(ball: Any) -> Any:
    """A ball as pickle keeps it: one that contains it, and is hardly wider."""
    ends = (ball.mid(), ball.rad())
    return arb, tuple(end.man_exp() if end.is_finite() else float(end) for end in ends)


copyreg.pickle(arb, _kept)
copyreg.pickle(acb, lambda number: (acb, (number.real, number.imag)))
