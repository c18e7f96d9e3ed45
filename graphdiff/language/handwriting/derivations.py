"""An answer at the end of a derivation: several lines, steps, words around them.

The answer is the last formula that is no definition and no derivative of something else.  What
stands before it must agree with it or be the function; a name that is defined on the way stands
for its definition.  What is neither is left out, and told.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Literal, NamedTuple

from graphdiff.core.support.words import Message

from .cases import blocks_in
from .layout import MOST_STATEMENTS, Page, Statement, laid_out
from .sides import Stretch, derivative_in, label_in, parts_of, trimmed
from .terms import Reading, Term, Unreadable, Vocabulary
from .text import Text
from .words import FUNCTIONS

__all__ = ["derived", "replaced"]

MOST_TERMS = 5_000
MOST_DEFINED = 16
MOST_TEXT = 3_000
_PRIMED = re.compile(
    r"['´`]|\\prime(?![A-Za-z])|\\frac\s*\{\s*d\s*\}|(?<![A-Za-z])d\s*/\s*d[A-Za-z]"
)
_NO_NAMES = frozenset(("e", "i", "pi", "d"))
_NO_VARIABLES = frozenset("CDEI")
"""Capitals that mean something of their own."""


def derived(whole: Text) -> Reading | None:
    """What a text by cases, or the last line of a derivation, says; None if it is neither."""
    names = whole.names.declared
    if names is None or len(whole.text) > MOST_TEXT:
        return None
    bare = tuple(gate for gate in whole.names.gates if gate[0] in whole.scanner.unknown)
    if bare:
        return _with_gates(whole, bare)
    taken = blocks_in(whole.text, names, bool(whole.names.wrt), partial(_term, whole))
    text, values = (whole.text, {}) if taken is None else (taken.text, taken.values)
    if whole.names.wrt:
        page = laid_out(text, (*names, *values))
    elif taken is not None:
        page = Page(text, [Statement(0, len(text), "")], {}, False)
    else:
        return None
    if not page.statements or len(page.statements) > MOST_STATEMENTS:
        return None
    if taken is not None and taken.doubtful:
        page = page._replace(conditional=True)
    try:
        derivation = _Derivation(whole, page, values)
        if taken is not None and whole.names.wrt:
            derivation.notes[Message("note.cases")] = None
        return derivation.reading()
    except Unreadable:
        return None


def _with_gates(whole: Text, bare: tuple[tuple[str, tuple[str, ...]], ...]) -> Reading | None:
    """``σ(1 - σ)``: σ stands for the value of the only gate of that kind; still unknown names."""
    names = replace(whole.names, values=(*whole.names.values, *bare))
    try:
        reading = whole.over(whole.text, names).reading()
    except Unreadable:
        return None
    found = dict(reading.unknown) | {name: whole.scanner.unknown[name] for name, _ in bare}
    return replace(reading, unknown=tuple(found.items()))


def _term(whole: Text, text: str, part: Stretch, values: dict[str, Term]) -> Term | None:
    """The one reading of a piece of the text; None if there is none, or more."""
    page = Page(text, [], {}, False)
    try:
        reading = _Derivation(whole, page, values).read(part)
    except Unreadable:
        return None
    if reading is None or reading.alternatives or reading.sides or reading.left:
        return None
    return reading.term


class _Step(NamedTuple):
    """A statement and what it is."""

    part: Stretch
    kind: Literal["asked", "bare", "weak", "function", "definition", "other"]
    from_function: bool = False
    """Whether it may be the function that is differentiated in the next step."""


class _Derivation:
    """The statements of one answer, and the names that they define."""

    def __init__(self, whole: Text, page: Page, values: Mapping[str, Term]) -> None:
        self.whole, self.page, self.text = whole, page, page.text
        self.names = whole.names
        self.defined: dict[str, tuple[Term, ...]] = {name: (t,) for name, t in values.items()}
        self.skipped = dict(page.skipped)
        self.notes: dict[str, None] = {}

    def reading(self) -> Reading | None:
        """What it comes to."""
        steps = self.steps()
        chosen = self.answers(steps)
        if not chosen:
            return None
        final = self.read(chosen[-1].part)
        if final is None:
            return None
        sides, before = list(final.sides), list[Term]()
        for step in chosen[:-1]:
            one = self.read(step.part)
            if one is None:
                return None
            (before if step.from_function else sides).extend((*one.sides, one.term))
        told = [Message("note.skipped", text=text[:80]) for _, text in sorted(self.skipped.items())]
        return replace(
            final, sides=tuple(sides), before=tuple(before), conditional=self.page.conditional,
            notes=(*final.notes, *self.notes, *told), guessed=final.guessed or bool(told),
        )  # fmt: skip

    def steps(self) -> list[_Step]:
        """What each statement is; definitions are read, and what is left out is told."""
        statements, found = self.page.statements, list[_Step]()
        for k, statement in enumerate(statements):
            part = self.whole_members(Stretch(statement.start, statement.end))
            following = statements[k + 1].behind if k + 1 < len(statements) else ""
            step = self.step(part, following in ("arrow", "colon", "word", "line"))
            if step.kind == "definition":
                step = step._replace(kind="definition" if self.define(part) else "other")
            if step.kind == "other":
                self.skip(part)
            found.append(step)
        return found

    def answers(self, steps: list[_Step]) -> list[_Step]:
        """The steps that say what the derivative is, the last of them last; those that cannot be
        used are told as left out."""
        for kinds in (("asked", "bare"), ("weak",), ("function",)):
            if any(step.kind in kinds for step in steps):
                break
        else:
            return []
        last = max(k for k, step in enumerate(steps) if step.kind in kinds)
        if kinds != ("asked", "bare") and any(step.kind == "other" for step in steps):
            return []  # that was a step on the way, and so may this be
        if kinds == ("weak",) and sum(step.kind == "weak" for step in steps) > 1:
            return []  # u' and v': none of them is the answer
        chosen = []
        for k, step in enumerate(steps):
            if step.kind in kinds or (step.kind == "function" and k < last):
                chosen.append(step)
            elif step.kind in ("weak", "function"):
                self.skip(step.part)
        return chosen

    def skip(self, part: Stretch) -> None:
        self.skipped[part.start] = " ".join(self.text[slice(*part)].split())

    def whole_members(self, part: Stretch) -> Stretch:
        """A chain without members that still have a derivative to work out, and no = at an end."""
        start, end = trimmed(self.text, part)
        while start < end and self.text[start] == "=":
            start, end = trimmed(self.text, Stretch(start + 1, end))
        while end > start and self.text[end - 1] == "=":
            start, end = trimmed(self.text, Stretch(start, end - 1))
        members = [trimmed(self.text, m) for m in parts_of(self.text, Stretch(start, end))]
        if any("'" in name for name in self.names.declared or ()):
            return Stretch(start, end)
        for k, member in enumerate(members[:-1]):
            side = self.text[slice(*member)]
            if _PRIMED.search(side) and not (k == 0 and derivative_in(side)):
                self.skip(member)
                after = members[k + 1].start
                self.text = self.text[: member.start] + " " * (after - member.start) + (
                    self.text[after:]
                )  # fmt: skip
                if k:  # the = before it is the one before the next
                    before = self.text.rfind("=", start, member.start)
                    self.text = self.text[: after - 1] + "=" + self.text[after:]
                    self.text = self.text[:before] + " " + self.text[before + 1 :]
        return trimmed(self.text, Stretch(start, end))

    def step(self, part: Stretch, followed: bool) -> _Step:
        """What a statement is, by its left side."""
        members = parts_of(self.text, part)
        side = self.text[slice(*trimmed(self.text, members[0]))]
        known = self.names.declared or ()
        output = (*(name for name, _ in self.names.customary), self.names.output)
        if len(members) == 1:
            primed = _PRIMED.search(side) and not any("'" in name for name in known)
            return _Step(part, "other" if primed else "bare", followed)
        last = self.text[slice(*trimmed(self.text, members[-1]))]
        if _PRIMED.search(last) and not derivative_in(last) and not any("'" in n for n in known):
            return _Step(part, "other")
        found = derivative_in(side)
        if found is not None:
            return _Step(part, self.derivative(found, output))
        label = label_in(side)
        if label is None:
            return _Step(part, "bare", followed)
        above, index, below = label[0].replace("{", "").replace("}", "").partition("_")
        if index and below in (self.names.variables or ()):  # f_x
            return _Step(part, self.derivative(f"d{above}/d{below}", output))
        name = self.whole.scanner.words.find(label[0]) or label[0]
        if name in output and name:
            return _Step(part, "function", True)
        if name in dict(self.names.values):
            return _Step(part, "other")
        if name in known or name in FUNCTIONS or name in _NO_NAMES:
            return _Step(part, "bare")
        return _Step(part, "definition")

    def derivative(self, found: str, output: tuple[str, ...]) -> Literal["asked", "weak", "other"]:
        """Whether a left side may be the derivative that was asked."""
        if found.startswith(("D", "∇")):
            return "asked"
        above, slash, below = found.partition("/")
        above, below = above.removeprefix("d").partition("'")[0], below.removeprefix("d")
        inner = {*self.defined, *dict(self.names.values)} - {self.names.output}
        if above in inner or below in inner:
            return "other"
        if slash and below.partition("(")[0] != self.names.wrt:
            return "other"
        return "asked" if not above or above in output else "weak"

    def define(self, part: Stretch) -> bool:
        """Note what a name stands for; False if that cannot be read."""
        members = parts_of(self.text, part)
        label = label_in(self.text[slice(*trimmed(self.text, members[0]))])
        if label is None or len(self.defined) >= MOST_DEFINED:
            return False
        if label[0] in self.defined:
            raise Unreadable(Message("reading.sides"))  # which of them is meant?
        try:
            reading = self.read(Stretch(members[1].start, part.end))
        except Unreadable:
            return False
        if reading is None or reading.sides:
            return False
        self.defined[label[0]] = (reading.term, *reading.alternatives)
        return True

    def read(self, part: Stretch) -> Reading | None:
        """A statement with what was defined put in; None where it names what nobody gave."""
        own = dict(self.names.values)
        every = self.names.variables or ()
        values = (*own.items(), *((name, every) for name in self.defined))
        customary = tuple(c for c in self.names.customary if c[0] not in self.defined)
        names = Vocabulary(every, values, customary, self.names.output, (), self.names.wrt)
        text = self.whole.over(self.text, names)
        reading = text.reading(part)
        usual = {name: terms[0] for name, terms in self.defined.items()}
        others = [
            {**usual, name: term} for name, terms in self.defined.items() for term in terms[1:]
        ]
        capitals = {}
        for name, _ in reading.unknown:
            small = name.lower()
            if len(name) > 1 or name == small or name in _NO_VARIABLES or small not in every:
                return None
            capitals[name] = Term("input", (), small)
            self.notes[Message("note.read_as", written=name, name=small)] = None
        usual |= capitals
        if not usual:
            return reading
        alternatives = [replaced(term, usual) for term in reading.alternatives]
        alternatives += [replaced(reading.term, {**other, **capitals}) for other in others]
        bracketed = reading.bracketed
        return replace(
            reading, term=replaced(reading.term, usual), alternatives=tuple(alternatives),
            sides=tuple(replaced(side, usual) for side in reading.sides), unknown=(),
            bracketed=lambda: (replaced(term, usual) for term in bracketed()),
        )  # fmt: skip


def replaced(term: Term, values: Mapping[str, Term]) -> Term:
    """The term with these terms in the place of names.  Raises Unreadable if it grows too large.

    >>> replaced(Term("neg", (Term("input", (), "u"),)), {"u": Term("input", (), "x")}).operands
    (Term(op='input', operands=(), value='x', span=(0, 0)),)
    """
    sizes = {name: _size(value) for name, value in values.items()}
    done: list[Term] = []
    pending, size = [(term, False)], 0
    while pending:
        at, seen = pending.pop()
        if seen:
            count = len(at.operands)
            operands = tuple(done[-count:])
            done[-count:] = [at._replace(operands=operands)]
        elif at.operands:
            pending.append((at, True))
            pending += [(operand, False) for operand in reversed(at.operands)]
        else:
            named = at.op == "input" and at.value in values
            size += sizes[at.value] if named else 1
            if size > MOST_TERMS:
                raise Unreadable(Message("reading.deep"), kind="limit")
            done.append(values[at.value] if named else at)
    return done[0]


def _size(term: Term) -> int:
    size, waiting = 0, [term]
    while waiting:
        at = waiting.pop()
        size += 1
        waiting += at.operands
    return size
