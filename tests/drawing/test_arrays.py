"""Figures of arrays: matrices whole, thumbnails, shapes on wires; nothing touches."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.drawing.figure import Figure
from graphdiff.drawing.labels.arrays import array_labels, shape_label
from graphdiff.drawing.layout.wasm import render
from graphdiff.drawing.parts.diagram import Diagram
from graphdiff.drawing.parts.heat import colour, heat, typeset_heat
from graphdiff.drawing.parts.numerals import Numerals
from graphdiff.drawing.parts.scene import overlaps

SVG = "{http://www.w3.org/2000/svg}"
CHANCE = np.random.default_rng(7)


def some(*shape: int) -> Any:
    return CHANCE.normal(size=shape).round(2)


VECTORIZED = {"W": [[0.1, 0.5], [-0.3, 0.8]], "x": [0.2, 0.4]}
PROGRAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "vectorized": ("q = W@x; f = sum(q^2)", VECTORIZED),
    "dense": (
        "z = W@x + b; h = relu(z); f = sum(h^2)",
        {"W": some(3, 2), "x": some(2), "b": [0.5, 0, 1]},
    ),
    "softmax": (
        "z = W@x; p = softmax(z); L = -log(p[y])",
        {"W": some(3, 4), "x": some(4), "y": 2},
    ),
    "labels": (
        "s = X@W + b; L = -mean(gather(log_softmax(s), y))",
        {"X": some(4, 3), "W": some(3, 2), "b": some(2), "y": [0, 1, 1, 0]},
    ),
    "convolution": (
        "c = conv2d(x, K, b, padding=1); f = sum(relu(c)^2)",
        {"x": some(1, 4, 4), "K": some(2, 1, 3, 3), "b": some(2)},
    ),
    "batch": ("f = sum((X@W + b)^2, axis=0)[0]", {"X": some(3, 2), "W": some(2, 2), "b": some(2)}),
    "broadcast": ("f = mean((x + y)^2)", {"x": some(3, 1), "y": some(1, 2)}),
    "transposes": ("A = X.T@X; f = sum(A*A.T) + trace(A)", {"X": some(3, 2)}),
    "concat": ("c = concat(x, y); f = sum(c[1:3]*c[0:2])", {"x": some(2), "y": some(2)}),
    "fork": ("f = sum(x*softmax(x)) + x[0]^2 + sum(x)", {"x": some(3)}),
    "large": (
        "h = max(0, W1@x); s = W2@h; f = sum(s)",
        {"W1": some(100, 307), "x": some(307), "W2": some(10, 100)},
    ),
    "blocks": ("f = sum(x^2)*1e-6", {"x": some(2, 2, 2)}),
    "extremes": ("f = sum(x*y)", {"x": [1e-7, 3e9, -0.25], "y": [1e12, 1e-12, 0]}),
    "mask": ("h = x*m; f = sum(h*h)", {"x": some(4), "m": [1, 0, 1, 1]}),
    "states": (
        "H = rnn(X, h, W, U, b); f = sum(H^2)",
        {"X": some(3, 2), "h": some(2), "W": some(2, 2), "U": some(2, 2), "b": some(2)},
    ),
}


def drawn(name: str, **options: Any) -> Figure:
    text, point = PROGRAMS[name]
    return gd.parse(text).backprop(point).figure(**options)


def said(diagram: Diagram, source: str) -> tuple[list[str], list[str]]:
    """What stands above and below the wire out of a box, called by its note or its label."""
    ids = {
        box.id
        for box in diagram.boxes
        if source in (box.note.partition(" = ")[0], box.label and box.label.plain)
    }
    wire = next(wire for wire in diagram.wires if wire.source in ids)
    return [label.plain for label in wire.above], [label.plain for label in wire.below]


@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_touches(name: str) -> None:
    assert overlaps(drawn(name).scene) == []


@pytest.mark.parametrize("name", ["convolution", "labels", "states"])
def test_nothing_touches_with_layers_as_boxes(name: str) -> None:
    assert overlaps(drawn(name, collapse=["layer"]).scene) == []


@pytest.mark.parametrize("layout", ["gradient", "numerator"])
@pytest.mark.parametrize("name", PROGRAMS)
def test_nothing_touches_without_a_point(name: str, layout: str) -> None:
    text, point = PROGRAMS[name]
    shapes = {k: np.shape(v) for k, v in point.items()}
    assert overlaps(gd.parse(text, shapes=shapes).figure(layout=layout).scene) == []


def test_the_vectorized_example_shows_the_published_numbers() -> None:
    """CS231n, lecture 4 (2017), slides 'A vectorized example'."""
    diagram = drawn("vectorized").diagram
    assert said(diagram, "W") == (
        ["[[0.10, 0.50], [−0.30, 0.80]]"],
        ["[[0.088, 0.176], [0.104, 0.208]]"],
    )
    assert said(diagram, "x") == (["[0.20, 0.40]"], ["[−0.112, 0.636]"])
    assert said(diagram, "q") == (["q", "[0.22, 0.26]"], ["[0.44, 0.52]"])
    assert said(diagram, "f") == (["f", "0.116"], ["1.00"])


def test_the_shape_is_the_index_of_the_brackets() -> None:
    diagram = drawn("vectorized").diagram
    values = [wire.above[-1] for wire in diagram.wires]
    assert [label.typst.partition(")_")[2] for label in values] == [
        "(script(2×2))", "(script(2))", "(script(2))", "(script(2))", "",
    ]  # fmt: skip


def test_numerator_layout_shows_rows() -> None:
    diagram = drawn("vectorized", layout="numerator").diagram
    assert said(diagram, "x")[1] == ["[[−0.112, 0.636]]"]
    assert said(diagram, "W")[1] == ["[[0.088, 0.104], [0.176, 0.208]]"]


def test_values_stand_above_their_wire_and_gradients_below() -> None:
    for curve in drawn("dense").scene.curves:
        height = curve.start[1]
        if len(curve.segments) == 1:
            assert all(label.y + label.h < height for label in curve.above)
            assert all(label.y > height for label in curve.below)


def test_labels_are_whole_numbers_without_a_gradient() -> None:
    diagram = drawn("labels").diagram
    assert said(diagram, "onehot(y)")[0] == ["[[1, 0], [0, 1], [0, 1], [1, 0]]"]
    assert said(drawn("softmax").diagram, "y") == (["2"], [])


def test_what_follows_from_labels_is_not_rounded_to_whole_numbers() -> None:
    figure = gd.parse("f = sum(x*(one_hot(y, 2)*0.8 + 0.1))").backprop(x=[1, 2], y=1).figure()
    shown = [label.plain for wire in figure.diagram.wires for label in wire.above]
    assert "[0.10, 0.90]" in shown


def test_broadcasting_and_indexing_are_gates_that_say_what_they_do() -> None:
    gates = [
        box.label.plain for box in drawn("batch").diagram.boxes if box.kind == "gate" and box.label
    ]
    assert gates == ["@", "⇉ 3×2", "+", "x²", "Σ axis 0", "[0]"]


def test_branches_of_a_fork_show_what_they_send_back() -> None:
    diagram = gd.parse("f = sum(x*flip(x))").backprop(x=[1, 2, 4]).figure().diagram
    below = [wire.below[0].plain for wire in diagram.wires if wire.source.startswith("fork")]
    assert below == ["[4.00, 2.00, 1.00]", "[4.00, 2.00, 1.00]"]


def test_only_gradients_on_the_way_to_some_inputs_are_shown() -> None:
    diagram = drawn("vectorized", wrt=["x"]).diagram
    assert said(diagram, "W")[1] == []
    assert said(diagram, "x")[1] == ["[−0.112, 0.636]"]
    assert said(diagram, "q")[1] == ["[0.44, 0.52]"]


def test_formulas_stand_below_the_wires_without_a_point() -> None:
    """Petersen & Pedersen 2012, The Matrix Cookbook, eq. 84 and 88 with A = I."""
    diagram = gd.parse("W:2x3; x:3; q = W@x; f = sum(q^2)").figure().diagram
    assert said(diagram, "W")[1] == ["2 q xᵀ"]
    assert said(diagram, "x")[1] == ["2 Wᵀ q"]


def test_shapes_with_names_are_on_the_wires_without_a_point() -> None:
    diagram = gd.parse("X:NxD; w:D; z = X@w; f = sum(z^2)").figure().diagram
    assert said(diagram, "X")[0] == ["N×D"]
    assert said(diagram, "z")[0] == ["z", "N"]


def test_large_arrays_are_a_thumbnail_with_shape_and_norm() -> None:
    wire = next(wire for wire in drawn("large").diagram.wires if wire.above[0].plain == "100×307")
    shape, picture, norm = wire.above
    assert shape.ink == "muted"
    assert picture.heat is not None
    value = np.linalg.norm(PROGRAMS["large"][1]["W1"])
    assert norm.plain == f"‖·‖ ≈ {value:.2f}"
    assert len(picture.heat.levels) == len(picture.heat.levels[0]) == 16


def test_a_thumbnail_shows_means_of_blocks() -> None:
    matrix = np.zeros((32, 16))
    matrix[0, 0], matrix[1, 0], matrix[31, 15] = 1, 1, -1
    levels = heat(matrix).levels
    assert levels[0][0] == 8
    assert levels[15][15] == -4
    assert sum(map(sum, levels)) == 4


def test_colours_tell_signs_apart_and_zero_is_white() -> None:
    assert colour(0) == (255, 255, 255)
    red, _, blue = colour(-8)
    assert blue > red
    red, _, blue = colour(8)
    assert red > blue
    assert heat(np.array([[1.0, float("nan")]])).levels[0] == (8, 9)
    assert heat(np.zeros((2, 2))).levels == ((0, 0), (0, 0))


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (3072, 100), (17, 17)])
def test_a_thumbnail_takes_the_room_it_says(shape: tuple[int, int]) -> None:
    picture = heat(np.ones(shape))
    text = typeset_heat(picture, 11.0)
    assert min(picture.width, picture.height) >= 8
    assert max(picture.width, picture.height) <= 40
    assert (text.width, text.height) == pytest.approx((picture.width, picture.height), abs=0.6)


@pytest.mark.parametrize(
    ("entries", "shown"),
    [
        ([1.5, 0, 1e-7], "[1.50, 0, 0.00]"),
        ([0.5, 0.088], "[0.500, 0.088]"),
        ([0.0034, 0.00012], "[0.0034, 0.0001]"),
        ([1e-7, 3e-9], "[1.00e−7, 3.00e−9]"),
        ([2.5e9, 1], "[2.50e9, 1.00]"),
        ([float("inf"), float("nan")], "[∞, NaN]"),
    ],
)
def test_entries_of_an_array_have_the_same_decimals(entries: list[float], shown: str) -> None:
    (label,) = array_labels(np.array(entries), Numerals(2), "value")
    assert label.plain == shown


def test_three_axes_are_matrices_side_by_side() -> None:
    (label,) = array_labels(np.arange(8).reshape(2, 2, 2), Numerals(0), "value", (2, 2, 2))
    assert label.plain == "[[[0, 1], [2, 3]], [[4, 5], [6, 7]]]"
    assert label.typst.count("mat(") == 2
    assert label.latex.endswith(r"_{\scriptstyle 2 \times 2 \times 2}")


def test_long_size_names_are_text() -> None:
    assert shape_label((100, 3072)).typst == 'script("100"×"3072")'


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_format(name: str) -> None:
    figure = drawn(name)
    root = ET.fromstring(figure.render("svg"))
    assert not [item for item in root.iter(f"{SVG}title") if not item.text]
    png = figure.render("png")
    assert png.startswith(b"\x89PNG")
    width = int.from_bytes(png[16:20], "big")
    assert width == pytest.approx(figure.scene.width * 192 / 72, abs=2)
    assert figure.render("pdf").startswith(b"%PDF-")
    dot = figure.render("dot").decode()
    found = re.findall(r'"name": "', render(dot, "json0").decode())
    assert len(found) - 1 == len(figure.diagram.boxes)


def test_a_thumbnail_in_svg_is_drawn_without_seams_and_small() -> None:
    svg = drawn("large").render("svg").decode()
    assert "crispEdges" in svg
    assert "<image" not in svg
    assert len(svg) < 200_000


def test_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib, graphdiff as gd, numpy as np\n"
        "W = np.arange(600.0).reshape(20, 30) % 7 - 3\n"
        "f = gd.parse('f = sum((W@x)^2)').backprop(W=W, x=np.arange(30.0)).figure()\n"
        "print([hashlib.sha256(f.render(k)).hexdigest() for k in ('svg', 'typ', 'png', 'pdf')])\n"
    )
    path = str(Path(__file__).parents[2])
    answers = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True,
            env={**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    }  # fmt: skip
    assert len(answers) == 1
