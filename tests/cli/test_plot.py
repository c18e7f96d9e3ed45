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
        (("x", "x=0..1", "--regions"), "there is no map of regions of 1 variable"),
        (("9*x*y", "x=-9..9,y=0..9", "--regions"), "classes in one picture"),
        (("x*y", "x=0..1,y=0..1", "--regions", "--heat"), "--heat and --regions are two pictures"),
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


def test_regions_are_the_largest_score_or_the_nearest_class() -> None:
    from graphdiff import parse
    from graphdiff.drawing.plots.maps import scores_at

    rng = np.random.default_rng(2)
    first, second = rng.normal(size=(2, 5)), rng.normal(size=(5, 3))
    x, y = np.meshgrid(np.linspace(-2, 2, 9), np.linspace(-1, 3, 7))
    by_hand = np.tanh(np.stack([x, y], axis=-1) @ first) @ second
    graph = parse("tanh([x,y]@W)@V", shapes={"W": (2, 5), "V": (5, 3)})
    names, scores = scores_at(graph, {"x": x, "y": y}, {"W": first, "V": second}, [])
    assert list(names) == [0, 1, 2]
    assert (scores.argmax(axis=0) == by_hand.argmax(axis=-1)).all()
    names, scores = scores_at(parse("log(x) - y"), {"x": x, "y": y}, {}, [-1.0, 1.0])
    with np.errstate(all="ignore"):
        inside = np.log(x) - y
    assert (np.isnan(scores[0]) == ~np.isfinite(inside)).all()
    seen = np.isfinite(inside)
    assert ((scores[1] > scores[0])[seen] == (inside > 0)[seen]).all()


def test_points_of_classes_have_colours_of_their_own(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("x,y,t\n0,1,0\n1,2,1\n-1,0,0\n")
    run = cli("plot", "x - y + 1/2", "--over", "x=-2..2,y=-2..2", "--regions",
              "--points", f"{tmp_path}/d.csv", "-o", f"{tmp_path}/r.svg")  # fmt: skip
    assert run.status == 0, run.err
    drawn = (tmp_path / "r.svg").read_text()
    assert "t = 0" in drawn and "t = 1" in drawn and "#0072b2" in drawn and "#d55e00" in drawn
