"""Activations and losses: what the books say of their smoothness, point by point."""

from __future__ import annotations

import json
import math
import tomllib
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.core.ops import activation, losses
from graphdiff.study.landscape import analyze
from graphdiff.study.landscape.showing import decimal

ROWS = tomllib.loads(
    (Path(__file__).parent / "data" / "smoothness.toml").read_text(encoding="utf-8")
)["row"]
GOLDEN = json.loads(
    (Path(__file__).parents[2] / "golden" / "kinks.json").read_text(encoding="utf-8")
)


def test_every_activation_and_loss_is_there() -> None:
    told = {row["op"] for row in ROWS}
    assert told >= {row.name for row in (*activation.ROWS, *losses.ROWS)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["text"])
def test_class_and_one_sided_derivatives(row: dict[str, Any]) -> None:
    found = analyze(gd.parse(row["text"]), row.get("over", "x=-3..3"))
    assert found.smoothness == row["class"]
    verdicts = (found.continuous, found.differentiable, found.smooth)
    assert all(item.proved for item in (*verdicts, *found.points))
    assert found.continuous.answer is (row["class"] != "")
    assert found.differentiable.answer is (row["class"] not in ("", "C^0"))
    assert found.smooth.answer is (row["class"] == "C^∞")
    expected = [tuple(map(Fraction, point)) for point in row.get("points", [])]
    shown = [(p.at, p.left_slope, p.right_slope) for p in found.points if p.kind != "jump"]
    assert [decimal(at) for at, *_ in shown] == [float(at) for at, *_ in expected]
    for (_, left, right), (_, a, b) in zip(shown, expected, strict=True):
        assert abs(decimal(left) - float(a)) < 1e-15
        assert abs(decimal(right) - float(b)) < 1e-15
    assert [p.at for p in found.points if p.kind == "jump"] == row.get("jumps", [])


OURS = {"clamp(x,min=0)": "clamp(x, min=0)", "elu(x), alpha=1": "elu(x)",
        "relu(x)-relu(-x)  (=x)": "relu(x) - relu(-x)"}  # fmt: skip


@pytest.mark.parametrize("row", GOLDEN if isinstance(GOLDEN, list) else GOLDEN["kinks"],
                         ids=lambda row: row["id"])  # fmt: skip
def test_published_kinks(row: dict[str, Any]) -> None:
    text = OURS.get(row["expr"], row["expr"])
    found = analyze(gd.parse(text), "x=-1..1")
    at = Fraction(row["point"]["x"])
    [point] = [p for p in found.points if p.at == at]
    assert (decimal(point.left_slope), decimal(point.right_slope)) == (row["left"], row["right"])
    assert point.differentiable is (row["left"] == row["right"])
    assert point.proved


@pytest.mark.parametrize("n", range(1, 8))
def test_truncated_powers(n: int) -> None:
    found = analyze(gd.parse(f"max(0, x - 1/3)^{n}"), "x=-1..1")
    assert found.smoothness == f"C^{n - 1}"
    assert found.points[0].at == Fraction(1, 3)


def test_a_power_of_high_order_is_not_called_smooth() -> None:
    """|x|^11 is C^10, no more; a finite expansion must not prove C^∞."""
    for text in ("(x^2)^5.5", "abs(x)^11", "abs(x^11)", "sqrt(x^22)"):
        found = analyze(gd.parse(text), "x=-1..1")
        assert found.smooth.answer is None
        assert not found.smooth.proved


INSIDE = [
    "log(1/2+x)", "log2(1/2+x)", "log10(1/2+x)", "sqrt(1/2+x)", "cbrt(x-1/2)", "acosh(3/2+x)",
    "asin(1/2+x)", "acos(x-1/2)", "atanh(x-1/2)", "erf(x)", "softplus(x)", "normal_cdf(x)",
]  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_a_choice_between_two_equal_formulas_is_smooth(text: str) -> None:
    """All of these are analytic around 0; x³|x| has three derivatives there."""
    assert analyze(gd.parse(f"where(x>0,{text},{text})"), "x=-1/4..1/4").smoothness == "C^∞"
    bent = gd.parse(f"where(x>0,{text}+x^4,{text}-x^4)")
    assert analyze(bent, "x=-1/4..1/4").smoothness == "C^3"


def test_kinks_at_irrational_points_are_proved() -> None:
    found = analyze(gd.parse("abs(x^2 - 2) + abs(sin(x))"), "x=1..4")
    places = [decimal(p.at) for p in found.points]
    assert places == pytest.approx([2**0.5, 3.141592653589793], rel=1e-15)
    assert [p.kind for p in found.points] == ["kink", "kink"]
    assert found.proved
    steps = [decimal(p.right_slope) - decimal(p.left_slope) for p in found.points]
    assert steps == pytest.approx([4 * 2**0.5, 2])


