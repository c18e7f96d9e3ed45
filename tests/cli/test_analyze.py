"""``graphdiff analyze``: tables, JSON, plots, errors."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest


def test_the_example_of_the_lectures(cli: Any) -> None:
    run = cli("analyze", "relu(x)", "--over", "x=-3..3")
    assert (run.status, run.err) == (0, "")
    assert run.out == (
        "relu(x) for −3 ≤ x ≤ 3\n"
        "  everywhere       answer  known   why\n"
        "  continuous?      yes     proved  at every point of the interval\n"
        "  differentiable?  no      proved  kink at 0\n"
        "  smooth (C^k)?    C^0     proved  no continuous first derivative at 0\n"
        "\n"
        "Shape\n"
        "                      answer   known   why\n"
        "  rising or falling?  rising   proved  f′ is positive or 0 on every piece\n"
        "  odd or even?        neither  proved  f(3/4) and f(−3/4) tell\n"
        "  values              0 to 3   proved  least and greatest on the interval\n"
        "  limits              0 and ∞  proved  as x goes to −∞ and to ∞\n"
        "\n"
        "Points where f is not smooth\n"
        "  x  what  f(x)  f(x−)  f(x+)  f′(x−)  f′(x+)  class  known   gate\n"
        "  0  kink     0      0      0       0       1  C^0    proved  relu\n"
        "\n"
        "Stretches\n"
        "  x from  to  what      that is              known\n"
        "      −3   0  constant  f′ = 0: no gradient  proved\n"
    )


def test_json(cli: Any) -> None:
    run = cli("analyze", "hinge(s, y)", "--over", "s=-3..3", "--at", "y=1", "--json")
    document = json.loads(run.out)
    assert document["schema"] == "graphdiff.analyze/1"
    [point] = document["points"]
    assert point["at"] == {"value": 1.0}
    assert (point["left_derivative"]["value"], point["right_derivative"]["value"]) == (-1.0, 0.0)
    assert (document["continuous"]["answer"], document["smooth"]["class"]) == (True, "C^0")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("relu(x)",), "error: no interval is given"),
        (("relu(x)", "--over", "x=3..-3"), "error: the interval of x is empty"),
        (("relu(x)", "--over", "x=-inf..inf"), "error: the interval of x is infinite"),
        (("relu(x)", "--over", "x=-1..1", "-o", "f.jpg"), "error: cannot write 'f.jpg'"),
        (("hinge(s,y)", "--over", "s=-1..1"), "error: no value for y"),
    ],
)
def test_bad_input(cli: Any, arguments: tuple[str, ...], message: str) -> None:
    run = cli("analyze", *arguments)
    assert run.status == 2
    assert run.out == ""
    assert run.err.startswith(message)


@pytest.mark.parametrize("kind", ["svg", "pdf", "png"])
def test_plots_are_the_same_on_every_run(cli: Any, tmp_path: Path, kind: str) -> None:
    pytest.importorskip("matplotlib")
    files = [tmp_path / f"{k}.{kind}" for k in (1, 2)]
    for file in files:
        run = cli("analyze", "floor(x) + abs(x)/x", "--over", "x=-2..2", "-o", str(file))
        assert run.status == 0
    first, second = (file.read_bytes() for file in files)
    assert first == second
    assert first.startswith({"svg": b"<?xml", "pdf": b"%PDF", "png": b"\x89PNG"}[kind])


# Each text in both themes and both languages, every theme with every language.
@pytest.mark.parametrize(
    ("text", "theme", "language"),
    [
        (text, theme, "en" if (k + (theme == "dark")) % 2 else "ko")
        for k, text in enumerate(
            ["relu(x)", "1/x", "log(x)", "sin(x)/x", "sqrt(abs(x))", "huber(x,0)", "sign(x)", "x-x"]
        )
        for theme in ("light", "dark")
    ],
)
def test_plots_of_every_kind(cli: Any, text: str, theme: str, language: str) -> None:
    pytest.importorskip("matplotlib")
    run = cli("analyze", text, "--over", "x=-2..2", "-o", "-", "--to", "svg",
              "--theme", theme, "--lang", language)  # fmt: skip
    assert (run.status, run.err) == (0, "")
    assert "<svg" in run.out


def test_a_missing_matplotlib_is_a_missing_program(
    cli: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    run = cli("analyze", "relu(x)", "--over", "x=-1..1", "-o", str(tmp_path / "f.svg"))
    assert run.status == 3
    assert "pip install" in run.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("program", ["tan(x)", "floor(x) + abs(x)", "relu(x + 1)*x^2 + abs(x)^3"])
def test_tables_fit_80_columns(cli: Any, program: str) -> None:
    run = cli("analyze", program, "--over", "x=-5..5")
    assert run.status == 0 and max(map(len, run.out.splitlines())) <= 80


def test_arrays_are_refused_in_one_message(cli: Any) -> None:
    run = cli("analyze", "x*y", "--over", "x[0]=-1..1", "--at", "x=[1,2],y=[1,2]")
    assert run.status == 2
    assert "the output has shape 2, and is no number" in run.err
    assert "take an entry of it" in run.err
    run = cli("analyze", "flatten(x)", "--over", "x=-1..1")
    assert run.status == 2
    assert "Traceback" not in run.err


def test_an_entry_of_an_array_moves(cli: Any) -> None:
    run = cli("analyze", "sum(relu(x))", "--over", "x[0]=-1..1", "--at", "x=[1,2]")
    assert run.status == 0
    assert "kink at 0" in run.out


def test_values_that_are_no_integers(cli: Any) -> None:
    run = cli("analyze", "x^y", "--over", "x=1..2", "--at", "y=5/2")
    assert (run.status, run.err) == (0, "")
