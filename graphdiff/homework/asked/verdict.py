"""What a check returns."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal

__all__ = ["Mistake", "Status", "Verdict", "Witness"]

Status = Literal["right", "wrong", "domain", "name", "ambiguous", "unreadable", "undecided"]
SCHEMA = "graphdiff.verdict/1"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The judgement of one answer.  True for ``right`` and ``domain``.

    >>> bool(Verdict(status="right", proved=True))
    True
    """

    status: Status
    """``right`` · ``wrong`` · ``domain``: right where both are defined, see the witness · ``name``:
    a wrong variable or unknown name · ``ambiguous``: right under one reading of the text ·
    ``unreadable`` · ``undecided``."""
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

    def __bool__(self) -> bool:
        return self.status in ("right", "domain")

    @classmethod
    def read(cls, told: dict[str, Any]) -> Verdict:
        """A verdict from its document.

        >>> Verdict.read(Verdict(status="wrong", reading="2").document()).reading
        '2'
        """
        known = {f.name for f in fields(cls)} - {"witness", "mistakes", "parts"}
        given: dict[str, Any] = {name: told[name] for name in known & told.keys()}
        witness = told.get("witness")
        given |= {name: tuple(v) for name, v in given.items() if isinstance(v, list)}
        return cls(
            **given,
            witness=None if witness is None else Witness(**witness),
            mistakes=tuple(
                Mistake(m["code"], m["place"], m["text"], m["span"] and tuple(m["span"]))
                for m in told["mistakes"]
            ),
            parts={name: cls.read(part) for name, part in told.get("answers", {}).items()},
        )

    def document(self) -> dict[str, Any]:
        """The verdict as JSON, schema ``graphdiff.verdict/1``."""
        return {"schema": SCHEMA, **self._plain()}

    def _plain(self) -> dict[str, Any]:
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
            "reason": self.reason,
            "notes": list(self.notes),
            "position": self.position,
            "points": self.points,
            "digits": self.digits,
        }
        if self.witness is not None:
            told["witness"] = {
                "point": self.witness.point, "answer": self.witness.answer, "key": self.witness.key,
            }  # fmt: skip
        if self.parts:
            told["answers"] = {name: part._plain() for name, part in self.parts.items()}
            told["first_wrong"] = self.first_wrong
        if self.follow_through:
            told["follow_through"] = True
        return told
