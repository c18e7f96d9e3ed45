"""The two sweeps over a tape, up for values and down for gradients; hooks say what they compute.

Whoever reads rules over a domain, in numbers or in formulas, right or with a fault, gives the hooks
and leaves the loop to these two.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import NoneType
from typing import Any, TypeVar

from graphdiff.core.ir.op import Op
from graphdiff.core.ir.tape import Node, Tape

__all__ = ["ascend", "descend", "leaves", "needed", "plus", "spared"]

V = TypeVar("V")
Leaf = Callable[[int, Node], V]
"""What an input or a constant is."""
Gate = Callable[[int, Node, list[Any]], V]
"""What a gate is, from what its operands are."""


def leaves(number: Callable[[Any], Any], inputs: Mapping[str, Any]) -> Leaf[Any]:
    """Constants as numbers of a domain, inputs as they are given by name."""
    return lambda i, node: number(node.attr) if node.op == "const" else inputs[node.attr]


def ascend(
    tape: Tape, order: Iterable[int], gate: Gate[V], leaf: Leaf[V] | None = None, *,
    values: dict[int, V] | None = None, known: Mapping[int, V] = {}, missing: type | None = None,
) -> dict[int, V]:  # fmt: skip
    """What every node of ``order`` is (ascending ids that contain their operands), added to
    ``values``, which may hold operands from before.

    ``known`` stands in for nodes of the order; a leaf without a hook of its own is a gate without
    operands.  What is an instance of the class ``missing`` has no value: gates are not asked about
    it (see ``spared``).  A hook ends the sweep by an exception of its own.
    """
    nodes, ops = tape.nodes, tape.ops
    values = {} if values is None else values
    lost = missing is not None and any(
        value.__class__ is missing for given in (values, known) for value in given.values()
    )
    for i in order:
        if i in known:
            values[i] = known[i]
            continue
        node = nodes[i]
        operands = node.operands
        if leaf is not None and not operands:
            values[i] = leaf(i, node)
        else:
            xs = [values[k] for k in operands]
            if lost and missing and any(x.__class__ is missing for x in xs):
                values[i] = spared(ops[node.op], xs, missing)
                continue
            value = values[i] = gate(i, node, xs)
            if value.__class__ is missing:
                lost = True
    return values


def spared(row: Op, xs: Sequence[Any], missing: type = NoneType) -> Any:
    """What a gate with an operand without a value is worth: the branch that is taken, else it has
    no value either."""
    if row.selects and isinstance(xs[0], bool):
        return xs[1 if xs[0] else 2]
    return next((x for x in xs if x.__class__ is missing), None)


def needed(
    order: Sequence[int], ends: Iterable[int], below: Callable[[int], Iterable[int]]
) -> set[int]:
    """The nodes that ``ends`` need, where ``below`` says which operands a node needs."""
    marked = set(ends)
    for i in reversed(order):
        if i in marked:
            marked.update(below(i))
    return marked


def descend(
    tape: Tape, order: Sequence[int], active: Sequence[int], arrived: dict[int, V],
    edge: Callable[[int, int, int, Any, Any], V | None], at: Callable[[int], Any] | None = None,
) -> dict[int, V]:  # fmt: skip
    """What arrives at every node from above, through nodes that are ``active``.

    ``edge(i, position, k, above, known)`` is what has arrived at operand k with the share of gate
    i, ``known`` being what has arrived before (None: nothing); None if nothing flows there.
    ``at(i)`` is what node i passes on, by default what has ``arrived``; None for nothing.
    """
    nodes, ops, get = tape.nodes, tape.ops, arrived.get
    for i in reversed(order):
        if not active[i]:
            continue
        above = get(i) if at is None else at(i)
        if above is None:
            continue
        node = nodes[i]
        operands = node.operands
        discrete = ops[node.op].discrete if operands else ()
        for position, k in enumerate(operands):
            if active[k] and position not in discrete:
                total = edge(i, position, k, above, get(k))
                if total is not None:
                    arrived[k] = total
    return arrived


def plus(known: V | None, share: V) -> V:
    """The sum of what arrives at a node; the first share as it is."""
    return share if known is None else known + share  # type: ignore[operator]
