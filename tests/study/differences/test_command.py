"""``graphdiff gradcheck`` and its plot."""

from __future__ import annotations

import json
import sys
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from graphdiff.study.differences import gradcheck
from graphdiff_cli.main import main

PLOT = pytest.importorskip("matplotlib")


class Run(NamedTuple):
    """Exit status and both streams of a run."""

    status: int
    out: str
    err: str


@pytest.fixture
def cli(capfdbinary: pytest.CaptureFixture[bytes]) -> Callable[..., Run]:
    def run(*arguments: str) -> Run:
        status = 0
        try:
            main(["gradcheck", *arguments])
        except SystemExit as done:
            status = done.code if isinstance(done.code, int) else int(bool(done.code))
        out, err = capfdbinary.readouterr()
        return Run(status, out.decode(errors="replace"), err.decode(errors="replace"))

    return run


def width(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line)


def test_the_answer_starts_with_every_method(cli: Any) -> None:
    run = cli("0.01*x^2 + 0.1*x", "--at", "x=5")
    assert run.status == 0 and not run.err
    assert run.out.startswith("""\
Derivative in x at x = 5, float64
  backpropagation  0.2
  proved value     0.2
  central, h=1e-4  0.1999999999990898
  forward, h=1e-4  0.20000099999917254
  complex step     0.2 (h = 1e-100)
""")
    assert "relative error   4.6e-12, at most 1e-7: be happy" in run.out
    assert "central: truncation is 0 (proved)" in run.out


def test_the_reasons_for_1e_4(cli: Any) -> None:
    out = " ".join(cli("sin(x)", "--at", "x=1").out.split())
    assert "Why h = 1e-4" in out
    assert "central: truncation 9.0e-2·h², rounding 1.1e-16/h" in out
    assert "Least at h = 8.5e-6 (∛ε = 6.1e-6)" in out
    assert "(√ε = 1.5e-8)" in out
    assert "1e-4 lies above the best step on purpose" in out


@pytest.mark.parametrize("arguments", [
    ("sin(x)", "--at", "x=1"),
    ("sin(x)", "--at", "x=1", "--dtype", "float32"),
    ("relu(x)", "--at", "x=1e-5"),
    ("relu(x)", "--at", "x=0"),
    ("floor(x)", "--at", "x=2"),
    ("where(x>1,x^2,x)", "--at", "x=1"),
    ("exp(exp(x))", "--at", "x=6.5"),
    ("log(x)", "--at", "x=1e-20"),
    ("mean(relu(W@x)^2)", "--at", "W=[[1,-2],[3,4]],x=[1,2]"),
    ("sum(exp(X@w))", "--at", "X=[[1,2],[3,4]],w=[0.5,-1]", "--directions", "3"),
])  # fmt: skip
def test_lines_fit_in_80_columns(cli: Any, arguments: tuple[str, ...]) -> None:
    run = cli(*arguments)
    assert run.status == 0, run.err
    assert max(map(width, run.out.splitlines())) <= 80


@pytest.mark.parametrize(("arguments", "said"), [
    (("relu(x)", "--at", "x=1e-5"), "the quotient steps over a kink (relu at f): take a smaller h"),
    (("relu(x)", "--at", "x=0"), "relu at f is on its kink: 0 from the left, 1 from the right"),
    (("floor(x)", "--at", "x=2"), "floor at f jumps here: there is no derivative"),
    (("sin(x)", "--at", "x=1e22"), "f(x + h) and f(x − h) are the same number"),
    (("x*abs(x)", "--at", "x=0"), "on the kink itself, though f has a derivative"),
    (("sqrt(x)", "--at", "x=1e-3"), "truncation: h = 1e-4 is a large step for this function"),
])  # fmt: skip
def test_what_a_difference_comes_from(cli: Any, arguments: tuple[str, ...], said: str) -> None:
    run = cli(*arguments)
    assert run.status == 0
    assert said in " ".join(run.out.split())


def test_a_wrong_gradient_is_exit_status_1(cli: Any) -> None:
    run = cli("0.01*x^2 + 0.1*x", "--at", "x=5", "--gradient", "x=2e-9")
    assert run.status == 1
    said = " ".join(run.out.split())
    assert "the brackets of /(2*h) are missing" in said
    assert "WRONG: off by 1 from the derivative" in said
    assert cli("x^3", "--at", "x=2", "--gradient", "x=12").status == 0


