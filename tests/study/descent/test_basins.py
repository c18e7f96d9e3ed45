"""Many starts by chance: where they end, and the share of each end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphdiff.study.descent.basins import basins, sampled
from graphdiff.study.descent.descent import compare

QUARTIC = "x^4-3*x^2+x"
MAXIMUM = 0.16993846  # the middle root of 4x³ − 6x + 1: left of it a small step leads to the left


def test_starts_are_the_same_for_the_same_seed_and_lie_in_the_ranges() -> None:
    over = {"x": (-2.0, 2.0), "y": (5.0, 6.0)}
    found = sampled(over, 300, 4)
    assert found == sampled(over, 300, 4) != sampled(over, 300, 5)
    points = np.array([[p["x"], p["y"]] for p in found])
    assert (points.min(axis=0) >= [-2, 5]).all() and (points.max(axis=0) <= [2, 6]).all()
    assert points.mean(axis=0) == pytest.approx([0, 5.5], abs=0.3)


def test_shares_are_those_of_the_two_sides_of_the_maximum(cli: Any) -> None:
    assert pytest.approx(0, abs=1e-6) == 4 * MAXIMUM**3 - 6 * MAXIMUM + 1
    starts = sampled({"x": (-2.0, 2.0)}, 150)
    run = cli("descend", QUARTIC, "--starts", "150", "--over", "x=-2..2", "--lr", "0.02",
              "--steps", "400", "--json")  # fmt: skip
    left, right = json.loads(run.out)["basins"]
    assert left["end"]["x"] == pytest.approx(-1.3008396, abs=1e-5)
    assert right["end"]["x"] == pytest.approx(1.1309, abs=1e-4)
    assert left["starts"] == sum(start["x"] < MAXIMUM for start in starts)
    assert left["share"] + right["share"] == 1


def test_runs_that_diverge_belong_to_no_end() -> None:
    found = compare("x^4 - x^2", [{"x": 0.5}, {"x": -0.5}, {"x": 40}], lr=0.05, steps=200)
    shares = [(round(b.point[0], 3), b.share) for b in basins(found.runs)]
    assert sorted(shares) == [(-0.707, 1 / 3), (0.707, 1 / 3)]


def test_the_table_tells_shares_and_what_diverged(cli: Any) -> None:
    run = cli("descend", "x^4-x^2", "--starts", "40", "--over", "x=-9..9", "--lr", "0.05")
    assert "40 starts by chance (seed 0)" in run.out and "diverged" in run.out
    assert "%" in run.out and "Steps:" not in run.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--starts", "9"), "--starts and --over belong together"),
        (("--over", "x=-1..1", "--from", "x=1"), "--starts and --over belong together"),
        (("--starts", "0", "--over", "x=-1..1"), "0 starts"),
        (("--starts", "9", "--over", "x=1..-1"), "the range of x is empty"),
        (("--starts", "9", "--over", "z=0..1"), "the expression has no variable z"),
        (("--starts", "9", "--over", "x"), "'x' is no range of a variable"),
    ],
)
def test_starts_that_are_none(cli: Any, options: tuple[str, ...], message: str) -> None:
    run = cli("descend", QUARTIC, *options)
    assert run.status == 2 and run.err.startswith(f"error: {message}")


@pytest.mark.parametrize("language", ["en", "ko"])
def test_the_picture_has_every_share(cli: Any, tmp_path: Path, language: str) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / "s.svg"
    run = cli("descend", QUARTIC, "--starts", "60", "--over", "x=-2..2", "--lr", "0.02",
              "--with", "sgd,momentum", "--lang", language, "-o", str(target))  # fmt: skip
    assert run.status == 0 and target.read_bytes().startswith(b"<?xml")


def test_a_map_of_many_parameters_is_refused(cli: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run = cli("descend", "x^2+y^2+z^2", "--starts", "5", "--over", "x=0..1,y=0..1,z=0..1",
              "-o", str(tmp_path / "s.svg"))  # fmt: skip
    assert run.status == 2 and "there is no map of 3 parameters" in run.err
