"""The key file of a homework: problems, points, credit, settings and variants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from graphdiff.core.support.loading import read_bytes, read_toml
from graphdiff.core.support.words import known
from graphdiff.errors import GraphDiffError, LimitExceeded, ParseError, UnknownName, Unsupported
from graphdiff.language.handwriting.settings import Settings
from graphdiff.language.reading.infix import closest

from .credit import Credit, read_credit
from .marks import Mark, read_marks
from .variants import Parameters, Variants, exact, filled, read_variants

__all__ = ["Homework", "Problem", "decimals", "read_homework", "read_table", "variant"]

_LARGEST = 4_000_000
_MOST = 1_000
_HOMEWORK = (
    "title", "language", "settings", "credit", "assignment", "attempts", "late", "show",
    "show_from", "visibility",
)  # fmt: skip
ATTEMPTS = ("last", "best", "first")
"""Which of a student's attempts counts."""
SHOW = ("mistake", "verdict", "solution")
"""How much students are told."""
VISIBILITY = ("visible", "hidden", "after_due_date", "after_published")
"""When Gradescope shows it to them."""
_PROBLEM = (
    "id", "title", "function", "program", "wrt", "at", "asked", "points", "key", "credit",
    "settings", "variants", "question", "weights", "hand", "code",
)  # fmt: skip
_NAME = re.compile(r"[^\W_][\w -]{0,63}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One problem: a function to differentiate, or a program with numbers to fill in."""

    id: str
    function: str
    """The function's or the program's text, with ``{a}`` where variants differ."""
    title: str = ""
    wrt: tuple[str, ...] = ()
    """Variables to differentiate in; empty for the only one there is."""
    at: Mapping[str, str] | None = None
    """The point at whose nodes numbers are asked; None where a derivative is asked."""
    asked: tuple[str, ...] = ()
    """What is asked at the nodes: ``q``, ``df/dq`` …"""
    points: Fraction = Fraction(1)
    key: Mapping[str, str] = field(default_factory=dict)
    """The teacher's answers by part, ``""`` for the only one."""
    credit: Credit = field(default_factory=Credit)
    settings: Mapping[str, Any] = field(default_factory=dict)
    variants: Variants | None = None
    weights: Mapping[str, Fraction] = field(default_factory=dict)
    """How much each part counts, of all of them; all the same where there are none."""
    question: str = ""
    """Number or text by which a learning platform's export names it."""
    hand: bool = False
    """Whether people mark it."""
    marks: tuple[Mark, ...] = ()
    """The marks of people that stand in a table of their own."""

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of the single answers; ``("",)`` where there is one only."""
        return self.asked or (self.wrt if len(self.wrt) > 1 else ("",))

    def earned(self, verdict: Mapping[str, Any]) -> Fraction:
        """The points for a verdict as JSON."""
        return self.credit.share(verdict, self.weights) * self.points

    def worth(self, part: str = "") -> Fraction:
        """The points of a part; of the whole where none is named."""
        if not part or len(self.parts) == 1:
            return self.points
        weights = self.weights or dict.fromkeys(self.parts, Fraction(1))
        return self.points * weights[part] / sum(weights.values())


@dataclass(frozen=True)
class Homework:
    """A homework: what was asked, and what an answer earns."""

    problems: tuple[Problem, ...]
    title: str = "Homework"
    language: str = "en"
    assignment: str = ""
    """The name of the assignment in a learning platform's gradebook."""
    attempts: str = "last"
    """Which of a student's attempts counts: the last, the best or the first."""
    late: tuple[Fraction, Fraction] = (Fraction(0), Fraction(1))
    """What share of the points is lost by each day that it comes late, and at most."""
    show: str = "mistake"
    """What students are told: the verdict, also the mistake, or also the solution."""
    visibility: str = "visible"
    """When Gradescope tells them."""

    @cached_property
    def by_id(self) -> dict[str, Problem]:
        """Problems by id."""
        return {problem.id: problem for problem in self.problems}

    @cached_property
    def points(self) -> Fraction:
        """What can be earned."""
        return sum((problem.points for problem in self.problems), Fraction(0))


def read_homework(path: Path) -> Homework:
    """The homework of a key file.  Raises ParseError, UnknownName and GraphDiffError."""
    try:
        data = read_bytes(path, _LARGEST)
    except ParseError as error:
        error.hint = "name a key file: graphdiff grade homework.toml answers.csv"
        raise
    # Decimal fractions are kept exact: 0.1 of 3 points is 0.3.
    content = read_toml(data, path, decimals)
    return read_table(content, str(path), path.parent)


def decimals(text: str) -> Any:
    """A number of TOML with a point, exact where it is not huge."""
    value = exact(text)
    return float(text) if value is None else value


def read_table(content: Mapping[str, Any], where: str, folder: Path | None = None) -> Homework:
    """The homework of a table as a key file holds it.

    >>> read_table({"problem": [{"id": "p1", "function": "x^2"}]}, "hw").points
    Fraction(1, 1)
    """
    _known(content, ("homework", "problem"), where)
    head = content.get("homework", {})
    if not isinstance(head, Mapping):
        raise ParseError(f"{where}: homework is not a table", hint="[homework]")
    _known(head, _HOMEWORK, f"{where}: homework")
    language = _text(head, "language", f"{where}: homework") or "en"
    try:
        known(language)
    except Unsupported as error:
        raise ParseError(f"{where}: {error.message}", hint=error.hint) from None
    tables = content.get("problem", [])
    if not isinstance(tables, list) or not tables:
        raise ParseError(f"{where} has no problem", hint="[[problem]] with an id and a function")
    if len(tables) > _MOST:
        raise LimitExceeded(f"{where} has more than {_MOST:,} problems")
    shared = _table(head, "settings", where), _table(head, "credit", where)
    problems: dict[str, Problem] = {}
    for number, table in enumerate(tables, 1):
        problem = _problem(table, f"{where}: problem {number}", shared, folder)
        if problem.id in problems:
            raise ParseError(f"{where}: two problems are called {problem.id!r}")
        problems[problem.id] = problem
    title = _text(head, "title", where) or "Homework"
    return Homework(
        tuple(problems.values()), title, language, _text(head, "assignment", where) or title,
        _one_of(head, "attempts", ATTEMPTS, where), _late(head, where),
        _show(head, where), _one_of(head, "visibility", VISIBILITY, where),
    )  # fmt: skip


def _late(head: Mapping[str, Any], where: str) -> tuple[Fraction, Fraction]:
    """What is lost by each day, and at most.  Raises ParseError."""
    table = _table(head, "late", where)
    _known(table, ("day", "most"), f"{where}: late")
    day, most = exact(table.get("day", 0)), exact(table.get("most", 1))
    if day is None or most is None or not (0 <= day <= 1 and 0 <= most <= 1):
        hint = "late = {day = 0.1, most = 0.5}"
        raise ParseError(f"{where}: late is no shares from 0 to 1", hint=hint)
    return day, most


def _show(head: Mapping[str, Any], where: str) -> str:
    """What students are told today: before the day of ``show_from``, the verdict."""
    show, day = _one_of(head, "show", SHOW, where), head.get("show_from")
    if day is None:
        return show
    try:
        first = date.fromisoformat(str(day)[:10])
    except ValueError:
        raise ParseError(f"{where}: show_from is no day", hint="show_from = 2026-04-01") from None
    return show if first <= datetime.now().astimezone().date() else "verdict"


def _one_of(table: Mapping[str, Any], key: str, known: tuple[str, ...], where: str) -> str:
    """One of several words, the first one where none stands.  Raises ParseError."""
    word = _text(table, key, where) or known[0]
    if word not in known:
        raise ParseError(f"{where}: {key} = {word!r}", hint=f"one of {', '.join(known)}")
    return word


def _problem(
    table: Any, where: str, shared: tuple[Mapping[str, Any], Mapping[str, Any]], folder: Path | None
) -> Problem:
    if not isinstance(table, Mapping):
        raise ParseError(f"{where} is not a table", hint="[[problem]]")
    name = _text(table, "id", where)
    if not _NAME.fullmatch(name):
        hint = "letters, digits, _ and -, such as p1"
        raise ParseError(f"{where}: id = {name!r} is no name for a column", hint=hint)
    where = f"{where} ({name})"
    _known(table, _PROBLEM, where)
    if "code" in table:
        hint = "leave the problem out, or let people mark it: hand = true"
        raise Unsupported(f"{where}: code that is handed in is not judged yet", hint=hint)
    if "hand" in table:
        return _by_hand(table, name, where, folder)
    function, program = _text(table, "function", where), _text(table, "program", where)
    if bool(function) == bool(program):
        has = "both function and program" if function else "neither function nor program"
        raise ParseError(f"{where} has {has}")
    at = _point(table, where)
    asked = _names(table, "asked", where)
    if (at is None) == bool(asked):
        hint = 'at = {x = -2, y = 5}, asked = ["q", "df/dq"]'
        raise ParseError(f"{where}: numbers at nodes need at and asked, both of them", hint=hint)
    settings = {**shared[0], **_table(table, "settings", where)}
    variants = table.get("variants")
    problem = Problem(
        id=name, function=function or program, title=_text(table, "title", where) or name,
        wrt=_names(table, "wrt", where), at=at, asked=asked, points=_points(table, where),
        credit=read_credit({**shared[1], **_table(table, "credit", where)}, where),
        settings=_settings(settings, where), question=str(table.get("question", "")),
        variants=None if variants is None else read_variants(variants, where, folder),
    )  # fmt: skip
    problem = replace(problem, weights=_weights(problem, _table(table, "weights", where), where))
    return _with_key(problem, table.get("key"), where)


def _by_hand(table: Mapping[str, Any], name: str, where: str, folder: Path | None) -> Problem:
    """A problem that people mark: ``hand = true``, or a table of their marks."""
    _known(table, ("id", "title", "points", "question", "hand"), f"{where}, marked by hand")
    problem = Problem(
        id=name, function="", title=_text(table, "title", where) or name, hand=True,
        points=_points(table, where), question=str(table.get("question", "")),
    )  # fmt: skip
    file = table["hand"]
    if file is True:
        return problem
    if not isinstance(file, str):
        raise ParseError(f"{where}: hand is no table of marks", hint='hand = "marks.csv", or true')
    return replace(problem, marks=read_marks((folder or Path()) / file))


def _weights(problem: Problem, table: Mapping[str, Any], where: str) -> dict[str, Fraction]:
    """The weight of every part, 1 where none is stated.  Raises ParseError."""
    if not table:
        return {}
    _known(table, problem.parts, f"{where}: weights")
    found = {part: exact(table.get(part, 1)) for part in problem.parts}
    whole = {part: weight for part, weight in found.items() if weight is not None and weight >= 0}
    if len(whole) < len(found) or not any(whole.values()):
        hint = 'weights = {q = 1, "df/dq" = 2}'
        raise ParseError(f"{where}: weights are no numbers of at least 0", hint=hint)
    return whole


def _with_key(problem: Problem, key: Any, where: str) -> Problem:
    if key is None:
        return problem
    given = {"": key} if not isinstance(key, Mapping) else dict(key)
    if set(given) - set(problem.parts):
        asked = ", ".join(problem.parts) or "one answer"
        raise ParseError(f"{where}: key answers what is not asked", hint=f"asked: {asked}")
    return replace(problem, key={part: str(text) for part, text in given.items()})


def _known(table: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    for key in table:
        if key not in keys:
            hint = closest(key, dict.fromkeys(keys, 1)) or f"keys are {', '.join(keys)}"
            raise UnknownName(f"{where}: unknown key {key!r}", hint=hint)


def _text(table: Mapping[str, Any], key: str, where: str) -> str:
    value = table.get(key, "")
    if not isinstance(value, str):
        raise ParseError(f"{where}: {key} is not a text")
    return value.strip()


def _table(table: Mapping[str, Any], key: str, where: str) -> Mapping[str, Any]:
    value = table.get(key, {})
    if not isinstance(value, Mapping):
        raise ParseError(f"{where}: {key} is not a table")
    return value


def _names(table: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    value = table.get(key, ())
    texts = [t.strip() for t in value.split(",")] if isinstance(value, str) else value
    if not isinstance(texts, list | tuple) or not all(isinstance(t, str) and t for t in texts):
        raise ParseError(f"{where}: {key} is not a text or a list of texts")
    if len(set(texts)) < len(texts):
        raise ParseError(f"{where}: {key} names something twice")
    return tuple(texts)


def _point(table: Mapping[str, Any], where: str) -> dict[str, str] | None:
    """The point, every value as text; ``{a}`` of variants stays as it is."""
    value = table.get("at")
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise ParseError(f"{where}: at is not a table", hint="at = {x = -2, y = 5}")
    return {name: _written(entry) for name, entry in value.items()}


def _written(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return str(value)


def _points(table: Mapping[str, Any], where: str) -> Fraction:
    value = exact(table.get("points", 1))
    if value is None or value < 0:
        raise ParseError(f"{where}: points is no number of at least 0")
    return value


def _settings(table: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Settings of the course and of the problem, checked; numbers as JSON has them."""
    plain = {k: float(v) if isinstance(v, Fraction) else v for k, v in table.items()}
    try:
        Settings.read(plain)
    except GraphDiffError as error:
        raise ParseError(f"{where}: {error.message}", hint=error.hint) from None
    return plain


def variant(problem: Problem, parameters: Parameters | None) -> Problem:
    """The problem with a student's own numbers.  Raises ParseError for a missing one."""
    if problem.variants is None or parameters is None:
        return problem
    point = problem.at
    return replace(
        problem, function=filled(problem.function, parameters), variants=None,
        at=None if point is None else {k: filled(v, parameters) for k, v in point.items()},
        key={part: filled(text, parameters) for part, text in problem.key.items()},
    )  # fmt: skip
