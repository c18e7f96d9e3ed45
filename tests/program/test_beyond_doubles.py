"""Numbers that doubles overflow, underflow or lose on the way, and branches that are not taken.

Expected values come from mpmath at 60 digits, or by hand.
"""

from __future__ import annotations

import json
import math
import warnings
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import Any

import mpmath
import numpy as np
import pytest
from click.testing import CliRunner

import graphdiff as gd
from graphdiff.core.domains.array import FloatArrays, entrywise
from graphdiff.core.ops import STANDARD
from graphdiff.errors import DomainError, GraphDiffError
from graphdiff.study.report.numbers import Numbers
from graphdiff_cli.main import root

Point = dict[str, Any]


def run(text: str, at: Point, **options: Any) -> gd.Trace:
    return gd.parse(text).backprop(at, **options)


def close(number: Any, expected: Any) -> None:
    with mpmath.workdps(60):
        exact = Fraction(number)
        ours = mpmath.mpf(exact.numerator) / exact.denominator
        expected = mpmath.mpf(expected)
        assert abs(ours - expected) <= abs(expected) * mpmath.mpf(2) ** -52


def spread(first: float) -> Any:
    """More entries than are computed exactly, of which only the first is remarkable."""
    entries = np.full(5_000, 1.5)
    entries[0] = first
    return entries


@pytest.mark.parametrize("entries", [[0, -1], spread(0)], ids=["few", "many"])
@pytest.mark.parametrize(
    "text", ["tanh(1/x)", "min(1/x, 3)", "sign(1/x)", "step(1/x)", "1/(1/x)", "1/log(x^2)"]
)
def test_the_infinity_of_a_pole_is_not_hidden_by_what_follows(text: str, entries: Any) -> None:
    with pytest.raises(gd.GraphDiffError, match=r"division by zero|log\(0\) is not defined"):
        run(f"sum({text})", {"x": entries})


def test_an_infinity_on_a_branch_that_is_not_taken_is_harmless_in_doubles() -> None:
    trace = run("sum(where(x > 0, tanh(log(x)), 2*x))", {"x": spread(0)})
    assert trace.gradients["x"][0] == 2


def test_an_overflow_that_hides_in_a_large_array_is_carried_through() -> None:
    trace = run("sum(atan(x*x*1e-310))", {"x": spread(1e155)})
    close(trace.value, mpmath.pi / 4)
    close(trace.gradients["x"][0], "1e-155")
    trace = run("sum(1/(1 + exp(-x)))", {"x": spread(-800)})
    assert abs(trace.gradients["x"][0]) < 1e-300


def test_doubles_alone_do_not_make_a_singular_matrix_regular() -> None:
    # softmax is positive everywhere, though e^−801 is 0 in doubles: step makes ones of it.
    with pytest.raises(gd.GraphDiffError, match="singular"):
        run("sum(solve(step(softmax(Q)), u))", {"Q": [[0, 1], ["0.5", -800]], "u": [2, 1]})


def test_doubles_alone_do_not_make_a_divisor_other_than_0() -> None:
    with pytest.raises(gd.GraphDiffError, match="division by zero"):
        run("1/(step(exp(x)) - 1)", {"x": -800})


@pytest.mark.parametrize("point", [["-1", "1e160"], [["1e160", "1"], ["1e160", "2"]]])
def test_softmax_of_numbers_far_apart_has_an_enclosure(point: Any) -> None:
    trace = run("lse(x)", {"x": point})
    assert trace.value == 1e160
    ties = np.asarray(point) == "1e160"
    assert np.array_equal(trace.gradients["x"], ties / ties.sum())
    assert trace.verify().ok


def test_an_array_program_with_a_missing_number_is_refused() -> None:
    with pytest.raises(gd.GraphDiffError, match=r"log\(0\) is not defined"):
        run("min(det(log(Q) + 1), sqrt(r))", {"Q": [[0, 1], [2, 3]], "r": 2})
    with pytest.raises(gd.GraphDiffError, match="not defined"):
        run("max(s, r^0.5)/(1 + amin(B))", {"s": 0, "r": -1, "B": [[1, 2]]})


