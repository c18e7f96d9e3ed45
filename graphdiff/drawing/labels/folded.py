"""Constants in gates as mathematics: ``×1.44×10⁸``, ``÷√2``, ``x^(1/3)``."""

from __future__ import annotations

import re
from dataclasses import replace
from fractions import Fraction
from typing import NamedTuple

from graphdiff.core.ir.op import ATOM
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.support.decimals import Decimal, raised
from graphdiff.drawing.parts.diagram import Label
from graphdiff.language.notation.numbers import significant
from graphdiff.language.notation.printer import printer_for
from graphdiff.program.rewrite.gates import constant_value, unspread

from .forms import POWER, Form, in_brackets, number_label, on_a_line, row

__all__ = ["Constant", "constant_in_gate", "folded_label", "number_in_gate"]

# Characters of a number and of an expression in a gate; the tables have the longer ones in full.
_ROOM, _EXPRESSION = 6, 16
# What makes an expression more than a number; ``e`` alone is one of its powers of ten.
_STRUCTURE = re.compile("[^−.0-9e]|^e$")
_DIGITS = 3
"""Significant digits of a power of ten."""


class _Fold(NamedTuple):
    """How a constant stands in a gate, and how tightly it has to bind there."""

    form: Form
    least: int


def _before(typst: str, latex: str) -> Form:
    return Form(f'"{typst}"{{0}}', f"{typst}{{0}}", f"{latex} {{{{{{0}}}}}}")


_FOLDS = {
    "add": (_Fold(_before("+", "+"), 2),) * 2,
    "mul": (_Fold(_before("×", r"\times"), 2),) * 2,
    "sub": (_Fold(Form("{0} − x", "{0}−x", "{0}-x"), 1), _Fold(_before("−", "-"), 2)),
    "div": (_Fold(Form(r"{0}\/x", "{0}/x", "{0}/x"), 2), _Fold(_before("÷", r"\div"), 3)),
    "pow": (_Fold(Form("{0}^x", "{0}^x", "{0}^x"), 5), _Fold(POWER, 0)),
    "max": tuple(_Fold(Form(f"max({text})", f"max({text})", rf"\max({text})"), 0)
                 for text in ("{0}, x", "x, {0}")),
    "min": tuple(_Fold(Form(f"min({text})", f"min({text})", rf"\min({text})"), 0)
                 for text in ("{0}, x", "x, {0}")),
}  # fmt: skip
"""What gates of one open operand look like, by the place of the constant."""
_SIGNED = ("mul", "max", "min")
"""Where a minus needs no brackets."""


class Constant(NamedTuple):
    """A constant in a gate: its label, and how tightly that binds."""

    label: Label
    binds: int
    is_number: bool = False


def folded_label(op: str, position: int, constant: Constant) -> Label:
    """The gate of an op with a constant operand at that place.

    >>> folded_label("pow", 1, number_in_gate(-2)).plain, folded_label("mul", 0, number_in_gate(3))
    ('x⁻²', Label(typst='"×3"', plain='×3', latex='\\\\times {3}', ink='ink', heat=None))
    """
    form, least = _FOLDS[op][position]
    label = constant.label
    signed = label.plain.startswith("−") and op not in _SIGNED and least
    if constant.binds < least or signed:
        label = in_brackets(label)
    made = form(label)
    if constant.is_number and form is POWER and constant.binds == ATOM:
        whole = label.plain.lstrip("−").isdecimal()
        plain = f"x{raised(label.plain)}" if whole else f"x^{label.plain}"
        return replace(made, plain=plain) if whole or label.plain[0] != "−" else made
    if constant.is_number and made.typst.startswith('"') and label.typst == label.plain:
        # One text: the spaces of an operator would make the disc of the gate an oval.
        return replace(made, typst=f'"{made.plain}"')
    return made


def constant_in_gate(tape: Tape, k: int) -> Constant:
    """A constant operand: an expression where that is short, else its number, rounded."""
    k = unspread(tape, k)
    node = tape.nodes[k]
    label = Label.of(lambda kind: printer_for(kind, tape, _EXPRESSION * 8).show(k))
    if len(label.plain) > _EXPRESSION or not _STRUCTURE.search(label.plain):
        value = constant_value(tape, k)
        if value is not None:
            return number_in_gate(value)
    return Constant(label, _tightness(tape, node))


def _tightness(tape: Tape, node: Node) -> int:
    """How tightly an expression binds; a call is an atom."""
    if node.op == "const":
        return ATOM if isinstance(node.attr, str) else 2
    row_of = tape.ops.get(node.op)
    return row_of.binds if row_of and row_of.text else ATOM


def number_in_gate(value: float | Fraction) -> Constant:
    """A number that has room in a gate, rounded if need be.

    >>> for number in (10**9, 144_000_000, 3.14159265, 0.00001234, -12):
    ...     print(number_in_gate(number).label.plain)
    10⁹
    1.44×10⁸
    3.1416
    1.23×10⁻⁵
    −12
    """
    size = abs(Fraction(repr(value)) if isinstance(value, float) else Fraction(value))
    label, binds = _size(size)
    return Constant(row(on_a_line("−"), label) if value < 0 else label, binds, is_number=True)


def _size(value: Fraction) -> tuple[Label, int]:
    """A positive number, and how tightly it binds."""
    whole = Decimal.of(value)
    if whole and whole.is_short and len(whole.plain) <= _ROOM:
        return number_label(whole.plain), ATOM
    digits, exponent = _scientific(value)
    for places in (5, 4, 3, 2):
        text = significant(value, places) if abs(exponent) < _ROOM else "e"
        if "e" not in text and len(text) <= _ROOM:
            return number_label(text), ATOM
    power = on_a_line(str(exponent).replace("-", "−"))
    ten = Form("10^({0})", f"10{raised(exponent)}", "10^{{{0}}}")(power)
    if digits == "1":
        return ten, 4
    return Form('{0}"×"{1}', "{0}×{1}", r"{0}{{\times}}{1}")(digits, ten), 2


def _scientific(value: Fraction) -> tuple[str, int]:
    """A positive number as a few digits and a power of ten, however large it is."""
    from decimal import Context
    from decimal import Decimal as Rounded

    context = Context(prec=_DIGITS)
    rounded = context.divide(Rounded(value.numerator), Rounded(value.denominator))
    digits, _, exponent = f"{rounded:.{_DIGITS - 1}e}".partition("e")
    return digits.rstrip("0").removesuffix("."), int(exponent)
