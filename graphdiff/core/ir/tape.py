"""The tape: append-only, hash-consed nodes; a node's id is its place in a topological order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from graphdiff.core.limits import DEFAULT, Limits, in_force
from graphdiff.errors import LimitExceeded, Span, UnknownName

from .op import Op
from .shape import Shape, elementwise, show_shape, size

__all__ = ["Node", "Tape"]

_new = tuple.__new__
"""Makes a NamedTuple without its own, slower constructor."""


def _key(op: str, operands: tuple[int, ...], attr: Any, shape: Shape) -> tuple[Any, ...]:
    """What makes two nodes one."""
    # The type tells the exact 1 from the float 1.0, which are equal and hash alike.
    key = (op, operands) if attr is None else (op, operands, attr, type(attr))
    return (*key, shape) if shape and not operands else key


class Node(NamedTuple):
    """One operation; ``operands`` are the ids of earlier nodes, in order, repeated if repeated."""

    op: str
    operands: tuple[int, ...] = ()
    attr: Any = None
    shape: Shape = ()


class Tape:
    """Nodes are only added, never changed; equal nodes are one node, unless one was claimed.

    ``share=False`` gives every operation a node of its own (the tree as written); inputs and
    constants stay shared, since a variable is one variable.
    """

    __slots__ = ("_ids", "limits", "nodes", "ops", "share", "spans")

    def __init__(
        self, ops: Mapping[str, Op], limits: Limits = DEFAULT, *, share: bool = True
    ) -> None:
        self.ops = ops
        self.limits = in_force(limits)
        self.share = share
        self.nodes: list[Node] = []
        self.spans: dict[int, Span] = {}
        self._ids: dict[tuple[Any, ...], int] = {}

    def selects(self, i: int) -> bool:
        """Whether node i takes one of two branches, as its first operand says."""
        node = self.nodes[i]
        return bool(node.operands) and self.ops[node.op].selects

    def flows(self, i: int, live: Sequence[int]) -> list[tuple[int, int]]:
        """Positions and operands to which a gradient flows from node i: those that are ``live``,
        and no labels."""
        op, operands, _, _ = self.nodes[i]
        discrete = self.ops[op].discrete if operands else ()
        return [(p, k) for p, k in enumerate(operands) if live[k] and p not in discrete]

    def multiplies(self, i: int) -> bool:
        """Whether node i is a product of matrices."""
        node = self.nodes[i]
        return bool(node.operands) and self.ops[node.op].matrix_product

    def make(
        self, op: str, operands: tuple[int, ...] = (), attr: Any = None, shape: Shape = ()
    ) -> int:
        """Return the id of ``op(*operands)``, adding the node unless it is there.

        ``attr`` of an op is a tuple of (name, value) pairs in the order of its row; the shape of
        an op follows from its row.  Operands that are broadcast get a node that says so.

        Raises UnknownName for an op outside the table, ShapeMismatch, and LimitExceeded past the
        limits on nodes and entries.
        """
        # As in _key; nothing is done as often as this.
        key = (op, operands) if attr is None else (op, operands, attr, type(attr))
        if shape and not operands:
            key = (*key, shape)
        known = self._ids.get(key)
        if known is not None and (self.share or not operands):
            return known
        nodes = self.nodes
        if operands:
            row = self.ops.get(op)
            if row is None:
                raise UnknownName(f"there is no op {op!r} in this table")
            shapes = [nodes[i][3] for i in operands]
            # Numbers alone give a number; asking the rule each time doubles the time of a gradient.
            if row.shape is not elementwise:
                shape = row.shape(*shapes, **dict(attr or ()))
            elif any(shapes):
                shape = elementwise(*shapes)
                spread = tuple([self._broadcast(k, shape) for k in operands])
                if spread != operands:
                    return self.make(op, spread, attr)
            else:
                shape = ()
            if shape:
                self._check(shape, op)
        if len(nodes) >= self.limits.nodes:
            raise LimitExceeded(
                f"the graph has more than {self.limits.nodes:,} nodes", limit="nodes"
            )
        identity = self._ids[key] = len(nodes)
        nodes.append(_new(Node, (op, operands, attr, shape)))
        return identity

    def rewritten(
        self, order: Iterable[int], make: Callable[..., int], moved: Mapping[int, int] = {}
    ) -> dict[int, int]:
        """What ``make(op, operands, attr, shape)`` makes of every node of an order, and of what it
        made of the operands; new ids by old ones.  ``moved`` are nodes that are made already."""
        nodes, made = self.nodes, dict(moved)
        for i in order:
            if i not in made:
                op, operands, attr, shape = nodes[i]
                made[i] = make(op, tuple([made[k] for k in operands]), attr, shape)
        return made

    def claim(self, i: int) -> None:
        """Make node i somebody's own: no equal expression that is made later is this node."""
        key = _key(*self.nodes[i])
        if self._ids.get(key) == i:
            del self._ids[key]

    def own(
        self, op: str, operands: tuple[int, ...] = (), attr: Any = None, shape: Shape = ()
    ) -> int:
        """Add a node that is no other's, whatever is there already."""
        key = _key(op, operands, attr, shape)
        known = self._ids.pop(key, None)
        made = self.make(op, operands, attr, shape)
        self._ids.pop(key, None)
        if known is not None:
            self._ids[key] = known
        return made

    def adopt(self, other: Tape, i: int, operands: tuple[int, ...]) -> int:
        """Add node i of another tape, on other operands; what is its own there is so here."""
        node = other.nodes[i]
        own = other._ids.get(_key(*node)) != i
        return (self.own if own else self.make)(node.op, operands, node.attr, node.shape)

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Within, no operation is one that was made before; after it, none that was made within."""
        known = self._ids
        self._ids = {key: i for key, i in known.items() if not self.nodes[i].operands}
        try:
            yield
        finally:
            self._ids = known

    def fork(self) -> Tape:
        """A tape that begins with these nodes and grows on its own."""
        other = Tape(self.ops, self.limits, share=self.share)
        other.nodes, other.spans, other._ids = self.nodes[:], dict(self.spans), dict(self._ids)
        return other

    def _broadcast(self, i: int, shape: Shape) -> int:
        """Node i in that shape; numbers that are constants need no step of their own."""
        node = self.nodes[i]
        if node.shape == shape or (node.op == "const" and not node.shape):
            return i
        return self.make("broadcast", (i,), (("shape", shape),))

    def _check(self, shape: Shape, op: str) -> None:
        limits = self.limits
        if len(shape) > limits.axes:
            raise LimitExceeded(f"{op} makes an array of {len(shape)} axes", limit="axes")
        if size(shape) > limits.elements:
            raise LimitExceeded(
                f"{op} makes an array of {show_shape(shape)} = {size(shape):,} entries",
                hint=f"at most {limits.elements:,}",
                limit="elements",
            )

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
