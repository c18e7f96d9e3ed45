"""What is known of LaTeX, as Typst mathematics: signs, words, commands with an argument."""

from __future__ import annotations

from graphdiff.core.ops import LATEX_FUNCTIONS

__all__ = [
    "BRACKETS", "FRACTIONS", "MATRICES", "PLAIN", "SYMBOLS", "TEXTS", "WORDS", "WRAPPED",
]  # fmt: skip

GREEK = (
    "alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu",
    "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "chi", "psi", "omega", "Gamma", "Delta",
    "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega",
)  # fmt: skip
SYMBOLS = {
    **{f"\\{name}": name for name in GREEK},
    r"\epsilon": "epsilon.alt", r"\varepsilon": "epsilon", r"\phi": "phi.alt", r"\varphi": "phi",
    r"\partial": "partial", r"\nabla": "nabla", r"\infty": "infinity", r"\ell": "ell",
    r"\sum": "sum", r"\prod": "product", r"\int": "integral", r"\cdot": "dot.op",
    r"\times": "times", r"\div": "div", r"\pm": "plus.minus", r"\mp": "minus.plus",
    r"\odot": "dot.o", r"\otimes": "times.o", r"\oplus": "plus.o", r"\circ": "circle.small",
    r"\ast": "ast.op", r"\star": "star.op", r"\le": "<=", r"\leq": "<=", r"\ge": ">=",
    r"\geq": ">=", r"\ne": "!=", r"\neq": "!=", r"\approx": "approx", r"\equiv": "equiv",
    r"\sim": "tilde.op", r"\propto": "prop", r"\in": "in", r"\to": "arrow.r",
    r"\rightarrow": "arrow.r", r"\leftarrow": "arrow.l", r"\Rightarrow": "arrow.r.double",
    r"\mapsto": "arrow.r.bar", r"\ldots": "dots.h", r"\dots": "dots.h", r"\cdots": "dots.h.c",
    r"\vdots": "dots.v", r"\top": "top", r"\bot": "bot", r"\prime": "prime", r"\forall": "forall",
    r"\mid": "divides", r"\|": "bar.v.double", r"\{": r"\{", r"\}": r"\}", r"\%": "%", r"\&": r"\&",
    r"\#": r"\#", r"\$": r"\$", r"\_": r"\_", r"\,": "thin", r"\:": "med", r"\;": "thick",
    r"\!": "", "\\ ": "space", r"\quad": "quad", r"\qquad": "wide",
    r"\langle": "chevron.l", r"\rangle": "chevron.r", r"\lVert": "bar.v.double",
    r"\rVert": "bar.v.double", r"\displaystyle": "", r"\limits": "",
}  # fmt: skip
WORDS = LATEX_FUNCTIONS | {
    r"\det", r"\lim", r"\sup", r"\inf", r"\arg", r"\Pr", r"\dim", r"\ker"
}  # fmt: skip
WRAPPED = {
    r"\hat": "hat", r"\bar": "macron", r"\tilde": "tilde", r"\vec": "arrow", r"\dot": "dot",
    r"\ddot": "dot.double", r"\overline": "overline", r"\underline": "underline",
    r"\widehat": "hat", r"\widetilde": "tilde", r"\sqrt": "sqrt", r"\mathbf": "bold",
    r"\boldsymbol": "bold", r"\mathbb": "bb", r"\mathcal": "cal", r"\mathfrak": "frak",
    r"\mathsf": "sans", r"\mathit": "italic",
}  # fmt: skip
TEXTS = (r"\text", r"\mathrm", r"\operatorname", r"\textrm", r"\mbox")
FRACTIONS = {
    r"\frac": "({})/({})",
    r"\dfrac": "display(({})/({}))",
    r"\tfrac": "inline(({})/({}))",
}
MATRICES = {"matrix": "#none", "pmatrix": '"("', "bmatrix": '"["', "vmatrix": '"|"'}
# Signs that Typst reads as its own in the arguments of a function are escaped.
PLAIN = {
    ",": r"\,", ";": r"\;", ":": r"\:", "*": "ast.op", "-": "−", "/": r"\/",
    "'": "prime", "~": "space", '"': r"\"",
    "@": r"\@", "`": r"\`",
}  # fmt: skip
BRACKETS = {"(": r"\(", ")": r"\)", "[": r"\[", "]": r"\]", "|": r"\|"}
