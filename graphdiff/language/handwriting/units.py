"""Units behind numbers: they are left out, and told, where they cannot be variables."""

from __future__ import annotations

import re
from collections.abc import Collection

__all__ = ["without_units"]

_COUNTERS = "개|명|원|마리|권|미터|초"
"""Not 번 and 점: 2번 may be a heading, and 3점 what a question is worth."""
_LETTERS = r"(?:kg|mol|rad|Hz|Pa|[msNJWVAK])(?![A-Za-z])"
_UNIT = rf"{_LETTERS}(?:\s*\^?\s*\{{?\s*[-−]?\d\s*\}}?|[²³])?"
_UNITS = rf"{_UNIT}(?:\s*(?:[/·*]|\\cdot)\s*{_UNIT}){{0,3}}"
_UPRIGHT = r"(?:\\[,;: ]|~)?\s*\\(?:text|mathrm|textrm|mbox)\s*\{\s*"
_ENDS = r"(?=\s*(?:[-−+*/=≈}$]|\.?\s*\Z|이다|입니다|이에요|예요))"
"""No factor follows: 2개 x^2 is not 2x²."""
_COUNTER = re.compile(rf"(?<=[\dA-Za-z)\]}}²³])\s*({_COUNTERS}){_ENDS}")
_MARKED = re.compile(
    rf"(?<=[\dA-Za-z)}}²³\s])(?:\[\s*({_UNITS})\s*\]|{_UPRIGHT}({_UNITS})\s*\}}){_ENDS}"
)


def without_units(text: str, names: Collection[str]) -> tuple[str, tuple[str, ...]]:
    """A text with spaces for its units, and the units.  A unit stands in square brackets or in
    upright letters, none of which is a name of the program; a counter stands behind a number.

    >>> without_units("3개 + 2 [m/s]", ["x"])
    ('3  + 2      ', ('개', 'm/s'))
    >>> without_units("3 [m]", ["m"])
    ('3 [m]', ())
    """
    found: dict[str, None] = {}

    def left_out(match: re.Match[str]) -> str:
        unit = next(filter(None, match.groups()))
        if any(letter in names for letter in re.findall("[A-Za-z]+", unit)):
            return match[0]
        found[unit] = None
        return " " * len(match[0])

    for pattern in (_COUNTER, _MARKED):
        text = pattern.sub(left_out, text)
    return text, tuple(found)
