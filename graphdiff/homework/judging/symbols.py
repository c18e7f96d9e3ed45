"""Formulas at the nodes of a graph: each judged, and all together, as numbers are.

A wrong formula is compared once more with what follows from the student's own earlier ones.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from typing import Any

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.tape import Tape
from graphdiff.errors import GraphDiffError, LimitExceeded, UnknownName
from graphdiff.homework.asked.evaluation import Evaluator, Missing
from graphdiff.homework.asked.names import Asked, Key, asked, turn, variable
from graphdiff.homework.asked.problem import BITS, LIMITS, Problem, Values
from graphdiff.homework.asked.verdict import Mistake, Verdict, combined
from graphdiff.homework.mistakes import diagnosis
from graphdiff.homework.mistakes.meanings import InSymbols
from graphdiff.homework.mistakes.runs import Claim, diagnosed
from graphdiff.homework.mistakes.sweeps import Sweeps
from graphdiff.language.handwriting import Reading, Unreadable, build, read
from graphdiff.language.handwriting.settings import Settings
from graphdiff.program.graph import Graph, parse

from .answers import judge, or_value, problem_of
from .equality import compare

__all__ = ["Board", "Pending", "Symbolic", "board", "check_formulas", "has_nodes"]

MOST = 1_000
"""Formulas of one program."""
ENOUGH, PLENTY = 3, 4
"""Points at which formulas must agree to be taken for the same one, and at which they need."""
TIGHT = 24
"""Bits to which they must agree there."""


_NO_KEY = Key("", -1)


@dataclass(eq=False)
class Pending:
    """One answer on its way to a verdict."""

    name: str
    verdict: Verdict
    asked: Asked | None = None
    follows: bool = False
    mistakes: list[Mistake] = field(default_factory=list)

    @property
    def wrong(self) -> bool:
        return self.verdict.status == "wrong"

    @property
    def key(self) -> Key:
        """The node that it is about."""
        return self.asked.key if self.asked is not None else _NO_KEY


@dataclass(eq=False)
class Symbolic(Pending):
    """A formula on its way to a verdict."""

    reading: Reading | None = None

    @property
    def placed(self) -> bool:
        """Whether it stands for something that the sweeps compute, and can be built."""
        whole = self.asked is not None and self.asked.top is None
        return whole and self.reading is not None and not self.reading.unknown


class Board:
    """A program of numbers whose nodes are asked for in symbols."""

    def __init__(self, graph: Graph, settings: Settings) -> None:
        self.graph, self.settings = graph, settings
        self._problems: dict[Asked, Problem] = {}

    @cached_property
    def _truth(self) -> Sweeps[InSymbols]:
        return Sweeps(InSymbols(self.graph))

    @property
    def tape(self) -> Tape:
        """The tape of the program and its derivatives."""
        return self._truth.meaning.tape

    def asked(self, name: str) -> Asked:
        """What a name asks for.  A bare name asks for the derivative in it, and the function may
        have any name.  Raises UnknownName."""
        output, inputs = self.graph.labels[self.graph.output], self.graph.inputs
        if name.strip() in (inputs | self.graph.names).keys() - {output}:
            return asked(f"d{output}/d{name.strip()}", self.graph)
        try:
            return asked(name, self.graph)
        except UnknownName:
            below = variable(name, inputs)
            if below is None:
                raise
            return asked(f"d{output}/d{below}", self.graph)

    def problem(self, found: Asked) -> Problem:
        """The question that this node puts; kept with its values at the points."""
        if found not in self._problems:
            sweeps = self._truth
            told = sweeps.truth if found.top is None else sweeps.predict({}, output=found.top)
            self._problems[found] = self.about(sweeps, told[found.key], found)
        return self._problems[found]

    def about(self, sweeps: Sweeps[InSymbols], right: Any, found: Asked) -> Problem:
        """The question whether a formula for this node is that one."""
        key = sweeps.number(right) if right.__class__ is int else right
        top = self.graph.output if found.top is None else found.top
        function = top if found.key.kind == "gradient" else found.key.node
        return Problem(
            sweeps.meaning.tape, key.id, dict(self.graph.inputs), self.settings, function,
            self.called(found.key), self.graph,
        )  # fmt: skip

    def called(self, key: Key) -> str:
        """What is differentiated with respect to; nothing for a value."""
        if key.kind == "value":
            return ""
        node = key.operand if key.kind == "local" else key.node
        inputs = {i: name for name, i in self.graph.inputs.items()}
        return inputs.get(node) or self.graph.labels.get(node, "")

    def judged(self, name: str, answer: object) -> Symbolic:
        """One answer by itself."""
        try:
            found = self.asked(name)
        except GraphDiffError as error:
            reason = f"{error.message}; {error.hint}" if error.hint else error.message
            return Symbolic(name, Verdict(status="name", reason=reason))
        told = self.formula(name, found, answer)
        if name.strip() in self.graph.names and found.key.kind == "gradient":
            value = Asked(Key("value", found.key.node))
            told.verdict = or_value(
                told.verdict, name.strip(), lambda: self.formula(name, value, answer).verdict
            )
        return told

    def formula(self, name: str, found: Asked, answer: object) -> Symbolic:
        """An answer to what was asked, judged and read."""
        problem = self.problem(found)
        verdict = judge(problem, answer, diagnose=False)
        try:
            reading = read(answer, problem.vocabulary, self.settings)
        except Unreadable:
            reading = None
        return Symbolic(name, verdict, found, reading=reading)

    def value(self, formula: Symbolic, point: Mapping[str, Any]) -> Any:
        """The ball of a formula at a point; None where it has none."""
        if formula.reading is None or not formula.placed:
            return None
        assert formula.asked is not None
        problem = self.problem(formula.asked)
        tape = problem.tape.fork()
        node = build(formula.reading.term, tape, dict(problem.known))
        evaluator = Evaluator(tape, odd_roots=self.settings.odd_roots)
        value = evaluator.run(tape.needed_for([node]), point)[node]
        return None if value.__class__ in (Missing, bool) else value


@lru_cache(maxsize=64)
def board(program: str | Graph, settings: Settings) -> Board:
    """The program's questions; kept for the next answers to them.

    Raises what ``graphdiff.parse`` raises.
    """
    return Board(parse(program, limits=LIMITS) if isinstance(program, str) else program, settings)


def has_nodes(program: str | Graph, names: Collection[str], settings: Settings) -> bool:
    """Whether gates before the output have names, by which answers may be asked for, or one of
    these is the name of a gate."""
    graph = board(program, settings).graph
    inner = set(graph.names.values()) - {graph.output, *graph.inputs.values()}
    asked_for = graph.names.keys() & {name.strip() for name in names}
    return bool(inner or asked_for) and not graph.has_arrays


def check_formulas(
    program: str | Graph, answers: Mapping[str, object], *, settings: Settings,
    language: str = "en", diagnose: bool = True,
) -> Verdict:  # fmt: skip
    """Judge formulas at nodes: ``df/dq``, ``dq/dx``; the names of nodes may be used in them.

    >>> v = check_formulas("q = x + y; f = q*z", {"df/dq": "q", "df/dx": "q", "df/dz": "q"},
    ...                    settings=Settings())
    >>> v.status, v.first_wrong, v.parts["df/dx"].follow_through, v.mistakes[0].code
    ('wrong', 'df/dq', True, 'E_MUL_SWITCH')
    """
    if len(answers) > MOST:
        raise LimitExceeded(f"{len(answers):,} formulas; at most {MOST:,} are checked at once")
    place = board(program, settings)
    parts = [place.judged(name, answer) for name, answer in answers.items()]
    inputs = list(place.graph.inputs)
    turns = {p: turn(p.asked, place.graph, inputs) for p in parts if p.asked is not None}
    ordered = sorted(turns, key=turns.__getitem__)
    placed = [part for part in ordered if part.placed]
    if any(part.wrong for part in placed):
        with working_precision(BITS):
            paper = _Paper(place, placed)
            paper.compare()
            if diagnose:
                paper.diagnose(language)
    wrong = [part for part in ordered if part.wrong]
    first = next((p.name for p in wrong if not p.follows), wrong[0].name if wrong else "")
    told = dict.fromkeys(m for part in wrong for m in part.mistakes)
    verdicts = {
        p.name: replace(p.verdict, mistakes=tuple(p.mistakes), follow_through=p.follows)
        for p in parts
    }
    return combined(verdicts, first, tuple(told))


class _Paper:
    """The formulas of one student, on a tape of their own."""

    def __init__(self, place: Board, parts: list[Symbolic]) -> None:
        self.board, self.parts, self.graph = place, parts, place.graph
        self.sweeps = Sweeps(InSymbols(place.graph, place.tape))
        self.tape = self.sweeps.meaning.tape
        self._values: dict[Asked, Values] = {}
        self.own = {part: self._built(part) for part in parts}
        self.pins = {part.key: self.own[part] for part in parts if part.wrong}

    def _built(self, part: Symbolic) -> Expr:
        assert part.reading is not None
        assert part.asked is not None
        known = dict(self.board.problem(part.asked).known)
        return Expr(self.tape, build(part.reading.term, self.tape, known))

    def compare(self) -> None:
        """Which of them follow from the student's own earlier ones."""
        told = self.sweeps.predict(self.pins)
        for part in self.parts:
            due = told.get(part.key)
            if part.wrong and part.asked is not None and self.same(part, due):
                problem = self.board.about(self.sweeps, due, part.asked)
                found = compare(problem, self.tape, self.own[part].id)
                part.follows = found.status in ("right", "domain")

    def diagnose(self, language: str) -> None:
        """Find what leads to the formulas that are wrong by themselves."""
        roots = [part for part in self.parts if part.wrong and not part.follows]
        base = self.sweeps.predict(self.pins)
        others = [p for p in self.parts if p not in roots and self.same(p, base.get(p.key))]
        try:
            found = diagnosed(
                self.sweeps, self._claims(roots), self._claims(others), self.pins, (), language
            )
        except LimitExceeded:
            found = {}  # too many nodes for faults at every place
        for part in roots:
            part.mistakes += found.get(part.name) or self._by_rules(part, language)

    def _by_rules(self, part: Symbolic, language: str) -> tuple[Mistake, ...]:
        """A mistake in the rules of differentiation, of a gradient in a variable."""
        name = self.board.called(part.key)
        if part.key.kind != "gradient" or name not in self.graph.inputs or part.reading is None:
            return ()
        problem = problem_of(self.graph, name, self.board.settings)
        return diagnosis(problem, part.reading, part.verdict, language=language)

    def _claims(self, parts: list[Symbolic]) -> list[Claim]:
        return [Claim(p.name, p.key, partial(self.same, p), p.wrong) for p in parts]

    def same(self, part: Symbolic, due: Any) -> bool:
        """Whether a formula agrees with another one at several points, as far as balls tell."""
        if due is None or part.asked is None:
            return False
        mine, other = self.own[part], self.sweeps.number(due) if due.__class__ is int else due
        if mine.id == other.id:
            return True
        agreed, problem = 0, self.board.problem(part.asked)
        values = self._values.setdefault(part.asked, Values(problem, self.tape))
        for place in problem.places():
            if not place.usable:
                continue
            a, b = values.value(mine.id, place), values.value(other.id, place)
            if a.__class__ is Missing or b.__class__ is Missing:
                continue
            if not a.overlaps(b):
                return False
            agreed += a.rel_one_accuracy_bits() >= TIGHT and b.rel_one_accuracy_bits() >= TIGHT
            if agreed == PLENTY:
                break
        return agreed >= ENOUGH
