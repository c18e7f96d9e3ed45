r"""Labels that users write in LaTeX: a subset of its mathematics, as Typst mathematics.

What is known: letters, numbers, signs, Greek, subscripts and superscripts, fractions, roots, sums,
accents, fonts, brackets with \left and \right, \text, and matrices.  Anything else is an error
that names it, since a figure must look alike in every format.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NoReturn

from ..errors import ParseError, Span
from .diagram import Ink, Label
from .escaping import clean, latex_text, typst_string

__all__ = ["latex_label", "typst_label", "user_label"]

_TYPST = "typst:"
_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+(?:\.\d+)?|\s+|.", re.DOTALL)
_GREEK = ["alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"]
_SYMBOLS = {
    **{f"\\{name}": name for name in _GREEK},
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
    r"\mid": "divides", r"\|": "bar.v.double", r"\{": "{", r"\}": "}", r"\%": "%", r"\&": r"\&",
    r"\#": r"\#", r"\$": r"\$", r"\_": r"\_", r"\,": "thin", r"\:": "med", r"\;": "thick",
    r"\!": "", "\\ ": "space", r"\quad": "quad", r"\qquad": "wide",
    r"\langle": "chevron.l", r"\rangle": "chevron.r", r"\lVert": "bar.v.double",
    r"\rVert": "bar.v.double", r"\displaystyle": "", r"\limits": "",
}  # fmt: skip
_WORDS = ["sin", "cos", "tan", "sinh", "cosh", "tanh", "exp", "log", "ln", "max", "min", "det", "lim", "sup", "inf", "arg", "Pr", "dim", "ker"]
_WRAPPED = {
    r"\hat": "hat", r"\bar": "macron", r"\tilde": "tilde", r"\vec": "arrow", r"\dot": "dot",
    r"\ddot": "dot.double", r"\overline": "overline", r"\underline": "underline",
    r"\widehat": "hat", r"\widetilde": "tilde", r"\sqrt": "sqrt", r"\mathbf": "bold",
    r"\boldsymbol": "bold", r"\mathbb": "bb", r"\mathcal": "cal", r"\mathfrak": "frak",
    r"\mathsf": "sans", r"\mathit": "italic",
}  # fmt: skip
_TEXTS = (r"\text", r"\mathrm", r"\operatorname", r"\textrm", r"\mbox")
_FRACTIONS = {
    r"\frac": "({})/({})",
    r"\dfrac": "display(({})/({}))",
    r"\tfrac": "inline(({})/({}))",
}
_MATRICES = {"matrix": "#none", "pmatrix": '"("', "bmatrix": '"["', "vmatrix": '"|"'}
# Signs that Typst reads as its own in the arguments of a function are escaped.
_PLAIN = {
    ",": r"\,", ";": r"\;", ":": r"\:", "*": "ast.op", "-": "−", "/": r"\/", "'": "prime", "~": "space", '"': r"\"",
    "@": r"\@", "`": r"\`",
}  # fmt: skip
_BRACKETS = {"(": r"\(", ")": r"\)", "[": r"\[", "]": r"\]", "|": r"\|"}


def user_label(name: str, text: str) -> Label:
    """The label that a user wrote for a name: LaTeX, or Typst after ``typst:``.

    Raises ParseError.

    >>> user_label("q", r"\\sum_i w_i x_i").typst
    'sum_(i ) w_(i ) x_(i ) '
    """
    if text.startswith(_TYPST):
        return typst_label(name, text.removeprefix(_TYPST))
    return latex_label(text.strip().removeprefix("$").removesuffix("$"))


def latex_label(text: str, ink: Ink = "ink") -> Label:
    """LaTeX mathematics as a label.  Raises ParseError where it is not in the subset."""
    typst = _Reader(text).all()
    return Label(typst, clean(text), clean(text), ink)


def typst_label(name: str, text: str, ink: Ink = "ink") -> Label:
    """Typst mathematics as a label; TikZ shows its source.  Raises ParseError.

    It is compiled alone first, and may hold no code: a figure never reads files.
    """
    code = re.search(r"[#$]|//|/\*", text)
    if code:
        message = f"a label in Typst may not have {code[0]!r}"
        raise ParseError(message, source=text, span=Span(*code.span()))
    whole = _one_argument(text)
    from typst import TypstError

    from .typeset import Text, typeset

    try:
        made = typeset([Text(f"lr(({whole}))", 10.0), Text(whole, 10.0)])
    except (TypstError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise ParseError(
            f"the label of {name} is no Typst mathematics: {reason}", source=text,
            span=Span(0, len(text)),
        ) from None  # fmt: skip
    if len(made) != 2 or not made[1].marks:
        raise ParseError(f"the label of {name} shows nothing", source=text, span=Span(0, len(text)))
    return Label(whole, clean(text), rf"\text{{{latex_text(text)}}}", ink)


def _one_argument(text: str) -> str:
    """Typst mathematics that stays one argument inside of a function.  Raises ParseError."""
    made, depth = [], 0
    for match in re.finditer(r'"(?:\\.|[^"\\])*"|\\.|.', text, re.DOTALL):
        token = match[0]
        depth += (token in "([{") - (token in ")]}")
        if depth < 0 or token == '"':
            raise ParseError(f"{token!r} has no partner", source=text, span=Span(*match.span()))
        made.append(f"\\{token}" if token in ",;:" and not depth else token)
    if depth:
        raise ParseError("a bracket is not closed", source=text, span=Span(0, len(text)))
    return "".join(made)


class _Reader:
    """A recursive descent through the tokens of one label."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.tokens = [(match[0], match.start()) for match in _TOKEN.finditer(text)]
        self.at = 0
        self.depth = 0

    def all(self) -> str:
        """The whole label.  Raises ParseError."""
        made = self.sequence(())
        if self.at < len(self.tokens):
            self.fail(f"{self.peek()!r} has no partner")
        if not made.strip():
            self.fail("the label is empty")
        return made

    def fail(self, message: str) -> NoReturn:
        place = self.tokens[min(self.at, len(self.tokens) - 1)] if self.tokens else (" ", 0)
        end = self.at >= len(self.tokens)
        start = len(self.text) if end else place[1]
        span = Span(start, start + (1 if end else len(place[0])))
        raise ParseError(
            f"cannot typeset this label: {message}", source=self.text, span=span,
            hint='a subset of LaTeX is known; or write Typst: --label "q=typst:hat(y)"',
        )  # fmt: skip

    def peek(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self) -> str:
        token = self.peek()
        self.at += 1
        return token

    def skip_space(self) -> None:
        while self.peek().isspace():
            self.at += 1

    def sequence(self, ends: tuple[str, ...]) -> str:
        """Atoms with their indices, up to one of the ends, which is left."""
        made: list[str] = []
        while True:
            self.skip_space()
            token = self.peek()
            if not token or token in ends or token in ("}", r"\right", r"\end", "&", r"\\"):
                return "".join(made)
            if token in ("_", "^"):
                self.at += 1
                if not made:
                    made.append('""')
                made.append(f"{token}({self.argument()}) ")
                made[-2] = made[-2].rstrip()
            else:
                made.append(self.atom() + " ")

    def argument(self) -> str:
        """What follows a command or an index: a group in braces, or one atom."""
        self.skip_space()
        if self.peek() in ("_", "^", "}", ""):
            self.fail("something is missing here")
        return self.atom()

    def atom(self) -> str:
        """One atom.  Raises ParseError at what is not in the subset."""
        self.depth += 1
        if self.depth > 60:
            self.fail("it is nested too deeply")
        made = self.read_atom()
        self.depth -= 1
        return made

    def read_atom(self) -> str:
        token = self.peek()
        if token == "{":
            return self.group()
        if token in _SYMBOLS or token in _PLAIN or token in _BRACKETS:
            self.at += 1
            return _first(token, _SYMBOLS, _PLAIN, _BRACKETS)
        if token.startswith("\\"):
            return self.command()
        if token in ("$", "#", "%"):
            self.fail(f"{token!r} cannot stand here")
        self.at += 1
        if (token.isascii() and (token.isalpha() or token[0].isdigit())) or token in "+=<>.!?":
            return token
        return typst_string(token)

    def group(self) -> str:
        """What stands in braces."""
        self.at += 1
        made = self.sequence(())
        if self.peek() != "}":
            self.fail("a brace is not closed")
        self.at += 1
        return made or '""'

    def command(self) -> str:
        """A command with its arguments."""
        token = self.peek()
        if token == r"\sqrt" and self.tokens[self.at + 1 : self.at + 2] == [
            ("[", self.tokens[self.at][1] + len(token))
        ]:
            self.at += 2
            index = self.sequence(("]",))
            if self.take() != "]":
                self.fail("a bracket is not closed")
            return f"root({index}, {self.argument()})"
        if token[1:] in _WORDS:
            self.at += 1
            return token[1:] if token != r"\arg" else 'op("arg")'
        if token in _TEXTS:
            self.at += 1
            return self.words()
        if token in _WRAPPED:
            self.at += 1
            return f"{_WRAPPED[token]}({self.argument()})"
        if token in _FRACTIONS:
            self.at += 1
            return _FRACTIONS[token].format(self.argument(), self.argument())
        if token == r"\left":
            return self.between()
        if token == r"\begin":
            return self.matrix()
        self.fail(f"{token} is not known")

    def words(self) -> str:
        """Text in braces, as it is."""
        self.skip_space()
        if self.peek() != "{":
            self.fail("text stands in braces")
        self.at += 1
        parts = []
        while self.peek() not in ("}", ""):
            token = self.take()
            parts.append(token.removeprefix("\\") if len(token) == 2 else token)
        if self.take() != "}":
            self.fail("a brace is not closed")
        return typst_string("".join(parts))

    def between(self) -> str:
        r"""What stands between \left and \right, with brackets that grow."""
        self.at += 1
        left = self.bracket()
        inner = self.sequence(())
        if self.take() != r"\right":
            self.at -= 1
            self.fail(r"\left has no \right")
        return f"lr({left} {inner} {self.bracket()})"

    def bracket(self) -> str:
        self.skip_space()
        token = self.take()
        known = {".": "", r"\{": "{", r"\}": "}", "<": "chevron.l", ">": "chevron.r"}
        if token in known or token in _BRACKETS or token in (r"\|", r"\langle", r"\rangle"):
            return _first(token, known, _BRACKETS, _SYMBOLS)
        self.at -= 1
        self.fail("a bracket is missing")

    def matrix(self) -> str:
        """A matrix, row by row."""
        self.at += 1
        kind = "".join(self.raw_group())
        if kind not in _MATRICES:
            self.fail(f"the environment {kind!r} is not known")
        rows: list[list[str]] = [[]]
        while True:
            rows[-1].append(self.sequence(()) or '""')
            token = self.take()
            if token == r"\\":
                rows.append([])
            elif token == r"\end":
                break
            elif token != "&":
                self.fail("the matrix has no end")
        if "".join(self.raw_group()) != kind:
            self.fail(f"the environment {kind!r} has another end")
        body = "; ".join(map(", ".join, rows))
        return f"mat(delim: {_MATRICES[kind]}, {body})"

    def raw_group(self) -> list[str]:
        """The tokens in braces."""
        self.skip_space()
        if self.take() != "{":
            self.fail("a name in braces is missing")
        found = []
        while self.peek() not in ("}", ""):
            found.append(self.take())
        self.at += 1
        return found


def _first(token: str, *tables: Mapping[str, str]) -> str:
    return next(table[token] for table in tables if token in table)
