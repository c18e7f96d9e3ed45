"""A quiz without its terminal: questions, replies to what was typed, and the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from graphdiff.core.support.words import tell, words
from graphdiff.errors import DomainError, GraphDiffError, Unsupported
from graphdiff.homework.checking import Settings, Verdict
from graphdiff.program.graph import Graph, parse
from graphdiff.program.runs.trace import Trace

from .questions import Question, questions, start

__all__ = ["Line", "Question", "Quiz"]

TRIES = 2
SCHEMA = "graphdiff.quiz/1"
Kind = Literal["right", "wrong", "note"]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a reply."""

    kind: Kind
    text: str


@dataclass(slots=True)
class _Result:
    """How a question went."""

    status: str
    """``right``, ``missed`` or ``shown``."""
    tries: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)
    hints: int = 0


def _worked(graph: Graph, at: Mapping[str, Any]) -> tuple[Trace, list[str]]:
    """The program at a point, and the gradients that it has not there.

    Raises DomainError where it has no value.
    """
    try:
        return graph.backprop(at).complete(), []
    except DomainError:
        known = [name for name in graph.inputs if _differentiable(graph, at, name)]
    trace = graph.backprop(at, wrt=known).complete()
    f = graph.labels[graph.output]
    return trace, [f"∂{f}/∂{name}" for name in graph.inputs if name not in known]


def _differentiable(graph: Graph, at: Mapping[str, Any], name: str) -> bool:
    try:
        graph.backprop(at, wrt=[name]).complete()
    except DomainError:
        return False
    return True


