"""Whether the numbers of a variant are pleasant, and whether it teaches anything."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from typing import Any

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.sweeps.backward import accumulate, local_gradient, times
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.errors import DomainError
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.merge import equals

from .numerals import LARGEST, is_pleasant
from .varying import is_transcendental

__all__ = ["REASONS", "fault", "number_fault"]

REASONS = {
    "same": "two inputs are equal",
    "alike": "a gate has two equal operands",
    "undefined": "a value is not defined",
    "kink": "a gate sits on a kink or a tie",
    "zero": "a value or a gradient is 0",
    "decimals": "a number has more than 2 decimals",
    "large": f"a number is beyond {LARGEST}",
    "small": "a number is too small to be written with 4 digits",
    "root": "a root is no short decimal",
    "argument": "the argument of a function is no small integer or half",
    "trivial": "all gradients are 0 or 1",
    "merged": "two steps became one",
    "example": "it is the example itself",
    "again": "it was found before",
    "constant": "the derivative is constant",
    "unwieldy": "the derivative has unwieldy numbers",
}
"""Why a variant was not taken."""
_MOST_ARGUMENT = 3
_LEAST = 0.001


@dataclass(frozen=True, slots=True)
class _Place:
    graph: Graph
    values: Mapping[int, Any]

    def operands(self, i: int) -> list[Any]:
        return [self.values[k] for k in self.graph.tape.nodes[i].operands]


def _differ(graph: Graph, pairs: Iterable[tuple[int, int]]) -> bool:
    """Whether some of these pairs are not the same expression."""
    kinds = equals(graph)
    return any(kinds[a] != kinds[b] for a, b in pairs)


def fault(graph: Graph, point: Mapping[str, Fraction]) -> str:
    """Why these numbers are not pleasant, as a key of ``REASONS``; empty if they are.

    >>> from graphdiff import parse
    >>> g = parse("(x+y)*z")
    >>> fault(g, {"x": Fraction(-2), "y": Fraction(5), "z": Fraction(-4)})
    ''
    >>> fault(g, {"x": Fraction(-2), "y": Fraction(2), "z": Fraction(-4)})
    'zero'
    """
    used = [point[name] for name, i in graph.inputs.items() if i in graph.uses]
    if len(set(used)) < len(used):
        return "same"
    values = forward(graph.tape, graph.order, point, RATIONAL)
    place = _Place(graph, values)
    for i in graph.order:
        if graph.active[i]:
            found = _value_fault(place, i)
            if found:
                return found
    try:
        return next(_gradient_faults(place), "")
    except DomainError:
        return "undefined"


def _value_fault(place: _Place, i: int) -> str:
    graph, value = place.graph, place.values[i]
    node = graph.tape.nodes[i]
    if isinstance(value, Undefined):
        return "undefined"
    if not node.operands:
        return number_fault(value)
    row, operands = graph.tape.ops[node.op], place.operands(i)
    if any(isinstance(x, Undefined) for x in operands):
        return "undefined"  # of a branch that is not taken
    if row.kink is not None and not row.selects and row.kink.at(*operands):
        return "kink"
    if row.condition:
        return ""
    pairs = combinations(zip(node.operands, operands, strict=True), 2)
    if row.role in ("switcher", "distributor"):
        alike = [(a, b) for (a, x), (b, y) in pairs if a != b and x == y]
        # Two names of equal parts, as in u = a+b; v = a+b, can have no other values.
        if alike and _differ(graph, alike):
            return "alike"
    if value == 0 and row.kink is not None:
        return ""  # a relu that is off
    if isinstance(value, float) and not any(isinstance(x, float) for x in operands):
        if not is_transcendental(graph, i):
            return "root"
        if not all(_is_argument(x) for x in operands):
            return "argument"
    return number_fault(value)


def _is_argument(x: Any) -> bool:
    return bool(abs(x) <= _MOST_ARGUMENT and 2 % x.denominator == 0)


def number_fault(value: Any) -> str:
    """Why a number is not pleasant, as a key of ``REASONS``; empty if it is."""
    if value == 0:
        return "zero"
    if abs(value) > LARGEST:
        return "large"
    if isinstance(value, float):
        return "small" if abs(value) < _LEAST else ""
    return "" if is_pleasant(Fraction(value)) else "decimals"


def _gradient_faults(place: _Place) -> Iterator[str]:
    """Faults of local gradients, of what they pass on, and of the sums."""
    graph, values = place.graph, place.values
    tape, active = graph.tape, graph.active
    adjoints = accumulate(tape, graph.order, graph.output, values, RATIONAL)
    received: dict[int, bool] = {}
    for i in reversed(graph.order):
        node = tape.nodes[i]
        if not active[i]:
            continue
        upstream = adjoints[i]
        if upstream or received.get(i):  # 0 by cancelling is a fault, 0 by a router is not
            yield from filter(None, [number_fault(upstream)])
        for position, k in enumerate(node.operands):
            if not active[k] or tape.ops[node.op].condition or not upstream:
                continue
            local = local_gradient(tape, i, position, values, RATIONAL)
            if not local and tape.ops[node.op].kink is not None:
                continue
            received[k] = True
            share = times(upstream, RATIONAL.number(local))
            yield from filter(None, map(number_fault, (local, share)))
    gradients = [adjoints.get(graph.inputs[name], 0) for name in graph.inputs
                 if graph.inputs[name] in graph.uses]  # fmt: skip
    if all(g in (0, 1) for g in gradients):
        yield "trivial"
