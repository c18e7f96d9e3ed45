"""Formulas of a derivation in one notation, with names and with the numbers put in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import Any, Literal

from graphdiff.core.algebra.scalars import simplify
from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, apply, constant
from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.support.decimals import level, raised
from graphdiff.core.sweeps.backward import rule, times
from graphdiff.language.notation.arrays import Layout, in_layout
from graphdiff.language.notation.numbers import decimals, show_number
from graphdiff.language.notation.printer import LatexPrinter, Piece, UnicodePrinter
from graphdiff.program.formulas import Formulas
from graphdiff.program.graph import Graph

__all__ = ["Mathematics", "Notation", "as_printed"]

Notation = Literal["unicode", "latex"]
Edge = tuple[int, int]
"""A gate and an operand position."""

_SHORT = 6
"""Characters up to which an exact number is printed exactly."""
_LONGEST = 2_000
_TITLE = 160
_SYMBOLS = {
    "*": r"\times", "×": r"\times ", "÷": r"\div ", "σ": r"\sigma", "Φ": r"\Phi", "√": r"\sqrt{x}",
    "∛": r"\sqrt[3]{x}", "⌊": r"\lfloor ", "⌋": r"\rfloor", "⌈": r"\lceil ", "⌉": r"\rceil",
    "Σ": r"\Sigma", "Π": r"\Pi", "ᵀ": r"^\top", "⇉": r"\rightrightarrows",
}  # fmt: skip


class _Board(UnicodePrinter):
    """As lectures write it on a board: e^x."""

    def piece(self, node: Node, operands: list[Piece]) -> Piece:
        if node.operands and self.tape.ops[node.op].latex.startswith("e^"):
            text, binds = operands[0]
            bare = binds >= ATOM and not self.signed(text)
            return (f"e^{text}" if bare else f"e^({text})"), 4
        return super().piece(node, operands)

    def power_of_ten(self, mantissa: str, exponent: int) -> Piece:
        return f"{self.decimal(mantissa)}×10{raised(exponent)}", 2


class Mathematics(Formulas):
    """What ``Formulas`` says, and the same with the numbers of a point."""

    def __init__(
        self, graph: Graph, notation: Notation, values: Mapping[int, Any], digits: int = 2,
        layout: Layout = "gradient",
    ) -> None:  # fmt: skip
        super().__init__(graph, notation, layout=layout)
        self.digits = digits
        self.latex = notation == "latex"
        self.about = r"\approx" if self.latex else "≈"
        self.printer = LatexPrinter if self.latex else _Board
        self._words = self.printer(self.tape)
        self.values = {
            graph.labels[i]: self._piece(value)
            for i, value in values.items()
            if graph.drawn[i] and i in graph.labels
        }

    # -- numbers ----------------------------------------------------------------------------------

    def number(self, value: Any) -> str:
        """Integers and short fractions exactly, the rest to fixed decimals."""
        return self._piece(value)[0]

    def gradient(self, value: Any) -> str:
        """A gradient, or a local gradient, as the layout shows it."""
        return self.number(in_layout(value, self.layout))

    def _piece(self, value: Any) -> Piece:
        if value is None:
            return "…", ATOM
        if value != value:  # an entry on a branch that is not taken
            latex = self.printer.notation == "latex"
            return r"\text{undefined}" if latex else "undefined", ATOM
        text = _plain(value, self.digits)
        binds = 3 if value < 0 else ATOM
        mantissa, e, exponent = text.partition("e")
        printer = self._words
        if e and exponent.lstrip("-").isdigit():
            return printer.power_of_ten(mantissa, int(exponent))
        if "/" in text:
            return printer.quotient(Fraction(value)), 2
        return printer.decimal(text), binds

    # -- names ------------------------------------------------------------------------------------

    def name(self, i: int) -> str:
        """A node's name."""
        return self._words.name(self.graph.labels[i])

    def derivative(self, i: int) -> str:
        """∂(output)/∂(node i)."""
        return self.derivative_by(self.graph.labels[i])

    def derivative_by(self, label: str) -> str:
        """∂(output)/∂(what is called so): a node, or an entry such as ``x[0]``."""
        base, bracket, place = label.partition("[")
        printer = self._words
        return printer.derivative(
            printer.name(self.graph.objective), printer.name(base) + bracket + place
        )

    def words(self, text: str) -> str:
        """Words inside a formula."""
        return rf"\text{{{text}}}" if self.latex else text

    def gate(self, label: str) -> str:
        """What a gate shows, as a formula."""
        return _latex_label(label) if self.latex else label.replace("-", "−")

    # -- formulas ---------------------------------------------------------------------------------

    def leaf(self, i: int) -> Expr:
        """As ``Formulas.leaf``, but a comparison stands for itself: it has no value to name."""
        node = self.graph.tape.nodes[i]
        row = self.graph.tape.ops.get(node.op)
        if row is not None and row.condition and self.graph.active[i]:
            operands = [super(Mathematics, self).leaf(k) for k in node.operands]
            return apply(self.tape, node.op, *operands)
        return super().leaf(i)

    def whole(self) -> str:
        """The output's formula in the inputs, or in the nodes before it where that is too long."""
        tape, output = self.graph.tape, self.graph.output
        whole = self.printer(tape, most=_LONGEST).show(output)
        if len(whole) <= _TITLE * (2 if self.latex else 1) or not self.graph.active[output]:
            return whole
        return self.expression(output)

    @cached_property
    def closed(self) -> dict[int, str]:
        """The derivatives in each input, in the inputs alone, where they are short."""
        found = {}
        for name, graph in self.graph.gradient().items():
            text = self.printer(graph.tape, most=_LONGEST).show(graph.output)
            if len(text) <= _TITLE:
                found[self.graph.inputs[name]] = text
        return found

    def expression(self, i: int) -> str:
        """The node's rule in names: ``x + y``."""
        return self._rules[0][i]

    def filled(self, i: int) -> str:
        """The node's rule in numbers: ``−2 + 5``."""
        return self._rules[1][i]

    @cached_property
    def _rules(self) -> tuple[dict[int, str], dict[int, str]]:
        """All rules in names and in numbers, printed in one sweep each."""
        nodes = self.graph.tape.nodes
        made = {
            i: apply(self.tape, nodes[i].op, *[self.leaf(k) for k in nodes[i].operands]).id
            for i in self.graph.order
            if nodes[i].operands and self.graph.drawn[i]
        }
        names, numbers = (
            self.printer(self.tape, None, _LONGEST, values).show_all(list(made.values()))
            for values in ({}, self.values)
        )
        return dict(zip(made, names, strict=True)), dict(zip(made, numbers, strict=True))

    def local(self, i: int, position: int) -> str:
        """∂(node i)/∂(operand) in names."""
        return self._printed["names"][i, position]

    def local_filled(self, i: int, position: int, value: str) -> str:
        """The same in numbers; by the gate's own value where that says more: 0.73·(1 − 0.73)."""
        by_output = self._printed["output"][i, position]
        return self._printed["numbers"][i, position] if by_output == value else by_output

    def passed(self, i: int, position: int) -> str:
        """The contribution that a gate passes to an operand, in names."""
        return self._printed["passed"][i, position]

    def upstream(self, i: int) -> str:
        """∂(output)/∂(node i) in names."""
        return self._printed["upstream"].get((i, -1), "0")

    @cached_property
    def _printed(self) -> dict[str, dict[Edge, str]]:
        """Every formula there is, simplified and printed in one sweep each."""
        output = self._by_output()
        share = {
            (i, p): constant(self.tape, times(self._upstream[i], local))
            for (i, p), local in self._locals.items()
            if i in self._upstream
        }
        upstream = {(i, -1): formula for i, formula in self._upstream.items()}
        values = {"numbers": self.values, "output": self.values}
        shown: dict[str, dict[Edge, str]] = {}
        kinds = {"names": self._locals, "numbers": self._locals, "output": output}
        for kind, formulas in {**kinds, "passed": share, "upstream": upstream}.items():
            shown[kind] = {}
            if formulas:
                simple = simplify(list(formulas.values()))
                printer = self.printer(simple[0].tape, None, _LONGEST, values.get(kind))
                texts = printer.show_all([e.id for e in simple])
                shown[kind] = dict(zip(formulas, texts, strict=True))
        return shown

    def _by_output(self) -> dict[Edge, Expr]:
        """Local gradients that call the gate's own value by its name."""
        graph, domain = self.graph, symbolic(self.tape)
        found: dict[Edge, Expr] = {}
        for i, position in self._locals:
            node = graph.tape.nodes[i]
            operands = [self.leaf(k) for k in node.operands]
            rule_here = rule(graph.tape.ops[node.op], position)
            found[i, position] = constant(self.tape, rule_here(domain, self.leaf(i), *operands))
        return found


