"""Numbers that are one double: equal, close, or not to be told apart."""

from fractions import Fraction
from typing import Any

import pytest
from mpmath import mp

import graphdiff as gd
from graphdiff.errors import DomainError

TINY = Fraction(-1, 10**200)


@pytest.mark.parametrize(
    ("text", "at", "gradients"),
    [
        ("max(log(2) + x, log(2) + s)", {"x": 0, "s": TINY}, {"x": 1, "s": 0}),
        ("max(log(2) + s, log(2) + x)", {"x": 0, "s": TINY}, {"x": 1, "s": 0}),
        ("min(log(2) + x, log(2) + s)", {"x": 0, "s": TINY}, {"x": 0, "s": 1}),
        ("max(exp(x), exp(s))", {"x": 0, "s": TINY}, {"x": 1, "s": 0}),
        ("where(exp(x) < exp(s), 2*x, 3*s)", {"x": 0, "s": TINY}, {"x": 0, "s": 3}),
        ("where(exp(x) == exp(s), 2*x, 3*s)", {"x": 0, "s": TINY}, {"x": 0, "s": 3}),
        ("relu(log(2) + s - log(2))", {"s": TINY}, {"s": 0}),
        ("relu(exp(s) - 1)", {"s": -TINY}, {"s": 1}),
        ("abs(exp(s) - 1)", {"s": TINY}, {"s": -1}),
        ("clamp(exp(s), 1, 2)", {"s": TINY}, {"s": 0}),
        ("max([exp(x), exp(s)])", {"x": 0, "s": TINY}, {"x": 1, "s": 0}),
        ("min([exp(x), exp(s)])", {"x": 0, "s": TINY}, {"x": 0, "s": 1}),
        ("sum(max([exp(x), 2*x], [exp(s), s]))", {"x": 0, "s": TINY}, {"x": 3, "s": 0}),
    ],
)
def test_numbers_that_are_close_are_told_apart(
    text: str, at: dict[str, Any], gradients: dict[str, int]
) -> None:
    trace = gd.parse(text).backprop(at)
    assert trace.gradients == pytest.approx(gradients, abs=0, rel=1e-15)
    assert trace.kinks == ()
    report = trace.verify()
    assert report.ok
    assert not any("sits on a kink" in warning for warning in report.warnings)


@pytest.mark.parametrize("digits", [20, 25, 30, 60, 300])
def test_close_entries_are_told_apart_at_every_distance(digits: int) -> None:
    graph = gd.parse("sum(max([exp(x), 2*x], [exp(s), s]))")
    trace = graph.backprop(x=0, s=Fraction(-1, 10**digits))
    assert trace.gradients == {"x": 3, "s": 0}


def test_entries_that_are_close_are_told_apart() -> None:
    graph = gd.parse("max((logsumexp(x, x))[2], s, logsumexp(s, s))")
    trace = graph.backprop(x=[0, 0, 0], s=TINY)
    assert list(trace.gradients["x"]) == [0, 0, 1]
    assert trace.gradients["s"] == 0


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("max(exp(x), exp(y))", {"x": 1, "y": 1}),
        ("max(sin(x)/cos(1), sin(y)/cos(1))", {"x": 1, "y": 1}),
        ("max(sqrt(2)*x, sqrt(3)*y)", {"x": "sqrt(3)", "y": "sqrt(2)"}),
        ("max([exp(x), exp(y)])", {"x": 1, "y": 1}),
    ],
)
def test_equal_irrational_numbers_tie(text: str, at: dict[str, Any]) -> None:
    trace = gd.parse(text).backprop(at)
    alone = gd.parse(text).backprop({**at, "y": 0})
    assert trace.gradients["x"] == pytest.approx(alone.gradients["x"] / 2, rel=1e-15)
    assert trace.kinks


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("relu(exp(log(x)) - 2)", {"x": 2}, "on which side of its kink relu is"),
        ("max(exp(x)*e^2, exp(x + y))", {"x": 1, "y": 2}, "which of max's operands is larger"),
        ("min(exp(x)*e^2, exp(x + y))", {"x": 1, "y": 2}, "which of min's operands is smaller"),
        ("max([exp(x)*e^2, exp(x + y)])", {"x": 1, "y": 2}, "which of max's operands is larger"),
        ("where(exp(x)*exp(y) < exp(x + y), x, y)", {"x": 1, "y": 2}, "two sides of <"),
    ],
)  # fmt: skip
def test_what_nothing_tells_is_refused(text: str, at: dict[str, Any], message: str) -> None:
    with pytest.raises(DomainError, match="cannot tell") as error:
        gd.parse(text).backprop(at)
    assert message in error.value.message


