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
    """The table with the rules of max, min and selu replaced."""
    changed = {name: replace(ops[name], partials=(_shared,)) for name in ("max", "min")}
    changed["selu"] = replace(ops["selu"], partials=(_right(ops["selu"].partials[0]),))
    return {**ops, **changed}


def steady(tape: Tape) -> Tape:
    """A copy of a tape, to differentiate on."""
    fork = tape.fork()
    used = {node.op for node in tape.nodes}
    if used & {"max", "min", "selu"} and {"max", "min", "selu"} <= tape.ops.keys():
        fork.ops = _rows(tape.ops)
    return fork
