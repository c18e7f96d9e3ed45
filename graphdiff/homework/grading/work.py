"""Sends tasks to worker processes, and replaces those that die.

A worker is a process of its own with bounds on memory and computing; it gets tasks in small
bundles, a line of JSON each, and answers every one as soon as it is judged.  FLINT ends the process
when an allocation fails, so a death says something of the task at hand only: that one is tried
again, isolated.  A worker that dies even then was ended from outside, which says nothing of the
answer: after a few tries the task is lost, and a later run judges it.
"""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

from graphdiff.errors import GraphDiffError

from .tasks import Lost, Task, judge, undecided

__all__ = ["Judged", "cores", "judge_all", "lost", "serve"]

Judged = tuple[str, dict[str, Any]]
_BUNDLE = 64
_SECONDS = 60.0
"""A task that takes longer than this is stuck; a check's own limits are far below."""
_COMPUTING = 20.0
"""Seconds of computing that a task may take before it is tried alone."""
_START_SECONDS = 120.0
_TRIES = 3
_READY = b"ready\n"
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from graphdiff.homework.grading.work import serve; serve()"
)
_ENDED = "the process that judged this answer was ended again and again; run it once more"


def cores() -> int:
    """How many processes can run at once."""
    available = getattr(os, "sched_getaffinity", None)
    return len(available(0)) if available else os.cpu_count() or 1


def lost(reason: str = _ENDED) -> dict[str, Any]:
    """What stands for a verdict where the machine failed; it is not to be kept."""
    return undecided(reason) | {"lost": True}


def judge_all(tasks: Iterable[tuple[str, Task]], jobs: int) -> Generator[Judged, None, None]:
    """The verdict on every task, as they are done; with ``jobs=0`` in this process.

    Raises GraphDiffError where no process can be started.
    """
    if jobs <= 0:
        for name, task in tasks:
            yield name, judge(task)
        return
    pool = _Pool(jobs)
    try:
        yield from pool.run(tasks)
    finally:
        pool.close()


class _Pool:
    """Threads, each of which looks after one worker process."""

    def __init__(self, jobs: int) -> None:
        self.bundles: queue.SimpleQueue[list[tuple[str, Task]] | None] = queue.SimpleQueue()
        self.done: queue.SimpleQueue[Judged | BaseException | None] = queue.SimpleQueue()
        self.jobs = jobs
        self.workers = [_Worker() for _ in range(jobs)]
        self.threads = [
            threading.Thread(target=self._look_after, args=(worker,), daemon=True)
            for worker in self.workers
        ]
        for thread in self.threads:
            thread.start()

    def run(self, tasks: Iterable[tuple[str, Task]]) -> Iterator[Judged]:
        """Feed bundles and yield verdicts; only a few bundles are under way at a time."""
        waiting, under_way = iter(tasks), 0
        while True:
            while under_way < 2 * self.jobs:
                bundle = list(islice(waiting, _BUNDLE))
                if not bundle:
                    break
                self.bundles.put(bundle)
                under_way += 1
            if not under_way:
                return
            found = self.done.get()
            if isinstance(found, BaseException):
                raise found
            if found is None:
                under_way -= 1
            else:
                yield found

    def close(self) -> None:
        """End all workers, and the threads: Python must not end while they read from pipes."""
        for worker in self.workers:
            worker.stop()
        for _ in self.threads:
            self.bundles.put(None)
        for thread in self.threads:
            thread.join(10)

    def _look_after(self, worker: _Worker) -> None:
        try:
            while (bundle := self.bundles.get()) is not None:
                for judged in worker.judge(bundle):
                    self.done.put(judged)
                self.done.put(None)
        except BaseException as error:  # noqa: BLE001 - a thread's error is raised by the one who waits
            self.done.put(error)


