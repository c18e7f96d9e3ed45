"""``graphdiff backprop`` as a user meets it."""

from __future__ import annotations

import json
import os
import re
import stat
import subprocess
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

SIGMOID = "1/(1+exp(-(w0*x0+w1*x1+w2)))"
SIGMOID_AT = "w0=2,x0=-1,w1=-3,x1=-2,w2=-3"

# CS231n notes and slides (lecture 4), the sigmoid neuron: all 26 printed numbers, by gate.
PRINTED = {
    ("w0", "2.00", "-0.20"), ("x0", "-1.00", "0.39"), ("w1", "-3.00", "-0.39"),
    ("x1", "-2.00", "-0.59"), ("w2", "-3.00", "0.20"), ("n1", "-2.00", "0.20"),
    ("n2", "6.00", "0.20"), ("n3", "4.00", "0.20"), ("n4", "1.00", "0.20"),
    ("n5", "-1.00", "-0.20"), ("n6", "0.37", "-0.53"), ("n7", "1.37", "-0.53"),
    ("f", "0.73", "1.00"),
}  # fmt: skip


def document(cli: Any, *arguments: str) -> dict[str, Any]:
    run = cli("backprop", *arguments, "--json")
    assert run.status == 0, run.err
    loaded: dict[str, Any] = json.loads(run.out)
    return loaded


def test_main_job_prints_every_number(cli: Any) -> None:
    run = cli("backprop", "q = x + y; f = q*z", "--at", "x=-2,y=5,z=-4")
    assert run.status == 0
    assert run.err == ""
    lines = [line.split() for line in run.out.splitlines()]
    assert ["q", "+", "x", "+", "y", "3", "distributor"] in lines
    assert ["f", "*", "q·z", "-12", "switcher"] in lines
    assert ["f", "1", "1", "q", "z", "-4", "-4"] in lines
    assert ["q", "z", "-4", "x", "1", "1", "-4"] in lines
    assert ["∂f/∂z", "q", "3"] in lines
    assert "Verified" in run.out
    assert max(map(len, run.out.splitlines())) <= 80


def test_without_a_point_the_symbols_alone(cli: Any) -> None:
    run = cli("backprop", "q = x + y; f = q*z")
    assert run.status == 0
    assert ["q", "z", "x", "1"] in [line.split() for line in run.out.splitlines()]
    assert "Verified" not in run.out


def test_the_26_numbers_of_the_slide_and_its_gates(cli: Any) -> None:
    nodes = document(cli, SIGMOID, "--at", SIGMOID_AT)["nodes"]
    live = [node for node in nodes if node["upstream"]]
    printed = {(n["name"], f"{n['value']:.2f}", f"{n['gradient']:.2f}") for n in live}
    assert printed == PRINTED
    gates = [n["label"] for n in live if n["operands"]]
    assert gates == ["*", "*", "+", "+", "×-1", "exp", "+1", "1/x"]


def test_json_contract(cli: Any) -> None:
    found = document(cli, "q = x + y; f = q*z", "--at", "x=-2,y=5,z=-4")
    assert found["schema"] == "graphdiff.trace/1"
    assert (found["output"], found["layout"]) == ("f", "gradient")
    assert found["gradients"] == {"x": -4, "y": -4, "z": 3}
    assert found["verification"]["ok"] is True
    names = [m["name"] for m in found["verification"]["methods"]]
    assert names[0] == "central differences in ball arithmetic"
    assert found["kinks"] == found["warnings"] == []
    q = next(n for n in found["nodes"] if n["name"] == "q")
    assert (q["label"], q["op"], q["role"], q["shape"]) == ("+", "add", "distributor", [])
    assert q["upstream"] == {"symbolic": "z", "closed": "z", "value": -4}
    assert found["edges"][0] == {
        "source": 0, "target": 2, "position": 0, "local": {"symbolic": "1", "value": 1},
        "contribution": -4,
    }  # fmt: skip


def test_json_exact_fractions(cli: Any) -> None:
    found = document(cli, "x/3", "--at", "x=1")
    assert next(n for n in found["nodes"] if n["name"] == "f")["exact"] == "1/3"
    assert "1/3" in cli("backprop", "x/3", "--at", "x=1").out


def test_constants_get_no_gradient(cli: Any) -> None:
    found = document(cli, "2*x+1", "--at", "x=5")
    assert all(n["gradient"] is None for n in found["nodes"] if n["op"] == "const")


def test_fork_shows_contributions_before_the_sum(cli: Any) -> None:
    run = cli("backprop", "(a+b)*(b+1)", "--at", "a=2,b=1")
    assert "fork: 2 + 3 = 5" in run.out
    edges = document(cli, "x*x", "--at", "x=3")["edges"]
    assert [(e["position"], e["contribution"]) for e in edges] == [(0, 3), (1, 3)]


