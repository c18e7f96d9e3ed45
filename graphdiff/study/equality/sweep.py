"""The nodes of a tape in normal form, operands first."""

from __future__ import annotations

from fractions import Fraction
from math import isfinite

from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.walks import ascend, needed

from .field import Element
from .functions import Functions
from .kernels import Kernel, Kind
from .limits import Exhausted, NoProof, Nowhere
from .rules import normal_form

__all__ = ["needed_everywhere", "sweep"]


def needed_everywhere(tape: Tape, outputs: tuple[int, ...], order: list[int]) -> set[int]:
    """Nodes that must be defined wherever the outputs are: all but the branches of a choice."""

    def below(i: int) -> tuple[int, ...]:
        operands = tape.nodes[i].operands
        return operands[:1] if tape.selects(i) else operands

    return needed(order, outputs, below)


def sweep(
    tape: Tape, order: list[int], strict: set[int], functions: Functions
) -> dict[int, Element]:
    """The normal form of every node.

    Raises Nowhere if a strict node has no value in the case at hand.
    """

    def gate(i: int, node: Node, xs: list[Element | None]) -> Element | None:
        functions.strict = i in strict
        value = _value(tape, node, functions, xs)
        if value is None and functions.strict:
            raise Nowhere
        return value

    values = ascend(tape, order, gate)
    return {i: value for i, value in values.items() if value is not None}


def _value(
    tape: Tape, node: Node, functions: Functions, operands: list[Element | None]
) -> Element | None:
    """The normal form of one node; None if it is undefined."""
    if node.shape:
        raise NoProof("an array")
    if not node.operands:
        return _leaf(node, functions)
    row = tape.ops[node.op]
    if row.selects:
        return _choice(functions, *operands)
    given = [x for x in operands if x is not None]
    if len(given) < len(operands):
        return None
    try:
        return normal_form(row, functions, given)
    except Nowhere:
        return None
    except Exhausted:
        raise
    except NoProof:
        pass
    return functions.work.opaque(f"op:{node.op}{node.attr or ''}", *given)


def _leaf(node: Node, functions: Functions) -> Element:
    work = functions.work
    value = node.attr
    if node.op == "input":
        return work.field.generator(work.kernel(f"x:{value}", Kernel(Kind.INPUT, label=str(value))))
    if value == "pi":
        return work.pi()
    if value == "e":
        return functions.exp(work.field.one)
    if isinstance(value, int | Fraction) or (isinstance(value, float) and isfinite(value)):
        return work.field.number(Fraction(value))
    raise NoProof("a constant that is no number")


def _choice(
    functions: Functions, condition: Element | None, x: Element | None, y: Element | None
) -> Element | None:
    """where(condition, x, y), which is defined where the chosen operand is."""
    if condition is None:
        return None
    known = functions.field.constant(condition)
    if known is not None:
        return x if known else y
    if x is None or y is None:
        return y if x is None else x
    return functions.choose(condition, x, y)
