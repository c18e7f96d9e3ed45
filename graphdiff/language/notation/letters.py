"""Letters outside of ASCII, and with accents, as LaTeX and Typst call them."""

from __future__ import annotations

import unicodedata

__all__ = [
    "ACCENTS",
    "GREEK",
    "GREEK_LETTERS",
    "GREEK_NAMES",
    "accented",
    "letter_call",
    "letter_command",
    "lowered",
]

GREEK = {
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "ε": "varepsilon", "ζ": "zeta",
    "η": "eta", "θ": "theta", "ϑ": "vartheta", "ι": "iota", "κ": "kappa", "λ": "lambda",
    "μ": "mu", "ν": "nu", "ξ": "xi", "π": "pi", "ρ": "rho", "σ": "sigma", "ς": "varsigma",
    "τ": "tau", "υ": "upsilon", "φ": "varphi", "ϕ": "phi", "χ": "chi", "ψ": "psi", "ω": "omega",
    "ϵ": "epsilon", "Γ": "Gamma", "Δ": "Delta", "Θ": "Theta", "Λ": "Lambda", "Ξ": "Xi",
    "Π": "Pi", "Σ": "Sigma", "Υ": "Upsilon", "Φ": "Phi", "Ψ": "Psi", "Ω": "Omega",
}  # fmt: skip
"""Letters, and the commands that print them; capitals that look as Latin ones have none."""

GREEK_NAMES = frozenset(name for name in GREEK.values() if not name.startswith("var"))
"""Names that stand for a letter wherever they are typed out: Typst has these, too."""

ACCENTS = {
    "\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0307": "dot", "\u0308": "ddot",
    "\u030c": "check", "\u0300": "grave", "\u0301": "acute", "\u0306": "breve", "\u20d7": "vec",
}  # fmt: skip
"""Combining marks, and the commands that put them above a letter."""

_CALLS = {"bar": "macron", "vec": "arrow", "ddot": "dot.double", "check": "caron"}
"""Those that Typst calls otherwise."""
_TYPED = {
    name: mark for mark, name in ACCENTS.items() if name in ("hat", "tilde", "bar", "dot", "vec")
}
"""Words that stand for an accent where they are typed out as an index; so is ``\\hat{y}`` read."""


def accented(base: str, index: str) -> tuple[str, str]:
    """A letter with the accent that its index begins with, and what is left of the index.

    >>> accented("y", "hat"), accented("theta", "bar_1"), accented("y", "true")
    (('ŷ', ''), ('θ̄', '1'), ('y', 'true'))
    """
    word, _, rest = index.partition("_")
    letter = GREEK_LETTERS.get(base, base)
    if word not in _TYPED or len(letter) != 1:
        return base, index
    return unicodedata.normalize("NFC", letter + _TYPED[word]), rest


GREEK_LETTERS = {name: letter for letter, name in GREEK.items()}
_LOW = dict(zip("0123456789aeijkmntx", "₀₁₂₃₄₅₆₇₈₉ₐₑᵢⱼₖₘₙₜₓ", strict=True))


def lowered(text: str) -> str | None:
    """Small letters and digits below the line; None where Unicode lacks one.

    >>> lowered("10"), lowered("ij"), lowered("max"), lowered("b")
    ('₁₀', 'ᵢⱼ', 'ₘₐₓ', None)
    """
    return "".join(map(_LOW.__getitem__, text)) if _LOW.keys() >= {*text} else None


def _taken_apart(text: str) -> tuple[str, list[str]] | None:
    """A letter and its accents; None for another text."""
    base, *accents = list(unicodedata.normalize("NFD", text)) or [""]
    known = base in GREEK or (base.isascii() and base.isalpha())
    return (base, accents) if known and all(a in ACCENTS for a in accents) else None


def letter_call(text: str) -> str | None:
    """What Typst prints a letter with accents by; None for another text.

    >>> letter_call("ŷ"), letter_call("x̄"), letter_call("y")
    ('hat(y)', 'macron(x)', None)
    """
    parts = _taken_apart(text)
    if parts is None or not parts[1]:
        return None
    made = parts[0]
    for accent in parts[1]:
        made = f"{_CALLS.get(ACCENTS[accent], ACCENTS[accent])}({made})"
    return made


def letter_command(text: str) -> str | None:
    r"""What prints a letter of a formula, with its accent; None for another text.

    >>> letter_command("θ"), letter_command("ŷ"), letter_command("값")
    ('\\theta', '\\hat{y}', None)
    """
    parts = _taken_apart(text)
    if parts is None:
        return None
    base, accents = parts
    made = "\\" + GREEK[base] if base in GREEK else base
    for accent in accents:
        made = rf"\{ACCENTS[accent]}{{{made}}}"
    return made
