"""Loops in programs: what they are, what is told of them, and how many repetitions there may be."""

from __future__ import annotations

import math

import pytest

import graphdiff as gd
from graphdiff.core.limits import Limits
from graphdiff.program.boxes import Boxed, boxed

RNN = "for i in 1..5: h_i = tanh(w*h_{i-1}); L = h_5^2"


def test_a_loop_is_its_statements_written_out() -> None:
    written = "; ".join(f"h_{i} = tanh(w*h_{i - 1})" for i in range(1, 6)) + "; L = h_5^2"
    assert gd.parse(RNN) == gd.parse(written)


def test_values_and_gradients_of_a_loop_are_those_of_plain_python() -> None:
    trace = gd.parse(RNN).backprop(w=0.5, h_0=1)
    h, dw, dh = 1.0, 0.0, 1.0
    for _ in range(5):
        slope = 1 - math.tanh(0.5 * h) ** 2
        dw, dh, h = slope * (h + 0.5 * dw), slope * 0.5 * dh, math.tanh(0.5 * h)
    assert trace.value == pytest.approx(h * h, rel=1e-14)
    assert trace.gradients["w"] == pytest.approx(2 * h * dw, rel=1e-13)
    assert trace.gradients["h_0"] == pytest.approx(2 * h * dh, rel=1e-13)
    assert trace.verify().proved


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("for t in 1..2: { a_t = w*h_{t-1} + x_t\n h_t = tanh(a_t) }\nL = h_2",
         "a_1 = w*h_0 + x_1; h_1 = tanh(a_1); a_2 = w*h_1 + x_2; h_2 = tanh(a_2); L = h_2"),
        ("for i in 1..2: for j in 1..i: a_{i,j} = x_i*y_j",
         "a_1_1 = x_1*y_1; a_2_1 = x_2*y_1; a_2_2 = x_2*y_2"),
        ("for i in 0..2: y_{2*i} = x^i", "y_0 = x^0; y_2 = x^1; y_4 = x^2"),
        ("for k in 1..2:\n  s_k = s_{k-1} + W_{hh}\ns_2^2",
         "s_1 = s_0 + W_hh; s_2 = s_1 + W_hh; s_2^2"),
        ("h_0 = x; for i in 2-1..1+1: h_i = h_{i - 1}*i", "h_0 = x; h_1 = h_0*1; h_2 = h_1*2"),
        ("for + in", "for + in"),
        ("y_{3} = x; y_3*2", "y_3 = x; y_3*2"),
    ],
)  # fmt: skip
def test_bodies_indices_and_ranges(text: str, same: str) -> None:
    assert gd.parse(text) == gd.parse(same)


def test_shapes_are_inferred_through_a_loop() -> None:
    graph = gd.parse("for t in 1..3: h_t = tanh(W@h_{t-1} + U@x_t); L = sum(h_3^2)")
    shapes = {name: len(shape) for name, shape in graph.shapes.items()}
    assert shapes == {"W": 2, "h_0": 1, "U": 2, "x_1": 1, "x_2": 1, "x_3": 1}


def seen(program: Boxed) -> list[str]:
    """The names of what is not hidden by a box."""
    labels = program.graph.labels
    return [labels[i] for i in program.visible if i in labels]


def test_a_loop_folds_to_one_box_with_its_count() -> None:
    for name in ("for", "h_5"):
        program = boxed(gd.parse(RNN), [name])
        assert seen(program) == ["w", "h_0", "h_5", "L"]
        (layer,) = program.layers.values()
        assert layer.title == "for ×5"


def test_a_loop_that_leaves_two_values_folds_around_the_one_that_is_needed() -> None:
    text = "for t in 1..3: { c_t = f*c_{t-1} + x_t; h_t = o*tanh(c_t) }; L = h_3^2"
    program = boxed(gd.parse(text), ["for"])
    assert sorted(seen(program)) == ["L", "c_0", "f", "h_3", "o", "x_1", "x_2", "x_3"]


def test_layers_are_still_layers_within_loops() -> None:
    text = "for i in 1..2: h_i = relu(dense(h_{i-1}, W_i, b_i)); L = sum(h_2)"
    assert len(boxed(gd.parse(text), ["layer"]).layers) == 2
    assert len(boxed(gd.parse(text), ["for"]).layers) == 1


@pytest.mark.parametrize(
    ("text", "says", "place"),
    [
        ("for i in 1..: h_i = x", "the range of the loop has no end here", ":"),
        ("for i in 1..5 h_i = x", "the loop has no ':' behind its range", "="),
        ("for i in 1..5", "the loop has no ':' behind its range", ""),
        ("for i in 1..5:", "the loop has no body", "for"),
        ("for i in range(5): h_i = x", "expected '..'", ":"),
        ("for i = 1..5: h_i = x", "expected 'in'", "="),
        ("for i in 5..1: h_i = x", "the range 5..1 is empty", "5..1"),
        ("for i in 1..n: h_i = x", "n is the variable of no loop", "n"),
        ("for i in 1..2.5: h_i = x", "the end 2.5 is no whole number", "2.5"),
        ("for i in 1..2: {h_i = x", "this { is never closed", "{"),
        ("for i in 1..2: {}", "these braces are empty", "{}"),
        ("for i in 1..2: h = x", "h is defined twice", "h"),
        ("for i in 1..2: h_i = h_{i-3}", "the index -2 is below 0", "i-3"),
        ("for i in 1..2: h_{i/2} = x", "the index i/2 is no whole number", "i/2"),
        ("for i in 1..2: for i in 1..2: h_i = x", "i cannot be the variable", "i"),
        ("y = h_{i-1}", "i is the variable of no loop", "i"),
        ("for i in 1..2: a_{i,} = x", "an index is missing", "i,"),
        ("for i in 1..2: a_{b_{i}} = x", "unexpected '{' in the index", "{"),
        ("for i in 1..2: a_{for j in 1..2: j} = x", "unexpected '..' in the index", ".."),
        ("a" + "_{a" * 9_000 + "}" * 9_000, "unexpected '{' in the index", "{"),
    ],
)
def test_errors_have_their_place(text: str, says: str, place: str) -> None:
    with pytest.raises(gd.ParseError, match=says.replace("{", r"\{").replace(".", r"\.")) as caught:
        gd.parse(text)
    assert caught.value.span is not None
    assert text[slice(*caught.value.span)] == place


@pytest.mark.parametrize(
    "text",
    [
        "for i in 1..1000000: h_i = h_{i-1}",
        "for i in 1..1000: for j in 1..1000: a_{i,j} = x",
        "for i in 1..10^9: h_i = x",
    ],
)
def test_repetitions_are_bounded(text: str) -> None:
    with pytest.raises(gd.LimitExceeded, match="repetitions"):
        gd.parse(text)


def test_the_bound_may_be_moved() -> None:
    text = "for i in 1..4: h_i = 2*h_{i-1}"
    with pytest.raises(gd.LimitExceeded, match="4 repetitions"):
        gd.parse(text, limits=Limits(repetitions=3))
    long = "for i in 1..20000: h_i = 2*h_{i-1}"
    assert len(gd.parse(long, limits=Limits(repetitions=20_000)).names) == 20_000
