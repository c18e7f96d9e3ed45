"""LaTeX commands that occur in answers."""

from __future__ import annotations

__all__ = ["ACCENTS", "GLUED", "IGNORED", "NAMING", "SIGNS"]

_SIZES = (
    "left right middle big Big bigg Bigg bigl bigr Bigl Bigr biggl biggr Biggl Biggr mleft mright"
)
_STYLES = (
    "displaystyle textstyle limits nolimits quad qquad space thinspace medspace thickspace enspace "
    "negthinspace negmedspace negthickspace boxed mathstrut mathopen "
    "mathclose strut boldsymbol mathbf rm it"
)
IGNORED = frozenset([*_SIZES.split(), *_STYLES.split(), *",;:!>/ \n\t"])
"""They only set space or size."""

SIGNS: dict[str, tuple[str, str]] = {
    "cdot": ("op", "*"), "times": ("op", "*"), "ast": ("op", "*"), "bullet": ("op", "*"),
    "div": ("op", "/"), "slash": ("op", "/"), "over": ("over", ""),
    "lvert": ("bar", "open"), "rvert": ("bar", "close"), "vert": ("bar", ""), "mid": ("bar", ""),
    "lbrace": ("open", "{"), "rbrace": ("close", "}"), "{": ("open", "{"), "}": ("close", "}"),
    "lbrack": ("open", "["), "rbrack": ("close", "]"),
    "lparen": ("open", "("), "rparen": ("close", ")"),
    "lfloor": ("open", "⌊"), "rfloor": ("close", "⌋"),
    "lceil": ("open", "⌈"), "rceil": ("close", "⌉"),
    "le": ("compare", "le"), "leq": ("compare", "le"), "leqslant": ("compare", "le"),
    "ge": ("compare", "ge"), "geq": ("compare", "ge"), "geqslant": ("compare", "ge"),
    "lt": ("compare", "lt"), "gt": ("compare", "gt"),
    "ne": ("compare", "ne"), "neq": ("compare", "ne"),
    "frac": ("frac", ""), "dfrac": ("frac", ""), "tfrac": ("frac", ""), "cfrac": ("frac", ""),
    "sqrt": ("root", "\\sqrt"),
}  # fmt: skip
"""Commands that are signs of the formula: the kind of token, and its value."""

GLUED = frozenset(("cdot", "times", "div"))
"""Signs that people write without the space after them: ``\\cdotx``."""

_UPRIGHT = "mathrm operatorname text mathit textrm textit mathsf mathtt textnormal mbox"
NAMING = frozenset(_UPRIGHT.split())
"""``\\operatorname{arsinh}``, ``\\mathrm{net}``: the braces hold a word."""

ACCENTS = frozenset(["hat", "bar", "tilde", "vec", "dot", "widehat", "overline"])
"""``\\hat y``, ``\\bar{x}`` are names of their own."""
