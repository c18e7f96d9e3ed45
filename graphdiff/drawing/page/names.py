"""Names in the interactive page: set as in the figure, wherever they stand in a formula."""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import Any

from graphdiff.drawing.parts.escaping import clean
from graphdiff.language.notation.letters import GREEK_NAMES
from graphdiff.language.notation.printer import index_parts, is_upright, split_name

__all__ = ["name_parts"]


@cache
def name_parts(name: str) -> list[Any]:
    """What a name is made of, as figures set it: its letters, its subscript, its primes.

    Both are lists of texts and whether they are italic.

    >>> name_parts("theta_1'"), name_parts("net_h1")
    ([[('θ', True)], [('1', False)], '′'], [[('net', False)], [('h', True), ('1', False)], ''])
    """
    base, below, primes = split_name(name)
    return [[_letters(base)], [*map(_letters, index_parts(below))], "′" * len(primes)]


def _letters(word: str) -> tuple[str, bool]:
    """A word with Greek letters as such, and whether figures set it italic."""
    if is_upright(word):
        return clean(word), False
    if word not in GREEK_NAMES:
        return word, not word.isdigit()
    case = "CAPITAL" if word[0].isupper() else "SMALL"
    letter = "LAMDA" if word.lower() == "lambda" else word.upper()  # as Unicode spells it
    return unicodedata.lookup(f"GREEK {case} LETTER {letter}"), case == "SMALL"
