"""Bad input: one clear message, the right exit status, no traceback, nothing half written."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["", "--at", "x=1"], "empty"),
        (["sigmod(x)", "--at", "x=1"], "did you mean 'sigmoid'?"),
        (["(x+y", "--at", "x=1,y=2"], "ends too early"),
        (["x+y)", "--at", "x=1,y=2"], "unexpected ')'"),
        (["9^9^9^9"], "overflows"),
        (["x^(10^9)", "--at", "x=2"], "overflows"),
        (["2^10000000000"], "overflows"),
        (["__import__('os')"], "unexpected character"),
        (["x\0", "--at", "x=1"], "U+0000"),
        (["x+y", "--at", "x=1"], "no value for y"),
        (["x", "--at", "x=1,y=2"], "no variable y"),
        (["x", "--at", "x=1", "--at", "x=2"], "two values"),
        (["a=1; a=2; a*x", "--at", "x=1"], "defined twice"),
        (["a=b; b=a"], "before it is defined"),
        (["log(x)", "--at", "x=-1"], "log needs x > 0"),
        (["1/x", "--at", "x=0"], "division by zero"),
        (["x*0^-1", "--at", "x=1"], "not defined"),
        (["exp(x)", "--at", "x=1000"], "overflows"),
        (["s = asin(x); s*2", "--at", "x=2"], "at node s"),
        (
            ["sqrt(x)", "--at", "x=0"],
            "slope of sqrt in x is infinite, undefined",
        ),
        (["x", "--at", "x=y"], "no constant"),
        (["x", "--at", "x"], "x is given no value"),
        (["x", "--at", "@missing.json"], "cannot read the point"),
        (["x*y", "--at", "x=1,y=2", "-o", "figure.xyz"], "unknown format"),
        (["x*y", "--at", "x=1,y=2", "-o", "no/such/folder/f.svg"], "does not exist"),
        (["x*y", "--at", "x=1,y=2", "-o", "."], "is a folder"),
        (["x*y", "--at", "x=1,y=2", "--kink", "up"], "--kink"),
        (["x*y", "--fuse", "sigmod"], "sigmoid"),
        (["-f", "missing.gd"], "cannot read missing.gd"),
        ([], "no expression is given"),
    ],
)
def test_one_message_and_status_two(cli: Any, arguments: list[str], says: str) -> None:
    run = cli("backprop", *arguments)
    assert run.status == 2, run
    assert says in run.err
    assert run.out == ""
    assert "Traceback" not in run.err


SINGULAR = "A=[[1,2],[2,4]],b=[1,2]"
ARRAY_ERRORS: list[tuple[list[str], str, str]] = [
    # arguments, what the message says, what stands above the carets ("" where there is no place)
    (["sum(W@x)", "--at", "W=[[1,2],[3,4]],x=[1,2,3]"],
     "cannot multiply matrices of shapes 2×2 and 3", "W@x"),
    (["sum(x+y)", "--at", "x=[1,2],y=[1,2,3]"], "shapes 2 and 3 do not fit together", "x+y"),
    (["sum(x)", "--at", "x=[1,[2]]"], "a ragged list", "[1,[2]]"),
    (["sum(x)", "--at", "x=[]"], "an empty list has no entries", "]"),
    (["sum(x[5])", "--at", "x=[1,2]"], "index 5 is out of range for axis 0 of size 2", "x[5]"),
    (["sum(x[2:2])", "--at", "x=[1,2]"], "the slice of axis 0 (size 2) is empty", "x[2:2]"),
    (["sum(x, axis=3)", "--at", "x=[1,2]"], "there is no axis 3", "sum(x, axis=3)"),
    (["sum(inv(A))", "--at", "A=[[1,2],[2,4]]"], "inv of a singular matrix (2×2) at node n1",
     "inv(A)"),
    (["sum(solve(A,b))", "--at", SINGULAR], "solve of a singular matrix", "solve(A,b)"),
    (["log(det(A))", "--at", "A=[[1,2],[2,4]]"], "log(0) is not defined", "log(det(A))"),
    (["sum(A@A)", "--at", "A=[[1,2,3],[4,5,6]]"], "shapes 2×3 and 2×3", "A@A"),
    (["trace(A)", "--at", "A=[[1,2,3],[4,5,6]]"], "trace of shape 2×3", "trace(A)"),
    (["sum(reshape(x,[2,2]))", "--at", "x=[1,2,3]"], "cannot reshape 3 (3 entries) to 2×2",
     "reshape(x,[2,2])"),
    (["sum(conv1d(x,w,stride=2))", "--at", "x=[1,2,3,4],w=[1,2,3]", "--windows", "exact"],
     "a window of 3 with stride 2 does not fit", "conv1d(x,w,stride=2)"),
    (["sum(broadcast(x, shape=[1000000,1000000]))", "--at", "x=1"],
     "1,000,000,000,000 entries", "broadcast(x, shape=[1000000,1000000])"),
    (["relu(x)", "--at", "x=[1,-2]", "--wrt", "x"],
     "the output has shape 2; a gradient belongs to a number", "relu(x)"),
    (["relu(x)", "--at", "x=[1,-2]", "--upstream", "[1,2,3]"],
     "the gradient from above has shape 3, and the output 2", ""),
    (["relu(x)", "--shape", "x:3", "--upstream", "[[1,2,3]]"],
     "the gradient from above has shape 1×3, and the output 3", ""),
    (["x^2", "--at", "x=1", "--upstream", "[1]"],
     "the gradient from above has shape 1, and the output is a number", ""),
    (["relu(x)", "--at", "x=[1,-2]", "--upstream", "[1,g]"], "contains the variable g", "g"),
    (["sum(p[y])", "--at", "p=[1,2,3],y=7"], "7 is no label among 3", "p[y]"),
    (["sum(log(x))", "--at", "x=[1,0]"], "log(0) is not defined (entry [1] of 2) at node n1",
     "log(x)"),
    (["sum(x*y)", "--at", "x=[1e308,1],y=[10,2]"], "overflows", "x*y"),
    (["x@y", "--at", "x=1,y=2"], "the left operand is a number", "x@y"),
    (["sum(W@x)", "--shape", "W:2x3,x:4"], "shapes 2×3 and 4", "W@x"),
    (["sum(W@x)", "--at", "x=[1,2]"], "no value for W", ""),
    (["sum(x)", "--at", "x=[1,2]", "--shape", "x:3"], "x is declared 3 and given 2", ""),
    (["x: 3; sum(x)", "--at", "x=[1,2]"], "x is declared 3 and given 2", ""),
    (["sum(x)", "--shape", "x:3:4"], "'3:4' is no shape", ""),
    (["sum(x)", "--shape", "x:0"], "is empty", ""),
    (["sum(x)", "--shape", "q:3"], "no variable 'q'", ""),
    (["sum(x)", "--at", "x=[1,2]", "--wrt", "z"], "no variable 'z'", ""),
    (["sum(x)", "--at", "x=[1,2]", "--params", "z"], "no variable 'z'", ""),
    (["argmax(x)", "--at", "x=[1,2,3]"], "argmax has no derivative", "argmax(x)"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "says", "place"), ARRAY_ERRORS)
def test_errors_of_arrays(cli: Any, arguments: list[str], says: str, place: str) -> None:
    run = cli("backprop", *arguments)
    assert (run.status, run.out) == (2, "")
    assert says in run.err
    assert "Traceback" not in run.err
    lines = run.err.splitlines()
    if place:
        start = lines[2].index("^")
        assert lines[1][start : start + len(lines[2].strip())] == place
    again = cli("backprop", *arguments, "--json")
    assert (again.status, again.out) == (2, "")
    error = json.loads(again.err)["error"]
    assert says in error["message"]
    assert (error["column"] is None) == (not place)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_numbers_in_files_must_be_finite(cli: Any, tmp_path: Path, number: float) -> None:
    import numpy as np

    np.savez(tmp_path / "p.npz", x=np.array([1.0, number]))
    (tmp_path / "p.json").write_text(json.dumps({"x": [1.0, number]}), encoding="utf-8")
    for name in ("p.npz", "p.json"):
        run = cli("backprop", "sum(x)", "--at", f"@{tmp_path / name}")
        assert (run.status, run.out) == (2, "")
        assert str(number) in run.err.lower().replace("infinity", "inf")


def test_caret_under_the_place(cli: Any) -> None:
    run = cli("backprop", "x + sigmod(y)", "--at", "x=1,y=2")
    lines = run.err.splitlines()
    assert lines[0] == "error: unknown function 'sigmod' (line 1, column 5)"
    assert lines[1:3] == ["  x + sigmod(y)", "      ^^^^^^"]


def test_errors_as_json(cli: Any) -> None:
    run = cli("backprop", "x + sigmod(y)", "--at", "x=1,y=2", "--json")
    assert (run.status, run.out) == (2, "")
    error = json.loads(run.err)["error"]
    assert (error["kind"], error["line"], error["column"]) == ("UnknownName", 1, 5)
    assert error["hint"] == "did you mean 'sigmoid'?"


def test_usage_errors_as_json(cli: Any) -> None:
    run = cli("backprop", "x", "--json", "--bogus")
    assert (run.status, run.out) == (2, "")
    assert json.loads(run.err)["error"]["kind"] == "UsageError"
    assert "bogus" in cli("backprop", "x", "--bogus").err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_read_only_folder(cli: Any, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    run = cli("backprop", "x*y", "--at", "x=1,y=2", "-o", str(tmp_path / "f.svg"))
    assert run.status == 2
    assert "permission denied" in run.err.lower()


def test_nothing_half_written(cli: Any, tmp_path: Path) -> None:
    target = tmp_path / "f.svg"
    target.write_text("old", encoding="utf-8")
    assert cli("backprop", "log(x)", "--at", "x=-1", "-o", str(target)).status == 2
    assert target.read_text(encoding="utf-8") == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["f.svg"]


def _bounded() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def _run_bounded(*arguments: str, text: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """The command within a gigabyte."""
    environment = {
        **os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
        "OPENBLAS_NUM_THREADS": "1",  # every thread of BLAS sets memory aside
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-m", "graphdiff_cli.main", "backprop", *arguments],
        input=text, capture_output=True, check=False, env=environment, preexec_fn=_bounded,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "shapes"),
    [
        ("sum(reshape(x, 1000000, 1) + y)", "x:1000000,y:1000000"),
        ("sum(outer(x, y))", "x:1000000,y:1000000"),
        ("sum(reshape(x, 1000000, 1) @ reshape(y, 1, 1000000))", "x:1000000,y:1000000"),
        ("sum(x*one_hot(i, classes=999999999999))", "x:1,i:3"),
    ],
)
def test_no_array_is_made_that_does_not_fit(expression: str, shapes: str) -> None:
    """A trillion entries are refused before memory is asked for."""
    done = _run_bounded(expression, "--shape", shapes)
    assert done.returncode == 2, done.stderr
    assert "entries" in done.stderr.decode()
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000 + "x" + ")" * 100_000, "x+" * 5_000_000 + "x", "√" * 50_000, "e^" * 3_000],
    ids=["brackets", "ten megabytes", "roots", "powers"],
)
def test_hostile_size_is_answered_within_two_seconds_and_a_gigabyte(text: str) -> None:
    started = _processor_time()
    done = _run_bounded("-", "--at", "x=1", text=text.encode())
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    assert _processor_time() - started < 4  # its start counts, what else this machine does not


def _processor_time() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (("backprop", "max(x)", "--at", "x=1"), 0),
        (("gradcheck", "min(x)", "--at", "x=1"), 0),
        (("backprop", "(x+y)*z", "--at", "x=1,y=2,z=4*mean(x^2)"), 0),
        (("backprop", "(x+y)*z", "--at", "x=1,y=2,z=x.T"), 0),
        (("backprop", "y*z", "--at", "y=2,z=4*mean(3)"), 0),
        (("steps", "x*y", "--at", "x=1,y=2", "-o", "s.svg", "--delay", "nan"), 2),
    ],
)
def test_ops_of_arrays_on_numbers_and_numbers_that_are_none(
    cli: Any, line: tuple[str, ...], status: int
) -> None:
    done = cli(*line)
    assert (done.status, "Traceback" in done.err) == (status, False), done.err


def test_both_expressions_of_equal_may_start_with_a_minus() -> None:
    from click.testing import CliRunner

    from graphdiff_cli.main import expressions_as_options, root

    line = expressions_as_options(["check", "--equal", "-x/y", "-2x/(2y)"], root)
    result = CliRunner().invoke(root, line)
    assert result.exit_code == 0 and result.output.startswith("right (proved)"), result.output


@pytest.mark.parametrize(
    ("option", "guess"),
    [("--jit", ""), ("--compound", ""), ("--latex", ""), ("--stps", "Did you mean --steps?")],
)
def test_an_option_that_is_far_from_all_is_not_guessed(cli: Any, option: str, guess: str) -> None:
    done = cli("descend", "x^2", "--from", "x=5", option, "1")
    assert done.status == 2
    told = done.err.translate(str.maketrans("", "", "':."))  # versions of click differ in these
    assert told.rstrip().endswith(f"No such option {option} {guess}".rstrip())
