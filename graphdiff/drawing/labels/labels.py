"""What is written into gates and beside names: numbers, variables and signs as mathematics."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.decimals import level, raised
from graphdiff.drawing.parts.diagram import NOTATIONS, Ink, Label
from graphdiff.drawing.parts.escaping import plain_label
from graphdiff.language.notation.numbers import significant
from graphdiff.language.notation.printer import LatexPrinter, Piece, TypstPrinter, show_index
from graphdiff.program.boxes import Layer
from graphdiff.program.graph import Graph
from graphdiff.program.rewrite.gates import gate_label

from . import forms
from .arrays import shape_label
from .forms import between, in_brackets, number_label, on_a_line, row

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = [
    "as_written", "gate_symbol", "gate_text", "joined", "layer_label", "name_label",
    "quotient_label", "rule_label",
]  # fmt: skip

_RAISED_LAST = re.compile(r"\^(\{[^{}]*\}|\\[a-zA-Z]+|\S)$")
_POWER = 4
"""How tightly a label binds that ends above the line: another power needs brackets."""
_TYPST, _LATEX = TypstPrinter(Tape({})), LatexPrinter(Tape({}))
# Characters of a constant in a gate; the tables have the longer ones in full.
_ROOM = 6
_SIGNS = {"×": r"\times", "÷": r"\div", "+": "+", "−": "-", "(": "(", ")": ")", "/": "/"}
_NUMBER = re.compile(r"(\d+(?:\.\d+)?(?:e-?\d+)?)")


def _is_long(number: str) -> bool:
    return len(number) > _ROOM or "e" in number


def _short(number: str) -> Label:
    """A positive number that has room in a gate, rounded if need be.

    >>> [_short(text).plain for text in ("1000000000", "3.14159265", "0.00001234", "12")]
    ['10⁹', '3.1416', '1.2·10⁻⁵', '12']
    """
    from fractions import Fraction

    if not _is_long(number):
        return number_label(number)
    value = Fraction(number)
    digits, exponent = _scientific(value)
    for places in (5, 4, 3, 2):
        text = significant(value, places) if abs(exponent) < _ROOM else "e"
        if "e" not in text and len(text) <= _ROOM:
            return number_label(text)
    power = Label(f"10^({_minus(exponent)})", f"10{raised(exponent)}", f"10^{{{exponent}}}")
    return power if digits == "1" else forms.TIMES(digits, power)


def _minus(number: int) -> str:
    return str(number).replace("-", "−")


def _around(text: str) -> Label:
    """What stands before or behind a number in a gate: ``×``, ``÷(−``, ``/x``."""
    if text in ("/x", "−x"):
        return on_a_line(text)
    if all(sign in _SIGNS for sign in text):
        latex = "".join(_SIGNS[sign] for sign in text)
        return Label(plain_label(text).typst, text, f"{{{latex}}}")
    return plain_label(text)


def _scientific(value: Fraction) -> tuple[str, int]:
    """A positive number as one or two digits and a power of ten, however large it is."""
    from decimal import Context, Decimal

    context = Context(prec=2)
    rounded = context.divide(Decimal(value.numerator), Decimal(value.denominator))
    digits, _, exponent = f"{rounded:.1e}".partition("e")
    return digits.removesuffix(".0"), int(exponent)


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


def gate_symbol(label: str) -> Label:
    """The label of a gate as mathematics: ``×-1``, ``1/x``, ``x²``, ``max``, ``σ``."""
    plain = label.replace("-", "−")
    simple = {
        "*": ("ast.op", "*"), "+": ("+", "+"), "-": ("−", "-"), "/": ("\\/", "/"),
        "^": ("x^y", "x^y"), "√": ("sqrt(x)", r"\sqrt{x}"), "∛": ("root(3, x)", r"\sqrt[3]{x}"),
        "|x|": ("abs(x)", "|x|"), "σ": ("sigma", r"\sigma"), "Φ": ("Phi", r"\Phi"),
        "ln σ": ("ln sigma", r"\ln\sigma"), "<": ("<", "<"), ">": (">", ">"), "=": ("=", "="),
        "≤": ("<=", r"\le"), "≥": (">=", r"\ge"), "≠": ("!=", r"\ne"),
    }  # fmt: skip
    if label in simple:
        return Label(simple[label][0], plain, simple[label][1])
    match = re.fullmatch(r"x([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)", label)
    power = level(match[1]).replace("-", "−") if match else ""
    if len(power.lstrip("−")) > _ROOM:
        sign, short = "−" if power[0] == "−" else "", _short(power.lstrip("−"))
        return forms.POWER(row(on_a_line(sign), short))
    if any(_is_long(number) for number in _NUMBER.findall(label)):
        parts = _NUMBER.split(plain.replace("e−", "e-"))
        made = [_short(part) if k % 2 else _around(part) for k, part in enumerate(parts) if part]
        if parts[-1] == "^x":
            return forms.Form("({0})^x", "({0})^x", r"\left({0}\right)^x")(made[0])
        return row(*made)
    if match:
        return replace(forms.POWER(on_a_line(power)), plain=plain)
    match = re.fullmatch(r"([×÷+-])([\d.]+|-[\d.]+)", label)
    if match:
        latex = _SIGNS.get(match[1], match[1])
        # Quoted: the spaces of an operator would make the disc of the gate an oval.
        return Label(f'"{plain}"', plain, f"{latex} {{{match[2]}}}")
    match = re.fullmatch(r"(-?[\d.]+)([/^-])x", label)
    if match:
        number = match[1].replace("-", "−")
        joined = {"/": f"{number}\\/x", "^": f"{number}^x", "-": f"{number} − x"}[match[2]]
        return Label(joined, plain, f"{match[1]}{match[2]}x")
    return plain_label(plain)


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
        return plain_label(f"[{', '.join(map(show_index, settings['index']))}]")
    if node.op == "place":
        return plain_label("pad")  # what it is for in the graphs that people write
    if node.op == "transpose":
        plain = settings["axes"] is None
        return Label("x^top", "xᵀ", r"x^\top") if plain else plain_label(node.op)
    label = gate_symbol(gate_label(graph.tape, i, graph.drawn))
    axis = settings.get("axis")
    if axis is None or axis == graph.tape.ops[node.op].attrs["axis"]:
        return label
    axes = ", ".join(map(str, axis)) if isinstance(axis, tuple) else str(axis).replace("-", "−")
    return forms.AXIS(label, axes)


def layer_label(layer: Layer) -> Label:
    """The name of a layer, and in small type below it its op and how many parameters it has."""
    own = layer.name != layer.op
    name = name_label(layer.name) if own else plain_label(layer.name)
    below = [layer.op] if own else []
    if layer.parameters:
        below.append(f"{layer.parameters:,} parameter{'s' if layer.parameters > 1 else ''}")
    return forms.STACKED(name, plain_label(", ".join(below))) if below else name


def joined(sign: str, *labels: Label) -> Label:
    """Labels with a sign between them, in the ink of the last.

    >>> joined("=", name_label("q"), number_label("3")).typst
    'q = 3'
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

    >>> rule_label(["x"], number_label("2"), [name_label("g")]).plain
    'f(x) = 2 → g'
    """
    arguments = row(*between(", ", map(name_label, names)))
    whole = joined("=", row("f", in_brackets(arguments)), rule)
    if not gradients:
        return whole
    arrow = Label(" quad arrow.r quad ", " → ", r" \quad\rightarrow\quad ")
    return row(whole, arrow, *between(Label(" quad ", ", ", r" \quad "), gradients))