@pytest.mark.parametrize(
    ("text", "at", "value", "gradients"),
    [
        ("sqrt(x^2+y^2)", {"x": "3e200", "y": "4e200"}, "5e200", {"x": "0.6", "y": "0.8"}),
        ("sqrt(x^2)", {"x": "1e200"}, "1e200", {"x": 1}),
        ("cbrt(x^3)", {"x": "1e200"}, "1e200", {"x": 1}),
        ("exp(x)*exp(-x)", {"x": 800}, 1, {"x": 0}),
        ("1e-200*x*1e-200*1e300", {"x": 2}, "2e-100", {"x": "1e-100"}),
        ("log(1/(1+exp(-x)))", {"x": -1000}, -1000, {"x": 1}),
        ("1/(1+exp(-x))", {"x": -800}, mpmath.exp(-800), {"x": mpmath.exp(-800)}),
        ("where(exp(x)<5, x^2, x)", {"x": 1000}, 1000, {"x": 1}),
        ("relu(x)*exp(y)", {"x": -1, "y": 1000}, 0, {"x": 0, "y": 0}),
        ("acot(x)*x", {"x": "1e-310"}, mpmath.mpf("1e-310") * mpmath.pi / 2, {"x": mpmath.pi / 2}),
        ("exp(x)", {"x": -745}, mpmath.exp(-745), {"x": mpmath.exp(-745)}),
        ("(exp(x)-1)/x", {"x": "1e-15"}, 1 + mpmath.mpf("5e-16"),
         {"x": 0.5 + mpmath.mpf("1e-15") / 3}),
        ("(1-cos(x))/x^2", {"x": "1e-9"}, 0.5, {"x": -mpmath.mpf("1e-9") / 12}),
        ("tanh(x)", {"x": 20}, mpmath.tanh(20), {"x": mpmath.sech(20) ** 2}),
    ],
)  # fmt: skip
def test_the_numbers_are_those_of_mathematics(
    text: str, at: Point, value: Any, gradients: Point
) -> None:
    with mpmath.workdps(60):
        trace = run(text, at)
        close(trace.value, value)
        for name, expected in gradients.items():
            close(trace.gradients[name], expected)
        assert trace.verify().ok


@pytest.mark.parametrize(
    ("text", "at", "value", "gradient"),
    [
        ("log(sum(exp(z)))", [1000, 999], 1000 + math.log1p(math.exp(-1)),
         [1 / (1 + math.exp(-1)), 1 / (1 + math.e)]),
        ("sum(where(z <= 10, exp(z), 1))", [1, "1e10"], math.e + 1, [math.e, 0]),
        ("sum(where(z <= 10, exp(z), z))", [1, 1000], math.e + 1000, [math.e, 1]),
        ("sum(where(z > 0, sqrt(z), 0))", [-3, 4], 2, [0, 0.25]),
        ("sum(where(z > 2, log2(z), 2*z))", [0, 1, 3], 2 + math.log2(3),
         [2, 2, 1 / (3 * math.log(2))]),
        ("norm(z)", ["3e200", "4e200"], 5e200, [0.6, 0.8]),
    ],
)  # fmt: skip
def test_the_same_for_arrays(text: str, at: list[Any], value: float, gradient: Any) -> None:
    trace = run(text, {"z": at})
    assert float(trace.value) == pytest.approx(value, rel=1e-15)
    np.testing.assert_allclose(trace.gradients["z"].astype(float), gradient, rtol=1e-15)
    assert trace.verify().ok


def test_every_local_gradient_and_share_is_right_where_doubles_have_none() -> None:
    trace = run("exp(x)*exp(-x)", {"x": 800})
    with mpmath.workdps(60):
        for edge in trace.edges:
            if edge.target == trace.graph.output:
                close(edge.local, mpmath.exp(800 if edge.position else -800))
    # Of tanh at 20 doubles say 1 − 1 = 0.
    (slope,) = (edge.local for edge in run("tanh(x)", {"x": 20}).edges)
    assert slope == pytest.approx(float(mpmath.sech(20) ** 2), rel=1e-15)


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("exp(x)", {"x": 1000}, r"exp\(1000\) overflows"),
        ("2*exp(x)", {"x": 800}, r"exp\(800\) overflows.* at node n1"),
        ("x^2", {"x": "1e200"}, "overflows"),
        ("log(exp(x))", {"x": "1e10"}, r"exp\(1e\+10\) overflows.* at node n1"),
        ("atan(x)*log(y)", {"x": 1, "y": "1e-310"}, "gradient of y is beyond"),
        ("where(log(x) < 0, x^2, x)", {"x": -3}, r"log\(-3\) is not defined at node n1"),
        ("where(1/x < 5, x^2, x)", {"x": 0}, "division by zero"),
        ("log(x)^0", {"x": -1}, r"log\(-1\) is not defined at node n1"),
        ("sum(where(log(z) < 0, z^2, z))", {"z": [-3]}, r"log\(-3\) is not defined"),
        ("max(log(x), 1)", {"x": -1}, r"log\(-1\) is not defined"),
    ],
)
def test_what_has_no_value_is_refused_with_its_place(text: str, at: Point, message: str) -> None:
    with pytest.raises(gd.GraphDiffError, match=message):
        run(text, at)