class Quiz:
    """A quiz on a program at a point; ``reply`` takes what was typed.

    >>> quiz = Quiz("x*y", {"x": 2, "y": 3})
    >>> quiz.prompt
    '[1 of 3] f = x·y'
    >>> [line.text for line in quiz.reply("6")]
    ['right', 'Backward: ∂f/∂f = 1']
    >>> quiz.reply("2")[0].text
    'wrong'
    """

    def __init__(
        self, program: str | Graph, at: Mapping[str, Any], *, language: str = "en",
        local: bool = False, settings: Settings | None = None,
    ) -> None:  # fmt: skip
        self.said, self.language = words(language, "exercise"), language
        self.settings = settings or Settings()
        self.at = dict(at)
        graph = parse(program) if isinstance(program, str) else program
        self.trace, self.skipped = _worked(graph, self.at)
        self.graph = self.trace.graph
        if not self.graph.tape.nodes[self.graph.output].operands:
            hint = 'for example "(x+y)*z"'
            raise Unsupported("this program has no gate to work out", hint=hint)
        self.questions = questions(self.trace, language, local=local)
        self.results: list[_Result] = []
        self.given: dict[str, str] = {}
        """Numbers known so far: right answers as they were written, else the true ones."""
        self.current = _Result("")
        self.quit = False

    @property
    def done(self) -> bool:
        """Whether nothing more is asked."""
        return self.quit or len(self.results) == len(self.questions)

    @property
    def question(self) -> Question:
        """What is asked now."""
        return self.questions[len(self.results)]

    @property
    def prompt(self) -> str:
        """The question with its number."""
        number = self.said("of", k=len(self.results) + 1, n=len(self.questions))
        return f"[{number}] {self.question.prompt}"

    @cached_property
    def intro(self) -> list[str]:
        """What is said before the first question: the program, the point, the keys."""
        point = ", ".join(f"{name} = {value.text}" for name, value in self.trace.point.items())
        program = self.graph.source or self.graph.show("text")
        skipped = [self.said("skipped", names=", ".join(self.skipped))] if self.skipped else []
        return [f"{program}  {self.said('at', point=point)}", *skipped, self.said["quiz"]]

    def reply(self, typed: str) -> list[Line]:
        """What is said to a line that was typed; moves on where the question is settled."""
        match typed.strip():
            case "":
                due = "no_array" if self.question.answer.startswith("[") else "no_number"
                return [Line("note", self.said[due])]
            case "q":
                self.quit = True
                return []
            case "?":
                self.current.hints += 1
                return [Line("note", f"{self.said['hint']}: {self.question.hint}")]
            case "!":
                rule = self.question.rule
                return [Line("note", rule), *self._settled("shown", self.question.answer)]
            case answer:
                return self._answered(answer)

    def _answered(self, answer: str) -> list[Line]:
        verdict, part = self._judged(answer)
        if part.status in ("right", "domain"):
            self.current.tries.append(answer)
            told = self.said["right_rounded" if part.reason else "right"]
            notes = [Line("note", tell(note, self.language)) for note in part.notes]
            return [Line("right", told), *notes, *self._settled("right", answer)]
        if part.status != "wrong":
            return [
                Line(
                    "note",
                    self.said("unreadable", reason=tell(part.reason, self.language)),
                )
            ]
        self.current.tries.append(answer)
        mistakes = part.mistakes or verdict.mistakes
        self.current.mistakes += [mistake.code for mistake in mistakes]
        lines = [Line("wrong", self.said["wrong"]), *(Line("note", m.text) for m in mistakes[:1])]
        if len(self.current.tries) < TRIES:
            return [*lines, Line("note", self.said["again"])]
        lines.append(Line("note", self.question.rule))
        return [*lines, *self._settled("missed", self.question.answer)]

    def _judged(self, answer: str) -> tuple[Verdict, Verdict]:
        """The verdict on all numbers so far, and its part on this one."""
        from graphdiff.homework.judging.nodes import check_nodes
        from graphdiff.homework.judging.scene import Scene

        name, whole = self.question.name, self.trace.total or self.trace
        # What has no gradient would not run again.
        program = Scene(whole) if self.skipped else whole.graph
        try:
            verdict = check_nodes(
                program, whole.point, {**self.given, name: answer}, settings=self.settings,
                language=self.language,
            )  # fmt: skip
        except GraphDiffError as error:
            part = Verdict(status="undecided", reason=error.message)
            return part, part
        return verdict, verdict.parts[name]

    def _settled(self, status: str, known: str) -> list[Line]:
        self.given[self.question.name] = known.replace("−", "-")
        self.current.status = status
        self.results.append(self.current)
        before, self.current = self.questions[len(self.results) - 1], _Result("")
        if self.done or before.kind != "value" or self.question.kind == "value":
            return []
        return [Line("note", self.said("start", start=start(self.trace)))]

    @property
    def passed(self) -> bool:
        """Whether every question was answered right, in the end."""
        return len(self.results) == len(self.questions) and all(
            result.status == "right" for result in self.results
        )

    def _count(self) -> dict[str, int]:
        right = [result for result in self.results if result.status == "right"]
        first = sum(len(result.tries) == 1 for result in right)
        return {
            "asked": len(self.results), "first": first, "second": len(right) - first,
            "missed": len(self.results) - len(right),
            "left": len(self.questions) - len(self.results),
        }  # fmt: skip

    @property
    def score(self) -> str:
        """The score in a line."""
        count = self._count()
        keys = ["score", *(key for key in ("second", "missed", "left") if count[key])]
        return "; ".join(self.said(key, **count) for key in keys)

    def document(self) -> dict[str, Any]:
        """The score as JSON, schema ``graphdiff.quiz/1``."""
        told = [
            {"name": question.name, "answer": question.answer.replace("−", "-"),
             "status": result.status, "tries": result.tries, "mistakes": result.mistakes,
             "hints": result.hints}
            for question, result in zip(self.questions, self.results, strict=False)
        ]  # fmt: skip
        point = {name: value.text for name, value in self.trace.point.items()}
        program = self.graph.source or self.graph.show("text")
        head = {"schema": SCHEMA, "program": program, "at": point, "passed": self.passed}
        return {**head, "score": self._count(), "questions": told}