class _Worker:
    """A process that judges, started when it is needed and started again when it died."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
        self.helpers: list[threading.Thread] = []
        self.stopped = threading.Event()
        self.lock = threading.Lock()
        """Held while a process is started or ended."""

    def judge(self, bundle: list[tuple[str, Task]]) -> Iterator[Judged]:
        waiting = deque(bundle)
        while waiting and not self.stopped.is_set():
            for document in self._judged([task for _, task in waiting]):
                yield waiting.popleft()[0], document
            if waiting and not self.stopped.is_set():
                name, task = waiting.popleft()
                yield name, self._alone(task)

    def _alone(self, task: Task) -> dict[str, Any]:
        """The verdict on a task during which a worker died."""
        reason = _ENDED
        for k in range(_TRIES):
            if self.stopped.wait(0.2 * k):
                break
            document = next(self._judged([task], isolated=True), None)
            if document is not None and "lost" not in document:
                return document
            reason = document["lost"] if document else reason
        return lost(reason)

    def _judged(self, tasks: list[Task], *, isolated: bool = False) -> Iterator[dict[str, Any]]:
        """Verdicts in the order of the tasks, up to the one at which the process dies."""
        process = self._running()
        if process is None:
            return
        message = json.dumps({"tasks": tasks, "isolated": isolated}).encode() + b"\n"
        self._help(_send, process.stdin, message)
        for _ in tasks:
            # Isolated, a task has two tries of its own.
            line = self._line(2 * _SECONDS if isolated else _SECONDS)
            if not line:
                self._end()
                return
            yield json.loads(line)

    def _line(self, seconds: float) -> bytes:
        """The next line; nothing when there is no whole one in that time."""
        try:
            line = self.lines.get(timeout=seconds)
        except queue.Empty:
            return b""
        return line if line.endswith(b"\n") else b""

    def _running(self) -> subprocess.Popen[bytes] | None:
        """The process, ready; None if it was ended from outside while it started."""
        if self.process is not None:
            return self.process
        for k in range(_TRIES):
            if self.stopped.wait(0.5 * k):
                return None
            try:
                process = self._start()
            except OSError as error:
                told = f"{error.strerror}: {sys.executable}" if sys.executable else error.strerror
                continue
            # What starts with every Python here may print before our program does.
            while (line := self._line(_START_SECONDS)) and line != _READY:
                pass
            if line:
                return process
            self._end()
            if process is None or process.returncode < 0:
                return None
            told = f"it ends with exit status {process.returncode}"
        raise GraphDiffError(
            f"no process that judges can be started: {told}",
            hint="what is judged is kept; run it again",
        )

    def _start(self) -> subprocess.Popen[bytes] | None:
        if not sys.executable:
            raise OSError(2, "sys.executable is empty")
        root = str(Path(__file__).resolve().parents[3])
        with self.lock:
            if self.stopped.is_set():
                return None
            self.process = subprocess.Popen(  # noqa: S603 - this Python, with a fixed command
                [sys.executable, "-P", "-c", _START, root],
                # Threads of numpy's BLAS would reserve more memory than a check needs.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            self.lines = queue.SimpleQueue()
            self._help(_receive, self.process.stdout, self.lines)
            return self.process

    def _help(self, what: Any, *arguments: Any) -> None:
        self.helpers = [helper for helper in self.helpers if helper.is_alive()]
        self.helpers.append(threading.Thread(target=what, args=arguments, daemon=True))
        self.helpers[-1].start()

    def stop(self) -> None:
        """End the process for good."""
        self.stopped.set()
        self._end()

    def _end(self) -> None:
        with self.lock:
            process, self.process = self.process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for helper in self.helpers:
            helper.join(5)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError, ValueError):
                    stream.close()


def _send(stream: Any, message: bytes) -> None:
    with suppress(OSError, ValueError):  # the process died; whoever reads its answers sees that
        stream.write(message)
        stream.flush()


def _receive(stream: Any, lines: queue.SimpleQueue[bytes]) -> None:
    """Pass on what a worker says, and an empty line when it ends."""
    with suppress(OSError, ValueError):
        for line in stream:
            lines.put(line)
    lines.put(b"")


def serve() -> None:
    """Judge what comes on standard input until it ends: the program of a worker."""
    import signal

    # Ctrl-C reaches all processes of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from graphdiff.homework.isolation import MEMORY, limit_cpu, lines_of_parent

    _bound_memory(MEMORY)
    # Verdicts have the output to themselves, whatever a library prints.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    out.write(_READY)
    out.flush()
    for line in lines_of_parent():
        bundle = json.loads(line)
        for task in bundle["tasks"]:
            limit_cpu(_COMPUTING)
            try:
                document = judge(task, isolated=bundle["isolated"])
            except Lost as reason:
                document = {"lost": str(reason)}
            out.write(json.dumps(document).encode() + b"\n")
            out.flush()


def _bound_memory(size: int) -> None:
    if sys.platform != "win32":
        import resource

        with suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_AS, (size, size))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
