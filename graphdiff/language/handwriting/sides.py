"""What stands around an answer: dollar signs, ``Answer:``, a full stop, left sides, chains."""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["Stretch", "derivative_in", "label_in", "labelled", "parts_of", "unwrapped"]

MOST_PARTS = 20

_LABEL = re.compile(
    r"\s*(?:(?:the\s{1,3})?(?:final\s{1,3})?(?:answer|ans|solution|result|derivative|gradient)"
    r"\s{0,3}(?:is\b\s{0,3}:?|:|=)|(?:정답|답)(?:\s{0,3}[:=]|[은는이]\s)|약\s)\s*",
    re.IGNORECASE,
)
_ENDING = re.compile(r"\s{0,3}(?:정도)?(?:입니다|이다|이에요|예요)?\s{0,3}[.。]?\s{0,3}")
"""What Korean puts behind an answer: ``2x입니다``, ``0.73 정도``."""
_EQUALS = re.compile(r"(?<![<>!=:])(?::=|=|≈|\\approx(?![A-Za-z]))(?!=)")
_WRAPPERS = (("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("\\boxed{", "}"))
_LONGEST_LEFT = 120
_NAME = r"[A-Za-zα-ωΑ-Ω가-힣][A-Za-z0-9_{}α-ωΑ-Ω가-힣]{0,40}"
_ORDER = r"(?:\^\{?[0-9]\}?)?"
# Compiled when an answer first has a left side: with so many letters that takes longer than a
# verdict.  ``re`` keeps them.
_QUOTIENT = (
    rf"\(?(d{_ORDER})({_NAME})?(\([A-Za-z0-9_,]*\))?\)?/\(?((?:d{_NAME}{_ORDER})+)\)?"
    rf"(?:[([{{].{{0,80}}[)\]}}]|\([A-Za-z0-9_,]*\))?"
)
_PRIMED = rf"({_NAME})'{{1,3}}(\([A-Za-z0-9_,]*\))?"
_PLAIN = rf"({_NAME})\s?(\([A-Za-z0-9_, ]*\))?"
_OPERATOR = (
    rf"[D∇]_?\{{?{_NAME}\}}?(?:{_NAME}|[(\[].{{0,80}}[)\]])?|D(?:\[.{{0,80}}\]|\(.{{0,80}}\))"
)
_D_FIRST = re.compile(r"[\s~(\[]*d")
_MARKED = re.compile(r"['’D∇∂\\]")
"""What begins a derivative, or is in it; most answers have neither."""
_PLACE = re.compile(r"\(-?[0-9][0-9./,]*\)\Z")
"""Where a derivative is taken: ``df/dx(2)``."""
_OF_ALL = rf"d[(\[].{{1,80}}[)\]]/d({_NAME})"
"""``d(x^2)/dx``."""
_FRACTION = re.compile(r"\\[dtc]?frac\{([^{}]{1,40})\}\{([^{}]{1,40})\}")
_APPLIED = re.compile(r"\s*d\s?/\s?d\s?([A-Za-z]\w{0,40}|\\[a-z]+)\s+\S.*", re.DOTALL)
"""``d/dx x^2``: the operator applied to an expression."""
_UPRIGHT = re.compile(r"\\(?:mathrm|operatorname|text|mathit)\{([^{}]{0,40})\}")
_INDEX = re.compile(r"_\{([A-Za-z0-9]{1,20})\}")
_DOTTED = re.compile(r"\\(dot|ddot)(?![A-Za-z])\s*\{?\s*(\\?[A-Za-z]+)\s*\}?")
_PRIMES = re.compile(r"\^\s?\{?\s?('{1,3})\s?\}?")
_SPACES = re.compile(r"\\(?:left|right|[,;:! ]|displaystyle|quad)|[\s~]")
_LATEX_SPACES = re.compile(r"\\(?:left|right|[,;:! ]|displaystyle|quad)|~")
_GREEK_COMMAND = re.compile(r"\\([a-zA-Z]+)")


class Stretch(NamedTuple):
    """A range of the text."""

    start: int
    end: int


def trimmed(text: str, part: Stretch) -> Stretch:
    """The part without spaces at its ends."""
    start, end = part
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return Stretch(start, end)


def unwrapped(text: str, part: Stretch) -> tuple[Stretch, bool]:
    """The part without what is wrapped around it, and whether that was LaTeX's dollars."""
    latex = False
    for _ in range(4):
        start, end = part = trimmed(text, part)
        if start == end or (text[start] not in "$\\" and text[end - 1] not in ".;,"):
            return part, latex
        start, end = part = _without_stop(text, part)
        for opening, closing in _WRAPPERS:
            a, b = start + len(opening), end - len(closing)
            if b >= a and text.startswith(opening, start) and text.endswith(closing, a, end):
                if opening == "\\boxed{" and not _one_group(text, a, b):
                    continue
                part, latex = Stretch(a, b), True
                break
        else:
            return part, latex
    return trimmed(text, part), latex


def _without_stop(text: str, part: Stretch) -> Stretch:
    start, end = part
    if end - start > 1 and text[end - 1] in ".;," and text[end - 2] not in ".,;":
        return trimmed(text, Stretch(start, end - 1))
    return part


def _one_group(text: str, start: int, end: int) -> bool:
    """Whether the braces around this range belong together."""
    depth = 0
    for c in text[start:end]:
        depth += (c == "{") - (c == "}")
        if depth < 0:
            return False
    return depth == 0


def _one_bracket(inner: str) -> bool:
    """Whether the brackets around this belong together."""
    depth = 0
    for c in inner:
        depth += (c in "([") - (c in ")]")
        if depth < 0:
            return False
    return depth == 0


def labelled(text: str, part: Stretch) -> Stretch:
    """The part without a label such as ``Answer:``, and without a polite ending in Korean.

    >>> labelled("답: 2x입니다.", Stretch(0, 9))
    Stretch(start=3, end=5)
    """
    found = _LABEL.match(text, part.start, part.end)
    start, end = found.end() if found else part.start, part.end
    for k in range(max(start, end - 12), end):
        if text[k] in "정입이예" and _ENDING.fullmatch(text, k, end):
            return trimmed(text, Stretch(start, k))
    return Stretch(start, end)


def parts_of(text: str, part: Stretch) -> list[Stretch]:
    """The members of a chain of equations; brackets keep their own signs.

    >>> text = "x = 2 = where(x==1,2,3)"
    >>> [text[a:b] for a, b in parts_of(text, Stretch(0, 23))]
    ['x ', ' 2 ', ' where(x==1,2,3)']
    """
    signs = list(_EQUALS.finditer(text, part.start, part.end))
    if not signs:
        return [part]
    depths = _depths(text, part)
    parts, start = [], part.start
    for sign in signs:
        if depths[sign.start() - part.start] == 0:
            parts.append(Stretch(start, sign.start()))
            start = sign.end()
    return [*parts, Stretch(start, part.end)]


def _depths(text: str, part: Stretch) -> list[int]:
    depth, depths = 0, []
    for c in text[part.start : part.end]:
        depth += (c in "([{") - (c in ")]}")
        depths.append(depth)
    return depths


def derivative_in(text: str) -> str | None:
    """A derivative that is only named, normalised; None where this is something else.

    >>> derivative_in(r"\\frac{\\partial f}{\\partial x} "), derivative_in("f’(x)")
    ('df/dx', "f'(x)")
    """
    if len(text) > _LONGEST_LEFT or not (_D_FIRST.match(text) or _MARKED.search(text)):
        return None
    plain = _simplified(text)
    applied = _APPLIED.fullmatch(_FRACTION.sub(r"\1/\2 ", plain))
    if applied:
        return f"d/d{applied[1]}"
    plain = _SPACES.sub("", plain)
    plain = _FRACTION.sub(r"\1/\2", plain)
    plain = _GREEK_COMMAND.sub(r"\1", plain)
    bracketed = plain[:1] in ("(", "[") and plain.endswith((")'", "]'"))
    if bracketed and not re.search("[,;]", plain) and _one_bracket(plain[1:-2]):
        return "f'"  # (x^2)'
    found = re.fullmatch(_QUOTIENT, plain)
    if found:
        place = _PLACE.search(plain)
        return f"{found[1]}{found[2] or ''}/{found[4]}{place[0] if place else ''}"
    found = re.fullmatch(_OF_ALL, plain)
    if found:
        return f"d/d{found[1]}"
    return plain if re.fullmatch(_PRIMED, plain) or re.fullmatch(_OPERATOR, plain) else None


def label_in(text: str) -> tuple[str, bool] | None:
    """A name that an answer may be given, and whether it is applied to something: ``f(x)``.

    >>> label_in("f(x)"), label_in("y"), label_in("sin x"), label_in(r"\\hat{y}")
    (('f', True), ('y', False), None, ('hat{y}', False))
    """
    if len(text) > _LONGEST_LEFT:
        return None
    plain = _GREEK_COMMAND.sub(r"\1", _LATEX_SPACES.sub("", _simplified(text)).strip())
    found = re.fullmatch(_PLAIN, plain)
    return None if found is None else (found[1], found[2] is not None)


def _simplified(text: str) -> str:
    """Without upright letters and braces of an index, primes and ∂ as they are typed."""
    plain = _UPRIGHT.sub(r"\1", _INDEX.sub(r"_\1", text))
    plain = _DOTTED.sub(lambda m: m[2] + "'" * (len(m[1]) - 2), plain)
    plain = plain.replace("\\partial", "d ").replace("∂", "d").replace("\\nabla", "∇")
    return _PRIMES.sub(r"\1", plain.replace("\\prime", "'").replace("’", "'"))
