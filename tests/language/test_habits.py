"""Hints lead to something that works: every one is followed, and what it leads to is run.

What the program should mean is computed with Python's math, not by this package.
"""

from __future__ import annotations

import math
import re
import shlex
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest

import graphdiff as gd
from graphdiff.core.domains.floats import FLOAT
from graphdiff.errors import BadPoint, GraphDiffError
from graphdiff.language.reading.point import read_point

X = 0.7
HABITS: list[tuple[str, Callable[[float], float]]] = [
    ("np.exp(x)", math.exp),
    ("numpy.exp(x) + 1", lambda x: math.exp(x) + 1),
    ("math.sin(x)*np.pi", lambda x: math.sin(x) * math.pi),
    ("torch.sigmoid(x)", lambda x: 1 / (1 + math.exp(-x))),
    ("np.square(x)", lambda x: x**2),
    ("np.power(x, 3)", lambda x: x**3),
    ("F.relu(x)", lambda x: x),
    ("x.exp()", math.exp),
    ("(x+1).log()", lambda x: math.log(x + 1)),
    ("x.pow(2)", lambda x: x**2),
    ("x.sin().exp()", lambda x: math.exp(math.sin(x))),
    ("np.maximum(x, 0)", lambda x: x),
    ("f(x) = x^2", lambda x: x**2),
    ("f(x) := x^2", lambda x: x**2),
    ("y := x^2", lambda x: x**2),
    ("f = lambda x: x^2", lambda x: x**2),
    ("lambda x: x^2", lambda x: x**2),
    ("def f(x): return x**2", lambda x: x**2),
    ("0,5*x", lambda x: x / 2),
    ("x + 1,25", lambda x: x + 1.25),
    ("0,5x", lambda x: x / 2),
    ("fmod(x, 3)", lambda x: x % 3),
    ("x % 3", lambda x: x % 3),
    ("x mod 3", lambda x: x % 3),
    ("2*np.mod(x+5, 3)", lambda x: 2 * ((x + 5) % 3)),
    ("x // 2", lambda x: x // 2),
    ("Sin(x)", math.sin),
    ("SIN(x)", math.sin),
    ("x if x > 0 else 0", lambda x: x),
    ("x < 0 ? 1 : 2", lambda x: 2),
    ("50% * x", lambda x: x / 2),
    ("erfc(x)", math.erfc),
    ("1 - 2*erfc(x)", lambda x: 1 - 2 * math.erfc(x)),
]


@pytest.mark.parametrize(("text", "meaning"), HABITS, ids=[text for text, _ in HABITS])
def test_the_hint_is_a_program_that_means_it(text: str, meaning: Callable[[float], float]) -> None:
    with pytest.raises(GraphDiffError) as caught:
        gd.parse(text)
    assert caught.value.hint.startswith("write ")
    followed = caught.value.hint.removeprefix("write ")
    trace = gd.parse(followed).backprop({"x": X})
    value = trace.values[trace.graph.output]
    assert float(value) == pytest.approx(meaning(X), rel=1e-12), followed


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("W.dot(x)", lambda w, x: w @ x),
        ("np.dot(W, x)", lambda w, x: w @ x),
        ("W.dot(x).sum()", lambda w, x: (w @ x).sum()),
        ("W.T.dot(x)", lambda w, x: w.T @ x),
        ("W.t().matmul(x)", lambda w, x: w.T @ x),
        ("np.tanh(W.dot(x))", lambda w, x: np.tanh(w @ x)),
        ("x.sum() + W.sum()", lambda w, x: x.sum() + w.sum()),
        ("x.dot(x)*W[0,0]", lambda w, x: x @ x * w[0, 0]),
        ("W.matmul(W).dot(x)", lambda w, x: w @ w @ x),
        ("np.array([1, 2])@x", lambda w, x: x[0] + 2 * x[1]),
    ],
)
def test_arrays_as_numpy_writes_them(
    text: str, meaning: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> None:
    values = {"W": np.array([[1.0, 2.0], [3.0, -4.0]]), "x": np.array([0.5, -1.0])}
    with pytest.raises(GraphDiffError) as caught:
        gd.parse(text)
    followed = caught.value.hint.removeprefix("write ")
    used = {name: v for name, v in values.items() if re.search(rf"\b{name}\b", followed)}
    trace = gd.parse(f"sum({followed})").backprop(used)
    got = np.asarray(trace.values[trace.graph.output], dtype=float)
    assert got == pytest.approx(np.sum(meaning(values["W"], values["x"])))


@pytest.mark.parametrize("text", ["sin^-1(x)", "(1,2)", "x,y", "x[0", "a.b.c(x)", "x.foo()"])
def test_what_has_no_one_meaning_gets_no_rewriting(text: str) -> None:
    with pytest.raises(GraphDiffError) as caught:
        gd.parse(text)
    assert not caught.value.hint.startswith("write ")


def test_a_decimal_comma_in_a_point() -> None:
    for text, name, value in (
        ("x=1,5", "x", "1.5"),
        ("x=0,5,y=2", "x", "0.5"),
        ("x=-0,25", "x", "-0.25"),
    ):
        with pytest.raises(BadPoint) as caught:
            read_point([text])
        first, second = re.fullmatch(r"write (.*) or (.*)", caught.value.hint).groups()  # type: ignore[union-attr]
        assert read_point([first])[name].read(FLOAT) == float(value)
        assert read_point([second])[name].shape == (2,)
    with pytest.raises(BadPoint, match="comma ends the value") as caught:
        read_point(["x=1,2,3"])
    assert read_point([caught.value.hint.removeprefix("write ")])["x"].shape == (3,)


def test_names_that_run_together() -> None:
    with pytest.raises(BadPoint) as caught:
        gd.parse("wx+b").backprop({"w": 1, "x": 2, "b": 3})
    assert caught.value.hint == "for a product write w*x"
    assert gd.parse("w*x+b").backprop({"w": 1, "x": 2, "b": 3}).gradients["w"] == 2
    with pytest.raises(BadPoint) as caught:
        gd.parse("w1x1 + b").backprop({"w1": 1, "x1": 2, "b": 3})
    assert "w1*x1" in caught.value.hint


@pytest.mark.parametrize(
    "line",
    ['backprop "x*y" --at x=1, y=2', 'backprop --at x=1, y=-2 "x*y"',
     'check "x^2" --answer "np.exp(x)"'],
)  # fmt: skip
def test_a_blank_in_a_point(line: str) -> None:
    command = [sys.executable, "-m", "graphdiff_cli.main", *shlex.split(line)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if line.startswith("check"):
        assert done.returncode == 1 and "read as  exp(x)" in done.stdout
    else:
        assert done.returncode == 0, done.stderr


def test_a_root_of_a_negative_number() -> None:
    thirds = [("x^(2/3)", -8, 4), ("x^(1/3)", -8, -2), ("x^(5/3)", -8, -32), ("x^(-2/3)", -8, 0.25)]
    for text, at, true in [*thirds, ("x^(3/5)", -32, -8), ("x^(4/5)", -32, 16)]:
        followed = text
        try:
            gd.parse(text).backprop({"x": at})
        except GraphDiffError as error:
            followed = error.hint.partition("write ")[2]
        trace = gd.parse(followed).backprop({"x": at})
        assert float(trace.values[trace.graph.output]) == pytest.approx(true)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("reciprocal(u)", "write 1/u"),
        ("f(x) =x^2", "write f = x^2"),
        ("f(x)= x^2", "write f = x^2"),
        ("cummax(x)", "graphdiff ops lists all functions"),  # max is something else
        ("argsort(x)[0]", "graphdiff ops lists all functions"),
        ("sigmiod(x)", "did you mean 'sigmoid'?"),
        ("x - inf", "use a finite number; -1e9 masks as well as -inf"),
    ],
)
def test_hints_guess_no_other_function(text: str, hint: str) -> None:
    with pytest.raises(gd.GraphDiffError) as caught:
        gd.parse(text)
    assert caught.value.hint == hint


@pytest.mark.parametrize("name", ["lamb", "radam", "adamax", "lion"])
def test_another_optimizer_is_no_slip_of_the_pen(name: str) -> None:
    with pytest.raises(gd.GraphDiffError, match=f"there is no optimizer {name!r}") as caught:
        gd.descend("x^2", {"x": 1}, name, steps=1)
    assert caught.value.hint.startswith("there are sgd, momentum")
