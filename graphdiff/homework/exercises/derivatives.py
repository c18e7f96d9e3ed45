"""Exercises of the kind "differentiate f with respect to x"; constants and exponents vary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod

from graphdiff.core.ir.op import Op
from graphdiff.errors import GraphDiffError
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.graph import Graph, parse

from .numerals import Drawing, is_pleasant
from .search import Progress, checked_count, too_few
from .varying import LIMITS, Template, read_like, written

__all__ = ["Differentiation", "derivatives"]

_TRIES = 4_000
_EXPONENTS = (2, 3, 4, 5, 6)


@dataclass(frozen=True, eq=False)
class Differentiation:
    """A function to differentiate, and its derivative."""

    program: str
    wrt: str
    graph: Graph
    solution: Graph

    @property
    def answer(self) -> str:
        """The derivative as text."""
        return self.solution.show("text")


def derivatives(
    like: str | Graph, *, wrt: str | None = None, seed: int = 0, count: int = 10,
    progress: Progress | None = None,
) -> list[Differentiation]:  # fmt: skip
    """Variants of a function to differentiate; the same ones for the same seed.

    Constants and exponents differ.  Raises GraphDiffError if there are not so many, and says why.

    >>> for d in derivatives("3*x^2*sin(2*x)", count=2, seed=1):
    ...     print(d.program, "|", d.answer)
    8*x^2*sin(8*x) | 64*x^2*cos(8*x) + 16*x*sin(8*x)
    5*x^3*sin(5*x) | 25*x^3*cos(5*x) + 15*x^2*sin(5*x)
    """
    checked_count(count)
    graph = read_like(like)
    variable = _variable(graph, wrt)
    template, drawing = Template(graph, _EXPONENTS), Drawing(seed)
    slots, reasons = template.numbers, Counter[str]()
    examples = {written(graph), graph.source}  # the example is no variant of itself
    seen: set[str] = set()
    tried: dict[tuple[Fraction, ...], str] = {}
    """Why each choice of numbers cannot be taken once more."""
    choices = prod(map(len, slots.values()))
    found: list[Differentiation] = []
    for _ in range(_TRIES + 20 * count):
        numbers = {place: drawing.one(pool) for place, pool in slots.items()}
        key = (*numbers.values(),)
        if key in tried:
            reasons[tried[key]] += 1
            continue
        made = template.changed(numbers, {})
        program = "" if made is None else made.source or written(made)
        exercise = None
        if made is None:
            reason = "merged"
        elif program in seen or program in examples:
            reason = "example" if program in examples else "again"
        else:
            seen.add(program)
            exercise, reason = _exercise(program, variable, graph.tape.ops)
        tried[key] = "again" if exercise else reason
        if exercise is not None:
            found.append(exercise)
            if progress is not None:
                progress(len(found))
        elif slots:
            reasons[reason] += 1
        if len(found) == count:
            return found
        if len(tried) == choices:
            break
    raise too_few(
        len(found), count, reasons, "or give the function more numbers, such as 3*x^2*sin(2*x)"
    )


def _variable(graph: Graph, wrt: str | None) -> str:
    names = [name for name, i in graph.inputs.items() if i in graph.uses]
    if wrt is None and len(names) == 1:
        return names[0]
    if wrt not in names:
        hint = f"name one with wrt: {', '.join(names)}"
        if wrt is None:
            raise GraphDiffError("which variable is meant?", hint=hint)
        raise no_variable(wrt, names, graph.names, of="function", hint=hint, error=GraphDiffError)
    assert wrt is not None
    return wrt


def _exercise(program: str, wrt: str, ops: Mapping[str, Op]) -> tuple[Differentiation | None, str]:
    graph = parse(program, ops, limits=LIMITS)
    solution = graph.gradient(wrt)[wrt]
    if not solution.inputs:
        return None, "constant"
    numbers = (solution.tape.nodes[i].attr for i in solution.order
               if solution.tape.nodes[i].op == "const")  # fmt: skip
    if not all(isinstance(n, str) or is_pleasant(Fraction(n)) for n in numbers):
        return None, "unwieldy"
    return Differentiation(program, wrt, graph, solution), ""