ANALYTIC = [
    # Their roots cancel: power series of mpmath or sympy have whole powers only.
    ("cosh(acosh(x))", "x=1..2"),
    ("acosh(x)^2", "x=1..2"),
    ("acosh(x)^4", "x=1..2"),
    ("acosh(2*x-1)^2", "x=1..2"),
    ("acosh(x/3)^2", "x=3..5"),
    ("asech(x)^2", "x=1/2..1"),
    ("log(x+sqrt(x^2-1))^2", "x=1..2"),
    ("acosh(1+x)*sqrt(x)", "x=0..1"),
    ("acosh(x)*sqrt(x-1)", "x=1..2"),
    ("exp(acosh(x))+exp(-acosh(x))", "x=1..2"),
    ("sin(asin(x))", "x=-1..1"),
    ("cos(acos(x))", "x=-1..1"),
    ("acos(x)^2", "x=0..1"),
    ("sqrt(2*x)-sqrt(2)*sqrt(x)", "x=0..1"),
    ("x+sqrt(2*x)-sqrt(2)*sqrt(x)", "x=0..1"),
    ("exp(sqrt(2*x))+exp(-sqrt(2*x))", "x=0..1"),
    ("cbrt(2*x)-cbrt(2)*cbrt(x)+x^2", "x=-1..1"),
    ("sqrt(3*x)*sqrt(x)", "x=0..1"),
    ("sqrt(x)*(sqrt(6)-sqrt(2)*sqrt(3))", "x=0..1"),
    ("cos(sqrt(x))", "x=0..1"),
]


@pytest.mark.parametrize(("text", "over"), ANALYTIC)
def test_roots_that_cancel_break_nothing(text: str, over: str) -> None:
    found = analyze(gd.parse(text), over)
    assert found.differentiable.answer is True
    assert found.differentiable.proved
    assert found.smooth.answer is not False
    assert all(point.at_least or point.order is None for point in found.points)


UNTOLD = [
    # 0, and only constants that no digits tell from others say so.
    ("sqrt(exp(1)*x)-exp(1/2)*sqrt(x)", "x=0..1"),
    ("sqrt(log(2)*x)-sqrt(log(2))*sqrt(x)+x", "x=0..1"),
    ("abs(x)*(log(6)-log(2)-log(3))", "x=-1..1"),
    ("sqrt(x^2*exp(2))-exp(1)*abs(x)", "x=-1..1"),
]


@pytest.mark.parametrize(("text", "over"), UNTOLD)
def test_what_no_digit_decides_is_not_decided(text: str, over: str) -> None:
    found = analyze(gd.parse(text), over)
    assert not found.smooth.proved
    assert found.smooth.answer is None
    assert found.differentiable.answer is not False
    assert not found.proved


def test_every_term_of_a_series_is_there() -> None:
    # cos √x = Σ (−x)^k/(2k)!: the polynomial is its start, and differs in the sixth derivative.
    series = "+".join(f"(-x)^{k}/{math.factorial(2 * k)}" for k in range(6))
    found = analyze(gd.parse(f"where(x>0, cos(sqrt(x)), {series})"), "x=-1..1")
    assert found.smoothness == "C^5"
    assert found.smooth.proved


@pytest.mark.parametrize(
    ("text", "slopes"),
    [
        # gelu_tanh writes sqrt(2/pi); its slope at 0 is 1/2
        ("where(x > 0, gelu_tanh(x), x)", (1, 0.5)),
        ("where(x > 0, sqrt(x + sqrt(2)), x*0)", None),
        ("where(x > 0, x*log(sqrt(2) + x), x)", (1, math.log(2) / 2)),
        ("where(x > 0, x*asin(x + sqrt(2)/2), x)", (1, math.pi / 4)),
        ("where(x > 0, x*(x + pi)^sqrt(2), x)", (1, math.pi ** math.sqrt(2))),
    ],
)
def test_roots_and_pi_inside_of_pieces(text: str, slopes: tuple[float, float] | None) -> None:
    found = analyze(gd.parse(text), "x=-1/4..1/4")
    [joint] = found.points
    if slopes is None:
        assert joint.kind == "jump"
    else:
        assert joint.kind == "kink"
        assert (float(joint.left_slope), float(joint.right_slope)) == pytest.approx(slopes)
