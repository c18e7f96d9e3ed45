"""Wires cross only where no order of inputs, and no swap of operands, would keep them apart."""

from __future__ import annotations

import random
from itertools import combinations, pairwise

import pytest

from graphdiff import parse
from graphdiff.drawing.layout import layout
from graphdiff.drawing.layout.layout import arrange
from graphdiff.drawing.parts.diagram import Diagram
from graphdiff.drawing.parts.scene import Curve, Point, Scene, overlaps

LSTM = (
    "i = sigmoid(W_i@x + U_i@h0); f = sigmoid(W_f@x + U_f@h0); o = sigmoid(W_o@x + U_o@h0);"
    "g = tanh(W_c@x + U_c@h0); c = f*c0 + i*g; h = o*tanh(c); L = sum(h)"
)
PLANAR = [
    "max(w1*x+b1, w2*x+b2, w3*x+b3)",
    "(1-x)^2 + 100*(y-x^2)^2",
    "h1 = x + w1*x; h2 = h1 + w2*h1; h3 = h2 + w3*h2; L = (h3 - y)^2",
    "f = x@A@x - b@x",
    "y = w*x + b; L = (y-t)^2 + lambda*w^2",
    "max(0, s1-s0+1) + max(0, s2-s0+1) + max(0, s3-s0+1)",
    "f = (x + y)/(x*z)",
]


def count(scene: Scene) -> int:
    """Pairs of wires that cross; branches of one fork share their start."""
    return sum(
        one.source != two.source and cross(one.line(), two.line())
        for one, two in combinations([c for c in scene.curves if c.kind == "wire"], 2)
    )


def cross(one: list[Point], two: list[Point]) -> bool:
    return any(_cut(p, q, r, s) for p, q in pairwise(one) for r, s in pairwise(two))


def _cut(p: Point, q: Point, r: Point, s: Point) -> bool:
    return _side(p, q, r) * _side(p, q, s) < 0 and _side(r, s, p) * _side(r, s, q) < 0


def _side(p: Point, q: Point, r: Point) -> float:
    return (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0])


@pytest.mark.parametrize("program", PLANAR)
def test_a_figure_that_can_be_without_crossings_has_none(program: str) -> None:
    assert count(parse(program).figure().scene) == 0


def test_two_inputs_cross_only_each_other() -> None:
    # Two inputs that four pairs of gates use cross 4·3/2 times, wherever else things stand.
    assert count(parse(LSTM).figure().scene) <= 6


def test_only_gates_that_commute_have_their_operands_swapped() -> None:
    scene = parse("a = x - y; b = y / x; c = y ** x; f = (a*b + c)/(b - a)").figure().scene
    fixed = {box.id for box in scene.shapes if box.label and box.label.label.plain in "−/÷^xy"}
    for target in fixed:
        wires = [curve for curve in scene.curves if curve.target == target and curve.head]
        heights = [curve.head[0][1] for curve in sorted(wires, key=_position) if curve.head]
        assert heights == sorted(heights)


def _position(curve: Curve) -> int:
    return curve.position


def program(seed: int) -> Diagram:
    """A random program of sums, products and differences, many inputs used more than once."""
    chance = random.Random(seed)
    known = ["x", "y", "w", "b"][: chance.randint(2, 4)]
    lines = []
    for number in range(chance.randint(3, 9)):
        one, two = chance.choice(known), chance.choice(known[-4:])
        lines.append(f"v{number} = {one} {chance.choice('+*-*+')} {two}")
        known.append(f"v{number}")
    return parse("; ".join([*lines, f"f = {' + '.join(known[-3:])}"])).figure().diagram


@pytest.mark.parametrize("seed", range(40))
def test_there_are_never_more_than_before_and_nothing_touches(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    diagram = program(seed)
    after = arrange(diagram)
    monkeypatch.setattr(layout, "untangled", lambda *_: None)
    assert count(after) <= count(arrange(diagram))
    assert overlaps(after) == []


@pytest.mark.parametrize(
    "program",
    [
        "the_price = price_per_meter*living_area + base_price; error = (the_price - observed)^2",
        "score = weight*feature + bias_term; loss = max(0, 1 - label_y*score) + reg*score^2",
    ],
)
def test_an_input_stands_in_the_row_of_its_gate(program: str) -> None:
    graph = parse(program)
    trace = graph.backprop(dict.fromkeys(graph.inputs, 0.5))
    scene = trace.figure(fit="16:9").scene
    inputs = {f"n{node}" for node in graph.inputs.values()}
    lines = [c.line() for c in scene.curves if c.kind == "wire" and c.source in inputs]
    assert lines
    assert all(one[0] <= two[0] + 0.01 for line in lines for one, two in pairwise(line))
