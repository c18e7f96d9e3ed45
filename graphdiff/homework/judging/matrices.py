r"""Formulas in the arrays of a program, at a point: ``2 q x^T``, ``2W^\top q``, ``(Wx)x^T``.

They are computed exactly.  A vector is a column; letters side by side are a product of matrices.
What is not clear (``*`` between two arrays, shapes that do not fit) is not read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise
from typing import Any, NamedTuple

from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.names import Asked
from graphdiff.homework.asked.numbers import written
from graphdiff.language.handwriting import Unreadable, members
from graphdiff.language.handwriting.settings import Settings
from graphdiff.program.runs.run import run

from .scene import Scene

__all__ = ["Worked", "worked_out"]

MOST_TEXT, MOST_DEEP, MOST_ENTRIES = 400, 20, 2_000
_ELSEWHERE = 3
"""Other points at which a formula must be right, too."""
_SIGNS = str.maketrans({"ᵀ": "^T", "⊤": "^T", "⊙": r"\odot ", "∘": r"\odot ", "−": "-"})
_TOKEN = re.compile(
    r"\s*(?:(?P<number>\d+(?![.\d]))"
    r"|(?P<turned>\^\s*\{?\s*(?:\\top|\\intercal|\\mathrm\s*\{?\s*T\s*\}?|T)\s*\}?|\.T(?![a-z])|')"
    r"|(?P<each>\\odot(?![A-Za-z]))|(?P<times>\*|\\cdot(?![A-Za-z])|·|⋅)|(?P<product>@)"
    r"|(?P<divide>/)|(?P<plus>[+-])|(?P<open>[(\[])|(?P<close>[)\]])|(?P<letter>[^\W\d_]))"
)


class Worked(NamedTuple):
    """What a formula comes to."""

    value: Any
    """Nested lists of fractions."""
    general: bool
    """Whether it is right at other points as well as it is here."""
    left: str


class _Unclear(Exception):
    """The text is no formula in these arrays."""


def worked_out(answer: object, asked: Asked, place: Scene, settings: Settings) -> Worked | None:
    """The value of a formula at the point, exactly; None where it is no formula."""
    if not isinstance(answer, str) or len(answer) > MOST_TEXT or "\n" in answer:
        return None
    if not place.graph.has_arrays or place.kinked or _values(place) is None:
        return None
    try:
        parts, left = members(answer.translate(_SIGNS))
        *sides, last = [_member(part, place, settings) for part in parts]
    except (Unreadable, _Unclear):
        return None
    if any(side != last for side in sides) or all(_numeral(part, settings) for part in parts):
        return None
    truth = _plain(place.exact(asked))
    if truth is None or _flat(last) != _flat(truth):
        return Worked(last, True, left)
    formulas = [part for part in parts if _numeral(part, settings) is None]
    return Worked(last, all(_holds(part, asked, place) for part in formulas), left)


def _holds(text: str, asked: Asked, place: Scene) -> bool:
    """Whether a formula is right at other points."""
    others = _others(place)
    try:
        return bool(others) and all(
            _flat(_computed(text, _values(other) or {})) == _flat(_plain(other.exact(asked)))
            for other in others
        )
    except _Unclear:
        return False


def _flat(value: Any) -> list[Any]:
    """Shape without sizes of 1, and entries: a column and a row are one vector."""
    import numpy

    array: Any = numpy.array(value, dtype=object)
    return [[n for n in array.shape if n != 1], *array.ravel().tolist()]


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _member(text: str, place: Scene, settings: Settings) -> Any:
    found = _numeral(text, settings)
    return _computed(text, _values(place) or {}) if found is None else found


def _numeral(text: str, settings: Settings) -> Any:
    """An array or a number that is written in exact numbers; None if it is not."""
    from graphdiff.core.domains.ball import working_precision

    try:
        with working_precision(128) as balls:
            found = written(text, settings, balls)
    except Unreadable:
        return None
    if any(number.exact is None for number in found.numbers):
        return None
    import numpy

    entries: Any = numpy.empty(len(found.numbers), dtype=object)
    entries[:] = [number.exact for number in found.numbers]
    return _squeezed(entries.reshape(found.shape)) if found.shape else entries[0]


def _squeezed(array: Any) -> Any:
    """Nested lists, of a column its entries."""
    return array.ravel().tolist() if array.ndim == 2 and 1 in array.shape else array.tolist()


@lru_cache(maxsize=32)
def _values(place: Scene) -> dict[str, Any] | None:
    """The exact values of what the program names: fractions, and arrays of two axes."""
    import numpy

    found: dict[str, Any] = {}
    for name, node in (place.graph.names | place.graph.inputs).items():
        value: Any = place.trace.values.get(node)
        entries = value.ravel().tolist() if hasattr(value, "ravel") else [value]
        if len(entries) > MOST_ENTRIES or not all(isinstance(e, int | Fraction) for e in entries):
            return None
        if not hasattr(value, "shape") or not value.shape:
            found[name] = Fraction(entries[0])
        elif len(value.shape) <= 2:
            array: Any = numpy.empty(len(entries), dtype=object)
            array[:] = [Fraction(e) for e in entries]
            found[name] = array.reshape(value.shape if len(value.shape) == 2 else (-1, 1))
        else:
            return None
    return found


@lru_cache(maxsize=32)
def _others(place: Scene) -> tuple[Scene, ...]:
    """The same program at other points."""
    import numpy

    found, k = list[Scene](), 0
    for _ in range(_ELSEWHERE):
        point: dict[str, Any] = {}
        for name, node in place.graph.inputs.items():
            value = place.trace.values.get(node)
            shape = getattr(value, "shape", ())
            entries: Any = numpy.empty(shape, dtype=object)
            for index in numpy.ndindex(shape):
                k += 1
                entries[index] = (7 * k * k + 31 * k) % 23 - 11 or 12
            point[name] = entries.tolist()
        try:
            other = Scene(run(place.graph, point).complete())
        except (GraphDiffError, ArithmeticError, ValueError):
            return ()
        if other.kinked or _values(other) is None:
            return ()
        found.append(other)
    return tuple(found)


def _computed(text: str, values: Mapping[str, Any]) -> Any:
    """Nested lists of fractions.  Raises _Unclear."""
    value = _Formula(text, values).whole()
    return value if isinstance(value, Fraction) else _squeezed(value)


class _Formula:
    """A sum of products, read from left to right."""

    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self.values, self.tokens, self.k = values, list[tuple[str, str]](), 0
        at = 0
        names = sorted(values, key=len, reverse=True)
        while at < len(text.rstrip()):
            found = _TOKEN.match(text, at)
            if found is None:
                raise _Unclear
            kind, start = found.lastgroup or "", found.start(found.lastgroup or 0)
            if kind == "letter":
                name = next((n for n in names if text.startswith(n, start)), "")
                if not name or re.match(r"[_\d]", text[start + len(name) :]):
                    raise _Unclear
                self.tokens.append(("name", name))
                at = start + len(name)
            else:
                self.tokens.append((kind, found[kind]))
                at = found.end()

        kinds = [kind for kind, _ in self.tokens]
        if "name" not in kinds or any(a == b == "number" for a, b in pairwise(kinds)):
            raise _Unclear

    def peek(self) -> str:
        return self.tokens[self.k][0] if self.k < len(self.tokens) else ""

    def whole(self) -> Any:
        value = self.sum(0)
        if self.k < len(self.tokens):
            raise _Unclear
        return value

    def sum(self, depth: int) -> Any:
        if depth > MOST_DEEP:
            raise _Unclear
        total = None
        while total is None or self.peek() == "plus":
            sign = 1
            while self.peek() == "plus":
                sign = -sign if self.tokens[self.k][1] == "-" else sign
                self.k += 1
            term = self.product(depth) * sign
            if total is not None and getattr(total, "shape", ()) != getattr(term, "shape", ()):
                raise _Unclear
            total = term if total is None else total + term
        return total

    def product(self, depth: int) -> Any:
        value = self.factor(depth)
        while (kind := self.peek()) not in ("", "plus", "close"):
            if kind in ("times", "product", "each", "divide"):
                self.k += 1
            value = _product(value, self.factor(depth), kind)
        return value

    def factor(self, depth: int) -> Any:
        kind = self.peek()
        text = self.tokens[self.k][1] if kind else ""
        self.k += 1
        if kind == "number":
            value: Any = Fraction(text)
        elif kind == "name":
            value = self.values[text]
        elif kind == "open":
            value = self.sum(depth + 1)
            if self.peek() != "close":
                raise _Unclear
            self.k += 1
        else:
            raise _Unclear
        while self.peek() == "turned":
            self.k += 1
            value = value if isinstance(value, Fraction) else value.T
        return value


def _product(a: Any, b: Any, kind: str) -> Any:
    scalar = isinstance(b, Fraction)
    if kind == "divide":
        if not scalar or not b:
            raise _Unclear
        return a / b
    if scalar or isinstance(a, Fraction):
        if kind in ("product", "each"):
            raise _Unclear
        return a * b
    if kind == "each":
        if a.shape != b.shape:
            raise _Unclear
        return a * b
    if kind == "times" or a.shape[1] != b.shape[0]:  # entry by entry, a dot, or of matrices?
        raise _Unclear
    found = a.dot(b)
    return found[0, 0] if found.shape == (1, 1) else found
