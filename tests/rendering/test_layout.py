"""The scene: nothing touches, operands keep their order, the main chain is straight."""

from __future__ import annotations

from dataclasses import replace

import pytest
from drawings import FIGURES, chain, far, fork, layered, neuron, product, square

from graphdiff.errors import LimitExceeded
from graphdiff.rendering import tracks
from graphdiff.rendering.diagram import Box, Diagram, Wire
from graphdiff.rendering.layout import arrange
from graphdiff.rendering.scene import Placed, Scene, overlaps


def curve_to(scene: Scene, target: str, position: int = 0):
    return next(
        curve for curve in scene.curves if (curve.target, curve.position) == (target, position)
    )


def shape(scene: Scene, name: str):
    return next(shape for shape in scene.shapes if shape.id == name)


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_touches_in_the_figures(name: str) -> None:
    assert overlaps(arrange(FIGURES[name]())) == []


@pytest.mark.parametrize("seed", range(60))
def test_nothing_touches_in_random_graphs(seed: int) -> None:
    assert overlaps(arrange(layered(seed))) == []


def with_layers(diagram: Diagram) -> Diagram:
    """The diagram with every third gate drawn as a layer."""
    gates = [box.id for box in diagram.boxes if box.kind == "gate"][::3]
    boxes = [replace(box, kind="layer") if box.id in gates else box for box in diagram.boxes]
    return replace(diagram, boxes=tuple(boxes))


@pytest.mark.parametrize("seed", range(40))
def test_nothing_touches_with_layers(seed: int) -> None:
    assert overlaps(arrange(with_layers(layered(seed)))) == []


@pytest.mark.parametrize("seed", range(20))
def test_operands_keep_their_order_from_top_to_bottom(seed: int) -> None:
    for scene in (arrange(layered(seed)), arrange(with_layers(layered(seed)))):
        check_order(scene)


def check_order(scene: Scene) -> None:
    for box in scene.shapes:
        wires = sorted(
            (curve for curve in scene.curves if curve.target == box.id and curve.head),
            key=lambda curve: curve.position,
        )
        tips = [curve.head[0][1] for curve in wires if curve.head]
        assert tips == sorted(tips)


@pytest.mark.parametrize("name", FIGURES)
def test_labels_of_gates_are_inside_of_them(name: str) -> None:
    for box in arrange(FIGURES[name]()).shapes:
        if box.kind == "gate" and box.label:
            left, top, right, bottom = box.rectangle
            inner = box.label.rectangle
            assert left + 1 < inner[0]
            assert top + 1 < inner[1]
            assert inner[2] < right - 1
            assert inner[3] < bottom - 1


def test_values_stand_above_their_wire_and_gradients_below() -> None:
    for curve in arrange(neuron()).curves:
        height = curve.start[1]
        assert all(label.y + label.h < height for label in curve.above)
        assert all(label.y > height for label in curve.below)


def test_inputs_make_one_column_with_w0_above_x0() -> None:
    scene = arrange(neuron())
    names = ["w_0", "x_0", "w_1", "x_1", "w_2"]
    heights = [shape(scene, name).y for name in names]
    assert heights == sorted(heights)
    edges = {round(shape(scene, name).rectangle[2], 1) for name in names}
    assert len(edges) == 1


def test_the_main_chain_is_level() -> None:
    scene = arrange(neuron())
    assert len({shape(scene, name).y for name in ("a", "s", "n", "e", "d", "f")}) == 1


def test_a_gate_stands_in_the_middle_of_its_operands() -> None:
    scene = arrange(product())
    middle = (curve_to(scene, "q", 0).start[1] + curve_to(scene, "q", 1).start[1]) / 2
    assert shape(scene, "q").y == pytest.approx(middle, abs=0.1)


def test_inputs_that_would_reach_too_far_stand_beside_their_gate() -> None:
    scene = arrange(far())
    assert shape(scene, "x_8").x > shape(scene, "g6").x


def test_both_wires_of_a_square_are_seen() -> None:
    scene = arrange(square())
    upper, lower = curve_to(scene, "f", 0), curve_to(scene, "f", 1)
    assert upper.line()[-1][1] < lower.line()[-1][1] - 5
    assert upper.below[0].y < lower.below[0].y


def test_wires_point_at_gates_and_outputs_but_not_at_forks() -> None:
    scene = arrange(fork())
    heads = {curve.target: curve.head is not None for curve in scene.curves}
    assert heads == {"b:fork": False, "c": True, "d": True, "e": True, "e:out": True}


def test_the_output_wire_is_whole() -> None:
    scene = arrange(product())
    curve = curve_to(scene, "f:out")
    assert curve.head is not None
    assert curve.head[0][0] > curve.above[-1].x + curve.above[-1].w
    assert curve.head[0][0] < scene.width


def test_the_same_diagram_gives_the_same_scene() -> None:
    assert arrange(neuron()) == arrange(neuron())


def test_overlaps_reports_what_touches() -> None:
    scene = arrange(product())
    first, *rest = scene.curves
    label = first.above[0]
    moved = Placed(label.label, label.x, first.start[1] - 3, label.size, label.text)
    worse = replace(scene, curves=(replace(first, above=(moved,)), *rest))
    assert any("touches wire x → q" in line for line in overlaps(worse))
    outside = Placed(label.label, -5.0, label.y, label.size, label.text)
    worse = replace(scene, curves=(replace(first, above=(outside,)), *rest))
    assert any("over the edge" in line for line in overlaps(worse))


def test_overlaps_reports_shapes() -> None:
    scene = arrange(chain(3))
    one, two = shape(scene, "g0"), shape(scene, "g1")
    worse = replace(scene, shapes=(one, replace(two, x=one.x + 20, label=None)))
    assert "shape g0 touches shape g1" in overlaps(worse)


def test_an_empty_diagram_is_an_empty_figure() -> None:
    scene = arrange(Diagram("", "", (), ()))
    assert scene.shapes == scene.curves == ()
    assert scene.width == scene.height == 2 * scene.style.margin


def test_mistakes_in_a_diagram_are_bugs() -> None:
    box = Box("a", "gate", None)
    with pytest.raises(ValueError, match="same id"):
        arrange(Diagram("", "", (box, box), ()))
    with pytest.raises(ValueError, match="cycle"):
        arrange(Diagram("", "", (box,), (Wire("a", "a", 0),)))
    with pytest.raises(KeyError, match="b"):
        arrange(Diagram("", "", (box,), (Wire("a", "b", 0),)))


def test_a_diagram_that_is_too_large_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tracks, "_MOST", 20)
    with pytest.raises(LimitExceeded, match="too large to draw") as caught:
        arrange(chain(30))
    assert caught.value.hint


def test_a_chain_of_a_thousand_gates_is_laid_out() -> None:
    scene = arrange(chain(1000))
    assert len({curve.start[1] for curve in scene.curves}) == 1
