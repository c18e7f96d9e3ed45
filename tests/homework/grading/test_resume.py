"""A run that is killed or interrupted loses no finished verdict and leaves no half file."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import grade, work

pytestmark = pytest.mark.heavy

ROOT = Path(__file__).parents[3]
COUNT = 120
HOMEWORK = '[[problem]]\nid = "p1"\nfunction = "x^2"\n'
# Says of every verdict that it is done, when it is.
RUN = """
import sys, time
sys.path.insert(0, sys.argv[1])
from graphdiff.homework.grading import grade, work
real = work.judge
def slow(task):
    time.sleep(0.004)
    return real(task)
work.judge = slow
def progress(done, total):
    print(done, flush=True)
if __name__ == "__main__":
    grade(sys.argv[2], sys.argv[3], output=sys.argv[4], jobs=0, progress=progress)
"""


# The command, which is held after its fifth verdict until the interrupt arrives.
INTERRUPTED = """
import signal, sys, time
sys.path[:0] = sys.argv[1:3]
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
from graphdiff.homework.grading import run
real = run.judge_all
def held(tasks, jobs):
    for k, found in enumerate(real(tasks, jobs)):
        if k == 5:
            print("held", flush=True)
            time.sleep(600)
        yield found
run.judge_all = held
from graphdiff_cli.main import main
main(["grade", "hw.toml", "a.csv", "-o", "out", "--jobs", "1"])
"""


@pytest.fixture
def class_(tmp_path: Path) -> Path:
    (tmp_path / "hw.toml").write_text(HOMEWORK, encoding="utf-8")
    lines = [f"s{k:03d},2x + {k} - {k % 7}" for k in range(COUNT)]
    (tmp_path / "a.csv").write_text("student,p1\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def start(folder: Path) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", RUN, str(ROOT), "hw.toml", "a.csv", "out"]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and not p.name.startswith("verdicts.sqlite")
    }


@pytest.mark.parametrize("after", [1, 20, 70])
def test_killed_at_any_moment(class_: Path, after: int, monkeypatch: pytest.MonkeyPatch) -> None:
    running = start(class_)
    assert running.stdout is not None
    done = 0
    while done < after:
        done = int(running.stdout.readline())
    running.send_signal(signal.SIGKILL)
    said = [done, *(int(line) for line in running.stdout.read().split())]
    running.wait()
    running.stdout.close()
    assert files(class_ / "out") == {}
    again = []
    real = work.judge
    monkeypatch.setattr(work, "judge", lambda task: again.append(task) or real(task))
    grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0).store.close()
    # Nothing that was said to be done was judged again.
    assert COUNT - len(again) >= max(said)
    again.clear()
    grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "whole", jobs=0).store.close()
    assert len(again) == COUNT
    assert files(class_ / "out") == files(class_ / "whole")


def test_killed_again_and_again(class_: Path) -> None:
    """At random moments of the same work: start, judging, writing."""
    grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "whole", jobs=0).store.close()
    moments = random.Random(7)
    for _ in range(20 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 3):
        with start(class_) as running:
            time.sleep(moments.uniform(0.2, 1.5))
            running.kill()
    grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0).store.close()
    assert files(class_ / "out") == files(class_ / "whole")


def test_killed_while_writing(class_: Path) -> None:
    """Whatever is there under its own name is whole."""
    grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "whole", jobs=0).store.close()
    whole = files(class_ / "whole")
    running = start(class_)
    folder = class_ / "out" / "gradescope"
    while not folder.exists() and running.poll() is None:
        time.sleep(0.001)
    running.kill()
    running.wait()
    assert running.stdout is not None
    running.stdout.close()
    found = {k: v for k, v in files(class_ / "out").items() if not Path(k).name.startswith(".")}
    assert {k: whole[k] for k in found} == found
    grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0).store.close()
    assert files(class_ / "out") == whole


def test_verdicts_are_used_again_unless_fresh(
    class_: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = []
    real = work.judge
    monkeypatch.setattr(work, "judge", lambda task: judged.append(task) or real(task))
    for fresh, count in ((False, COUNT), (False, 0), (True, COUNT)):
        judged.clear()
        grade(
            class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0, fresh=fresh
        ).store.close()
        assert len(judged) == count


def test_other_settings_are_other_verdicts(class_: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    judged = []
    real = work.judge
    monkeypatch.setattr(work, "judge", lambda task: judged.append(task) or real(task))
    grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0).store.close()
    (class_ / "hw.toml").write_text(HOMEWORK + "settings = {slash = 'left'}\n", encoding="utf-8")
    grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0).store.close()
    assert len(judged) == 2 * COUNT


def test_two_runs_in_one_folder(class_: Path) -> None:
    first = grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0)
    with pytest.raises(GraphDiffError, match="another graphdiff grade is at work"):
        grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0)
    first.store.close()


def test_a_store_that_is_none(class_: Path) -> None:
    (class_ / "out").mkdir()
    (class_ / "out" / "verdicts.sqlite").write_text("something else " * 100, encoding="utf-8")
    with pytest.raises(GraphDiffError, match=r"verdicts\.sqlite cannot be used"):
        grade(class_ / "hw.toml", class_ / "a.csv", output=class_ / "out", jobs=0)


@pytest.mark.skipif(sys.platform == "win32", reason="sends an interrupt as POSIX does")
def test_interrupted(class_: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTED, str(ROOT), str(ROOT / "cli")], cwd=class_,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    assert running.stdout.readline() == "held\n"
    os.killpg(running.pid, signal.SIGINT)
    _, told = running.communicate()
    assert running.returncode == 130
    assert "interrupted; verdicts are kept, go on with: graphdiff grade hw.toml a.csv" in told
    assert "Traceback" not in told
    database = sqlite3.connect(class_ / "out" / "verdicts.sqlite")
    kept = database.execute("SELECT COUNT(*) FROM verdicts").fetchone()[0]
    database.close()
    assert kept == 5
