"""``backprop --update``: one step on the graph."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import graphdiff as gd
from graphdiff.errors import BadPoint
from graphdiff.study.descent.update import update

REGRESSION = ("backprop", "(w*x-y)^2", "--at", "w=1,x=2,y=3", "--wrt", "w", "--update", "0.01")


def test_table(cli: Any) -> None:
    # f = (2w − 3)², f′ = 4(2w − 3) = −4 at w = 1
    run = cli(*REGRESSION)
    assert run.status == 0 and run.out.rstrip().endswith(
        "Update: x − 0.01·gradient\n"
        "  parameter  value  gradient  new value\n"
        "  w              1        -4       1.04"
    )


def test_json(cli: Any) -> None:
    found = json.loads(cli(*REGRESSION, "--json").out)
    parameters = {"w": {"value": 1, "gradient": -4, "new": 1.04}}
    assert found["update"] == {"lr": 0.01, "parameters": parameters}


def test_figure_says_it_at_the_parameter(cli: Any, tmp_path: Path) -> None:
    cli(*REGRESSION, "-o", str(tmp_path / "f.svg"))
    assert "w ← 1 − 0.01·(−4) = 1.04" in (tmp_path / "f.svg").read_text("utf-8")


def test_updates_are_exact() -> None:
    found = update(gd.parse("x*y").backprop(x="1/3", y=2), "0.1")
    assert found.parameters["x"][2] == Fraction(1, 3) - Fraction(2, 10)


def test_arrays() -> None:
    found = update(gd.parse("sum((W@x)^2)").backprop(W=[[1, 2]], x=[3, 4]), "0.01", ["W"])
    [new] = found.document()["parameters"]["W"]["new"]
    assert new == pytest.approx([1 - 0.01 * 2 * 11 * 3, 2 - 0.01 * 2 * 11 * 4])


@pytest.mark.parametrize("lr", ["0", "-1", "nan", "a", "1e400"])
def test_bad_rates(lr: str) -> None:
    with pytest.raises(BadPoint):
        update(gd.parse("x^2").backprop(x=1), lr)


def test_needs_a_point(cli: Any) -> None:
    run = cli("backprop", "x^2", "--update", "0.1")
    assert run.status == 2 and run.err.startswith("error: --update needs a point")
