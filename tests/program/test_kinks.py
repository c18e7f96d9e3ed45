"""Kinks of whole programs: one-sided derivatives against exact one-sided difference quotients."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.errors import DomainError

H = Fraction(1, 2**60)


def piecewise_linear() -> st.SearchStrategy[str]:
    """Continuous programs made of lines: their quotients with a small step are exact."""
    leaves = st.sampled_from(["x", "y", "1", "2", "-1", "x - 1"])

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        pair = st.tuples(inner, inner)
        return st.one_of(
            pair.map(lambda t: f"({t[0]}) + ({t[1]})"), pair.map(lambda t: f"({t[0]}) - ({t[1]})"),
            inner.map(lambda t: f"3*({t})"), inner.map(lambda t: f"-({t})/2"),
            st.tuples(
                st.sampled_from(["relu", "abs", "relu6", "hardtanh", "leaky_relu"]), inner
            ).map(lambda t: f"{t[0]}({t[1]})"),
            st.tuples(st.sampled_from(["max", "min"]), inner, inner).map(
                lambda t: f"{t[0]}({t[1]}, {t[2]})"
            ),
            st.tuples(inner, inner, inner).map(lambda t: f"max({t[0]}, {t[1]}, {t[2]})"),
            inner.map(lambda t: f"clamp({t}, -1, 2)"),
            inner.map(lambda t: f"where({t} < 0, -({t}), 2*({t}))"),
        )  # fmt: skip

    return st.recursive(leaves, grow, max_leaves=6)


@given(piecewise_linear(), st.integers(-2, 2), st.integers(-2, 2))
@example("relu(x) - relu(-x)", 0, 0)
@example("max(x, y) - min(x, y)", 1, 1)
@example("abs(abs(x) - 1)", 1, 0)
@example("max(x, x)", 1, 0)
@example("max(x, y, x)", 1, 1)
@example("where(x - y < 0, -(x - y), 2*(x - y))", 1, 1)
def test_one_sided_derivatives_are_quotients(text: str, x: int, y: int) -> None:
    graph = gd.parse(text)
    at = {name: Fraction({"x": x, "y": y}[name]) for name in graph.inputs}

    trace = graph.backprop(at)
    for name in graph.inputs:
        here, above, below = (
            graph.backprop({**at, name: at[name] + step}).value for step in (0, H, -H)
        )
        right, left = (above - here) / H, (here - below) / H
        felt = [kink for kink in trace.kinks if name in kink.left]
        if not felt:
            assert left == right == trace.gradients[name], name
        for kink in felt:
            assert (kink.left[name], kink.right[name]) == (left, right), name
            assert kink.subdifferential(name) == (min(left, right), max(left, right))
            assert kink.jump == ()


@pytest.mark.parametrize(
    ("text", "x", "jumps"),
    [
        ("where(x < 0, -1, 1)", 0, True), ("where(x < 0, -x, x)", 0, False), ("floor(x)", 2, True),
        ("ceil(x)", 2, True), ("sign(x)", 0, True), ("step(x)", 0, True),
        ("floor(x)", 2.5, None), ("abs(x)", 0, False), ("where(x < 1, x, x^2)", 1, False),
        ("where(x <= 1, x, 2*x)", 1, True), ("atan2(x, -1)", 0, True),
        ("2 + 3*step(x - 1)", 1, True),
        ("where(x < 5, floor(x), 0)", 2, True), ("where(x > 5, floor(x), 7)", 2, False),
        ("where(step(x) > 0.5, 1, 2)", 0, True), ("where(x < 0, floor(x + 0.5), x)", 0, False),
    ],
)  # fmt: skip
def test_jumps_are_told_from_kinks(text: str, x: float, jumps: bool | None) -> None:
    kinks = gd.parse(text).backprop(x=x).kinks
    assert bool(kinks) == (jumps is not None)
    assert all(kink.jump == (("x",) if jumps else ()) for kink in kinks)


@pytest.mark.parametrize(
    ("text", "zero", "left", "right", "mean"),
    [
        ("relu(x)", 0, 0, 1, 0.5), ("abs(x)", 0, -1, 1, 0), ("-relu(x)", 0, 0, -1, -0.5),
        ("max(x, 0)", 0.5, 0, 1, 0.5),
        ("max(x, 2*x)", 1.5, None, None, 1.5),
        ("elu(x, 2)", 1, 2, 1, 1.5),
        ("leaky_relu(x, -1)", 0, -1, 1, 0), ("min(x, 0)", 0.5, 1, 0, 0.5),
    ],
)  # fmt: skip
def test_conventions(
    text: str, zero: float, left: float | None, right: float | None, mean: float
) -> None:
    graph = gd.parse(text)
    assert graph.backprop(x=0).gradients["x"] == zero
    assert graph.backprop(x=0, kink="mean").gradients["x"] == mean
    if left is not None and right is not None:
        assert graph.backprop(x=0, kink="left").gradients["x"] == left
        assert graph.backprop(x=0, kink="right").gradients["x"] == right


@pytest.mark.parametrize("count", [2, 3, 5])
def test_ties_share_evenly_and_add_up_to_one(count: int) -> None:
    names = [f"x{k}" for k in range(count)]
    trace = gd.parse(f"max({', '.join(names)})").backprop(dict.fromkeys(names, 7))
    assert list(trace.gradients.values()) == [Fraction(1, count)] * count


def test_a_tie_below_the_maximum_is_no_kink() -> None:
    trace = gd.parse("max(x, y, z)").backprop(x=1, y=1, z=2)
    assert trace.kinks == () and trace.gradients == {"x": 0, "y": 0, "z": 1}
    assert gd.parse("min(x, y, z)").backprop(x=1, y=1, z=-2).kinks == ()


# Limits of difference quotients on either side, and whether the output jumps, by hand.
AROUND = [
    ("x*sign(x)", {"x": 0}, "x", -1, 1, False),
    ("where(x>=0,1,-1)*x", {"x": 0}, "x", -1, 1, False),
    ("x + 3*step(x)", {"x": 0}, "x", 1, 1, True),
    ("x - floor(x)", {"x": 1}, "x", 1, 1, True),
    ("ceil(x)*x", {"x": 1}, "x", 1, 2, True),
    ("atan2(y,x)", {"x": -1, "y": 0}, "y", -1, -1, True),
    ("cos(atan2(y,x))", {"x": -1, "y": 0}, "y", 0, 0, False),
    ("where(x>0,exp(-1/x),0)", {"x": 0}, "x", 0, 0, False),
    ("where(x==0,1,sin(x)/x)", {"x": 0}, "x", 0, 0, False),
    ("where(x==2,4,x^2)", {"x": 2}, "x", 4, 4, False),
    ("where(x>0,x^2,-x^2)", {"x": 0}, "x", 0, 0, False),
    ("relu(x)-relu(-x)", {"x": 0}, "x", 1, 1, False),
    ("sum(sign(v)*v)", {"v": [0, 1]}, "v[0]", -1, 1, False),
]


@pytest.mark.parametrize(("text", "point", "name", "left", "right", "jump"), AROUND)
def test_slopes_and_jumps_are_those_of_the_output(
    text: str, point: dict[str, Any], name: str, left: int, right: int, jump: bool
) -> None:
    [kink] = gd.parse(text).backprop(point).kinks[:1]
    assert (kink.left[name], kink.right[name]) == (left, right)
    assert (name in kink.jump) is jump
    assert name in kink.proved


@pytest.mark.parametrize(
    ("text", "at", "told", "hint"),
    [
        ("2*x^(a+b)", {"x": 0, "a": 0, "b": 0}, "the slope of pow in a + b is", "any x ≠ 0 for"),
        ("sqrt(u - 1)", {"u": 1}, "the slope of sqrt in u - 1 is", "sqrt: u - 1 ≥ 0 (derivative"),
        ("q = u - 1; sqrt(q)", {"u": 1}, "the slope of sqrt in q is", "sqrt: q ≥ 0 (derivative"),
        ("log(u*v)", {"u": 0, "v": 1}, "log(0) is not defined", "log needs u*v > 0"),
        ("atan2(u, v)", {"u": 0, "v": 0}, "atan2(0, 0) is not", "atan2 needs (u, v) ≠ (0, 0)"),
        ("sum(sqrt(u))", {"u": [1, 0]}, "the slope of sqrt in u is", "sqrt: u ≥ 0"),
        ("sqrt(u-v+u-v+u-v+u-v+w*v-w*u)", {"u": 1, "v": 1, "w": 3}, "sqrt in its operand", "x ≥ 0"),
    ],
)
def test_messages_speak_of_what_was_written(
    text: str, at: dict[str, Any], told: str, hint: str
) -> None:
    """Not of the parameters of the op's row, which nobody has typed."""
    with pytest.raises(gd.GraphDiffError) as caught:
        gd.parse(text).backprop(at)
    assert told in caught.value.message
    assert hint in caught.value.hint


