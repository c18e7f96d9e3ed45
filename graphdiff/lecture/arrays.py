"""Formulas and numbers of programs with vectors and matrices."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from graphdiff.core.domains.array import entrywise
from graphdiff.core.ir.op import ATOM, Op
from graphdiff.core.ir.shape import show_shape
from graphdiff.language.notation.arrays import MOST, nested, norm
from graphdiff.language.notation.numbers import decimals
from graphdiff.language.notation.printer import Piece
from graphdiff.program.formulas import Formulas
from graphdiff.program.runs.quotients import matrix_formulas, quotient_printer

from .mathematics import Mathematics

__all__ = ["ArrayMathematics", "action_of", "bracketed"]

_LONGEST = 160
"""Characters of the title's formula past which the output is called by its operands."""


def action_of(row: Op, layout: str = "gradient") -> str:
    """The key of the sentence that says what an op of arrays does to gradients.

    >>> from graphdiff.core.ops import STANDARD
    >>> [action_of(STANDARD["outer"], layout) for layout in ("gradient", "numerator")]
    ['product', 'product_rows']
    """
    action = row.action or "linear"
    rows = layout == "numerator" and action in ("product", "linear")
    return f"{action}_rows" if rows else action


class ArrayMathematics(Mathematics):
    """``Mathematics`` for arrays: rules in names, small arrays whole, large ones by their norm."""

    def _piece(self, value: Any) -> Piece:
        if not getattr(value, "shape", ()):
            return super()._piece(value)
        if value.size > MOST:
            size = decimals(norm(value), self.digits)
            if self.latex:
                shape = show_shape(value.shape).replace("×", r" \times ")
                return rf"\left[{shape},\ \lVert\cdot\rVert = {size}\right]", ATOM
            return f"[{show_shape(value.shape)}, ‖·‖ = {size}]", ATOM

        texts = entrywise(lambda entry: super(ArrayMathematics, self)._piece(entry)[0], value)
        return (bracketed(texts) if self.latex else nested(texts)), ATOM

    def whole(self) -> str:
        """The output's formula in the inputs, or in the nodes before it where that is too long."""
        output, tape = self.graph.output, self.graph.tape
        printer = quotient_printer(self.notation, tape, self._size_names)
        printer.names = self._calls
        whole = printer.show(output)
        short = len(whole) <= _LONGEST * (2 if self.latex else 1)
        return whole if short or not self.graph.active[output] else self.expression(output)

    @cached_property
    def _calls(self) -> dict[int, str]:
        """Layers as they are called in the text."""
        source, spans = self.graph.source, self.graph.tape.spans
        outputs = [group.output for group in self.graph.groups if group.output in spans]
        return {i: " ".join(source[slice(*spans[i])].split()) for i in outputs}

    @cached_property
    def closed(self) -> dict[int, str]:
        """None: a gradient in the inputs alone is a matter of matrix calculus."""
        return {}

    @cached_property
    def _rules(self) -> tuple[dict[int, str], dict[int, str]]:
        """All rules in names, for both: a program of arrays has no room for its numbers."""
        nodes = self.graph.tape.nodes
        gates = [i for i in self.graph.order if nodes[i].operands and self.graph.drawn[i]]
        printer = quotient_printer(self.notation, self.tape, self._size_names)
        texts = printer.show_all([self._rule(i).id for i in gates])
        rules = dict(zip(gates, texts, strict=True))
        for i in gates:
            if nodes[i].op == "broadcast":
                rules[i] = self._repeated(self.name(nodes[i].operands[0]), nodes[i].shape)
        return rules, rules

    def _repeated(self, operand: str, shape: tuple[int, ...]) -> str:
        """``b ⇉ 5×3``: repetition, which formulas leave unsaid, is a step of its own."""
        if self.latex:
            return rf"{operand} \rightrightarrows {show_shape(shape)}".replace("×", r" \times ")
        return f"{operand} ⇉ {show_shape(shape)}"

    def local(self, i: int, position: int) -> str:
        """∂(node i)/∂(operand) in names; for ops of arrays, what becomes of the gradient above."""
        return Formulas.local(self, i, position)

    def local_filled(self, i: int, position: int, value: str) -> str:
        """The value itself, or the formula where that is the same number for every entry."""
        formula = self.local(i, position)
        return value if any(c.isalpha() for c in formula) else formula

    def upstream(self, i: int) -> str:
        """∂(output)/∂(node i) in names."""
        return Formulas.upstream(self, i)

    def passed(self, i: int, position: int) -> str:
        """The contribution that a gate passes to an operand, in names."""
        return self._passed[i, position]

    @cached_property
    def _passed(self) -> dict[tuple[int, int], str]:
        edges = [(i, p) for i, p in self._locals if i in self._upstream]
        shares = [self._share(i, p, self._upstream[i]) for i, p in edges]
        texts = matrix_formulas(self.notation, shares, self._size_names, layout=self.layout)
        return dict(zip(edges, texts, strict=True))


def bracketed(texts: Any) -> str:
    """An array of LaTeX formulas: a vector as a column, a matrix in rows.

    >>> import numpy
    >>> print(bracketed(numpy.array([["1", "2"], ["3", "4"]], dtype=object)))
    \\begin{bmatrix} 1 & 2 \\\\ 3 & 4 \\end{bmatrix}
    """
    if texts.ndim > 2:
        return nested(texts)
    rows = texts.reshape(len(texts), -1)
    lines = r" \\ ".join(" & ".join(row) for row in rows)
    return rf"\begin{{bmatrix}} {lines} \end{{bmatrix}}"
