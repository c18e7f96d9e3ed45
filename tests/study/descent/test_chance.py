"""What chance draws in training: masks and noise anew in every step, weights at the start."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphdiff.study.descent import Data, Training, begun, read_chances, train

_RNG = np.random.default_rng(5)
X = _RNG.normal(size=(40, 3))
Y = X @ [1.0, -2.0, 0.5] + 0.3
DATA = Data({"a": X[:, 0], "b": X[:, 1], "c": X[:, 2], "y": Y})
COLUMNS = {"X": ["a", "b", "c"]}


def draws(seed: int, step: int) -> Any:
    return np.random.default_rng([seed, step, 1])


def test_dropout_is_what_numpy_does_and_drops_nothing_where_it_is_measured() -> None:
    w, lr = np.zeros(3), 0.05
    for step in range(1, 9):
        mask = draws(7, step).random((40, 3)) < 0.8
        seen = X * mask / 0.8
        w -= lr * 2 * seen.T @ (seen @ w - Y) / 40
    how = Training(batch=None, epochs=8, seed=7, columns=COLUMNS,
                   chances=read_chances(["m=bernoulli:0.8"]))  # fmt: skip
    run = train("mean((dropout(X,m,p=1/5)@w - y)^2)", DATA, {"w": [0, 0, 0]}, "sgd", how, lr=lr)
    assert run.final["w"] == pytest.approx(w, rel=1e-12)
    assert run.value == pytest.approx(np.mean((X @ w - Y) ** 2), rel=1e-12)


def test_noise_on_an_input_differs_from_row_to_row_and_from_step_to_step() -> None:
    w, lr = 0.0, 0.1
    for step in range(1, 5):
        rows = slice(20 * ((step - 1) % 2), 20 * ((step - 1) % 2) + 20)
        noisy = X[rows, 0] + 0.5 * draws(0, step).standard_normal(20)
        w -= lr * 2 * np.mean(noisy * (w * noisy - Y[rows]))
    how = Training(batch=20, epochs=2, chances=read_chances(["n=normal:0.5"]))
    run = train("(w*(a + n) - y)^2", DATA, {"w": 0}, "sgd", how, lr=lr)
    assert run.final["w"] == pytest.approx(w, rel=1e-12)


def test_means_of_the_laws() -> None:
    found = read_chances(["m=bernoulli:0.3", "n=normal:2", "u=uniform:3"])
    for chance in found.values():
        assert chance.drawn((200_000,), 1).mean() == pytest.approx(chance.mean, abs=0.02)
    assert found["n"].drawn((200_000,), 1).std() == pytest.approx(2, rel=0.01)
    assert abs(found["u"].drawn((200_000,), 1)).max() == pytest.approx(3, rel=0.01)


def test_weights_begin_by_a_rule_and_biases_at_zero() -> None:
    how = Training(batch=None, epochs=0, columns=COLUMNS, init="he", seed=3,
                   shapes={"W": (3, 500)})  # fmt: skip
    text = "h = relu(dense(X, W, d)); mean((h@v + k - y)^2)"
    run = train(text, DATA, {}, "sgd", how)
    assert run.final["W"].std() == pytest.approx(np.sqrt(2 / 3), rel=0.05)
    assert run.final["v"].std() == pytest.approx(np.sqrt(2 / 500), rel=0.1)
    assert not run.final["d"].any() and run.final["d"].shape == (500,)
    assert run.final["k"] == 0 and np.ndim(run.final["k"]) == 0
    again = train(text, DATA, {}, "sgd", how)
    assert (again.final["W"] == run.final["W"]).all()


def test_a_start_that_is_given_is_kept() -> None:
    found = begun("sum(tanh(W@x + b)) + k", {"b": [1, 2]}, "0.01", 0,
                  shapes={"W": (2, 4)}, kept={"x": (4,), "k": ()})  # fmt: skip
    assert sorted(found) == ["W", "b"] and found["b"] == [1, 2]
    assert np.abs(found["W"]).max() < 0.05


def test_one_column_may_be_a_matrix() -> None:
    how = Training(batch=None, epochs=200, init="0.1", columns={"A": ["a"], "Y": ["y"]},
                   shapes={"A": (40, 1), "Y": (40, 1), "W": (1, 1)})  # fmt: skip
    run = train("mean((A@W + b - Y)^2)", DATA, {"b": 0}, "sgd", how, lr=0.1)
    expected = np.linalg.lstsq(np.column_stack([X[:, 0], np.ones(40)]), Y, rcond=None)[0]
    assert [run.final["W"][0, 0], run.final["b"]] == pytest.approx(expected, rel=1e-6)


def test_what_was_trained_is_a_point(cli: Any, tmp_path: Path) -> None:
    table, trained = tmp_path / "d.csv", tmp_path / "run.json"
    table.write_text("x,y\n" + "\n".join(f"{k / 5},{k / 5 - 1}" for k in range(10)))
    run = cli("descend", "(w*x + b - y)^2", "--from", "w=0,b=0", "--data", str(table), "--lr",
              "0.3,0.0001", "--epochs", "400", "-o", str(trained))  # fmt: skip
    assert run.status == 0, run.err
    best = min(json.loads(trained.read_text())["runs"], key=lambda one: one["value"])
    found = cli("backprop", "w + 0*b", "--at", f"@{trained}", "--json")
    values = {node["name"]: node["value"] for node in json.loads(found.out)["nodes"]}
    assert values["w"] == pytest.approx(best["final"]["w"]) == pytest.approx(1, abs=1e-3)


def test_the_picture_and_the_tables_tell_the_seed(cli: Any) -> None:
    run = cli("descend", "sum((W@x - y)^2)", "--shape", "W:2x3", "--init", "xavier", "--seed", "4",
              "--at", "x=[1,2,3],y=[1,0]", "--steps", "2")  # fmt: skip
    assert "sgd, lr 0.01, seed 4" in run.out
    drawn = cli("descend", "x^2", "--from", "x=1", "--lr", "0.01..1:2", "--draw", "--seed", "9")
    assert "seed 9" in drawn.out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--random", "m=binomial:0.5"], "there is no law of chance 'binomial'"),
        (["--random", "m"], "cannot read 'm' as chance"),
        (["--random", "m=bernoulli:2"], "bernoulli has no number 2"),
        (["--random", "m=normal"], "normal has no number yet"),
        (["--random", "z=normal:1"], "the program has no variable z, of which --random speaks"),
        (["--random", "n=normal:1", "--random", "n=normal:2"], "n is drawn twice"),
        (["--init", "hee", "--random", "n=normal:1"],
         "there is no rule 'hee' for initial weights"),
    ],
)  # fmt: skip
def test_bad_chances(cli: Any, tmp_path: Path, options: list[str], message: str) -> None:
    (tmp_path / "d.csv").write_text("x,y\n1,2\n2,3\n")
    start = [] if "--init" in options else ["--from", "w=0"]
    data = ["--data", str(tmp_path / "d.csv")]
    run = cli("descend", "(w*(x+n)-y)^2", *start, *data, *options)
    assert run.status == 2 and run.err.startswith(f"error: {message}"), run.err


def test_chance_belongs_to_data(cli: Any) -> None:
    run = cli("descend", "x^2", "--from", "x=1", "--random", "m=bernoulli:0.5")
    assert run.status == 2 and "--random draws for rows of --data" in run.err
