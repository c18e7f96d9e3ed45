"""A worker that is forked: where that is safe, with the same bounds, and nothing of the parent's.

Every test runs a Python of its own: this one has threads and libraries that forbid a fork.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import Any

import pytest

pytestmark = [
    pytest.mark.heavy,
    pytest.mark.skipif(sys.platform != "linux", reason="only Linux forks safely"),
]

BEGIN = """
import json, os, signal, sys, threading, time
from graphdiff.homework import asking, isolation, worker
from graphdiff.homework.checking import check, equal
def forked():
    return isinstance(isolation._workers[os.getpid()].process, worker._Fork)
def asked(answer, seconds=60.0, cpu=None):
    request = {"function": None, "answer": answer, "key": "x+x", "variables": ["x"]}
    return isolation.ask(request, seconds, cpu)
original = asking.checked
"""
HARM = """
def harmful(**request):
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
        print("words on stdout", flush=True)
        os.write(1, b"more words\\n")
        request["answer"] = "2x"
    if told == "open":
        raise RuntimeError(",".join(sorted(os.listdir("/proc/self/fd"))))
    if told == "limits":
        from graphdiff.core.limits import overrides
        raise RuntimeError(str(overrides()))
    return original(**request)
asking.checked = harmful
"""


def told(program: str, **environment: str) -> Any:
    """What a Python prints as JSON."""
    root = os.getcwd()
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    done = subprocess.run(
        [sys.executable, "-c", BEGIN + program], capture_output=True, text=True, check=False,
        timeout=120, env={**os.environ, "PYTHONPATH": path, **environment},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_process_with_one_thread_forks() -> None:
    found = told("""
v = check("x^2", answer="2x")
same = v.packed() == check("x^2", answer="2x", isolated=False).packed()
print(json.dumps([v.status, forked(), same]))
""")
    assert found == ["right", True, True]


@pytest.mark.parametrize(
    "unsafe",
    [
        "t = threading.Thread(target=time.sleep, args=(20,), daemon=True); t.start()",
        "sys.modules['typst'] = sys",
        "sys.modules['wasmtime'] = sys",
        "import mmap; held = mmap.mmap(-1, 400 << 20)",
        "sys.platform = 'darwin'",
        "import pathlib; pathlib.Path.read_text = lambda *_, **__: 'nothing that is known'",
    ],
    ids=["threads", "typst", "wasmtime", "memory", "macOS", "no /proc"],
)  # fmt: skip
def test_others_start_a_new_python(unsafe: str) -> None:
    assert told(f"""
{unsafe}
print(json.dumps([check("x^2", answer="2x").status, check("x^2", answer="3x").status, forked()]))
""") == ["right", "wrong", False]


@pytest.mark.parametrize(
    ("answer", "machine", "reason"),
    [
        ("kill", True, "exit status -9"), ("exit", True, "exit status 3"),
        ("sleep", True, "within 2 s"), ("abort", False, "512 MiB"), ("bomb", False, "512 MiB"),
        ("busy", False, "within 0.5 s"), ("bug", False, "RuntimeError"),
        ("deep", False, "RecursionError"),
    ],
)  # fmt: skip
def test_the_bounds_hold_in_a_fork(answer: str, machine: bool, reason: str) -> None:
    """Of time, computing, memory; a fork that died is replaced, and the process goes on."""
    seconds, cpu = (2.0 if answer == "sleep" else 60.0), (0.5 if answer == "busy" else 30.0)
    found = told(
        HARM
        + f"""
first = asked("2x", 60.0, 5.0)["status"], forked()
try:
    lost = asked({answer!r}, {seconds}, {cpu})
except isolation.WorkerLost as error:
    lost = [error.reason, error.machine]
print(json.dumps([first, lost, asked("2x")["status"], asked("3x")["status"]]))
"""
    )
    first, (why, whose), right, wrong = found
    assert (first, right, wrong) == (["right", True], "right", "wrong")
    assert reason in why and whose == machine


def test_a_fork_that_is_killed_changes_no_verdict() -> None:
    assert told("""
statuses = [equal("2x", "x+x", ["x"]).status]
for answer in ("2x", "3x", "y"):
    isolation._workers[os.getpid()].process.kill()
    statuses.append(equal(answer, "x+x", ["x"]).status)
print(json.dumps(statuses))
""") == ["right", "right", "wrong", "name"]


def test_nothing_of_the_parent_is_in_a_fork() -> None:
    """Neither what it has open, nor what it was about to print, nor its handlers and limits."""
    found = told(
        HARM
        + """
from graphdiff.core.limits import limited
held = [open(os.devnull) for _ in range(20)]
sys.stdout.write("[")
signal.signal(signal.SIGTERM, lambda *_: None)
def why(answer):
    try:
        return asked(answer)
    except isolation.WorkerLost as error:
        return error.reason
with limited({"nodes": 10**6}):
    first = asked("2x")["status"]
open_there, limits = why("open"), why("limits")
assert asked("noise")["status"] == "right"
child = isolation._workers[os.getpid()].process
os.kill(child.pid, signal.SIGTERM)
ended = child.wait()
print(json.dumps([first, forked(), open_there, limits, ended]) + "]")
"""
    )[0]
    assert found[:2] == ["right", True]
    numbers = found[2].rpartition(" ")[2].split(",")
    assert len(numbers) <= 6  # its three streams, where it answers, /dev/null, and the listing
    assert found[3].endswith("{}") and found[4] == -15


def test_a_fork_ends_with_its_parent() -> None:
    """Even while it computes, and though the parent was killed."""
    program = (
        BEGIN
        + HARM
        + """
threading.Thread  # the worker is forked first, and asked from a thread
asked("2x")
print(isolation._workers[os.getpid()].process.pid, flush=True)
asked("busy")
"""
    )
    parent = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(200):
        try:
            with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
                if stat.read().rpartition(")")[2].split()[0] == "Z":
                    return
        except OSError:
            return
        subprocess.run(["sleep", "0.05"], check=True)
    raise AssertionError("the fork goes on without its parent")


def test_a_fork_deep_within_calls_has_room_for_its_own() -> None:
    assert told("""
def deep(n):
    return deep(n - 1) if n else check("x^2*sin(x)", answer="2x sin x + x^2 cos x").status
print(json.dumps([deep(850), forked()]))
""") == ["right", True]


@pytest.mark.parametrize("answer", ["x^2 cos x + 2x sin x", "3x", "2x +"])
def test_the_command_prints_the_same_bytes(answer: str) -> None:
    """Forked, in a new Python, and in one process."""
    run = "from graphdiff_cli.main import main; main()"
    spawn = "from graphdiff.homework import worker; worker.may_fork = lambda: False; "
    path = os.pathsep.join(["cli", os.environ.get("PYTHONPATH", "")])
    outcomes = []
    for begin, more in (("", []), (spawn, []), ("", ["--unsafe-in-process"])):
        done = subprocess.run(
            [sys.executable, "-c", begin + run, "check", "x^2*sin(x)", "--answer", answer, *more],
            capture_output=True, check=False, env={**os.environ, "PYTHONPATH": path},
        )  # fmt: skip
        outcomes.append((done.returncode, done.stdout, done.stderr))
    assert outcomes[0] == outcomes[1] == outcomes[2]
