"""Every language has every sentence, with the same fields; the code and the catalogue agree."""

from __future__ import annotations

from collections import defaultdict
from importlib import import_module
from string import Formatter

import pytest

from graphdiff.core.support import words as room
from graphdiff.core.support.words import languages

OTHERS = [language for language in languages() if language != "en"]
HOMOGRAPHS = {"", "right", "Students"}
"""What is two things in English: not wrong, and the key; people, and how many of them."""


def sentences(language: str) -> dict[str, str]:
    """All sentences by ``section.key``."""
    module = import_module(f"{room.__name__}.{language}")
    return {f"{s}.{k}": text for s, section in module.WORDS.items() for k, text in section.items()}


def fields(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


ENGLISH = sentences("en")


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_lacks_nothing(language: str) -> None:
    told = sentences(language)
    assert not sorted(ENGLISH.keys() - told.keys()), f"{language} lacks these sentences"
    assert not sorted(told.keys() - ENGLISH.keys()), f"{language} has sentences that nobody says"
    different = [key for key, text in told.items() if fields(text) != fields(ENGLISH[key])]
    assert not different, f"{language} has other fields than English here"


@pytest.mark.parametrize("language", OTHERS)
def test_the_same_thing_has_the_same_word(language: str) -> None:
    told, found = sentences(language), defaultdict(set)
    for key, text in ENGLISH.items():
        found[text].add(told[key])
    twice = {text: words for text, words in found.items() if len(words) > 1}
    assert twice.keys() <= HOMOGRAPHS, twice
