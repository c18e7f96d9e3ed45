"""The catalogue of mistakes: a stable code, its words in English and Korean, and an example.

A row is added in ``rules.py`` (rules of differentiation), ``constants.py`` (constants, branches
and the answer as a whole) or ``gates.py`` (numbers at nodes).
"""

from __future__ import annotations

import difflib

from graphdiff.errors import GraphDiffError, in_language
from graphdiff.homework.asked.verdict import Mistake

from .gates import GATES
from .rows import Code, Words
from .rules import RULES

__all__ = ["CATALOGUE", "Code", "Words", "explain", "mistake", "page"]

CATALOGUE: dict[str, Code] = {row.code: row for row in (*RULES, *GATES)}
LONG = 60
"""Characters of a place in a sentence."""
_PLACE = {"en": "In {}: ", "ko": "{}에서: "}
_DETAIL = " ({})"
_HEADINGS = {
    "en": ("Function", "Point", "Wrong answer", "Right", "Why", "Repair"),
    "ko": ("함수", "점", "틀린 답", "맞는 답", "이유", "고치는 법"),
}


def mistake(
    code: str, *, place: str = "", span: tuple[int, int] | None = None, language: str = "en",
    detail: str = "",
) -> Mistake:  # fmt: skip
    """One explanation, in words: what was done, ``place`` being where and ``detail`` the formula.

    >>> mistake("E_CHAIN", place="sin(x^2)").text
    'In sin(x^2): the derivative of the inner function is missing (chain rule).'
    """
    sentence = _code(code).words(language).sentence
    if detail:
        sentence = sentence.removesuffix(".") + _DETAIL.format(detail) + "."
    shown = place if len(place) <= LONG else place[: LONG - 1] + "…"
    text = in_language(_PLACE, language).format(shown) + sentence if place else _upper(sentence)
    return Mistake(code, place, text, span)


def explain(code: str, language: str = "en") -> str:
    """What a code means: an example, why it is wrong, and the repair.

    Raises GraphDiffError for a code that is not in the catalogue.

    >>> print(explain("E_SIGN_ALL"))
    E_SIGN_ALL: the sign is wrong
    <BLANKLINE>
    Function:     cos(x)
    Wrong answer: sin(x)
    Right:        -sin(x)
    <BLANKLINE>
    Why: the answer is the negative of the right one.
    Repair: go through the signs again: cos, 1/x, x^(-n), e^(-x) and the quotient rule bring one.
    """
    row = _code(code)
    words = row.words(language)
    function, point, wrong, right, why, repair = in_language(_HEADINGS, language)
    told = [(function, row.example.question), (point, row.example.point)]
    told += [(wrong, row.example.wrong), (right, row.example.right)]
    told = [(name, text) for name, text in told if text]
    width = max(_columns(name) for name, _ in told) + 2
    lines = [name + ":" + " " * (width - _columns(name) - 1) + text for name, text in told]
    return "\n".join(
        [f"{row.code}: {words.title}", "", *lines, "", f"{why}: {words.sentence}",
         f"{repair}: {words.repair}"]
    )  # fmt: skip


def page() -> str:
    """The documentation of all codes, in Markdown."""
    parts = [_HEAD]
    for code, row in CATALOGUE.items():
        parts.append(f"## {code}\n")
        parts.append(f"**{_upper(row.en.title)}** · {row.ko.title}\n")
        asked = f"`{row.example.question}`"
        if row.example.point:
            asked += f" at `{row.example.point}`"
        elif row.example.wrt:
            asked += f", with respect to `{row.example.wrt}`"
        parts.append(f"| asked | {_cell(asked)} |\n|---|---|")
        parts.append(f"| wrong answer | {_cell(f'`{row.example.wrong}`')} |")
        parts.append(f"| right | {_cell(f'`{row.example.right}`')} |\n")
        parts.append(f"{_upper(row.en.sentence)} {_upper(row.en.repair)}\n")
        parts.append(f"{row.ko.sentence} {row.ko.repair}\n")
    return "\n".join(parts)


_HEAD = """\
<!-- Made by tools/make_docs.py: edit there, or in the code. -->

# Mistakes

`graphdiff check` explains a wrong answer by the mistake that leads to exactly that answer. Every
explanation has a code that does not change; `graphdiff check --explain E_CHAIN` prints what stands
here. Nothing is guessed: where no single mistake fits, none is named.
"""


def _code(code: str) -> Code:
    row = CATALOGUE.get(code) or CATALOGUE.get(code.strip().upper())
    if row is None:
        near = difflib.get_close_matches(code.upper(), CATALOGUE, n=1, cutoff=0.0)
        raise GraphDiffError(f"there is no code {code!r}", hint=f"did you mean {near[0]}?")
    return row


def _columns(text: str) -> int:
    """Columns of a terminal: a Korean letter takes two."""
    from unicodedata import east_asian_width

    return sum(2 if east_asian_width(c) in "WF" else 1 for c in text)


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
