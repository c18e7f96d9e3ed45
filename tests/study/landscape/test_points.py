"""Poles, jumps, holes, edges, stretches: limits by sympy, stretches by formulas of mpmath."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import graphdiff as gd
from graphdiff.program.germs.coefficients import Doubt
from graphdiff.program.germs.germ import Germ
from graphdiff.study.landscape import analyze
from graphdiff.study.landscape.showing import decimal
from graphdiff.study.landscape.sides import _slope

SINGULAR = [
    ("1/x", "1/x", 0, "pole"),
    ("1/abs(x)", "1/Abs(x)", 0, "pole"),
    ("1/(x-1)^2", "1/(x-1)**2", 1, "pole"),
    ("log(x)", "log(x)", 0, "pole"),
    ("log(abs(x))", "log(Abs(x))", 0, "pole"),
    ("coth(x)", "coth(x)", 0, "pole"),
    ("abs(x)/x", "Abs(x)/x", 0, "jump"),
    ("sign(x)", "sign(x)", 0, "jump"),
    ("floor(x)", "floor(x)", 1, "jump"),
    ("ceil(x)", "ceiling(x)", 1, "jump"),
    ("tanh(1/x)", "tanh(1/x)", 0, "jump"),
    ("atan(1/x)", "atan(1/x)", 0, "jump"),
    ("1/(1+exp(1/x))", "1/(1+exp(1/x))", 0, "jump"),
    ("sin(x)/x", "sin(x)/x", 0, "hole"),
    ("(x^2-1)/(x-1)", "(x**2-1)/(x-1)", 1, "hole"),
    ("(1-cos(x))/x^2", "(1-cos(x))/x**2", 0, "hole"),
    ("(exp(x)-1-x)/x^2", "(exp(x)-1-x)/x**2", 0, "hole"),
    ("log(1+x)/x", "log(1+x)/x", 0, "hole"),
    ("exp(-1/x^2)", "exp(-1/x**2)", 0, "hole"),
    ("sqrt(x)", "sqrt(x)", 0, "edge"),
    ("x*log(x)", "x*log(x)", 0, "edge"),
    ("asin(x)", "asin(x)", 1, "edge"),
    ("acosh(x)", "acosh(x)", 1, "edge"),
    ("sqrt(abs(x))", "sqrt(Abs(x))", 0, "steep"),
    ("cbrt(x)", "sign(x)*Abs(x)**Rational(1,3)", 0, "steep"),
    ("abs(x)^(2/3)", "Abs(x)**Rational(2,3)", 0, "steep"),
    ("exp(1/x)", "exp(1/x)", 0, "pole"),
    ("exp(1/x^2)*sinh(1/x)", "exp(1/x^2)*sinh(1/x)", 0, "pole"),
    ("-exp(1/x^2)*cosh(1/x)", "-exp(1/x^2)*cosh(1/x)", 0, "pole"),
    ("sec(x)", "1/cos(x)", sympy.pi / 2, "pole"),
    ("tan(x)", "tan(x)", sympy.pi / 2, "pole"),
]


@pytest.mark.parametrize(("text", "theirs", "at", "kind"), SINGULAR)
def test_limits_are_those_of_sympy(text: str, theirs: str, at: int, kind: str) -> None:
    x = sympy.Symbol("x", real=True)
    f = sympy.sympify(theirs, locals={"x": x})
    found = analyze(gd.parse(text), "x=-5/2..5/2")
    [point] = [p for p in found.points if abs(decimal(p.at) - float(at)) < 1e-12]
    assert point.kind == kind
    assert point.proved
    assert point.order == (0 if kind == "steep" else -1)  # −1: not continuous, or not on both sides
    for ours, side in ((point.left, "-"), (point.right, "+")):
        if ours is None:  # outside the domain
            assert kind in ("edge", "pole")
            continue
        limit = sympy.limit(f, x, at, side)
        assert decimal(ours) == pytest.approx(float(limit), rel=1e-14), side
    assert found.continuous.answer is (kind == "steep")


def test_a_remainder_beyond_the_first_power_has_slope_0() -> None:
    """o(t) has the slope 0 at 0, whatever it is; O(t) need not have one."""
    doubt = Doubt()
    for order in (Fraction(5, 4), Fraction(3, 2), 2, 3, math.inf):
        assert _slope(Germ({}, order, doubt), 1) == (0, None)
    for order in (Fraction(1, 2), 1):
        assert _slope(Germ({}, order, doubt), 1) == (None, None)


def test_slopes_of_holes_and_edges() -> None:
    [point] = analyze(gd.parse("log(1+x)/x"), "x=-1/2..1").points
    assert (point.value, point.left_slope) == (None, Fraction(-1, 2))
    [point] = [p for p in analyze(gd.parse("x*log(x)"), "x=0..1").points if p.at == 0]
    assert point.right_slope == -math.inf


def test_growth_of_the_slope_at_a_pole() -> None:
    [point] = analyze(gd.parse("1/abs(theta)"), "theta=-1..1").points
    assert point.rate == (Fraction(-2), 0)
    [point] = analyze(gd.parse("sqrt(abs(x))"), "x=-1..1").points
    assert point.rate == (Fraction(-1, 2), 0)
    assert (point.left_slope, point.right_slope) == (-math.inf, math.inf)


def test_where_a_sigmoid_saturates() -> None:
    """σ(1 − σ) = ε where σ = ½(1 ± √(1 − 4ε))."""
    found = analyze(gd.parse("sigmoid(x)"), "x=-20..20")
    eps = mpmath.mpf(1) / 1000
    s = (1 + mpmath.sqrt(1 - 4 * eps)) / 2
    edge = float(mpmath.log(s / (1 - s)))
    assert [r.kind for r in found.regions] == ["flat", "flat"]
    assert decimal(found.regions[0].high) == pytest.approx(-edge, rel=1e-15)
    assert decimal(found.regions[1].low) == pytest.approx(edge, rel=1e-15)
    assert all(r.proved for r in found.regions)


@pytest.mark.parametrize(
    ("text", "over", "levels"),
    [
        # |−sin x| is 1 at π/2, inside; elsewhere it is less.
        ("cos(x)", "x=1..4", {"flat": 1, "steep": 2}),
        # 10 + (x² − 2)² is 10 at √2, inside; elsewhere it is more.
        ("x^5/5 - 4*x^3/3 + 14*x", "x=1..4", {"steep": 10}),
    ],
)
def test_a_stretch_whose_slope_touches_the_level_is_not_proved(
    text: str, over: str, levels: dict[str, int]
) -> None:
    [region] = analyze(gd.parse(text), over, **levels).regions
    assert (region.low, region.high) == (1, 4)
    assert not region.proved


def test_where_a_gradient_explodes() -> None:
    found = analyze(gd.parse("1/abs(theta)"), "theta=-1..1", steep=100)
    [region] = found.regions
    assert (region.kind, region.low, region.high) == ("steep", Fraction(-1, 10), Fraction(1, 10))


def test_a_dead_relu_is_constant() -> None:
    found = analyze(gd.parse("relu(w*x + b)"), "x=-3..3", at={"w": 2, "b": 1})
    assert [(r.kind, r.low, r.high, r.proved) for r in found.regions] == [
        ("constant", Fraction(-3), Fraction(-1, 2), True)
    ]


def test_outside_the_domain() -> None:
    found = analyze(gd.parse("log(x) + sqrt(2 - x)"), "x=-1..3")
    gone = [(r.low, r.high) for r in found.regions if r.kind == "outside"]
    assert gone == [(-1, 0), (2, 3)]


def test_stationary_points_of_a_quartic() -> None:
    """x⁴ − 2x² has minima −1 at ±1 and a maximum 0 at 0."""
    found = analyze(gd.parse("x^4 - 2*x^2"), "x=-3..3")
    assert [(s.at, s.value, s.kind, s.proved) for s in found.stationary] == [
        (-1, -1, "minimum", True), (0, 0, "maximum", True), (1, -1, "minimum", True),
    ]  # fmt: skip
    [s] = analyze(gd.parse("x^3"), "x=-3..3").stationary
    assert s.kind == "inflection"


def test_oscillation_is_not_called_proved() -> None:
    """sin(1/x) has no limit at 0; x·sin(1/x) has one, and no derivative."""
    for text in ("sin(1/x)", "where(x == 0, 0, x*sin(1/x))"):
        point = next(p for p in analyze(gd.parse(text), "x=-1..1").points if p.at == 0)
        assert point.kind == "oscillation"
        assert not point.proved
        assert not point.differentiable


def test_zeros_of_fractions_of_two_denominators() -> None:
    # x + 3 = x² + 2x, of which one solution is beyond −2.
    found = analyze(gd.parse("abs(1/(x+2) - x/(x+3))"), "x=-1..4")
    assert [p.kind for p in found.points] == ["kink"]
    assert decimal(found.points[0].at) == pytest.approx((math.sqrt(13) - 1) / 2, rel=1e-15)
    found = analyze(gd.parse("abs(2/(x^2+1) - x/(x^2+1))"), "x=-1..4")
    assert [(p.at, p.kind) for p in found.points] == [(2, "kink")]


@pytest.mark.parametrize("rest", ["0", "10^(-100)", "-10^(-100)"])
def test_a_constant_that_no_digit_tells_from_0_decides_no_limit(rest: str) -> None:
    # c/x has the limit 0 from below, or none, and 1/(c + x) a limit, or none.
    c = f"log(6) - log(2) - log(3) + {rest}"
    for text in (f"({c})/x", f"1/(({c})*x + x^2)", f"1/({c} + x)"):
        found = analyze(gd.parse(f"where(x < 0, {text}, 1)"), "x=-1..1")
        point = next(p for p in found.points if abs(decimal(p.at)) < 1e-9)
        assert (point.kind, point.left) == ("undecided", None)
        assert not point.proved


@pytest.mark.parametrize("rest", ["10^(-100)", "-10^(-100)"])
def test_a_zero_that_may_lie_right_beside_the_end_is_not_ruled_out(rest: str) -> None:
    # sin(π(x + 1)) + 10^-100 is 0 at about 3·10^-101, inside; with the other sign outside.
    found = analyze(gd.parse(f"abs(sin(pi*(x + 1)) + {rest})"), "x=0..1/4")
    assert found.continuous.answer is not False
    assert not found.differentiable.proved
    assert not found.proved
    found = analyze(gd.parse(f"sign(sin(pi*(x + 1)) + {rest})"), "x=0..1/4")
    assert not any(point.proved for point in found.points)
    assert not found.continuous.proved


def test_a_squared_sine_divides_at_every_zero() -> None:
    found = analyze(gd.parse("sin(x)^2/sin(x)"), "x=1..7")
    assert [decimal(p.at) for p in found.points] == pytest.approx([math.pi, 2 * math.pi])
    assert {p.kind for p in found.points} == {"hole"}


@pytest.mark.parametrize(
    ("text", "y", "x", "jumps"),
    [
        ("atan2(x, -1)", lambda t: t, lambda t: -1, [0]),
        ("atan2(x, x)", lambda t: t, lambda t: t, [0]),
        ("atan2(x^2, x)", lambda t: t * t, lambda t: t, [0]),
        # Where y is 0 all along, the angle turns where x changes its sign.
        ("atan2(0*x, x)", lambda t: 0, lambda t: t, [0]),
        ("atan2(0*x, x^2 - 1/4)", lambda t: 0, lambda t: t * t - 0.25, [-0.5, 0.5]),
        ("atan2(relu(x - 1/2), x)", lambda t: max(t - 0.5, 0), lambda t: t, [0]),
        ("atan2(relu(x), x)", lambda t: max(t, 0), lambda t: t, [0]),
    ],
)
def test_angles_jump_where_those_of_the_library_do(
    text: str, y: Callable[[float], float], x: Callable[[float], float], jumps: list[float]
) -> None:
    found = analyze(gd.parse(text), "x=-1..1")
    assert not [r for r in found.regions if r.kind == "outside"]
    points = [p for p in found.points if p.kind == "jump"]
    assert [decimal(p.at) for p in points] == jumps
    for point, at in zip(points, jumps, strict=True):
        for ours, t in ((point.left, at - 1e-9), (point.right, at + 1e-9)):
            assert decimal(ours) == pytest.approx(math.atan2(y(t), x(t)), abs=1e-8)


@pytest.mark.parametrize(
    ("text", "kinds", "values"),
    [
        # d/dx atan2(1, x) = −1/(1 + x²); the angle of (1, 1) is π/4, of (−1, 1) 3π/4.
        ("atan2(1, x) + x/2", ("maximum", "minimum"), (math.pi * 3 / 4 - 0.5, math.pi / 4 + 0.5)),
        ("atan2(-1, x) - x/2", ("minimum", "maximum"), (0.5 - math.pi * 3 / 4, -math.pi / 4 - 0.5)),
    ],
)
def test_stationary_points_of_angles(
    text: str, kinds: tuple[str, ...], values: tuple[float, ...]
) -> None:
    found = analyze(gd.parse(text), "x=-3..3").stationary
    assert [(s.at, s.kind) for s in found] == list(zip((-1, 1), kinds, strict=True))
    assert [decimal(s.value) for s in found] == pytest.approx(values, rel=1e-14)


def test_a_power_of_nothing_is_nothing() -> None:
    """max(0, x)^(5/2) is 0 for x < 0, and has two derivatives at 0."""
    found = analyze(gd.parse("relu(x)^2.5"), "x=-1..1")
    assert found.smoothness == "C^2"
    assert [(r.low, r.high) for r in found.regions if r.kind == "constant"] == [(-1, 0)]


def test_arrays() -> None:
    found = analyze(gd.parse("sum(relu(x*[1, 2] - 2))"), "x=-3..3")
    assert [(p.at, p.left_slope, p.right_slope) for p in found.points] == [(1, 0, 2), (2, 2, 3)]


def lines() -> st.SearchStrategy[str]:
    """Continuous programs made of lines, in x."""
    leaves = st.sampled_from(["x", "1", "2*x - 1", "x/3"])

    def grow(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
        names = st.sampled_from(["relu", "abs", "relu6", "hardtanh", "leaky_relu"])
        pair = st.tuples(inner, inner)
        return st.one_of(
            pair.map(lambda t: f"({t[0]}) - ({t[1]})"),
            st.tuples(names, inner).map(lambda t: f"{t[0]}({t[1]})"),
            pair.map(lambda t: f"max({t[0]}, {t[1]})"), pair.map(lambda t: f"min({t[0]}, {t[1]})"),
        )  # fmt: skip

    return st.recursive(leaves, grow, max_leaves=6)


@given(lines())
def test_points_of_piecewise_linear_programs(text: str) -> None:
    """One-sided quotients in fractions, exact for lines, at every point and between them."""
    graph = gd.parse(f"0*x + {text}")
    found = analyze(graph, "x=-3..3")
    step = Fraction(1, 2**60)

    def quotients(x: Fraction) -> tuple[Fraction, Fraction]:
        below, here, above = (
            Fraction(graph.backprop(x=x + s).value) for s in (-step, Fraction(0), step)
        )
        return (here - below) / step, (above - here) / step

    assert found.continuous.answer is True
    inside = [p for p in found.points if -3 < p.at < 3]
    for point in inside:
        assert quotients(point.at) == (point.left_slope, point.right_slope)
        assert point.differentiable is (point.left_slope == point.right_slope)
    ends = [Fraction(-3), *[p.at for p in inside], Fraction(3)]
    for low, high in pairwise(ends):
        left, right = quotients(low)[1], quotients(high)[0]
        middle = quotients((low + high) / 2)
        assert left == right == middle[0] == middle[1]
