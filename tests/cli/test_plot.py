"""``graphdiff plot``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from .conftest import Cli


def test_a_trained_network_over_its_data(cli: Cli, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    weights = {n: rng.normal(size=s).tolist() for n, s in (("W", (8, 1)), ("b", 8), ("v", 8))}
    (tmp_path / "w.json").write_text(json.dumps(weights))
    (tmp_path / "d.csv").write_text("x,y\n0,1\n1,2\n")
    run = cli("plot", "sum(v*relu(reshape(W, [8])*x + b))", "--over", "x=-2..2", "--at",
              f"@{tmp_path}/w.json", "--points", f"{tmp_path}/d.csv",
              "-o", f"{tmp_path}/f.svg")  # fmt: skip
    assert run.status == 0, run.err
    assert (tmp_path / "f.svg").read_text().startswith("<?xml")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("x; y", "x=0..1"), "no value for y"),
        (("x; x^2", "x=0..1", "--grid", "1x1"), "2 functions do not fit in a grid of 1x1"),
        (("sin(x)", "x=0..1e308"), "the range of x is empty or infinite"),
        (("x; x^2", "x=0..1", "--grid", "9" * 5_000 + "x1"), "cannot read the grid '999"),
        (("x; x^2", "x=0..1", "--grid", "two"), "cannot read the grid 'two'"),
        (("x", "x=0..1", "--surface"), "there is no surface of 1 variable"),
        (("x", "x=0..1", "--field", "descent"), "arrows belong to a map"),
        (("x", "x=1..1"), "the range of x is empty or infinite"),
        (("x+", "x=0..1"), "the text ends too early"),
        (("[x, 1]", "x=0..1"), "the value is an array"),
        (("x*y*z", "x=0..1,y=0..1,z=0..1"), "a picture of 3 variables"),
    ],
)
def test_what_no_picture_shows(
    cli: Cli, tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    text, over, *rest = arguments
    run = cli("plot", text, "--over", over, *rest, "-o", f"{tmp_path}/f.svg")
    assert run.status == 2
    assert message in run.err and "Traceback" not in run.err
    assert not list(tmp_path.iterdir())


def test_a_file_and_a_range_are_asked_for(cli: Cli) -> None:
    assert "-o f.svg" in cli("plot", "x", "--over", "x=0..1").err
    assert "--over x=-4..4" in cli("plot", "x", "-o", "f.svg").err


def test_a_small_network_is_a_curve_of_its_input(cli: Cli, tmp_path: Path) -> None:
    run = cli(
        "plot", "h = relu(W@[t]); (V@h)[0]", "--over", "t=-6..6",
        "--at", "W=[[1],[2]],V=[[1,2]]", "-o", str(tmp_path / "n.svg"),
    )  # fmt: skip
    assert (run.status, run.err) == (0, "")
