"""Slopes of formulas on a kink, made those that backpropagation takes there.

Elsewhere a formula may say what it likes on a kink, which is one point; a run that starts at
x = y, or walks along it, stands on the kink of max(x, y) at every step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import reduce
from operator import add
from typing import Any

from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Tape

__all__ = ["steady"]


def _shared(d: Any, out: Any, position: int, *xs: Any) -> Any:
    """1 for the operand that is chosen; those that tie share it."""
    one, none = d.number(1), d.number(0)
    chosen = [d.where(d.compare("eq", x, out), one, none) for x in xs]
    return chosen[position] / reduce(add, chosen)


def _right(rule: Callable[..., Any]) -> Callable[..., Any]:
    """The slope on the right of 0, at 0 too: of selu the one of smaller size."""

    def slope(d: Any, out: Any, x: Any) -> Any:
        at = d.compare("eq", x, d.number(0))
        return d.where(at, rule(d, out, d.number(1)), rule(d, out, x))

    return slope


def _rows(ops: Mapping[str, Op]) -> dict[str, Op]:
    """The table with the rules of max, min and selu replaced, and of rows like them."""
    changed = {}
    for name, row in ops.items():
        if row.ties and row.variadic:
            changed[name] = replace(row, partials=(_shared,))
        elif _less_steep_on_the_right(row):
            changed[name] = replace(row, partials=(_right(row.partials[0]),))
    return {**ops, **changed}


def _less_steep_on_the_right(row: Op) -> bool:
    """Whether the slope of smaller size at 0, its one kink, is that on the right."""
    kink = row.kink
    if kink is None or kink.can_jump or len(row.params) != 1 or not kink.at(0):
        return False
    left, right = -kink.slope((0,), (-1,)), kink.slope((0,), (1,))
    return bool(0 < right < left or left < right < 0)


def steady(tape: Tape) -> Tape:
    """A copy of a tape, to differentiate on."""
    fork = tape.fork()
    rows = _rows(tape.ops)
    if any(node.operands and rows[node.op] is not tape.ops[node.op] for node in tape.nodes):
        fork.ops = rows
    return fork