def test_a_condition_without_a_value_takes_no_branch_in_large_arrays_either() -> None:
    z = np.full(6000, 2.0)
    z[17] = -3.0
    with pytest.raises(gd.GraphDiffError, match=r"log\(-3\) is not defined"):
        run("sum(where(log(z) < 0, z^2, z))", {"z": z})


@pytest.mark.parametrize(
    ("text", "at", "gradients"),
    [
        ("max(0, norm(a-p)-norm(a-n)+1)", {"a": [1, 2], "p": [1, 2], "n": [5, 5]},
         {"a": [0, 0], "p": [0, 0], "n": [0, 0]}),
        ("max(sqrt(x*x+y*y), 1e-10)", {"x": 0, "y": 0}, {"x": 0, "y": 0}),
        ("relu(sqrt(x) - 1)", {"x": 0}, {"x": 0}),
        ("clamp(cbrt(x), 1, 2)", {"x": 0}, {"x": 0}),
        ("where(x > -1, x, sqrt(x))", {"x": 0}, {"x": 1}),
        ("amax(sqrt(z))", {"z": [0, 4]}, {"z": [0, 0.25]}),
        ("min(sqrt(x), -1 + y)", {"x": 0, "y": 0}, {"x": 0, "y": 1}),
    ],
)  # fmt: skip
def test_nothing_flows_to_an_operand_that_lost(text: str, at: Point, gradients: Point) -> None:
    trace = run(text, at)
    for name, expected in gradients.items():
        np.testing.assert_array_equal(trace.gradients[name], expected)
    assert trace.verify().ok


@pytest.mark.parametrize("text", ["sqrt(x)*0", "relu(sqrt(x))", "sqrt(x)*cos(x)"])
def test_a_number_that_happens_to_be_0_is_not_nothing(text: str) -> None:
    # relu is on its kink at 0, which lets √x's slope through.
    if text == "sqrt(x)*0":
        assert gd.parse("y*sqrt(x)").backprop({"x": 4, "y": 0}).gradients == {"y": 2, "x": 0}
        return
    with pytest.raises(gd.GraphDiffError, match="slope of sqrt"):
        run(text, {"x": 0})


def test_sums_that_are_0_are_0_and_say_their_bound() -> None:
    for text, at in [
        ("sum(softmax(z))", {"z": [1, 2, 3]}),
        ("sum(batch_norm(z))", {"z": [[1, 2], [3, 5], [2, 2]]}),
    ]:
        trace = run(text, at)
        assert not np.any(trace.gradients["z"])
        report = trace.verify()
        assert report.ok
        shown = Numbers(trace, report).gradient(trace.graph.inputs["z"])
        assert shown.count("0 ± 1e-") == np.size(trace.gradients["z"])


def faulty(name: str, slope: Any) -> dict[str, gd.Op]:
    return {**STANDARD, name: replace(STANDARD[name], partials=(slope,))}


@pytest.mark.parametrize(
    ("name", "slope", "text", "at"),
    [
        ("sin", lambda d, out, x: -d.cos(x), "1e-19*sin(x)", 1),
        ("exp", lambda d, out, x: 0, "exp(-x^2)", 7),
        ("exp", lambda d, out, x: 0 * out, "exp(-x)", 45),
        ("exp", lambda d, out, x: 0 * out, "1 + exp(-x)", 200),
        ("tanh", lambda d, out, x: 0 * out, "tanh(x)", 40),
        ("exp", lambda d, out, x: out * d.number(Fraction(10**17 + 1, 10**17)), "1e-30*exp(x)", 1),
    ],
)  # fmt: skip
def test_a_wrong_rule_is_caught_however_small_the_gradient(
    name: str, slope: Any, text: str, at: int
) -> None:
    assert not gd.parse(text, faulty(name, slope)).backprop(x=at).verify().ok


@pytest.mark.parametrize("text", ["max(1e-130, x)", "max(1e-200, x)", "abs(x - 1e-150) + x"])
def test_next_to_a_tiny_kink_a_right_gradient_is_no_false_alarm(text: str) -> None:
    trace = run(text, {"x": 0})
    assert trace.gradients["x"] == 0
    assert trace.verify().ok


