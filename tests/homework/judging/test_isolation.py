"""The worker process: what it withstands, and what it leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework import isolation
from graphdiff.homework import worker as worker_module
from graphdiff.homework.checking import check, equal

pytestmark = pytest.mark.heavy

LINUX = sys.platform == "linux"
REQUEST = {"function": None, "answer": "2x", "key": "x+x", "variables": ["x"]}
FAKE = """
import os, time, sys
import graphdiff.homework.asking as asking
from graphdiff.homework import isolation
original = asking.checked
def fake(**request):
    told = request["answer"]
    if told == "bomb":
        return [bytearray(1 << 24) for _ in range(10_000)]
    if told == "sleep":
        time.sleep(60)
    if told == "exit":
        os._exit(3)
    if told == "kill":
        os.kill(os.getpid(), 9)
    if told == "busy":
        while True: pass
    if told == "abort":
        os.abort()
    if told == "bug":
        raise RuntimeError("a fault of the program")
    if told == "deep":
        def deeper(): return deeper()
        deeper()
    if told == "noise":
        print("words on stdout")
        os.write(1, b"more words\\n")
        request["answer"] = "2x"
    return original(**request)
asking.checked = fake
isolation.main()
"""


@pytest.fixture
def fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A worker of this test's own, in a Python of its own; forks are in ``test_forking``."""
    isolation.close()
    monkeypatch.setattr(worker_module, "may_fork", lambda: False)
    yield
    isolation.close()


