"""What a row of the catalogue holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphdiff.errors import in_language

__all__ = ["Code", "Example", "Words"]


@dataclass(frozen=True, slots=True)
class Words:
    """A code in one language."""

    title: str
    """A few words, as a heading."""
    sentence: str
    """What was done; begins in lower case, since a place may precede it."""
    repair: str
    """What to do instead."""


@dataclass(frozen=True, slots=True)
class Example:
    """A wrong answer to which the code belongs: a derivative, or numbers at nodes."""

    question: str
    """The function, or the program of a graph."""
    answer: str = ""
    right: str = ""
    wrt: str = "x"
    at: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    @property
    def point(self) -> str:
        """The point as it is written after ``--at``."""
        return ", ".join(f"{name}={value}" for name, value in self.at.items())

    @property
    def wrong(self) -> str:
        """The wrong answer, or the numbers, as they are written."""
        return self.answer or ", ".join(f"{name}={value}" for name, value in self.answers.items())


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of mistake."""

    code: str
    en: Words
    ko: Words
    example: Example

    def words(self, language: str) -> Words:
        """The words in ``en`` or ``ko``."""
        return in_language({"en": self.en, "ko": self.ko}, language)
