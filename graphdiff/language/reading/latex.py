r"""Programs in LaTeX: ``z = wx + b; L = \frac12(\sigma(z) - t)^2``.

The formulas are read as answers are, where letters side by side are a product, and written in the
language of programs.  What can be read in two ways is refused: a program means one thing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from graphdiff.core.ir.tape import Tape
from graphdiff.core.ops import STANDARD
from graphdiff.errors import ParseError, Span
from graphdiff.language.notation.printer import Printer

if TYPE_CHECKING:
    from graphdiff.language.handwriting import Reading

    from .doubts import Doubt

__all__ = ["in_our_language", "is_latex"]

_COMMENT = re.compile(r"#[^\n]*")
_COMMAND = re.compile(r"\\[A-Za-z]")
_PLAINLY = re.compile(r"\\[A-Za-z,;!({\[]|\$|\^\{")
_UPRIGHT = re.compile(r"_\{\s*\\(?:text|textrm|mathrm|mathit)\s*\{\s*(\w+)\s*\}\s*\}")
_DECLARED = re.compile(r"\s*[^\W\d]\w*'*\s*:(?!=)")
_DEFINED = re.compile(r"(?<![<>!=:]):?=(?!=)")
_OF = re.compile(r"\s*(?:\\left)?\([^()]*\)\s*\Z")
_ANSWERS = {
    "reading.asked": "a derivative is no part of a program",
    "reading.comparison": "a comparison is no number",
}
"""What is said of answers, said of programs."""


def is_latex(text: str) -> bool:
    r"""Whether a program is plainly LaTeX: no other has commands, dollars or braces behind ^.

    >>> is_latex(r"\sigma(x)"), is_latex("x^{2}"), is_latex("x^2  # \\alpha")
    (True, True, False)
    """
    return bool(_PLAINLY.search(text) and _PLAINLY.search(_COMMENT.sub("", text)))


def in_our_language(text: str) -> str:
    r"""A program with characters composed, and in our language where it is LaTeX.

    Raises ParseError for LaTeX that has no one meaning, or none that is known.

    >>> in_our_language(r"z = wx + b; L = \frac12(\sigma(z) - t)^2")
    'z = w*x + b; L = 1/2*(sigmoid(z) - t)^2'
    """
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    if not is_latex(text):
        return text
    formulas = _COMMENT.sub(lambda comment: " " * len(comment[0]), text)
    # y_{\text{true}} has the index of y_{true}; places stay.
    formulas = _UPRIGHT.sub(lambda index: f"_{{{index[1]:{len(index[0]) - 3}}}}", formulas)
    parts = list(_statements(formulas))
    functions = {name for part in parts if (name := _function(formulas, *part))}
    try:
        return "; ".join(_statement(formulas, *part, functions) for part in parts)
    except ParseError:
        if _COMMAND.search(formulas):
            raise
        return text  # no LaTeX after all: the reader of programs says what is wrong


def _statements(text: str) -> Iterator[tuple[int, int, int]]:
    """Where statements begin, have their sign of equality (or begin once more) and end; a
    backslash takes the sign behind it, braces hide what is in them."""
    start = sign = depth = k = 0
    while k <= len(text):
        char = text[k : k + 1]
        if char == "\\":
            k += 1
        elif not char or (char in ";\n" and not depth):
            if text[start:k].strip():
                yield start, sign, k
            start = sign = k + 1
        elif sign == start and not depth and _DEFINED.match(text, k):
            sign = k
        depth += (char == "{") - (char == "}")
        k += 1


def _function(text: str, start: int, sign: int, end: int) -> str:
    """What is written as a function of something on the left of a statement: f in f(x) = …"""
    arguments = _OF.search(text, start, sign)
    return text[start : arguments.start()].strip(" \t\n\\$") if arguments else ""


def _statement(text: str, start: int, sign: int, end: int, functions: Collection[str]) -> str:
    if _DECLARED.match(text, start, end):
        return text[start:end].strip()
    if sign == start:
        return _formula(text, start, end, functions)
    arguments = _OF.search(text, start, sign)  # f(x) = … says nothing new
    name = _formula(text, start, arguments.start() if arguments else sign)
    if not name.isidentifier():
        message = f"{text[start:sign].strip()} is no name"
        raise ParseError(message, source=text, span=Span(start, sign))
    return f"{name} = {_formula(text, sign + 1 + (text[sign] == ':'), end, functions)}"


def _formula(text: str, start: int, end: int, functions: Collection[str] = ()) -> str:
    from graphdiff.language.handwriting import build

    from .doubts import doubt_in, of_arrays

    part = text[start:end]
    _refuse(of_arrays(part), text, start)
    reading = _reading(text, start, end)
    _refuse(doubt_in(part, reading.tokens, functions), text, start)
    if reading.sides or reading.before or reading.left or reading.conditional:
        message = "more than one formula, where one is due"
        raise ParseError(message, source=text, span=Span(start, end), hint="z = …; then the next")
    shown = []
    for term in (reading.term, *reading.alternatives):
        tape = Tape(STANDARD)
        shown.append(Printer(tape).show(build(term, tape, {})))
    if len(set(shown)) > 1:
        hint = " or ".join(dict.fromkeys(shown))
        message = "this can be read in more than one way"
        raise ParseError(message, source=text, span=Span(start, end), hint=f"write {hint}")
    return shown[0]


def _reading(text: str, start: int, end: int) -> Reading:
    from graphdiff.language.handwriting import Unreadable, read
    from graphdiff.language.handwriting.settings import Settings

    try:
        return read(text[start:end], None, Settings(log="ln", decimal="point"))
    except Unreadable as error:
        at = start + error.position
        reason = _ANSWERS.get(getattr(error.reason, "key", ""), error.reason)
        raise ParseError(reason, source=text, span=Span(at, at + 1), hint=error.hint) from None


def _refuse(doubt: Doubt | None, text: str, start: int) -> None:
    if doubt is not None:
        span = Span(start + doubt.start, start + doubt.end)
        raise ParseError(doubt.message, source=text, span=span, hint=doubt.hint)
