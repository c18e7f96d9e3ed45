"""How an answer would be read, before it is handed in: typeset, and without a verdict.

>>> print(read("f'(x) = 2x*sin x", "x^2").text)
2·x·sin(x)
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from graphdiff.core.support.section import Section
from graphdiff.core.support.words import Message, tell
from graphdiff.language.handwriting import Unreadable, show, typeset
from graphdiff.language.handwriting import read as read_text
from graphdiff.language.handwriting.settings import Settings
from graphdiff.language.handwriting.terms import Reading, Vocabulary
from graphdiff.program.formula import Formula
from graphdiff.program.graph import Graph, graph_of
from graphdiff.study.report.protocol import Reporting

from .asked.verdict import hinted

__all__ = ["ReadAs", "read"]

SCHEMA = "graphdiff.reading/1"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class ReadAs(Reporting):
    """What a text is read as.  True if it can be read and names nothing unknown."""

    text: str = ""
    """Typeset in Unicode; empty if it cannot be read."""
    latex: str = ""
    readings: tuple[str, ...] = ()
    """All readings, the usual one first."""
    notes: tuple[str, ...] = ()
    """Conventions that were used, and what was left out."""
    reason: str = ""
    """Why it cannot be read."""
    position: int | None = None
    """Where in the text the trouble is, counted from 0."""

    def __bool__(self) -> bool:
        return not self.reason

    def headline(self) -> str:
        """The text as it is read, or why it is not."""
        return self.text or self.reason

    def sections(self) -> list[Section]:
        """The readings, the notes, and the trouble."""
        facts = [("read as", text) for text in self.readings]
        facts += [("note", str(note)) for note in self.notes]
        facts += [("why", str(self.reason))] if self.reason else []
        return [Section("", ("", "what was found"), tuple(facts))]

    def document(self) -> dict[str, Any]:
        """The reading as JSON, schema ``graphdiff.reading/1``."""
        return self.document_in("en")

    def document_in(self, language: str) -> dict[str, Any]:
        """The document, with reason and notes in a language."""
        told = partial(tell, language=language)
        return {
            "schema": SCHEMA, "text": self.text, "latex": self.latex,
            "readings": list(self.readings), "notes": [told(note) for note in self.notes],
            "reason": told(self.reason), "position": self.position,
        }  # fmt: skip

    def told(self, language: str = "en") -> str:
        """The reading as ``graphdiff check --read`` prints it."""
        from graphdiff.core.support.words import words

        said, told = words(language, "verdict"), self.document_in(language)
        lines = [f"{said['read']}  {text}" for text in self.readings]
        lines += [f"{said['note']}  {note}" for note in told["notes"]]
        if self.reason:
            lines.append(f"{said['why']}  {told['reason']}")
        return "\n".join(lines)

    def __str__(self) -> str:
        return self.told()


def read(
    answer: str, function: Formula | str | None = None, *, wrt: str | None = None,
    variables: Sequence[str] | None = None,
    settings: Settings | Mapping[str, Any] | None = None,
) -> ReadAs:  # fmt: skip
    """How an answer would be read: typeset, with all its readings, and without a verdict.

    With ``function`` the names are those of an answer to its derivative; else ``variables``, and
    without these any letter of a formula is one.

    >>> read("1/2x", variables=["x"]).readings
    ('1/2·x', '1/(2·x)')
    >>> bool(read("2x +", "x^2"))
    False
    """
    course = settings if isinstance(settings, Settings) else Settings.read(dict(settings or {}))
    names: Any = variables
    given: Collection[str] = ()
    if function is not None:
        from .judging.answers import problem_of

        graph = graph_of(function)
        if graph.has_arrays:
            return _read_arrays(answer, graph, wrt, course)
        problem = problem_of(graph, wrt, course)
        names, given = problem.vocabulary, problem.known
    try:
        reading = _without_prose(answer, course) if names is None else None
        reading = reading or read_text(answer, names, course)
    except Unreadable as error:
        return ReadAs(reason=hinted(error.reason, error.hint), position=error.position)
    text, latex = typeset(reading.term)
    readings = tuple(dict.fromkeys((text, *map(show, reading.alternatives))))
    reason, position = "", None
    unknown = [(name, at) for name, at in reading.unknown if name not in given]
    if unknown and names is not None:
        reason = Message("reading.name", names=tuple(name for name, _ in unknown))
        position = unknown[0][1]
    return ReadAs(
        text=text, latex=latex, readings=readings, notes=reading.notes, reason=reason,
        position=position,
    )  # fmt: skip


def _read_arrays(answer: str, graph: Graph, wrt: str | None, course: Settings) -> ReadAs:
    """How an answer in vectors and matrices would be read."""
    from .asked.shaped import matrix_problem
    from .judging.calculus import typeset_readings

    try:
        found = typeset_readings(matrix_problem(graph, wrt, course), answer)
    except Unreadable as error:
        return ReadAs(reason=hinted(error.reason, error.hint), position=error.position)
    text, latex = found[0]
    return ReadAs(text=text, latex=latex, readings=tuple(shown for shown, _ in found))


def _without_prose(answer: str, course: Settings) -> Reading | None:
    """The formula in a sentence, where any letter may be a variable: those of the parts that hold
    more than letters; None where nothing is to be left out."""
    parts = [part for part in str(answer).split() if len(part) == 1 or not part.isalpha()]
    letters = tuple(dict.fromkeys(c for part in parts for c in part if c.isalpha()))
    if not letters:
        return None
    try:
        reading = read_text(answer, Vocabulary(letters, wrt=letters[0]), course)
    except Unreadable:
        return None
    return reading if reading.notes and not reading.unknown else None
