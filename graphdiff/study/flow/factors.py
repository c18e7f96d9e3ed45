"""Records of what a gradient is made of: local gradients, and the paths to an input."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .counting import Count, count_data

__all__ = ["Factor", "Way"]


@dataclass(frozen=True, slots=True)
class Factor:
    """One local gradient, and who uses it."""

    upper: str
    lower: str
    position: int
    formula: str
    """Empty where the graph is large."""
    gradients: tuple[str, ...]
    """The inputs whose gradients contain it."""
    paths: Count
    """How many paths go through it: so often it is multiplied with, path by path."""

    def document(self) -> dict[str, Any]:
        """The factor as JSON data."""
        return {
            "of": self.upper, "in": self.lower, "operand": self.position, "formula": self.formula,
            "gradients": list(self.gradients), "paths": count_data(self.paths),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """The paths to one input, and what multiplying along each of them takes."""

    name: str
    paths: Count
    multiplications: Count
