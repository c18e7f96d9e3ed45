"""What the process in which sympy runs and the one that asks it agree on."""

from __future__ import annotations

__all__ = ["ANSWER", "MISSING"]

ANSWER = "answer: "
"""Begins the line that is the answer: what starts or ends with every Python here may print, too."""
MISSING = 3
"""Exit status where sympy is missing."""
