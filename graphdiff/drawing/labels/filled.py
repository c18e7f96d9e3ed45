"""Formulas of captions in the three notations of a label, with numbers for what has no name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.backward import rule
from graphdiff.drawing.parts.diagram import Label
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.language.notation.printer import (
    LatexPrinter,
    Piece,
    Printer,
    TypstPrinter,
    UnicodePrinter,
)
from graphdiff.program.graph import Graph
from graphdiff.program.runs.quotients import quotient_printer

from .labels import name_label, number_label
from .renaming import LabelledFormulas

__all__ = ["Filled", "Texts"]

_Key = TypeVar("_Key")
Texts = tuple[str, str, str]
"""One formula in Typst, plain text and LaTeX."""

# What needs no brackets: max(x, y), σ(s).
_CALL = re.compile(r"[^\W\d]\w*\([^()…]*\)")
_NOTATIONS = ("typst", "unicode", "latex")
# Characters up to which an expression serves as a name, and up to which a formula is shown.
_NAME, _FORMULA = 9, 48
# Characters up to which a formula in numbers says no more than its result.
_LEAST = 6


class _WithNumbers(Printer):
    """Puts numbers for names, where they are given."""

    def __init__(self, tape: Tape, values: Mapping[str, Piece], most: int = 2_000) -> None:
        super().__init__(tape, most=most)
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


class Filled(LabelledFormulas):
    """Rules and local gradients of a graph; ``named`` nodes are called by name.

    ``numbers`` are the values as printed. Programs of arrays have no numbers inside of formulas.
    ``names`` are the labels that a user gave for names.
    """

    def __init__(
        self, graph: Graph, numbers: Mapping[int, str], named: Collection[int], layout: str,
        names: Mapping[str, Label],
    ) -> None:  # fmt: skip
        super().__init__(graph, "typst", names=names, layout=layout)
        self.named, self.names = named, names
        self._inner: dict[int, Expr] = {}
        self.known = {self.alias(graph.labels[i]) for i in named}
        self.labelled: list[dict[str, Piece]] = [
            {key: (_texts(label)[k], ATOM) for name, label in names.items()
             for key in (name, self.alias(name))}
            for k in range(len(_NOTATIONS))
        ]  # fmt: skip
        found = {self.alias(graph.labels[i]): text for i, text in numbers.items()}
        self.pieces = [
            labelled | {name: _number(text, k) for name, text in found.items()}
            for k, labelled in enumerate(self.labelled)
        ]
        hidden = [name for name in found if name not in self.known]
        self.unnamed = [
            labelled | {name: pieces[name] for name in hidden}
            for labelled, pieces in zip(self.labelled, self.pieces, strict=True)
        ]

    def alias(self, name: str) -> str:
        """The name that stands in formulas for one that has a label."""
        return self._stand_ins.get(name, name)

    def name(self, i: int) -> Texts:
        """A node's name."""
        text = self.graph.labels[i]
        return _texts(self.names.get(text) or name_label(text))

    @cached_property
    def called(self) -> dict[int, Texts]:
        """What a node is called: by its name, else by its expression where that is short."""
        graph = self.graph
        names = {i: graph.labels[i] for i in self.named}
        nodes = [i for i in graph.order if graph.drawn[i]]
        columns = []
        for kind, values in zip((_Typst, _Unicode, _Latex), self.labelled, strict=True):
            printer = kind(graph.tape, values, most=200)
            printer.names = names
            columns.append(printer.show_all(nodes))
        found: dict[int, Texts] = {}
        for i, typst, text, latex in zip(nodes, *columns, strict=True):
            if i in self.named:
                found[i] = self.name(i)
            elif _CALL.fullmatch(text) and len(text) <= _NAME + 2:
                found[i] = typst, text, latex
            elif len(text) <= _NAME and "…" not in text:
                found[i] = f"({typst})", f"({text})", f"({latex})"
        return found

    def leaf(self, i: int) -> Expr:
        """Node i as a name; among arrays, what has no name as its expression."""
        graph, node = self.graph, self.graph.tape.nodes[i]
        if i in self.named or not graph.has_arrays or not graph.drawn[i]:
            return super().leaf(i)
        if i not in self._inner:
            operands = [self.leaf(k) for k in node.operands]
            self._inner[i] = apply(self.tape, node.op, *operands, **dict(node.attr or ()))
        return self._inner[i]

    def forward(self, i: int) -> list[Texts]:
        """The rule of node i in names, and the same in numbers, as far as that can be said."""
        node = self.graph.tape.nodes[i]
        if node.op == "neg" and node.operands[0] not in self.named and not self.graph.has_arrays:
            operand = self.alias(self.graph.labels[node.operands[0]])
            typst, text, latex = (values[operand][0] for values in self.pieces)
            return [(f"−1 dot ({typst})", f"−1·({text})", rf"-1 \cdot ({latex})")]
        return [texts for kind in self._rules for texts in [kind.get(i)] if texts]

    def partial(self, i: int, position: int) -> Texts | None:
        """∂(node i)/∂(operand), in numbers by the gate's own value where that is shorter."""
        texts = self._shown_locals.get((i, position))
        other = self._by_output.get((i, position))
        if self.graph.tape.nodes[i].operands[position] in self.named:
            return texts
        if texts and other and _LEAST < len(other[1]) < len(texts[1]):
            return other
        return texts

    @cached_property
    def _rules(self) -> tuple[dict[int, Texts], ...]:
        graph = self.graph
        gates = [i for i in graph.order if graph.tape.nodes[i].operands and graph.drawn[i]]
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
        return self._scalars(list(found), simple, self.pieces)

    def _scalars(
        self, keys: Sequence[_Key], formulas: Sequence[Expr], values: Sequence[Mapping[str, Piece]]
    ) -> dict[_Key, Texts]:
        """Formulas of numbers, printed with values for what has no name."""
        keys, formulas = _sayable(keys, formulas, {*self.pieces[0], *self.known})
        if not keys:
            return {}
        tape, ids = formulas[0].tape, [formula.id for formula in formulas]
        kinds = (_Typst, _Unicode, _Latex)
        columns = [
            kind(tape, pieces).show_all(ids) for kind, pieces in zip(kinds, values, strict=True)
        ]
        return _short(keys, columns)

    def _matrices(self, keys: Sequence[_Key], formulas: Sequence[Expr]) -> dict[_Key, Texts]:
        """Formulas of arrays, without those that speak of what cannot be called by anything."""
        keys, formulas = _sayable(keys, formulas, {*self.known, *self._above})
        if not keys:
            return {}
        tape, rows = formulas[0].tape, self.layout == "numerator"
        columns = []
        for place, notation in enumerate(_NOTATIONS):
            printer = quotient_printer(notation, tape, self._size_names, rows=rows)
            texts = printer.show_all([formula.id for formula in formulas])
            shown = self._above | {self.alias(k): _texts(v) for k, v in self.names.items()}
            names = {printer.name(name): texts[place] for name, texts in shown.items()}
            columns.append([_renamed(text, names) for text in texts])
        return _short(keys, columns)

    @cached_property
    def _above(self) -> dict[str, Texts]:
        """Gradients from above as formulas call them, and as they are shown."""
        output = self.alias(self.graph.labels[self.graph.output])
        return {
            f"∂{output}/∂{self.alias(self.graph.labels[i])}": self.derivative(i)
            for i in self.called
            if i in self.graph.labels
        }

    def derivative(self, i: int) -> Texts:
        """∂(output)/∂(node i), of what is called by something."""
        f, x = self.name(self.graph.output), self.called[i]
        return (
            f"(∂ {f[0]})/(∂ {x[0]})", f"∂{f[1]}/∂{x[1]}",
            rf"\frac{{\partial {f[2]}}}{{\partial {x[2]}}}",
        )  # fmt: skip


