"""Figures in forked processes, threads, asyncio and daemons: drawn, or one error; never a wait."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[2]
DRAW = """
import graphdiff as gd
def svg(k, kind="svg"):
    return gd.parse("x*y + z").backprop(x=k, y=2, z=k).figure().render(kind)
"""
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")


def run(program: str, *, start: str = "", seconds: float = 240) -> str:
    """What a program prints; one that waits for ever is ended, a busy machine has the time."""
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {start}', "sh", sys.executable, "-c", DRAW + program],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        timeout=seconds, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


FORKED = """
import multiprocessing
from graphdiff.errors import GraphDiffError
def child(kind):
    try:
        return len(svg(7, kind))
    except GraphDiffError as error:
        return str(error)
svg(1)
with multiprocessing.get_context("fork").Pool(2) as pool:
    found = pool.map(child, KINDS, 1)
print(*found, sep="\\n---\\n")
"""


@needs_fork
def test_a_fork_of_a_process_that_has_drawn_is_told_the_remedy() -> None:
    kinds = ["svg", "pdf", "png", "tex", "html"]
    told = run(FORKED.replace("KINDS", repr(kinds))).split("\n---\n")
    assert ['"spawn"' in one for one in told] == [True] * len(kinds), told


@needs_fork
def test_what_needs_no_typesetting_is_drawn_in_a_fork() -> None:
    kinds = ["dot", "mmd", "md"]
    told = run(FORKED.replace("KINDS", repr(kinds))).split("\n---\n")
    assert [one.isdecimal() for one in told] == [True] * len(kinds), told


@needs_fork
def test_a_fork_draws_where_its_parent_has_not() -> None:
    assert run(FORKED.replace("svg(1)\n", "").replace("KINDS", "['svg']")).isdecimal()


@needs_fork
def test_a_fork_while_another_thread_draws_does_not_wait() -> None:
    program = """
import os, threading, time
from graphdiff.errors import GraphDiffError
svg(1, "dot")  # a fork during an import is Python's own trouble
threads = [threading.Thread(target=lambda: [svg(k) for k in range(20)]) for _ in range(2)]
[thread.start() for thread in threads]
for wait in (0.01, 0.2, 0.5):
    time.sleep(wait)
    if (child := os.fork()) == 0:
        try:
            svg(3)
        except GraphDiffError:
            pass
        os._exit(0)
    end = time.monotonic() + 60
    while not (done := os.waitpid(child, os.WNOHANG))[0] and time.monotonic() < end:
        time.sleep(0.01)
    print(done[0] == child and done[1] == 0)
    done[0] or os.kill(child, 9)
[thread.join() for thread in threads]
"""
    assert run(program).split() == ["True"] * 3


def test_threads_and_asyncio_draw_the_same_bytes() -> None:
    program = """
import asyncio
from concurrent.futures import ThreadPoolExecutor
alone = [svg(k) for k in range(4)]
with ThreadPoolExecutor(4) as pool:
    print(list(pool.map(svg, range(4))) == alone)
async def all_of_them():
    return await asyncio.gather(*(asyncio.to_thread(svg, k) for k in range(4)))
print(asyncio.run(all_of_them()) == alone)
async def inside():
    return svg(1)
print(asyncio.run(inside()) == alone[1])
"""
    assert run(program).split() == ["True"] * 3


@pytest.mark.skipif(os.name != "posix", reason="streams as a shell hands them over")
def test_a_daemon_without_streams(tmp_path: Path) -> None:
    target = tmp_path / "told"
    program = f"""
import os
if os.fork():
    os._exit(0)
os.setsid()
from pathlib import Path
verdict = gd.check("x^2", answer="2x")
figure = [svg(1, kind) for kind in ("svg", "pdf", "png")]
Path({str(tmp_path / "part")!r}).write_text(f"{{verdict.status}} {{all(figure)}}")
os.rename({str(tmp_path / "part")!r}, {str(target)!r})
"""
    import time

    run(program, start="<&- >&- 2>&-")
    end = time.monotonic() + 60
    while not target.exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert target.read_text() == "right True"


def test_a_pool_that_makes_figures_needs_no_processes_of_its_own(tmp_path: Path) -> None:
    """Processes of a pool may not start others: figures are then made one after the other."""
    lecture = tmp_path / "lecture.toml"
    lecture.write_text(
        "\n".join(
            f'[[figure]]\nname = "a{k}"\nprogram = "x*y"\nformats = ["dot"]' for k in range(2)
        )
    )
    program = tmp_path / "program.py"
    program.write_text(f"""
import multiprocessing
from pathlib import Path
def child(_):
    from graphdiff.drawing.series.making import Job, make
    from graphdiff.drawing.series.manifest import read_manifest
    jobs = [Job(e, e.targets) for e in read_manifest(Path({str(lecture)!r})).entries]
    return [made.error for made in make(jobs, 2)]
if __name__ == "__main__":
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        print(pool.map(child, [0]))
""")
    done = subprocess.run(
        [sys.executable, str(program)], env={**os.environ, "PYTHONPATH": str(ROOT)}, text=True,
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "[['', '']]", done.stderr
