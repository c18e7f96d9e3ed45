"""``graphdiff flow`` and ``graphdiff cost``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest


def test_paths_of_a_circuit(cli: Any) -> None:
    run = cli("flow", "q = x + y; f = q*z", "--at", "x=-2,y=5,z=-4")
    assert run.status == 0
    assert (
        run.out
        == """\
Gradient flow
  depth  too few layers to compare

Paths
  to  path       factors  product
  x   f ← q ← x  (-4)·1        -4
  y   f ← q ← y  (-4)·1        -4
  z   f ← z      3              3
"""
    )


DEEP = "h1 = tanh(W1@x); h2 = tanh(W2@h1); h3 = tanh(W3@h2); sum(h3^2)"
SHAPES = "W1:50x50,W2:50x50,W3:50x50,x:50"


def test_weights_that_are_too_small(cli: Any) -> None:
    run = cli("flow", DEEP, "--shape", SHAPES, "--init", "0.01", "--samples", "20")
    assert run.status == 0
    assert "the gradient vanishes" in run.out
    assert "He √(2/n) keeps the variance best" in run.out
    assert all(len(line) <= 80 for line in run.out.splitlines())


def test_json(cli: Any) -> None:
    run = cli("flow", DEEP, "--shape", SHAPES, "--init", "xavier", "--samples", "2", "--json")
    data = json.loads(run.out)
    assert data["schema"] == "graphdiff.flow/1"
    assert [stage["node"] for stage in data["stages"]] == ["h1", "h2", "h3"]
    assert data["drawn"] == ["W1", "x", "W2", "W3"]
    assert [m["rule"] for m in data["initial_weights"]["measured"]] == [
        "given", "lecun", "xavier", "he",
    ]  # fmt: skip
    again = cli("flow", DEEP, "--shape", SHAPES, "--init", "xavier", "--samples", "2", "--json")
    assert again.out == run.out


@pytest.mark.parametrize("plot", ["graph", "bars", "histogram"])
def test_pictures(cli: Any, tmp_path: Path, plot: str) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / "flow.svg"
    run = cli(
        "flow", "h = sigmoid(w*x); g = tanh(h); f = g^2", "--at", "w=3,x=4", "--plot", plot,
        "-o", str(target),
    )  # fmt: skip
    assert run.status == 0
    assert "h (slope below 0.01)" in run.out
    assert target.read_bytes().startswith(b"<?xml" if plot != "graph" else b"<svg")


def test_a_missing_matplotlib_is_a_missing_program(
    cli: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "matplotlib", None)
    target = tmp_path / "flow.svg"
    run = cli(
        "flow", "h = tanh(x); f = h^2", "--at", "x=1", "--plot", "bars", "-o", str(target)
    )  # fmt: skip
    assert run.status == 3
    assert "pip install" in run.err
    assert not target.exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("flow", "x^2"), "no value for x"),
        (("flow", "x^2", "--at", "x=1", "--plot", "bars"), "--plot needs a file"),
        (("flow", "x^2", "--at", "x=1", "--plot", "bars", "-o", "a.tex"), "unknown format"),
        (("flow", "log(x)", "--at", "x=-1"), "log(-1) is not defined"),
        (("flow", "x^2", "--at", "x=1", "--params", "q"), "no variable 'q'"),
        (("flow", "sum(W@x)", "--init", "he"), "sizes of W are not settled"),
        (("cost", "W@x", "--shape", "W:2x2,x:2"), "a gradient belongs to a number"),
        (("cost", "x^2", "--at", "y=2"), "no variable y"),
    ],
)
def test_bad_input(cli: Any, arguments: tuple[str, ...], words: str) -> None:
    run = cli(*arguments)
    assert run.status == 2
    assert words in run.err
    assert run.out == ""


def test_cost_of_squares_of_squares(cli: Any) -> None:
    run = cli("cost", "q = x*y; r = q*q; f = r*r", "--no-time")
    assert run.status == 0
    assert (
        run.out
        == """\
Gradient of f in 2 inputs
  by                                        multiplications  additions
  path by path                    8 paths                24          6
  forward mode                    2 sweeps               10          4
  reverse mode (backpropagation)  1 sweep                 6          2

By input
  gradient  paths  multiplications, path by path
  ∂/∂x          4                             12
  ∂/∂y          4                             12

Factors: computed once, used so often
  factor  formula  in the gradients of  path by path
  ∂f/∂r   r        x, y                           4×
  ∂f/∂r   r        x, y                           4×
  ∂r/∂q   q        x, y                           4×
  ∂r/∂q   q        x, y                           4×
  ∂q/∂x   y        x                              4×
  ∂q/∂y   x        y                              4×

Gradient against function
  function               3 operations
  function and gradient  8 operations
  ratio, counted         2.67
  kept for the way back  4 numbers
  central differences    4 evaluations, 12 operations
  Hessian                4 numbers, 42 operations
"""
    )


def test_cost_as_json_and_by_the_clock(cli: Any) -> None:
    data = json.loads(cli("cost", "x*y + sin(x)", "--json").out)
    assert data["schema"] == "graphdiff.cost/1"
    assert data["measured"]["ratio"] > 0
    assert data["reverse"]["passes"] == 1
    assert "ratio, measured" in cli("cost", "x*y + sin(x)").out


def test_an_interruption_prints_what_is_done(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    import graphdiff.study.flow.starts as starts

    def stop(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(starts._Trial, "run", stop)
    run = cli("flow", DEEP, "--shape", SHAPES, "--init", "xavier")
    assert run.status == 130
    assert "Paths" in run.out
    assert "interrupted: what was done is above" in run.err
