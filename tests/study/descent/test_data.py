"""Minibatches: their limits, their order, curves, and rows that are no numbers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graphdiff.errors import BadPoint, GraphDiffError
from graphdiff.study.descent import Data, Training, read_data, train
from graphdiff.study.descent.data import Batches, table

_RNG = np.random.default_rng(11)
X = _RNG.normal(size=(50, 2))
Y = X @ [2.0, -1.0] + 0.5 + 0.1 * _RNG.normal(size=50)
DATA = Data({"a": X[:, 0], "b": X[:, 1], "y": Y})
START = {"w": 0.0, "u": 0.0, "c": 0.0}
ROWWISE = "(w*a + u*b + c - y)^2"


def by_hand(batch: int, epochs: int, lr: float, seed: int | None = None) -> Any:
    """Plain numpy, with the gradient worked out."""
    theta, design = np.zeros(3), np.column_stack([X, np.ones(50)])
    for epoch in range(epochs):
        order = np.arange(50)
        if seed is not None:
            order = np.random.default_rng([seed, epoch]).permutation(50)
        for k in range(0, 50, batch):
            rows = order[k : k + batch]
            theta -= lr * 2 * design[rows].T @ (design[rows] @ theta - Y[rows]) / len(rows)
    return theta


@pytest.mark.parametrize("batch", [1, 7, 50, None])
@pytest.mark.parametrize("seed", [None, 4])
def test_sgd_is_what_numpy_does(batch: int | None, seed: int | None) -> None:
    training = Training(batch=batch, epochs=3, shuffle=seed is not None, seed=seed or 0)
    run = train(ROWWISE, DATA, START, "sgd", training, lr=0.05)
    expected = by_hand(batch or 50, 3, 0.05, seed)
    assert list(run.final.values()) == pytest.approx(expected, rel=1e-10)
    assert run.taken == 3 * -(-50 // (batch or 50))


def test_losses_of_a_row_and_of_a_batch_are_the_same() -> None:
    how = Training(batch=8, epochs=2, columns={"X": ["a", "b"]})
    matrix = train("mean((X@w + c - y)^2)", DATA, {"w": [0, 0], "c": 0}, "adam", how, lr=0.1)
    plain = train(ROWWISE, DATA, START, "adam", Training(batch=8, epochs=2), lr=0.1)
    assert matrix.final["w"] == pytest.approx([plain.final["w"], plain.final["u"]])
    assert matrix.value == pytest.approx(plain.value)


def test_curves() -> None:
    run = train(ROWWISE, DATA, START, "sgd", Training(batch=10, epochs=4, validation=0.2), lr=0.05)
    curves = run.curves
    assert curves is not None and curves.validation is not None
    assert curves.epochs == (0, 1, 2, 3, 4)
    assert curves.training[0] == pytest.approx(np.mean(Y[:40] ** 2))
    assert curves.validation[0] == pytest.approx(np.mean(Y[40:] ** 2))
    theta = list(run.final.values())
    last = (np.column_stack([X, np.ones(50)]) @ theta - Y) ** 2
    assert curves.training[-1] == run.value == pytest.approx(np.mean(last[:40]))
    assert curves.validation[-1] == pytest.approx(np.mean(last[40:]))
    assert run.run()["epochs"][4]["validation"] == curves.validation[-1]


def test_every_row_is_seen_once_per_epoch() -> None:
    batches = Batches(23, 5, seed=2)
    first, second = ([batches.of(e * 5 + k) for k in range(5)] for e in range(2))
    assert sorted(np.concatenate(first)) == sorted(np.concatenate(second)) == list(range(23))
    assert not np.array_equal(np.concatenate(first), np.concatenate(second))
    assert [len(b) for b in first] == [5, 5, 5, 5, 3]


def test_a_rate_too_large_diverges_with_its_step() -> None:
    run = train(ROWWISE, DATA, START, "sgd", Training(batch=1, epochs=200), lr=5)
    assert run.status == "diverged" and run.diverged_at is not None
    assert run.curves is not None and run.curves.training[0] == pytest.approx(np.mean(Y**2))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "d.csv holds no rows"),
        ("x,y\n", "d.csv holds no rows"),
        ("x,y\n1,nan\n", "d.csv, line 2: y is nan, not a finite number"),
        ("x,y\n1,2\n3,inf\n", "d.csv, line 3: y is inf, not a finite number"),
        ("x,y\n1,2\n,3\n", "d.csv, line 3: x is empty, not a finite number"),
        ("x,y\n1,cat\n", "d.csv, line 2: y is cat, not a finite number"),
        ("x,y\n1,2,3\n", "d.csv, line 2: 3 cells and 2 columns"),
        ("x,x\n1,2\n", "d.csv has two columns 'x'"),
    ],
)
def test_bad_rows(text: str, message: str) -> None:
    with pytest.raises(BadPoint) as caught:
        table(text, "d.csv")
    assert caught.value.message == message


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: train("(w*z - y)^2", DATA, {"w": 0}), "the data has no column z"),
        (lambda: train("w^2", DATA, {"w": 0}), "the program reads no column of the data"),
        (lambda: train(ROWWISE, DATA, START, "newton"), "newton does not train on batches"),
        (lambda: train(ROWWISE, DATA, START, "sgd", Training(batch=0)), "a batch of 0 rows"),
        (lambda: train(ROWWISE, DATA, START, "sgd", Training(epochs=-1)),
         "the number of epochs is -1"),
        (lambda: train(ROWWISE, DATA, START, "sgd", Training(validation=1.5)),
         "cannot keep a share of 1.5 of 50 rows for validation"),
        (lambda: train(ROWWISE, DATA, START, "sgd", Training(epochs=10**9, batch=1)),
         "50,000,000,000 steps are more than 10,000,000"),
        (lambda: read_data("no-such-file.csv"),
         "cannot read the data from no-such-file.csv: No such file or directory"),
    ],
)  # fmt: skip
def test_bad_requests(call: Any, message: str) -> None:
    with pytest.raises(GraphDiffError) as caught:
        call()
    assert caught.value.message == message


def test_a_file(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("\ufeffx, y\n1,2\n\n3,4\n", encoding="utf-8")
    data = read_data(path)
    assert len(data) == 2 and data.column("y").tolist() == [2, 4]


def test_labels_choose_entries() -> None:
    labels = (Y > 0.5).astype(float)
    data = Data({**DATA.columns, "k": labels})
    how = Training(batch=10, epochs=30, columns={"X": ["a", "b"]})
    start = {"W": np.zeros((2, 2)), "c": [0, 0]}
    run = train("cross_entropy(X@W + c, k)", data, start, "adam", how, lr=0.1)
    scores = X @ run.final["W"] + run.final["c"]
    right = np.mean(scores.argmax(axis=1) == labels)
    assert right > 0.9
    top = scores.max(axis=1)
    loss = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    loss -= scores[np.arange(50), labels.astype(int)]
    assert run.value == pytest.approx(np.mean(loss))
