"""What may differ between a program and its variants: its numbers and its gates."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from math import gcd
from typing import Any

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape
from graphdiff.core.limits import Limits
from graphdiff.drawing.labels.accessibility import program_line
from graphdiff.errors import Unsupported
from graphdiff.language.notation.printer import Printer
from graphdiff.program.graph import Graph, parse

__all__ = [
    "GATES",
    "Place",
    "Template",
    "is_transcendental",
    "read_like",
    "read_program",
    "written",
]

GATES = ("add", "sub", "mul", "max", "min")
"""Gates of two operands that may stand for each other."""
LIMITS = Limits(text=10_000, depth=100, nodes=1_000)

Place = tuple[int, int]
"""An operand: the id of its gate, and its position there."""


def read_program(like: str | Graph) -> Graph:
    """The program to vary.  Raises ParseError and the like."""
    graph = parse(like, limits=LIMITS) if isinstance(like, str) else like
    if isinstance(like, str) and program_line(like) != like:
        graph = parse(program_line(like), limits=LIMITS)
    return graph


def read_like(like: str | Graph) -> Graph:
    """The program of numbers to vary.  Raises ParseError and the like; Unsupported for arrays."""
    graph = read_program(like)
    if graph.unshaped is not None or graph.has_arrays:
        raise Unsupported(
            "exercises are made of programs of numbers, and this one has arrays",
            hint="write it out in numbers: w1*x1 + w2*x2",
        )
    if not graph.active[graph.output] or not graph.tape.nodes[graph.output].operands:
        raise Unsupported("this program has no gate to work out", hint='for example "(x+y)*z"')
    return graph.core


def is_transcendental(graph: Graph, i: int) -> bool:
    """Whether a gate makes numbers that are no roots of fractions: exp, sin, sigmoid, 2^x."""
    node = graph.tape.nodes[i]
    if node.op == "pow":
        return bool(graph.active[node.operands[1]])
    row = graph.tape.ops.get(node.op)
    return row is not None and not _is_algebraic(row)


def _is_algebraic(row: Op) -> bool:
    """Whether fractions give fractions, or roots of them."""
    known = row.condition or row.selects or row.curve.power is not None
    return known or _keeps_fractions(row.value, row.samples)


@lru_cache(maxsize=256)
def _keeps_fractions(rule: Callable[..., Any], samples: tuple[tuple[float, ...], ...]) -> bool:
    values = (rule(RATIONAL, *map(Fraction, sample)) for sample in samples)
    return all(isinstance(value, int | Fraction) for value in values)


def written(graph: Graph) -> str:
    """The text of a program, with the user's names.

    >>> written(parse("q=x+y;f = q * z"))
    'q = x + y; f = q*z'
    """
    names: dict[int, str] = {}
    for name, i in graph.names.items():
        if i in graph.uses:
            names.setdefault(i, name)
    statements = []
    for i in sorted({*names, graph.output}):
        others = {k: name for k, name in names.items() if k != i}
        text = Printer(graph.tape, others).show(i)
        statements.append(f"{names[i]} = {text}" if i in names else text)
    return "; ".join(statements)


class Template:
    """A program, and where its variants may differ from it.

    >>> t = Template(read_like("3*x^2 + max(x, y)"))
    >>> [[str(x) for x in pool] for pool in t.numbers.values()], len(t.gates)
    ([['2', '3', '4'], ['2', '3', '4', '5', '6', '7', '8', '9']], 2)
    """

    def __init__(self, graph: Graph, exponents: tuple[int, ...] = (2, 3, 4)) -> None:
        self.graph, self.tape = graph, graph.tape
        self.exponents = exponents

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The variables that the output depends on."""
        return tuple(name for name, i in self.graph.inputs.items() if i in self.graph.uses)

    @cached_property
    def numbers(self) -> dict[Place, tuple[Fraction, ...]]:
        """Constants that may be others, and which; what makes a function what it is has to stay."""
        found = {}
        for i in self.graph.order:
            for position, k in enumerate(self.tape.nodes[i].operands):
                if self.tape.nodes[k].op != "const" or self._place(i, position) != (i, position):
                    continue
                places = self.graph.uses[k] if k in self._named else [(i, position)]
                pools = [self._pool(*place) for place in places]
                pool = tuple([x for x in pools[0] if all(x in other for other in pools)])
                if len(pool) > 1:
                    found[i, position] = pool
        return found

    @cached_property
    def _named(self) -> frozenset[int]:
        return frozenset(self.graph.names.values())

    def _place(self, i: int, position: int) -> Place:
        """Where the number of a constant is told: one with a name has the same everywhere."""
        k = self.tape.nodes[i].operands[position]
        return self.graph.uses[k][0] if k in self._named else (i, position)

    def _pool(self, i: int, position: int) -> tuple[Fraction, ...]:
        value = self.tape.nodes[self.tape.nodes[i].operands[position]].attr
        place = self._gate(i, position)
        if not isinstance(value, int | Fraction) or value <= 0 or place is None:
            return ()
        gate, position = place
        op = self.tape.nodes[gate].op
        if op == "pow" and position == 1:
            whole = value in (*self.exponents, 5, 6, 7, 8, 9)
            return tuple(map(Fraction, self.exponents)) if whole else ()
        if value == 1 and (op not in ("add", "sub") or self._beside_function(gate)):
            return ()  # 1/x and 1 + e^x are not any quotient and any sum
        return _around(Fraction(value), 1 if op in ("add", "sub") else 2)

    def _gate(self, i: int, position: int) -> Place | None:
        """The first gate above a constant that depends on an input, past signs alone."""
        while not self.graph.active[i]:
            uses = self.graph.uses[i]
            if self.tape.nodes[i].op != "neg" or len(uses) != 1:
                return None
            i, position = uses[0]
        return i, position

    def _beside_function(self, gate: int) -> bool:
        return any(is_transcendental(self.graph, k) for k in self.tape.needed_for([gate]))

    @cached_property
    def gates(self) -> tuple[int, ...]:
        """Gates that may be others of their kind: both operands are variable, and not the same."""
        nodes, active = self.tape.nodes, self.graph.active
        return tuple(
            i for i in self.graph.order
            if nodes[i].op in GATES and len(nodes[i].operands) == 2
            and nodes[i].operands[0] != nodes[i].operands[1]
            and all(active[k] for k in nodes[i].operands)
        )  # fmt: skip

    def changed(self, numbers: Mapping[Place, Fraction], gates: Mapping[int, str]) -> Graph | None:
        """The program with other numbers and gates; None if two of its nodes became one."""
        if not numbers and not gates:
            return self.graph
        old = self.tape
        tape = Tape(old.ops, old.limits, share=old.share)
        new: dict[int, int] = {}
        for i in self.graph.order:
            node = old.nodes[i]
            if node.op == "const":
                if i in self._named:
                    place = next(iter(self.graph.uses[i]), (i, -1))
                    number = numbers.get(place)
                    new[i] = tape.own("const", (), node.attr if number is None else _whole(number))
                continue
            operands = []
            for position, k in enumerate(node.operands):
                number = numbers.get((i, position))
                constant = old.nodes[k].attr if number is None else _whole(number)
                fixed = old.nodes[k].op == "const" and k not in new
                operands.append(tape.make("const", (), constant) if fixed else new[k])
            make = tape.own if i in self._named else tape.make
            new[i] = make(gates.get(i, node.op), tuple(operands), node.attr)
        if len(set(new.values())) < len(new):
            return None
        names = {name: new[i] for name, i in self.graph.names.items() if i in new}
        inputs = {name: new[i] for name, i in self.graph.inputs.items() if i in new}
        return Graph(tape, new[self.graph.output], names, inputs)


def _around(value: Fraction, least: int) -> tuple[Fraction, ...]:
    """Numbers of the same kind: as many decimals, and not much larger.

    >>> [str(x) for x in _around(Fraction(1, 2), 2)][:4]
    ['1/2', '3/2', '5/2', '7/2']
    """
    below = value.denominator
    if 100 % below or value > 100:
        return ()
    if below > 1:
        return tuple(Fraction(n, below) for n in range(1, 10) if gcd(n, below) == 1)
    return tuple(map(Fraction, range(least, max(9, int(value)) + 1)))


def _whole(value: Fraction) -> int | Fraction:
    return value.numerator if value.denominator == 1 else value
