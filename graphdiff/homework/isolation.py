"""Checks of untrusted text in a process of their own, with limits on memory and time.

FLINT ends the process when memory fails and hears no signal while it computes, so that a text that
slips through the bounds must be able to take down nothing but the worker.  The two talk in lines of
JSON; nothing else is read from either side.

A worker that dies is replaced and asked once more, so that one that was killed from outside changes
no verdict; what takes down two of them is undecided.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import TIMEOUT_MAX, Lock, Thread
from typing import Any

from graphdiff import errors
from graphdiff.core.limits import limited, overrides
from graphdiff.core.support.parts import missing
from graphdiff.core.support.words import Message
from graphdiff.errors import GraphDiffError, LimitExceeded, Span

__all__ = [
    "MEMORY",
    "SECONDS",
    "NotStarted",
    "WorkerLost",
    "ask",
    "limit_cpu",
    "lines_of_parent",
    "main",
]

MEMORY = 512 << 20
"""Bytes of address space a worker may have (where the system can limit it)."""
SECONDS = 10.0
"""Wall-clock time of one check; the bounds on work end it far earlier."""
_START = 60.0
_OUT_OF_MEMORY = 77
_READY = "ready"
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


class _Worker:
    """One process, started when first asked."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self.lines: SimpleQueue[str] = SimpleQueue()
        self.cpu: float | None = None
        if not sys.executable:
            raise NotStarted("sys.executable is empty")
        try:
            self.process = subprocess.Popen(  # noqa: S603  our own interpreter, a fixed program
                [sys.executable, "-P", "-c", _PROGRAM],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                text=True, encoding="utf-8",
                # Threads of numpy's BLAS would reserve more address space than a check needs.
                env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
            )  # fmt: skip
        except OSError as error:
            raise NotStarted(f"{error.strerror}: {sys.executable}") from error
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()
        try:
            # What starts with every Python here may print before our program does.
            while self._line(_START).strip() != _READY:
                pass
        except BaseException:
            self.close()
            raise

    def _read(self) -> None:
        assert self.process.stdout is not None
        with contextlib.suppress(OSError, ValueError):  # closed while it is read
            for line in self.process.stdout:
                self.lines.put(line)
        self.lines.put("")

    def send(self, line: str) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError as error:
            raise self.end() from error

    def answer(self, seconds: float) -> Any:
        return json.loads(self._line(seconds))

    def _line(self, seconds: float) -> str:
        try:
            line = self.lines.get(timeout=seconds)
        except Empty:
            # With a limit on its own time, a check that is late waits for the machine.
            late = Message("reason.seconds", seconds=f"{seconds:g}")
            raise WorkerLost(late, machine=self.cpu is not None) from None
        if not line:
            raise self.end()
        return line

    def end(self) -> _Died:
        """How the process ended, in words."""
        code = self.process.wait()
        if code in (_OUT_OF_MEMORY, -signal.SIGABRT, -signal.SIGSEGV):
            return _Died(Message("reason.memory", size=MEMORY >> 20))
        if code == -getattr(signal, "SIGXCPU", 0) and self.cpu is not None:
            return _Died(Message("reason.seconds", seconds=f"{self.cpu:g}"))
        return _Died(f"the checking process has ended (exit status {code})", machine=True)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        # A thread that still reads when Python ends would abort it.
        self._reader.join(5)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


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
    line = json.dumps([cpu, overrides(), request])
    with _lock:
        try:
            answer = _asked(line, seconds, cpu)
        except _Died:
            answer = _asked(line, seconds, cpu)
    if "lost" in answer:
        raise WorkerLost(answer["lost"], machine=answer.get("machine", False))
    if "error" in answer:
        raise _error(answer["error"])
    return answer


def _asked(line: str, seconds: float, cpu: float | None) -> Any:
    worker = _workers.get(os.getpid())
    if worker is None:
        worker = _workers[os.getpid()] = _Worker()
    worker.cpu = cpu
    try:
        worker.send(line)
        return worker.answer(min(seconds, TIMEOUT_MAX))
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
    _limit_memory()
    # What a library prints must not come between the answers.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        os.dup2(2, 1)
        from .asking import checked

        out.write(f"{_READY}\n")
        out.flush()
        try:
            for answer in _answers(checked):
                out.write(json.dumps(answer) + "\n")
                out.flush()
        except MemoryError:
            os._exit(_OUT_OF_MEMORY)


def _answers(checked: Any) -> Iterator[Any]:
    for line in lines_of_parent():
        cpu, limits, request = json.loads(line)
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


def lines_of_parent() -> Iterator[bytes]:
    """The lines of standard input; the process ends with it, whatever it is doing.

    A parent that was killed cannot end its workers, and its end of the pipe is closed.
    """
    lines: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        for line in sys.stdin.buffer:
            lines.put(line)
        os._exit(0)

    Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


def limit_cpu(seconds: float | None) -> None:
    """End this process after so much more time of computing (where the system can)."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = hard if seconds is None else math.ceil(time.process_time() + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _limit_memory() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):  # no such limit on this system
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
