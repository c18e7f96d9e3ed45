"""The verifier: right gradients pass, wrong ones do not, and what cannot be decided is said."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.core.limits import limited
from graphdiff.core.ops import STANDARD
from graphdiff.errors import DomainError, LimitExceeded, ParseError
from graphdiff.language.notation.numbers import decimals
from graphdiff.study.proof.symbolic import simplified


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("sin(x)", "1e22"),
        ("sin(x)", "1e30"),
        ("exp(exp(x))", -1000),
        ("leaky_relu(relu(x)/3.3, 0.1)", Fraction(-55, 100)),
        ("relu6(1/gelu_tanh(x))", Fraction(-183, 100)),
        (
            "t1 = x*x - 1; " + "; ".join(f"t{k} = t{k - 1}*t{k - 1} - 1" for k in range(2, 18)),
            "1/3",
        ),
        ("exp(x) - 1", "1e-15"),
        ("sigmoid(40 + x)", 0),
        ("asin(x)", "0.9999999"),
        ("max(x, x)", 2),
        ("3", None),
    ],
)
def test_right_gradients_are_proved(text: str, at: Any) -> None:
    report = gd.parse(text).backprop({} if at is None else {"x": at}).verify()
    assert report.ok
    assert report.methods[0].ok is True


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("relu(sin(x))", "pi"),
        ("floor(sin(x))", "pi"),
        ("where(sin(x) < 0, x, -x)", "pi"),
        ("abs(sqrt(x)^2 - 2)", 2),
        ("sign(sqrt(x)^2 - 2)", 2),
    ],
)
def test_too_near_a_kink_is_undecided_not_wrong(text: str, at: Any) -> None:
    report = gd.parse(text).backprop(x=at).verify()
    assert report.ok
    assert report.methods[0].ok is None
    assert "kink" in " ".join(report.warnings)


@pytest.mark.parametrize(("text", "at"), [("floor(x)", 2), ("x*step(x - 1)", 1), ("3*sign(x)", 0)])
def test_right_on_a_jump_nothing_but_the_jump_is_told(text: str, at: Any) -> None:
    report = gd.parse(text).backprop(x=at).verify()
    assert report.warnings == ("the value jumps along x: no derivative",)
    assert report.methods[0].ok is None
    assert report.one_sided["x"].jump


@pytest.mark.parametrize(
    ("text", "ok"), [("abs(x)*log(abs(x))", True), ("tanh(abs(x))", True), ("x*floor(x)", None)]
)
def test_sympy_agrees_only_where_it_has_a_number(text: str, ok: bool | None) -> None:
    # sympy's derivative of floor stays unevaluated; those of |x| need a real x.
    pytest.importorskip("sympy")
    method = gd.parse(text).backprop(x="-5/2").verify("symbolic").methods[-1]
    assert method.ok is ok
    assert ("1 gradient at the point" in method.detail) is bool(ok)


def test_sympy_without_time_leaves_our_own_formulas() -> None:
    pytest.importorskip("sympy")
    graph = gd.parse("x*y + sin(x)^2 + cos(x)^2")
    x, y = graph.inputs["x"], graph.inputs["y"]
    with limited({"seconds": -5}):  # five seconds are for starting it
        ours = simplified(graph)
    assert (ours[y], ours[graph.output]) == ("x", "1")
    assert ours[x] == "y"


def test_a_tie_of_branches_with_one_slope_is_decided() -> None:
    report = gd.parse("max(sqrt(x)*sqrt(x), x)").backprop(x=2).verify()
    assert report.ok
    assert report.methods[0].ok


@pytest.mark.parametrize(
    ("text", "at"),
    [("tan(x)", "pi/2"), ("1/sin(x)", "pi"), ("sqrt(sin(x))", "pi"), ("x/sin(pi)", 1)],
)
def test_a_point_that_no_precision_tells_from_a_pole(text: str, at: Any) -> None:
    with pytest.raises(DomainError, match="cannot be told from a pole"):
        gd.parse(text).backprop(x=at).verify()


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("sin", lambda d, out, x: d.sin(x)),
        ("tanh", lambda d, out, x: 1 - out),
        ("exp", lambda d, out, x: 1 + out * 0),
        ("sqrt", lambda d, out, x: 1 / out),
    ],
)
def test_a_wrong_rule_is_found(name: str, rule: Any) -> None:
    broken = {**STANDARD, name: replace(STANDARD[name], partials=(rule,))}
    report = gd.parse(f"y*{name}(x)", broken).backprop(x=2, y=3).verify()
    assert not report.ok
    assert "disagrees" in report.methods[0].detail


@pytest.mark.parametrize("number", ["1e-17", "1e-12"])
def test_a_slightly_wrong_rule_is_found(number: str) -> None:
    # No finite difference in doubles sees this.
    def rule(d: Any, out: Any, x: Any) -> Any:
        return d.cos(x) + d.number(Fraction(number))

    broken = {**STANDARD, "sin": replace(STANDARD["sin"], partials=(rule,))}
    assert not gd.parse("sin(x)", broken).backprop(x=2).verify().ok


@pytest.mark.parametrize(
    ("text", "at", "value", "slope"),
    [
        # mpmath, 30 digits; doubles alone see a division by zero and the logarithm of zero.
        ("1/(exp(x) - 1)", "1e-20", 1e20, -1e40),
        ("log(1 - tanh(x))", 30, -59.30685281944005, -2.0),
        ("log(x)*x", "1e-200", -460.51701859880913e-200, -459.51701859880913),
    ],
)
def test_values_that_doubles_lose_are_found(text: str, at: Any, value: float, slope: float) -> None:
    trace = gd.parse(text).backprop(x=at)
    assert trace.value == pytest.approx(value, rel=1e-12)
    assert trace.gradients["x"] == pytest.approx(slope, rel=1e-12)
    assert trace.verify().ok


@pytest.mark.parametrize(
    ("text", "at"), [("1/(exp(x) - 1)", 0), ("log(x - x)", 1), ("log(sin(x) - sin(x))", 2)]
)
def test_true_poles_stay_errors(text: str, at: Any) -> None:
    with pytest.raises(DomainError):
        gd.parse(text).backprop(x=at)


def test_a_large_graph_on_a_kink_is_not_judged() -> None:
    # 350 inputs are checked along directions; across relu's kink these prove nothing.
    text = "relu(x0)" + "".join(f" + {k}*x{k}" for k in range(1, 350))
    report = gd.parse(text).backprop({f"x{k}": k for k in range(350)}).verify()
    assert report.methods[0].ok is None
    assert "kink" in report.methods[0].detail


@pytest.mark.parametrize(("off", "ok"), [("0", True), ("1/1000", False)])
def test_a_large_graph_is_judged_along_directions(off: str, ok: bool) -> None:
    # Too many inputs for a quotient in each of them.
    def rule(d: Any, out: Any, x: Any) -> Any:
        return d.cos(x) + d.number(Fraction(off))

    table = {**STANDARD, "sin": replace(STANDARD["sin"], partials=(rule,))}
    graph = gd.parse(" + ".join(f"sin({k}*x{k})" for k in range(1, 350)), table)
    method = graph.backprop({f"x{k}": Fraction(k, 7) for k in range(1, 350)}).verify().methods[0]
    assert method.ok is ok
    assert "3 random directions" in method.detail


@pytest.mark.parametrize(
    ("text", "at", "count"),
    [
        # Balls of 0 or of sin(π) have no leading digit that a step could follow.
        ("exp(sin(x))", {"x": "pi"}, 3),
        ("exp(x*y - 2)", {"x": "sqrt(2)", "y": "sqrt(2)"}, 5),
        ("cos(x) + exp(y)", {"x": 0, "y": 0}, 5),
    ],
)
def test_nodes_that_are_0_to_all_digits_move_too(text: str, at: Any, count: int) -> None:
    report = gd.parse(text).backprop(at).verify()
    assert report.proved
    assert report.warnings == ()
    assert report.methods[0].detail.startswith(f"{count} gradients")


def test_max_of_one_expression_is_that_expression() -> None:
    assert str(gd.parse("max(x, x)").gradient("x")["x"]) == "1"
    assert str(gd.parse("max(x, x, y)").gradient("x")["x"]) == "where(x > y, 1, 0)"


def test_slope_beyond_doubles_is_an_error() -> None:
    with pytest.raises(DomainError, match=r"beyond 1\.8e308"):
        gd.parse("1e300*x*1e300").backprop(x="1e-300")


def test_hexadecimal_is_not_a_product() -> None:
    with pytest.raises(ParseError, match="product with 0"):
        gd.parse("0x10*y")


def test_wide_max_is_bounded() -> None:
    with pytest.raises(LimitExceeded, match="operands"):
        gd.parse("max(" + ",".join(f"x{k}" for k in range(1001)) + ")")


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.125, "0.13"), (-0.625, "−0.63"), (3.375, "3.38"), (Fraction(1, 8), "0.13"), (2, "2.00")],
)
def test_slides_round_halves_away_from_zero(value: Any, text: str) -> None:
    assert decimals(value) == text


@pytest.mark.parametrize(
    ("text", "point", "upstream", "nowhere"),
    [
        ("log(x)", {"x": "1e-5"}, None, True),  # x - 1e-4 < 0
        ("log(x)*y", {"x": "1e-5", "y": 1}, None, False),
        ("u*exp(v)", {"u": [1, 2], "v": [0, 900]}, [1, 0], True),  # e^900 is beyond doubles
    ],
)
def test_no_difference_quotient_is_no_agreement(
    text: str, point: dict[str, Any], upstream: Any, nowhere: bool
) -> None:
    """Where none was formed none agrees; and an overflow is no edge of the domain."""
    graph = gd.parse(text)
    trace = (graph if upstream is None else graph.under(upstream)).backprop(point)
    [method] = [m for m in trace.verify().methods if "in doubles" in m.name]
    assert method.detail.startswith("no finite value in doubles at ")
    assert (method.max_error is None) == nowhere
