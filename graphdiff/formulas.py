"""Local and upstream gradients as formulas in node names: ``∂f/∂q = z``, ``σ(s)·(1 − σ(s))``."""

from __future__ import annotations

from functools import cached_property

from .backward import gradient, rule, times
from .domains.symbolic import symbolic
from .graph import Graph
from .ir.expr import Expr, apply, constant
from .ir.tape import Tape
from .printing.printer import Printer, printer_for
from .rewrite.simplify import copy_into, simplify

__all__ = ["Formulas", "closed_forms"]

_LONG = 24
"""Nodes of an upstream formula past which it refers to ``∂f/∂q`` of the next node instead."""
_LONGEST = 400
"""Characters of a closed form past which it is left out."""


class Formulas:
    """Formulas of a graph in one notation: text, unicode, latex or typst.

    >>> from graphdiff import parse
    >>> f = Formulas(parse("q = x + y; f = q*z"))
    >>> f.upstream(f.graph.find("x")), f.local(f.graph.find("f"), 0)
    ('z', 'z')
    """

    def __init__(self, graph: Graph, notation: str = "unicode") -> None:
        self.graph, self.notation = graph, notation
        self.tape = Tape(graph.tape.ops, graph.tape.limits, share=True)

    def leaf(self, i: int) -> Expr:
        """Node i as a name; a constant as its expression."""
        graph = self.graph
        if not graph.active[i]:
            return copy_into(self.tape, graph.tape, i)
        return Expr(self.tape, self.tape.make("input", (), graph.labels[i]))

    @cached_property
    def _locals(self) -> dict[tuple[int, int], Expr]:
        graph, domain = self.graph, symbolic(self.tape)
        found: dict[tuple[int, int], Expr] = {}
        for i in graph.order:
            node = graph.tape.nodes[i]
            if not graph.active[i] or not node.operands:
                continue
            row = graph.tape.ops[node.op]
            operands = [self.leaf(k) for k in node.operands]
            out = apply(self.tape, node.op, *operands)
            for position, k in enumerate(node.operands):
                if graph.active[k]:
                    local = rule(row, position)(domain, out, *operands)
                    found[i, position] = constant(self.tape, local)
        return found

    @cached_property
    def _upstream(self) -> dict[int, Expr]:
        graph, tape = self.graph, self.tape
        formulas: dict[int, Expr] = {graph.output: constant(tape, 1)}
        size: dict[int, int] = {graph.output: 1}
        sizes = self._sizes
        for i in reversed(graph.order):
            node = graph.tape.nodes[i]
            if i not in formulas or not graph.active[i]:
                continue
            upstream, cost = formulas[i], size[i]
            if cost > _LONG:
                name = f"∂{graph.labels[graph.output]}/∂{graph.labels[i]}"
                upstream, cost = Expr(tape, tape.make("input", (), name)), 1
            for position, k in enumerate(node.operands):
                if graph.active[k]:
                    local = self._locals[i, position]
                    share = constant(tape, times(upstream, local))
                    formulas[k] = formulas[k] + share if k in formulas else share
                    size[k] = size.get(k, 0) + cost + min(sizes.get((i, position), 1), _LONG)
        return formulas

    @cached_property
    def _sizes(self) -> dict[tuple[int, int], int]:
        """Printed size of each local gradient, in nodes."""
        trees: dict[int, int] = {}
        for i, node in enumerate(self.tape.nodes):
            trees[i] = 1 + sum(trees[k] for k in node.operands)
        # Locals were built before this runs, so every node is there.
        return {edge: trees[local.id] for edge, local in self._locals.items()}

    @cached_property
    def _texts(self) -> dict[tuple[int, int], str]:
        """All formulas at once: locals by (node, position), upstreams by (node, −1)."""
        wanted = dict(self._locals)
        wanted.update({(i, -1): formula for i, formula in self._upstream.items()})
        if not wanted:
            return {}
        simple = simplify(list(wanted.values()))
        printer = printer_for(self.notation, simple[0].tape)
        printer.most = 2_000
        return dict(zip(wanted, printer.show_all([e.id for e in simple]), strict=True))

    def local(self, i: int, position: int) -> str:
        """∂(node i)/∂(operand) in terms of the operands' names."""
        return self._texts[i, position]

    def upstream(self, i: int) -> str:
        """∂(output)/∂(node i) in terms of node names; 0 for a node that cannot matter."""
        return self._texts.get((i, -1), "0")

    @cached_property
    def _expressions(self) -> dict[int, str]:
        graph = self.graph
        gates = [i for i in graph.order if graph.tape.nodes[i].operands]
        made = [
            apply(
                self.tape, graph.tape.nodes[i].op, *map(self.leaf, graph.tape.nodes[i].operands)
            ).id
            for i in gates
        ]
        printer = printer_for(self.notation, self.tape)
        return dict(zip(gates, printer.show_all(made), strict=True))

    def expression(self, i: int) -> str:
        """The node's own rule in terms of its operands' names: ``q = x + y`` without the name."""
        if not self.graph.tape.nodes[i].operands:
            return printer_for(self.notation, self.graph.tape).show(i)
        return self._expressions[i]


def closed_forms(graph: Graph) -> dict[int, str]:
    """∂(output)/∂(node) in terms of the inputs for every node where that is short enough."""
    nodes = [i for i in graph.order if graph.active[i]]
    if not nodes:
        return {}
    formulas = simplify(gradient(graph.tape, graph.output, nodes))
    printer = Printer(formulas[0].tape, most=_LONGEST)
    texts = printer.show_all([e.id for e in formulas])
    return {i: text for i, text in zip(nodes, texts, strict=True) if "…" not in text}
