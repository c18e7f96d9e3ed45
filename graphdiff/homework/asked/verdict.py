"""What a check returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, Literal

from graphdiff.core.support.section import Section
from graphdiff.core.support.words import Message, packed, tell, unpacked
from graphdiff.errors import GraphDiffError
from graphdiff.program.above import above
from graphdiff.study.report.protocol import Reporting

__all__ = ["Mistake", "Query", "Status", "Verdict", "Witness", "combined", "hinted"]

Status = Literal[
    "right", "wrong", "domain", "rough", "form", "name", "ambiguous", "unreadable", "undecided"
]
SCHEMA = "graphdiff.verdict/1"


def hinted(reason: str, hint: str) -> str:
    """A reason, and what to do about it where that is known."""
    return Message("reason.hinted", reason=reason, hint=hint) if hint else reason


@dataclass(frozen=True, slots=True)
class Witness:
    """A point where answer and key differ, and both values there (digits that are proved)."""

    point: dict[str, str]
    """Exact numbers by variable: ``{"x": "3/4"}``."""
    answer: str
    """A number, or ``undefined``."""
    key: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """One explanation of a wrong answer: this fault, at this place, gives exactly that answer."""

    code: str
    """Stable, such as ``E_CHAIN``; ``graphdiff check --explain E_CHAIN`` tells more."""
    place: str
    """The part of the function, program or answer where it happened; empty for the whole."""
    text: str
    """One sentence in the language asked for."""
    span: tuple[int, int] | None = None
    """The place as a range of characters in the function's text."""


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, for those who tell the verdict."""

    function: str = ""
    answer: str = ""
    language: str = "en"
    diagnosed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Verdict(Reporting):
    """The judgement of one answer.  True for ``right`` and ``domain``.

    >>> bool(Verdict(status="right", proved=True))
    True
    """

    status: Status
    """``right`` · ``wrong`` · ``domain``: right where both are defined, see the witness ·
    ``rough``: right as rounded, to fewer digits than were asked for · ``form``: right, and not
    in the form that was asked for · ``name``: a wrong variable or unknown name · ``ambiguous``:
    right under one reading of the text · ``unreadable`` · ``undecided``."""
    proved: bool = False
    """Whether the status is proved, not only sampled."""
    witness: Witness | None = None
    reading: str = ""
    """How the answer was read, typeset in Unicode."""
    latex: str = ""
    """The same in LaTeX."""
    mistakes: tuple[Mistake, ...] = ()
    readings: tuple[str, ...] = ()
    """All readings of an ambiguous text, the usual one first."""
    reason: str = ""
    """Why: what is unreadable and where, what could not be decided, what was taken for granted."""
    notes: tuple[str, ...] = ()
    """Conventions that were used in reading, and the like."""
    position: int | None = None
    """Where in the answer's text the trouble is, counted from 0."""
    points: int = 0
    """Points at which both were defined and agreed."""
    digits: int = 0
    """Digits to which they agreed there."""
    parts: dict[str, Verdict] = field(default_factory=dict)
    """Verdicts of the single answers, where several were checked together."""
    first_wrong: str = ""
    """The first wrong one of several numbers at nodes, in the order in which they are computed."""
    follow_through: bool = False
    """Whether a wrong number is what the student's own earlier numbers lead to."""
    asked: Query = field(default=Query(), compare=False)
    """What was judged; no part of the document."""

    def __bool__(self) -> bool:
        return self.status in ("right", "domain")

    @classmethod
    def read(cls, told: dict[str, Any]) -> Verdict:
        """A verdict from its document.

        >>> Verdict.read(Verdict(status="wrong", reading="2").document()).reading
        '2'
        """
        known = {f.name for f in fields(cls)} - {"witness", "mistakes", "parts", "asked"}
        given: dict[str, Any] = {name: told[name] for name in known & told.keys()}
        witness = told.get("witness")
        given = {name: unpacked(value) for name, value in given.items()}
        return cls(
            **given,
            witness=witness
            and Witness(witness["point"], unpacked(witness["answer"]), unpacked(witness["key"])),
            mistakes=tuple(
                Mistake(m["code"], m["place"], m["text"], m["span"] and tuple(m["span"]))
                for m in told["mistakes"]
            ),
            parts={name: cls.read(part) for name, part in told.get("answers", {}).items()},
        )

    @property
    def source(self) -> str:
        """The function's text."""
        return self.asked.function

    def headline(self) -> str:
        """The status, and the mistakes."""
        codes = ", ".join(mistake.code for mistake in self.mistakes[:3])
        return f"{self.status}{' (proved)' if self.proved else ''}{'; ' if codes else ''}{codes}"

    def __str__(self) -> str:
        text: str = above("verdict_text")(self)
        return text

    def sections(self) -> list[Section]:
        """What is known of each answer, a line a fact."""
        rows: list[tuple[str, ...]] = []
        for name, part in (self.parts or {"": self}).items():
            facts = [("status", part.status), ("read as", part.reading), ("why", part.reason)]
            if part.witness is not None:
                place = ", ".join(f"{x} = {value}" for x, value in part.witness.point.items())
                facts += [("at", place), ("the answer is", part.witness.answer),
                          ("the key is", part.witness.key)]  # fmt: skip
            facts += [(m.code, m.text) for m in part.mistakes]
            facts += [("note", note) for note in part.notes]
            rows += [(name, *fact) for fact in facts if fact[1]]
        title = f"{self.status}{' (proved)' if self.proved else ''}"
        if not self.parts:
            return [Section(title, ("", "what was found"), tuple(row[1:] for row in rows))]
        return [Section(title, ("answer", "", "what was found"), tuple(rows))]

    def document(self) -> dict[str, Any]:
        """The verdict as JSON, schema ``graphdiff.verdict/1``."""
        return self.document_in("en")

    def document_in(self, language: str) -> dict[str, Any]:
        """The document, with reasons and notes in a language."""
        return {"schema": SCHEMA, **self._plain(partial(tell, language=language))}

    def packed(self) -> dict[str, Any]:
        """The document for ``read``, whose reasons and notes can be told in every language."""
        return {"schema": SCHEMA, **self._plain(packed)}

    def _plain(self, told_as: Callable[[str], Any]) -> dict[str, Any]:
        told: dict[str, Any] = {
            "status": self.status,
            "proved": self.proved,
            "witness": None,
            "reading": self.reading,
            "latex": self.latex,
            "mistakes": [
                {"code": m.code, "place": m.place, "text": m.text, "span": m.span}
                for m in self.mistakes
            ],
            "readings": list(self.readings),
            "reason": told_as(self.reason),
            "notes": [told_as(note) for note in self.notes],
            "position": self.position,
            "points": self.points,
            "digits": self.digits,
        }
        if self.witness is not None:
            told["witness"] = {
                "point": self.witness.point,
                "answer": told_as(self.witness.answer), "key": told_as(self.witness.key),
            }  # fmt: skip
        if self.parts:
            told["answers"] = {name: part._plain(told_as) for name, part in self.parts.items()}
            told["first_wrong"] = self.first_wrong
        if self.follow_through:
            told["follow_through"] = True
        return told


_WORST: tuple[Status, ...] = (
    "wrong", "name", "unreadable", "undecided", "ambiguous", "rough", "form", "domain",
    "right",
)  # fmt: skip


def combined(
    parts: dict[str, Verdict], first_wrong: str = "", mistakes: tuple[Mistake, ...] | None = None
) -> Verdict:
    """One verdict on several answers: the worst of theirs."""
    if not parts:
        raise GraphDiffError("there are no answers to check")
    named, worst = min(parts.items(), key=lambda item: _WORST.index(item[1].status))
    named, worst = (first_wrong, parts[first_wrong]) if first_wrong else (named, worst)
    why = Message("reason.part", name=named, reason=worst.reason or worst.status)
    return Verdict(
        status=worst.status, proved=all(v.proved for v in parts.values()), parts=parts,
        reason="" if worst else why,
        witness=worst.witness, mistakes=worst.mistakes if mistakes is None else mistakes,
        first_wrong=first_wrong,
    )  # fmt: skip
