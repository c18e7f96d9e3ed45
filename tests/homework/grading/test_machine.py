"""A verdict about the machine is no verdict about the answer."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.checking import check
from graphdiff.homework.grading import grade, work
from graphdiff.homework.grading.tasks import Lost, judge

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[3]
POSIX = pytest.mark.skipif(sys.platform == "win32", reason="sends signals as POSIX does")
# A worker that something kills while it judges a certain answer, as long as a file is there.
KILLED = """
import os, pathlib, signal, sys
sys.path.insert(0, sys.argv[1])
from graphdiff.homework.grading import work
real = work.judge
flag = pathlib.Path({flag!r})
def judge(task, *, isolated=False):
    if task.get("answer") == "3x" and flag.exists():
        if {once}:
            flag.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return real(task)
work.judge = judge
work.serve()
"""


@pytest.fixture
def class_(tmp_path: Path) -> Path:
    (tmp_path / "hw.toml").write_text('[[problem]]\nid = "p"\nfunction = "x^2"\n', encoding="utf-8")
    lines = [f"s{k:02d},{answer}" for k, answer in enumerate(["2x", "3x", "x+x", "y", "2(x)"])]
    (tmp_path / "a.csv").write_text("student,p\n" + "\n".join(lines) + "\n", encoding="utf-8")
    (tmp_path / "flag").touch()
    return tmp_path


def graded(folder: Path, out: str, jobs: int = 1) -> tuple[dict[str, str], tuple[str, ...]]:
    grades = grade(folder / "hw.toml", folder / "a.csv", output=folder / out, jobs=jobs)
    found = {student.name: student.results["p"].status for student in grades}
    grades.store.close()
    return found, grades.warnings


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("verdicts.sqlite")
    }


@POSIX
def test_an_answer_whose_workers_are_killed_is_judged_by_the_next_run(
    class_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = KILLED.format(flag=str(class_ / "flag"), once=False)
    monkeypatch.setattr(work, "_START", start)
    found, warnings = graded(class_, "out")
    assert found == {"s00": "right", "s01": "undecided", "s02": "right", "s03": "name",
                     "s04": "right"}  # fmt: skip
    assert "1 answers were not judged" in warnings[0]
    database = sqlite3.connect(class_ / "out" / "verdicts.sqlite")
    assert database.execute("SELECT COUNT(*) FROM verdicts").fetchone()[0] == 4
    database.close()
    (class_ / "flag").unlink()
    found, warnings = graded(class_, "out")
    assert (found["s01"], warnings) == ("wrong", ())
    graded(class_, "whole", jobs=0)
    assert files(class_ / "out") == files(class_ / "whole")


@POSIX
def test_an_answer_whose_worker_is_killed_once_is_judged_at_once(
    class_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_START", KILLED.format(flag=str(class_ / "flag"), once=True))
    found, warnings = graded(class_, "out")
    assert not (class_ / "flag").exists()
    assert (found["s01"], warnings) == ("wrong", ())


def test_no_process_can_be_started(class_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from graphdiff.homework import isolation

    isolation.close()
    threads = threading.active_count()
    for executable in ("/nowhere/python", "", None):
        monkeypatch.setattr(sys, "executable", executable)
        with pytest.raises(GraphDiffError, match="no process that judges can be started"):
            graded(class_, "out")
        with pytest.raises(GraphDiffError, match="cannot be started"):
            check("x^2", answer="2x")
        with pytest.raises(Lost):
            judge({"function": "x^2", "answer": "2x", "language": "en"}, isolated=True)
    monkeypatch.undo()
    assert threading.active_count() == threads
    assert graded(class_, "out") == graded(class_, "whole", jobs=0)
    assert files(class_ / "out") == files(class_ / "whole")


def test_no_verdict_is_made_of_a_missing_package(monkeypatch: pytest.MonkeyPatch) -> None:
    from graphdiff.core.support.parts import lacking
    from graphdiff.homework import asking

    def checked(*_: object, **__: object) -> None:
        raise lacking("flint")

    monkeypatch.setattr(asking, "checked", checked)
    with pytest.raises(Lost, match="python-flint"):
        judge({"function": "x^2", "answer": "2x", "language": "en"})


def test_a_worker_that_ends_by_itself_is_told(
    class_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "_START", "raise SystemExit(9)")
    with pytest.raises(GraphDiffError, match="it ends with exit status 9"):
        graded(class_, "out")


def test_what_starts_with_every_python_may_print(
    class_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from graphdiff.homework import isolation

    (class_ / "sitecustomize.py").write_text("print('hello')\nprint('{}')\n", encoding="utf-8")
    path = os.pathsep.join(filter(None, (str(class_), os.environ.get("PYTHONPATH"))))
    monkeypatch.setenv("PYTHONPATH", path)
    isolation.close()
    assert check("x^2", answer="2x").status == "right"
    isolation.close()
    assert graded(class_, "out")[0] == graded(class_, "whole", jobs=0)[0]


# -- nothing is left behind ----------------------------------------------------------------------

# Held with a check that never ends in every worker.
HELD = """
import signal, sys
sys.path[:0] = sys.argv[1:3]
for kind in (signal.SIGHUP, signal.SIGQUIT, signal.SIGTERM):
    signal.signal(kind, signal.SIG_DFL)  # whoever runs the tests may ignore them
signal.signal(signal.SIGINT, signal.default_int_handler)
from graphdiff.homework.grading import work
work._START = '''
import sys, time
sys.path.insert(0, sys.argv[1])
from graphdiff.homework.grading import work
def judge(task, *, isolated=False):
    from graphdiff.homework.checking import check
    check("x^2", answer="2x")
    print("held", file=sys.stderr, flush=True)
    time.sleep(600)
work.judge = judge
work.serve()
'''
import subprocess
real = subprocess.Popen
def heard(*arguments, **options):
    return real(*arguments, **{**options, "stderr": None})
subprocess.Popen = heard
from graphdiff_cli.main import main
main(["grade", "hw.toml", "a.csv", "-o", "out", "--jobs", "2"])
"""


def members(session: int) -> list[int]:
    """The processes of a session that are alive."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == session and fields[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.parametrize("kind", ["SIGKILL", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGINT"])
def test_a_run_that_is_killed_leaves_no_process_behind(class_: Path, kind: str) -> None:
    lines = [f"t{k},{k}x" for k in range(200)]
    with (class_ / "a.csv").open("a") as file:
        file.write("\n".join(lines) + "\n")
    running = subprocess.Popen(
        [sys.executable, "-c", HELD, str(ROOT), str(ROOT / "cli")], cwd=class_,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stderr is not None
    for _ in range(2):
        assert running.stderr.readline() == "held\n"
    assert len(members(running.pid)) >= 5  # with the checks' own processes
    running.send_signal(getattr(signal, kind))
    running.communicate()  # nobody holds the pipe any longer
    while members(running.pid):
        time.sleep(0.05)
