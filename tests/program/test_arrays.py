"""Array programs: shapes, values and gradients, checked against numpy, torch and the entries."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.core.domains.array import FloatArrays, all_finite
from graphdiff.core.sweeps.backward import accumulate
from graphdiff.core.sweeps.forward import forward
from graphdiff.errors import (
    BadPoint,
    DomainError,
    GraphDiffError,
    LimitExceeded,
    NotDifferentiable,
    ShapeMismatch,
)
from graphdiff.language.reading.shapes import read_shapes
from graphdiff.program.unfold import unfold, unfolded_trace

PROGRAMS = {
    "sum((W@x)^2)": {"W": (3, 2), "x": (2,)},
    "h = tanh(X@W + b); sum(h*h)/2": {"X": (4, 3), "W": (3, 2), "b": (2,)},
    "s = x[0:2]*x[2:4]; s[0] - sum(s)": {"x": (4,)},
    "sum(softmax(W@x)*g)": {"W": (3, 2), "x": (2,), "g": (3,)},
    "h1 = tanh(W@h0 + b); h2 = tanh(W@h1 + b); sum(h2)": {"W": (2, 2), "h0": (2,), "b": (2,)},
    "mean(max(X, Y.T)) + sum(relu(X))": {"X": (2, 3), "Y": (3, 2)},
    "a*sum(exp(-x^2)) + b": {"a": (), "x": (3,), "b": ()},
    "x@A@x + logsumexp(x)": {"x": (3,), "A": (3, 3)},
    "sum(inv(A)) + det(A)": {"A": (2, 2)},
    "sum(where(x < y, x, 2*y))": {"x": (3,), "y": (3,)},
}


def _point(shapes: dict[str, tuple[int, ...]], seed: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape) for name, shape in shapes.items()}


@pytest.mark.parametrize("text", PROGRAMS)
def test_the_plan_and_the_generic_sweeps_agree(text: str) -> None:
    point = _point(PROGRAMS[text], 1)
    graph = gd.parse(text, shapes=PROGRAMS[text])
    plan, floats = graph.plan(), FloatArrays()
    values = plan.forward(point)
    generic = forward(graph.tape, graph.order, point, floats)
    expected = accumulate(graph.tape, graph.order, graph.output, generic, floats)
    found = plan.backward(values, "zero")
    assert found.keys() == expected.keys()
    for i, gradient in expected.items():
        np.testing.assert_allclose(values[i], generic[i], rtol=1e-13)
        np.testing.assert_allclose(found[i], gradient, rtol=1e-12, atol=1e-13)


@pytest.mark.parametrize("text", PROGRAMS)
def test_gradients_are_those_of_the_program_written_out_in_numbers(text: str) -> None:
    graph = gd.parse(text, shapes=PROGRAMS[text])
    trace = graph.backprop(_point(PROGRAMS[text], 2))
    entries = unfolded_trace(trace)
    assert entries is not None
    for name, gradient in trace.gradients.items():
        for place, value in np.ndenumerate(np.asarray(gradient)):
            key = f"{name}[{','.join(map(str, place))}]" if place else name
            assert float(value) == pytest.approx(
                float(entries.gradients[key]), rel=1e-12, abs=1e-14
            )


@pytest.mark.parametrize("text", PROGRAMS)
def test_symbolic_gradients_have_the_shapes_and_numbers_of_backprop(text: str) -> None:
    graph = gd.parse(text, shapes=PROGRAMS[text])
    point = _point(PROGRAMS[text], 3)
    trace = graph.backprop(point)
    for name, formula in graph.gradient(simplified=False).items():
        tape = formula.tape
        assert tape.nodes[formula.output].shape == PROGRAMS[text][name]
        order = tape.needed_for([formula.output])
        value = forward(tape, order, point, FloatArrays())[formula.output]
        np.testing.assert_allclose(
            np.asarray(value, float), np.asarray(trace.gradients[name], float),
            rtol=1e-11, atol=1e-13,
        )  # fmt: skip


def test_small_programs_stay_exact() -> None:
    trace = gd.parse("q = W@x; f = sum(q^2)").backprop(
        W=[["0.1", "0.5"], ["-0.3", "0.8"]], x=["0.2", "0.4"]
    )
    assert trace.value == Fraction(29, 250)
    assert trace.gradients["x"].tolist() == [Fraction(-14, 125), Fraction(159, 250)]


def test_labels_get_no_gradient_and_wrt_leaves_out_the_rest() -> None:
    graph = gd.parse("log_softmax(W@x)[y]")
    trace = graph.backprop(W=[[1, 2], [3, 4]], x=[1, 1], y=1)
    assert list(trace.gradients) == ["W", "x"]
    assert list(
        graph.backprop({"W": [[1, 2], [3, 4]], "x": [1, 1], "y": 1}, wrt=["x"]).gradients
    ) == ["x"]


def test_an_undefined_entry_on_a_branch_not_taken_does_no_harm() -> None:
    trace = gd.parse("sum(where(x > 0, log(x), 0))").backprop(x=[-1.0, 2.0])
    assert trace.value == pytest.approx(np.log(2))
    assert trace.gradients["x"].tolist() == [0, 0.5]


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("sum((W@x)^2)", {"W": "m×n", "x": "n"}),
        ("sum(X@W + b)", {"X": "m×n", "W": "n×k", "b": "k"}),
        ("x@A@x", {"x": "m", "A": "m×m"}),
        (
            "sum((A@x - b)^2) + lambda_*sum(x^2)",
            {"A": "m×n", "x": "n", "b": "m", "lambda_": "scalar"},
        ),
        ("W:2x3; sum(W@x)", {"W": "2×3", "x": "3"}),
    ],
)  # fmt: skip
def test_shapes_nobody_gave_are_found(text: str, shapes: dict[str, str]) -> None:
    from graphdiff.core.ir.shape import show_shape

    assert {n: show_shape(s) for n, s in gd.parse(text).shapes.items()} == shapes


def test_a_point_settles_the_shapes() -> None:
    graph = gd.parse("sum(W@x)")
    assert graph.backprop(W=[[1, 2, 3]], x=[1, 1, 1]).value == 6
    assert graph.backprop(W=[[1, 2], [3, 4]], x=[1, 1]).value == 10
    assert gd.parse("relu(x)*g").backprop(x=2, g=3).value == 6


def test_scalars_stay_scalars() -> None:
    assert not gd.parse("(x+y)*z").has_arrays
    assert gd.parse("sum = x + y; sum*z").backprop(x=1, y=2, z=3).value == 9


def _run(text: str, point: dict[str, Any]) -> None:
    graph = gd.parse(text)
    assert point or graph.order
    graph.backprop(point)


def test_bad_shapes_are_refused_wherever_python_gives_them() -> None:
    """A point refuses an empty array, and a declaration an empty shape."""
    for shape, says in [
        ((0,), "empty"), ((2, 0), "empty"), ((-1,), "empty"), (3, "3 is no shape"),
        ("3", "no shape of x"), ((2.5,), "no shape"), (None, "no shape"),
    ]:  # fmt: skip
        graph = gd.parse("sum(x)")
        for made in (
            lambda given: gd.parse("sum(x)", shapes=given),
            lambda given, graph=graph: graph.shaped(given),
            lambda given: gd.jacobian("sum(x)", shapes=given),
            lambda given: gd.hessian("sum(x)", shapes=given),
            lambda given: gd.convex("sum(x)", {"x": (-1, 1)}, shapes=given),
        ):
            with pytest.raises(GraphDiffError, match=says):
                made({"x": shape})
    assert gd.parse("sum(x)", shapes={"x": [3]}).shapes == {"x": (3,)}  # type: ignore[dict-item]


@pytest.mark.parametrize(
    ("text", "point", "error", "says"),
    [
        ("W@x", {"W": [[1, 2, 3]], "x": [1, 2]}, ShapeMismatch, "1×3 and 2"),
        ("sum(x+y)", {"x": [1, 2, 3], "y": [1, 2]}, ShapeMismatch, "shapes 3 and 2"),
        ("sum(x)", {"x": [[1, 2], [3]]}, BadPoint, "ragged"),
        ("sum(x)", {"x": []}, BadPoint, "empty"),
        ("sum(x)", {"x": np.array([1.0, np.nan])}, BadPoint, r"nan at \[1\]"),
        ("sum(x)", {"x": np.full(70_000, np.inf)}, BadPoint, r"inf at \[0\]"),
        ("sum(inv(A))", {"A": [[1, 2], [2, 4]]}, DomainError, "singular"),
        ("sum(inv(A))", {"A": np.ones((80, 80))}, DomainError, "singular"),
        ("sum(x[5])", {"x": [1, 2]}, ShapeMismatch, "out of range"),
        ("sum(x, axis=2)", {"x": [1, 2]}, ShapeMismatch, "no axis 2"),
        ("sum(log(x))", {"x": [1, -2]}, DomainError, r"log\(-2\)"),
        ("p[y]", {"p": [1, 2], "y": 2}, DomainError, "no label among 2"),
        ("x[argmax(x)]*argmax(x)", {"x": [1, 2]}, NotDifferentiable, "argmax"),
        ("x:1000000x1; y:1000000; sum(x+y)", None, LimitExceeded, "1,000,000,000,000"),
        ("W:2x0; sum(W)", None, GraphDiffError, "empty"),
    ],
)  # fmt: skip
def test_bad_input_says_what_is_wrong(text, point, error, says) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=says):
        _run(text, point or {})


def test_reading_shapes() -> None:
    shapes = read_shapes("X:NxD, W:DxC, s:scalar")
    assert shapes["X"][1] == shapes["W"][0]
    assert shapes["s"] == ()
    for bad in ("x", "x:2x", "x:0", "2:3", "x:-1"):
        with pytest.raises(GraphDiffError):
            read_shapes(bad)


def test_writing_out_is_bounded() -> None:
    with pytest.raises(LimitExceeded, match="too many to write out"):
        unfold(gd.parse("x:10000; sum(x)"))


@given(
    st.lists(st.floats(-1e300, 1e300), min_size=1, max_size=50), st.integers(0, 49), st.booleans()
)
def test_finiteness_is_seen_whatever_the_sum_does(xs: list[float], at: int, spoil: bool) -> None:
    array = np.array(xs)
    if spoil:
        array[at % len(xs)] = np.nan if at % 2 else np.inf
    assert all_finite(array) is not spoil


def test_a_number_has_no_side_to_pad() -> None:
    """Like numpy.pad of an array without axes: the number itself, with slope 1."""
    for text in ("pad(x, width=1)", "sum(pad(x, width=1))"):
        trace = gd.parse(text).backprop(x=Fraction(1, 3))
        assert trace.value == Fraction(1, 3)
        assert trace.gradients == {"x": 1}


@pytest.mark.parametrize("notation", ["text", "unicode", "latex", "typst"])
@pytest.mark.parametrize("text", ["x[2:2]", "reshape(X, shape=[2, 3])"])
def test_what_has_no_shapes_is_not_shown(text: str, notation: str) -> None:
    with pytest.raises(ShapeMismatch):
        gd.parse(text).show(notation)
