r"""Formulas in the arrays of a program, at a point: ``2 q x^T``, ``2W^\top q``, ``(Wx)x^T``.

They are read as gradients in symbols are, and computed exactly.  What is not clear (a sign that may
be meant in several ways, shapes that do not fit) is not read.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache, partial
from typing import Any, NamedTuple

from graphdiff.core.domains.array import Arrays
from graphdiff.core.domains.ball_arrays import flat
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.support.words import Message
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asked.built import Misfit, Value, built, every_choice
from graphdiff.homework.asked.names import Asked
from graphdiff.homework.asked.numbers import written
from graphdiff.homework.asked.shaped import Sized
from graphdiff.language.handwriting import Term, Unreadable, members
from graphdiff.language.handwriting.matrices import prepared, read_matrices
from graphdiff.language.handwriting.settings import Settings
from graphdiff.program.runs.run import run

from .scene import Scene

__all__ = ["Worked", "worked_out"]

MOST_TEXT, MOST_ENTRIES = 400, 2_000
_ELSEWHERE = 3
"""Other points at which a formula must be right, too."""


class Worked(NamedTuple):
    """What a formula comes to."""

    value: Any
    """Nested lists of fractions."""
    general: bool
    """Whether it is right at other points as well as it is here."""
    left: str


def worked_out(answer: object, asked: Asked, place: Scene, settings: Settings) -> Worked | None:
    """The value of a formula at the point, exactly; None where it is no formula."""
    if not isinstance(answer, str) or len(answer) > MOST_TEXT or "\n" in answer:
        return None
    if not place.graph.has_arrays or place.kinked or not _exact(place):
        return None
    try:
        parts, left = members(prepared(answer))
        *sides, last = [_member(part, place, settings) for part in parts]
    except Unreadable:
        return None
    if any(side != last for side in sides) or all(_numeral(part, settings) for part in parts):
        return None
    truth = _plain(place.exact(asked))
    if truth is None or _entries(last) != _entries(truth):
        return Worked(last, True, left)
    formulas = [part for part in parts if _numeral(part, settings) is None]
    return Worked(last, all(_holds(part, asked, place) for part in formulas), left)


def _holds(text: str, asked: Asked, place: Scene) -> bool:
    """Whether a formula is right at other points."""
    others = _others(place)
    try:
        return bool(others) and all(
            _entries(_computed(text, other)) == _entries(_plain(other.exact(asked)))
            for other in others
        )
    except Unreadable:
        return False


def _entries(value: Any) -> list[Any]:
    """Shape without sizes of 1, and entries: a column and a row are one vector."""
    import numpy

    array: Any = numpy.array(value, dtype=object)
    return [[n for n in array.shape if n != 1], *array.ravel().tolist()]


def _plain(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _member(text: str, place: Scene, settings: Settings) -> Any:
    found = _numeral(text, settings)
    return _computed(text, place) if found is None else found


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
def _sized(place: Scene) -> Sized:
    return Sized(place.graph, "")


@lru_cache(maxsize=32)
def _exact(place: Scene) -> bool:
    """Whether all that the program names is known exactly there."""
    for node in (place.graph.names | place.graph.inputs).values():
        value = place.trace.values.get(node)
        entries = flat(value) if value is not None else [None]
        if len(entries) > MOST_ENTRIES or not all(isinstance(e, int | Fraction) for e in entries):
            return False
    return True


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
        if other.kinked or not _exact(other):
            return ()
        found.append(other)
    return tuple(found)


def _computed(text: str, place: Scene) -> Any:
    """Nested lists of fractions.  Raises Unreadable, also for what may be meant in several ways."""
    sized = _sized(place)
    tree = read_matrices(text, sized.names.nodes)
    meant = dict[int, Value]()
    for one in every_choice(partial(built, tree, sized.names, ())):
        value = one.found.value if isinstance(one.found, Misfit) else one.found
        if value is not None:
            meant[value.expr.id] = value
    if len(meant) != 1 or not _named(tree):
        raise Unreadable(Message("reading.value"))
    [node] = meant
    tape, known = sized.tape, place.trace.values
    order = tape.needed_for([node])
    start = {i: known[i] for i in order if i in known}
    found = forward(tape, order, {}, Arrays(RATIONAL), overrides=start)[node]
    if not all(isinstance(n, int | Fraction) for n in flat(found)):
        raise Unreadable(Message("reading.value"))
    return _squeezed(found) if hasattr(found, "ndim") else Fraction(found)


def _named(tree: Term) -> bool:
    """Whether a formula names anything."""
    return tree.op == "name" or any(map(_named, tree.operands))
