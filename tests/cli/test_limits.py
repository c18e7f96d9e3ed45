"""Large input is read as far as the limits go, and ``--limit`` moves them."""

from __future__ import annotations

import json
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import fields
from io import BytesIO, TextIOWrapper
from pathlib import Path

import click
import pytest

from graphdiff.core.limits import DEFAULT, Limits, in_force, limited
from graphdiff_cli.main import root

pytestmark = pytest.mark.heavy

Cli = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    ("limit", "arguments"),
    [
        ("text=5", ["backprop", "x*y*z", "--at", "x=1,y=2,z=3"]),
        ("repetitions=2", ["backprop", "for i in 1..3: h_i = 2*h_{i-1}; h_3", "--at", "h_0=1"]),
        ("depth=2", ["backprop", "((((x))))", "--at", "x=1"]),
        ("nodes=3", ["grad", "x*y*z"]),
        ("nodes=4", ["hessian", "x*y*z"]),
        ("nodes=3", ["jacobian", "x*y*z"]),
        ("nodes=3", ["draw", "x*y*z", "-o", "-"]),
        ("nodes=3", ["explain", "x*y*z", "--at", "x=1,y=2,z=3"]),
        ("nodes=3", ["check", "x*y*z", "--wrt", "x", "--answer", "y*z"]),
        ("nodes=3", ["quiz", "x*y*z", "--at", "x=1,y=2,z=3"]),
        ("nodes=3", ["exercise", "x*y*z", "--at", "x=1,y=2,z=3", "--count", "2"]),
        ("nodes=3", ["descend", "x*y*z", "--from", "x=1,y=2,z=3"]),
        ("nodes=3", ["convex", "x*y*z", "--over", "x=0..1,y=0..1,z=0..1", "--no-points"]),
        ("repetitions=2", ["backprop", "for i in 1..3: h_i = x*h_{i-1}", "--at", "x=1,h_0=1"]),
        ("operands=2", ["backprop", "max(x, y, z)", "--at", "x=1,y=2,z=3"]),
        ("number=3", ["backprop", "x*12345", "--at", "x=1"]),
        ("exponent=3", ["backprop", "x*1e9", "--at", "x=1"]),
        ("name=3", ["backprop", "length^2", "--at", "length=1"]),
        ("elements=3", ["backprop", "sum(x)", "--at", "x=[1,2,3,4]"]),
        ("axes=1", ["backprop", "sum(x@y)", "--at", "x=[[1,2],[3,4]],y=[1,2]"]),
        ("formula=9", ["grad", "sin(x)*cos(y)*exp(x*y)"]),
        ("pixels=9999", ["draw", "x*y", "-o", "x.png"]),
    ],
)
def test_a_limit_is_named_where_it_ends_the_work(
    cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO()))
    status, _, err = cli(*arguments, "--limit", limit)
    assert status == 2
    name = limit.partition("=")[0]
    assert f"--limit {name}=… allows more" in err
    assert in_force() == DEFAULT  # no longer than the command
    assert cli(*arguments, "--limit", f"{name}={getattr(DEFAULT, name)}")[2].find("--limit") < 0


def test_every_limit_has_a_test_here_or_works_on_numbers_alone() -> None:
    text = Path(__file__).read_text(encoding="utf-8")
    assert {f.name for f in fields(Limits)} <= set(re.findall(r'"(\w+)=\d+"', text))


def test_bits_and_seconds(cli: Cli) -> None:
    _, exact, _ = cli("backprop", "2^60*x + 1", "--at", "x=1", "--json")
    assert "1152921504606846977" in exact
    _, rounded, _ = cli("backprop", "2^60*x + 1", "--at", "x=1", "--limit", "bits=50", "--json")
    assert "1152921504606846977" not in rounded
    arguments = ["sin(x)^2", "--at", "x=1", "--verify", "symbolic", "--limit", "seconds=1"]
    assert cli("backprop", *arguments)[0] == 0
    with limited({"seconds": 0.5}):
        assert in_force().seconds == 0.5


