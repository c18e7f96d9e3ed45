"""Networks of neurons: which circles, edges and numbers there are, and that nothing touches."""

from __future__ import annotations

import random
from typing import Any

import pytest

from graphdiff import parse
from graphdiff.drawing.figure import Figure, figure
from graphdiff.drawing.parts.scene import overlaps
from graphdiff.errors import GraphDiffError, LimitExceeded, Unsupported
from graphdiff.program import gallery

TWO = (
    "h1 = sigmoid(w11*x1 + w12*x2 + b1); h2 = sigmoid(w21*x1 + w22*x2 + b2);"
    "y = sigmoid(v1*h1 + v2*h2 + c); L = (y - t)^2/2"
)
DENSE = "W1:3x2; x:2; b1:3; W2:1x3; h = relu(dense(x, W1, b1)); y = W2@h; L = sum((y - 1)^2)"


def layers(drawn: Figure) -> list[list[str]]:
    """The names in the circles, layer by layer."""
    names = {box.id: box.cells[0].plain for box in drawn.diagram.boxes if box.cells}
    return [
        [names[box] for box in column.boxes if box in names] for column in drawn.diagram.columns
    ]


def edges(drawn: Figure) -> set[tuple[str, str, str]]:
    """Edges and biases: where from, where to, and what stands first on them."""
    boxes = {box.id: box for box in drawn.diagram.boxes}

    def name(box: str) -> str:
        label = boxes[box].cells[0] if boxes[box].cells else boxes[box].label
        return label.plain if label else ""

    return {
        (name(wire.source), name(wire.target), wire.above[0].plain if wire.above else "")
        for wire in drawn.diagram.wires
    }


def test_neurons_of_numbers_have_weights_and_biases_on_their_edges() -> None:
    drawn = figure(parse(TWO), "neurons")
    assert layers(drawn) == [["x1", "x2"], ["h1", "h2"], ["y"]]
    assert edges(drawn) == {
        ("x1", "h1", "w11"), ("x2", "h1", "w12"), ("b1", "h1", ""),
        ("x1", "h2", "w21"), ("x2", "h2", "w22"), ("b2", "h2", ""),
        ("h1", "y", "v1"), ("h2", "y", "v2"), ("c", "y", ""),
    }  # fmt: skip
    assert [column.caption.plain for column in drawn.diagram.columns if column.caption] == ["σ"] * 2
    assert overlaps(drawn.scene) == []


def test_mazurs_network_has_the_numbers_of_his_post() -> None:
    # https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/
    drawn = figure(gallery.load("mazur").trace(), "neurons", digits=4)
    cells = {
        box.cells[0].plain: [c.plain for c in box.cells[1:]]
        for box in drawn.diagram.boxes
        if box.cells
    }
    hidden, outputs = layers(drawn)[1:]
    assert [cells[name][0] for name in hidden] == ["0.5933", "0.5969"]
    assert [cells[name][0] for name in outputs] == ["0.7514", "0.7729"]
    weights = [wire for wire in drawn.diagram.wires if wire.above[0].plain == "0.4000"]
    assert [wire.below[0].plain for wire in weights] == ["0.0822"]  # ∂E/∂w5
    assert overlaps(drawn.scene) == []


def test_a_convolution_shows_which_wires_exist() -> None:
    drawn = figure(parse("x:5; k:3; y = relu(conv1d(x, k)); L = sum(y)"), "neurons")
    assert layers(drawn) == [["x_0", "x_1", "x_2", "x_3", "x_4"], ["y_0", "y_1", "y_2"]]
    assert edges(drawn) == {(f"x_{n + k}", f"y_{n}", f"k_{k}") for n in range(3) for k in range(3)}


def test_a_dense_layer_has_an_edge_for_every_entry_of_its_matrix() -> None:
    drawn = figure(parse(DENSE), "neurons")
    assert layers(drawn) == [["x_0", "x_1"], ["h_0", "h_1", "h_2"], ["y_0"]]
    found = edges(drawn)
    assert {(f"x_{j}", f"h_{i}", f"W_1,{i},{j}") for i in range(3) for j in range(2)} <= found
    assert {(f"h_{i}", "y_0", f"W_2,0,{i}") for i in range(3)} <= found
    assert len(found) == 6 + 3 + 3


def test_of_a_batch_one_example_is_drawn() -> None:
    drawn = figure(parse("X:4x2; W:2x3; h = tanh(X@W); L = sum(h)"), "neurons")
    assert [len(layer) for layer in layers(drawn)] == [2, 3]
    assert "3 more examples" in drawn.diagram.panel[0].plain


