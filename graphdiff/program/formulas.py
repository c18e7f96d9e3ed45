"""Local and upstream gradients as formulas in node names: ``∂f/∂q = z``, ``σ(s)·(1 − σ(s))``."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import TypeVar

from graphdiff.core.algebra.scalars import copy_into, simplify
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.shape import Dim
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import active_nodes, gradient, rule, times
from graphdiff.core.sweeps.walks import descend, plus
from graphdiff.language.notation.printer import Piece, Printer, printer_for

from .graph import Graph

__all__ = ["Formulas", "closed_forms", "closed_matrices"]

_Key = TypeVar("_Key")

_LONG = 24
"""Nodes of an upstream formula past which it refers to ``∂f/∂q`` of the next node instead."""
_LONG_ARRAYS = 9
"""The same for arrays: nodes of a formula that is not simplified."""
_LONGEST = 400
"""Characters of a closed form past which it is left out."""


class Formulas:
    """Formulas of a graph in one notation: text, unicode, latex or typst.

    ``written`` says what stands for a name, where that is not the name; ``by_value`` calls a gate's
    own value by its name in its local gradients, ``y·(1 − y)``.

    >>> from graphdiff import parse
    >>> f = Formulas(parse("q = x + y; f = q*z"))
    >>> f.upstream(f.graph.find("x")), f.local(f.graph.find("f"), 0)
    ('z', 'z')
    """

    def __init__(
        self, graph: Graph, notation: str = "unicode", *, layout: str = "gradient",
        wrt: Iterable[int] | None = None, written: Mapping[str, Piece] | None = None,
        by_value: bool = False,
    ) -> None:  # fmt: skip
        self.graph, self.notation, self.layout = graph, notation, layout
        self.written = written or {}
        self.by_value = by_value
        asked = wrt if graph.starts else ()
        self.live = graph.active if asked is None else active_nodes(graph.tape, graph.order, asked)
        self.tape = Tape(graph.tape.ops, graph.tape.limits, share=True)
        self._lengths: list[int] = []
        self.unexpanded: Collection[int] = ()
        """Nodes whose gradient is called by its name in what lies below them."""

    def leaf(self, i: int) -> Expr:
        """Node i as a name; a constant that has none as its expression."""
        graph = self.graph
        if not graph.drawn[i]:
            return copy_into(self.tape, graph.tape, i)
        return self._named(graph.labels[i], i)

    def _named(self, name: str, i: int) -> Expr:
        """A name for something in the shape of node i."""
        shape = self.graph.tape.nodes[i].shape
        return Expr(self.tape, self.tape.make("input", (), name, shape))

    def _from_above(self, i: int) -> Expr:
        """∂(output)/∂(node i) as a name; 1 for the output itself, unless that has one above it."""
        graph = self.graph
        if i == graph.output and graph.upstream is None:
            return self._spread(constant(self.tape, 1), i)
        return self._named(f"∂{graph.objective}/∂{graph.labels[i]}", i)

    def flows(self, i: int) -> list[int]:
        """Operand positions of node i that gradients flow to: neither constants nor labels, and
        only those that depend on an input that was asked for."""
        return [position for position, _ in self.graph.tape.flows(i, self.live)]

    @cached_property
    def _locals(self) -> dict[tuple[int, int], Expr]:
        """Local gradients; for ops of arrays, what they make of a gradient from above."""
        graph, domain = self.graph, symbolic(self.tape)
        found: dict[tuple[int, int], Expr] = {}
        for i in graph.order:
            node = graph.tape.nodes[i]
            if not self.live[i] or not node.operands:
                continue
            row = graph.tape.ops[node.op]
            if row.vjp:
                for position in self.flows(i):
                    found[i, position] = self._pulled(i, position, self._from_above(i))
                continue
            operands = [self.leaf(k) for k in node.operands]
            out = self.leaf(i) if self.by_value else apply(self.tape, node.op, *operands)
            for position in self.flows(i):
                local = rule(row, position)(domain, out, *operands)
                found[i, position] = constant(self.tape, local)
        return found

    def _pulled(self, i: int, position: int, upstream: Expr) -> Expr:
        """What the op of node i makes of a gradient from above, for one operand."""
        node = self.graph.tape.nodes[i]
        if node.shape and not upstream.shape:
            upstream = apply(self.tape, "broadcast", upstream, shape=node.shape)
        operands = [self.leaf(k) for k in node.operands]
        pull = self.graph.tape.ops[node.op].pullback(position)
        domain = symbolic(self.tape)
        share = pull(domain, upstream, self.leaf(i), *operands, **dict(node.attr or ()))
        return self._spread(constant(self.tape, share), node.operands[position])

    def _spread(self, share: Expr, i: int) -> Expr:
        """A gradient in the shape of node i; a number is the same for every entry."""
        shape = self.graph.tape.nodes[i].shape
        if share.shape == shape or not shape:
            return share
        return apply(self.tape, "broadcast", share, shape=shape)

    def _share(self, i: int, position: int, upstream: Expr) -> Expr:
        """What node i passes down to one operand."""
        node = self.graph.tape.nodes[i]
        if self.graph.tape.ops[node.op].vjp:
            return self._pulled(i, position, upstream)
        share = constant(self.tape, times(upstream, self._locals[i, position]))
        return self._spread(share, node.operands[position])

    @cached_property
    def _upstream(self) -> dict[int, Expr]:
        graph = self.graph
        formulas: dict[int, Expr] = {graph.output: self._from_above(graph.output)}
        size: dict[int, int] = {graph.output: 1}
        sizes = self._sizes

        def at(i: int) -> Expr | None:
            above = formulas.get(i)
            if above is None:
                return None
            if (
                i in self.unexpanded
                or size[i] > _LONG
                or (graph.has_arrays and self._length(above.id) > _LONG_ARRAYS)
            ):
                above, size[i] = self._from_above(i), 1
            return above

        def edge(i: int, position: int, k: int, above: Expr, known: Expr | None) -> Expr:
            size[k] = size.get(k, 0) + size[i] + min(sizes.get((i, position), 1), _LONG)
            return plus(known, self._share(i, position, above))

        return descend(graph.tape, graph.order, self.live, formulas, edge, at)

    def _length(self, i: int) -> int:
        """Nodes of an expression as printed, where a shared one is printed again."""
        lengths = self._lengths
        for k in range(len(lengths), i + 1):
            node = self.tape.nodes[k]
            silent = node.op in ("broadcast", "reshape", "const")
            lengths.append(sum(lengths[j] for j in node.operands) + (not silent))
        return lengths[i]

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
        return self._own_texts

    @cached_property
    def _own_texts(self) -> dict[tuple[int, int], str]:
        wanted = dict(self._locals)
        wanted.update({(i, -1): formula for i, formula in self._upstream.items()})
        return self._as_text(wanted)

    def _as_text(self, wanted: Mapping[_Key, Expr]) -> dict[_Key, str]:
        """Formulas as text, simplified and printed in one sweep."""
        if not wanted:
            return {}
        exprs = list(wanted.values())
        if self.graph.has_arrays:
            from graphdiff.program.runs.quotients import (
                matrix_formulas,  # matrix calculus, which numbers do not need
            )

            texts = matrix_formulas(
                self.notation, exprs, self._size_names, layout=self.layout, written=self.written
            )
            return dict(zip(wanted, texts, strict=True))
        simple = self._simplified(exprs)
        printer = printer_for(self.notation, simple[0].tape, 2_000, self.written)
        return dict(zip(wanted, printer.show_all([e.id for e in simple]), strict=True))

    def _simplified(self, formulas: list[Expr]) -> list[Expr]:
        if not self.graph.has_arrays:
            return simplify(formulas)
        # The simplifier of numbers may turn an array of ones into the number 1.
        from graphdiff.core.algebra.simplify import simplify_arrays

        return simplify_arrays(formulas)

    def _printer(self, tape: Tape) -> Printer:
        if self.graph.has_arrays:
            from graphdiff.program.runs.quotients import quotient_printer

            return quotient_printer(self.notation, tape, self._size_names, written=self.written)
        return printer_for(self.notation, tape, None, self.written)

    @cached_property
    def _size_names(self) -> dict[int, Dim]:
        """Sizes that nobody has settled, by the numbers that stand for them."""
        from graphdiff.program.calculus.sizes import spread_sizes

        return spread_sizes(self.graph)

    @cached_property
    def _unsure(self) -> set[tuple[int, int]]:
        """Formulas that are others for other sizes, where sizes are free: 29 factors are no m."""
        if not self.graph.has_arrays or not self._size_names:
            return set()
        from graphdiff.program.calculus.sizes import resized

        graph = resized(self.graph)
        if graph is None:
            return set()
        places = dict(zip(graph.order, self.graph.order, strict=True))
        theirs = {(places[i], k): text for (i, k), text in Formulas(graph)._own_texts.items()}
        mine = Formulas(self.graph)._own_texts
        return {key for key, text in mine.items() if theirs.get(key, text) != text}

    def local(self, i: int, position: int) -> str:
        """∂(node i)/∂(operand) in terms of the operands' names.

        For an op of arrays, whose Jacobian is never formed: what it makes of the gradient from
        above, ``(∂f/∂q) xᵀ`` for W in q = W@x.
        """
        return "…" if (i, position) in self._unsure else self._texts.get((i, position), "")

    def upstream(self, i: int) -> str:
        """∂(output)/∂(node i) in terms of node names; 0 for a node that cannot matter."""
        return "…" if (i, -1) in self._unsure else self._texts.get((i, -1), "0")

    @cached_property
    def _chains(self) -> dict[int, str]:
        graph, found = self.graph, dict[int, Expr]()
        for i in graph.order:
            for k, position in graph.uses.get(i, ()):
                if self.live[i] and self.live[k] and position in self.flows(k):
                    share = self._share(k, position, self._from_above(k))
                    found[i] = found[i] + share if i in found else share
        return self._as_text(found)

    @cached_property
    def _branches(self) -> dict[tuple[int, int, bool], str]:
        """What comes back along each wire of a fork: in closed form, and by the chain rule."""
        graph, found = self.graph, dict[tuple[int, int, bool], Expr]()
        for i in graph.order:
            uses = graph.uses.get(i, ())
            if len(uses) < 2 or not self.live[i]:
                continue
            for k, position in uses:
                if not self.live[k] or position not in self.flows(k):
                    continue
                found[k, position, False] = self._share(k, position, self._from_above(k))
                if k in self._upstream:
                    found[k, position, True] = self._share(k, position, self._upstream[k])
        return self._as_text(found)

    def branch(self, i: int, position: int, *, closed: bool) -> str:
        """What node i sends back to an operand that has other uses, too."""
        return self._branches.get((i, position, closed), "")

    def chain(self, i: int) -> str:
        """∂(output)/∂(node i) by one step of the chain rule, ``∂f/∂q·z``; empty for the output."""
        return self._chains.get(i, "")

    @cached_property
    def _expressions(self) -> dict[int, str]:
        graph = self.graph
        gates = [i for i in graph.order if graph.tape.nodes[i].operands]
        made = [self._rule(i).id for i in gates]
        printer = self._printer(self.tape)
        return dict(zip(gates, printer.show_all(made), strict=True))

    def _rule(self, i: int) -> Expr:
        node = self.graph.tape.nodes[i]
        if node.op == "broadcast":  # the gate and the shape say the rest
            return self.leaf(node.operands[0])
        operands = map(self.leaf, node.operands)
        return apply(self.tape, node.op, *operands, **dict(node.attr or ()))

    def expression(self, i: int) -> str:
        """The node's own rule in terms of its operands' names: ``q = x + y`` without the name."""
        if not self.graph.tape.nodes[i].operands:
            return printer_for(self.notation, self.graph.tape, None, self.written).show(i)
        return self._expressions[i]


def closed_forms(graph: Graph) -> dict[int, str]:
    """∂(output)/∂(node) in terms of the inputs for every node where that is short enough."""
    nodes = [i for i in graph.order if graph.active[i]]
    if not nodes or graph.has_arrays:
        return {}
    formulas = simplify(gradient(graph.tape.fork(), graph.output, nodes))
    printer = Printer(formulas[0].tape, most=_LONGEST)
    texts = printer.show_all([e.id for e in formulas])
    return {i: text for i, text in zip(nodes, texts, strict=True) if "…" not in text}


def closed_matrices(graph: Graph, layout: str = "gradient") -> dict[int, str]:
    """∂(output)/∂(input) of a program of arrays in terms of the inputs.

    >>> from graphdiff import parse
    >>> list(closed_matrices(parse("q = W@x; f = sum(q^2)")).values())
    ['2 (W x) xᵀ', '2 Wᵀ (W x)']
    """
    from graphdiff.program.calculus.gradients import gradients

    wanted = {name: i for name, i in graph.inputs.items() if i in graph.uses and graph.active[i]}
    found = gradients(graph, list(wanted)).unnamed()
    shown = found.show("unicode", "numerator" if layout == "numerator" else "gradient")
    return {i: shown[name] for name, i in wanted.items()}
