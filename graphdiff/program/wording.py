"""How a message speaks of a gate: by what the user wrote, never by a part of a composite op."""

from __future__ import annotations

import re

from graphdiff.core.ir.group import Group
from graphdiff.errors import DomainError
from graphdiff.language.notation.operands import in_users_words, of_operands

from .graph import Graph

__all__ = ["at_node", "gate_at", "in_own_words", "kink_of", "written_as"]


def _call(graph: Graph, node: int) -> Group | None:
    """The call of a composite op that a node is a part of."""
    return next((group for group in graph.groups if node in group.members), None)


def written_as(graph: Graph, node: int) -> tuple[str, str]:
    """The op that a user wrote, of which a node may be a part, and the label of that.

    >>> from graphdiff import parse
    >>> graph = parse("huber(x, y)")
    >>> [written_as(graph, i) for i in graph.order if graph.tape.nodes[i].op == "clamp"]
    [('huber', 'f')]
    """
    group = _call(graph, node)
    if group is None:
        return graph.tape.nodes[node].op, graph.labels.get(node, "")
    return group.op, graph.labels.get(group.output, "").partition("[")[0]


def gate_at(graph: Graph, node: int) -> str:
    """``max at n3``; the op alone where it has no label."""
    op, label = written_as(graph, node)
    return f"{op} at {label}" if label else op


def at_node(graph: Graph, node: int) -> str:
    """Where the gate stands, to be added to what is said of it."""
    label = written_as(graph, node)[1]
    return f" at node {label}" if label else ""


def kink_of(graph: Graph, node: int) -> str:
    """Where the row of a gate has its kink, of the operands that the user wrote."""
    kink, group = graph.tape.ops[graph.tape.nodes[node].op].kink, _call(graph, node)
    if kink is None:
        return ""
    inner = group.members if group else frozenset()
    called = {k: name for name, k in graph.names.items() if k not in inner}
    where = of_operands(kink.where, graph.tape, node, called)
    return f"its {graph.tape.nodes[node].op}: {where}" if group else where


def in_own_words(graph: Graph, error: DomainError) -> DomainError:
    """Of a value or slope that does not exist, speak of the operands that the user wrote, and of a
    composite op where that is what was written."""
    in_users_words(error, graph.tape, graph.names)
    if error.node is None:
        return error
    op, inner = written_as(graph, error.node)[0], graph.tape.nodes[error.node].op
    if op == inner:
        return error
    if error.operand is None:
        if error.message.startswith(f"{inner}("):
            error.message += f" (a part of {op})"
        return error
    said = re.sub(rf"the slope of {inner} in .+? is ", f"the slope of {op} is ", error.message)
    error.message = f"{said} (in its {inner})"
    error.hint = "move the point, or leave that input out: --wrt"
    return error
