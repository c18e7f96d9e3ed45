"""Outputs that are no numbers: values alone, or gradients below what comes from above."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.errors import ShapeMismatch

PROGRAMS: dict[str, Callable[..., Any]] = {
    "W@x": lambda w, x: w @ x,
    "relu(W@x)": lambda w, x: np.maximum(w @ x, 0),
    "max(0, W@x)*sum(x)": lambda w, x: np.maximum(w @ x, 0) * x.sum(),
    "softmax(W@x)": lambda w, x: np.exp(w @ x) / np.exp(w @ x).sum(),
    "h = tanh(W@x); outer(h, x)": lambda w, x: np.outer(np.tanh(w @ x), x),
    "W*x": lambda w, x: w * x,
    "[x@x, sum(W)]": lambda w, x: np.array([x @ x, w.sum()]),
    "for t in 1..2: h_t = tanh(W@x)*t": lambda w, x: 2 * np.tanh(w @ x),
}


@pytest.mark.parametrize("text", PROGRAMS)
@pytest.mark.parametrize("columns", [2, 90])
def test_gradients_are_those_of_the_product_with_what_comes_from_above(
    text: str, columns: int
) -> None:
    rng = np.random.default_rng(5)
    function, rows = PROGRAMS[text], 3 if columns == 2 else 60
    point = {"W": rng.normal(size=(rows, columns)), "x": rng.normal(size=columns)}
    value = function(*point.values())
    upstream = rng.normal(size=value.shape)
    trace = gd.parse(text).backprop(point, upstream=upstream)
    assert np.allclose(np.asarray(trace.value, dtype=float), value, rtol=1e-12)
    ways = {name: rng.normal(size=array.shape) for name, array in point.items()}
    step = 1e-6
    ends = [
        np.sum(upstream * function(*(point[name] + sign * step * ways[name] for name in point)))
        for sign in (1, -1)
    ]
    slope = sum(
        np.sum(np.asarray(trace.gradients[name], dtype=float) * ways[name]) for name in point
    )
    assert slope == pytest.approx((ends[0] - ends[1]) / (2 * step), rel=1e-5)
    assert trace.verify().ok


def test_gradients_below_an_array_are_proved() -> None:
    graph = gd.parse("s = W2@max(0, W1@x)")
    trace = graph.backprop(
        "W1=[[1,2],[3,4]], x=[1,1], W2=[[1,-1],[0,2],[1,1]]", upstream=[1, 0, -2]
    )
    assert trace.value.tolist() == [-4, 14, 10]
    assert trace["s"].gradient.tolist() == [1, 0, -2]
    assert trace.gradients["x"].tolist() == [-10, -14]  # by hand: W1ᵀ (−1, −3)
    report = trace.verify("symbolic")
    assert report.ok and report.proved


def test_wrong_gradients_below_an_array_are_found() -> None:
    from dataclasses import replace

    trace = gd.parse("x^2").backprop(x=[3, 4], upstream=[1, 2])
    total = trace.total
    assert total is not None
    x = total.graph.inputs["x"]
    wrong = replace(total, adjoints={**total.adjoints, x: total.adjoints[x] + 1})
    assert not replace(trace, total=wrong).verify().ok


def test_without_a_gradient_from_above_there_are_values_alone() -> None:
    trace = gd.parse("y = 2*x").backprop(x=[1, 2])
    assert trace.value.tolist() == [2, 4]
    assert trace.gradients == {}
    assert any("--upstream" in note for note in trace.graph.notes)
    with pytest.raises(ShapeMismatch, match="a gradient belongs to a number"):
        gd.parse("y = 2*x").backprop(x=[1, 2], wrt=["x"])


def test_an_array_of_one_entry_is_a_number() -> None:
    trace = gd.parse("W@x").backprop("W=[[1,2]], x=[[3],[4]]")
    assert trace.gradients["W"].tolist() == [[3, 4]]
    assert not trace.graph.notes
    assert trace.verify().proved


def test_one_number_stands_for_all_entries() -> None:
    at = {"x": [1, 2, 3]}
    one, ones = (gd.parse("x^2").backprop(at, upstream=u) for u in (2, [2, 2, 2]))
    assert one.gradients["x"].tolist() == ones.gradients["x"].tolist() == [4, 8, 12]
    assert gd.parse("x^2").backprop(at, upstream="ones").gradients["x"].tolist() == [2, 4, 6]


def test_a_number_may_have_a_gradient_from_above_too() -> None:
    assert gd.parse("x*y").backprop(x=2, y=3, upstream="1/2").gradients["x"] == 1.5


def test_kinks_and_missing_slopes_below_an_array() -> None:
    trace = gd.parse("relu(x)").backprop(x=[0, 1], upstream=[3, 1])
    (kink,) = trace.kinks
    assert (kink.left["x[0]"], kink.right["x[0]"]) == (0, 3)
    with pytest.raises(gd.GraphDiffError, match="infinite"):
        gd.parse("sqrt(x)").backprop(x=[0, 1], upstream="ones")


def test_the_number_above_has_a_name_that_is_free() -> None:
    graph = gd.parse("L = 2*x").under([1, 1])
    assert graph.objective == "L'"


def test_graphs_under_other_gradients_are_other_graphs() -> None:
    graph = gd.parse("2*x", shapes={"x": (2,)})
    assert graph.under([1, 2]) == graph.under([1, 2]) != graph.under("ones") != graph


@pytest.mark.parametrize(
    ("upstream", "says"),
    [([1, 2, 3], "shape 3, and the output 2"), ([[1, 2]], "shape 1×2, and the output 2")],
)
def test_a_gradient_of_another_shape_is_refused(upstream: Any, says: str) -> None:
    with pytest.raises(ShapeMismatch, match=says):
        gd.parse("2*x").backprop(x=[1, 2], upstream=upstream)