def _plain(value: Any, digits: int) -> str:
    """A number with an ASCII minus."""
    if isinstance(value, Fraction):
        return _quotient(value.numerator, value.denominator, digits)
    if value == 0:
        return "0"
    if not isinstance(value, float):
        text = show_number(value, 15)
        if isinstance(value, int) or len(text.lstrip("-")) <= _SHORT:
            return text
    return _decimals(value, digits, minus="-")


_decimals = lru_cache(4_096)(decimals)


@lru_cache(4_096)  # each is told a dozen times; hashes of fractions collide
def _quotient(above: int, below: int, digits: int) -> str:
    value = Fraction(above, below)
    text = show_number(value, 15)
    short = len(text.lstrip("-")) <= _SHORT
    return text if short else decimals(value, digits, minus="-")


def as_printed(value: Any, digits: int) -> Fraction:
    """The number that a reader sees.

    >>> as_printed(0.1966, 2), as_printed(Fraction(1, 3), 2)
    (Fraction(1, 5), Fraction(1, 3))
    """
    return _read(_plain(value, digits))


_read = lru_cache(4_096)(Fraction)
"""The number that a text is."""


def _latex_label(label: str) -> str:
    if label.isidentifier() and label.isascii():
        return rf"\text{{{label}}}".replace("_", r"\_")
    if label == "^":
        return "x^y"
    if found := re.search(r"\d[\d.]*e-?\d+", label):
        number = LatexPrinter(Tape({})).number(Fraction(found[0]))[0]
        return _latex_label(label[: found.start()]) + number + _latex_label(label[found.end() :])
    out, power = "", ""
    label = re.sub(r"\^(.+)", r"^{\1}", label)
    for c in re.sub(r"(?!pi\b)[a-zA-Z]{2,}", r"\\text{\g<0>}", label).replace("pi", r"\pi "):
        if c != level(c):
            power += level(c)
        else:
            out += _SYMBOLS.get(c, c)
    return out + (f"^{{{power}}}" if power else "")
