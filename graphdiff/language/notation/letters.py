"""Letters outside of ASCII as LaTeX calls them."""

from __future__ import annotations

import unicodedata

__all__ = ["ACCENTS", "GREEK", "GREEK_NAMES", "letter_command"]

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


def letter_command(text: str) -> str | None:
    r"""What prints a letter of a formula, with its accent; None for another text.

    >>> letter_command("θ"), letter_command("ŷ"), letter_command("값")
    ('\\theta', '\\hat{y}', None)
    """
    base, *accents = list(unicodedata.normalize("NFD", text)) or [""]
    if base in GREEK:
        made = "\\" + GREEK[base]
    elif base.isascii() and base.isalpha():
        made = base
    else:
        return None
    for accent in accents:
        if accent not in ACCENTS:
            return None
        made = rf"\{ACCENTS[accent]}{{{made}}}"
    return made
