"""The program's own value at a mark, where one-sided limits do not matter."""

from __future__ import annotations

from typing import Any

from graphdiff.core.ir.tape import Node
from graphdiff.core.sweeps.walks import ascend
from graphdiff.program.germs.coefficients import Doubt, exact
from graphdiff.program.germs.gates import UNKNOWN, State, state_of
from graphdiff.program.germs.germ import Germ
from graphdiff.program.germs.writing import Written

from .cells import Mark

__all__ = ["here"]


def here(program: Written, mark: Mark, doubt: Doubt) -> Any:
    """The value at a mark: a fraction, a surd, a ball, or None where it is not defined."""
    tape = program.tape

    def state(i: int, node: Node, xs: list[State]) -> State:
        if i in mark.known:
            known = mark.known[i]
            if isinstance(known, bool):
                return known
            doubt.raised |= not (exact(mark.at) or mark.proved)
            return Germ.constant(known, doubt)
        if node.op == "input":
            return Germ.constant(mark.at, doubt)
        return state_of(tape, i, dict(zip(node.operands, xs, strict=True)), doubt)

    value = ascend(tape, tape.needed_for([program.output]), state)[program.output]
    doubt.raised |= value is UNKNOWN
    return value.at(0) if isinstance(value, Germ) else None
