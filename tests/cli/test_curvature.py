"""``graphdiff hessian`` and ``graphdiff convex``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from graphdiff.study.curvature import stationary


def test_hessian_at_a_minimum(cli: Any) -> None:
    run = cli("hessian", "(1-x)^2 + 100*(y-x^2)^2", "--at", "x=1,y=1", "--vector", "x=1")
    assert run.status == 0
    assert (
        run.out
        == """\
Hessian
     x                            y
  x  800*x^2 - 400*(y - x^2) + 2  -400*x
  y  -400*x                       200

At x=1, y=1
        x     y
  x   802  -400
  y  -400   200

Proved

  eigenvalues   0.3993607675, 1001.600639
  definiteness  positive definite
  proof         exact fractions: signs of the characteristic polynomial's
                coefficients
  entries       exact
  gradient      x=0, y=0
  Newton step   x=0, y=0 (a stationary point)

Product H·v, without the matrix
        v   H·v
  x     1   802
  y     0  -400
  vᵀHv      802
"""
    )


def test_hessian_in_other_notations(cli: Any) -> None:
    assert "2 \\cdot y" in cli("hessian", "x^2*y", "--format", "latex").out
    assert "2·y" in cli("hessian", "x^2*y", "--format", "unicode").out


def test_undecided_is_said_with_the_precision(cli: Any) -> None:
    out = cli("hessian", "log(exp(x)+exp(y))", "--at", "x=1,y=1").out
    assert "definiteness  undecided" in out
    assert "1 positive, 0 negative, 1 unknown" in out


def test_a_kink_is_refused_and_named(cli: Any) -> None:
    run = cli("hessian", "abs(x) + y", "--at", "x=0,y=1", "--json")
    assert run.status == 2 and not run.out
    error = json.loads(run.err)["error"]
    assert error["kind"] == "NotDifferentiable" and "abs at n1 is on its kink" in error["message"]


def test_hessian_json(cli: Any) -> None:
    found = json.loads(cli("hessian", "x^2-y^2", "--at", "x=1,y=2", "--json").out)
    assert found["schema"] == "graphdiff.hessian/1"
    assert found["at"]["signs"] == {"positive": 1, "negative": 1, "zero": 0, "unknown": 0}


@pytest.mark.parametrize(
    ("arguments", "status", "verdict"),
    [
        (["x^2/y", "--over", "x=-inf..inf,y=0..inf"], 0, "convex"),
        (["log(x)", "--over", "x=0..4", "--concave"], 0, "concave"),
        (["log(x)", "--over", "x=0..4"], 1, "concave"),
        (["x*y", "--over", "x=0..1,y=0..1"], 1, "neither"),
        (["exp(x) - x^3/9", "--over", "x=-1..1"], 0, "convex"),
        (["cbrt(x)^3 + 0*abs(x-1/3)", "--over", "x=-1..1"], 1, "undecided"),
    ],
)
def test_verdict_and_status(cli: Any, arguments: list[str], status: int, verdict: str) -> None:
    run = cli("convex", *arguments, "--no-points", "--json")
    assert (run.status, json.loads(run.out)["verdict"]) == (status, verdict)


def test_convex_tables(cli: Any) -> None:
    run = cli("convex", "x^4 - x^2", "--over", "x=-1..1")
    assert run.status == 1
    assert (
        run.out
        == """\
Convexity

  verdict  neither convex nor concave
  over     x = -1..1
  convex   no
           at x=0
             second derivative along (x=1): -2
           f(x=-0.5) = -0.1875
           f(x=0.5) = -0.1875
           middle: f(x=0) = 0
             which is 0.1875 above the mean
  concave  no
           at x=-1
             second derivative along (x=1): 10
           f(x=-1) = 0
           f(x=0) = 0
           middle: f(x=-0.5) = -0.1875
             which is 0.1875 below the mean

Stationary points
                                                                       f
  local minimum  x=-0.7071067812                           -0.2500000000
                 H is positive definite (balls around the
                 eigenvalues)
  local maximum  x=0                                                   0
                 H is negative definite (exact fractions)
  local minimum  x=0.7071067812                            -0.2500000000
                 H is positive definite (balls around the
                 eigenvalues)
                 there are no others
"""
    )


def test_lines_fit_a_terminal(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stationary, "_WORK", 100_000)  # what is open then is told all the same
    run = cli("convex", "(a*x+b*y-c)^2", "--over", "a=-1..1,b=-1..1,c=-1..1,x=-1..1,y=-1..1")
    assert max(map(len, run.out.splitlines())) <= 80


@pytest.mark.parametrize(
    ("over", "message"),
    [("x=2..1", "is empty"), ("x=1", "no range"), ("y=0..1", "no variable y"), ("", "no range")],
)
def test_bad_boxes(cli: Any, over: str, message: str) -> None:
    run = cli("convex", "x^2", "--over", over)
    assert run.status == 2 and message in run.err and not run.out


def test_no_box(cli: Any) -> None:
    run = cli("convex", "x^2")
    assert run.status == 2 and "add --over x=-1..1" in run.err


@pytest.mark.parametrize(
    "words",
    [
        ("hessian", "(1-x)^2 + 100*(y-x^2)^2", "--at", "x=1,y=1"),
        ("convex", "(x^2+y-11)^2 + (x+y^2-7)^2", "--over", "x=-5..5,y=-5..5"),
        ("convex", "x^4 + y^4", "--over", "x=-1..1,y=-1..1"),
    ],
)
def test_tables_fit_80_columns(cli: Any, words: tuple[str, ...]) -> None:
    assert max(map(len, cli(*words).out.splitlines())) <= 80


def test_a_formula_without_end_is_refused_by_its_limit(cli: Any) -> None:
    steps = [f"a{k} = sin(a{k - 1})*a{k - 1} + {k}" for k in range(1, 400)]
    run = cli("hessian", "; ".join(["a0 = x + 1", *steps]))
    assert run.status == 2 and run.out == ""
    assert "--limit formula=" in run.err


def test_columns_are_values_of_the_other_variables(cli: Any, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("w,y,z\n1,2,9\n2,4,9\n3,5,9\n", encoding="utf-8")
    run = cli("convex", "mean((k*w-y)^2)", "--over", "k=-5..5", "--data", str(tmp_path / "d.csv"))
    # Σwy/Σw² = 25/14, and the second derivative is 2·14/3.
    assert run.status == 0 and run.err == "" and "k=25/14" in run.out
    assert "constant; its eigenvalue is 9.33333" in run.out


def test_data_that_are_not_there_are_told(cli: Any) -> None:
    run = cli("convex", "(k*w)^2", "--over", "k=-5..5", "--data", "nowhere.csv")
    assert run.status == 2 and run.err.startswith("error: cannot read the data from nowhere.csv")
