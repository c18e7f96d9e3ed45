"""Frames around groups: nested or apart, around their members only, with captions in the clear."""

from __future__ import annotations

import random
from dataclasses import replace
from itertools import combinations

import pytest
from drawings import layered

import graphdiff as gd
from graphdiff.drawing.diagrams.annotations import decorated
from graphdiff.drawing.layout.layout import arrange
from graphdiff.drawing.parts.diagram import Diagram, Enclosure
from graphdiff.drawing.parts.geometry import Rectangle, touch
from graphdiff.drawing.parts.scene import Scene, Shape, overlaps
from graphdiff.drawing.parts.typeset import plain_label
from graphdiff.errors import GraphDiffError

SHEETS = [("lr", None), ("tb", None), ("lr", "16:9"), ("lr", None), ("tb", "4:3"), ("lr", "4:3")]


def grouped(diagram: Diagram, seed: int) -> Diagram:
    """The diagram with up to four random groups: gates and what they use, nested or disjoint."""
    chance = random.Random(seed)
    kinds = {box.id: box.kind for box in diagram.boxes}
    gates = [box.id for box in diagram.boxes if box.kind in ("gate", "layer")]
    before: dict[str, list[str]] = {box.id: [] for box in diagram.boxes}
    for wire in diagram.wires:
        if kinds[wire.source] in ("gate", "layer", "fork"):
            before[wire.target].append(wire.source)
    found: list[frozenset[str]] = []
    for _ in range(chance.randint(1, 4)):
        members, waiting, most = set[str](), [chance.choice(gates)], chance.randint(1, 6)
        while waiting and len(members) < most:
            box = waiting.pop(0)
            members.add(box)
            waiting += [one for one in before[box] if before[one] and chance.random() < 0.8]
        if all(not members & one or members < one or one < members for one in found):
            found.append(frozenset(members))
    names = ["σ", "a long caption", "loss", "가중합"]
    frames = (
        Enclosure(boxes, plain_label(name, "accent"))
        for boxes, name in zip(found, names, strict=False)
    )
    return replace(diagram, enclosures=tuple(frames))


def frames_of(scene: Scene, number: int) -> list[Shape]:
    return [
        shape
        for shape in scene.shapes
        if shape.form == "frame" and shape.id.split(".")[0] == f"group{number}"
    ]


def holds(outer: Rectangle, inner: Rectangle) -> bool:
    return all(outer[k] < inner[k] for k in (0, 1)) and all(outer[k] > inner[k] for k in (2, 3))


def problems(scene: Scene, diagram: Diagram) -> list[str]:
    """What is wrong with the frames of a scene, in words."""
    found = overlaps(scene)
    groups = [enclosure.boxes for enclosure in diagram.enclosures]
    frames = [[shape.rectangle for shape in frames_of(scene, k)] for k in range(len(groups))]
    for number, (boxes, rectangles) in enumerate(zip(groups, frames, strict=True)):
        for shape in scene.shapes:
            if shape.form in ("frame", "none") or shape.kind == "local":
                continue
            name, inside = (
                shape.part_of or shape.id,
                [r for r in rectangles if touch(r, shape.rectangle)],
            )
            if name not in boxes and inside:
                found.append(f"group {number} holds {name}")
            if (
                name in boxes
                and shape.form != "dot"
                and not any(holds(r, shape.rectangle) for r in inside)
            ):
                found.append(f"group {number} lacks {name}")
    for one, other in combinations(range(len(groups)), 2):
        for first in frames[one]:
            for second in frames[other]:
                nested = holds(first, second) or holds(second, first)
                if touch(first, second) and not (nested and groups[one] & groups[other]):
                    found.append(f"groups {one} and {other} overlap")
    return found


@pytest.mark.parametrize("block", range(10))
def test_frames_of_random_groups_are_in_order(block: int) -> None:
    for seed in range(3000 + 12 * block, 3012 + 12 * block):
        direction, fit = SHEETS[seed % len(SHEETS)]
        diagram = grouped(layered(seed, most=14), seed)
        scene = decorated(arrange(diagram, direction=direction, fit=fit), diagram, fit)
        assert (seed, problems(scene, diagram)) == (seed, [])