@pytest.mark.parametrize("convention", ["zero", "left", "right", "mean"])
@pytest.mark.parametrize("text", ["max(x, y)", "min(x, y)", "max(x, y, 1)", "sum(max(x*[1,2], y))"])
def test_slopes_at_a_tie_are_one_convex_combination(convention: Any, text: str) -> None:
    trace = run(text, {"x": 1, "y": 1}, kink=convention)
    shares = [trace.gradients["x"], trace.gradients["y"]]
    assert all(0 <= share <= 3 for share in shares)
    # Moving x and y together moves the largest as much (the constant 1 may take a share).
    total = sum(shares)
    assert total == (3 if "[1,2]" in text else 1) or (", 1)" in text and 0 <= total <= 1)


def test_a_constant_that_ties_leaves_the_side_to_the_variable() -> None:
    assert run("max(0, x)", {"x": 0}, kink="right").gradients["x"] == 1
    assert run("max(0, x)", {"x": 0}, kink="left").gradients["x"] == 0


def test_large_arrays_are_shown_as_certified() -> None:
    x = np.full(3000, 1.1e-16)
    trace = gd.parse("sum(exp(x) - 1)").backprop(x=x)
    assert not trace.verify().ok  # doubles say 0
    certified = trace.certified()
    assert certified.value == pytest.approx(3000 * 1.1e-16, rel=1e-15)
    assert certified.verify().ok


@pytest.mark.parametrize(
    ("text", "at", "gradients"),
    [
        # An infinite slope times 0 (by hand: √(x⁴) is x², √x² is x, ∛(x⁵) and x√x are flat at 0).
        ("sqrt(x^4)", {"x": 0}, {"x": 0}),
        ("sqrt(x)^2", {"x": 0}, {"x": 1}),
        ("x*sqrt(x)", {"x": 0}, {"x": 0}),
        ("cbrt(x^5)", {"x": 0}, {"x": 0}),
        ("norm(x)^2", {"x": [0, 0]}, {"x": [0, 0]}),
        ("norm(y-t)^2/2", {"y": [1, 2], "t": [1, 2]}, {"y": [0, 0], "t": [0, 0]}),
        ("sqrt(relu(x))", {"x": -1}, {"x": 0}),
        ("acos(sign(x))", {"x": 2}, {"x": 0}),
        # Kinks that cancel.
        ("relu(x)-relu(-x)", {"x": 0}, {"x": 1}),
        ("relu(x)-relu(-x)+y", {"x": 0, "y": 1}, {"x": 1, "y": 1}),
        ("max(x,y)+min(x,y)", {"x": 1, "y": 1}, {"x": 1, "y": 1}),
        ("abs(x)^3", {"x": 0}, {"x": 0}),
        # Holes that where fills with the limit.
        ("where(x==2, 4, x^2)", {"x": 2}, {"x": 4}),
        ("where(x==0, 1, sin(x)/x)", {"x": 0}, {"x": 0}),
        ("where(x==0, 1, (exp(x)-1)/x)", {"x": 0}, {"x": 0.5}),
        ("where(x!=0, (exp(x)-1-x)/x^2, 1/2)", {"x": 0}, {"x": Fraction(1, 6)}),
    ],
)  # fmt: skip
def test_a_gradient_that_exists_is_found(text: str, at: Point, gradients: Point) -> None:
    trace = run(text, at)
    for name, expected in gradients.items():
        np.testing.assert_array_equal(trace.gradients[name], expected)
    assert trace.verify().ok
    assert all(kink.smooth for kink in trace.kinks)


def test_where_the_chain_rule_has_no_numbers_no_others_are_made_up() -> None:
    trace = run("sqrt(x^4)", {"x": 0})
    assert trace["n1"].gradient is None
    assert [edge.contribution for edge in trace.edges] == [None, None]
    with pytest.raises(gd.GraphDiffError, match=r"slope of sqrt.*\n.*\n.*\n.*tend to x: 0"):
        trace.complete()
    with pytest.raises(gd.GraphDiffError, match="slope of sqrt"):
        trace.figure()


