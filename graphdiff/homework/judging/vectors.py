"""A gradient that is written as one vector: an answer for each variable, in their order."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import permutations

from graphdiff.core.support.words import Message
from graphdiff.homework.asked.arrays import Entry, array_in
from graphdiff.homework.asked.verdict import Verdict, combined, hinted
from graphdiff.language.handwriting import Unreadable

__all__ = ["components", "judge_vector"]

MOST_ORDERS = 4
"""Variables up to which other orders are tried."""
_GRADIENT = re.compile(r"\s*(?:\\?operatorname\{grad\}|\\text\{grad\}|grad(?:ient)?)\b[^=]{0,40}=")
_BASES = re.compile(r"\\(?:vec|hat|mathbf|boldsymbol|bm)\s*\{?\s*\\?[ijke]")

Judge = Callable[[str, str], Verdict]


def components(answer: object, names: Sequence[str]) -> dict[str, str]:
    r"""The answer for each variable.  Raises Unreadable where it is no vector of so many entries.

    >>> components(r"\nabla f = (2xy, x^2)", ["x", "y"])
    {'x': '2xy', 'y': 'x^2'}
    """
    if isinstance(answer, list | tuple):
        entries = [str(entry) for entry in answer]
    elif not isinstance(answer, str):
        raise Unreadable(Message("reading.not_text", kind=type(answer).__name__))
    else:
        text = _GRADIENT.sub("", answer)
        if _BASES.search(text):
            raise Unreadable(Message("reading.vector", count=len(names)))
        array, left = array_in(text, True)
        if "/" in left:
            raise Unreadable(Message("reading.vector", count=len(names)))
        if array is None:
            if "=" in text:  # f_x = …, f_y = …
                return dict.fromkeys(names, answer)
            entries = list(_listed(text))
        else:
            entries = [_text(entry) for entry in array.entries]
            if len([n for n in array.shape if n != 1]) > 1:
                entries = []
    if len(entries) != len(names):
        raise Unreadable(Message("reading.vector", count=len(names)))
    return dict(zip(names, entries, strict=True))


def _text(entry: Entry) -> str:
    """An entry with what stands around the vector."""
    if len(entry) == 1 and entry[0].sign > 0 and not entry[0].factors:
        return str(entry[0].text)
    whole = ""
    for summand in entry:
        text = f"({summand.text})"
        for factor, divides in summand.factors:
            text += f" {'/' if divides else '*'} ({factor})"
        whole += f" {'-' if summand.sign < 0 else '+'} {text}"
    return whole.strip().removeprefix("+ ")


def _listed(text: str) -> Iterator[str]:
    """``2xy, x^2`` without brackets."""
    depth, start = 0, 0
    for k, sign in enumerate(text):
        depth += (sign in "([{") - (sign in ")]}")
        if depth == 0 and sign in ",;":
            yield text[start:k]
            start = k + 1
    yield text[start:]


def judge_vector(answer: object, names: Sequence[str], judge: Judge) -> Verdict:
    """All entries judged; an order in which all of them would be right is named."""
    try:
        parts = components(answer, names)
    except Unreadable as error:
        reason = hinted(error.reason, error.hint)
        return Verdict(status="unreadable", proved=True, reason=reason)
    found = {name: replace(judge(name, text), position=None) for name, text in parts.items()}
    whole = combined(found)
    texts = list(parts.values())
    if whole.status != "wrong" or len(set(texts)) < 2 or len(names) > MOST_ORDERS:
        return whole
    for order in permutations(names):
        if order != tuple(names) and all(map(judge, order, texts)):
            note = Message("note.order", given=order, due=tuple(names))
            return replace(whole, notes=(note,))
    return whole