def test_no_share_keeps_the_tree(cli: Any) -> None:
    shared = document(cli, "(x+y)*(x+y)", "--at", "x=1,y=2")
    tree = document(cli, "(x+y)*(x+y)", "--at", "x=1,y=2", "--no-share")
    assert len(tree["nodes"]) == len(shared["nodes"]) + 1
    assert tree["gradients"] == shared["gradients"]


@pytest.mark.parametrize("expression", ["-x*y", "-x", "-(x+y)", "-2x", "-x^2"])
def test_an_expression_may_start_with_a_minus(cli: Any, expression: str) -> None:
    at = "x=2,y=3" if "y" in expression else "x=2"
    assert cli("backprop", expression, "--at", at).status == 0
    assert cli("backprop", "--at", at, "--", expression).status == 0
    assert cli("backprop", "--at", at, "-e", expression).status == 0


def test_program_from_file_and_standard_input(tmp_path: Path) -> None:
    program = tmp_path / "p.gd"
    program.write_text("# a comment\nq = x + y\nf = q*z\n", encoding="utf-8")
    command = [sys.executable, "-m", "graphdiff_cli.main", "backprop"]
    at = ["--at", "x=-2,y=5", "--at", "z=-4", "--json"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    from_file = subprocess.run(
        [*command, "-f", str(program), *at], capture_output=True, check=True, env=environment
    )
    from_pipe = subprocess.run(
        [*command, "-", *at],
        input=program.read_bytes(),
        capture_output=True,
        check=True,
        env=environment,
    )
    assert json.loads(from_file.stdout)["gradients"] == {"x": -4, "y": -4, "z": 3}
    assert from_pipe.stdout == from_file.stdout


@pytest.mark.parametrize(
    ("suffix", "start"),
    [
        ("svg", b"<svg"),
        ("pdf", b"%PDF"),
        ("png", b"\x89PNG"),
        ("dot", b"//"),
        ("json", b"{"),
        ("md", b"# "),
    ],
)
def test_files_are_written_whole_and_twice_the_same(
    cli: Any, tmp_path: Path, suffix: str, start: bytes
) -> None:
    first, second = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
    run = cli("backprop", SIGMOID, "--at", SIGMOID_AT, "-o", str(first), "-o", str(second))
    assert run.status == 0, run.err
    assert first.read_bytes().lstrip().startswith((start, b"<?xml"))
    assert first.read_bytes() == second.read_bytes()
    assert sorted(p.name for p in tmp_path.iterdir()) == [f"a.{suffix}", f"b.{suffix}"]
    assert stat.S_IMODE(first.stat().st_mode) & 0o044 == 0o044 & ~_umask()


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_output_to_stdout(cli: Any) -> None:
    run = cli("backprop", "x*y", "--at", "x=2,y=3", "-o", "-")
    assert run.out.lstrip().startswith("<svg")
    assert "Forward" not in run.out


def test_certified_digits(cli: Any) -> None:
    from mpmath import mp, mpf, nstr, sqrt

    mp.dps = 70
    run = cli("backprop", "sqrt(x)", "--at", "x=2", "--precision", "50")
    assert nstr(sqrt(mpf(2)), 50) in run.out
    # Doubles cancel here: 1 − cos(1e-9) is 0 in doubles and 5e-19 in truth.
    lossy = cli("backprop", "1 - cos(x)", "--at", "x=1e-9")
    assert "5e-19" in lossy.out
    assert "doubles lose digits" in lossy.err


def test_kink_is_reported_with_both_sides(cli: Any) -> None:
    run = cli("backprop", "relu(x)", "--at", "x=0")
    assert run.status == 0
    assert "sits on a kink" in run.err
    assert "[0, 1]" in run.out
    assert "right" in run.out
    for kink, value in (("left", 0), ("right", 1), ("mean", 0.5)):
        assert document(cli, "relu(x)", "--at", "x=0", "--kink", kink)["gradients"] == {"x": value}
    assert cli("backprop", "x*abs(x)", "--at", "x=0").err == ""
    assert cli("backprop", "elu(x)", "--at", "x=0").err == ""


def test_a_mismatch_is_loud(cli: Any) -> None:
    # Both sides of a kink are expanded in small programs of arrays, and not in this one.
    entries = ",".join(map(str, range(40)))
    run = cli("backprop", "sum(relu(x) - relu(-x))", "--at", f"x=[{entries}]")
    assert run.status == 1
    assert "MISMATCH" in run.err
    assert "NOT VERIFIED" in run.out


def test_kinks_that_cancel_leave_the_gradient(cli: Any) -> None:
    # Every framework with relu'(0) = 0 answers 0; the function is x, its derivative 1.
    assert document(cli, "relu(x) - relu(-x)", "--at", "x=0")["gradients"] == {"x": 1}


def test_step_too_large_is_not_wrong(cli: Any) -> None:
    run = cli("backprop", "sin(1000000*x)", "--at", "x=1")
    assert run.status == 0
    assert "step too large" in run.out


def test_symbolic_verification_and_closed_forms(cli: Any) -> None:
    pytest.importorskip("sympy")
    run = cli("backprop", "x^2*sin(y)", "--at", "x=3,y=pi/4", "--verify", "symbolic", "--closed")
    assert run.status == 0
    assert "sympy.diff" in run.out
    assert "2*x*sin(y)" in run.out


def test_fuse_draws_one_sigmoid(cli: Any) -> None:
    nodes = document(cli, SIGMOID, "--at", SIGMOID_AT, "--fuse", "sigmoid")["nodes"]
    gate = nodes[-1]
    assert (gate["op"], gate["label"]) == ("sigmoid", "σ")
    assert gate["value"] == pytest.approx(0.7310585786300049, rel=1e-15)


def test_colours_survive_a_pipe_when_asked(cli: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in cli("backprop", "x*y", "--at", "x=2,y=3").out
    assert "\x1b[" in cli("backprop", "x*y", "--at", "x=2,y=3", "--color", "always").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in cli("backprop", "x*y", "--at", "x=2,y=3").out


def test_korean_names_stay_aligned(cli: Any) -> None:
    run = cli("backprop", "가중치*입력 + 편향", "--at", "가중치=2,입력=3,편향=1")
    assert run.status == 0
    assert "∂f/∂가중치" in run.out


@pytest.mark.parametrize("digits", ["2", "3", "6"])
@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("sin(x)*x*x", "x=-0.3655"),
        ("sin(x)*x*x + exp(x)/x", "x=-0.3655"),
        ("log(x)*x*x*x", "x=1/7"),
        ("sum(exp(x)*x)", "x=[0.1]"),
        ("exp(x)*1e6 - exp(x)*999999", "x=0.3"),
    ],
)
def test_the_shares_of_a_fork_add_to_their_sum_as_printed(
    cli: Any, text: str, at: str, digits: str
) -> None:
    out = cli("backprop", text, "--at", at, "--digits", digits, "--verify", "none").out
    forks = [line.partition("fork: ")[2] for line in out.splitlines() if "fork: " in line]
    assert forks
    for line in forks:
        left, sign, total = line.partition(" = ")
        if not sign:
            assert " ≈ " in line
            continue
        columns = [
            re.findall(r"-?\d+\.?\d*(?:e-?\d+)?(?:/\d+)?", s) for s in (*left.split(" + "), total)
        ]
        for *terms, end in zip(*columns, strict=True):
            missed = abs(sum(map(Fraction, terms)) - Fraction(end))
            assert missed <= abs(Fraction(end)) * Fraction(10) ** (1 - int(digits)) / 2


