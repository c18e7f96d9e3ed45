"""One-sided slopes along many inputs at once, against a sweep for each and against sums by hand."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.domains.floats import RATIONAL
from graphdiff.core.ops import STANDARD
from graphdiff.core.sweeps.backward import directional
from graphdiff.core.sweeps.sides import Sides, sides_along
from graphdiff.errors import DomainError
from graphdiff.program.unfold import picks

ONE = ("abs({})", "relu({})", "-({})", "({})^2", "sqrt(abs({}))", "sign({})", "floor({})",
       "exp({})", "0*({})", "3*({})", "tanh({})")  # fmt: skip
TWO = ("({})+({})", "({})*({})", "({})-({})", "max({}, {})", "min({}, {})",
       "where({}>{}, x, y)", "where(x>0, {}, {})", "where(1>0, {}, {})")  # fmt: skip


def written(draw: random.Random, depth: int) -> str:
    if depth == 0 or draw.random() < 0.15:
        return draw.choice(("x", "y", "z"))
    if draw.random() < 0.5:
        return draw.choice(ONE).format(written(draw, depth - 1))
    return draw.choice(TWO).format(written(draw, depth - 1), written(draw, depth - 1))


def one_by_one(graph: gd.Graph, values: dict[int, Any], inputs: list[int]) -> dict[int, Sides]:
    found = {}
    for k in inputs:
        try:
            ways = [
                directional(graph.tape, graph.order, values, {k: step}, RATIONAL)
                for step in (1, -1)
            ]
        except DomainError:
            continue
        (forth, up), (back, down) = ways
        out = graph.output
        found[k] = Sides(-back.get(out, 0), forth.get(out, 0), out in up or out in down)
    return found


@pytest.mark.parametrize("seed", range(300))
def test_all_inputs_at_once_are_the_inputs_one_by_one(seed: int) -> None:
    draw = random.Random(seed)
    text = f"p = {written(draw, 3)}; q = {written(draw, 3)}; r = p*0 + q; {written(draw, 2)} + r*p"
    graph = gd.parse(text)
    point = {name: draw.choice((-1, 0, 0, 1)) for name in graph.inputs}
    try:
        values = graph.backprop(point).values
    except gd.GraphDiffError:
        return
    inputs = [*graph.inputs.values(), *(graph.names[x] for x in "pq")]
    inputs = [k for k in dict.fromkeys(inputs) if k in values]
    ours = sides_along(graph.tape, graph.order, graph.output, values, inputs, RATIONAL)
    for k, sides in one_by_one(graph, values, inputs).items():
        assert ours[k].jumps == sides.jumps, text
        if not sides.jumps:
            assert ours[k][:2] == pytest.approx(sides[:2], rel=1e-12), text
    assert ours.keys() == one_by_one(graph, values, inputs).keys(), text


@pytest.mark.parametrize(
    ("text", "slopes"),
    [
        ("sum(abs(x))", lambda n, k: 1),
        ("abs(sum(x))", lambda n, k: 1),
        ("sum(abs(cumsum(x)))", lambda n, k: n - k),
        ("3*max(x) - 3*min(x)", lambda n, k: 3),
    ],
)
def test_kinks_of_many_entries(text: str, slopes: Any) -> None:
    n = 300
    trace = gd.parse(text).backprop(x=np.zeros(n))
    left, right = {}, {}
    for kink in trace.kinks:
        left |= kink.left
        right |= kink.right
    assert right == {f"x[{k}]": slopes(n, k) for k in range(n)}
    assert left == {f"x[{k}]": -slopes(n, k) for k in range(n)}


def test_kinks_that_do_not_meet_take_no_longer_for_being_many() -> None:
    trace = gd.parse("sum(abs(x))").backprop(x=np.zeros(2_000))
    assert len(trace.kinks) == 2_000
    assert all(kink.left == {f"x[{k}]": -1} for k, kink in enumerate(trace.kinks))


@pytest.mark.parametrize(
    ("text", "at", "gates"),
    [
        ("sum(relu(W@x))", {"W": [[1, -1], [1, 1]], "x": [1, 1]}, 1),
        ("sum(relu(W@x))", {"W": [[1, -2], [1, 1]], "x": [1, 1]}, 0),
        ("max(x) + sum(max_pool1d(x, 2))", {"x": [3, 3, 1, 2]}, 2),
        ("sum(where(x > 1, x^2, x))", {"x": [1, 2]}, 1),
        ("sum(clamp(x, 0, t))", {"x": [1, -1], "t": 1}, 1),
        ("sum(tanh(x)*softmax(x)) + sum(x)^2", {"x": [0, 0]}, 0),
    ],
)
def test_kinks_of_arrays_are_those_of_the_program_in_numbers(
    text: str, at: dict[str, Any], gates: int
) -> None:
    assert len({kink.node for kink in gd.parse(text).backprop(at).kinks}) == gates


def test_which_array_ops_compare_entries() -> None:
    rows = [r for r in STANDARD.values() if r.vjp and not r.composite]
    assert {r.name for r in rows if picks(STANDARD, r)} == {"amax", "amin", "winner"}
