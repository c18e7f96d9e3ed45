"""A program that is twice differentiable at a point although some gate is not.

|x|³, x²|x|, √(x⁴), and a hole that ``where`` fills: what depends on the inputs through one node u
alone is expanded on both sides of u(p) (``germs``).  If value, slope and curvature agree, its
Taylor polynomial of degree 2 takes its place, and the Hessian at p stays what it is.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, NamedTuple

from graphdiff.core.algebra.factors import sign_of
from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.tape import Tape
from graphdiff.errors import GraphDiffError
from graphdiff.program.germs import Local
from graphdiff.program.germs.coefficients import BITS, equal, exact
from graphdiff.program.germs.germ import Germ
from graphdiff.program.graph import Graph

from .sweeps import Sweep, point_box, rough_nodes, taken_operands

__all__ = ["joined"]


class _Parabola(NamedTuple):
    """a + b·(u − at) + c·(u − at)²."""

    base: int
    at: Fraction
    a: Fraction
    b: Fraction
    c: Fraction


def joined(graph: Graph, point: Mapping[str, Any]) -> Graph | None:
    """The program of numbers with parabolas in place of what is singular; None where a gate stays
    that is not twice differentiable, or is not known to be."""
    try:
        local = Local(graph, point)
    except GraphDiffError:
        return None
    with working_precision(BITS):
        seats = {n: local.seat[i] for n, i in local.program.inputs.items() if i in local.seat}
        at = {n: s.at(0) for n, s in seats.items() if isinstance(s, Germ) and exact(s.at(0))}
        if len(at) < len(seats):
            return None
        values = Sweep(local.tape, [local.program.output]).run(point_box(at))
        return _Joining(graph, local, values).run()


class _Joining:
    """The program node by node, on a tape of its own."""

    def __init__(self, graph: Graph, local: Local, values: Mapping[int, Any]) -> None:
        self.graph, self.local, self.values = graph, local, values
        self.bad = set(rough_nodes(local.tape, local.order, values))
        self.tape = Tape(local.tape.ops, local.tape.limits)
        self.moved: dict[int, Expr] = {}
        """What stands for a node; nothing for what is singular."""

    def run(self) -> Graph | None:
        program = self.local.program
        inputs = {name: self.tape.make("input", (), name) for name in program.inputs}
        for i in self.local.order:
            made = self._made(i)
            if made is not None:
                self.moved[i] = made
        output = self.moved.get(program.output)
        if output is None:
            return None
        return Graph(self.tape, output.id, {}, inputs, self.graph.written)

    def _made(self, i: int) -> Expr | None:
        node = self.local.tape.nodes[i]
        operands = taken_operands(self.local.tape, i, self.values)
        known = all(k in self.moved for k in operands)
        if known and self.local.tape.selects(i) and len(operands) == 1:
            return self.moved[operands[0]]
        if known and i not in self.bad:
            ids = tuple([self.moved[k].id for k in node.operands if k in self.moved])
            if len(ids) < len(node.operands):
                return None
            return Expr(self.tape, self.tape.make(node.op, ids, node.attr))
        found = _parabola(self.local, i)
        if found is None or found.base not in self.moved:
            return None
        step = self.moved[found.base] - found.at
        made = found.a + found.b * step + found.c * step**2
        return made if isinstance(made, Expr) else constant(self.tape, made)


def _parabola(local: Local, i: int) -> _Parabola | None:
    base = local.bases[i]
    here = local.seat[i]
    if base is None or base == i or not isinstance(here, Germ):
        return None
    at = local.seat[base]
    sides = [side.get(i) for side in local.around(base)]
    if not isinstance(at, Germ):
        return None
    terms = []
    for way, side in zip((-1, 1), sides, strict=True):
        if side is None and way < 0 and _lowest(local, base, at.at(0)):
            continue  # the base never goes there
        if not isinstance(side, Germ):
            return None
        start = _start(side)
        if start is None or equal(start[0], here.at(0)) is not True:
            return None
        terms.append((start[0], start[1] * way, start[2]))
    numbers = (at.at(0), *terms[0])
    if terms[0] != terms[-1] or not all(map(exact, numbers)):
        return None
    return _Parabola(base, *map(Fraction, numbers))


def _lowest(local: Local, base: int, value: Any) -> bool:
    """Whether a node is at its least: a sum of squares that is 0."""
    return bool(equal(value, Fraction(0))) and sign_of(local.tape, base)[0] > 0


def _start(side: Germ) -> tuple[Any, Any, Any] | None:
    """a, b, c of a + b·t + c·t² + o(t²), twice differentiable up to t = 0; rational ones."""
    if side.doubt.wild or not side.order > 2:
        return None
    for alpha, beta in side.terms:
        if alpha <= 2 and (beta or alpha.denominator != 1 or alpha < 0):
            return None
    found = side.at(0), side.at(1), side.at(2)
    return found if all(map(exact, found)) else None
