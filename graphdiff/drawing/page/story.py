"""What an interactive page tells of a program: its nodes, its edges, and the steps of a lecture.

Plain data, ready for JSON: the page puts numbers and names together, and draws nothing new.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Any

from graphdiff.core.ir.expr import Expr, apply
from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.marks import mark, parts
from graphdiff.core.sweeps.backward import active_nodes
from graphdiff.core.sweeps.forward import Undefined
from graphdiff.drawing.parts.escaping import clean
from graphdiff.drawing.parts.numerals import Numerals
from graphdiff.drawing.parts.outlines import Typeset
from graphdiff.errors import Unsupported
from graphdiff.language.notation.arrays import in_layout
from graphdiff.language.notation.javascript import javascript_program
from graphdiff.language.notation.numbers import decimals
from graphdiff.language.notation.printer import UnicodePrinter
from graphdiff.program.boxes import Boxed
from graphdiff.program.formulas import Formulas
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.gates import gate_label, role_of
from graphdiff.program.runs.trace import plain

from .arrays import Entries, entries
from .names import name_parts

__all__ = ["NAME_SIZE", "Story"]

_MOST = 4_000
"""Nodes above which the page does not compute by itself."""
_LONG = 160
"""Characters past which a formula or an array is not told."""
_SHORT = 12
"""Characters of a fraction that one would type."""
_WHOLE = 1e15
NAME_SIZE = 12.0
"""Type size at which names are drawn (points)."""


@dataclass(frozen=True, eq=False)
class Story:
    """The data of one page; ``shown`` turns an array into text, and ``names`` are nodes whose
    names the figure draws in its own way."""

    program: Boxed
    numerals: Numerals
    layout: str
    wrt: Sequence[str] | None
    shown: Callable[[Any], str]
    names: Mapping[int, Typeset] = field(default_factory=dict)

    @cached_property
    def code(self) -> tuple[str, str]:
        """The program in JavaScript, or nothing and why not: ``point``, ``arrays``, ``boxes``,
        ``large`` or ``unknown``."""
        graph, trace = self.program.graph, self.program.trace
        for reason, holds in (
            ("point", trace is None),
            ("boxes", bool(self.program.layers)),
            ("arrays", graph.has_arrays and self.entries is None),
            ("large", len(graph.order) > _MOST),
        ):
            if holds:
                return "", reason
        if self.entries is not None:
            return self.entries.source, ""
        assert trace is not None
        try:
            source = javascript_program(
                graph.tape, graph.output, graph.inputs, trace.convention, graph.unneeded
            )
        except Unsupported:
            return "", "unknown"
        return source, ""

    @cached_property
    def entries(self) -> Entries | None:
        """The entries of small arrays, with which the page computes; None for anything else."""
        if not self.program.graph.has_arrays:
            return None
        try:
            return entries(self.program, self.layout)
        except Unsupported:
            return None

    @cached_property
    def formulas(self) -> Formulas:
        """Formulas of the graph as Unicode text in which names are marked as nodes."""
        return marked_formulas(self.program.graph, self.layout)

    @cached_property
    def live(self) -> bytearray:
        """Marks of the nodes whose gradient is shown."""
        graph = self.program.graph
        inputs = None if self.wrt is None else [graph.find(name) for name in self.wrt]
        return active_nodes(graph.tape, graph.order, inputs)

    def data(self) -> dict[str, Any]:
        """All that the page needs besides the program."""
        graph = self.program.graph
        shown = [i for i in self.program.visible if graph.drawn[i] or i == graph.output]
        edges = [edge for i in shown for edge in self._edges(i)]
        return {
            "digits": self.numerals.digits,
            "fixed": self.code[1],
            "output": graph.output,
            "point": self.program.trace is not None,
            "inputs": self._inputs(),
            "nodes": {str(i): self._node(i) for i in shown},
            "edges": edges,
            "steps": self._steps(shown, edges),
            "cells": self.entries.data(edges) if self.entries and not self.code[1] else None,
        }

    def _inputs(self) -> list[dict[str, Any]]:
        graph, trace = self.program.graph, self.program.trace
        return [
            {
                "node": i,
                "name": clean(name),
                "value": _typed(trace.values[i], self.numerals.exact),
                "shape": [int(n) for n in graph.tape.nodes[i].shape],
            }
            for name, i in graph.inputs.items()
            if trace is not None and i in graph.uses and i in trace.values
        ]

    def _node(self, i: int) -> dict[str, Any]:
        graph, node = self.program.graph, self.program.graph.tape.nodes[i]
        layer = self.program.layers.get(i)
        uses = self.program.uses[i]
        name = graph.labels.get(i, str(node.attr))
        told: dict[str, Any] = {
            "name": clean(name),
            "set": name_parts(name),
            "value": self._value(i),
            "gradient": self._gradient(i),
            "live": bool(self.live[i]) or (i == graph.output and graph.starts),
            "uses": len(uses) + (i == graph.output),
            "upstream": [] if self._gradient(i) is not None else self._upstream(i),
        }
        if i in self.names:
            told["drawn"] = _em(self.names[i])
        if not graph.is_value(i):
            told["gate"] = layer.title if layer else clean(gate_label(graph.tape, i, graph.drawn))
            told["role"] = "" if layer else role_of(graph.tape, i, graph.active) or ""
            told["operands"] = [self._operand(k) for k in self.program.operands(i)]
            told["formula"] = self._formula(i)
        return told

    def _operand(self, k: int) -> int | str:
        """An operand as its node, or a constant as its text."""
        graph = self.program.graph
        return k if graph.drawn[k] else clean(UnicodePrinter(graph.tape, most=_LONG).show(k))

    def _formula(self, i: int) -> list[str | int]:
        """The rule of a gate as pieces of text and positions of operands: ``[0, " + ", 1]``."""
        graph = self.program.graph
        node = graph.tape.nodes[i]
        operands = self.program.operands(i)
        if i in self.program.layers or len(operands) > 1_000:
            return [clean(graph.labels[i])]
        tape = Tape(graph.tape.ops, graph.tape.limits)
        named = []
        for position, k in enumerate(operands):
            name, shape = str(position), graph.tape.nodes[k].shape
            constant = graph.tape.nodes[k].op == "const"
            made = tape.make("const", (), graph.tape.nodes[k].attr) if constant else tape.make(
                "input", (), name, shape
            )  # fmt: skip
            named.append(Expr(tape, made))
        made = apply(tape, node.op, *named, **dict(node.attr or ())).id
        places = {str(k): (mark("x", k), ATOM) for k in range(len(operands))}
        return in_pieces(UnicodePrinter(tape, None, _LONG, places).show(made))

    def _edges(self, i: int) -> list[dict[str, Any]]:
        """The edges into node i down which a gradient flows."""
        graph, trace = self.program.graph, self.program.trace
        node = graph.tape.nodes[i]
        if not node.operands or graph.tape.ops[node.op].condition:
            return []
        if trace is not None and i not in trace.adjoints:
            return []
        layer = i in self.program.layers
        discrete = () if layer else graph.tape.ops[node.op].discrete
        edges = []
        for position, k in enumerate(self.program.operands(i)):
            if not self.live[k] or position in discrete:
                continue
            edge: dict[str, Any] = {"target": i, "position": position, "source": k}
            edge["rule"] = [] if layer else self._pieces(self.formulas.local(i, position))
            # The Jacobian of an op of arrays is never formed: its rule is what it passes on.
            edge["whole"] = layer or bool(graph.tape.ops[node.op].vjp)
            if trace is not None:
                local = None if edge["whole"] else trace.edge(i, position).local
                edge["local"] = self._number(local)
                edge["share"] = self._number(self.program.contribution(i, position), turned=True)
            edges.append(edge)
        return edges

    def _steps(self, shown: Sequence[int], edges: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Inputs, gates forward, the seed, then gates backward; each sum at a fork by itself."""
        graph = self.program.graph
        gates = [i for i in shown if graph.tape.nodes[i].operands]
        steps: list[dict[str, Any]] = [{"kind": "inputs"}]
        steps += [{"kind": "forward", "node": i} for i in gates]
        if graph.starts:
            steps.append({"kind": "seed", "node": graph.output})
        into: dict[int, list[int]] = {}
        out: dict[int, list[int]] = {}
        for number, edge in enumerate(edges):
            into.setdefault(edge["target"], []).append(number)
            out.setdefault(edge["source"], []).append(number)
        for i in reversed(shown):
            if i != graph.output and len(self.program.uses[i]) > 1 and i in out:
                steps.append({"kind": "sum", "node": i, "edges": out[i]})
            if i in into:
                steps.append({"kind": "backward", "node": i, "edges": into[i]})
        steps.append({"kind": "end"})
        return steps

    def _upstream(self, i: int) -> list[str | int]:
        return self._pieces(self.formulas.upstream(i)) if self.live[i] else []

    def _pieces(self, formula: str) -> list[str | int]:
        return in_pieces(formula) if len(formula) <= _LONG else ["…"]

    def _value(self, i: int) -> Any:
        trace = self.program.trace
        return None if trace is None else self._number(trace.values.get(i))

    def _gradient(self, i: int) -> Any:
        trace = self.program.trace
        if trace is None or i not in trace.adjoints:
            return None
        return self._number(trace.adjoints[i], turned=True)

    def _number(self, value: Any, *, turned: bool = False) -> Any:
        """A number or a truth value for JSON, an array as text, None for what does not exist; an
        exact fraction, if such are asked for, in an object of its own."""
        if value is None or isinstance(value, Undefined | bool):
            return None if isinstance(value, Undefined) else value
        value = plain(value)
        if getattr(value, "shape", ()):
            return _short(clean(self.shown(in_layout(value, self.layout) if turned else value)))
        exact = self.numerals.text(value) if self.numerals.exact else ""
        if "/" in exact:
            return {"exact": exact}
        try:
            return float(value)
        except OverflowError:  # exact, and beyond the range of doubles
            return decimals(value, self.numerals.digits)


