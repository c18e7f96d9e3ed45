"""The tape: append-only, hash-consed nodes; a node's id is its place in a topological order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from ..errors import LimitExceeded, Span, UnknownName
from ..limits import DEFAULT, Limits
from .op import Op, Shape, elementwise

__all__ = ["Node", "Tape"]


class Node(NamedTuple):
    """One operation; ``operands`` are the ids of earlier nodes, in order, repeated if repeated."""

    op: str
    operands: tuple[int, ...] = ()
    attr: Any = None
    shape: Shape = ()


class Tape:
    """Nodes are only added, never changed; equal nodes are one node.

    ``share=False`` gives every operation a node of its own (the tree as written); inputs and
    constants stay shared, since a variable is one variable.
    """

    __slots__ = ("_ids", "limits", "nodes", "ops", "share", "spans")

    def __init__(
        self, ops: Mapping[str, Op], limits: Limits = DEFAULT, *, share: bool = True
    ) -> None:
        self.ops = ops
        self.limits = limits
        self.share = share
        self.nodes: list[Node] = []
        self.spans: dict[int, Span] = {}
        self._ids: dict[tuple[Any, ...], int] = {}

    def make(
        self, op: str, operands: tuple[int, ...] = (), attr: Any = None, shape: Shape = ()
    ) -> int:
        """Return the id of ``op(*operands)``, adding the node unless it is there.

        Raises UnknownName for an op outside the table and LimitExceeded past the node limit.
        """
        # The type tells the exact 1 from the float 1.0, which are equal and hash alike.
        key = (op, operands) if attr is None else (op, operands, attr, type(attr))
        known = self._ids.get(key)
        if known is not None and (self.share or not operands):
            return known
        nodes = self.nodes
        if operands:
            row = self.ops.get(op)
            if row is None:
                raise UnknownName(f"there is no op {op!r} in this table")
            shapes = [nodes[i].shape for i in operands]
            # Numbers alone give a number; asking the rule each time doubles the time of a gradient.
            shape = () if row.shape is elementwise and not any(shapes) else row.shape(*shapes)
        if len(nodes) >= self.limits.nodes:
            raise LimitExceeded(
                f"the graph has more than {self.limits.nodes:,} nodes",
                hint="raise Limits.nodes in the library if this is meant",
            )
        identity = self._ids[key] = len(nodes)
        nodes.append(Node(op, operands, attr, shape))
        return identity

    def needed_for(self, outputs: Iterable[int]) -> list[int]:
        """List the ids that the outputs depend on, operands first; one sweep, no recursion."""
        marked = bytearray(len(self.nodes))
        last = -1
        for output in outputs:
            marked[output] = 1
            last = max(last, output)
        nodes = self.nodes
        for i in range(last, -1, -1):
            if marked[i]:
                for operand in nodes[i].operands:
                    marked[operand] = 1
        return [i for i in range(last + 1) if marked[i]]