def test_a_choice_that_does_not_matter_is_made() -> None:
    trace = gd.parse("max(exp(x)*exp(y), exp(x + y), 3*x)").backprop(x=1, y=2)
    with mp.workdps(30):
        assert trace.gradients == {"x": float(mp.e**3), "y": float(mp.e**3)}


def test_shares_of_a_tie_below_a_tie() -> None:
    # On both sides of s = 1 this is sin(s).
    trace = gd.parse("min(sin(max(s, [[-1,1,-1],[2,2,2]])))").backprop(s=1)
    with mp.workdps(30):
        assert trace.gradients["s"] == float(mp.cos(1))
    assert trace.settled
    assert trace.verify().proved


def test_fractions_tie_in_balls_too() -> None:
    a = "([[3,1,0],[0,2,1],[1,2,3]]*t)"
    graph = gd.parse(f"norm(max_pool2d({a}/norm1({a}, axis=0, keepdims=True), 2, 1))")
    trace = graph.backprop(t=2)
    assert trace.gradients["t"] == 0
    assert abs(trace.enclosure.gradients[graph.inputs["t"]].mid()) < 1e-100


def test_numbers_of_a_point_are_no_doubles() -> None:
    # sin(pi) is 0, and so is sin(2*pi), which the doubles next to them do not tell.
    trace = gd.parse("max(sin(x))").backprop(x=["pi", "2*pi", 0])
    assert list(trace.gradients["x"]) == pytest.approx([-1 / 3, 1 / 3, 1 / 3], rel=1e-15)


def test_an_array_that_takes_another_where_they_are_equal() -> None:
    trace = gd.parse("sum(where(W != s, s, W))").backprop(W=[1, 2], s=2)
    assert list(trace.gradients["W"]) == [0, 0]
    assert trace.gradients["s"] == 2
    assert trace.verify().proved


@pytest.mark.parametrize("text", ["max(log(2) + x, log(2) + s)", "max([exp(x), exp(s)])"])
def test_no_command_takes_one_double_for_a_tie(text: str) -> None:
    at = {"x": 0, "s": TINY}
    assert [float(gd.jacobian(text, wrt=name, at=at).matrix[0, 0]) for name in "xs"] == [1, 0]
    found = gd.hessian(text, at=at).numbers
    assert found is not None
    assert list(found.gradient) == [1, 0]
    curve = 1 if "exp" in text else 0  # of e^x at 0
    assert [list(row) for row in found.matrix] == [[curve, 0], [0, 0]]
    assert [check.gradient for check in gd.gradcheck(text, at).checks] == [1, 0]


def test_a_jacobian_that_nothing_tells_is_refused() -> None:
    with pytest.raises(DomainError, match="cannot tell on which side"):
        gd.jacobian("relu(exp(log(x)) - 2)", wrt="x", at={"x": 2})


def test_an_entry_of_a_jacobian_is_next_to_its_ball() -> None:
    found = gd.jacobian("sin(10^4 + min(atan(x), 0))", wrt="x", at={"x": -1})
    with mp.workdps(40):
        slope = mp.cos(10**4 - mp.atan(1)) / 2
    assert float(found.matrix[0, 0]) == pytest.approx(float(slope), rel=1e-15)


def test_a_slope_that_is_0_is_no_rounding() -> None:
    text = "q1 = max(x[2], x[2], -1); q1 - kl_div(softmax(x), softmax(x))"
    found = gd.gradcheck(text, "x=[1/2,0,1]")
    assert [check.exact.value for check in found.checks if check.exact] == [0, 0, 1]
    assert found.ok
