"""Bounds of a proof: FLINT ends the process when memory fails, so every size is asked before."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

__all__ = ["DEFAULT", "Budget", "Exhausted", "NoProof", "Nowhere", "ProofLimits", "Restart"]


class NoProof(Exception):
    """The method ends here without an answer."""


class Exhausted(NoProof):
    """The whole proof has become too costly."""


class Restart(Exception):
    """Something was learned (a sign, a finer root, more kernels) that changes earlier steps."""


class Nowhere(Exception):
    """An expression has no value anywhere in the case at hand."""


@dataclass(frozen=True, slots=True)
class ProofLimits:
    """How far a proof may go.

    >>> DEFAULT.terms
    600
    """

    terms: int = 600
    """Terms of one polynomial."""
    degree: int = 3000
    """Total degree of one polynomial."""
    bits: int = 4096
    """Binary digits of one coefficient."""
    power: int = 60
    """Integer powers of sums that are multiplied out."""
    work: int = 40_000
    """Counted work of one proof, a few microseconds each."""
    restarts: int = 24
    """How often a case is begun anew with what was learned."""
    cases: int = 16
    """Cases (a kink is hit or not, a base is negative or not) of one proof."""
    kernels: int = 64
    """Variables of the polynomials."""
    nodes: int = 3000
    """Nodes of the expressions."""


DEFAULT = ProofLimits()


class Budget:
    """Counts work.  Raises Exhausted when it is spent: the same for the same input, always."""

    __slots__ = ("factored", "left", "limits")

    def __init__(self, limits: ProofLimits) -> None:
        self.limits = limits
        self.left = limits.work
        self.factored: dict[tuple[int, str], Any] = {}
        """Factors of polynomials, by size of the field; attempts repeat each other."""

    def spend(self, work: int) -> None:
        """Take that much off."""
        self.left -= work
        if self.left < 0:
            raise Exhausted("work")