def test_large_layers_have_dots_and_say_what_is_left_out() -> None:
    program = "x:20; W:12x20; b:12; V:3x12; h = relu(dense(x, W, b)); y = V@h; L = sum(y)"
    drawn = figure(parse(program), "neurons")
    assert [len(column.boxes) for column in drawn.diagram.columns] == [6, 6, 3]
    said = [line.plain for line in drawn.diagram.panel]
    assert said[0] == "22 more neurons are not drawn"
    assert "without their weights" in said[1]
    assert overlaps(drawn.scene) == []


@pytest.mark.parametrize("seed", range(12))
def test_nothing_touches_in_random_networks(seed: int) -> None:
    chance = random.Random(seed)
    sizes = [chance.randint(1, 4) for _ in range(chance.randint(2, 4))]
    known, lines, point = [f"x{k}" for k in range(sizes[0])], list[str](), dict[str, Any]()
    point |= {name: round(chance.uniform(-2, 2), 2) for name in known}
    for depth, size in enumerate(sizes[1:], 1):
        made = []
        for k in range(size):
            terms = [f"w{depth}{k}{n}*{name}" for n, name in enumerate(known)]
            point |= {term.split("*")[0]: round(chance.uniform(-2, 2), 2) for term in terms}
            point[f"b{depth}{k}"] = round(chance.uniform(-1, 1), 2)
            lines.append(f"h{depth}{k} = tanh({' + '.join(terms)} + b{depth}{k})")
            made.append(f"h{depth}{k}")
        known = made
    trace = parse("; ".join([*lines, f"L = {' + '.join(f'{name}^2' for name in known)}"])).backprop(
        **point
    )
    drawn = figure(trace, "neurons", fit="16:9" if seed % 2 else None)
    assert [len(layer) for layer in layers(drawn)] == sizes
    assert overlaps(drawn.scene) == []


@pytest.mark.parametrize("kind", ["svg", "pdf", "tex", "dot", "mmd", "typ"])
def test_every_format_draws_neurons(kind: str) -> None:
    assert figure(parse(TWO), "neurons").render(kind) == figure(parse(TWO), "neurons").render(kind)


@pytest.mark.parametrize(
    ("program", "error"),
    [
        ("sin(x)*y", Unsupported),
        ("h = relu(W@x + b); L = sum(h)", GraphDiffError),
        ("x:300; W:300x300; L = sum(tanh(W@x))", LimitExceeded),
    ],
)
def test_a_program_without_neurons_or_with_too_many_is_refused(
    program: str, error: type[GraphDiffError]
) -> None:
    with pytest.raises(error) as raised:
        figure(parse(program), "neurons")
    assert raised.value.hint


def test_neurons_are_neither_built_up_nor_a_page() -> None:
    from graphdiff.drawing.builds.builds import builds

    drawn = figure(gallery.load("mazur").trace(), "neurons")
    with pytest.raises(Unsupported):
        drawn.render("html")
    with pytest.raises(Unsupported):
        builds(drawn)


NET = "W1:3x2; x:2; W2:2x3; W2@tanh(W1@x)"
POINT = {"W1": [[1, 0], [0, 1], [1, 1]], "x": [0, 0], "W2": [[1, 2, 3], [4, 5, 6]]}


def test_several_outputs_are_neurons_of_the_last_layer() -> None:
    drawn = figure(parse(NET), "neurons")
    assert layers(drawn) == [["x_0", "x_1"], ["tanh"] * 3, ["Σ"] * 2]
    assert ("tanh", "Σ", "W_2,1,2") in edges(drawn)


def test_gradients_of_several_outputs_need_one_from_above() -> None:
    below = parse(NET).under([1, 0]).backprop(POINT)
    cells = {
        upstream: [
            [cell.plain for cell in box.cells]
            for box in figure(trace, "neurons").diagram.boxes
            if box.cells and box.cells[0].plain in ("x_0", "Σ")
        ]
        for upstream, trace in (("none", parse(NET).backprop(POINT)), ("first", below))
    }
    assert cells["none"] == [["x_0", "0.00"], ["Σ", "0.00"], ["Σ", "0.00"]]
    assert cells["first"] == [["x_0", "0.00", "4.00"], ["Σ", "0.00", "1.00"], ["Σ", "0.00", "0.00"]]