def _short(keys: Sequence[_Key], columns: Sequence[Sequence[str]]) -> dict[_Key, Texts]:
    """The formulas that are short enough to be shown."""
    rows = zip(keys, *columns, strict=True)
    return {
        key: (typst, text, latex)
        for key, typst, text, latex in rows
        if len(text) <= _FORMULA and "…" not in text
    }


def _texts(label: Label) -> Texts:
    return label.typst, label.plain, label.latex


def _sayable(
    keys: Sequence[_Key], formulas: Sequence[Expr], known: Collection[str]
) -> tuple[Sequence[_Key], Sequence[Expr]]:
    """The formulas that speak of nothing but known names, with their keys."""
    kept = [
        (key, formula)
        for key, formula in zip(keys, formulas, strict=True)
        if all(
            formula.tape.nodes[k].op != "input" or formula.tape.nodes[k].attr in known
            for k in formula.tape.needed_for([formula.id])
        )
    ]
    return [key for key, _ in kept], [formula for _, formula in kept]


def _renamed(text: str, names: Mapping[str, str]) -> str:
    """The text with other names, the longest first."""
    for name in sorted(names, key=lambda name: (-len(name), name)):
        text = text.replace(name, names[name])
    return text


def _number(text: str, notation: int) -> Piece:
    """A printed number in a notation, and how tightly it binds."""
    shown = _texts(plain_label(text) if text.isalpha() else number_label(text))[notation]
    if "e" in text:
        return shown, 2
    return shown, 3 if text.startswith(("-", "−")) else ATOM