def test_kinks_are_told_in_the_operands_that_were_written() -> None:
    (kink,) = gd.parse("relu(u*w)").backprop(u=0, w=1).kinks
    assert kink.where == "u*w = 0"


# Slopes along both axes are 0; along d the slope is min(|d₁|, |d₂|), and so on: no gradient.
BETWEEN_THE_AXES = (
    "min(abs(x), abs(y))",
    "1/10^30*min(abs(x), abs(y))",
    "sin(3)*min(abs(x), abs(y))",
    "min(relu(x), relu(-y)) + x^2",
)


@pytest.mark.parametrize("text", BETWEEN_THE_AXES)
def test_a_kink_between_the_axes(text: str) -> None:
    trace = gd.parse(text).backprop(x=0, y=0)
    assert not any(kink.smooth for kink in trace.kinks) and not trace.settled
    assert all(kink.left == kink.right for kink in trace.kinks)
    arrays = gd.parse(f"x:2; y:2; sum({text})").backprop(x=[1, 0], y=[3, 0])
    assert arrays.kinks and not any(kink.smooth for kink in arrays.kinks)


@pytest.mark.parametrize(
    "text", ["2*max(x, y) - abs(x - y)", "max(x, y)*min(x, y)", "sin(3)*(max(x, y) + min(x, y))"]
)
def test_kinks_that_cancel_in_all_directions(text: str) -> None:
    trace = gd.parse(text).backprop(x="3/10", y="3/10")
    assert trace.kinks and all(kink.smooth for kink in trace.kinks)


