"""What a code means, in a sentence, on a page, and in the documentation."""

from __future__ import annotations

import difflib

from graphdiff.core.support.words import languages, words
from graphdiff.errors import GraphDiffError, cell_width
from graphdiff.homework.asked.verdict import Mistake

from .rows import ROWS, Code

__all__ = ["CATALOGUE", "explain", "mistake", "page"]

CATALOGUE: dict[str, Code] = {row.code: row for row in ROWS}
LONG = 60
"""Characters of a place in a sentence."""


def mistake(
    code: str, *, place: str = "", span: tuple[int, int] | None = None, language: str = "en",
    detail: str = "",
) -> Mistake:  # fmt: skip
    """One explanation, in words: what was done, ``place`` being where and ``detail`` the formula.

    >>> mistake("E_CHAIN", place="sin(x^2)").text
    'In sin(x^2): the derivative of the inner function is missing (chain rule).'
    """
    sentence = _code(code).words(language)["sentence"]
    if detail:
        sentence = f"{sentence.removesuffix('.')} ({detail})."
    shown = place if len(place) <= LONG else place[: LONG - 1] + "…"
    told = words(language, "mistake")
    text = told("place", place=shown, sentence=sentence) if place else _upper(sentence)
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
    means, said = row.words(language), words(language, "mistake")
    told = [(said["function"], row.example.question), (said["point"], row.example.point)]
    told += [(said["wrong"], row.example.wrong), (said["right"], row.example.right)]
    told = [(name, text) for name, text in told if text]
    width = max(cell_width(name) for name, _ in told) + 2
    lines = [name + ":" + " " * (width - cell_width(name) - 1) + text for name, text in told]
    return "\n".join(
        [f"{row.code}: {means['title']}", "", *lines, "", f"{said['why']}: {means['sentence']}",
         f"{said['repair']}: {means['repair']}"]
    )  # fmt: skip


def page() -> str:
    """The documentation of all codes, in Markdown."""
    parts = [_HEAD]
    for code, row in CATALOGUE.items():
        parts.append(f"## {code}\n")
        first, *others = (row.words(language) for language in languages())
        titles = [f"**{_upper(first['title'])}**", *(means["title"] for means in others)]
        parts.append(" · ".join(titles) + "\n")
        asked = f"`{row.example.question}`"
        if row.example.point:
            asked += f" at `{row.example.point}`"
        elif row.example.wrt:
            asked += f", with respect to `{row.example.wrt}`"
        parts.append(f"| asked | {_cell(asked)} |\n|---|---|")
        parts.append(f"| wrong answer | {_cell(f'`{row.example.wrong}`')} |")
        parts.append(f"| right | {_cell(f'`{row.example.right}`')} |\n")
        parts.append(f"{_upper(first['sentence'])} {_upper(first['repair'])}\n")
        parts += [f"{means['sentence']} {means['repair']}\n" for means in others]
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


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
