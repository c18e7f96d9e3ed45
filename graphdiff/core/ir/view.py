"""The tape as a networkx graph and back; networkx is imported only here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from graphdiff.errors import GraphDiffError

from .op import Op
from .tape import Tape

if TYPE_CHECKING:
    import networkx

__all__ = ["from_networkx", "to_networkx"]


def to_networkx(
    tape: Tape, order: Iterable[int], labels: Mapping[int, str], active: bytearray, output: int
) -> networkx.MultiDiGraph[int]:
    """Nodes carry ``op``, ``attr``, ``label``, ``shape``, ``constant``; an edge's key is its
    operand position; the graph's ``output`` tells it from statements that it does not need."""
    import networkx as nx

    view: networkx.MultiDiGraph[int] = nx.MultiDiGraph(output=output)
    for i in order:
        node = tape.nodes[i]
        label = labels.get(i, str(node.attr) if node.op == "const" else node.op)
        view.add_node(
            i, op=node.op, attr=node.attr, label=label, shape=node.shape, constant=not active[i]
        )
        for position, k in enumerate(node.operands):
            view.add_edge(k, i, key=position)
    return view


def from_networkx(
    dag: networkx.MultiDiGraph[Any], ops: Mapping[str, Op], output: Any = None
) -> tuple[Tape, int, dict[str, int], dict[str, int]]:
    """Rebuild a tape from a view: its output, names and inputs too.  Raises GraphDiffError when
    the graph is cyclic, an operand position is missing or there is not exactly one output."""
    import networkx as nx

    if not nx.is_directed_acyclic_graph(dag):
        raise GraphDiffError("the graph has a cycle", hint="a computation graph flows one way")
    ends = [n for n in dag if dag.out_degree(n) == 0] if output is None else [output]
    statements = [n for n in ends if dag.nodes[n].get("op") != "input"]
    if len(ends) > 1 and statements == ends and dag.graph.get("output") in ends:
        ends = [dag.graph["output"]]
    if len(ends) != 1:
        raise GraphDiffError(f"the graph has {len(ends)} outputs", hint="name one: output=node")
    tape = Tape(ops)
    moved: dict[Any, int] = {}
    names: dict[str, int] = {}
    inputs: dict[str, int] = {}
    # Ids of a view are a topological order already; keep it where it is one.
    for n in nx.lexicographical_topological_sort(dag, key=lambda n: (not isinstance(n, int), n)):
        data = dag.nodes[n]
        edges = sorted((key, source) for source, _, key in dag.in_edges(n, keys=True))
        if [key for key, _ in edges] != list(range(len(edges))):
            raise GraphDiffError(f"operand positions of node {n!r} are not 0, 1, 2 …")
        op, attr = data["op"], data.get("attr")
        label = str(data.get("label", f"n{n}" if edges else attr))
        named = op != "input" and label != (op if edges else str(attr))
        # A node of the view is a node here, whatever equals it.
        make = tape.own if named else tape.make
        moved[n] = make(op, tuple(moved[k] for _, k in edges), attr, data.get("shape", ()))
        if op == "input":
            inputs[str(attr)] = moved[n]
        elif named:
            names[label] = moved[n]
    return tape, moved[ends[0]], names, inputs
