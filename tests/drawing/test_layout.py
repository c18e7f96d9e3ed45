"""The scene: nothing touches, operands keep their order, the main chain is straight."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import pairwise

import pytest
from drawings import FIGURES, chain, far, fork, layered, neuron, product, square

from graphdiff import parse
from graphdiff.drawing.layout import tracks
from graphdiff.drawing.layout.layout import arrange
from graphdiff.drawing.parts.diagram import Box, Diagram, Label, Wire
from graphdiff.drawing.parts.heat import Heat
from graphdiff.drawing.parts.scene import Curve, Placed, Scene, Shape, overlaps
from graphdiff.drawing.parts.typeset import plain_label
from graphdiff.errors import LimitExceeded, Unsupported
from graphdiff.program import gallery


def curve_to(scene: Scene, target: str, position: int = 0) -> Curve:
    return next(
        curve for curve in scene.curves if (curve.target, curve.position) == (target, position)
    )


def shape(scene: Scene, name: str) -> Shape:
    return next(shape for shape in scene.shapes if shape.id == name)


@pytest.mark.parametrize("name", FIGURES)
def test_nothing_touches_in_the_figures(name: str) -> None:
    assert overlaps(arrange(FIGURES[name]())) == []


@pytest.mark.parametrize("seed", range(60))
def test_nothing_touches_and_operands_keep_their_order_in_random_graphs(seed: int) -> None:
    scene = arrange(layered(seed))
    assert overlaps(scene) == []
    check_order(scene)


def with_layers(diagram: Diagram) -> Diagram:
    """The diagram with every third gate drawn as a layer."""
    gates = [box.id for box in diagram.boxes if box.kind == "gate"][::3]
    boxes = [replace(box, kind="layer") if box.id in gates else box for box in diagram.boxes]
    return replace(diagram, boxes=tuple(boxes))


@pytest.mark.parametrize("seed", range(40))
def test_nothing_touches_and_operands_keep_their_order_with_layers(seed: int) -> None:
    scene = arrange(with_layers(layered(seed)))
    assert overlaps(scene) == []
    check_order(scene)


def check_order(scene: Scene) -> None:
    """Operands from top to bottom."""
    for box in scene.shapes:
        wires = sorted(
            (curve for curve in scene.curves if curve.target == box.id and curve.head),
            key=lambda curve: curve.position,
        )
        tips = [curve.head[0][1] for curve in wires if curve.head]
        assert tips == sorted(tips)


SHEETS = [
    ("lr", None), ("tb", None), ("lr", "16:9"), ("tb", "16:9"), ("lr", "4:3"), ("lr", "9:16"),
    ("bt", None), ("bt", "4:3"), (None, "16:9"),
]  # fmt: skip


@pytest.mark.parametrize(("direction", "fit"), SHEETS)
def test_nothing_touches_in_any_direction_and_on_any_sheet(
    direction: str | None, fit: str | None
) -> None:
    drawings = {name: make() for name, make in FIGURES.items()}
    drawings |= {name: gallery.load(name).trace().figure().diagram for name in gallery.names()}
    for name, diagram in drawings.items():
        scene = arrange(diagram, direction=direction, fit=fit)
        assert (name, overlaps(scene)) == (name, [])


@pytest.mark.parametrize("block", range(10))
def test_nothing_touches_in_180_random_graphs(block: int) -> None:
    for seed in range(1000 + 18 * block, 1018 + 18 * block):
        direction, fit = SHEETS[seed % len(SHEETS)]
        scene = arrange(random_diagram(seed), direction=direction, fit=fit)
        assert (seed, overlaps(scene)) == (seed, [])


def random_diagram(seed: int) -> Diagram:
    """A random graph; some have layers, long names, no labels at all, or shapes and pictures."""
    diagram = layered(seed, most=14)
    kind = seed % 5
    if kind == 1:
        return with_layers(diagram)
    if kind == 2:
        wires = tuple(Wire(one.source, one.target, one.position) for one in diagram.wires)
        return replace(diagram, wires=wires)
    if kind in (3, 4):
        chance = random.Random(seed)
        return replace(diagram, wires=tuple(_labelled(wire, chance) for wire in diagram.wires))
    return diagram


def _labelled(wire: Wire, chance: random.Random) -> Wire:
    """The wire with a shape, a picture or a long name before its value."""
    size = chance.choice([(2, 2), (1, 30), (30, 1), (9, 4)])
    cells = tuple(tuple(chance.randint(-8, 8) for _ in range(4)) for _ in range(3))
    picture = Label("", "array", "array", heat=Heat(cells, 2.0 * size[1] + 4, 1.5 * size[0] + 6))
    more = [picture, plain_label("×".join(map(str, size))), plain_label("손실_함수_w" * 2), None]
    label = chance.choice(more)
    return replace(wire, above=(label, *wire.above)) if label else wire


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


def test_a_long_sum_of_products_becomes_a_level_chain() -> None:
    figure = parse(" + ".join(f"v{k}*w{k}" for k in range(20))).figure()
    sums = [box.id for box in figure.diagram.boxes if box.label and box.label.plain == "+"]
    assert len(sums) == 19
    assert len({shape(figure.scene, name).y for name in sums[5:]}) == 1


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


# -- from top to bottom, and on sheets -----------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_operands_keep_their_order_from_left_to_right(seed: int) -> None:
    for diagram in (layered(seed), with_layers(layered(seed))):
        scene = arrange(diagram, direction="tb")
        for box in scene.shapes:
            wires = sorted(
                (curve for curve in scene.curves if curve.target == box.id and curve.head),
                key=lambda curve: curve.position,
            )
            tips = [curve.head[0][0] for curve in wires if curve.head]
            assert tips == sorted(tips)


def test_from_top_to_bottom_the_main_chain_is_upright_and_inputs_make_one_row() -> None:
    scene = arrange(neuron(), direction="tb")
    assert len({shape(scene, name).x for name in ("a", "s", "n", "e", "d", "f")}) == 1
    names = ["w_0", "x_0", "w_1", "x_1", "w_2"]
    places = [shape(scene, name).x for name in names]
    assert places == sorted(places)
    assert len({round(shape(scene, name).rectangle[3], 1) for name in names}) == 1
    heights = [shape(scene, name).y for name in ("w_0", "m0", "a", "s", "n", "e", "d", "f")]
    assert heights == sorted(heights)


def test_from_bottom_to_top_all_is_mirrored_but_letters_and_cards() -> None:
    down, up = (arrange(neuron(), direction=way) for way in ("tb", "bt"))
    assert (down.width, down.height) == (up.width, up.height)
    names = ("w_0", "m0", "a", "s", "n", "e", "d", "f")
    heights = [shape(up, name).y for name in names]
    assert heights == sorted(heights, reverse=True)
    assert [shape(up, name).x for name in names] == [shape(down, name).x for name in names]
    for curve in up.curves:
        assert all(label.x + label.w < curve.start[0] for label in curve.above)
        assert all(label.x > curve.start[0] for label in curve.below)
        assert curve.head is None or curve.head[0][1] < curve.head[1][1]


def test_cards_are_read_from_the_top_in_figures_from_bottom_to_top() -> None:
    trace = parse("c = a + b; e = c * (b + 1)").backprop(a=2, b=1)
    scene = trace.figure("colah", direction="bt").scene
    lines = [box.label for box in scene.shapes if "n2" in (box.id, box.part_of) and box.label]
    assert next(line.label.plain for line in lines) == "c = a + b"
    assert [line.y for line in lines] == sorted(line.y for line in lines)


def test_tight_columns_make_numbers_legible_and_a_note_says_where_they_are_not() -> None:
    squares = " + ".join(f"(w*x{k} + b - y{k})^2" for k in (1, 2, 3))
    point = {"w": 0.5, "b": 0.25} | {f"{n}{k}": 0.25 * k for n in "xy" for k in (1, 2, 3)}
    figure = parse(f"L = ({squares})/3").backprop(**point).figure(fit="16:9")
    assert figure.notes == ()
    assert 11 * min(960 / figure.scene.width, 540 / figure.scene.height) >= 12
    wide = parse(" + ".join(f"sin(x*a{k})*cos(x*b{k})" for k in range(12))).figure(fit="16:9")
    assert len(wide.notes) == 1
    assert "pt on a slide of 16:9" in wide.notes[0]
    assert parse("x*y").figure().notes == ()


def test_arrows_go_back_between_their_wire_and_its_gradient() -> None:
    trace = parse("(x + y)*x").backprop(x=2, y=-1)
    for way in ("lr", "tb", "bt"):
        scene = trace.figure("saito", direction=way).scene
        assert overlaps(scene) == []
        for curve in scene.curves:
            back = curve.backward(scene.style)
            assert (back is None) == (not curve.below)
            if back:
                tip, axis = back.head[0], 0 if way == "lr" else 1
                ahead = curve.segments[-1][-1][axis] - curve.start[axis]
                assert (tip[axis] - back.start[axis]) * ahead < 0
                label = curve.below[0]
                assert curve.start[1 - axis] != tip[1 - axis]
                assert tip[1 - axis] < (label.y if axis == 0 else label.x)


def test_from_top_to_bottom_values_stand_left_and_gradients_right() -> None:
    for curve in arrange(neuron(), direction="tb").curves:
        assert all(label.x + label.w < curve.start[0] for label in curve.above)
        assert all(label.x > curve.start[0] for label in curve.below)


def test_arrows_meet_wide_gates_from_above() -> None:
    scene = arrange(chain(10), direction="tb")
    pills = [box for box in scene.shapes if box.form == "pill"]
    assert pills
    for box in pills:
        head = curve_to(scene, box.id).head
        assert head is not None
        assert head[0][1] == pytest.approx(box.y - box.h / 2, abs=1)


@pytest.mark.parametrize(("direction", "fit"), [("lr", "16:9"), ("tb", "16:9"), ("lr", "400x300")])
def test_a_long_chain_folds_into_rows_that_fill_the_sheet(direction: str, fit: str) -> None:
    scene, plain = arrange(chain(40), direction=direction, fit=fit), arrange(chain(40))
    width, height = (float(part) for part in fit.replace("x", ":").split(":"))
    assert scene.width / scene.height == pytest.approx(width / height, rel=1e-3)
    assert max(scene.width, scene.height) < plain.width / 4
    # What is in a row goes the right way, and the next row begins at the left again.
    across = 1 if direction == "tb" else 0
    places = [(shape(scene, f"g{k}").x, shape(scene, f"g{k}").y)[across] for k in range(40)]
    back = sum(one > other for one, other in pairwise(places))
    assert 2 <= back <= 9
    used = [value for box in scene.shapes for value in (box.rectangle[0], box.rectangle[2])]
    assert max(used) - min(used) > 0.75 * scene.width


def test_inputs_go_with_their_gate_to_the_next_row() -> None:
    scene = arrange(far(), fit="1:1")
    for step in range(2, 9):
        assert abs(shape(scene, f"x_{step}").y - shape(scene, f"g{step}").y) < 45


def test_what_is_small_enough_stays_in_one_row() -> None:
    scene, plain = arrange(product(), fit="4:3"), arrange(product())
    assert scene.width == plain.width
    assert [len(curve.segments) for curve in scene.curves] == [
        len(curve.segments) for curve in plain.curves
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"direction": "up"}, "no direction 'up'"),
        ({"fit": "wide"}, "'wide' is no shape of a sheet"),
        ({"fit": "0:9"}, "no shape of a sheet"),
        ({"fit": "16:9:4"}, "no shape of a sheet"),
        ({"fit": "-16:9"}, "no shape of a sheet"),
        ({"fit": "1e9:1"}, "no shape of a sheet"),
        ({"fit": "1:100"}, "too narrow"),
    ],
)
def test_other_directions_and_sheets_are_refused(options: dict[str, str], words: str) -> None:
    with pytest.raises(Unsupported, match=words) as caught:
        arrange(product(), **options)
    assert caught.value.hint


@pytest.mark.parametrize("fit", ["600x800", "4:3", "16:9", "9:16", "1:1"])
def test_the_last_row_is_not_left_to_an_arrow_or_a_single_gate(fit: str) -> None:
    for diagram in (neuron(), *map(chain, range(4, 40, 5))):
        scene = arrange(diagram, fit=fit)
        assert overlaps(scene) == []
        gates = [box for box in scene.shapes if box.kind == "gate"]
        lowest = max(box.y for box in gates)
        (out,) = [curve for curve in scene.curves if curve.target.endswith(":out")]
        assert out.start[1] == pytest.approx(lowest, abs=1) or len({b.y for b in gates}) < 6
        assert len(out.segments) <= 2
        if any(len(curve.segments) > 6 for curve in scene.curves):
            assert sum(box.y == lowest for box in gates) >= 2


@pytest.mark.parametrize(
    "text",
    [
        "(x+y)*z", "z*(x+y)", "(x+y)*(x-y)", "(a+b)*(b+1)", "x*y+max(z,w)", "sin(x)*y+cos(y)*x",
        "q=x+y; r=y+z; f=q*r", "x*y*z+w", "a/(b+c)", "exp(a)+b*c",
    ],
)  # fmt: skip
def test_inputs_come_in_the_order_of_their_first_use(text: str) -> None:
    graph = parse(text)
    scene = graph.figure().scene
    heights = [shape(scene, f"n{i}").y for i in graph.inputs.values()]
    assert heights == sorted(heights)