def test_json(cli: Any) -> None:
    run = cli("x*y", "--at", "x=2,y=3", "--wrt", "y", "--json")
    document = json.loads(run.out)
    assert document["schema"] == "graphdiff.gradcheck/1" and document["ok"] is True
    (check,) = document["checks"]
    assert check["name"] == "y" and check["gradient"] == 2
    assert check["exact"]["value"] == 2 and check["exact"]["source"] == "taylor"


@pytest.mark.parametrize(("arguments", "said"), [
    (("x^2", "--at", "x=1", "--h", "0"), "a step of 0 is no step"),
    (("x^2",), "no value for x"),
    (("x^2", "--at", "x=1", "--wrt", "y"), "no variable 'y'"),
    (("x^2", "--at", "x=1", "--gradient", "y=1"), "a gradient is given for y"),
    (("x^2", "--at", "x=1", "--gradient", "x=[1,2]"), "does not have the shape of x"),
    (("5",), "there is nothing to differentiate"),
    (("nll(x,y)", "--at", "x=[1,2],y=1", "--wrt", "y"), "does not change smoothly with y"),
    (("x^2", "--at", "x=1", "-o", "f.txt"), "unknown format"),
    (("x^2", "--at", "x=1", "-o", "-", "--json"), "would both write to standard output"),
    (("x", "--at", "x=10^400"), "overflows"),
])  # fmt: skip
def test_bad_input_is_exit_status_2(cli: Any, arguments: tuple[str, ...], said: str) -> None:
    run = cli(*arguments)
    assert run.status == 2 and not run.out
    assert said in run.err


def test_an_interrupted_run_is_exit_status_130(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = gradcheck("sum(x^2)", {"x": [1, 2]})
    part = replace(whole, checks=whole.checks[:1], interrupted=True)
    monkeypatch.setattr("graphdiff.study.differences.gradcheck", lambda *_, **__: part)
    run = cli("sum(x^2)", "--at", "x=[1,2]")
    assert run.status == 130 and "interrupted: 1 of the checks" in run.err
    assert "Derivative in x[0]" in run.out


def test_without_matplotlib_it_says_what_to_install(
    cli: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    run = cli("x^2", "--at", "x=1", "-o", str(tmp_path / "f.svg"))
    assert run.status == 3 and "pip install" in run.err
    assert not list(tmp_path.iterdir())


def test_plots_are_written_and_do_not_vary(cli: Any, tmp_path: Path) -> None:
    starts = {"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}
    for kind, start in starts.items():
        pair = [tmp_path / f"{n}.{kind}" for n in "ab"]
        for path in pair:
            assert cli("relu(x)*sin(x)", "--at", "x=1e-3", "-o", str(path)).status == 0
        assert pair[0].read_bytes().startswith(start)
        assert pair[0].read_bytes() == pair[1].read_bytes()


@pytest.mark.parametrize(
    ("x", "theme", "language"),
    [
        (1, "light", "en"), (1, "dark", "ko"), (0, "light", "ko"),
        (0, "dark", "en"), ("1e-5", "light", "en"), ("1e-5", "dark", "ko"),
    ],
)  # fmt: skip
def test_every_plot_is_drawn(language: str, theme: str, x: Any) -> None:
    from graphdiff.drawing.plots import save
    from graphdiff.drawing.plots.differences import figure

    drawn = figure(gradcheck("relu(x)*2", {"x": x}), language=language, theme=theme)
    assert save(drawn, "png").startswith(b"\x89PNG")


def test_the_plot_shows_what_the_table_says() -> None:
    from graphdiff.drawing.plots.differences import figure

    found = gradcheck("sin(x)", {"x": 1})
    (check,) = found.checks
    axes = figure(found).axes[0]
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    lines = {line.get_label(): line for line in axes.get_lines()}
    central = lines["central quotient"]
    assert list(central.get_ydata()) == [row.central_error for row in check.rows]
    assert {"truncation ∝ h", "truncation ∝ h²", "rounding ∝ ε/h"} <= set(lines)
    assert "best h: 8.5e-6" in lines
