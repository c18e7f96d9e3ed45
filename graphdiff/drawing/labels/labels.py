"""What is written into gates and beside names: numbers, variables and signs as mathematics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.tape import Tape
from graphdiff.drawing.parts.diagram import NOTATIONS, Ink, Label
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.language.notation.printer import LatexPrinter, Piece, TypstPrinter, show_index
from graphdiff.program.boxes import Layer
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.gates import folded_operand, gate_label

from . import forms
from .arrays import shape_label
from .folded import constant_in_gate, folded_label, number_in_gate
from .forms import between, in_brackets, row

__all__ = [
    "as_written", "gate_symbol", "gate_text", "joined", "layer_label", "name_label",
    "quotient_label", "rule_label",
]  # fmt: skip

_RAISED_LAST = re.compile(r"\^(\{[^{}]*\}|\\[a-zA-Z]+|\S)$")
_POWER = 4
"""How tightly a label binds that ends above the line: another power needs brackets."""
_TYPST, _LATEX = TypstPrinter(Tape({})), LatexPrinter(Tape({}))
_SIGNS = {
    "*": ("ast.op", "*"), "+": ("+", "+"), "-": ("−", "-"), "/": ("\\/", "/"),
    "^": ("x^y", "x^y"), "√": ("sqrt(x)", r"\sqrt{x}"), "∛": ("root(3, x)", r"\sqrt[3]{x}"),
    "|x|": ("abs(x)", "|x|"), "σ": ("sigma", r"\sigma"), "Φ": ("Phi", r"\Phi"),
    "ln σ": ("ln sigma", r"\ln\sigma"), "<": ("<", "<"), ">": (">", ">"), "=": ("=", "="),
    "≤": ("<=", r"\le"), "≥": (">=", r"\ge"), "≠": ("!=", r"\ne"),
    "x yᵀ": ("x y^top", r"x y^\top"), "xᵀ": ("x^top", r"x^\top"), "⁻¹": ("x^(−1)", "x^{-1}"),
    "log₂": ('"log"_2', r"\log_2"), "log₁₀": ('"log"_10', r"\log_{10}"), "x[i]": ("x_i", "x_i"),
}  # fmt: skip
"""Signs of gates that are more than a word: in Typst and in LaTeX."""


def as_written(names: Mapping[str, Label]) -> dict[str, dict[str, Piece]]:
    """What printers write for names that have labels, by notation.

    >>> as_written({"W": Label("W^((1))", "W¹", "W^{(1)}")})["latex"]
    {'W': ('W^{(1)}', 4)}
    """
    binds = {name: _POWER if _RAISED_LAST.search(x.latex) else ATOM for name, x in names.items()}
    return {
        notation: {name: (label.texts[k], binds[name]) for name, label in names.items()}
        for k, notation in enumerate(NOTATIONS)
    }


def name_label(name: str, ink: Ink = "ink") -> Label:
    """A variable's name: italic, with subscripts."""
    return Label(_TYPST.name(name), name, _LATEX.name(name), ink)


def gate_symbol(sign: str) -> Label:
    """The sign of an op as mathematics: ``σ``, ``√x``; what is called by a word, upright.

    >>> gate_symbol("log₁₀").latex, gate_symbol("leaky_relu").plain
    ('\\\\log_{10}', 'leaky relu')
    """
    plain = sign.replace("-", "−")
    if sign in _SIGNS:
        return Label(_SIGNS[sign][0], plain, _SIGNS[sign][1])
    if sign == "×-1":
        return folded_label("mul", 1, number_in_gate(-1))
    return plain_label(plain.replace("_", " "))


def gate_text(graph: Graph, i: int) -> Label:
    """The label of the gate of node i, with what a tensor op needs to be understood.

    >>> from graphdiff import parse
    >>> graph = parse("W:2x3; b:2x1; f = sum((W + b)[0, 1:], axis=0)")
    >>> [gate_text(graph, i).plain for i in graph.order if graph.tape.nodes[i].operands]
    ['⇉ 2×3', '+', '[0, 1:]', 'Σ axis 0']
    """
    node = graph.tape.nodes[i]
    settings = dict(node.attr or ())
    if node.op == "broadcast":
        return forms.SPREAD(shape_label(node.shape))
    if node.op == "getitem":
        return _entry(graph.labels.get(node.operands[0], ""), settings["index"])
    if node.op == "transpose":
        return gate_symbol("xᵀ" if settings["axes"] is None else node.op)
    folded = folded_operand(graph.tape, i, graph.drawn)
    if folded is not None:
        constant = constant_in_gate(graph.tape, node.operands[folded])
        return folded_label(node.op, folded, constant)
    label = gate_symbol(gate_label(graph.tape, i, graph.drawn))
    axis = settings.get("axis")
    if axis is None or axis == graph.tape.ops[node.op].attrs["axis"]:
        return label
    if isinstance(axis, tuple):
        shape = graph.tape.nodes[node.operands[0]].shape
        return forms.OVER(label, shape_label(tuple(shape[k] for k in axis)))
    return forms.AXIS(label, str(axis).replace("-", "−"))


def _entry(name: str, index: Sequence[object]) -> Label:
    """An entry as mathematics, ``p₀``; of what has an index or a long name only the position."""
    shown = f"[{', '.join(map(show_index, index))}]"
    if len(name) != 1 or not all(isinstance(position, int) for position in index):
        return plain_label(shown)
    below = ", ".join(map(str, index))
    return replace(forms.ENTRY(name_label(name), below), plain=name + shown)


def layer_label(layer: Layer) -> Label:
    """The name of a layer, and in small type below it its op and how many parameters it has."""
    own = layer.name != layer.op
    name = name_label(layer.name) if own else plain_label(layer.name)
    below = [layer.title] if own else []
    if layer.parameters:
        below.append(f"{layer.parameters:,} parameter{'s' if layer.parameters > 1 else ''}")
    return forms.STACKED(name, plain_label(", ".join(below))) if below else name


def joined(sign: str, *labels: Label) -> Label:
    """Labels with a sign between them, in the ink of the last.

    >>> joined("=", name_label("q"), name_label("r")).typst
    'q = r'
    """
    return row(*between(f" {sign} ", labels), ink=labels[-1].ink)


def quotient_label(above: str, below: Label, *, partial: bool = True) -> Label:
    """The sign ∂y/∂x as a fraction, or dy/dx.

    >>> quotient_label("f", name_label("x"), partial=False).plain
    'df/dx'
    """
    return forms.DERIVATIVE[partial](above, below)


def rule_label(names: Sequence[str], rule: Label, gradients: Sequence[Label]) -> Label:
    """A line of the panel: the rule of a function, and what follows for its gradients.

    >>> rule_label(["x"], name_label("x"), [name_label("g")]).plain
    'f(x) = x → g'
    """
    arguments = row(*between(", ", map(name_label, names)))
    whole = joined("=", row("f", in_brackets(arguments)), rule)
    if not gradients:
        return whole
    arrow = Label(" quad arrow.r quad ", " → ", r" \quad\rightarrow\quad ")
    return row(whole, arrow, *between(Label(" quad ", ", ", r" \quad "), gradients))
