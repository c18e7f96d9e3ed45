"""Streams that are full, closed or read by nobody, and locales that know no UTF-8."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
PROGRAM = [sys.executable, "-m", "graphdiff_cli.main"]
POINT = ("--at", "x=1,y=2")
posix = pytest.mark.skipif(os.name != "posix", reason="streams as a shell hands them over")
full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is full")


def run(
    *arguments: str, shell: str = "", cwd: Path | None = None, **surroundings: str
) -> subprocess.CompletedProcess[str]:
    """The command, its streams as a shell redirects them."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {shell}', "sh", *PROGRAM, *arguments],
        env={**os.environ, "PYTHONPATH": path, **surroundings},
        capture_output=True, text=True, encoding="utf-8", errors="replace", cwd=cwd, timeout=120,
        check=False,
    )  # fmt: skip


@posix
@full
@pytest.mark.parametrize(
    "arguments",
    [
        ("backprop", "x*y", *POINT),
        ("backprop", "x*y", *POINT, "--color", "always"),
        ("backprop", "x*y", *POINT, "--json"),
        ("check", "x^2", "--answer", "2x"),
        ("check", "x^2", "--answer", "3x"),
        ("draw", "x*y", "-o", "-", "--to", "dot"),
        ("ops",),
        ("--version",),
        ("grad", "--help"),
        ("--completion", "bash"),
        ("quiz", "x*y", *POINT),
    ],
)
def test_a_full_standard_output_is_an_error_and_no_answer(arguments: tuple[str, ...]) -> None:
    done = run(*arguments, shell="> /dev/full")
    assert done.returncode == 2
    told = "cannot write to standard output: No space left on device"
    assert done.stderr.count(told) == 1
    assert "Traceback" not in done.stderr and "Exception ignored" not in done.stderr
    assert done.stderr.startswith('{"error"') == ("--json" in arguments)


@posix
@pytest.mark.parametrize("answer", ["2x", "3x"])
@pytest.mark.parametrize(
    "shell", [">&-", "2>&-", "<&-", "<&- >&- 2>&-", "2> /dev/null <&-", "0> zero", "| true"]
)
def test_closed_streams_change_no_status(answer: str, shell: str, tmp_path: Path) -> None:
    done = run("check", "x^2", "--answer", answer, shell=shell, cwd=tmp_path)
    if shell != "| true":
        assert done.returncode == (0 if answer == "2x" else 1)
    assert not done.stderr


@posix
@full
def test_standard_error_decides_nothing() -> None:
    assert run("backprop", "x*", *POINT, shell="2> /dev/full").returncode == 2
    assert run("backprop", "x*", *POINT, shell="2>&-").returncode == 2
    assert run("check", "x^2", "--answer", "3x", shell="2> /dev/full").returncode == 1


@posix
def test_what_is_printed_never_goes_into_a_file_that_is_written(tmp_path: Path) -> None:
    """A stream that is closed leaves its number to the next file that is opened."""
    arguments = ("backprop", "x*y", *POINT, "-o")
    assert run(*arguments, "a.dot", cwd=tmp_path).returncode == 0
    done = run(*arguments, "b.dot", shell="<&- >&- 2>&-", cwd=tmp_path)
    assert done.returncode == 0
    assert (tmp_path / "a.dot").read_bytes() == (tmp_path / "b.dot").read_bytes()


@posix
def test_standard_input_that_cannot_be_read(tmp_path: Path) -> None:
    done = run("backprop", "-", "--at", "x=1", shell="0> zero", cwd=tmp_path)
    assert done.returncode == 2 and "cannot read standard input" in done.stderr
    done = run("backprop", "-", "--at", "x=1", shell="<&-")
    assert done.returncode == 2 and "error: the expression is empty" in done.stderr


@posix
@pytest.mark.parametrize("arguments", [("--help",), ("ops",), ("backprop", "x*y", *POINT)])
def test_a_reader_that_went_away_is_no_error(arguments: tuple[str, ...]) -> None:
    with subprocess.Popen(["true"], stdin=subprocess.PIPE) as gone:
        gone.wait()
        assert gone.stdin is not None
        path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
        done = subprocess.run(
            [*PROGRAM, *arguments], stdout=gone.stdin, stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path}, timeout=120, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize("columns", ["0", "1", "19", "-3", "many", "9" * 30])
def test_a_terminal_of_any_width_shows_the_table(
    cli: Any, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    done = cli("backprop", "x*y", *POINT, "--color", "always")
    assert done.status == 0
    for word in ("Forward", "Backward", "gate", "value"):
        assert word in done.out


@posix
def test_arguments_are_utf_8_whatever_the_locale_says(tmp_path: Path) -> None:
    locale = {"LC_ALL": "C", "PYTHONUTF8": "0"}
    done = run("grad", "가*나", "--wrt", "가", **locale)
    assert (done.returncode, done.stdout) == (0, "∂f/∂가 = 나\n")
    done = run("draw", "가*나", "-o", "그림.dot", cwd=tmp_path, **locale)
    assert done.returncode == 0
    assert (tmp_path / "그림.dot").exists()
    done = run("check", "가^2", "--answer", "2가", **locale)
    assert done.returncode == 0


@posix
@pytest.mark.parametrize("kind", ["dot", "svg"])
def test_a_working_folder_that_is_gone(kind: str, tmp_path: Path) -> None:
    target = tmp_path / f"o.{kind}"
    (tmp_path / "gone").mkdir()
    program = f'cd gone && rmdir ../gone && "$@" -o {target}'
    path = os.pathsep.join([str(ROOT), str(ROOT / "cli")])
    done = subprocess.run(
        ["sh", "-c", program, "sh", *PROGRAM, "draw", "x*y"], cwd=tmp_path, timeout=120,
        env={**os.environ, "PYTHONPATH": path}, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert target.exists()


@pytest.mark.parametrize("mark", ["\u202e", "\u200b", "\x9b", "\u2066", "\ufeff", "\x7f"])
def test_json_names_letters_that_nobody_sees(cli: Any, mark: str) -> None:
    """What turns the text after it, or steers a terminal, is escaped; the document is the same."""
    source = f"x*2 # a{mark}b"
    status, out, _ = cli("backprop", source, "--at", "x=1", "--json")
    if status == 0:
        assert mark not in out
        assert json.loads(out)["source"] == source


def test_documents_are_written_as_json_writes_them() -> None:
    import json

    from graphdiff_cli.encoding import encoded

    document = {
        "empty": [[], {}, ""], "text": 'a"\\\n∂\u2028', "numbers": [1, -0.0, 1e300, 5e-324, 10**30],
        "deep": {"x": [[1, [2, {"y": None}]], True]}, "1": {2: False, None: 1.5},
    }  # fmt: skip
    text = "".join(encoded(document))
    assert text == json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1)
    assert "".join(encoded({"x": iter([{"a": 1}, {}])})) == json.dumps(
        {"x": [{"a": 1}, {}]}, indent=1
    )
    assert "".join(encoded({"x": iter([])})) == json.dumps({"x": []}, indent=1)
    with pytest.raises(ValueError, match="JSON"):
        list(encoded({"x": [{"y": float("nan")}]}))
