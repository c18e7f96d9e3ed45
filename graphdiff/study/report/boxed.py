"""Formulas and numbers of a program with layers as boxes: what a layer makes of a gradient."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property

from graphdiff.core.domains.ball import working_precision
from graphdiff.core.ir.expr import Expr
from graphdiff.program.boxes import Boxed, Layer
from graphdiff.program.formulas import Formulas
from graphdiff.program.runs.trace import Edge

from .numbers import Numbers

__all__ = ["BoxedFormulas", "gathered", "passed"]

_LONG = 9
"""Nodes of an upstream formula past which it refers to ``∂f/∂s`` of the layer instead."""
_LONG_LAYER = 60
"""Characters of what a layer passes down past which the chain rule names it: ``∂f/∂s·∂s/∂x``."""


class BoxedFormulas(Formulas):
    """Formulas in the names of nodes that are seen: nodes in a layer are written out.

    >>> from graphdiff import parse
    >>> from graphdiff.program.boxes import boxed
    >>> program = boxed(parse("s = dense(x, W, b); f = sum(s^2)"), ["s"])
    >>> f, s = BoxedFormulas(program), program.graph.find("s")
    >>> [f.local(s, position) for position in range(3)]
    ['Wᵀ (∂f/∂s)', '(∂f/∂s) xᵀ', '∂f/∂s']
    """

    def __init__(
        self, program: Boxed, *, layout: str = "gradient", wrt: Iterable[int] | None = None
    ) -> None:
        super().__init__(program.graph, layout=layout, wrt=wrt)
        self.program = program
        self._written: dict[int, Expr] = {}
        for i in sorted(program.inside):  # operands first, so that nothing recurses
            if program.inside[i] != i and program.graph.tape.nodes[i].operands:
                self._written[i] = self._spread(self._rule(i), i)

    def leaf(self, i: int) -> Expr:
        """Node i as a name; a constant, and a node in a layer, as its expression."""
        return self._written[i] if i in self._written else super().leaf(i)

    def through(self, layer: Layer, upstream: Expr) -> dict[int, Expr]:
        """What a layer makes of a gradient from above, for every operand that has a gradient."""
        found = {layer.output: upstream}
        nodes = self.graph.tape.nodes
        for i in sorted(layer.members, reverse=True):
            for position in self.flows(i) if i in found else ():
                k = nodes[i].operands[position]
                share = self._share(i, position, found[i])
                found[k] = found[k] + share if k in found else share
        return {k: found[k] for k in layer.operands if k in found}

    @cached_property
    def _pulls(self) -> dict[tuple[int, int], Expr]:
        """What each layer makes of the gradient of its output, by (output, operand)."""
        return {
            (i, k): share
            for i, layer in self.program.layers.items()
            if self.live[i]
            for k, share in self.through(layer, self._from_above(i)).items()
        }

    @cached_property
    def _chained(self) -> dict[tuple[int, int], Expr]:
        """Those of them that are too long to read, as names: the chain rule.

        What the output itself makes of its 1 has no other name than ∂f/∂s, and is written out.
        """
        pulls = {key: share for key, share in self._pulls.items() if key[0] != self.graph.output}
        long = {key for key, share in pulls.items() if self._length(share.id) > _LONG_LAYER}
        rest = [key for key in pulls if key not in long]
        texts = self._printed([pulls[key] for key in rest])
        long |= {key for key, text in zip(rest, texts, strict=True) if len(text) > _LONG_LAYER}
        f, labels = self.graph.objective, self.graph.labels
        return {
            (i, k): self._named(f"∂{f}/∂{labels[i]}·∂{labels[i]}/∂{labels[k]}", k) for i, k in long
        }

    def _printed(self, formulas: list[Expr]) -> list[str]:
        from graphdiff.program.runs.quotients import (
            matrix_formulas,  # matrix calculus, which numbers do not need
        )

        return matrix_formulas("unicode", formulas, self._size_names, layout=self.layout)

    @cached_property
    def _upstream(self) -> dict[int, Expr]:
        graph, program = self.graph, self.program
        formulas: dict[int, Expr] = {graph.output: self._from_above(graph.output)}
        for i in reversed(program.visible):
            if i not in formulas or not self.live[i]:
                continue
            upstream, layer = formulas[i], program.layers.get(i)
            if self._length(upstream.id) > _LONG:
                upstream = self._from_above(i)
            operands = graph.tape.nodes[i].operands
            shares = [(operands[p], self._share(i, p, upstream)) for p in self.flows(i)]
            if layer:
                pulled = self.through(layer, upstream)
                shares = [(k, self._chained.get((i, k), share)) for k, share in pulled.items()]
            for k, share in shares:
                formulas[k] = formulas[k] + share if k in formulas else share
        return formulas

    @cached_property
    def _texts(self) -> dict[tuple[int, int], str]:
        hidden, layers = self._written, self.program.layers
        wanted = {
            (i, position): local
            for (i, position), local in self._locals.items()
            if i not in hidden and i not in layers
        }
        for (i, k), share in {**self._pulls, **self._chained}.items():
            wanted[i, layers[i].operands.index(k)] = share
        wanted.update({(i, -1): formula for i, formula in self._upstream.items()})
        return dict(zip(wanted, self._printed(list(wanted.values())), strict=True))

    @cached_property
    def _expressions(self) -> dict[int, str]:
        nodes, layers = self.graph.tape.nodes, self.program.layers
        gates = [i for i in self.program.visible if nodes[i].operands and i not in layers]
        made = [self._rule(i).id for i in gates]
        shown = dict(zip(gates, self._printer(self.tape).show_all(made), strict=True))
        return {**shown, **{i: self._call(layer) for i, layer in layers.items()}}

    def _call(self, layer: Layer) -> str:
        """``dense(x, W, b)``."""
        made = [self.leaf(k).id for k in layer.operands]
        return f"{layer.title}({', '.join(self._printer(self.tape).show_all(made))})"


def gathered(program: Boxed, i: int) -> list[list[Edge]]:
    """The uses of a visible node: the edges into one gate each, or into one box."""
    assert program.trace is not None
    uses: dict[tuple[int, int], list[Edge]] = {}
    for edge in program.trace.contributions(i):
        box = program.inside.get(edge.target)
        uses.setdefault((edge.target, edge.position) if box is None else (box, -1), []).append(edge)
    return list(uses.values())


def passed(numbers: Numbers, edges: Sequence[Edge]) -> str:
    """What several edges pass down together."""
    if len(edges) == 1:
        return numbers.contribution(edges[0])
    total = sum((edge.contribution for edge in edges[1:]), start=edges[0].contribution)
    balls = [numbers.contribution_ball(edge) for edge in edges]
    ball = None
    if numbers.report is not None and all(b is not None for b in balls):
        with working_precision(numbers.report.enclosure.bits):
            ball = sum(balls[1:], start=balls[0])
    return numbers.show(numbers.laid_out(total), numbers.laid_out(ball))
