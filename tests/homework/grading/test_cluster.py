"""Grading on a Dask cluster of this machine, one worker of which is killed."""

from __future__ import annotations

import http.server
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from graphdiff.errors import GraphDiffError
from graphdiff.homework.grading import cluster as judging
from graphdiff.homework.grading import grade
from graphdiff.homework.grading.cluster import judge_on_cluster
from graphdiff.homework.grading.work import judge_all

distributed = pytest.importorskip("distributed")
pytestmark = pytest.mark.filterwarnings("default")  # Dask's own, when a worker dies


def tasks(count: int) -> list[tuple[str, dict[str, Any]]]:
    return [
        (str(k), {"function": f"x^{k % 7 + 2}*sin(x)", "answer": f"{k}x^{k % 5} cos x + {k}",
                  "language": "en"})
        for k in range(count)
    ]  # fmt: skip


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as running:
        yield running


def test_the_same_verdicts_as_on_one_machine_though_a_worker_is_killed(cluster: Any) -> None:
    wanted = dict(judge_all(tasks(600), jobs=0))
    found: dict[str, Any] = {}
    for name, verdict in judge_on_cluster(tasks(600), cluster.scheduler_address):
        if len(found) == 40:
            os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
        assert name not in found
        found[name] = verdict
    assert found == wanted


def test_a_whole_class_gives_the_same_bytes(cluster: Any, tmp_path: Path) -> None:
    example = Path(__file__).parents[3] / "examples" / "grading"
    for name, scheduler in (("here", None), ("there", cluster.scheduler_address)):
        grade(example / "hw.toml", example / "answers.csv", output=tmp_path / name, jobs=None,
              scheduler=scheduler).store.close()  # fmt: skip
    files = [path.relative_to(tmp_path / "here") for path in (tmp_path / "here").rglob("*")]
    written = [path for path in files if path.suffix in (".csv", ".json", ".html")]
    assert len(written) > 4
    for path in written:
        assert (tmp_path / "here" / path).read_bytes() == (tmp_path / "there" / path).read_bytes()


# -- what is no cluster --------------------------------------------------------------------------


@contextmanager
def nobody() -> Iterator[str]:
    yield "tcp://127.0.0.1:1"


@contextmanager
def mute() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def web() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()


@contextmanager
def chatter() -> Iterator[str]:
    """Sends bytes that are no message of Dask's."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def talk() -> None:
            other, _ = listening.accept()
            with other:
                other.sendall(b"220 mail.example.org ESMTP\r\n" * 100)

        threading.Thread(target=talk, daemon=True).start()
        yield f"tcp://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def elsewhere() -> Iterator[str]:
    yield "http://127.0.0.1:8787"


@pytest.mark.parametrize("place", [nobody, mute, web, chatter, elsewhere])
def test_what_is_no_scheduler_is_told_soon(place: Any) -> None:
    threads = threading.active_count()
    with place() as address:
        start = time.monotonic()
        with pytest.raises(GraphDiffError, match=r"no (Dask scheduler|address)"):
            list(judge_on_cluster(tasks(1), address))
        assert time.monotonic() - start < 60  # 15 s, on a machine that is not busy
    assert threading.active_count() <= threads + 1  # the web server's own


def test_a_worker_is_no_scheduler(cluster: Any) -> None:
    address = next(iter(cluster.workers.values())).worker_address
    with pytest.raises(GraphDiffError, match="is no Dask scheduler but Worker"):
        list(judge_on_cluster(tasks(1), address))


def test_no_workers_are_told_at_once_and_waited_for() -> None:
    told: list[str] = []
    with (
        distributed.LocalCluster(n_workers=0, dashboard_address=None) as empty,
        pytest.raises(GraphDiffError, match="has had no workers for 1 s"),
    ):
        list(judge_on_cluster(tasks(1), empty.scheduler_address, 1.0, told.append))
    assert len(told) == 1
    assert "has no workers; waiting for them, 1 s more" in told[0]


def test_workers_that_come_late_are_waited_for() -> None:
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as empty:
        found = judge_on_cluster(tasks(3), empty.scheduler_address, 120.0, lambda _: empty.scale(1))
        assert len(list(found)) == 3


@pytest.mark.parametrize(
    ("name", "found", "message"),
    [
        ("find_spec", lambda _: None, "has no graphdiff"),
        ("code_digest", os.getpid, "has another version of graphdiff"),
    ],
)
def test_workers_with_another_program_are_refused(
    cluster: Any, monkeypatch: pytest.MonkeyPatch, name: str, found: Any, message: str
) -> None:
    monkeypatch.setattr(judging, name, found)
    with pytest.raises(GraphDiffError, match=message):
        list(judge_on_cluster(tasks(1), cluster.scheduler_address))


SCHEDULER = """
import sys, time
import distributed
if __name__ == "__main__":
    cluster = distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None)
    print(cluster.scheduler_address, flush=True)
    sys.stdin.read()
"""


def test_a_scheduler_that_is_lost_is_told_and_the_next_run_is_whole(tmp_path: Path) -> None:
    (tmp_path / "hw.toml").write_text('[[problem]]\nid = "p"\nfunction = "x^2"\n')
    lines = [f"s{k:03d},{k}x^2 + {k % 5} sin(x) - {k}" for k in range(400)]
    (tmp_path / "a.csv").write_text("student,p\n" + "\n".join(lines) + "\n")
    (tmp_path / "s.py").write_text(SCHEDULER)
    running = subprocess.Popen(
        [sys.executable, tmp_path / "s.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    address = running.stdout.readline().strip()

    def progress(done: int, total: int) -> None:
        if done == 40:
            os.killpg(running.pid, signal.SIGKILL)

    arguments = (tmp_path / "hw.toml", tmp_path / "a.csv")
    with pytest.raises(GraphDiffError, match="was lost"):
        grade(*arguments, output=tmp_path / "out", scheduler=address, progress=progress)
    running.communicate()
    for name in ("out", "whole"):
        grade(*arguments, output=tmp_path / name, jobs=1).store.close()
    for name in ("grades.csv", "grades.json", "report.html"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