def _typed(value: Any, exact: bool = False) -> str:
    """A number as one would type it; a short fraction stays one where no decimal is equal to it,
    or where exact numbers were asked for.

    >>> _typed(Fraction(-1, 3)), _typed(Fraction(1, 8)), _typed(2), _typed(1e-7)
    ('-1/3', '0.125', '2', '1e-07')
    """
    if getattr(value, "shape", ()):
        return f"[{', '.join(_typed(entry, exact) for entry in value)}]"
    if isinstance(value, Fraction) and len(str(value)) <= _SHORT:
        rest = value.denominator
        for prime in (2, 5):
            while rest % prime == 0:
                rest //= prime
        if rest > 1 or (exact and value.denominator > 1):
            return str(value)
    try:
        number = float(value)
    except OverflowError:
        return str(value)
    return str(int(number)) if number.is_integer() and abs(number) < _WHOLE else repr(number)


def marked_formulas(graph: Graph, layout: str) -> Formulas:
    """Formulas of a graph as text in which names are marked as nodes.

    >>> from graphdiff import parse
    >>> made = marked_formulas(parse("s = x*w_1; f = s^2"), "gradient")
    >>> in_pieces(made.upstream(made.graph.find("x")))
    ['2·', 1, '·', 2]
    """
    nodes = {name: (mark(name, i), ATOM) for i, name in graph.labels.items()}
    return Formulas(graph, layout=layout, written=nodes)


def in_pieces(text: str) -> list[str | int]:
    """A text in pieces: what its marks stand for, and the text between them, safe to show."""
    return [clean(part) if what is None else what for part, what in parts(text)]


def _em(text: Typeset) -> list[float]:
    """Width and height of a name, and how far it reaches below the line, in ems."""
    sizes = (text.width, text.height, text.height - text.baseline)
    return [round(size / NAME_SIZE, 3) for size in sizes]


def _short(text: str) -> str:
    return clean(text) if len(text) <= _LONG else "…"
