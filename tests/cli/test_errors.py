"""Bad input: one clear message, the right exit status, no traceback, nothing half written."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
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


@pytest.mark.parametrize(
    "text",
    ["(" * 100_000 + "x" + ")" * 100_000, "x+" * 5_000_000 + "x", "√" * 50_000, "e^" * 3_000],
    ids=["brackets", "ten megabytes", "roots", "powers"],
)
def test_hostile_size_is_answered_within_two_seconds_and_a_gigabyte(text: str) -> None:
    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))

    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "graphdiff_cli.main", "backprop", "-", "--at", "x=1"],
        input=text.encode(), capture_output=True, check=False, env=environment, preexec_fn=bounded,
    )  # fmt: skip
    assert done.returncode == 2
    assert b"Traceback" not in done.stderr
    # The start of a process on a busy machine counts too; twice the two seconds.
    assert time.monotonic() - started < 4
