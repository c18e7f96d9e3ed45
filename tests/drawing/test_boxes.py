"""Layers as boxes: which are collapsed, what they pass down, and how they are drawn."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

import graphdiff as gd
from graphdiff.core.ir.group import Group
from graphdiff.errors import UnknownName
from graphdiff.program.boxes import boxed
from graphdiff_cli.main import root

NET = "h = relu(dense(x, W1, b1)); s = dense(h, W2, b2); L = cross_entropy(s, y)"
POINT: dict[str, Any] = {
    "W1": [[0.3, -0.2, 0.5], [1, 0.4, -0.6]], "x": [1, -1, 0.5], "b1": [0.1, 0.2],
    "W2": [[0.4, -0.3], [0.6, 0.9], [0.5, 0.5]], "b2": [0, 0.5, 0.1], "y": 1,
}  # fmt: skip


def shown(**options: Any) -> list[str]:
    """The labels of the gates and layers of the figure, from left to right."""
    figure = gd.parse(NET).backprop(POINT).figure(**options)
    return [
        box.label.plain
        for box in figure.diagram.boxes
        if box.kind in ("gate", "layer") and box.label
    ]


def test_every_layer_is_one_box_with_its_name_and_parameters() -> None:
    assert shown(collapse=["layer"]) == [
        "dense: 8 parameters", "relu", "s: dense, 9 parameters", "L: cross_entropy",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["s", "dense"])
def test_layers_are_called_by_name_or_op(name: str) -> None:
    gates = shown(collapse=[name])
    assert "s: dense, 9 parameters" in gates
    assert ("dense: 8 parameters" in gates) == (name == "dense")
    assert "log softmax" in gates


def test_expanded_layers_are_written_out() -> None:
    gates = shown(expand=["dense"])
    assert gates == shown(collapse=["layer"], expand=["dense"])
    assert gates.count("@") == 2
    assert gates[-1] == "L: cross_entropy"


def test_without_either_everything_is_written_out() -> None:
    assert not [gate for gate in shown() if "dense" in gate or "cross_entropy" in gate]


def test_unknown_layers_are_named_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="no layer 'conv9'") as caught:
        boxed(gd.parse(NET), ["conv9"])
    assert caught.value.hint == "there are dense, s, L"
    with pytest.raises(UnknownName, match="no layer 'dens'") as caught:
        boxed(gd.parse(NET), expand=["dens"])
    assert caught.value.hint == "did you mean 'dense'?"
    with pytest.raises(UnknownName) as caught:
        boxed(gd.parse("x*y"), ["dense"])
    assert caught.value.hint == "this program has no layers"
    assert boxed(gd.parse("x*y"), ["layer"]).layers == {}


def test_a_box_passes_down_what_torch_says() -> None:
    """x is used by the layer (twice inside of it) and beside it; the shares are told apart."""
    torch = pytest.importorskip("torch")
    trace = gd.parse("n = layer_norm(x); f = sum(n*t) + sum(x^2)").backprop(
        x=[1.0, 2.0, 4.0], t=[1.0, 0.5, -1.0]
    )
    program = boxed(trace, ["n"])
    (layer,) = program.layers.values()
    x = trace.graph.find("x")
    assert layer.operands == (x,)
    inputs = torch.tensor([1.0, 2.0, 4.0], dtype=torch.float64, requires_grad=True)
    weights = torch.tensor([1.0, 0.5, -1.0], dtype=torch.float64)
    (torch.nn.functional.layer_norm(inputs, (3,)) * weights).sum().backward()
    share = np.array(program.contribution(layer.output, 0), dtype=float)
    assert share == pytest.approx(inputs.grad.numpy(), rel=1e-12)
    beside = [
        np.array(program.contribution(target, position), dtype=float)
        for target, position in program.uses[x]
        if target != layer.output
    ]
    assert len(program.uses[x]) == 2
    assert share + beside[0] == pytest.approx(np.array(trace.gradients["x"], dtype=float))


def test_a_box_has_the_value_and_gradient_of_its_output() -> None:
    trace = gd.parse(NET).backprop(POINT)
    whole = trace.figure().diagram
    boxes = trace.figure(collapse=["layer"]).diagram
    i = f"n{trace.graph.find('s')}"
    one, other = (
        next(wire for wire in diagram.wires if wire.source == i) for diagram in (whole, boxes)
    )
    assert one.above[-1] == other.above[-1]
    assert one.below == other.below


def test_operands_come_in_the_order_of_the_call() -> None:
    graph = gd.parse(NET).shaped({k: np.shape(v) for k, v in POINT.items()})
    program = boxed(graph, ["layer"])
    names = [
        [graph.labels.get(k) or graph.tape.nodes[k].attr for k in layer.operands]
        for layer in program.layers.values()
    ]
    assert sorted(names) == [["h", "W2", "b2"], ["s", "y"], ["x", "W1", "b1"]]


def test_a_node_that_others_use_too_is_not_hidden() -> None:
    """x^2 is written inside of the call and once more outside: it is one node, and stays."""
    graph = gd.parse("x:3; a = sqnorm(x); f = a*sum(x^2)*sum((x^2)[0:2])")
    program = boxed(graph, ["a"])
    (layer,) = program.layers.values()
    assert layer.members == {graph.find("a")}
    square = graph.tape.nodes[layer.output].operands[0]
    assert layer.operands == (square,)
    assert square in program.visible


def test_the_outermost_of_nested_layers_is_the_box() -> None:
    graph = gd.parse("x:3; f = sqrt(sqnorm(x) + 1)")
    (inner,) = graph.groups
    gates = frozenset(i for i in graph.order if graph.tape.nodes[i].operands)
    outer = Group("outer", gates, graph.output, inner.operands)
    nested = gd.Graph(
        graph.tape, graph.output, graph.names, graph.inputs, graph.source, (inner, outer)
    )
    assert [layer.op for layer in boxed(nested, ["layer"]).layers.values()] == ["outer"]
    assert [layer.op for layer in boxed(nested, expand=["outer"]).layers.values()] == ["sqnorm"]


def test_sizes_that_are_only_names_give_no_count() -> None:
    program = boxed(gd.parse(NET), ["layer"])
    assert {layer.parameters for layer in program.layers.values()} == {None, 0}


def test_layers_are_drawn_as_boxes_with_level_arrows() -> None:
    scene = gd.parse(NET).backprop(POINT).figure(collapse=["layer"]).scene
    blocks = {shape.id: shape for shape in scene.shapes if shape.form == "block"}
    assert len(blocks) == 3
    for curve in scene.curves:
        if curve.target in blocks and curve.head:
            tip, one, other = curve.head
            left, top, _, bottom = blocks[curve.target].rectangle
            assert tip[0] == pytest.approx(left, abs=0.1)
            assert top + 2 < tip[1] < bottom - 2
            assert one[0] == other[0]


@pytest.mark.parametrize(
    ("options", "layers"),
    [(["--collapse", "layer"], 3), (["--collapse", "s,L"], 2), (["--expand", "dense"], 1), ([], 0)],
)
def test_the_command_line_collapses(options: list[str], layers: int) -> None:
    run = CliRunner().invoke(root, ["backprop", NET, *options, "-o", "-", "--to", "dot"])
    assert run.exit_code == 0, run.output
    assert run.stdout.count("style=rounded") == layers


def test_the_command_line_refuses_unknown_layers() -> None:
    run = CliRunner().invoke(root, ["backprop", NET, "--collapse", "conv9"])
    assert run.exit_code == 2
    assert "there is no layer 'conv9'" in run.output
