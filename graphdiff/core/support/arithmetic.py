"""FLINT's numbers, for all that compute with them.  Raises ProgramMissing without the package."""

from __future__ import annotations

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