def framed(text: str, *groups: str) -> tuple[Scene, Diagram]:
    graph = gd.parse(text)
    figure = graph.figure(group=groups)
    assert problems(figure.scene, figure.diagram) == []
    return figure.scene, figure.diagram


def test_groups_inside_of_groups_have_frames_inside_of_frames() -> None:
    scene, diagram = framed("(x+y)*(x-y) + exp(x+y)", "A=(p+q)*(p-q)", "sum=p+q")
    captions = [enclosure.caption.plain for enclosure in diagram.enclosures]
    assert captions == ["A", "sum", "sum"]
    frames = [frames_of(scene, number) for number in range(3)]
    assert [len(pieces) for pieces in frames] == [1, 1, 1]
    inner = [holds(frames[0][0].rectangle, frames[k][0].rectangle) for k in (1, 2)]
    assert sorted(inner) == [False, True]
    shapes = [shape for shape in scene.shapes if shape.form == "frame"]
    assert shapes[-1].id != "group0"  # what is drawn last hides what is behind it


def test_what_stands_between_members_moves_out_of_their_frame() -> None:
    # y*y, an operand of the sum s, is drawn between a*b and c*d otherwise.
    scene, diagram = framed("a*b + y*y + c*d", "s=u*v+w", "prod=u*v")
    assert all(len(frames_of(scene, number)) == 1 for number in range(len(diagram.enclosures)))
    for box in scene.shapes:
        heads = sorted(
            (curve.position, curve.head[0][1])
            for curve in scene.curves
            if curve.target == box.id and curve.head
        )
        assert [tip for _, tip in heads] == sorted(tip for _, tip in heads)


def test_the_constants_of_a_group_are_inside_of_its_frame() -> None:
    scene, _ = framed("f = max(2, x)*y", "clipped=max(2, u)")
    (frame,) = frames_of(scene, 0)
    constants = [shape for shape in scene.shapes if shape.kind == "constant" and shape.label]
    for shape in constants:
        assert shape.label is not None
        assert holds(frame.rectangle, shape.label.rectangle)


def test_groups_that_share_gates_are_refused() -> None:
    graph = gd.parse("p = a*b; q = p + c; r = p - c; f = q*r")
    with pytest.raises(GraphDiffError, match="the groups 'one' and 'two' share p, but") as caught:
        graph.figure(group=["one=u*v+w", "two=u*v-w"])
    assert caught.value.hint == "groups have nothing in common, or one is inside of the other"


def test_the_inputs_of_a_collapsed_group_stay_in_their_column() -> None:
    text = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
    for name, pattern in {"sigmoid": "1/(1+exp(-s))", "dot": "a*b+c*d"}.items():
        scene = gd.parse(text).figure(group=[f"{name}={pattern}"], collapse=[name]).scene
        edges = {round(box.rectangle[2], 1) for box in scene.shapes if box.kind == "input"}
        assert len(edges) == 1


def test_the_weights_of_layers_stand_beside_their_layer() -> None:
    text = "h = relu(dense(x, W1, b1)); s = dense(h, W2, b2); L = cross_entropy(s, y)"
    scene = gd.parse(text).figure(collapse=["layer"]).scene
    edges = {round(box.rectangle[2], 1) for box in scene.shapes if box.kind == "input"}
    assert len(edges) > 1


def test_groups_that_follow_one_another_are_a_network() -> None:
    text = "h_1 = tanh(t_1*x); h_2 = tanh(t_2*h_1); J = (h_2 - y)^2"
    groups = ["layer=tanh(a*b)", "loss=(a-b)^2"]
    scene = gd.parse(text).figure(group=groups, collapse=["layer", "loss"]).scene
    edges = {round(box.rectangle[2], 1) for box in scene.shapes if box.kind == "input"}
    assert len(edges) == 3
