"""Expansions just beside a point, in powers and logarithms: limits and one-sided slopes, proved."""

from __future__ import annotations

from .several import Differential, differential
from .slopes import Half, Local, OneSided, one_sided

__all__ = ["Differential", "Half", "Local", "OneSided", "differential", "one_sided"]
