"""Every command of the page of lectures runs, and writes the picture that it names."""

from __future__ import annotations

import re
import shlex
from itertools import pairwise
from pathlib import Path

import pytest
from click.testing import CliRunner

from graphdiff_cli.main import root

PAGE = (Path(__file__).parents[1] / "docs/teach/lectures.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (.+) \| `graphdiff (.+)` \|$", PAGE, re.MULTILINE)
POINTS = re.search(r"^```csv\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)


def test_every_row_has_a_command() -> None:
    rows = re.findall(r"^\| (?!The lecture)[^-].*\|$", PAGE, re.MULTILINE)
    assert len(rows) == len(ROWS) >= 70
    assert len({command for _, command in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("what", "command"), ROWS)
def test_the_command_runs(
    what: str, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.chdir(tmp_path)
    assert POINTS is not None
    (tmp_path / "points.csv").write_text(POINTS[1], encoding="utf-8")
    arguments = shlex.split(command)
    done = CliRunner().invoke(root, arguments)
    assert done.exit_code == int("exit status 1" in what), done.output
    targets = [name for flag, name in pairwise(arguments) if flag == "-o"]
    assert all((tmp_path / name).stat().st_size > 500 for name in targets)
    assert targets or done.stdout
