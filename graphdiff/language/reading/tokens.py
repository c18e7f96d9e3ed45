"""A program's text as tokens, one after the other: ``("NAME", "x", 0, 1)``."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["APPLIED", "Token", "tokens"]

Token = tuple[str, str, int, int]
"""Kind, text, and the places where it begins and ends."""

_DIGITS = r"\d+(?:_\d+)*"
_RAISED = "ᵀ²³¹⁰ⁱ⁴-ⁿ₀-₉½-¾"
_KINDS = {
    "NAME": rf"[^\W\d{_RAISED}](?:[^\W{_RAISED}]|[\u0300-\u036f])*[₀-₉]*'*",
    "NUMBER": rf"(?:{_DIGITS}(?:\.(?!\.)(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][+\-−]?\d+)?",
    "RANGE": r"\.\.\.?|…",
    "LPAR": r"\(",
    "RPAR": r"\)",
    "POWER": r"\*\*|\^",
    "TIMES": "[*·×∙⋅∗]",
    "PLUS": "[+＋]",
    "MINUS": "[-−–－]",
    "OVER": "[/÷∕]",
    "COMPARE": "[<>=!]=|[<>≤≥≠]",
    "EQUAL": "=",
    "SEP": r";|\n|\u2028|\u2029",
    "COMMA": ",",
    "AT": "@",
    "LSQB": r"\[",
    "RSQB": r"\]",
    "LBRACE": r"\{",
    "RBRACE": r"\}",
    "COLON": ":",
    "BAR": r"\|",
    "TRANSPOSED": r"\.T\b|ᵀ",
    "SUPERSCRIPT": "[⁺⁻]?[⁰¹²³⁴-⁹]+",
    "ROOT": "[√∛]",
    "END": r"\Z",
    "UNKNOWN": r"[\s\S]",
}
_SKIPPED = r"(?:[ \t\r\f\v\u00a0\u2000-\u200d\u202f\u205f\u2060\u3000\ufeff]++|#[^\n\r\u2028]*+)*+"
_ALL = "|".join(f"(?P<{kind}>{pattern})" for kind, pattern in _KINDS.items())
_TOKEN = re.compile(f"{_SKIPPED}(?:{_ALL})")

APPLIED = re.compile(
    r"[ \t]*(?P<power>(?:\^|\*\*)[ \t]*\d+(?![\d.])|[²³⁴-⁹])?[ \t]*"
    rf"(?:\(|(?P<operand>\d*{_KINDS['NAME']}|\d+(?:\.\d+)?)"
    r"(?=[ \t]*(?:\Z|[;\n,)}\]|+＋\-−–－<>=!≤≥≠#])))"
)
"""Behind the name of a function without its bracket: a power, then the bracket or one operand with
nothing behind it that could belong to it."""


def tokens(text: str) -> Iterator[Token]:
    """The tokens of a text, and ``END`` behind them; a character that begins none is ``UNKNOWN``.

    >>> list(tokens("2x # twice"))
    [('NUMBER', '2', 0, 1), ('NAME', 'x', 1, 2), ('END', '', 10, 10)]
    """
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup or ""
        word, end = match[kind], match.end()
        yield kind, word, end - len(word), end
        if kind == "END":  # or it would be found twice
            return
