"""Formulas in the ops that a target knows: all others are written out as their rows define them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from graphdiff.core.domains.symbolic import symbolic
from graphdiff.core.ir.expr import Expr, constant
from graphdiff.core.ir.op import Op
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Node, Tape
from graphdiff.core.sweeps.walks import ascend
from graphdiff.errors import Unsupported

__all__ = ["basic", "lowered"]


def lowered(tape: Tape, wanted: Iterable[int], known: Callable[[Op], bool]) -> dict[int, Expr]:
    """What the nodes are on a new tape without the ops that are not known.

    An op that is an operation of the domains is kept all the same; nothing simpler is there.
    """
    new = Tape(tape.ops, tape.limits)
    domain = symbolic(new)
    kept: dict[tuple[str, int], bool] = {}

    def gate(i: int, node: Node, operands: list[Expr]) -> Expr:
        row = tape.ops[node.op] if operands else None
        what = node.op, len(operands)
        if row is not None and what not in kept:
            kept[what] = known(row) or basic(
                row, [tape.nodes[k].shape for k in node.operands], node.attr, tape.ops
            )
        if row is None or kept[what]:
            ids = tuple([e.id for e in operands])
            return Expr(new, new.make(node.op, ids, node.attr, node.shape))
        return constant(new, _value(row, domain, operands, node.attr))

    return ascend(tape, tape.needed_for(wanted), gate)


def _value(row: Op, domain: Any, operands: list[Expr], attr: Any) -> Any:
    try:
        return row.value(domain, *operands, **dict(attr or ()))
    except (AttributeError, TypeError) as error:
        raise Unsupported(f"the rule of {row.name} cannot be written out: {error}") from None


def basic(row: Op, shapes: Sequence[Shape], attr: Any, ops: Mapping[str, Op]) -> bool:
    """Whether the value of an op is an operation of the domains: an operator, or a function of its
    own name.

    >>> from graphdiff.core.ops import STANDARD
    >>> called = (("exp", [()]), ("gelu", [()]), ("add", [(), ()]))
    >>> [basic(STANDARD[name], shapes, None, STANDARD) for name, shapes in called]
    [True, False, True]
    """
    tape = Tape(ops)
    inputs = [tape.make("input", (), f"x{k}", shape) for k, shape in enumerate(shapes)]
    made = _value(row, symbolic(tape), [Expr(tape, i) for i in inputs], attr)
    node = made.node if isinstance(made, Expr) else None
    return node is not None and (node.op, node.operands) == (row.name, tuple(inputs))
