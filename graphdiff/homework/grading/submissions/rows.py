"""What every format is turned into, and how answers find their problem."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from graphdiff.errors import ParseError
from graphdiff.homework.grading.homework import Homework, Problem

from .cells import inputs, read_cell
from .naming import OTHER, Names

__all__ = ["UNSPLIT", "Answer", "Places", "Submission", "Warn", "need_problem"]

UNSPLIT = "?"
"""The part of a text that should answer several things, and does not say which."""
Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the problem's id, the part of it, and the text as it was written."""

    problem: str
    part: str
    text: str


_LABELS = 1_000


@dataclass(frozen=True, slots=True)
class Submission:
    """What one student handed in, or a part of it."""

    student: str
    answers: tuple[Answer, ...]
    place: str
    """File and line."""
    identity: Mapping[str, str] = field(default_factory=dict)
    """What else is known of the student: name, email, id, sis_id, section, login."""
    attempt: float = 0.0
    """Later attempts replace earlier ones."""


@dataclass(frozen=True, eq=False)
class Places:
    """Where answers of a homework may stand: ``p1``, or ``p2.df/dq`` for a part."""

    homework: Homework

    @cached_property
    def names(self) -> dict[str, Names]:
        """Names of the parts by problem."""
        return {problem.id: Names(problem) for problem in self.homework.problems}

    @cached_property
    def _small(self) -> dict[str, str]:
        """Ids that small letters tell apart."""
        small = Counter(name.lower() for name in self.names)
        return {name.lower(): name for name in self.names if small[name.lower()] == 1}

    def find(self, label: str) -> tuple[Problem, str] | None:
        """Problem and part of a label; None if it is none."""
        if label in self._labels:
            return self._labels[label]
        found = self._find(label)
        if len(self._labels) < _LABELS:
            self._labels[label] = found
        return found

    @cached_property
    def _labels(self) -> dict[str, tuple[Problem, str] | None]:
        """What was found already: a class has a few labels, again and again."""
        return {}

    def _find(self, label: str) -> tuple[Problem, str] | None:
        name, dot, part = label.strip().partition(".")
        name = name.strip()
        names = self.names.get(name) or self.names.get(self._small.get(name.lower(), ""))
        if names is None:
            return None
        if not dot:
            return names.problem, ""
        found = names.part(part) if part.strip() else None
        return None if found is None else (names.problem, found)

    def answers(self, label: str, value: Any) -> tuple[Answer, ...]:
        """The answers that stand at a label; a table by part in JSON is several."""
        place = self.find(label)
        if place is None:
            return ()
        problem, part = place
        if not isinstance(value, str) and isinstance(value, Mapping):
            return tuple(_by_part(self.names[problem.id], value))
        if part or problem.parts == ("",):
            # Brackets belong to the number of a node; of a text they are its lines.
            text = written(value) if isinstance(value, list) and problem.at else plain(value)
            found = inputs(("",), text) or {"": text}
            return (Answer(problem.id, part, found[""]),)
        return tuple(divided(self.names[problem.id], plain(value)))


def divided(names: Names, text: str) -> Iterator[Answer]:
    """The text as answers to all parts, blank ones as well, and what belongs to none of them."""
    problem = names.problem
    found, rest = read_cell(names, text) if text.strip() else ({}, "")
    yield from (Answer(problem.id, name, found.get(name, "")) for name in problem.parts)
    if rest:
        yield Answer(problem.id, UNSPLIT, rest)


def _by_part(names: Names, table: Mapping[Any, Any]) -> Iterator[Answer]:
    """The answers of a table by part; a part that is named twice is for a person."""
    problem, found, left = names.problem, dict[str, str](), list[str]()
    for name, value in table.items():
        kind, part = names.kind(str(name))
        text = written(value) if isinstance(value, list) else plain(value)
        if kind != "part":
            if kind != OTHER and text.strip():
                left.append(f"{name} = {text}")
        elif found.get(part, text) != text:
            left.append(f"{name} = {text}")
            found[part] = ""
        else:
            found[part] = text
    yield from (Answer(problem.id, part, text) for part, text in found.items())
    if left:
        yield Answer(problem.id, UNSPLIT, "; ".join(left))


def plain(value: Any) -> str:
    """A value of JSON as the text that was written."""
    if value is None or isinstance(value, bool | dict):
        return ""
    if isinstance(value, list):
        # In the order asked, with null for what is left out.
        return "; ".join(map(written, value)) if None in value else "\n".join(map(written, value))
    return str(value)


def written(value: Any) -> str:
    """Lists of JSON in brackets."""
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    return plain(value)


def need_problem(places: Places, label: str, where: str) -> None:
    """Raise ParseError if a label belongs to no problem."""
    if places.find(label) is None:
        known = ", ".join(problem.id for problem in places.homework.problems)
        raise ParseError(f"{where}: there is no problem {label[:60]!r}", hint=f"there is {known}")
