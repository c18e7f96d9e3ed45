"""From text to reading: an answer, or the answer at the end of a derivation."""

from __future__ import annotations

from collections.abc import Collection

from graphdiff.core.support.words import Message

from .derivations import derived
from .settings import Settings
from .terms import Reading, Unreadable, Vocabulary
from .text import Text

__all__ = ["members", "read"]

MOST_TEXT = 10_000


Names = Vocabulary | Collection[str] | None


def members(text: str) -> tuple[list[str], str]:
    """The members of a chain ``A = B``, without what is wrapped around and the left side.

    >>> members("$dL/dW = [1, 2]$")
    (['[1, 2]'], 'dL/dW')
    """
    whole = Text(text, Vocabulary(()), Settings())
    parts, left = whole.members()
    return [whole.text[a:b] for a, b in parts], left


def read(
    text: object, names: Names, settings: Settings, *, settled: Collection[str] = ()
) -> Reading:
    """Read an answer; ``names`` are the declared variables (None: any letter is one).

    ``settled`` are kinds of choices that are not asked: ``number`` (2e-3 as 2·e − 3).

    Raises Unreadable.

    >>> read("x/(y)(z)", "xyz", Settings()).alternatives[0].op
    'div'
    """
    if not isinstance(text, str):
        key = "reading.nothing" if text is None else "reading.not_text"
        raise Unreadable(Message(key, kind=type(text).__name__), hint=Message("hint.text"))
    if len(text) > MOST_TEXT:
        raise Unreadable(
            Message("reading.characters", count=len(text)),
            hint=Message("hint.most", most=f"{MOST_TEXT:,}"),
            kind="limit",
        )
    if not text or text.isspace():
        raise Unreadable(Message("reading.empty"), kind="empty")
    if names is None and text.strip().lower() == "n/a":
        raise Unreadable(Message("reading.no_answer"), source=text, hint=Message("hint.expression"))
    if not isinstance(names, Vocabulary):
        names = Vocabulary(None if names is None else tuple(names))
    whole = Text(text, names, settings)
    whole.settled = settled
    try:
        reading = whole.reading()
    except Unreadable as error:
        other = derived(whole) if error.kind == "invalid" else None
        if other is None:
            raise
        return other
    return (reading.unknown and derived(whole)) or reading
