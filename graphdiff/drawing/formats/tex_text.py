r"""Text outside of ASCII in LaTeX: signs as commands, Korean in ``\text``, and what LaTeX lacks.

pdfLaTeX stops at a letter that it does not know, so none may reach it unannounced.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from graphdiff.drawing.parts.escaping import clean
from graphdiff.language.notation.letters import GREEK

__all__ = ["LETTERS", "comment", "needs_cjk", "unknown", "written"]

_SIGNS = {
    "∞": "infty", "×": "times", "·": "cdot", "÷": "div", "±": "pm", "≤": "le", "≥": "ge",
    "≠": "ne", "≈": "approx", "∂": "partial", "∇": "nabla", "∑": "sum", "∏": "prod", "∈": "in",
    "→": "to", "←": "leftarrow", "↦": "mapsto", "⇒": "Rightarrow", "ℓ": "ell", "∘": "circ",
    "⊙": "odot", "⊗": "otimes", "⊤": "top", "‖": "|", "⇉": "rightrightarrows",
    "∗": "ast",
}  # fmt: skip
LETTERS = {name: letter for letter, name in (GREEK | _SIGNS).items()}
"""What commands print."""
_COMMANDS = {
    **{letter: rf"\ensuremath{{\{name}}}" for name, letter in LETTERS.items()},
    "−": r"\ensuremath{-}",
    "ᵀ": r"\ensuremath{{}^\top}",
    "…": r"\ldots{}",
    "–": "--",
    "—": "---",
    "’": "'",
    "\N{NO-BREAK SPACE}": r"\nobreakspace{}",
}
# Hangul, kana and Chinese characters, which the package kotex sets.
_CJK = "\u1100-\u11ff\u3000-\u303f\u3040-\u30ff\u3130-\u318f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3"
_CJK_RUN = re.compile(f"[{_CJK}]+")
_RUN = re.compile("[^\x00-\x7f]+")
# A part that is text already; its braces are escaped or balanced, so none is inside.
_TEXT = re.compile(r"(\\text\{[^{}\\]*\})")
# Accents that LaTeX puts on a letter in its first fonts: grave, acute … caron, cedilla.
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0308\u030a\u030b\u030c\u0327")
# Cases as small as Typst sets them, so that they fit the boxes that were measured for them.
_SMALL = {
    r"\begin{cases}": r"\left\{\begin{smallmatrix}",
    r"\end{cases}": r"\end{smallmatrix}\right.",
}
_LETTERS = frozenset("ßæœøåÆŒØÅłŁ")


def written(latex: str) -> str:
    r"""LaTeX mathematics in which signs and Greek letters are commands and Korean is text.

    >>> written("w_{값} − θ")
    'w_{\\text{값}} \\ensuremath{-} \\ensuremath{\\theta}'
    >>> written(r"\text{값}")
    '\\text{값}'
    """
    for command, small in _SMALL.items():
        latex = latex.replace(command, small)
    parts = _TEXT.split(latex)
    # Every second part is text: there Korean stands as it is.
    parts[::2] = [_RUN.sub(lambda run: _in_math(run[0]), part) for part in parts[::2]]
    return "".join(_COMMANDS.get(character, character) for character in "".join(parts))


def _in_math(run: str) -> str:
    """Letters of a formula: what has no command is text."""
    texts = re.split(f"([{''.join(_COMMANDS)}]+)", run)
    texts[::2] = [rf"\text{{{text}}}" if text else "" for text in texts[::2]]
    return "".join(texts)


def needs_cjk(texts: Iterable[str]) -> bool:
    """Whether a text has letters that only kotex can set."""
    return any(_CJK_RUN.search(text) for text in texts)


def unknown(texts: Iterable[str]) -> list[str]:
    """The letters for which neither LaTeX's own fonts nor kotex have a picture, in order.

    >>> unknown(["élan ж 값 θ"])
    ['ж']
    """
    letters = {letter for text in texts for letter in text if not letter.isascii()}
    return sorted(letter for letter in letters if not _known(letter))


def _known(letter: str) -> bool:
    if letter in _COMMANDS or letter in _LETTERS or _CJK_RUN.match(letter):
        return True
    base, *accents = list(unicodedata.normalize("NFD", letter))
    # Precomposed only, and of those that LaTeX lists: it puts no accent that follows its letter.
    return (
        letter < "\u0180"
        and len(accents) == 1
        and base.isascii()
        and base.isalpha()
        and accents[0] in _ACCENTS
    )


def comment(text: str) -> str:
    """A comment of one line.

    >>> comment("x*y")
    '% x*y'
    """
    return f"% {clean(text).rstrip()}"
