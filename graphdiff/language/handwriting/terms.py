"""What a reading is made of: terms, and the error for text that is no reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, NamedTuple

from graphdiff.errors import GraphDiffError

from .tokens import Token

__all__ = ["Kind", "Reading", "Term", "Unreadable", "Vocabulary"]

Kind = Literal["empty", "invalid", "limit"]


class Term(NamedTuple):
    """A piece of mathematics as it was read: a row of the op table over its operands.

    ``const`` holds an int, a Fraction, ``pi`` or ``e``; ``decimal`` the pair (number, half a unit
    of its last place); ``input`` a name.  Terms may be deeper than Python recurses: walk them with
    a stack, and do not compare or print them whole.
    """

    op: str
    operands: tuple[Term, ...] = ()
    value: Any = None
    span: tuple[int, int] = (0, 0)
    """The range of characters in the text."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The names that a problem's texts may use."""

    variables: tuple[str, ...] | None
    """None: any letter is one."""
    values: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What the program defines, with the variables that it depends on: ``s`` may be ``s(x)``."""
    customary: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What the whole function is called by custom, though nobody called it so: ``f``, ``y``."""
    output: str = ""
    """The name of the whole function where the program gives it one."""
    gates: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Functions that the program applies once: ``σ`` may stand for that value."""
    wrt: str = ""
    """What a derivative was asked in; its answer may be the end of a derivation."""

    @property
    def declared(self) -> tuple[str, ...] | None:
        """Variables and values."""
        if self.variables is None:
            return None
        return (*self.variables, *(name for name, _ in self.values))


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a text says."""

    term: Term
    """The usual reading."""
    alternatives: tuple[Term, ...] = ()
    """The other readings of an ambiguous text."""
    sides: tuple[Term, ...] = ()
    """Earlier members of a chain ``A = B = C``, which must equal the last."""
    bracketed: Callable[[], Iterable[Term]] = field(default=tuple, compare=False)
    """What the text says with brackets that may be missing; worked out when asked."""
    before: tuple[Term, ...] = ()
    """Formulas on earlier lines: each is the function itself, or says what the answer says."""
    conditional: bool = False
    """Whether a condition such as x > 0 was left out."""
    unknown: tuple[tuple[str, int], ...] = ()
    """Names that nobody declared, with their positions."""
    notes: tuple[str, ...] = ()
    """Conventions that were used."""
    left: str = ""
    """A left side that was set aside: ``dy/dx``, ``f'(x)``."""
    guessed: bool = False
    """Whether it may be no product: ``s(2x)``, where s depends on x; ``(2) 3x`` in a list."""
    tokens: tuple[Token, ...] = field(default=(), compare=False)
    """The signs of the usual reading."""


class Unreadable(GraphDiffError):
    """The text is no expression; says where, why, and what would be readable.

    >>> print(Unreadable("a bracket is never closed", source="2(x+1", at=1, hint="add )"))
    a bracket is never closed (at character 2)
      2(x+1
       ^
    hint: add )
    """

    def __init__(
        self, reason: str, *, source: str = "", at: int = 0, hint: str = "", kind: Kind = "invalid"
    ) -> None:
        super().__init__(reason, source=source, hint=hint)
        self.reason = reason
        self._at = at
        self._kind = kind

    @property
    def position(self) -> int:  # type: ignore[override]
        """Where in the text, counted from 0."""
        return self._at

    @property
    def kind(self) -> Kind:
        """``empty``, ``invalid`` or ``limit``."""
        return self._kind

    def __str__(self) -> str:
        from graphdiff.errors import Span, caret_lines

        lines = [self.reason]
        if self.source and self._kind == "invalid":
            start = self.source.rfind("\n", 0, self._at) + 1
            place = Span(self._at, self._at + 1)
            lines[0] += f" (at character {self._at + 1})"
            lines += caret_lines(self.source, place, self._at - start + 1)
        if self.hint:
            lines.append(f"hint: {self.hint}")
        return "\n".join(lines)


def constant(value: int | Fraction | str, span: tuple[int, int] = (0, 0)) -> Term:
    """A constant as a term."""
    return Term("const", (), value, span)
