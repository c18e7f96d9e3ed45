"""One answer's text: its members, how each is read, and in what other ways."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import partial
from itertools import combinations, islice
from typing import NoReturn

from graphdiff.core.support.words import Message

from .bracketing import bracketed
from .characters import cleaned
from .parsing import Choice, Parser
from .scanning import Scanner
from .settings import Settings
from .sides import (
    MOST_PARTS,
    Stretch,
    derivative_in,
    label_in,
    labelled,
    parts_of,
    trimmed,
    unwrapped,
)
from .terms import Kind, Reading, Term, Unreadable, Vocabulary
from .tokens import Token
from .words import FUNCTIONS, words_for

__all__ = ["Text"]

MOST_TOKENS = 5_000
MOST_READINGS = 8
MOST_BRACKETED = 400
"""Tokens of a text in which missing brackets are looked for."""
MOST_REREAD = 20_000
"""Tokens that are read again for other readings."""


_LABELS = frozenset("fghyzwFGHL")
"""What an expression may be called where any letter may be a variable: ``y = 2x``."""


_STRUCK = re.compile(r"~~(?=[^\s~=])[^~=]*(?<=[^\s~=])~~")
_NUMBERED = re.compile(r"\s*\(\d{1,2}\)\s+\S")
"""``(2) 3x``: a product, or number 2 of a list."""


class Text:
    """One answer's text on its way."""

    def __init__(self, source: str, names: Vocabulary, settings: Settings) -> None:
        self.source, self.settings, self.names = source, settings, names
        self.text, self.places = cleaned(source)
        words = words_for(names.declared)
        self.scanner = Scanner(self.text, source, self.places, words, settings)
        self.scanner.functions = dict(names.values + names.customary)
        self.latex = "\\" in self.text
        self.notes: dict[str, None] = {}
        self.settled: Collection[str] = ()
        struck = _STRUCK.search(self.text) if "~~" in self.text else None  # Markdown
        if struck is not None:
            self.fail(Message("reading.struck"), struck.start(), Message("hint.leave"))
        if self.places is not None:
            self.notes[Message("note.invisible")] = None

    def fail(self, reason: str, at: int, hint: str = "", kind: Kind = "invalid") -> NoReturn:
        raise Unreadable(
            reason, source=self.source, at=self.scanner.place(at), hint=hint, kind=kind
        )

    def over(self, text: str, names: Vocabulary) -> Text:
        """The same answer with other names, and with characters left out; places stay."""
        other = Text(self.source, names, self.settings)
        other.text = other.scanner.text = text
        other.settled = self.settled
        return other

    def reading(self, part: Stretch | None = None) -> Reading:
        """What it says, or what a part of it says.  Raises Unreadable."""
        parts, left = self.members(part)
        sides = tuple(self.parsed(part)[0] for part in parts[:-1])
        term, asked, tokens, end = self.parsed(parts[-1])
        return Reading(
            term=term,
            alternatives=tuple(islice(self.others(asked, tokens, end), MOST_READINGS)),
            sides=sides,
            bracketed=partial(self.bracketed, tokens, end),
            unknown=tuple(self.scanner.unknown.items()),
            notes=(*self.notes, *self.scanner.notes),
            left=left,
            guessed=self.scanner.guessed or _NUMBERED.match(self.text) is not None,
            tokens=tuple(tokens),
        )

    def members(self, part: Stretch | None = None) -> tuple[list[Stretch], str]:
        """The members of the chain, without labels and left side."""
        text = self.text
        whole = self.unwrapped(part or Stretch(0, len(text)))
        whole = self.unwrapped(labelled(text, whole))
        if whole.start == whole.end:
            self.fail(Message("reading.none"), 0, kind="empty")
        parts = [trimmed(text, part) for part in parts_of(text, whole)]
        if len(parts) > MOST_PARTS:
            self.fail(Message("reading.chain", count=len(parts)), parts[1].start - 1, "A = B = C")
        parts, left = self.without_sides(parts)
        for part in parts:
            if part.start == part.end:
                self.fail(Message("reading.beside"), part.start, Message("hint.one_expression"))
        if len(parts) == 1 and self.derivative(self.text[slice(*parts[0])]):
            hint = Message("hint.work_out")
            self.fail(Message("reading.asked"), parts[0].start, hint)
        return [self.unwrapped(part) for part in parts], left

    def without_sides(self, parts: list[Stretch]) -> tuple[list[Stretch], str]:
        """The members without ``dy/dx =`` before them and ``= dy/dx`` behind them."""
        left = ""
        while len(parts) > 1:
            side = self.text[slice(*parts[0])]
            found = (derivative_in(side) or self.label(side)) if side else ""
            # The second may be a variable that is declared: y' = x = …
            if found is None or (left and (not side or self.scanner.words.find(side))):
                break
            parts = parts[1:]
            left = left or found
            if not found:
                break
        while len(parts) > 1:
            found = self.derivative(self.text[slice(*parts[-1])])
            if found is None:
                break
            parts, left = parts[:-1], left or found
        return parts, left

    def derivative(self, side: str) -> str | None:
        """A derivative that is only named, unless its letters are variables."""
        find = self.scanner.words.find
        found = derivative_in(side)
        if found is None or find("d") or find(found):
            return None
        if found.partition("'")[0] in (self.names.variables or ()):  # x' of a variable
            return None
        above, slash, below = found.partition("/")
        return None if slash and find(above) and find(below) else found

    def label(self, side: str) -> str | None:
        """A name that the answer is given, if it is none that stands for something else."""
        found = label_in(side)
        if found is None:
            return None
        name, applied = found
        words = self.scanner.words
        if name == self.names.output:
            return side
        if words.find(name) or name in FUNCTIONS:
            return None
        if applied or not name.isalpha():
            return side
        if words.open:
            return side if name in _LABELS else None
        pieces = words.split(name, False)
        product = pieces is not None and (len(pieces) > 1 or pieces[0].kind != "name")
        return None if product else side

    def unwrapped(self, part: Stretch) -> Stretch:
        inner, latex = unwrapped(self.text, part)
        self.latex = self.latex or latex
        return inner

    def parsed(self, part: Stretch) -> tuple[Term, list[Choice], list[Token], int]:
        """The usual reading of one member, and where it is ambiguous."""
        tokens = self.scanner.scan(*part)
        if len(tokens) > MOST_TOKENS:
            hint = Message("hint.most", most=f"{MOST_TOKENS:,}")
            self.fail(Message("reading.signs", count=len(tokens)), part.start, hint, "limit")
        end = self.scanner.place(part.end)
        parser = Parser(tokens, self.settings, self.source, end, (), self.latex)
        term = parser.parse()
        self.notes |= parser.notes
        return term, [c for c in parser.asked if c[0] not in self.settled], tokens, end

    def bracketed(self, tokens: list[Token], end: int) -> Iterator[Term]:
        """The readings with brackets that may be missing."""
        if self.settings.ambiguity == "convention" or len(tokens) > MOST_BRACKETED:
            return
        for changed in bracketed(tokens):
            try:
                yield Parser(changed, self.settings, self.source, end, (), self.latex).parse()
            except Unreadable:
                continue

    def others(self, asked: list[Choice], tokens: list[Token], end: int) -> Iterator[Term]:
        """The other readings: choices combined, all of one kind together first."""
        if self.settings.ambiguity == "convention" or not asked:
            return
        for flipped in islice(_combined(asked), MOST_REREAD // len(tokens)):
            parser = Parser(tokens, self.settings, self.source, end, flipped, self.latex)
            try:
                term = parser.parse()
            except Unreadable:  # that way it cannot be read: no other reading
                continue
            if flipped <= parser.asked.keys():  # else a choice has done away with another
                yield term


def _combined(asked: list[Choice]) -> Iterator[frozenset[Choice]]:
    """Which choices to flip, the likeliest first; a writer is mostly consistent."""
    kinds: dict[str, list[Choice]] = {}
    for choice in asked:
        kinds.setdefault(choice[0], []).append(choice)
    seen = set()
    groups = list(kinds.values())
    whole = (
        frozenset(c for group in chosen for c in group)
        for n in range(1, min(len(groups), 3) + 1)
        for chosen in combinations(groups, n)
    )
    single = (frozenset(chosen) for n in (1, 2) for chosen in combinations(asked, n))
    for source in (whole, single):
        for flipped in islice(source, 2 * MOST_READINGS):
            if flipped not in seen:
                seen.add(flipped)
                yield flipped
