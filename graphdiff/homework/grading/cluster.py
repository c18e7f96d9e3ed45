"""Judges on an existing Dask cluster; a worker that is killed changes nothing in the result."""

from __future__ import annotations

import os
import queue
import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import islice
from typing import Any

from graphdiff.core.support.cache import code_digest
from graphdiff.core.support.parts import part
from graphdiff.errors import GraphDiffError

from .probing import probed
from .tasks import Lost, Task, judge
from .work import Judged, lost

__all__ = ["WAIT", "judge_on_cluster"]

WAIT = 60.0
"""Seconds to wait for workers."""
_BUNDLE = 32
_AHEAD = 4
"""Bundles under way for every thread of the cluster."""
_TRIES = 3
_CALL = 5.0
"""Seconds in which a scheduler answers a question."""
_AWAY = 10.0
"""Seconds that a connection may be gone."""
_KEPT = "what is judged is kept; run it again"
_ENDED = "the machines that judged this answer were lost again and again; run it once more"
_SAME = 'install the same version there: pip install "graphdiff[cluster]"'
Notice = Callable[[str], None]


def judge_on_cluster(
    tasks: Iterable[tuple[str, Task]], address: str, wait: float = WAIT,
    notice: Notice = lambda _: None,
) -> Generator[Judged, None, None]:  # fmt: skip
    """The verdict on every task, in the order in which the cluster finishes them.

    Each answer is checked in a worker process of its own beside the Dask worker, so that no text
    can take the worker down; work of a machine that is lost is done again by another.  ``wait`` is
    how many seconds may pass without workers, of which ``notice`` is told.

    Raises ProgramMissing without Dask, GraphDiffError for a cluster that does not answer, has no
    workers, has another graphdiff, or is lost.
    """
    if not re.search(r"://|:\d+$", address):  # Dask would look for it, and fail again at the end
        raise GraphDiffError(
            f"{address} is no address of a scheduler", hint="--scheduler tcp://host:8786"
        )
    distributed = part("distributed", "--scheduler needs")
    with _quiet():
        probed(address)
        try:
            client = distributed.Client(address, timeout=10, set_as_default=False)
        except (OSError, ValueError, RuntimeError) as error:
            raise GraphDiffError(
                f"no Dask scheduler answers at {address}: {error}",
                hint="--scheduler tcp://host:8786",
            ) from None
        cluster = _Cluster(client, address, wait, notice)
        try:
            yield from cluster.judged(iter(tasks))
        except (OSError, RuntimeError, TimeoutError, CancelledError) as error:
            raise cluster.gone() from error
        finally:
            with suppress(Exception):
                client.close(timeout=2)


class _Cluster:
    """A client of a scheduler, and what it has sent there."""

    def __init__(self, client: Any, address: str, wait: float, notice: Notice) -> None:
        self.client, self.address, self.wait, self.notice = client, address, wait, notice
        self.under_way: dict[Any, tuple[list[tuple[str, Task]], int]] = {}
        self.done: queue.SimpleQueue[Any] = queue.SimpleQueue()

    def judged(self, waiting: Iterator[tuple[str, Task]]) -> Iterator[Judged]:
        """Verdicts as they come."""
        threads = self.workers()
        self.compare()
        while True:
            while len(self.under_way) < _AHEAD * threads and (
                bundle := list(islice(waiting, _BUNDLE))
            ):
                self.send(bundle)
            if not self.under_way:
                return
            try:
                future = self.done.get(timeout=1.0)
            except queue.Empty:
                threads = self.workers()
                continue
            yield from self.answered(future, *self.under_way.pop(future))

    def send(self, bundle: list[tuple[str, Task]], tries: int = 1) -> None:
        """Have a bundle judged."""
        # Not pure: the name of a task is no key of Dask's, and its result is fetched once.
        future = self.client.submit(judge_bundle, [task for _, task in bundle], pure=False)
        self.under_way[future] = bundle, tries
        future.add_done_callback(self.done.put)

    def answered(self, future: Any, bundle: list[tuple[str, Task]], tries: int) -> Iterator[Judged]:
        """The verdicts of a bundle; what was lost on the way is sent once more, each task alone."""
        if future.status == "finished":
            documents = future.result()
        elif future.status == "error":
            error = future.exception()
            if type(error).__name__ != "KilledWorker":
                raise GraphDiffError(
                    f"the workers of {self.address} cannot judge: {type(error).__name__}: {error}",
                    hint=_SAME,
                )
            documents = [{"lost": _ENDED}] * len(bundle)
        else:
            raise self.gone()
        for (name, task), document in zip(bundle, documents, strict=True):
            if "lost" not in document:
                yield name, document
            elif tries < _TRIES:
                self.send([(name, task)], tries + 1)
            else:
                yield name, lost(_ENDED)

    def workers(self) -> int:
        """How many threads there are, when there are any."""
        start, told = time.monotonic(), -10.0
        while not (found := self.threads()):
            waited = time.monotonic() - start
            if waited > self.wait:
                raise GraphDiffError(
                    f"the scheduler at {self.address} has had no workers for {self.wait:g} s",
                    hint=f"start some: dask worker {self.address}",
                )
            if waited - told >= 10:
                self.notice(
                    f"the scheduler at {self.address} has no workers; "
                    f"waiting for them, {self.wait - waited:.0f} s more"
                )
                told = waited
            time.sleep(0.5)
        return found

    def threads(self) -> int:
        """How many threads there are now."""
        start = time.monotonic()
        while True:
            with suppress(OSError, RuntimeError, TimeoutError, CancelledError):
                if self.client.status == "running":
                    scheduler = self.client.scheduler
                    found = self.client.sync(scheduler.ncores, callback_timeout=_CALL)
                    return sum(found.values())
            if self.client.status == "closed" or time.monotonic() - start > _AWAY:
                raise self.gone()
            time.sleep(0.5)

    def compare(self) -> None:
        """Raise GraphDiffError unless the workers have the program that this is."""
        # Found by name where it may be missing: a function of ours could not even be sent.
        specs = self.client.run(find_spec, "graphdiff", on_error="return")
        for worker, found in specs.items():
            if found is None or isinstance(found, BaseException):
                raise GraphDiffError(
                    f"the worker {worker} has no graphdiff",
                    hint='pip install "graphdiff[cluster]" on its machine',
                )
        for worker, digest in self.client.run(code_digest, on_error="return").items():
            if digest != code_digest():
                raise GraphDiffError(
                    f"the worker {worker} has another version of graphdiff, numpy or python-flint",
                    hint=_SAME,
                )

    def gone(self) -> GraphDiffError:
        """The error of a connection that is lost."""
        return GraphDiffError(f"the scheduler at {self.address} was lost", hint=_KEPT)


def judge_bundle(tasks: list[Task]) -> list[dict[str, Any]]:
    """Verdicts on some tasks: what runs on the cluster."""
    # Threads of numpy's BLAS would reserve more memory than a check needs.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    found = []
    for task in tasks:
        try:
            found.append(judge(task, isolated=True))
        except Lost as reason:
            found.append({"lost": str(reason)})
    return found


@contextmanager
def _quiet() -> Iterator[None]:
    """Dask's own log says in many lines what is told here in one."""
    import logging

    log = logging.getLogger("distributed")
    level = log.level
    log.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        log.setLevel(level)