@pytest.fixture
def fake(fresh: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker whose checks do harm when they are told to."""
    monkeypatch.setattr(isolation, "_PROGRAM", FAKE)


def asked(answer: str, seconds: float = 30.0) -> Any:
    return isolation.ask({**REQUEST, "answer": answer}, seconds)


def worker() -> subprocess.Popen[str]:
    return isolation._workers[os.getpid()].process


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


@pytest.mark.usefixtures("fake")
@pytest.mark.skipif(not LINUX, reason="only Linux limits the address space of a process")
def test_a_memory_bomb_takes_down_only_the_worker() -> None:
    assert asked("2x")["status"] == "right"
    with pytest.raises(isolation.WorkerLost, match="512 MiB"):
        asked("bomb")
    assert asked("2x")["status"] == "right"


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(("answer", "reason"), [("exit", "exit status 3"), ("abort", "512 MiB")])
def test_a_worker_that_dies_on_an_answer_is_replaced(answer: str, reason: str) -> None:
    with pytest.raises(isolation.WorkerLost, match=reason):
        asked(answer)
    assert asked("2x")["status"] == "right"


@pytest.mark.usefixtures("fake")
@pytest.mark.parametrize(("answer", "name"), [("bug", "RuntimeError"), ("deep", "RecursionError")])
def test_a_fault_of_the_program_is_told_and_the_worker_goes_on(answer: str, name: str) -> None:
    asked("2x")
    first = worker()
    with pytest.raises(isolation.WorkerLost, match=name):
        asked(answer)
    assert asked("2x")["status"] == "right" and worker() is first


@pytest.mark.usefixtures("fake")
def test_what_a_library_prints_is_no_answer() -> None:
    assert asked("noise")["status"] == "right"
    assert asked("3x")["status"] == "wrong"


@pytest.mark.usefixtures("fake")
def test_a_time_limit_ends_the_worker_and_says_so() -> None:
    asked("2x")
    late = worker()
    with pytest.raises(isolation.WorkerLost, match=r"within 0\.3 s"):
        asked("sleep", 0.3)
    assert late.poll() is not None
    assert asked("2x")["status"] == "right"


def test_too_little_time_is_undecided() -> None:
    verdict = equal("x", "x", ["x"], seconds=0)
    assert verdict.status == "undecided" and not verdict.proved and "0 s" in verdict.reason
    assert equal("x", "x", ["x"]).status == "right"


@pytest.mark.parametrize("seconds", [-1, float("nan")])
def test_a_time_limit_is_a_number(seconds: float) -> None:
    with pytest.raises(GraphDiffError, match="no time limit"):
        equal("x", "x", ["x"], seconds=seconds)


def test_any_time_is_a_time_limit() -> None:
    assert equal("x", "x", ["x"], seconds=float("inf")).status == "right"


def test_a_worker_killed_from_outside_changes_no_verdict() -> None:
    asked("2x")
    for answer, status in (("2x", "right"), ("3x", "wrong"), ("y", "name")):
        worker().kill()
        assert equal(answer, "x+x", ["x"]).status == status


@pytest.mark.skipif(not LINUX, reason="looks into /proc")
def test_restarts_leave_nothing_behind() -> None:
    asked("2x")
    before, threads = descriptors(), threading.active_count()
    for _ in range(3):
        worker().kill()
        assert asked("2x")["status"] == "right"
    assert descriptors() <= before and threading.active_count() <= threads
    told = subprocess.run(
        ["ps", "-o", "stat=", "--ppid", str(os.getpid())],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Z" not in told.stdout


def test_threads_get_their_own_answers() -> None:
    wrong: list[str] = []

    def work(n: int) -> None:
        for j in range(6):
            reading = equal(f"{n}x + {j}", f"{j} + {n}x", ["x"])
            if reading.status != "right" or reading.reading != f"{n}·x + {j}":
                wrong.append(f"{n} {j} {reading}")

    threads = [threading.Thread(target=work, args=(n,)) for n in range(2, 14)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong and len(isolation._workers) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.parametrize("held", [False, True])
def test_a_fork_starts_its_own_worker(held: bool) -> None:
    """Also if another thread was asking: its lock is never opened in the child."""
    asked("2x")
    if held:
        isolation._lock.acquire()
    child = os.fork()
    if not child:  # pragma: no cover
        good = asked("2x")["status"] == "right" and asked("3x")["status"] == "wrong"
        isolation.close()
        os._exit(0 if good else 1)
    if held:
        isolation._lock.release()
    assert asked("3x")["status"] == "wrong"
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert asked("2x")["status"] == "right"


NOT_TEXT = [5, 2.5, float("nan"), True, None, [1], {"a": 1}, {1: 2}, b"x", ("x",), object(), object]


@pytest.mark.parametrize("answer", NOT_TEXT, ids=lambda answer: type(answer).__name__)
def test_what_is_no_text_is_not_readable(answer: object) -> None:
    verdict = equal(answer, "x", ["x"])
    assert verdict.status == "unreadable" and "not text" in verdict.reason


def test_text_that_is_no_unicode_or_breaks_lines() -> None:
    assert equal("\ud800", "x", ["x"]).status == "unreadable"
    assert equal("\u2028x", "x", ["x"]).status == "right"
    assert equal("x\x85\n", "x", ["x"]).status == "right"


def test_ten_million_characters_are_refused_at_once() -> None:
    equal("x", "x", ["x"])
    start = time.process_time()
    for text in ("x" * 10_000_000, " " * 10_000_000, "√" * 10_000_000):
        assert equal(text, "x", ["x"]).status == "unreadable"
        with pytest.raises(GraphDiffError, match="characters"):
            check(text, answer="1")
    assert time.process_time() - start < 10


def test_errors_cross_the_line_whole() -> None:
    with pytest.raises(GraphDiffError) as here:
        check("x + (", answer="1", isolated=False)
    with pytest.raises(GraphDiffError) as there:
        check("x + (", answer="1")
    assert str(here.value) == str(there.value) and type(here.value) is type(there.value)


@pytest.mark.usefixtures("fresh")
def test_systems_without_limits_on_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "resource.py").write_text("raise ImportError('not on this system')\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(
        isolation, "_PROGRAM", f"import sys; sys.path.insert(0, {str(tmp_path)!r}); "
        + isolation._PROGRAM,
    )  # fmt: skip
    assert asked("2x")["status"] == "right"


@pytest.mark.usefixtures("fresh")
def test_a_worker_that_cannot_start_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolation, "_PROGRAM", "raise SystemExit(9)")
    verdict = equal("x", "x", ["x"])
    assert verdict.status == "undecided" and "exit status 9" in verdict.reason


@pytest.mark.usefixtures("fresh")
def test_nothing_else_is_imported_from_where_one_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "json.py").write_text("raise SystemExit('read from the working directory')\n")
    monkeypatch.chdir(tmp_path)
    assert asked("2x")["status"] == "right"


@pytest.mark.usefixtures("fake")
@pytest.mark.skipif(not LINUX, reason="limits the time of computing")
@pytest.mark.parametrize(
    ("answer", "machine", "reason"),
    [
        ("kill", True, "exit status -9"), ("exit", True, "exit status 3"),
        ("sleep", True, "within 2 s"), ("abort", False, "memory"), ("bomb", False, "memory"),
        ("busy", False, "within 0.5 s"), ("bug", False, "RuntimeError"),
    ],
)  # fmt: skip
def test_whose_fault_it_is(answer: str, machine: bool, reason: str) -> None:
    """Waiting depends on the machine, computing on the answer."""
    isolation.ask({**REQUEST, "answer": "2x"}, 60.0, 5.0)
    seconds = 2.0 if answer == "sleep" else 60.0
    with pytest.raises(isolation.WorkerLost, match=reason) as error:
        isolation.ask({**REQUEST, "answer": answer}, seconds, 0.5 if answer == "busy" else 30.0)
    assert error.value.machine == machine
    assert isolation.ask({**REQUEST, "answer": "2x"}, 60.0)["status"] == "right"
