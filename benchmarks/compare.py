"""The same commands by this tree and by another commit, side by side.

Processor time of whole commands, the two taken in turns: the least of several runs.  Or the
instructions that the processor executes (valgrind's callgrind), which other work on the machine
does not change: a loss of more than a quarter ends with status 1.
"""

from __future__ import annotations

import os
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
MOST = 1.25
"""The ratio of instructions past which a change is too slow."""
_COUNTED = re.compile(r"Collected\s*:\s*(\d+)")

CHAIN = "a0 = x; " + "; ".join(f"a{k} = a{k - 1}*y + sin(a{k - 1})" for k in range(1, 1_000))
AT = ("--at", "x=1/2,y=9/10")
SHORT = {
    "backprop, to a pipe": ("backprop", "(x+y)*z", "--at", "x=-2,y=5,z=-4"),
    "grad": ("grad", "x^2*sin(y)", "--wrt", "x,y"),
    "check": ("check", "x^2*sin(x)", "--answer", "x^2 cos x + 2x sin x"),
}
LONG = {
    "--help": ("--help",),
    "backprop of 3,000 nodes": ("backprop", CHAIN, *AT, "--verify", "none"),
    "the same, proved, as JSON": ("backprop", CHAIN, *AT, "--json"),
    "grad of them": ("grad", CHAIN, "--format", "python"),
    "explain": ("explain", CHAIN, *AT),
    "draw": ("draw", "(x+y)*z", "--at", "x=-2,y=5,z=-4", "-o", "f.svg"),
    "plot": ("plot", "sigmoid(x)", "--over", "x=-4..4", "-o", "p.svg"),
    "descend": ("descend", "(x-1)^4 + x*y + y^4", "--from", "x=2,y=1", "--steps", "2000"),
}


def compare(revision: str, *, repeat: int, instructions: bool = False) -> bool:
    """Print a table; whether nothing has become much slower, as far as that can be counted."""
    if instructions and shutil.which("valgrind") is None:
        print("valgrind is not here: no instructions are counted")
        return True
    measure = _instructions if instructions else _seconds
    unit, scale = ("million instructions", 1e-6) if instructions else ("ms of processor", 1e3)
    good = True
    with tempfile.TemporaryDirectory() as folder:
        trees = {revision: _checked_out(revision, Path(folder) / "other"), "here": ROOT}
        print(f"{'command, ' + unit:<40}{revision[:12]:>12}{'here':>12}{'ratio':>8}")
        for name, arguments in (SHORT if instructions else SHORT | LONG).items():
            before, here = _least(measure, arguments, trees, folder, repeat)
            lost = instructions and here > MOST * before
            good = good and not lost
            ratio = f"{here / before:>8.2f}{'  TOO SLOW' * lost}"
            print(f"{name:<40}{before * scale:>12.0f}{here * scale:>12.0f}{ratio}", flush=True)
    return good


def _checked_out(revision: str, folder: Path) -> Path:
    """The files of a commit."""
    folder.mkdir()
    archive = subprocess.run(
        ["git", "archive", revision, "graphdiff", "cli"], cwd=ROOT, capture_output=True, check=True
    )
    subprocess.run(["tar", "-x", "-C", str(folder)], input=archive.stdout, check=True)
    return folder


def _least(
    measure: Callable[[list[str], Mapping[str, str], str], float], arguments: tuple[str, ...],
    trees: Mapping[str, Path], folder: str, repeat: int,
) -> list[float]:  # fmt: skip
    """The least that each tree needs; the first of its runs only fills caches."""
    found: dict[str, list[float]] = {name: [] for name in trees}
    for turn in range(repeat + 1):
        for name, tree in trees.items():
            environment = _environment(tree)
            command = [sys.executable, "-m", "graphdiff_cli.main", *arguments]
            if turn == 0:
                subprocess.run(
                    command, env=environment, cwd=folder, capture_output=True, check=False
                )
            else:
                found[name].append(measure(command, environment, folder))
    return [min(measured) for measured in found.values()]


def _environment(tree: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPATH": f"{tree}{os.pathsep}{tree / 'cli'}", "PYTHONHASHSEED": "0"}


def _seconds(command: list[str], environment: Mapping[str, str], folder: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, env=environment, cwd=folder, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _instructions(command: list[str], environment: Mapping[str, str], folder: str) -> float:
    counting = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", *command]
    done = subprocess.run(
        counting, env=environment, cwd=folder, capture_output=True, encoding="utf-8", check=False
    )
    return float(sum(map(int, _COUNTED.findall(done.stderr))))
