"""Learning rates: the best of a grid, bounds on quadratics, and the picture of both."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphdiff.study.descent import compare, descend
from graphdiff.study.descent.problem import pose
from graphdiff.study.descent.quadratics import eigenvalues, pace
from graphdiff.study.descent.rules import RULES
from graphdiff.study.descent.settings import Settings, choose

LINEAR = [name for name, rule in RULES.items() if rule.bound]
VALUES = (0.3, 2.0, 5.0)


def chosen(name: str, lr: float, **more: Any) -> Any:
    base, _, form = name.partition("-")
    return choose(base, Settings(lr=lr, momentum_form=form or "pytorch", **more))


def test_rules_that_are_linear_have_a_bound() -> None:
    assert set(LINEAR) == {"sgd", *[m for m in RULES if m.startswith(("momentum", "nesterov"))]}


@pytest.mark.parametrize("name", LINEAR)
@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
def test_runs_converge_below_the_bound_and_not_above(name: str, beta: float) -> None:
    more = {"momentum": beta} if name != "sgd" else {}
    below = pace(chosen(name, 1.0, **more), VALUES).below
    for share in (0.97, 1.03):
        found = pace(chosen(name, share * below, **more), VALUES)
        assert (max(found.factors) < 1) == (share < 1)
    run = descend("5/2*x^2", {"x": 1}, name.partition("-")[0], lr=1.03 * below, steps=3000,
                  momentum_form=name.partition("-")[2] or "pytorch", **more)  # fmt: skip
    assert abs(run.points[-1, 0]) > 10


@pytest.mark.parametrize("lr", [0.01, 0.1, 0.3])
@pytest.mark.parametrize("eigenvalue", VALUES)
def test_factors_are_the_roots_of_goh(lr: float, eigenvalue: float) -> None:
    """z² − (1 + β − ηλ)z + β, and with a look ahead z² − (1 + β)(1 − ηλ)z + β(1 − ηλ)."""
    left = 1 - lr * eigenvalue
    polynomials = {"sgd": [1, -left], "momentum": [1, -(0.9 + left), 0.9],
                   "nesterov": [1, -1.9 * left, 0.9 * left]}  # fmt: skip
    for name, polynomial in polynomials.items():
        found = pace(chosen(name, lr), (eigenvalue,)).factors[0]
        assert found == pytest.approx(abs(np.roots(polynomial)).max(), rel=1e-9)


def test_decay_adds_to_the_curvature_and_schedules_have_no_bound() -> None:
    assert pace(chosen("sgd", 0.1, weight_decay=0.5), (1.5,)).below == pytest.approx(1.0)
    assert pace(chosen("sgd", 0.1, lr_decay="sqrt"), VALUES) is None
    assert pace(chosen("sgd", 0.1, clip=1.0), VALUES) is None
    assert pace(choose("adam", Settings()), VALUES) is None


@pytest.mark.parametrize(
    ("program", "start", "expected"),
    [
        ("3*x^2 + 4*x*y + 7*y^2", {"x": 1, "y": 1}, (10 - math.sqrt(32), 10 + math.sqrt(32))),
        ("sum((A@x)^2)/2", {"x": [1, 1]}, (1.0, 9.0)),
        ("x*y", {"x": 1, "y": 1}, (-1.0, 1.0)),
        ("x^4", {"x": 1}, None),
        ("abs(x) + x^2", {"x": 1}, None),
        ("where(x < 0, x^2, 2*x^2)", {"x": 1}, None),
        ("exp(x)", {"x": 1}, None),
    ],
)
def test_eigenvalues_of_constant_hessians(
    program: str, start: dict[str, Any], expected: tuple[float, ...] | None
) -> None:
    fixed = {"A": [[1, 0], [0, 3]]} if "A" in program else {}
    found = eigenvalues(pose(program, start, fixed))
    assert found == (None if expected is None else pytest.approx(expected, rel=1e-12))


def test_no_rate_converges_where_the_curvature_is_negative() -> None:
    found = compare("x^2 - y^2", {"x": 1, "y": 1}, lr=0.1, steps=3)
    assert "no lr" in str(found)


def test_the_best_rate_of_a_grid_is_printed(cli: Any) -> None:
    run = cli("descend", "x^2/20+y^2", "--from", "x=-7,y=2", "--with", "sgd,adam",
              "--lr", "0.01..10:7", "--json")  # fmt: skip
    document = json.loads(run.out)
    rates = [entry["lr"] for entry in document["runs"] if entry["optimizer"] == "sgd"]
    assert rates == [0.01, 0.0316, 0.1, 0.316, 1.0, 3.16, 10.0]
    assert document["quadratic"]["eigenvalues"] == pytest.approx([0.1, 2.0])
    assert document["quadratic"]["runs"][0]["lr_below"] == pytest.approx(1.0)
    text = cli("descend", "x^2/20+y^2", "--from", "x=-7,y=2", "--lr", "0.01..10:7").out
    assert "7 from 0.01 to 10, 2 diverge" in text and "lr < 1 " in text


@pytest.mark.parametrize("lr", ["1..0.1", "0..1", "0.1..1:1", "0.1..1:x", "0.1..", "a..b"])
def test_grids_that_are_none(cli: Any, lr: str) -> None:
    run = cli("descend", "x^2", "--from", "x=1", "--lr", lr)
    assert run.status == 2 and run.err.startswith(f"error: cannot read the learning rate {lr!r}")


def test_the_picture_tells_what_was_held_equal(cli: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from graphdiff.drawing.plots.descent import figure

    rates = [0.001 * 10 ** (k / 3) for k in range(13)]
    found = compare("x^2/20 + y^2", {"x": -7, "y": 2}, ["sgd", "momentum", "adam"], lrs=rates)
    (axes,) = figure(found, plot="rates").axes
    assert "100 steps · from x = -7, y = 2 · the same 13 rates" in axes.get_xlabel()
    told = [text.get_text() for text in axes.texts]
    assert {"lr < 1", "lr < 1.9"} <= set(told)
    lines = {line.get_label(): line for line in axes.get_lines()}
    assert any(label.startswith("sgd: lr ") for label in lines)
    for language in ("en", "ko"):
        assert figure(found, plot="rates", language=language).axes


def test_one_rate_is_no_picture(cli: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / "r.svg"
    run = cli("descend", "x^2", "--from", "x=1", "--plot", "rates", "-o", str(target))
    assert run.status == 2 and "there is one learning rate" in run.err and not target.exists()


def test_drawn_rates_are_even_on_a_log_scale(cli: Any) -> None:
    def drawn(seed: int, count: int = 400) -> Any:
        run = cli("descend", "x^2", "--from", "x=1", "--steps", "1", "--lr", f"1e-4..1:{count}",
                  "--draw", "--seed", str(seed), "--json")  # fmt: skip
        return np.array([entry["lr"] for entry in json.loads(run.out)["runs"]])

    places = np.log10(drawn(0)) / 4 + 1
    assert len(places) == 400 and (np.diff(places) >= 0).all()
    even = (np.arange(400) + 0.5) / 400
    assert abs(places - even).max() < 1.63 / math.sqrt(400)  # Kolmogorov's bound at 1 %
    assert len(set(np.diff(places).round(3))) > 5  # a grid has one distance only
    assert (drawn(3, 20) == drawn(3, 20)).all() and (drawn(3, 20) != drawn(4, 20)).any()


@pytest.mark.parametrize("lr", [["--lr", "0.1,0.01"], []])
def test_rates_are_drawn_from_ranges_only(cli: Any, lr: list[str]) -> None:
    run = cli("descend", "x^2", "--from", "x=1", "--draw", *lr)
    assert run.status == 2 and run.err.startswith("error: --draw takes learning rates from a range")
