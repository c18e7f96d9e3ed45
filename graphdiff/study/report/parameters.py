"""What a network can learn: parameters per tensor and per layer, and the shapes of its layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from graphdiff.core.ir.shape import Dim, Shape, show_shape, size
from graphdiff.core.support.section import Section
from graphdiff.language.reading.unknown import no_variable
from graphdiff.program.boxes import learnable as all_learnable
from graphdiff.program.graph import Graph

__all__ = ["learnable", "parameter_data", "parameter_sections"]


def learnable(graph: Graph, names: str) -> dict[str, int]:
    """The parameters as name → node: those named, or with ``all`` what layers learn and every
    input that is called like a parameter (W1, w, b2, gamma …).  Raises UnknownName.

    >>> from graphdiff import parse
    >>> list(learnable(parse("sum(W@x + b)"), "all"))
    ['W', 'b']
    """
    if names.strip() != "all":
        wanted = [name.strip() for name in names.split(",") if name.strip()]
        return {name: find_input(graph, name) for name in wanted}
    return all_learnable(graph)


def find_input(graph: Graph, name: str) -> int:
    """The node of an input.  Raises UnknownName."""
    if name not in graph.inputs:
        raise no_variable(name, graph.inputs, graph.names)
    return graph.inputs[name]


def parameter_data(graph: Graph, parameters: Mapping[str, int]) -> dict[str, Any]:
    """Counts for JSON."""
    tensors = {name: size(graph.shapes[name]) for name in parameters}
    return {
        "tensors": tensors, "total": sum(tensors.values()),
        "neurons": _neurons(graph, parameters) or None,
    }  # fmt: skip


def parameter_sections(graph: Graph, parameters: Mapping[str, int]) -> list[Section]:
    """The tables ``Parameters`` and ``Shapes``."""
    shapes = {name: graph.shapes[name] for name in parameters}
    rows = [
        (name, show_shape(shape), _count(shape), _filters(graph, parameters[name], shape))
        for name, shape in shapes.items()
    ]
    rows.append(("total", "", _total(list(shapes.values())), _sums(graph, parameters)))
    headers = ("parameter", "shape", "count", "")
    return [Section("Parameters", headers, tuple(rows), frozenset({2})), _layers(graph, parameters)]


def _count(shape: Shape) -> str:
    """``20``, or ``3·D`` while a size is only a name."""
    return f"{size(shape):,}" if not _open(shape) else "·".join(show_shape(shape).split("×"))


def _total(shapes: Sequence[Shape]) -> str:
    if not any(map(_open, shapes)):
        return f"{sum(map(size, shapes)):,}"
    return " + ".join(map(_count, shapes))


def _open(shape: Shape) -> bool:
    return any(isinstance(n, Dim) for n in shape)


def _filters(graph: Graph, i: int, shape: Shape) -> str:
    """``96 filters of 27 weights`` for the kernel of a convolution."""
    convolved = any(g.op.startswith("conv") and i in g.learned[:1] for g in graph.groups)
    if not convolved or len(shape) < 3:
        return ""
    plural = "" if shape[0] == 1 else "s"
    return f"{show_shape(shape[:1])} filter{plural} of {_count(shape[1:])} weights"


def _sums(graph: Graph, parameters: Mapping[str, int]) -> str:
    """``6 neurons: 20 weights + 6 biases``."""
    if any(_open(graph.shapes[name]) for name in parameters):
        return ""
    biases = sum(size(graph.shapes[n]) for n in _biases(graph, parameters))
    total = sum(size(graph.shapes[n]) for n in parameters)
    neurons = _neurons(graph, parameters)
    split = f"{total - biases:,} weights + {biases:,} biases" if biases else ""
    units = f"{neurons:,} neuron{'' if neurons == 1 else 's'}" if neurons else ""
    return ": ".join(filter(None, (units, split)))


def _biases(graph: Graph, parameters: Mapping[str, int]) -> list[str]:
    """What layers add, whatever it is called; what no layer learns goes by its name."""
    roles: dict[int, str] = {}
    for group in graph.groups:
        row = graph.tape.ops[group.op]
        named = [name for name in row.params if name in row.learned]
        roles.update(zip(group.learned, named, strict=False))
    return [n for n, i in parameters.items() if roles.get(i, n).startswith(("b", "β"))]


def _neurons(graph: Graph, parameters: Mapping[str, int]) -> int:
    """Outputs of the affine maps with parameter matrices: the neurons of a fully connected net; 0
    where other layers learn too, whose products are gates or windows and no neurons.

    Products that are added make the same neurons (W@x + U@h), as do those with the same matrix at
    other times; a matrix and its transpose make different ones.  A maxout layer has one neuron for
    all pieces.
    """
    ops = graph.tape.ops
    if any(group.learned and not ops[group.op].neurons for group in graph.groups):
        return 0
    nodes, mine = graph.tape.nodes, set(parameters.values())
    maxout = [g for g in graph.groups if mine & {*g.learned} and ops[g.op].neurons == "outputs"]
    inside = {i for group in maxout for i in group.members}
    same = _Classes()
    for i in graph.order:
        if not graph.tape.multiplies(i) or i in inside:
            continue
        for position, k in enumerate(nodes[i].operands):
            turned = nodes[k].op == "transpose"
            weights = nodes[k].operands[0] if turned else k
            if weights in mine and len(nodes[k].shape) == 2:
                key = (weights, turned == bool(position))
                same.units[key] = int(nodes[k].shape[position])
                same.join(key, _sum_above(graph, i))
    layers = {group.learned[0]: int(nodes[group.output].shape[-1]) for group in maxout}
    return same.total() + sum(layers.values())


def _sum_above(graph: Graph, i: int) -> int:
    """The sum that a product is a term of."""
    nodes = graph.tape.nodes
    while True:
        users = graph.uses.get(i, ())
        if len(users) != 1 or nodes[users[0][0]].op not in ("add", "sub"):
            return i
        i = users[0][0]


class _Classes:
    """Matrices whose products are terms of the same sums."""

    def __init__(self) -> None:
        self.units: dict[tuple[int, bool], int] = {}
        self.above: dict[Any, Any] = {}

    def root(self, key: Any) -> Any:
        while key in self.above:
            key = self.above[key]
        return key

    def join(self, key: tuple[int, bool], total: int) -> None:
        one, other = self.root(key), self.root(total)
        if one != other:
            self.above[one] = other

    def total(self) -> int:
        return sum({self.root(key): n for key, n in self.units.items()}.values())


def _layers(graph: Graph, parameters: Mapping[str, int]) -> Section:
    """Named nodes and layers with their output shape and the parameters that first enter there."""
    nodes = graph.tape.nodes
    groups = {group.output: group.op for group in graph.groups}
    stops = {i for i in graph.names.values() if i in graph.uses}
    stops |= {g.output for g in graph.groups if g.learned and g.output in graph.uses}
    stops.add(graph.output)
    shown = {i: name for name, i in parameters.items()}
    rows = [
        (name, "input", show_shape(nodes[i].shape), "")
        for name, i in graph.inputs.items()
        if i not in shown and i in graph.uses
    ]
    for i in sorted(stops - set(graph.inputs.values())):
        own = [shown[k] for k in _inside(graph, i, stops) if k in shown]
        what = groups.get(i, nodes[i].op)
        count = _total([graph.shapes[name] for name in own]) if own else ""
        rows.append((graph.labels.get(i, ""), what, show_shape(nodes[i].shape), count))
    headers = ("node", "layer", "output", "parameters")
    return Section("Shapes", headers, tuple(rows), frozenset({3}))


def _inside(graph: Graph, i: int, stops: set[int]) -> list[int]:
    """Nodes that node i is computed from, up to the next nodes that have rows of their own."""
    found: dict[int, None] = {}
    stack = list(graph.tape.nodes[i].operands)
    while stack:
        k = stack.pop()
        if k not in found and k not in stops:
            found[k] = None
            stack += graph.tape.nodes[k].operands
    return sorted(found)
