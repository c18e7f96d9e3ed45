"""The part of the report that is about problems: how many are right, and who made which mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from graphdiff.core.support.words import words
from graphdiff.homework.grading.credit import follows, places_to_look
from graphdiff.homework.grading.feedback import decimal, feedback, grouping, standing, statuses
from graphdiff.homework.grading.homework import Problem
from graphdiff.homework.grading.table import Grades, Result

from . import pieces
from .deciding import Alike, Gathering, Specimen, form
from .figures import Figures, first_wrong

__all__ = ["Problems", "Tally"]

_EXAMPLES, _DIFFERENT, _LOOK, _GROUPS, _NAMES, _FEW = 5, 40, 200, 60, 8, 8


@dataclass(slots=True)
class Group:
    """Answers with the same mistake at the same place."""

    text: str
    span: Any = None
    count: int = 0
    """How many students made it, in however many parts of their answer."""
    alike: list[Alike] = field(default_factory=list)
    """The different answers."""


@dataclass(slots=True)
class Tally:
    """What became of a problem."""

    counts: Counter[str] = field(default_factory=Counter)
    points: Fraction = Fraction(0)
    groups: dict[tuple[str, str, str], Group] = field(default_factory=dict)
    look: list[Alike] = field(default_factory=list)
    alike: list[tuple[int, str, int]] = field(default_factory=list)
    """Wrong answers without a known mistake that a few have given."""
    hidden: int = 0
    """Answers to look at that are not listed."""
    first: Counter[str] = field(default_factory=Counter)
    """First wrong nodes."""
    figures: dict[str, tuple[str, str]] = field(default_factory=dict)


class Problems:
    """Tallies of all problems, from the different answers to each."""

    def __init__(self, grades: Grades, figures: Figures, *, linked: bool) -> None:
        self.grades, self.figures, self.linked = grades, figures, linked
        self.language = grades.homework.language
        self.said = words(self.language, "grade")
        self.gathering = Gathering()
        self.requests: list[tuple[str, Result]] = []
        """Who asks to look again at what."""
        self.decided: Counter[tuple[str, int]] = Counter()
        """How many of those who gave an answer somebody decided on."""
        self.tallies = {problem.id: Tally() for problem in grades.homework.problems}

    def collect(self) -> None:
        """Go through the answers once, the most frequent ones first."""
        for student, before, after in self.grades.decided():
            self.decided[before.problem.id, before.task] += after.settled
            if after.request:
                self.requests.append((student, after))
            self.tallies[before.problem.id].points += after.points - before.points
        for problem in self.grades.homework.problems:
            tally = self.tallies[problem.id]
            for task, text, count, student in self.grades.store.tallies(problem.id):
                self._take(problem, tally, task, text, count, student)

    def _take(
        self, problem: Problem, tally: Tally, task: int, text: str, count: int, student: str
    ) -> None:
        result = self.grades.result(problem, task, text)
        verdict = result.verdict
        tally.counts[standing(verdict)] += count
        tally.points += result.points * count
        open_ = count - self.decided[problem.id, task]
        if places_to_look(verdict) and open_:
            example = Specimen(task, "", text, open_, student, verdict)
            if not self.gathering.put(tally.look, problem, example, _LOOK):
                tally.hidden += 1
        # Many have one wrong answer for a reason that is theirs all.
        if 1 < count <= _FEW and _unexplained(verdict) and len(tally.alike) < _GROUPS:
            tally.alike.append((task, text, count))
        first = first_wrong(verdict)
        if first:
            tally.first[first] += count
            figure = self.figures.find(task, verdict)
            if figure is not None:
                tally.figures.setdefault(first, figure)
        told: set[tuple[str, str, str]] = set()
        for name, part in _parts(verdict).items():
            if part["status"] in ("wrong", "name", "unreadable"):
                written = pieces.part(text, name)
                key = self._group(
                    problem, tally, Specimen(task, name, written, count, student, part)
                )
                if key not in told:  # a mistake in two parts is one of one student
                    tally.groups[key].count += count
                    told.add(key)

    def _group(self, problem: Problem, tally: Tally, example: Specimen) -> tuple[str, str, str]:
        """Put an example where it belongs; returns the group's key."""
        key = grouping(example.verdict)
        if key not in tally.groups and len(tally.groups) >= _GROUPS:
            key = (key[0], "", "")
        mistakes = example.verdict.get("mistakes") or ()
        group = tally.groups.get(key)
        if group is None:
            mistake: Mapping[str, Any] = next(iter(mistakes), {}) if key[1] else {}
            told, span = mistake.get("text", ""), mistake.get("span")
            group = tally.groups[key] = Group(told, span)
        self.gathering.put(group.alike, problem, example, _DIFFERENT)
        return key

    def table(self, students: int) -> str:
        """The table of problems."""
        said = self.said
        names = ["problem", "asked", "points", "mean", "answers"]
        rows = [pieces.row([(said[n], n in ("points", "mean")) for n in names], "th")]
        for problem in self.grades.homework.problems:
            tally = self.tallies[problem.id]
            mean = round(tally.points / students, 2) if students else Fraction(0)
            link = f'<a href="#p-{pieces.cut(problem.id)}">{pieces.cut(problem.title)}</a>'
            rows.append(pieces.row([
                (link, False), (pieces.asked(problem, self.grades.homework), False),
                (decimal(problem.points), True), (decimal(mean), True),
                (self._counts(tally, students), False),
            ]))  # fmt: skip
        return "".join(rows)

    def _counts(self, tally: Tally, students: int) -> str:
        counts, shown = tally.counts, statuses(self.language)
        # What is not understood is not wrong.
        ask = sum(
            counts[n]
            for n in ("domain", "rough", "form", "ambiguous", "undecided", "name", "unreadable")
        )
        shares = [("right", counts["right"]), ("ask", ask), ("wrong", counts["wrong"])]
        shares += [(name, counts[name]) for name in ("partly", "missing")]
        tallies = (
            self.said("tally", count=counts[n], status=word)
            for n, word in shown.items()
            if counts[n]
        )
        told = ", ".join(tallies)
        return pieces.bar(shares, students) + f'<span class="muted">{told}</span>'

    def look(self) -> Iterator[str]:
        """The answers that a person should look at, equal ones together."""
        said = self.said
        yield f"<h2>{said['look']}</h2>\n"
        if not self.requests and not any(tally.look for tally in self.tallies.values()):
            yield f"<p>{said['nothing']}</p>\n"
            return
        hidden = 0
        for student, result in self.requests:
            yield self._request(student, result)
        for problem in self.grades.homework.problems:
            tally = self.tallies[problem.id]
            hidden += tally.hidden
            for alike in tally.look:
                yield self._look(problem, alike)
        if hidden:
            yield f'<p class="muted">{said("more", count=hidden)}</p>\n'

    def _request(self, student: str, result: Result) -> str:
        """A student's request to look again, beside the mark."""
        said = self.said
        points = said("of", points=decimal(result.points), most=decimal(result.problem.points))
        decided = form(result.problem, self.language, students=[self.grades.called(student)])
        return (
            f'<div class="group"><h3>{pieces.cut(result.problem.title)}: '
            f"{said('request', student=self._name(student))}</h3>\n"
            f"<blockquote>{pieces.cut(result.request, 2_000)}</blockquote>\n"
            f"<p>{pieces.answer(result.verdict, result.text)} "
            f"{pieces.status(result.verdict, self.language)} {points}</p>\n{decided}</div>\n"
        )

    def _look(self, problem: Problem, alike: Alike) -> str:
        first = alike.examples[0]
        names = [name for e in alike.examples for name in self._names(problem, e.task)][:_NAMES]
        who = ", ".join(names) + (f" … ({alike.count})" if alike.count > len(names) else "")
        told = pieces.cut(feedback(first.verdict, self.language), 1_000)
        written = "".join(f"<p>{pieces.answer(e.verdict, e.text)}</p>\n" for e in alike.examples)
        return (
            f'<div class="group"><h3>{pieces.cut(problem.title)}: '
            f"{pieces.status(first.verdict, self.language)}</h3>\n"
            f'{written}<p class="told">{told}</p>\n<p class="muted">{who}</p>\n'
            f"{self._forms(problem, alike)}</div>\n"
        )

    def _forms(self, problem: Problem, alike: Alike) -> str:
        """Where somebody decides on equal answers; on each part of several that needs it."""
        first = alike.examples[0]
        parts = first.verdict.get("answers", {})
        if not parts:
            return self._form(problem, alike, first.part, first.verdict)
        texts = {name: pieces.part(first.text, name) for name in parts}
        return "".join(
            self._form(problem, Alike([replace(first, text=texts[name])]), name, part)
            for name, part in parts.items()
            if places_to_look(part)
        )

    def _form(self, problem: Problem, alike: Alike, part: str, verdict: Mapping[str, Any]) -> str:
        """A form for all who gave one of the answers: by name where texts mean different things."""
        readings = verdict.get("readings") if places_to_look(verdict) else None
        on: dict[str, Any] = {"part": part, "readings": readings}
        answers = [e.text for e in alike.examples]
        if problem.variants is None and all(answers):
            return form(problem, self.language, answers=answers, **on)
        known = self.grades.store.of
        students = [n for e in alike.examples for n, _ in known(problem.id, e.task, e.count)]
        called = [self.grades.called(name) for name in students]
        return form(problem, self.language, students=called, **on)

    def _names(self, problem: Problem, task: int) -> list[str]:
        """The first students with an answer, each a link to what is told of him."""
        return [self._name(name) for name, _ in self.grades.store.of(problem.id, task, _NAMES)]

    def _name(self, student: str) -> str:
        known = self.grades.called(student)
        shown = pieces.cut(known if self.grades.blind else self.grades.store.name(student))
        return f'<a href="#{pieces.anchor(known)}">{shown}</a>' if self.linked else shown

    def shared(self) -> Iterator[str]:
        """Wrong answers that some share and no known mistake explains: is there a cause?"""
        rows = [
            pieces.row([
                (pieces.cut(problem.title), False), (pieces.answer(verdict, text), False),
                (", ".join(self._names(problem, task)), False),
            ])
            for problem in self.grades.homework.problems
            for task, text, count in self.tallies[problem.id].alike
            for verdict in [self.grades.store.verdict(task)]
        ]  # fmt: skip
        if rows:
            said = self.said
            yield f"<h2>{said['alike']}</h2>\n<p>{said['alike question']}</p>\n<table>"
            yield pieces.row([(said[n], False) for n in ("problem", "answer", "students")], "th")
            yield "".join(rows) + "</table>\n"

    def sections(self) -> Iterator[str]:
        """Mistakes of each problem, the most frequent first, with examples and figures."""
        said = self.said
        yield f"<h2>{said['mistakes']}</h2>\n"
        for problem in self.grades.homework.problems:
            tally = self.tallies[problem.id]
            yield f'<h3 id="p-{pieces.cut(problem.id)}">{pieces.cut(problem.title)}</h3>\n'
            yield f"<p>{pieces.asked(problem, self.grades.homework)}</p>\n"
            if not tally.groups and not tally.first:
                yield (
                    f'<p class="muted">{said["all right"]}</p>\n' if tally.counts["right"] else ""
                )
            for key, group in sorted(tally.groups.items(), key=lambda item: -item[1].count):
                yield self._group_html(problem, key, group)
            yield from self._figures(tally)

    def _group_html(self, problem: Problem, key: tuple[str, str, str], group: Group) -> str:
        status, code, place = key
        head = f"{group.count} × "
        if code:
            head += f"<code>{pieces.cut(code)}</code> {pieces.cut(group.text)}"
            if place and place not in group.text:
                head += f" ({self.said['place']} <code>{pieces.cut(place)}</code>)"
        elif status == "wrong":
            head += self.said["unexplained"]
        else:
            head += statuses(self.language)[status]
        # A variant has another text than the key file: the place is not marked in it.
        marked = "" if problem.variants else pieces.marked(problem.function, group.span)
        shown = [self._alike(problem, alike) for alike in group.alike]
        items = "".join(shown[:_EXAMPLES])
        more = "".join(shown[_EXAMPLES:])
        if more:
            told = self.said("further", count=len(shown) - _EXAMPLES)
            more = f"<details><summary>{told}</summary><ul>{more}</ul></details>"
        mark = f"<p>{marked}</p>" if marked else ""
        return f'<div class="group"><b>{head}</b>{mark}<ul>{items}</ul>{more}</div>\n'

    def _alike(self, problem: Problem, alike: Alike) -> str:
        """Equal answers: how each was written, who wrote it, and where to decide on all of them."""
        first = alike.examples[0]
        who = (f"{alike.count} × " if alike.count > 1 else "") + self._name(first.student)
        if problem.variants is not None:
            who += f", {self._own(first.task)}"
        shown = f"{pieces.cut(first.part)} = " if first.part else ""
        other = "".join(f", <code>{pieces.cut(e.text, 80)}</code>" for e in alike.examples[1:])
        decided = (
            ""
            if places_to_look(first.verdict)
            else self._form(problem, alike, first.part, first.verdict)
        )
        folded = (
            f"<details class=decide><summary>{self.said['decide']}</summary>{decided}</details>"
        )
        return (
            f"<li>{shown}{pieces.answer(first.verdict, first.text)}{other} "
            f'<span class="muted">{who}</span>{folded if decided else ""}</li>\n'
        )

    def _own(self, task: int) -> str:
        """What this student was asked, where everybody has his own numbers."""
        asked = self.grades.store.task(task)
        point = ", ".join(f"{name} = {value}" for name, value in asked.get("at", {}).items())
        shown = f"<code>{pieces.cut(asked.get('function', ''))}</code>"
        return f"{shown} ({pieces.cut(point)})" if point else shown

    def _figures(self, tally: Tally) -> Iterator[str]:
        """First wrong numbers, those on the same node above one figure."""
        captions: dict[str, list[str]] = {}
        for node, count in tally.first.most_common():
            told = self.said("first", node=f"<code>{pieces.cut(node)}</code>", count=count)
            name, _ = tally.figures.get(node, ("", ""))
            captions.setdefault(name, []).append(told)
        drawn = {name: (name, svg) for name, svg in tally.figures.values()}
        for name, lines in captions.items():
            yield self.figures.place(drawn.get(name), "<br>".join(lines))


def _unexplained(verdict: Mapping[str, Any]) -> bool:
    """Whether an answer is wrong in a way that no known mistake explains."""
    wrong = [part for part in _parts(verdict).values() if part["status"] == "wrong"]
    return any(not part.get("mistakes") for part in wrong)


def _parts(verdict: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """The single verdicts by part; those on wrong numbers that only follow are left out."""
    parts: dict[str, Mapping[str, Any]] = verdict.get("answers") or {"": verdict}
    return {name: part for name, part in parts.items() if not follows(part)}
