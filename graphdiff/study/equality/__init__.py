"""Exact normal forms: proofs that two expressions are equal.

An expression becomes a quotient of polynomials in kernels: exponentials over a rational basis of
their arguments (complex ones for sin and cos), logarithms of irreducible factors, roots and signs.
Every step is an identity at every real point where both expressions are defined.
"""

from __future__ import annotations

from .canonical import canonical
from .gathering import gathered_alike
from .limits import DEFAULT, ProofLimits
from .proof import proved_equal

__all__ = ["DEFAULT", "ProofLimits", "canonical", "gathered_alike", "proved_equal"]
