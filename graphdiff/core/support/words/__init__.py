"""What graphdiff says to people: a key and fields become a sentence where it is shown.

Every module of this package is a language (``en``, ``ko``): ``WORDS`` maps a section and a key to a
sentence with named fields.  A language that lacks a sentence borrows the English one.  What it
must do to a field (Korean particles) it states as ``inflected(text, form)``, asked by the format
``{name:form}``.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from string import Formatter
from typing import Any, Self

from graphdiff.core.support.marks import Marked, together
from graphdiff.errors import Unsupported

__all__ = ["Message", "Words", "known", "languages", "packed", "say", "tell", "unpacked", "words"]

FIRST = "en"
"""The language that has every sentence."""


def languages() -> tuple[str, ...]:
    """The languages there are, English first: the modules of this package.

    >>> languages()
    ('en', 'ko')
    """
    found = {module.name for module in pkgutil.iter_modules(__path__)}
    return (FIRST, *sorted(found - {FIRST}))


class Words(dict[str, str]):
    """The sentences of one section in one language; called with a key and fields, it fills one in.

    What is marked in a field is marked in the sentence.

    >>> words("ko", "grade")("first", node="q", count=2)
    '처음 틀린 값은 q: 2명.'
    """

    def __init__(self, language: str, section: str) -> None:
        module, first = _module(language), _module(FIRST)
        super().__init__(first.WORDS[section] | module.WORDS.get(section, {}))
        self.language = language
        self._lists: Mapping[str, str] = first.WORDS["list"] | module.WORDS.get("list", {})
        self._inflected = getattr(module, "inflected", None)

    def __call__(self, key: str, /, **fields: Any) -> str:
        """The sentence of a key; a field that is a message is told in this language, too."""
        told = {name: self._told(name, v) for name, v in fields.items()}
        if Marked not in map(type, fields.values()):
            return self[key].format(**told)
        return together(self._parts(key, fields, told))

    def _parts(self, key: str, fields: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
        """The parts of a sentence, in which the marks of fields stay."""
        for text, name, form, _ in Formatter().parse(self[key]):
            yield text
            if name is not None:
                field, shown = fields[name], format(told[name], form or "")
                marked = isinstance(field, Marked)
                yield field + shown.removeprefix(field) if marked else shown

    def _told(self, name: str, value: Any) -> Any:
        if isinstance(value, tuple):
            parts = (tell(part, self.language) for part in value)
            value = self._lists.get(name, ", ").join(parts)
        if not isinstance(value, str):
            return value
        text = tell(value, self.language)
        return text if self._inflected is None else _Inflected(text, self._inflected)


class _Inflected(str):
    """A field whose format names a form: ``{answer:은}``."""

    __slots__ = ("_by",)
    _by: Callable[[str, str], str]

    def __new__(cls, text: str, inflected: Callable[[str, str], str]) -> Self:
        made = super().__new__(cls, text)
        made._by = inflected
        return made

    def __format__(self, form: str) -> str:
        text = str(self)
        return self._by(text, form) if form else text


def words(language: str, section: str) -> Words:
    """A section in a language.  Raises Unsupported for a language that there is not."""
    return _section(known(language), section)


def known(language: str) -> str:
    """The language, which there is.  Raises Unsupported."""
    if not isinstance(language, str) or (language not in _seen and language not in languages()):
        raise Unsupported(f"there is no language {language!r}", hint=" or ".join(languages()))
    _seen.add(language)
    return language


_seen: set[str] = set()
"""Languages that were found before."""
_section = lru_cache(maxsize=256)(Words)


@lru_cache(maxsize=64)
def _module(language: str) -> Any:
    return importlib.import_module(f"{__name__}.{language}")


def say(language: str, key: str, /, **fields: Any) -> str:
    """The sentence of ``section.key`` in a language, with its fields.

    >>> say("en", "grade.of", points="2.5", most="4")
    '2.5 of 4'
    """
    section, _, name = key.rpartition(".")
    return words(language, section)(name, **fields)


class Message(str):
    """A sentence that can still be told in every language; as text it is the English one.

    >>> tell(Message("reading.empty"), "ko")
    '답이 비어 있다'
    """

    __slots__ = ("fields", "key")
    key: str
    fields: dict[str, Any]

    def __new__(cls, key: str, /, **fields: Any) -> Self:
        made = super().__new__(cls, say(FIRST, key, **fields))
        made.key, made.fields = key, fields
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return _made, (self.key, self.fields)


def _made(key: str, fields: Mapping[str, Any]) -> Message:
    return Message(key, **fields)


def tell(text: str, language: str) -> str:
    """A text in a language: a message is told in it, any other text stays as it is."""
    return say(language, text.key, **text.fields) if isinstance(text, Message) else text


def packed(value: Any) -> Any:
    """A text, message or field as JSON can carry it."""
    if isinstance(value, Message):
        return {"key": value.key, "fields": {n: packed(v) for n, v in value.fields.items()}}
    return [packed(v) for v in value] if isinstance(value, tuple) else value


def unpacked(value: Any) -> Any:
    """What was packed.

    >>> unpacked(packed(Message("reading.empty"))).key
    'reading.empty'
    """
    if isinstance(value, dict):
        return _made(value["key"], {n: unpacked(v) for n, v in value["fields"].items()})
    return tuple(map(unpacked, value)) if isinstance(value, list) else value
