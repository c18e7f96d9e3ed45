"""What a command leaves out of matplotlib for its start, it leaves there for everybody else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("matplotlib")

COMMAND = "from graphdiff_cli.main import main; main()"
LIBRARY = """
import sys
import graphdiff as gd
from graphdiff.drawing.plots.landscape import figure
from graphdiff.drawing.plots.style import save
from graphdiff.study.landscape import analyze
data = save(figure(analyze("relu(x)", "x=-3..3")), "svg")
open(sys.argv[1], "wb").write(data)
from matplotlib.figure import Figure
assert "facecolor" in Figure.set.__doc__
"""


def run(program: str, *arguments: str) -> None:
    path = os.pathsep.join(["cli", os.environ.get("PYTHONPATH", "")])
    subprocess.run(
        [sys.executable, "-c", program, *arguments], check=True, capture_output=True,
        env={**os.environ, "PYTHONPATH": path},
    )  # fmt: skip


def test_command_and_library_draw_the_same_bytes(tmp_path: Path) -> None:
    """And the library's matplotlib has its docstrings."""
    command, library = tmp_path / "command.svg", tmp_path / "library.svg"
    run(COMMAND, "analyze", "relu(x)", "--over", "x=-3..3", "-o", str(command))
    run(LIBRARY, str(library))
    assert command.read_bytes() == library.read_bytes()
