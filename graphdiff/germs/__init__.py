"""Expansions just beside a point, in powers and logarithms: limits and one-sided slopes, proved."""

from __future__ import annotations

from .slopes import Half, Local, OneSided, one_sided

__all__ = ["Half", "Local", "OneSided", "one_sided"]