def test_a_root_makes_a_kink() -> None:
    (kink,) = run("sqrt((x-1)^2)", {"x": 1}).kinks
    assert (kink.left, kink.right) == ({"x": -1}, {"x": 1})
    for convention, slope in {"zero": 0, "left": -1, "right": 1, "mean": 0}.items():
        assert run("sqrt((x-1)^2)", {"x": 1}, kink=convention).gradients["x"] == slope


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("norm(x)+relu(y)", {"x": [0, 0], "y": 0}),
        ("sqrt(x)", {"x": 0}),
        ("cbrt(x^3+y^3)", {"x": 0, "y": 0}),
    ],
)
def test_a_gradient_that_does_not_exist_is_refused(text: str, at: Point) -> None:
    with pytest.raises(gd.GraphDiffError, match="slope of"):
        run(text, at)


@pytest.mark.parametrize("text", ["floor(x)", "where(x >= 1, x, 0)", "x - floor(x)"])
def test_no_number_is_proved_where_the_value_jumps(text: str) -> None:
    report = run(text, {"x": 1}).verify()
    assert report.ok
    assert not report.proved


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("where(x==0, 0, sqrt(x))", {"x": 0}), ("where(x==0, 0, cbrt(x))", {"x": 0}),
        ("where(x==0, 0, x*log(x))", {"x": 0}), ("where(x==0, 0, sqrt(abs(x)))", {"x": 0}),
        ("where(x > 0, sqrt(x), 0)*y", {"x": 0, "y": 2}),
        ("sum(where(x==0, 0, sqrt(x)))", {"x": [0, 1]}),
    ],
)  # fmt: skip
def test_a_branch_taken_at_one_point_hides_no_infinite_slope(text: str, at: Point) -> None:
    with pytest.raises(gd.GraphDiffError, match=r"the slope of f in x.* is infinite here"):
        run(text, at)


@pytest.mark.parametrize(
    ("text", "at", "gradients"),
    [
        ("where(x==0, 0, x^1.5 + x)", {"x": 0}, {"x": 1}),
        ("sum(where(x==2, 4, x^2)*y)", {"x": [2, 1], "y": [3, 4]}, {"x": [12, 8], "y": [4, 1]}),
        ("sum(relu(x) - relu(-x))", {"x": [0, 1]}, {"x": [1, 1]}),
    ],
)
def test_a_filled_hole_has_the_slope_around_it(text: str, at: Point, gradients: Point) -> None:
    test_a_gradient_that_exists_is_found(text, at, gradients)


@pytest.mark.parametrize(
    ("text", "at", "wrt", "gradient"),
    [
        ("norm(y-t)^2/2", {"y": [1, 2], "t": [1, 2]}, "y", [0, 0]),
        ("sqrt(x^4) + y", {"x": 0, "y": 1}, "x", 0),
        ("where(x==2, 4, x^2)*y", {"x": 2, "y": 3}, "x", 12),
    ],
)
def test_a_gradient_that_exists_is_found_where_it_alone_is_asked(
    text: str, at: Point, wrt: str, gradient: Any
) -> None:
    trace = gd.parse(text).backprop(at, wrt=[wrt])
    assert list(trace.gradients) == [wrt]
    np.testing.assert_array_equal(trace.gradients[wrt], gradient)
    assert trace.verify().ok


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("max(sqrt(x), 1)*y", "x=0,y=2"), ("where(x > 0, sqrt(x), 0)", "x=-1"),
        ("relu(-1 - sqrt(x)) + x", "x=0"), ("max(0, norm(a) - 1)", "a=[0,0]"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["backprop", "explain", "flow", "gradcheck", "steps"])
def test_every_command_lets_nothing_flow_where_a_slope_is_infinite(
    command: str, text: str, at: str
) -> None:
    result = CliRunner().invoke(root, [command, text, "--at", at])
    assert result.exit_code == 0, result.output


def test_an_answer_is_judged_where_nothing_flows_into_an_infinite_slope() -> None:
    def verdict(answer: str) -> str:
        asked = {"df/dx": answer}
        return gd.check("max(sqrt(x), 1)*y", at={"x": 0, "y": 2}, answers=asked).status

    assert (verdict("0"), verdict("1")) == ("right", "wrong")


def test_a_witness_shows_a_large_point_in_few_digits() -> None:
    line = ["check", "--graph", "r=x^2+y^2; f=sqrt(r)", "--at", "x=3e200,y=-4e200"]
    result = CliRunner().invoke(root, [*line, "--answers", "df/dx=0"])
    assert "at  x = 3e200, y = -4e200: answer 0, right 0.6" in result.output
    assert max(map(len, result.output.splitlines())) <= 100


