r"""What LaTeX would be read as a product or a power, and may be meant otherwise.

``f(x)`` is no f·x, W^{(1)} no power of W, ``\operatorname{mean}(x)`` no product of letters.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from graphdiff.core.ops import STANDARD
from graphdiff.language.handwriting.tokens import Token
from graphdiff.language.handwriting.words import FUNCTIONS, GREEK

__all__ = ["Doubt", "doubt_in", "of_arrays"]

_UPRIGHT = re.compile(
    r"\\(?:text|textrm|textit|mathrm|mathit|mathsf|operatorname)\*?\s*\{\s*([^{}]*?)\s*\}"
)
_TRANSPOSED = re.compile(r"\^\s*(?:\{\s*)?\\(?:top|intercal|mathsf|mathrm)(?![A-Za-z])")
_RUN = re.compile(r"(?<![A-Za-z\\])([A-Za-z]{2,})\s*(?:\\left\s*)?\(")
_FACTORS = {"name", "number", "constant", "raised"}


class Doubt(NamedTuple):
    """A place that may be meant otherwise than it would be read."""

    start: int
    end: int
    message: str
    hint: str


def doubt_in(text: str, tokens: Sequence[Token], defined: Collection[str]) -> Doubt | None:
    """The first doubt about a formula; ``defined`` are names that were given arguments."""
    for found in (_in_words(text, tokens), _in_tokens(tokens, defined)):
        for doubt in found:
            return doubt
    return None


def of_arrays(text: str) -> Doubt | None:
    r"""The first ``^\top``, or else the first function of arrays."""
    if found := _TRANSPOSED.search(text):
        return _transpose(*found.span())
    for found in _RUN.finditer(text):
        if found[1] in STANDARD and found[1] not in FUNCTIONS:
            message = f"{found[1]} is a function of arrays, and LaTeX is read as numbers"
            hint = "arrays need the language of programs: graphdiff ops lists its functions"
            return Doubt(*found.span(1), message, hint)
    return None


def _in_words(text: str, tokens: Sequence[Token]) -> Iterator[Doubt]:
    called = {token.start for token in tokens if token.kind == "function"}
    for found in _UPRIGHT.finditer(text):
        if found.start() in called or found[1] == "e" or (len(found[1]) == 1 and found[1] != "d"):
            continue
        what = "a differential" if found[1] == "d" else "no function of numbers that is known"
        hint = "names of several letters are for the language of programs"
        yield Doubt(*found.span(), f"{found[0]} is {what}", "" if found[1] == "d" else hint)


def _in_tokens(tokens: Sequence[Token], defined: Collection[str]) -> Iterator[Doubt]:
    for k, token in enumerate(tokens):
        rest = tokens[k + 1 :]
        if token.kind in ("name", "constant"):
            yield from _called(token, rest, defined)
        elif token.kind == "function":
            yield from _unbracketed(token, rest)
        elif token.value == "^":
            yield from _raised(tokens[k - 1] if k else token, token, rest)


def _called(token: Token, rest: Sequence[Token], defined: Collection[str]) -> Iterator[Doubt]:
    name = str(getattr(token.value, "value", token.value))
    stem, _, index = name.partition("_")
    if index and stem in FUNCTIONS and stem not in GREEK.values():
        hint = rf"write \{stem}(x_1, x_2)" if FUNCTIONS[stem].most > 1 else "write no index"
        yield Doubt(token.start, token.end, f"{stem} has no index", hint)
    power = _power(rest)
    beside = rest[power:]
    if not _opens(beside):
        return
    span = token.start, beside[0].end
    if stem in FUNCTIONS and (index or power):
        hint = rf"write \{stem}(x)^2, or a product with \cdot"
        yield Doubt(*span, f"{stem} may be a function of the bracket, or a factor", hint)
    alone = len(beside) > 2 and beside[1].kind == "name" and beside[2].kind == "close"
    if name in defined or (alone and not power) or stem in ("f", "g", "h"):
        hint = rf"write {name}\cdot(…) for a product; a program has values, and no functions"
        yield Doubt(*span, f"{name} may be a function of the bracket, or a factor", hint)


def _unbracketed(token: Token, rest: Sequence[Token]) -> Iterator[Doubt]:
    r"""``\sin x(x+1)``: where the argument ends."""
    rest = rest[_power(rest) :]
    if not rest or rest[0].kind not in _FACTORS:
        return
    k = 0
    while k < len(rest) and (rest[k].kind in _FACTORS or rest[k].value == "^"):
        k += 1 + (rest[k].value == "^") * (_power(rest[k:]) - 1)
    if k < len(rest) and rest[k].kind in ("open", "bar"):
        message = "the bracket may belong to the argument of the function, or not"
        hint = r"write \sin(x)\cdot(x + 1) or \sin(x(x + 1))"
        yield Doubt(token.start, rest[k].end, message, hint)


def _raised(base: Token, token: Token, rest: Sequence[Token]) -> Iterator[Doubt]:
    end = _power([token, *rest])
    inside = [t for t in rest[: end - 1] if t.value not in ("{", "}")]
    if len(inside) == 1 and str(getattr(inside[0].value, "value", "")) == "T":
        yield _transpose(token.start, inside[0].end)
    if rest and rest[0].value == "+":
        yield Doubt(token.start, rest[0].end, "+ is no power", "braces hold what is raised: x^{+1}")
    if base.kind not in ("name", "close") or base.value == ")" or len(inside) < 3:
        return
    kinds = [t.kind for t in inside]
    if kinds[0] == "open" and kinds[-1] == "close" and kinds[1:-1] in (
        ["number"], ["name"], ["name", "op", "number"]
    ):  # fmt: skip
        message = "a bracket behind ^ may be an index, or a power"
        yield Doubt(token.start, inside[-1].end, message, "write W_{1} for an index, x^{2}")


def _transpose(start: int, end: int) -> Doubt:
    message = "a transpose is not read in LaTeX, which is read as numbers"
    return Doubt(start, end, message, "write W.T@x, in the language of programs")


def _power(tokens: Sequence[Token]) -> int:
    """How many tokens a power takes that stands first; 0 where none does."""
    if not tokens or tokens[0].kind not in ("raised", "op") or tokens[0].value in list("+-*/"):
        return 0
    if tokens[0].kind == "raised":
        return 1
    depth = 0
    for k, token in enumerate(tokens[1:], 2):
        depth += (token.kind == "open") - (token.kind == "close")
        if not depth and token.kind != "op":
            return k
    return len(tokens)


def _opens(tokens: Sequence[Token]) -> bool:
    return bool(tokens) and tokens[0].kind == "open" and tokens[0].value in ("(", "[")