@pytest.mark.parametrize("columns", [24, 40, 60, 80, 200])
def test_no_number_and_no_name_is_split_on_a_terminal(
    cli: Any, monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = "q = max(x, y); relu(q - 1.23456)*where(x <= y, long_name^2, exp(x))"
    at = "x=1.23456,y=1.23456,long_name=1.2345678"
    out = cli("backprop", text, "--at", at, "--color", "always").out
    lines = re.sub(r"\x1b\[[0-9;]*m", "", out).splitlines()
    assert max(map(len, lines)) <= columns
    words = set(re.findall(r"[\w.]+", " ".join(lines)))
    assert {"long_name", "1.52416", "1.23456", "distributor", "3.43687"} <= words
    assert not words & {"long_", "1.23", "1.234", "distri", "butor", "56"}


def test_a_constant_without_a_value_has_its_text_for_a_name(cli: Any) -> None:
    found = document(cli, "where(x > 0, x, log(sin(10)) + x)", "--at", "x=1")
    assert found["gradients"] == {"x": 1}
    assert "log(sin(10)) has no value: its branch is not taken" in found["warnings"]


def test_an_entry_without_a_value_is_not_called_too_large(cli: Any) -> None:
    missing = document(cli, "sum(where(x > 0, log(x), x))", "--at", "x=[1,-1]")["warnings"]
    assert missing == ["the value of n2 lacks some entries: no branch that is taken needs them"]
    large = document(cli, "where(t > 9, sum(exp(x)), t^2)", "--at", "x=[1,1000],t=1")["warnings"]
    assert "the value of n2 is beyond the range of doubles" in large
    assert not any("lacks" in one for one in large)