def test_a_side_is_proved_only_by_a_ball_that_tells_it() -> None:
    """The factor is 0 in the first, and 10^-90 in the second: balls around 0 in both."""
    trace = gd.parse("abs(x)*(sin(y)^2 + cos(y)^2 - 1)").backprop(x=0, y=1)
    (kink,) = trace.kinks
    assert kink.left["x"] == kink.right["x"] == 0 and not kink.proved and not trace.settled
    (kink,) = gd.parse("abs(x)*(exp(t) - 1)").backprop(x=0, t="1e-90").kinks
    assert (float(kink.left["x"]), float(kink.right["x"])) == (-1e-90, 1e-90)
    assert not kink.smooth


UNNEEDED = {
    "sqrt(W)[0, 0]": [[0.35355339059327373, 0], [0, 0]],
    "sum(sqrt(W)[0])": [[0.35355339059327373, 0.2886751345948129], [0, 0]],
    "tanh(log(W))[0, 0]": [[0.32, 0], [0, 0]],
    "sum(sqrt(log(W))[0])": [[0.30028060219661246, 0.15901076366666735], [0, 0]],
}


@pytest.mark.parametrize("text", UNNEEDED)
def test_entries_without_a_value_that_the_output_does_not_need(text: str) -> None:
    """By hand: what is not picked has slope 0, whatever its rule would say of no value."""
    trace = gd.parse(text).backprop(W=[[2, 3], [-1, "1/2"]])
    found = [[float(x) for x in row] for row in trace.gradients["W"]]
    assert found == [pytest.approx(row, rel=1e-14) for row in UNNEEDED[text]]
    assert trace.verify().proved


def test_a_tie_of_nothing_is_no_tie() -> None:
    """Entries without a value meet in max: the refusal names where the value is missing."""
    text = "q = where([0, 1] > 0, log([1, 1]*s), t + [2, 0]); sum(sqrt(q) + max(2*q, exp(q)))"
    with pytest.raises(DomainError, match=r"log\(0\) is not defined"):
        gd.parse(text).backprop(s=0, t=0)