def test_the_middle_of_a_wide_enclosure_is_no_number() -> None:
    # log_softmax does not change when all scores grow by the same; balls do not know the branch.
    trace = run("lse(log_softmax(where(o < o, u, r), axis=0))", {"o": ["0.3"], "u": [2, 1], "r": 0})
    numbers = Numbers(trace, trace.verify())
    assert trace.gradients["r"] == 0
    assert numbers.data(0.0, numbers.gradient_ball(trace.graph.inputs["r"])) == 0
    value = numbers.data(trace["n5"].value, numbers.value_ball(trace.graph.find("n5")))
    assert np.allclose(value, float(-mpmath.log(2)), rtol=1e-15)


def test_python_arithmetic_on_nan_wakes_no_warning_of_numpy() -> None:
    entries = np.array([math.nan, math.inf, 1.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(entrywise(lambda x: x - x < 1, entries)) == [False, False, True]


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("sum(x/1e400)*1e400", [1, 1]),
        ("sum(exp(x))*1e400*1e-400", [math.e, math.e**2]),
        ("sum(where(x > 0, x, 1e400*x))", [1, 1]),
        ("sum(x - 1e400*x*1e-400)", [0, 0]),
        ("sum(x*1e400)", None),
        ("sum(x) + 1e400", None),
    ],
)
def test_constants_beyond_doubles_in_arrays(text: str, gradient: list[float] | None) -> None:
    """They are answered, or refused in words, by whatever computes in doubles."""
    point = {"x": [1, 2]}
    if gradient is None:
        with pytest.raises(DomainError):
            gd.parse(text).backprop(point)
    else:
        found = gd.parse(text).backprop(point).gradients["x"]
        assert found.astype(float) == pytest.approx(np.array(gradient))
    calls: list[Any] = [gd.jacobian, gd.flow, gd.gradcheck, gd.descend]
    for call in calls:
        try:
            call(text, None, point) if call is gd.jacobian else call(text, point)
        except GraphDiffError as error:
            told = str(error)
        else:
            continue
        assert "overflows" in told or "doubles" in told


def test_points_beyond_doubles_in_arrays() -> None:
    for value in ([10**400], np.array([10**400], dtype=object), 10**400):
        with pytest.raises(DomainError, match="overflows"):
            gd.parse("sum(x^2)").backprop(x=value)
        found = gd.parse("sum(1/x)").backprop(x=value).gradients["x"]
        assert np.ravel(found).tolist() == [-Fraction(1, 10**800)]


def test_a_number_is_padded_by_nothing() -> None:
    assert gd.parse("pad(x, width=1)^2").backprop(x=3).gradients == {"x": 6}


def test_conditions_of_arrays_of_doubles() -> None:
    """Numbers of doubles decide no condition, and are asked for none of their own entries."""
    x = np.arange(-3000, 3000) / 7
    trace = gd.parse("sum(where(x > 0, x^2, x))").backprop(x=x).certified()
    assert trace.gradients["x"] == pytest.approx(np.where(x > 0, 2 * x, 1), rel=1e-15)
    with pytest.raises(DomainError, match="division by zero"):
        gd.parse("min(where([1, 0] == 1, relu([-1, 0]/x), x))").backprop(x=[0, 1])


EDGES = (0.0, 1.0, -1.0, 0.5, -2.0, 1e-310, 1e-200, -1e200, 1e308, -1e308, 711.0, -746.0)


def edge_of(row: Any) -> list[np.ndarray[Any, Any]]:
    """Operands among which one entry, in every lane of a vector unit, is at an edge of doubles."""
    count = len(row.samples[0])
    found = []
    for turn, numbers in enumerate(product(EDGES, repeat=min(count, 2))):
        place = 5 * turn % 37
        entries = np.tile(np.array(row.samples[0], dtype=float)[:, None], (1, 37))
        entries[: len(numbers), place] = numbers
        found.append(entries)
    return found


@pytest.mark.parametrize("name", [x for x, r in STANDARD.items() if r.elementwise and r.samples])
def test_every_op_tells_when_it_leaves_the_finite_numbers(name: str) -> None:
    """Values are not looked at one by one where no flag is raised."""
    domain, row = FloatArrays(), STANDARD[name]
    for operands in edge_of(row):
        with domain.watching() as watch:
            try:
                value = row.value(domain, *operands)
            except (ArithmeticError, ValueError):
                continue  # a program of which no plan is made
        assert watch.raised or np.isfinite(value).all(), operands


