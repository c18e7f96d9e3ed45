"""Several runs at once: settings of one optimizer, and settings to compare."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.study.descent import Settings, choose, compare, descend, wishes

BOWL, START = "(a^2 + 9*b^2)/2", {"a": -5, "b": 2}


def test_each_optimizer_runs_with_the_settings_in_its_brackets() -> None:
    found = compare(BOWL, START, ["sgd(lr=0.2)", "momentum(lr=0.05, momentum=0.5)", "adam"],
                    lr=0.1, steps=20)  # fmt: skip
    a, b = np.array([-5.0, 2.0]), np.zeros(2)
    for _ in range(20):
        a = a - 0.2 * a * [1, 9]
    assert found.runs[0].points[-1] == pytest.approx(a, rel=1e-12)
    a = np.array([-5.0, 2.0])
    for _ in range(20):
        b = 0.5 * b + a * [1, 9]
        a = a - 0.05 * b
    assert found.runs[1].points[-1] == pytest.approx(a, rel=1e-12)
    alone = descend(BOWL, START, "adam", lr=0.1, steps=20)
    assert found.runs[2].final == alone.final
    assert [run.label for run in found.runs] == [
        "sgd, lr 0.2", "momentum, lr 0.05, momentum 0.5", "adam, lr 0.1",
    ]  # fmt: skip


def test_a_setting_with_several_values_is_compared_by_those_that_read_it() -> None:
    found = wishes(["sgd", "momentum"], {"momentum": [0, 0.5, 0.99], "lr": 0.1})
    assert [(w.optimizer, w.told) for w in found] == [
        ("sgd", {}), ("momentum", {"momentum": 0}), ("momentum", {"momentum": 0.5}),
        ("momentum", {"momentum": 0.99}),
    ]  # fmt: skip


def test_starts_are_told_apart() -> None:
    found = compare("x^4-3*x^2+x", [{"x": 2}, {"x": -2}], lr=0.02, steps=5)
    assert [run.label for run in found.runs] == [
        "sgd, lr 0.02, from x = 2", "sgd, lr 0.02, from x = -2",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["adam(lr=0.3, eps_inside)", "adam( lr = 0.3 , eps-inside = yes )"]
)
def test_brackets_take_flags(text: str) -> None:
    [wish] = wishes([text], {})
    assert wish.chosen().rule.name == "adam-inside"
    assert wish.chosen().lr == 0.3


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sgd(momentum=0.9)", "sgd has no setting 'momentum'"),
        ("adam(beta=0.9)", "adam has no setting 'beta'"),
        ("adam(steps=3)", "adam has no setting 'steps'"),
        ("adam(lr=fast)", "cannot read the setting 'lr=fast'"),
        ("adam(lr", "cannot read the optimizer 'adam(lr'"),
        ("adm(lr=1)", "there is no optimizer 'adm'"),
        ("adam(lr=-1)", "the learning rate is -1, and must be a positive number"),
    ],
)
def test_settings_that_there_are_not(text: str, message: str) -> None:
    with pytest.raises(GraphDiffError) as caught:
        compare(BOWL, START, [text], steps=1)
    assert caught.value.message == message
    assert caught.value.hint


def test_the_label_of_a_choice_is_as_before() -> None:
    assert choose("sgd", Settings(lr=0.1)).label == "sgd, lr 0.1"


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    x = rng.normal(size=24)
    y = 2 * x + 1
    path = tmp_path / "rows.csv"
    path.write_text("x,y\n" + "\n".join(f"{a},{b}" for a, b in zip(x, y, strict=True)))
    return path


def test_sizes_of_the_batch_side_by_side(cli: Callable[..., Any], rows: Path) -> None:
    line = ("descend", "(w*x+b-y)^2", "--from", "w=0,b=0", "--data", str(rows), "--lr", "0.05",
            "--epochs", "2", "--json")  # fmt: skip
    together = json.loads(cli(*line, "--batch", "1,8,full").out)["runs"]
    assert [run["steps"] for run in together] == [48, 6, 2]
    assert [run["settings"]["batch"] for run in together] == ["batch 1", "batch 8", "all rows"]
    for size, run in zip(("1", "8", "full"), together, strict=True):
        [alone] = json.loads(cli(*line, "--batch", size).out)["runs"]
        assert alone["final"] == run["final"]


def test_the_ways_over_the_rows_lie_on_the_map_of_the_full_loss(
    cli: Callable[..., Any], rows: Path, tmp_path: Path
) -> None:
    picture = tmp_path / "ways.svg"
    run = cli("descend", "(w*x+b-y)^2", "--from", "w=0,b=0", "--data", str(rows), "--lr", "0.05",
              "--batch", "1,full", "--epochs", "2", "--plot", "map",
              "-o", str(picture))  # fmt: skip
    assert run.status == 0, run.err
    assert picture.read_text().count("<path") > 20


def test_the_command_reads_brackets_and_lists(cli: Callable[..., Any]) -> None:
    run = cli("descend", BOWL, "--from", "a=-5,b=2", "--with", "sgd(lr=0.1), momentum",
              "--momentum", "0,0.9", "--lr", "0.01", "--steps", "2", "--json")  # fmt: skip
    found = json.loads(run.out)["runs"]
    assert [(r["optimizer"], r["lr"], r.get("settings")) for r in found] == [
        ("sgd", 0.1, None), ("momentum", 0.01, {"momentum": 0.0}),
        ("momentum", 0.01, {"momentum": 0.9}),
    ]  # fmt: skip
    assert cli("descend", BOWL, "--from", "a=1,b=1", "--momentum", "0,x").status == 2
