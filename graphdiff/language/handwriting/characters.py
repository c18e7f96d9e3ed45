"""The characters that people type, copy from the web or get from autocorrect."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import NoReturn

from graphdiff.core.support.words import Message

from .terms import Unreadable

__all__ = ["FRACTIONS", "LOWERED", "RAISED", "cleaned"]

RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁽⁾ⁿⁱˣʸᵗ", "0123456789+-()nixyt", strict=True))
LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉ₐₑᵢⱼₖₘₙₜₓ", "0123456789aeijkmntx", strict=True))
FRACTIONS = {
    c: tuple(int(part) for part in unicodedata.normalize("NFKC", c).split("⁄"))
    for c in "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒"
}
"""Numerator and denominator of the fractions that are one character."""

_ALIKE = {
    **dict.fromkeys("−–—‐‑‒―﹣⁃", "-"),
    **dict.fromkeys("×·⋅∙•∗⨯", "*"),
    **dict.fromkeys("÷∕⁄∶", "/"),
    **dict.fromkeys("′’‘ʹ´", "'"),
    **dict.fromkeys("∣❘", "|"),
    **dict.fromkeys("[⟦【", "["),
    **dict.fromkeys("]⟧】", "]"),
    "ˆ": "^", "ⅇ": "e", "µ": "μ", "ς": "σ", "≔": "=", "≃": "≈", "≅": "≈", "⩽": "≤", "⩾": "≥",
    "\u2028": "\n", "\u2029": "\n", "\x85": "\n", "…": "…",
}  # fmt: skip
_INVISIBLE = frozenset("\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u00ad\ufe0e\ufe0f")
_OWN = frozenset([*RAISED, *LOWERED, *FRACTIONS, *"√∛∜∞∂≤≥≠≈⌊⌋⌈⌉±∓°∇∫∑∏→⇒⟹⟶⇔↦∴∵✓✔∎■□∈∀"])
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_LETTERS = frozenset(("Lu", "Ll", "Lo", "Lt", "Lm"))


def cleaned(text: str) -> tuple[str, list[int] | None]:
    """The text in the characters that the scanner knows, and where each stood.

    The places are None where no character was left out.  Raises Unreadable.

    >>> cleaned("２𝑥 − 1")
    ('2x - 1', None)
    """
    if text.isascii():
        control = _CONTROL.search(text)
        if control:
            _refuse(text, control.start())
        return text, None
    kept: list[str] = []
    places: list[int] = []
    for i, c in enumerate(text):
        plain = c if " " <= c <= "~" else _plain(c)
        if plain is None:
            _refuse(text, i)
        if plain:
            kept.append(plain)
            places.append(i)
    return "".join(kept), (places if len(kept) < len(text) else None)


@lru_cache(maxsize=2048)
def _plain(c: str) -> str | None:
    """The character that stands for this one; empty: none; None: it cannot be read."""
    if c in _INVISIBLE:
        return ""
    if c in _OWN or c in "\t\n\r\v\f":
        return c
    if c in _ALIKE:
        return _ALIKE[c]
    category = unicodedata.category(c)
    if category == "Zs":
        return " "
    # Ⅱx is not IIx, and ② is not a number in a formula.
    if category in ("Nl", "No", "Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me") or c in "ªº":
        return None
    same = unicodedata.normalize("NFKC", c)
    if len(same) != 1:
        return None
    same = _ALIKE.get(same, same)
    if same.isascii() or (same.isalpha() and unicodedata.category(same) in _LETTERS):
        return same
    return same if same in _OWN else None


def _refuse(text: str, i: int) -> NoReturn:
    c = text[i]
    name = unicodedata.name(c, "")
    shown = f"{c!r}" if c.isprintable() else f"U+{ord(c):04X}"
    raise Unreadable(
        Message("reading.character", sign=f"{shown} ({name.lower()})" if name else shown),
        source=text, at=i, hint=Message("hint.characters"),
    )  # fmt: skip
