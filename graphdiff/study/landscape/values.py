"""The program's own value at a mark, where one-sided limits do not matter."""

from __future__ import annotations

from typing import Any

from graphdiff.program.germs.coefficients import Doubt, exact
from graphdiff.program.germs.gates import UNKNOWN, State, state_of
from graphdiff.program.germs.germ import Germ
from graphdiff.program.germs.writing import Written

from .cells import Mark

__all__ = ["here"]


def here(program: Written, mark: Mark, doubt: Doubt) -> Any:
    """The value at a mark: a fraction, a surd, a ball, or None where it is not defined."""
    states: dict[int, State] = {}
    for i in program.tape.needed_for([program.output]):
        node = program.tape.nodes[i]
        if i in mark.known:
            known = mark.known[i]
            states[i] = known if isinstance(known, bool) else Germ.constant(known, doubt)
            if not (isinstance(known, bool) or exact(mark.at) or mark.proved):
                doubt.raised = True
        elif node.op == "input":
            states[i] = Germ.constant(mark.at, doubt)
        else:
            states[i] = state_of(program.tape, i, states, doubt)
    value = states[program.output]
    doubt.raised |= value is UNKNOWN
    return value.at(0) if isinstance(value, Germ) else None
