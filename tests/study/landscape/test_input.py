"""Bad, large and hopeless input: a clear error or a bounded answer."""

from __future__ import annotations

import json
import math
import time
from fractions import Fraction

import pytest

import graphdiff as gd
from graphdiff.errors import BadPoint, GraphDiffError, LimitExceeded, Unsupported
from graphdiff.study.landscape import analyze, roots


@pytest.mark.parametrize(
    ("over", "message"),
    [
        ("x=3..-3", "the interval of x is empty: 3 is not below -3"),
        ("x=1..1", "the interval of x is empty: 1 is not below 1"),
        ("x=-inf..inf", "the interval of x is infinite"),
        ("x=0..oo", "the interval of x is infinite"),
        ("x=0..nan", "nan is not a number"),
        ("x=5", "'x=5' is no interval"),
        ("x", "'x' is no interval"),
        ("y=-1..1", "the expression has no variable y"),
        ("x=[1,2]..3", "an end of the interval of x is an array"),
        ("x=log(-1)..3", "log(-1) is not defined"),
    ],
)
def test_intervals_that_are_none(over: str, message: str) -> None:
    with pytest.raises(GraphDiffError) as caught:
        analyze(gd.parse("relu(x)"), over)
    assert caught.value.message == message


@pytest.mark.parametrize(("text", "value"), [("5", 5), ("a = 2; a^2", 4), ("exp(0)", 1)])
def test_a_constant_is_a_function_of_any_variable(text: str, value: int) -> None:
    found = analyze(gd.parse(text), "theta=-1..1")
    assert found.shape.monotone.answer == "constant" and found.continuous.answer
    assert found.shape.values.numbers == (value, value)
    assert analyze(gd.parse(text), "theta=-1..1", "theta").box.name == "theta"
    with pytest.raises(GraphDiffError, match="no variable x"):
        analyze(gd.parse("2*y"), "x=-1..1")


def test_variables() -> None:
    graph = gd.parse("hinge(s, y)")
    with pytest.raises(BadPoint, match="no value for y"):
        analyze(graph, "s=-3..3")
    with pytest.raises(BadPoint, match="the interval is one of s, the variable is y"):
        analyze(graph, "s=-3..3", "y")
    with pytest.raises(BadPoint, match="does not name a variable"):
        analyze(graph, "-3..3")
    with pytest.raises(BadPoint, match="is given a value"):
        analyze(graph, "s=-3..3", at={"s": 1, "y": 1})
    with pytest.raises(BadPoint, match="no variable z"):
        analyze(graph, "s=-3..3", at={"y": 1, "z": 2})
    assert analyze(graph, "-3..3", "s", {"y": 1}).points[0].at == 1
    assert analyze(graph, "-3..3", at={"y": 1}).box.name == "s"
    assert analyze(graph, ("s", -3, Fraction(7, 2)), at={"y": 1}).box.high == Fraction(7, 2)


def test_thresholds() -> None:
    for bad in (
        {"flat": 0},
        {"flat": -1},
        {"flat": 2000},
        {"steep": math.nan},
        {"steep": math.inf},
    ):
        with pytest.raises(BadPoint, match="flat below"):
            analyze(gd.parse("relu(x)"), "x=-1..1", **bad)


def test_too_many_points() -> None:
    with pytest.raises(LimitExceeded, match="may be more than 400 points"):
        analyze(gd.parse("floor(x)"), "x=-1e300..1e300")
    with pytest.raises(LimitExceeded, match="more than 400 points"):
        analyze(gd.parse("abs(sin(x))"), "x=0..10000")


@pytest.mark.parametrize(
    "text",
    [
        "relu(x)", "sigmoid(x)", "x*abs(x)", "exp(x)", "1/x", "log(abs(x))", "softsign(x)",
        "abs(x - 1e-9)", "mish(x)", "gelu(x)", "relu6(x)", "huber(x, 0)",
    ],
)  # fmt: skip
def test_huge_intervals_are_no_trouble(text: str) -> None:
    start = time.process_time()
    found = analyze(gd.parse(text), "x=-1e300..1e300")
    assert time.process_time() - start < 20
    near = analyze(gd.parse(text), "x=-10..10")
    assert [(p.at, p.kind) for p in found.points] == [(p.at, p.kind) for p in near.points]
    assert found.smoothness == near.smoothness


@pytest.mark.parametrize(
    "text", ["abs(sin(1/x))", "sin(1/x)", "tan(1/x)", "floor(1/x)", "abs(x*sin(1/x))"]
)
def test_infinitely_many_points_come_to_an_end(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roots, "_WORK", roots._WORK // 20)
    start = time.process_time()
    try:
        found = analyze(gd.parse(text), "x=-1..1")
        assert not found.proved
    except LimitExceeded:
        pass
    assert time.process_time() - start < 30


def test_identically_zero_denominators_and_roots() -> None:
    found = analyze(gd.parse("1/(x - x)"), "x=-1..1")
    assert [(r.kind, r.low, r.high) for r in found.regions] == [("outside", -1, 1)]
    assert found.continuous.word == "no"
    assert analyze(gd.parse("abs(x - x)"), "x=-1..1").smoothness == "C^∞"


def test_a_zero_factor_does_not_fill_a_hole() -> None:
    """0·(1/x) is not defined at 0."""
    [point] = analyze(gd.parse("a*(1/x)"), "x=-1..1", at={"a": 0}).points
    assert (point.at, point.kind, point.left, point.value) == (0, "hole", 0, None)


def test_deep_programs() -> None:
    text = "h0 = x\n" + "\n".join(f"h{k + 1} = tanh(h{k})" for k in range(100)) + "\nrelu(h100)"
    [point] = analyze(gd.parse(text), "x=-1..1").points
    assert (point.left_slope, point.right_slope) == (0, 1)


def test_documents_are_json() -> None:
    for text in ("relu(x)", "1/x", "log(x)", "abs(sin(3*x))", "x^x", "where(x<1, x, 2)"):
        document = analyze(gd.parse(text), "x=-3..3").document()
        assert document["schema"] == "graphdiff.analyze/1"
        json.dumps(document, allow_nan=False)


def test_ops_without_a_derivative() -> None:
    with pytest.raises(Unsupported, match="chooses entries"):
        analyze(gd.parse("argmax([x, 1])"), "x=-3..3")


@pytest.mark.parametrize(
    ("text", "jumps"),
    [("floor(x/x)", 0), ("floor(sqrt(x - 1))", 1), ("floor(x^0.5)", 1), ("floor(tanh(x) + 1/2)", 2),
     ("ceil(asin(x/2))", 3)],
)  # fmt: skip
def test_jumps_are_counted_where_bounds_are_hard_to_see(text: str, jumps: int) -> None:
    found = analyze(gd.parse(text), "x=-2..2")
    assert sum(point.kind == "jump" for point in found.points) == jumps
