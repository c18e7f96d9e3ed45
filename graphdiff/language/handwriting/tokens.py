"""Tokens, and what they look like in text and in LaTeX."""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = ["Token"]


class Token(NamedTuple):
    """One sign, number, name or function, with its place in the original text."""

    kind: str
    """number name function op open close bar comma semicolon compare root frac raised factorial"""
    value: Any
    start: int
    end: int
    gap: int = 0
    """1 after a space, 2 after the end of a line."""
    text: str = ""
    other: tuple[Token, ...] = ()
    """Tokens that it might mean instead."""
