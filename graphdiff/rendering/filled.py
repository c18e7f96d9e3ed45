"""Formulas of captions in the three notations of a label, with numbers for what has no name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from ..backward import rule
from ..domains.symbolic import symbolic
from ..formulas import Formulas
from ..graph import Graph
from ..ir.expr import Expr, constant
from ..ir.op import ATOM
from ..ir.tape import Node, Tape
from ..printing.printer import LatexPrinter, Piece, Printer, TypstPrinter, UnicodePrinter
from ..quotients import quotient_printer
from .labels import name_label, number_label

__all__ = ["Filled", "Texts"]

_Key = TypeVar("_Key")
Texts = tuple[str, str, str]
"""One formula in Typst, plain text and LaTeX."""

_NOTATIONS = ("typst", "unicode", "latex")
# Characters up to which an expression serves as a name, and up to which a formula is shown.
_NAME, _FORMULA = 9, 48


class _WithNumbers(Printer):
    """Puts numbers for names, where they are given."""

    def __init__(self, tape: Tape, values: Mapping[str, Piece]) -> None:
        super().__init__(tape, most=2_000)
        self.values = values

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.op == "input" and node.attr in self.values:
            return self.values[node.attr]
        return super().piece(node, operands)


class _Typst(_WithNumbers, TypstPrinter):
    pass


class _Unicode(_WithNumbers, UnicodePrinter):
    pass


class _Latex(_WithNumbers, LatexPrinter):
    pass


class Filled(Formulas):
    """Rules and local gradients of a graph; ``named`` nodes are called by name.

    ``numbers`` are the values as printed. Programs of arrays have no numbers inside of formulas.
    """

    def __init__(
        self, graph: Graph, numbers: Mapping[int, str], named: Collection[int], layout: str
    ) -> None:
        super().__init__(graph, "typst", layout=layout)
        self.named = named
        self.pieces = [
            {graph.labels[i]: _number(text, k) for i, text in numbers.items() if i in graph.labels}
            for k in range(len(_NOTATIONS))
        ]
        names = {graph.labels[i] for i in named}
        self.unnamed = [
            {label: piece for label, piece in pieces.items() if label not in names}
            for pieces in self.pieces
        ]

    def name(self, i: int) -> Texts:
        """A node's name."""
        label = name_label(self.graph.labels[i])
        return label.typst, label.plain, label.latex

    @cached_property
    def called(self) -> dict[int, Texts]:
        """What a node is called: by its name, else by its expression where that is short."""
        graph = self.graph
        names = {i: graph.labels[i] for i in self.named}
        nodes = [i for i in graph.order if graph.active[i]]
        printers = (TypstPrinter, UnicodePrinter, LatexPrinter)
        columns = [kind(graph.tape, names, most=200).show_all(nodes) for kind in printers]
        found: dict[int, Texts] = {}
        for i, typst, text, latex in zip(nodes, *columns, strict=True):
            if i in self.named:
                found[i] = self.name(i)
            elif len(text) <= _NAME and "…" not in text:
                found[i] = (f"({typst})", f"({text})", rf"({latex})")
        return found

    def forward(self, i: int) -> list[Texts]:
        """The rule of node i in names, and the same in numbers, as far as that can be said."""
        return [texts for kind in self._rules for texts in [kind.get(i)] if texts]

    def local(self, i: int, position: int) -> Texts | None:
        """∂(node i)/∂(operand), by the gate's own value where that is shorter and has no name."""
        texts = self._shown_locals.get((i, position))
        other = self._by_output.get((i, position))
        if texts and other and i not in self.named and 5 < len(other[1]) < len(texts[1]):
            return other
        return texts

    @cached_property
    def _rules(self) -> tuple[dict[int, Texts], ...]:
        graph = self.graph
        gates = [i for i in graph.order if graph.tape.nodes[i].operands and graph.active[i]]
        rules = [self._rule(i) for i in gates]
        if graph.has_arrays:
            return (self._matrices(gates, rules),)
        return self._scalars(gates, rules, self.unnamed), self._scalars(gates, rules, self.pieces)

    @cached_property
    def _shown_locals(self) -> dict[tuple[int, int], Texts]:
        edges, formulas = list(self._locals), list(self._locals.values())
        if not edges:
            return {}
        simple = self._simplified(formulas)
        if self.graph.has_arrays:
            return self._matrices(edges, simple)
        return self._scalars(edges, simple, self.unnamed)

    @cached_property
    def _by_output(self) -> dict[tuple[int, int], Texts]:
        """Local gradients that call the gate's own value by its name."""
        if self.graph.has_arrays or not self._locals:
            return {}
        graph, domain = self.graph, symbolic(self.tape)
        found: dict[tuple[int, int], Expr] = {}
        for i, position in self._locals:
            node = graph.tape.nodes[i]
            operands = [self.leaf(k) for k in node.operands]
            local = rule(graph.tape.ops[node.op], position)(domain, self.leaf(i), *operands)
            found[i, position] = constant(self.tape, local)
        simple = self._simplified(list(found.values()))
        return self._scalars(list(found), simple, self.unnamed)

    def _scalars(
        self, keys: Sequence[_Key], formulas: Sequence[Expr], values: Sequence[Mapping[str, Piece]]
    ) -> dict[_Key, Texts]:
        """Formulas of numbers, printed with values for some names."""
        if not keys:
            return {}
        tape, ids = formulas[0].tape, [formula.id for formula in formulas]
        kinds = (_Typst, _Unicode, _Latex)
        columns = [
            kind(tape, pieces).show_all(ids) for kind, pieces in zip(kinds, values, strict=True)
        ]
        return _short(keys, columns)

    def _matrices(self, keys: Sequence[_Key], formulas: Sequence[Expr]) -> dict[_Key, Texts]:
        """Formulas of arrays, without those that speak of what has no name."""
        if not keys:
            return {}
        tape = formulas[0].tape
        labels = {self.graph.labels[i] for i in self.named}
        output = self.graph.labels[self.graph.output]
        known = labels | {f"∂{output}/∂{label}" for label in labels}
        kept = [
            (key, formula)
            for key, formula in zip(keys, formulas, strict=True)
            if all(
                tape.nodes[k].op != "input" or tape.nodes[k].attr in known
                for k in tape.needed_for([formula.id])
            )
        ]
        columns = [
            quotient_printer(
                notation, tape, self._size_names, rows=self.layout == "numerator"
            ).show_all([formula.id for _, formula in kept])
            for notation in _NOTATIONS
        ]
        return _short([key for key, _ in kept], columns)


def _short(keys: Sequence[_Key], columns: Sequence[Sequence[str]]) -> dict[_Key, Texts]:
    """The formulas that are short enough to be shown."""
    rows = zip(keys, *columns, strict=True)
    return {
        key: (typst, text, latex) for key, typst, text, latex in rows if len(text) <= _FORMULA
    }


def _number(text: str, notation: int) -> Piece:
    """A printed number in a notation, and how tightly it binds."""
    label = number_label(text)
    shown = (label.typst, label.plain, label.latex)[notation]
    if "e" in text:
        return shown, 2
    return shown, 3 if text.startswith(("-", "−")) else ATOM