@pytest.mark.parametrize(
    "text", ["sum(tanh(x*1e200*1e200))", "tanh(prod(x*1e200))", "sum(tanh(cumsum(x*1e308)))",
             "tanh(sum(x*1e308))", "tanh((1e200*x)@(1e200*x))", "tanh(det(1e300*reshape(x, 4, 4)))",
             "sum(tanh(solve(1e-200*diag(x), 1e200*x)))", "tanh(mean(x*1e308))"],
)  # fmt: skip
def test_no_array_op_hides_that_it_overflows(text: str) -> None:
    graph = gd.parse(text, shapes={"x": (16,)})
    x = 1 + np.arange(16.0) ** 2 / 7
    values, finite = graph.plan(None).watched({"x": x})
    assert finite == all(np.isfinite(v).all() for v in values.values())
    assert not finite


@pytest.mark.parametrize("text", ["sum(tanh(x))", "tanh(x@x)", "sum(x*0 + tanh(x)) + sum(x[0:3])"])
def test_an_infinity_in_a_large_input_is_refused_though_it_would_not_show(text: str) -> None:
    x = np.full(70_000, 0.5)
    x[69_000] = np.inf
    with pytest.raises(gd.GraphDiffError, match=r"the value of x is inf at \[69000\]"):
        run(text, {"x": x})


def test_a_direction_across_a_kink_passes_what_no_double_holds() -> None:
    """Both operands of max are 1 around the point; one is so by way of 4e400 and its root."""
    by = "sign(0.3 + sqrt((y*1e200)^2 + (3e200)^2)*1e-200)"
    trace = gd.parse(f"x*y + max({by}, abs(y - 0.3)/(y - 0.3))").backprop(x=3, y=2)
    assert trace.value == 7 and trace.gradients == {"x": 2, "y": 3}
    assert trace.verify().ok


def test_a_slope_beside_an_exact_number_beyond_doubles() -> None:
    """(1/x²)·x^1.5 is y/√x, though 1/x² is 1e600 exactly; 1e400 is a constant as any other."""
    trace = gd.parse("(1/(x*x))*(x^1.5*relu(y))").backprop(x="1e-300", y=0)
    (kink,) = trace.kinks
    assert (kink.left["y"], kink.right["y"]) == (0, pytest.approx(1e150))
    report = trace.verify()
    assert report.ok and not any("jump" in text for text in report.warnings)
    steep = gd.parse("exp(-460*y)*(exp(-460*y)*abs((x - 1)*1e400)) + abs(y - 1)").backprop(x=1, y=1)
    assert steep.kinks[0].right["x"] == pytest.approx(math.exp(400 * math.log(10) - 920))
    assert steep.verify().ok


@pytest.mark.parametrize("convention", ["zero", "left", "right", "mean"])
@pytest.mark.parametrize(
    "text",
    [
        "relu(x)*y",
        "abs(x)/3 + y",
        "where(x < 0, 1, 1 + x*y)",
        "1e100*relu(x) + y",
        "1e-130*leaky_relu(x) + y",
    ],
)
def test_the_slope_of_one_side_is_between_both(text: str, convention: Any) -> None:
    """Though the double of a quotient is none of 3/10's."""
    trace = gd.parse(text).backprop({"x": 0, "y": "0.3"}, kink=convention)
    report = trace.verify()
    assert report.ok and not any("jump" in text for text in report.warnings)


@pytest.mark.parametrize(
    "untaken", ["cosh(prod(B^1.5))", "sum(B@log(B))", "sum(softmax(log(B))[0]*log(sum(B^1.5)))"]
)
def test_arrays_without_values_on_a_branch_not_taken_leave_the_balls_alone(untaken: str) -> None:
    b = np.array([[2, -2.5], [2, -2.5]])
    graph = gd.parse(f"where(x < 0, {untaken}, norm(B))", shapes={"B": (2, 2)})
    trace = graph.backprop({"x": 1, "B": b}).certified()
    found = np.asarray(trace.gradients["B"], float)
    np.testing.assert_allclose(found, b / np.linalg.norm(b), rtol=1e-15)
    assert trace.verify().proved


def test_a_gate_with_a_value_whose_operand_has_none_tells_no_slope() -> None:
    """e^800000 has no number here, e^−800000 · e^800000 = 1 has one; the output needs neither."""
    program = "q = y + exp(800*x)*exp(-800*x); L = y*y"
    done = CliRunner().invoke(root, ["backprop", program, "--at", "x=1000,y=2", "--json"])
    assert done.exit_code == 0
    assert json.loads(done.stdout)["gradients"] == {"y": 4, "x": 0}


