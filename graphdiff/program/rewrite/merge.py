"""Programs as functions: without aliases and copies, or with a statement as a variable."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from graphdiff.core.ir.group import Group
from graphdiff.core.ir.shape import Shape
from graphdiff.core.ir.tape import Tape
from graphdiff.language.reading.point import (
    Constant,
    complete,
    read_value,
    substituted,
    written_into,
)
from graphdiff.program.graph import Graph

__all__ = ["equals", "freed", "freed_at", "merged", "settled"]


def merged(graph: Graph) -> Graph:
    """What ``Graph.merged`` is.

    >>> from graphdiff import parse
    >>> g = merged(parse("u = a+b; v = a+b; w = u; f = w*v"))
    >>> g.show(), g.names["u"] == g.names["v"] == g.names["w"]
    ('(a + b)*(a + b)', True)
    """
    if graph.unshaped is not None:
        return replace(graph, recipe=graph.recipe and replace(graph.recipe, merged=True))
    new, moved = _merging(graph)
    return _moved(graph, new, moved, merged=True)


def equals(graph: Graph) -> dict[int, int]:
    """For every node that the output needs, a number that it shares with all that equal it."""
    return _merging(graph)[1]


def _merging(graph: Graph) -> tuple[Tape, dict[int, int]]:
    old = graph.tape
    new = Tape(old.ops, old.limits, share=old.share)

    def made(op: str, operands: tuple[int, ...], attr: Any, shape: Shape) -> int:
        seen_through = operands and old.ops[op].transparent
        return operands[0] if seen_through else new.make(op, operands, attr, shape)

    inputs = {
        i: new.make("input", (), name, old.nodes[i].shape) for name, i in graph.inputs.items()
    }
    return new, old.rewritten(graph.core.order, made, inputs)


def freed(graph: Graph, names: Sequence[str]) -> Graph:
    """What ``Graph.freed`` is; inputs that nothing needs any more are gone."""
    recipe = graph.recipe
    free = tuple(dict.fromkeys([*(recipe.free if recipe else ()), *names]))
    if graph.unshaped is not None:  # judged when there are shapes
        return replace(graph, recipe=recipe and replace(recipe, free=free))
    cut = {graph.target(name): name for name in names if name not in graph.inputs}
    if not cut:
        return graph
    old = graph.tape
    new = Tape(old.ops, old.limits, share=old.share)
    needed: set[int] = set()
    waiting = [graph.output]
    while waiting:
        i = waiting.pop()
        if i not in needed:
            needed.add(i)
            waiting += () if i in cut else old.nodes[i].operands
    moved: dict[int, int] = {}
    for i in sorted(needed | cut.keys()):
        if i in cut:
            moved[i] = new.make("input", (), cut[i], old.nodes[i].shape)
        else:
            moved[i] = new.adopt(old, i, tuple([moved[k] for k in old.nodes[i].operands]))
    gone = {name: old.nodes[i].shape for name, i in graph.inputs.items() if i not in moved}
    cut_off = {**dict(recipe.cut if recipe else ()), **gone}
    made = _moved(graph, new, moved, free=free, cut=tuple(cut_off.items()))
    names_left = {name: i for name, i in made.names.items() if name not in names}
    inputs = {**made.inputs, **{name: moved[i] for i, name in cut.items()}}
    in_order = dict(sorted(inputs.items(), key=lambda item: item[1]))
    return replace(made, names=names_left, inputs=in_order)


def freed_at(
    graph: Graph, point: Mapping[str, Any], names: Sequence[str]
) -> tuple[Graph, dict[str, Constant]]:
    """``freed``, and the point for it: the statements have the values that they have there.

    >>> from graphdiff import parse
    >>> g, at = freed_at(parse("q = x + y; f = q*z"), {"x": -2, "y": 5, "z": -4}, ["q"])
    >>> {name: value.text for name, value in at.items()}
    {'z': '-4', 'q': '3'}
    """
    constants = {name: read_value(name, value) for name, value in point.items()}
    whole = graph.shaped({n: c.shape for n, c in constants.items() if n in graph.inputs})
    cut = [name for name in names if name not in whole.inputs]
    nodes = [whole.target(name) for name in cut]
    needed = {whole.tape.nodes[i].attr for i in whole.tape.needed_for([whole.output, *nodes])
              if whole.tape.nodes[i].op == "input"}  # fmt: skip
    complete(constants, whole.inputs, needed)
    free = freed(whole, names)
    kept = {name: constant for name, constant in constants.items() if name in free.inputs}
    for name, i in zip(cut, nodes, strict=True):
        kept[name] = substituted(whole.tape, i, constants)
    return free, kept


def settled(graph: Graph, point: Mapping[str, Constant]) -> Graph:
    """The program of the other variables: those of the point have the values that it gives.

    >>> from graphdiff import parse
    >>> g = settled(parse("w*x + y"), {"x": read_value("x", 2), "y": read_value("y", 3)})
    >>> list(g.inputs), g.show()
    (['w'], 'w*2 + 3')
    """
    graph = graph.shaped({name: c.shape for name, c in point.items() if name in graph.inputs})
    old = graph.tape
    new = Tape(old.ops, old.limits, share=old.share)
    inputs = {
        i: written_into(new, point[name]) if name in point
        else new.make("input", (), name, old.nodes[i].shape)
        for name, i in graph.inputs.items()
    }  # fmt: skip
    moved = old.rewritten(graph.core.order, new.make, inputs)
    made = _moved(graph, new, moved)
    return replace(made, inputs={n: i for n, i in made.inputs.items() if n not in point})


def _moved(graph: Graph, tape: Tape, moved: Mapping[int, int], **changes: Any) -> Graph:
    """The graph on another tape, without what is not there."""
    for i, span in sorted(graph.tape.spans.items()):
        if i in moved:
            tape.spans.setdefault(moved[i], span)
    groups, loops = (
        tuple([_moved_group(group, moved) for group in found if group.output in moved])
        for found in (graph.groups, graph.loops)
    )
    return Graph(
        tape,
        moved[graph.output],
        {name: moved[i] for name, i in graph.names.items() if i in moved},
        {name: moved[i] for name, i in graph.inputs.items() if i in moved},
        graph.written,
        groups,
        graph.recipe and replace(graph.recipe, **changes),
        loops,
        upstream=graph.upstream,
        assumed=graph.assumed,
    )


def _moved_group(group: Group, moved: Mapping[int, int]) -> Group:
    members, operands, learned = (
        [moved[i] for i in given if i in moved]
        for given in (group.members, group.operands, group.learned)
    )
    return group._replace(
        members=frozenset(members), output=moved[group.output], operands=tuple(operands),
        learned=tuple(learned),
    )  # fmt: skip
