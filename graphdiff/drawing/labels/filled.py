"""Formulas of captions as labels, with numbers for what has no name."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.tape import Tape
from graphdiff.core.sweeps.backward import rule
from graphdiff.drawing.parts.diagram import NOTATIONS, Label
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.language.notation.printer import Piece, Printer, printer_for
from graphdiff.program.formulas import Formulas
from graphdiff.program.graph import Graph
from graphdiff.program.runs.quotients import quotient_printer

from .forms import PARTIAL, in_brackets, number_label, row
from .labels import as_written, name_label

__all__ = ["Filled"]

_Key = TypeVar("_Key")
_Written = Mapping[str, Mapping[str, Piece]]
"""What is written for names, by notation."""

# What needs no brackets: max(x, y), σ(s).
_CALL = re.compile(r"[^\W\d]\w*\([^()…]*\)")
# Characters up to which an expression serves as a name, and up to which a formula is shown.
_NAME, _FORMULA = 9, 48
# Characters up to which a formula in numbers says no more than its result.
_LEAST = 6


class Filled(Formulas):
    """Rules and local gradients of a graph; ``named`` nodes are called by name.

    ``numbers`` are the values as printed. Programs of arrays have no numbers inside of formulas.
    ``names`` are the labels that a user gave for names.
    """

    def __init__(
        self, graph: Graph, numbers: Mapping[int, str], named: Collection[int], layout: str,
        names: Mapping[str, Label],
    ) -> None:  # fmt: skip
        super().__init__(graph, layout=layout)
        self.named, self.names = named, names
        self._inner: dict[int, Expr] = {}
        self.known = {graph.labels[i] for i in named}
        self.labelled = as_written(names)
        self.numbers = {graph.labels[i]: text for i, text in numbers.items()}
        self.pieces = self._with_numbers(self.numbers)
        self.unnamed = self._with_numbers(self.numbers.keys() - self.known)

    def _with_numbers(self, names: Iterable[str]) -> _Written:
        """What is written for names: the labels, and numbers for these."""
        return {
            kind: {**labels, **{name: _number(self.numbers[name], kind) for name in names}}
            for kind, labels in self.labelled.items()
        }

    def name(self, i: int) -> Label:
        """A node's name."""
        text = self.graph.labels[i]
        return self.names.get(text) or name_label(text)

    @cached_property
    def called(self) -> dict[int, Label]:
        """What a node is called: by its name, else by its expression where that is short."""
        graph = self.graph
        names = {i: graph.labels[i] for i in self.named}
        nodes = [i for i in graph.order if graph.drawn[i]]

        def shown(kind: str, written: Mapping[str, Piece] | None) -> list[str]:
            return printer_for(kind, graph.tape, 200, written, names).show_all(nodes)

        made = Label.each(lambda kind: shown(kind, self.labelled[kind]))
        found: dict[int, Label] = {}
        # How long it is does not depend on how a label is written in LaTeX.
        for i, label, text in zip(nodes, made, shown("unicode", None), strict=True):
            if i in self.named:
                found[i] = self.name(i)
            elif _CALL.fullmatch(text) and len(text) <= _NAME + 2:
                found[i] = label
            elif len(text) <= _NAME and "…" not in text:
                found[i] = in_brackets(label)
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

    def forward(self, i: int) -> list[Label]:
        """The rule of node i in names, and the same in numbers, as far as that can be said."""
        node = self.graph.tape.nodes[i]
        if node.op == "neg" and node.operands[0] not in self.named and not self.graph.has_arrays:
            operand = self.graph.labels[node.operands[0]]
            number = Label.of(lambda kind: self.pieces[kind][operand][0])
            return [row(Label("−1 dot ", "−1·", r"-1 \cdot "), in_brackets(number))]
        return [kind[i] for kind in self._rules if i in kind]

    def partial(self, i: int, position: int) -> Label | None:
        """∂(node i)/∂(operand), in numbers by the gate's own value where that is shorter."""
        label = self._shown_locals.get((i, position))
        other = self._by_output.get((i, position))
        if self.graph.tape.nodes[i].operands[position] in self.named:
            return label
        if label and other and _LEAST < len(other.plain) < len(label.plain):
            return other
        return label

    @cached_property
    def _rules(self) -> tuple[dict[int, Label], ...]:
        graph = self.graph
        gates = [i for i in graph.order if graph.tape.nodes[i].operands and graph.drawn[i]]
        rules = [self._rule(i) for i in gates]
        if graph.has_arrays:
            return (self._matrices(gates, rules),)
        return self._scalars(gates, rules, self.unnamed), self._scalars(gates, rules, self.pieces)

    @cached_property
    def _shown_locals(self) -> dict[tuple[int, int], Label]:
        edges, formulas = list(self._locals), list(self._locals.values())
        if not edges:
            return {}
        simple = self._simplified(formulas)
        if self.graph.has_arrays:
            return self._matrices(edges, simple)
        return self._scalars(edges, simple, self.unnamed)

    @cached_property
    def _by_output(self) -> dict[tuple[int, int], Label]:
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
        self, keys: Sequence[_Key], formulas: Sequence[Expr], written: _Written
    ) -> dict[_Key, Label]:
        """Formulas of numbers, printed with values for what has no name."""
        known = {*self.names, *self.numbers, *self.known}
        return _short(
            keys, formulas, known,
            lambda kind, tape: printer_for(kind, tape, 2_000, written[kind]),
        )  # fmt: skip

    def _matrices(self, keys: Sequence[_Key], formulas: Sequence[Expr]) -> dict[_Key, Label]:
        """Formulas of arrays, without those that speak of what cannot be called by anything."""
        written, rows = as_written({**self._above, **self.names}), self.layout == "numerator"
        return _short(
            keys, formulas, {*self.known, *self._above},
            lambda kind, tape: quotient_printer(
                kind, tape, self._size_names, rows=rows, written=written[kind]
            ),
        )  # fmt: skip

    @cached_property
    def _above(self) -> dict[str, Label]:
        """Gradients from above as formulas call them, and as they are shown."""
        labels, above = self.graph.labels, self.graph.objective
        return {f"∂{above}/∂{labels[i]}": self.derivative(i) for i in self.called if i in labels}

    def derivative(self, i: int) -> Label:
        """∂(output)/∂(node i), of what is called by something."""
        graph = self.graph
        f = self.name(graph.output) if graph.upstream is None else name_label(graph.objective)
        return PARTIAL(f, self.called[i])


def _short(
    keys: Sequence[_Key], formulas: Sequence[Expr], known: Collection[str],
    printer: Callable[[str, Tape], Printer],
) -> dict[_Key, Label]:  # fmt: skip
    """The formulas that speak of nothing but known names and are short enough to be shown."""
    keys, formulas = _sayable(keys, formulas, known)
    if not keys:
        return {}
    tape, ids = formulas[0].tape, [formula.id for formula in formulas]
    labels = Label.each(lambda kind: printer(kind, tape).show_all(ids))
    return {
        key: label
        for key, label in zip(keys, labels, strict=True)
        if len(label.plain) <= _FORMULA and "…" not in label.plain
    }


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


def _number(text: str, kind: str) -> Piece:
    """A printed number in a notation, and how tightly it binds."""
    label = plain_label(text) if text.isalpha() else number_label(text)
    shown = label.texts[NOTATIONS.index(kind)]
    if "e" in text:
        return shown, 2
    return shown, 3 if text.startswith(("-", "−")) else ATOM
