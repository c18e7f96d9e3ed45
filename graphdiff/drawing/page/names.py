"""Names in the interactive page: set as in the figure, wherever they stand in a formula."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Any

from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Tape
from graphdiff.drawing.parts.escaping import clean
from graphdiff.language.notation.printer import TypstPrinter, split_name
from graphdiff.program.formulas import Formulas

__all__ = ["Marked", "name_parts"]

# Around a name while a formula is printed: the first sorts before every letter, so that x still
# comes before x_1 where operands are put in order.
_END, _START = "\x01", "\x02"
_MARKED = re.compile(f"{_START}([^{_END}{_START}]*){_END}")
_MANY = 20_000
"""Characters of a formula, marks included, that are looked through."""


class Marked(Formulas):
    """Formulas as pieces: text, and the ids of the nodes whose names stand between.

    >>> from graphdiff import parse
    >>> made = Marked(parse("s = x*w_1; f = s^2"), "unicode")
    >>> made.pieces(made.upstream(made.graph.find("x")), 99)
    ['2·', 1, '·', 2]
    """

    def _named(self, name: str, i: int) -> Expr:
        if not name.startswith("∂"):
            return super()._named(_START + name + _END, i)
        parts = (f"∂{_START}{part}{_END}" for part in name.replace("∂", "").split("/"))
        return super()._named("/".join(parts), i)

    def pieces(self, text: str, most: int) -> list[str | int]:
        """A marked formula in pieces; an ellipsis for one of more than ``most`` characters."""
        if len(text) > _MANY or len(_MARKED.sub(r"\1", text)) > most:
            return ["…"]
        at = {name: i for i, name in self.graph.labels.items()}
        found: list[str | int] = []
        for k, part in enumerate(_MARKED.split(text)):
            if part:
                found.append(at.get(part, clean(part)) if k % 2 else clean(part))
        return found


@cache
def name_parts(name: str) -> list[Any]:
    """What a name is made of, as figures set it: its letters, its subscript, its primes.

    Both are lists of texts and whether they are italic.

    >>> name_parts("theta_1'"), name_parts("net_h1")
    ([[('θ', True)], [('1', False)], '′'], [[('net', False)], [('h', True), ('1', False)], ''])
    """
    base, below, primes = split_name(name)
    printed = TypstPrinter(Tape({})).name(f"x_{below}")
    apart = len(below) > 1 and printed == f"x_({' '.join(below)})"
    index = map(_letters, below) if apart else [_letters(below)] if below else []
    return [[_letters(base)], list(index), "′" * len(primes)]


def _letters(word: str) -> tuple[str, bool]:
    """A word with Greek letters as such, and whether figures set it italic."""
    printed = TypstPrinter(Tape({})).word(word)
    if printed != word:  # quoted
        return clean(word), False
    if word.isdigit() or len(word) == 1:
        return word, not word.isdigit()
    case = "CAPITAL" if word[0].isupper() else "SMALL"
    letter = "LAMDA" if word.lower() == "lambda" else word.upper()  # as Unicode spells it
    return unicodedata.lookup(f"GREEK {case} LETTER {letter}"), case == "SMALL"
