"""The gradient of an array program as formulas: differentiated, simplified, checked, printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Literal, TypeVar

from graphdiff.core.algebra.simplify import Algebra
from graphdiff.core.ir.expr import Expr
from graphdiff.core.ir.shape import Dim
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.formats import chosen
from graphdiff.core.sweeps.backward import gradient
from graphdiff.language.formats import CODE
from graphdiff.language.formats import notation as notation_of
from graphdiff.language.notation.matrices import MatrixPrinter
from graphdiff.language.notation.sharing import named_parts
from graphdiff.program.graph import Graph

from .checking import agree, sample
from .sizes import agreeing, assumed, not_for_all_sizes, scalar_valued, shown_shapes

__all__ = ["READABLE", "Gradients", "Layout", "gradients"]

Layout = Literal["gradient", "numerator"]
T = TypeVar("T")
READABLE = 20_000
"""Characters of one derivative past which its parts have names; nobody reads as many."""


@dataclass(frozen=True, slots=True)
class Gradients:
    """Checked formulas, one per variable."""

    graph: Graph
    algebra: Algebra
    formulas: dict[str, int]
    value: int
    """What is differentiated."""
    names: dict[int, str]
    """Nodes of the formulas that the program has a name for."""
    sizes: dict[int, Dim]
    """What is called n in the shapes."""
    twin: Gradients | None = None
    """The same for other sizes: what is printed is the same for both, or not printed."""

    def show(
        self, notation: str = "unicode", layout: Layout = "gradient", most: int | None = None
    ) -> dict[str, str]:
        """The formulas as text; in numerator layout transposed, vectors as rows.  Each is ``…``
        where one of their parts has more than ``most`` characters.

        Raises Unsupported for a formula that is not the same for all sizes.
        """
        other = None if self.twin is None else self.twin._shown(notation, layout, most)
        return self._same(self._shown(notation, layout, most), other)

    def show_parts(
        self, notation: str = "unicode", layout: Layout = "gradient"
    ) -> tuple[list[str], dict[str, str]]:
        """The same in terms of parts that have names, with a line for each of these.

        >>> from graphdiff import parse
        >>> graph = parse("h = tanh(W@x); sum(h^2)")
        >>> gradients(graph, ["x"]).unnamed().show_parts()
        (['v1 = tanh(W x)'], {'x': '2 Wᵀ (v1 − v1^∘3)'})
        """
        other = None if self.twin is None else self.twin._in_parts(notation, layout)
        return self._same(self._in_parts(notation, layout), other)

    def unnamed(self) -> Gradients:
        """The same in terms of the inputs alone."""
        return replace(self, names={}, twin=self.twin and self.twin.unnamed())

    def _same(self, text: T, other: T | None) -> T:
        if other is not None and text != other:
            raise not_for_all_sizes(self.sizes)
        return text

    def _ops(self) -> list[str]:
        """What a formula is made of, which tells those apart that are too long to show."""
        tape = self.algebra.tape
        return [tape.nodes[i].op for i in tape.needed_for(self.formulas.values())]

    def _shown(self, notation: str, layout: Layout, most: int | None = None) -> dict[str, str]:
        printer, formulas = self._printer(notation, layout)
        outputs = [*formulas.values(), *printer.turned.values()]
        if most is None:
            printer.show_all(outputs)
        elif not printer.fits(outputs, most):
            return dict.fromkeys(formulas, "…")
        return self._finished(printer, formulas, notation, layout)

    def _in_parts(self, notation: str, layout: Layout) -> tuple[list[str], dict[str, str]]:
        printer, formulas = self._printer(notation, layout)
        lines = named_parts(printer, [*formulas.values(), *printer.turned.values()])
        return lines, self._finished(printer, formulas, notation, layout)

    def _printer(self, notation: str, layout: Layout) -> tuple[MatrixPrinter, dict[str, int]]:
        """What prints the formulas, and these as the layout has them."""
        printer = notation_of(notation).for_arrays(self.algebra.tape, self.names, self.sizes)
        if layout != "numerator":
            return printer, self.formulas
        formulas = {name: self._transposed(i) for name, i in self.formulas.items()}
        for i in formulas.values():
            self._turn(i, printer)
        return printer, formulas

    def _finished(
        self, printer: MatrixPrinter, formulas: dict[str, int], notation: str, layout: Layout
    ) -> dict[str, str]:
        """The formulas that were printed; in numerator layout vectors as rows."""
        row = layout == "numerator" and notation != "text"
        return {
            name: printer.row(i)
            if row and len(self.algebra.shape(i)) == 1
            else printer.pieces[i][0]
            for name, i in formulas.items()
        }

    def code(
        self, layout: Layout = "gradient", language: str = "python", *, with_value: bool = False
    ) -> str:
        """A function that computes the gradients, in Python with numpy, which has no rows: a vector
        is the same in both layouts.  ``with_value`` returns the value before them.

        >>> from graphdiff import parse
        >>> print(gradients(parse("mean(x^2)"), ["x"]).code())
        import numpy as np
        <BLANKLINE>
        <BLANKLINE>
        def gradient(x):
            m = x.shape[0]
            return 2/m*x
        """
        return self._same(
            self._code(layout, language, with_value),
            None if self.twin is None else self.twin._code(layout, language, with_value),
        )

    def _code(self, layout: Layout, language: str, with_value: bool) -> str:
        formulas = self.formulas
        if layout == "numerator":
            formulas = {name: self._transposed(i) for name, i in formulas.items()}
        name, wanted = "gradient", list(formulas.values())
        if with_value:
            name, wanted = "value_and_gradient", [self.value, *wanted]
        write = chosen(language, CODE, "functions").for_arrays
        return str(write(self.algebra.tape, name, wanted, self.graph.shapes, self.sizes))

    def _transposed(self, i: int) -> int:
        return self.algebra.make("transpose", i) if len(self.algebra.shape(i)) == 2 else i

    def _turn(self, i: int, printer: MatrixPrinter) -> None:
        """Tell the printer the transpose of the matrix that makes a vector."""
        algebra = self.algebra
        if len(algebra.shape(i)) == 2:
            return
        _, rest = algebra.split(i) if algebra.shape(i) else (i, i)
        node = algebra.at(rest)
        if algebra.tape.multiplies(rest) and len(algebra.shape(node.operands[0])) == 2:
            printer.turned[node.operands[0]] = algebra.make("transpose", node.operands[0])

    @property
    def shapes(self) -> str:
        """``W m×n, x n``."""
        return shown_shapes(self.graph, self.sizes)


def gradients(graph: Graph, variables: Sequence[str]) -> Gradients:
    """Gradients of a number in arrays, simplified, and compared with backpropagation's numbers.

    Where sizes are free, this is done for two choices of them, whose formulas must be the same.

    Raises ShapeMismatch for an output that is an array, WrongFormula for a wrong rule, DomainError
    where no point with a value is found, Unsupported for a formula that is not the same for all
    sizes.

    >>> from graphdiff import parse
    >>> gradients(parse("sum((W@x)^2)"), ["W", "x"]).show()
    {'W': '2 (W x) xᵀ', 'x': '2 Wᵀ (W x)'}
    >>> gradients(parse("mean(x[1:])"), ["x"]).show()
    {'x': '(1/(m−1)) pad(𝟏, width=[[1, 0]])'}
    """
    graph = scalar_valued(graph)
    choices = list(islice(assumed(graph), 2))
    if any(
        _rules_of(made, variables) != _rules_of(choices[0][0], variables) for made, _ in choices
    ):
        raise not_for_all_sizes(choices[0][1])  # products of all others are long, so look first
    found, twin = agreeing(
        graph,
        lambda made, sizes: _checked(made, sizes, variables),
        lambda one: (one._shown("unicode", "gradient", READABLE), one._ops()),
    )
    return replace(found, twin=twin)


def _rules_of(graph: Graph, variables: Sequence[str]) -> list[str]:
    """The ops of the gradient as the rules write it."""
    wrt = [graph.inputs[name] for name in variables]
    raw = gradient(graph.tape, graph.output, wrt)
    return [graph.tape.nodes[i].op for i in graph.tape.needed_for([e.id for e in raw])]


def _checked(
    graph: Graph, sizes: dict[int, Dim], variables: Sequence[str],
) -> Gradients:  # fmt: skip
    """The formulas for one choice of sizes, compared with numbers."""
    tape, wrt = graph.tape, [graph.inputs[name] for name in variables]
    made = sample(tape, graph.output)
    raw = gradient(tape, graph.output, wrt)
    algebra = Algebra(Tape(tape.ops, tape.limits))
    moved = algebra.moved(tape, [e.id for e in raw] + [graph.output])
    formulas = {name: moved[e.id] for name, e in zip(variables, raw, strict=True)}
    values = made.evaluated([Expr(algebra.tape, i) for i in formulas.values()])
    for name, i, value in zip(variables, wrt, values, strict=True):
        agree(f"∇_{name}", value, made.adjoints[i], made)
    names = _named(graph, algebra.tape, moved)
    return Gradients(graph, algebra, formulas, moved[graph.output], names, sizes)


def _named(graph: Graph, tape: Tape, moved: Mapping[int, int]) -> dict[int, str]:
    """What the program calls nodes that the formulas mention."""
    return {
        moved[i]: name
        for name, i in graph.names.items()
        if i in moved and i != graph.output and tape.nodes[moved[i]].operands
    }
