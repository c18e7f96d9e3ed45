"""How lectures draw gates: constants fold into the gate (``×-1``, ``+1``, ``1/x``, ``x²``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ir.op import Role
from graphdiff.core.ir.tape import Tape
from graphdiff.core.support.decimals import raised
from graphdiff.core.sweeps.forward import Undefined, forward
from graphdiff.language.notation.numbers import significant
from graphdiff.language.notation.printer import Printer

__all__ = ["constant_value", "folded_operand", "gate_label", "role_of", "unspread"]

_LONGEST, _ROUNDED = 16, 10
"""Characters of an expression of constants, and of a number, that are shown as they are."""
_FOLDED = {
    ("add", 0): "+{}", ("add", 1): "+{}", ("mul", 0): "×{}", ("mul", 1): "×{}",
    ("sub", 1): "-{}", ("sub", 0): "{}-x", ("div", 1): "÷{}", ("div", 0): "{}/x",
    ("pow", 1): "x^{}", ("pow", 0): "{}^x",
}  # fmt: skip


def gate_label(tape: Tape, i: int, drawn: Mapping[int, int] | bytearray) -> str:
    """What the gate of node i shows; operands without a place of their own are folded into it.

    The label is plain text with an ASCII minus: ``*``, ``×-1``, ``+1``, ``1/x``, ``x²``, ``max``.
    """
    node = tape.nodes[i]
    row = tape.ops[node.op]
    symbol = (row.symbol or row.name).replace("−", "-")
    folded = folded_operand(tape, i, drawn)
    if folded is None:
        return symbol
    pattern = _FOLDED.get((node.op, folded))
    printed = _printed(tape, node.operands[folded])
    if pattern is None:
        return f"{row.name}({printed}, x)" if folded == 0 else f"{row.name}(x, {printed})"
    if node.op == "pow" and folded == 1 and printed.lstrip("-").isdigit():
        return "x" + raised(printed)
    if (printed.startswith("-") and node.op in ("add", "sub", "pow", "div")) or any(
        sign in printed for sign in " */"
    ):
        printed = f"({printed})"
    return pattern.format(printed)


def _printed(tape: Tape, k: int) -> str:
    """A constant operand: as it is written where that is short, else its number, rounded."""
    k = unspread(tape, k)
    text = Printer(tape, most=_LONGEST).show(k)
    if len(text) <= _ROUNDED and "…" not in text:
        return text
    node = tape.nodes[k]
    value = node.attr if node.op == "const" else constant_value(tape, k) if "…" in text else None
    return text if value is None or isinstance(value, str) else significant(value, 4)


def unspread(tape: Tape, k: int) -> int:
    """What a node spreads over an array, or the node itself."""
    while tape.nodes[k].op == "broadcast":
        (k,) = tape.nodes[k].operands
    return k


def constant_value(tape: Tape, k: int) -> Any:
    """The number that an expression of constants is; None for an array, labels, or no number."""
    order = tape.needed_for([k])
    if any(tape.nodes[i].op == "input" or tape.nodes[i].shape for i in order):
        return None
    value = forward(tape, order, {}, RATIONAL)[k]
    return None if isinstance(value, Undefined | bool) else value


def folded_operand(tape: Tape, i: int, drawn: Mapping[int, int] | bytearray) -> int | None:
    """The position of the constant that is folded into the gate of node i, or None."""
    node = tape.nodes[i]
    constants = [k for k, operand in enumerate(node.operands) if not drawn[operand]]
    if len(node.operands) != 2 or len(constants) != 1:
        return None
    known = (node.op, constants[0]) in _FOLDED or node.op in ("max", "min")
    operand = unspread(tape, node.operands[constants[0]])
    if tape.nodes[operand].shape and "…" in Printer(tape, most=16).show(operand):
        return None
    return constants[0] if known else None


def role_of(tape: Tape, i: int, active: Mapping[int, int] | bytearray) -> Role | None:
    """The role of a gate in the backward pass; a product with a constant only scales."""
    node = tape.nodes[i]
    if not node.operands:
        return None
    row = tape.ops[node.op]
    live = sum(1 for k in node.operands if active[k])
    return "scaler" if row.role == "switcher" and live < 2 else row.role
