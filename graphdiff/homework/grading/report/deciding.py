"""Forms by which a person decides on answers in the report, once for all who gave the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.resources import files
from typing import Any

from graphdiff.core.support.words import words
from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading.feedback import decimal
from graphdiff.homework.grading.homework import Problem

from . import pieces

__all__ = ["Alike", "Gathering", "Specimen", "form", "save", "script"]

_PROOFS, _LONGEST = 300, 400
"""Proofs of equality that a report is worth, and the longest answers that are compared."""


@dataclass(frozen=True, slots=True)
class Specimen:
    """An answer that some gave."""

    task: int
    part: str
    text: str
    """How it was written, of the part only."""
    count: int
    student: str
    """The first of those who gave it."""
    verdict: Mapping[str, Any]


@dataclass(slots=True)
class Alike:
    """Answers that are proved to be equal; the most frequent one first."""

    examples: list[Specimen] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many gave one of them."""
        return sum(example.count for example in self.examples)


class Gathering:
    """Puts equal answers together; candidates agree at the point at which they are wrong."""

    def __init__(self) -> None:
        self.left = _PROOFS

    def put(self, found: list[Alike], problem: Problem, example: Specimen, most: int) -> bool:
        """Put an example to its equals; no more than so many different ones are taken."""
        if problem.variants is None:
            for alike in found:
                if self._same(problem, alike.examples[0].verdict, example.verdict):
                    alike.examples.append(example)
                    return True
        if len(found) < most:
            found.append(Alike([example]))
            return True
        return False

    def _same(self, problem: Problem, a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
        kind = ("status", "witness", "readings")
        if a.get("answers") or not a["reading"] or any(a.get(k) != b.get(k) for k in kind):
            return False
        return a["reading"] == b["reading"] or bool(
            a["witness"] and self._proved(problem, a["reading"], b["reading"])
        )

    def _proved(self, problem: Problem, a: str, b: str) -> bool:
        from graphdiff.homework.checking import equal

        if not self.left or max(len(a), len(b)) > _LONGEST:
            return False
        self.left -= 1
        try:
            found = equal(a, b, settings=problem.settings)
        except GraphDiffError:
            return False
        return found.status == "right" and bool(found.proved)


def form(
    problem: Problem, language: str, *, answers: Sequence[str] = (), students: Sequence[str] = (),
    part: str = "", readings: Sequence[str] | None = None,
) -> str:  # fmt: skip
    """A form for a decision on all who gave the answers, or on the students.

    With ``readings``, what was meant may be said: one of them, or in words of one's own.
    """
    said = words(language, "decide")
    whom = ", ".join((*answers, *students))
    what = f"{part} = {whom}" if part else whom
    label = said("label", problem=problem.title, who=what[:120])
    about = {"problem": problem.id, "part": part, "answers": answers, "students": students}
    data = escape(json.dumps(about, ensure_ascii=False))
    most = problem.worth(part)
    number = f'<input name="points" type="number" min="0" step="any" max="{float(most)}">'
    fields = [f"<label>{said['points']} {number} {said('of', most=decimal(most))}</label>"]
    if readings is not None:
        fields.append(_reading(said["reading"], readings))
    fields.append(f'<label class="long">{said["comment"]} <input name="comment"></label>')
    return (
        f'<form class="decide" aria-label="{pieces.cut(label)}" data-on="{data}">'
        f"{''.join(fields)}</form>\n"
    )


def _reading(label: str, readings: Sequence[str]) -> str:
    if not readings:
        return f'<label class="long">{label} <input name="reading"></label>'
    options = "".join(f"<option>{escape(text)}</option>" for text in ("", *readings))
    return f'<label>{label} <select name="reading">{options}</select></label>'


def save(language: str) -> Iterator[str]:
    """Where decisions are written down, at the end of the page."""
    said = words(language, "decide")
    yield f'<section class="decide" id="decisions"><h2>{said["decisions"]}</h2>\n'
    yield f"<p>{said['how']}</p>\n"
    yield f'<p><label>{said["by"]} <input id="by" autocomplete="name"></label>\n'
    yield f'<button type="button" id="save">{said["save"]}</button></p>\n'
    area = '<textarea id="toml" readonly rows="8"></textarea>'
    yield f"<p><label>decisions.toml {area}</label></p>\n"
    yield "</section>\n"


def script() -> str:
    """The script of the page."""
    return (files(__package__) / "page.js").read_text(encoding="utf-8")
