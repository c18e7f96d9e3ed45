"""Sends tasks to worker processes, and replaces those that die.

A worker is a process of its own with bounds on memory and computing; it gets tasks in small
bundles, a line of JSON each, and answers every one as soon as it is judged.  FLINT ends the process
when an allocation fails, so a death says something of the task at hand only: that one is tried
again, isolated.  A worker that dies even then was ended from outside, which says nothing of the
answer: after a few tries the task is lost, and a later run judges it.
"""

from __future__ import annotations

import json
import queue
import sys
import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from itertools import islice
from typing import Any

from graphdiff.errors import GraphDiffError
from graphdiff.homework.worker import Child, limit_cpu
from graphdiff.homework.worker import serve as serve_requests

from .tasks import Lost, Task, judge, undecided

__all__ = ["Judged", "judge_all", "lost", "serve"]

Judged = tuple[str, dict[str, Any]]
_BUNDLE = 64
_SECONDS = 60.0
"""A task that takes longer than this is stuck; a check's own limits are far below."""
_COMPUTING = 20.0
"""Seconds of computing that a task may take before it is tried alone."""
_START_SECONDS = 120.0
_TRIES = 3
_START = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from graphdiff.homework.grading.work import serve; serve()"
)
_ENDED = "the process that judged this answer was ended again and again; run it once more"


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
        self.child: Child | None = None
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
        child = self._running()
        if child is None:
            return
        child.send({"tasks": tasks, "isolated": isolated})
        for _ in tasks:
            # Isolated, a task has two tries of its own.
            line = child.line(2 * _SECONDS if isolated else _SECONDS)
            if not line:
                self._end()
                return
            yield json.loads(line)

    def _running(self) -> Child | None:
        """The process, ready; None if it was ended from outside while it started."""
        if self.child is not None:
            return self.child
        for k in range(_TRIES):
            if self.stopped.wait(0.5 * k):
                return None
            try:
                with self.lock:
                    child = self.child = None if self.stopped.is_set() else Child(_START)
            except OSError as error:
                told = f"{error.strerror}: {sys.executable}" if sys.executable else error.strerror
                continue
            if child is None:
                return None
            if child.ready(_START_SECONDS):
                return child
            self._end()
            status = child.process.wait()
            if status < 0:
                return None
            told = f"it ends with exit status {status}"
        raise GraphDiffError(
            f"no process that judges can be started: {told}",
            hint="what is judged is kept; run it again",
        )

    def stop(self) -> None:
        """End the process for good."""
        self.stopped.set()
        self._end()

    def _end(self) -> None:
        with self.lock:
            child, self.child = self.child, None
        if child is not None:
            child.close()


def serve() -> None:
    """Judge what comes on standard input until it ends: the program of a worker."""
    serve_requests(lambda: _answers)


def _answers(bundle: Any) -> Iterator[dict[str, Any]]:
    for task in bundle["tasks"]:
        limit_cpu(_COMPUTING)
        try:
            yield judge(task, isolated=bundle["isolated"])
        except Lost as reason:
            yield {"lost": str(reason)}