@pytest.mark.parametrize(
    "program", ["k = exp(800*x)*exp(-800*x) - 1; x^2 + k", "exp(900*x)*exp(-900*x) - 1 + x^2"]
)
def test_what_vanishes_beyond_doubles_is_zero_with_its_bound(program: str) -> None:
    trace = gd.parse(program).backprop(x=1)
    assert trace.value == 1
    assert trace.gradients["x"] == 2
    assert trace.verify().ok


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("1 > sinc(y^2)", True),
        ("where(1 > sinc(y^2), 1, 2) > 3/2", False),
        ("where(1 > sinc(y^2), 0, 1) + where(1 > sinc(y^2), 0, 1) > 1", False),
        ("floor(sinc(y^2)) > 1/2", False),
        ("sign(1 - sinc(y^2)) > 1/2", True),
        ("relu(1 - sinc(y^2)) > 0", True),
        ("max(1, 2 - sinc(y^2)) > 1", True),
    ],
)
def test_a_fraction_that_a_double_chose_decides_nothing(condition: str, holds: bool) -> None:
    """sinc(t) = 1 − (πt)²/6 + …: below 1 by 1.6e-68 at t = 1e-34, where no double tells them."""
    program, at = f"where({condition}, 2*y, x*y)", {"x": "3", "y": "-1e-17"}
    slopes = {"y": 2, "x": 0} if holds else {"y": 3, "x": -1e-17}
    assert gd.parse(program).backprop(at).gradients == slopes
    for name, slope in slopes.items():
        assert float(gd.jacobian(program, name, at).matrix[0][0]) == slope
    hessian = CliRunner().invoke(root, ["hessian", program, "--at", "x=3,y=-1e-17", "--json"])
    numbers = json.loads(hessian.stdout)
    names = [label.partition("[")[0] for label in numbers["variables"]]
    assert dict(zip(names, numbers["at"]["gradient"], strict=True)) == slopes


def test_branches_that_balls_join_are_no_number() -> None:
    """y ≤ y holds: the slope in x is 1, not the middle of the slopes of both branches."""
    hole = "where(x == 2, 0.25, (1 - cos(x - 2))/(x - 2)^2)"
    program = f"where(where(x <= 1, x, y) <= min(y, 1e-3), x, {hole})"
    found = gd.jacobian(program, "x", {"x": "2", "y": "-1e-17"})
    assert found.matrix.tolist() == [[1]]


@pytest.mark.parametrize("program", ["mod(x, 0)", "mod(0, y)*x", "mod(x, y)", "x + 0*mod(x, y)"])
def test_a_remainder_by_0_has_no_value(program: str) -> None:
    with pytest.raises(DomainError, match="division by zero"):
        gd.parse(program).backprop({"x": 3, "y": 0} if "y" in program else {"x": 3})


def test_an_entry_without_a_value_is_not_equal_to_itself() -> None:
    """0/0 in one entry: no branch is taken there, as for numbers."""
    with pytest.raises(DomainError, match="division by zero"):
        gd.parse("p = A/A; y*sum(where(p <= p, A, p))").backprop({"A": [1, 0, 1], "y": 1})


def test_a_constant_gate_stops_a_slope_that_is_infinite() -> None:
    """std has no slope where all entries are equal, and sign is constant beside −1/2."""
    program = "p = exp(v); L = std(sign(cumsum(A / w[0])))"
    trace = gd.parse(program).backprop({"v": [0.3, 1], "w": [2, 2], "A": [[-1, -1], [-1, -1]]})
    assert not np.any(trace.gradients["A"]) and not np.any(trace.gradients["w"])
    assert trace.verify().ok


def test_slopes_of_a_jump_beyond_doubles() -> None:
    """mod(2, y) jumps at y = 1e-130, a divisor of 2: the one-sided slope of x⁴ times it is beyond
    doubles.  So is that of max's operand at 1e640."""
    for program, point in (
        ("L = max(x^4*mod(2, y), x)", "y=1e-130,x=1e160"),
        ("L = max(where(A < 1, mod(B, y)*A^4, A))", "y=1e-130,A=[1e160,1],B=[2,3]"),
    ):
        done = CliRunner().invoke(root, ["backprop", program, "--at", point, "--json"])
        assert done.exit_code in (0, 2), done.exception
        if done.exit_code == 0:
            json.loads(done.stdout, parse_constant=pytest.fail)