@pytest.mark.parametrize(
    ("text", "at", "gradient"),
    [
        # On the line x = y both branches are the same function, so each has the same slope on it.
        ("where(x == y, x^2, x*y)", {"x": -1, "y": -1}, {"x": -1, "y": -1}),
        ("where(x != y, x*y, x^2)", {"x": -1, "y": -1}, {"x": -1, "y": -1}),
        ("where(x == 0, y, y + x)", {"x": 0, "y": 1}, {"x": 1, "y": 1}),
        ("where(2*x == y, y^2, 4*x^2)", {"x": 1, "y": 2}, {"x": 8, "y": 0}),
    ],
)
@pytest.mark.parametrize("kink", ["zero", "mean", "left", "right"])
def test_branches_that_meet_on_a_line(
    text: str, at: dict[str, int], gradient: dict[str, int], kink: str
) -> None:
    trace = gd.parse(text).backprop(at, kink=kink)
    assert trace.gradients == gradient
    assert trace.settled
    assert trace.verify().proved


def test_branches_that_part_beside_a_line_have_a_kink() -> None:
    trace = gd.parse("where(x == 0, y, y + z)").backprop(x=0, y=1, z=0)
    assert not trace.settled
    assert trace.kinks


@pytest.mark.parametrize("factor", ["", "1/3*", "sin(3)*", "2*"])
@pytest.mark.parametrize("kink", ["zero", "mean", "left", "right"])
def test_shares_that_do_not_fit_give_way_to_a_piece(factor: str, kink: str) -> None:
    # Along both axes max(0, min(x, y)) is 0; its pieces have the gradients (0, 0), (1, 0), (0, 1).
    trace = gd.parse(f"{factor}max(0, min(x, y))").backprop(x=0, y=0, kink=kink)
    assert trace.gradients == {"x": 0, "y": 0}
    assert not trace.settled
    assert trace.kinks[0].bent
    assert trace.verify().ok


@pytest.mark.parametrize(
    ("kink", "slope"), [("zero", 0), ("mean", Fraction(-1, 2)), ("left", -1), ("right", 0)]
)
def test_gates_whose_shares_do_not_fit_in_one_variable(kink: str, slope: Fraction) -> None:
    text = "where(x - relu(x) < 0, -(x - relu(x)), 2*(x - relu(x)))"  # relu(−x)
    trace = gd.parse(text).backprop(x=0, kink=kink)
    assert trace.gradients == {"x": slope}
    assert (trace.kinks[0].left, trace.kinks[0].right) == ({"x": -1}, {"x": 0})
    assert trace.verify().ok


@pytest.mark.parametrize(
    ("text", "at", "slopes"),
    [
        # Around 0 the function is 0 along every axis; at [1, 2] it is x.
        ("sum(max(0, min(x, y)))", {"x": [0, 1], "y": [0, 2]}, {"x": [0, 1], "y": [0, 0]}),
        ("sum(max(0, min(x, y)))", {"x": [0] * 6, "y": [0] * 6}, {"x": [0] * 6, "y": [0] * 6}),
        ("max(0, min(x))", {"x": [0, 0, 0]}, {"x": [0, 0, 0]}),
        ("sum(max(0, min(x, y)))*t", {"x": [0], "y": [0], "t": 3}, {"x": [0], "y": [0], "t": 0}),
        # A constant where x < 0: y below x makes y/x more than 1, and above x it is x/x.
        ("sum(min(min(x, y)/x, 1))", {"x": [-1, -2], "y": [-1, 3]}, {"x": [0, 0], "y": [0, 0]}),
    ],
)
def test_entries_get_no_number_that_is_proved_to_be_no_slope(
    text: str, at: dict[str, Any], slopes: dict[str, Any]
) -> None:
    gradients = gd.parse(text).backprop(at).gradients
    assert {name: np.asarray(g).tolist() for name, g in gradients.items()} == slopes


@pytest.mark.parametrize(("kink", "one"), [("zero", 0), ("right", 1), ("left", -1)])
@pytest.mark.parametrize(
    ("rest", "x", "slope"), [("where(x==2, 4, x^2)", 2, 4), ("relu(x) - relu(-x)", 0, 1)]
)
def test_a_kink_keeps_its_convention_beside_gates_that_need_a_piece(
    rest: str, x: int, slope: int, kink: Any, one: int
) -> None:
    """x alone has a slope, and |y| has the one that the convention says, as without the rest."""
    trace = gd.parse(f"abs(y) + {rest}").backprop({"x": x, "y": 0}, kink=kink)
    assert trace.gradients == {"y": one, "x": slope}
    arrays = gd.parse(f"sum(abs(v)) + {rest}").backprop({"x": x, "v": [0, -3]}, kink=kink)
    assert [float(g) for g in arrays.gradients["v"]] == [one, -1]
    assert float(arrays.gradients["x"]) == slope