def test_more_is_read_where_more_is_allowed(cli: Cli, tmp_path: Path) -> None:
    file = tmp_path / "long.gd"
    file.write_text("x*y" + " " * DEFAULT.text)
    status, _, err = cli("grad", "-f", str(file))
    assert status == 2
    assert "--limit text=…" in err
    assert cli("grad", "-f", str(file), "--limit", "text=1e7")[:2] == (
        0, "∂f/∂x = y\n∂f/∂y = x\n",
    )  # fmt: skip
    file.write_text("x*y #" + "é" * (DEFAULT.text - 6))
    assert cli("grad", "-f", str(file))[0] == 0


@pytest.mark.parametrize(
    "wrong", ["nodes", "nodes=", "nodes=nan", "nodes=inf", "nodes=-1", "nodes=0", "seconds=nan",
              "gates=5", "nodes=1e99", "=", ""],
)  # fmt: skip
def test_a_limit_that_is_none(cli: Cli, wrong: str) -> None:
    status, _, err = cli("grad", "x*y", "--limit", wrong)
    assert status == 2
    assert "--limit" in err
    assert "Traceback" not in err


def test_every_command_that_reads_a_program_has_it() -> None:
    for name, command in root.commands.items():
        options = {option for p in command.params for option in p.opts}
        if "--expr" in options or name == "figures":
            assert "--limit" in options, name
    assert isinstance(root, click.Group)


def test_as_one_json_object(cli: Cli) -> None:
    _, _, err = cli("backprop", "x*y", "--at", "x=1,y=2", "--limit", "nodes=1", "--json")
    error = json.loads(err)["error"]
    assert error["kind"] == "LimitExceeded"
    assert "--limit nodes=…" in error["hint"]


def _figures(folder: Path) -> Path:
    manifest = folder / "figures.toml"
    programs = [f'[[figure]]\nname="n{k}"\nprogram="tanh({k}*x)*y"\n' for k in range(100)]
    manifest.write_text('[defaults]\nformats=["svg","pdf"]\n' + "".join(programs))
    return manifest


def test_limits_hold_in_the_processes_that_make_figures(cli: Cli, tmp_path: Path) -> None:
    manifest = _figures(tmp_path)
    status, _, err = cli("figures", str(manifest), "--jobs", "2", "--limit", "nodes=2",
                         "--only", "n1", "--only", "n2")  # fmt: skip
    assert status == 2
    assert "more than 2 nodes" in err


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
def test_figures_that_are_killed_leave_no_process(tmp_path: Path, number: int) -> None:
    manifest = _figures(tmp_path)
    command = [sys.executable, "-m", "graphdiff_cli.main", "figures", str(manifest), "--jobs", "2"]

    def as_usual() -> None:  # nohup has SIGHUP ignored
        if number != signal.SIGKILL:
            signal.signal(number, signal.SIG_DFL)

    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        preexec_fn=as_usual,  # noqa: PLW1509 - this process has one thread
    ) as process:
        while process.poll() is None and not list(tmp_path.glob("*.svg")):
            time.sleep(0.02)
        process.send_signal(number)
        assert process.stdout is not None
        # The pipe ends when the last process that could write to it has ended.
        process.communicate(timeout=60)
    assert process.returncode == -number


@pytest.mark.parametrize(("space", "drawn"), [(100, False), (6_000, True)])
def test_figures_in_a_limited_address_space(tmp_path: Path, space: int, drawn: bool) -> None:
    target = tmp_path / "f.svg"
    done = subprocess.run(
        [sys.executable, "-m", "graphdiff_cli.main", "draw", "x*y", "-o", str(target)],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (space << 20, space << 20)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert target.exists() == drawn
    assert done.returncode == (0 if drawn else 2)
    if not drawn:
        assert f"there are {space:,}" in done.stderr
        assert "ulimit -v" in done.stderr


@pytest.mark.parametrize("space", [30, 40, 100, 130, 160])
def test_too_few_addresses_for_a_library_are_a_limit(space: int) -> None:
    """Whichever library fails to be mapped, the message is about the limit, and no traceback."""
    done = subprocess.run(
        [sys.executable, "-m", "graphdiff_cli.main", "hessian", "sum((W@x)^2)",
         "--at", "W=[[1,2],[3,4]],x=[1,2]", "--wrt", "x"],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (space << 20, space << 20)),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        assert done.returncode == 2
        told = (f"there are {space:,} MiB of address space", "there is not enough memory")
        assert any(one in done.stderr for one in told), done.stderr
        assert "ulimit -v" in done.stderr
        assert "Traceback" not in done.stderr
