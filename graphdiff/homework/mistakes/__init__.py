"""Mistakes: the catalogue of codes, and which of them lead to a wrong answer."""

from __future__ import annotations

from .catalogue import CATALOGUE, explain, mistake
from .explaining import diagnosis
from .rows import Code

__all__ = ["CATALOGUE", "Code", "diagnosis", "explain", "mistake"]
