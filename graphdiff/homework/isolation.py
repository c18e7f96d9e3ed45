"""Checks of untrusted text in a process of their own, with limits on memory and time.

FLINT ends the process when memory fails and hears no signal while it computes, so that a text that
slips through the bounds must be able to take down nothing but the worker.

A worker that dies is replaced and asked once more, so that one that was killed from outside changes
no verdict; what takes down two of them is undecided.
"""

from __future__ import annotations

import atexit
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib import import_module
from threading import TIMEOUT_MAX, Lock
from typing import Any

from graphdiff import errors
from graphdiff.core.limits import limited, overrides
from graphdiff.core.support.parts import missing
from graphdiff.core.support.words import Message
from graphdiff.errors import GraphDiffError, LimitExceeded, Span

from .worker import MEMORY, OUT_OF_MEMORY, Child, limit_cpu, serve

__all__ = [
    "MEMORY",
    "SECONDS",
    "NotStarted",
    "WorkerLost",
    "ask",
    "main",
]

SECONDS = 10.0
"""Wall-clock time of one check; the bounds on work end it far earlier."""
_START = 60.0
_PROGRAM = "from graphdiff.homework.isolation import main; main()"


class WorkerLost(Exception):
    """The worker died or was too slow; ``str`` says which."""

    def __init__(self, reason: str, *, machine: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.machine = machine
        """Whether it may be the machine's fault: asked again, it may go well."""


class NotStarted(WorkerLost):
    """No worker can be started here."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the checking process cannot be started: {reason}", machine=True)


class _Died(WorkerLost):
    """The worker's process has ended."""


class _Worker(Child):
    """One process, started when first asked."""

    def __init__(self) -> None:
        self.cpu: float | None = None
        try:
            super().__init__(_PROGRAM, _prepared)
        except OSError as error:
            where = f": {sys.executable}" if sys.executable else ""
            raise NotStarted(f"{error.strerror}{where}") from error
        try:
            self.ready(_START)
        except BaseException:
            self.close()
            raise

    def line(self, seconds: float) -> bytes:
        """The next line.  Raises WorkerLost where there is none."""
        line = super().line(seconds)
        if line is None:
            # With a limit on its own time, a check that is late waits for the machine.
            late = Message("reason.seconds", seconds=f"{seconds:g}")
            raise WorkerLost(late, machine=self.cpu is not None)
        if not line:
            raise self.end()
        return line

    def end(self) -> _Died:
        """How the process ended, in words."""
        code = self.process.wait()
        if code in (OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV):
            return _Died(Message("reason.memory", size=MEMORY >> 20))
        if code == -getattr(signal, "SIGXCPU", 0) and self.cpu is not None:
            return _Died(Message("reason.seconds", seconds=f"{self.cpu:g}"))
        return _Died(f"the checking process has ended (exit status {code})", machine=True)


_lock = Lock()
_workers: dict[int, _Worker] = {}
"""The worker of this process; a fork starts its own."""


def ask(request: Mapping[str, Any], seconds: float = SECONDS, cpu: float | None = None) -> Any:
    """Send a request to the worker and return its answer.

    ``seconds`` are those of a clock on the wall, ``cpu`` those that the worker computes: what it
    does in these does not depend on how busy the machine is.

    Raises WorkerLost when the worker takes longer or dies twice; the next call starts another one.
    Raises the GraphDiffError that the worker met.
    """
    if not seconds >= 0:
        raise GraphDiffError(f"seconds = {seconds} is no time limit", hint="a number above 0")
    if seconds == 0:  # a fast machine has an answer in no time
        raise WorkerLost(Message("reason.seconds", seconds=0))
    message = [cpu, overrides(), request]
    with _lock:
        try:
            answer = _asked(message, seconds, cpu)
        except _Died:
            answer = _asked(message, seconds, cpu)
    if "lost" in answer:
        raise WorkerLost(answer["lost"], machine=answer.get("machine", False))
    if "error" in answer:
        raise _error(answer["error"])
    return answer


def _asked(message: Any, seconds: float, cpu: float | None) -> Any:
    worker = _workers.get(os.getpid())
    if worker is None:
        worker = _workers[os.getpid()] = _Worker()
    worker.cpu = cpu
    try:
        worker.send(message)
        return json.loads(worker.line(min(seconds, TIMEOUT_MAX)))
    except BaseException:
        # Whatever it was, an answer may still be under way: it must not meet the next question.
        close()
        raise


def close() -> None:
    """End the worker of this process, if there is one."""
    worker = _workers.pop(os.getpid(), None)
    if worker is not None:
        worker.close()


atexit.register(close)


def _forked() -> None:
    """In a child: let go of the parent's worker, whose pipes and lock came along."""
    global _lock  # noqa: PLW0603
    _lock = Lock()  # another thread of the parent may have held it
    with open(os.devnull, "r+b") as nothing:
        for worker in _workers.values():
            for pipe in (worker.process.stdin, worker.process.stdout):
                if pipe is not None:
                    os.dup2(nothing.fileno(), pipe.fileno(), inheritable=False)
    _abandoned.extend(_workers.values())
    _workers.clear()


_abandoned: list[_Worker] = []
"""Workers of the parent: kept, so that nothing tries to clean up what is not ours."""
if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(after_in_child=_forked)


def _error(told: Mapping[str, Any]) -> GraphDiffError:
    kind: type[GraphDiffError] = getattr(errors, told["kind"], GraphDiffError)
    span = told["span"] and Span(*told["span"])
    return kind(told["message"], source=told["source"], span=span, hint=told["hint"])


def main() -> None:
    """Answer requests until the end of input: the worker's side."""
    serve(_prepared)


def _prepared() -> Callable[[Any], Iterator[Any]]:
    from .asking import checked

    import_module("graphdiff.homework.judging.answers")  # once for a process and all its forks

    return partial(_answers, checked)


def _answers(checked: Any, message: Any) -> Iterator[Any]:
    cpu, limits, request = message
    limit_cpu(cpu)
    try:
        with limited(limits):
            document = checked(**request).packed()
        yield document
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001  a fault of the program is no fault of the answer
        yield _told(error)


def _told(error: Exception) -> dict[str, Any]:
    expected = missing(error) if isinstance(error, ImportError) else error
    if isinstance(error, ImportError) and isinstance(expected, LimitExceeded):
        return {"lost": expected.message, "machine": True}  # no room for a library
    if not isinstance(expected, GraphDiffError):
        return {"lost": f"the check failed: {type(error).__name__}: {error}"}
    return {"error": {
        "kind": expected.kind, "message": expected.message, "source": expected.source,
        "span": expected.span, "hint": expected.hint,
    }}  # fmt: skip
