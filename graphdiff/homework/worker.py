"""A process of our own that answers in lines of JSON, within bounds: both ends of the line.

The child has bounds on memory and computing, and ends with its parent, whatever it is doing.  Where
a fork is as good as a new Python, it is forked, and imports nothing again.
Nothing but lines is read from either side: what starts with every Python here may print before our
program does, and what a library prints meanwhile does not come between the answers.
"""

from __future__ import annotations

import contextvars
import gc
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread, active_count
from typing import IO, Any, NoReturn, Protocol

__all__ = ["MEMORY", "OUT_OF_MEMORY", "Child", "limit_cpu", "may_fork", "serve"]

Answers = Callable[[Any], Iterable[Any]]
"""From a request to its answers."""

MEMORY = 512 << 20
"""Bytes of address space a child may have (where the system can limit it)."""
OUT_OF_MEMORY = 77
"""Its exit status when Python has no more."""
_READY = b"ready\n"
_AT_ONCE = 1 << 15
"""Bytes that an empty pipe holds on every system, so that writing them never waits."""


_STACK = 1000
"""Calls within calls that a forked child may have, beyond those in which it was forked."""
_THREADED = ("typst", "wasmtime")
"""Packages whose threads or code of their own do not survive a fork."""


class Process(Protocol):
    """What is used of ``subprocess.Popen``."""

    stdin: IO[bytes] | None
    stdout: IO[bytes] | None

    @property
    def pid(self) -> int: ...

    def poll(self) -> int | None: ...

    def wait(self) -> int: ...

    def kill(self) -> None: ...


class Child:
    """The parent's end.  Raises OSError where no process can be started.

    ``program`` is what a new Python runs.  With ``prepare``, which ``program`` serves, the child is
    a fork of this process where that is safe.
    """

    def __init__(self, program: str, prepare: Callable[[], Answers] | None = None) -> None:
        self.lines: SimpleQueue[bytes] = SimpleQueue()
        self.process: Process = (
            _Fork(prepare()) if prepare is not None and may_fork() else _spawned(program)
        )
        self._helpers: list[Thread] = []
        self._help(self._receive)

    def ready(self, seconds: float) -> bool:
        """Wait until it can be asked; whether it can."""
        while line := self.line(seconds):
            if line == _READY:
                return True
        return False

    def send(self, request: Any) -> None:
        """Ask; if it died meanwhile, whoever reads its answers sees that."""
        message = json.dumps(request).encode() + b"\n"
        if len(message) <= _AT_ONCE:
            self._send(message)
        else:
            self._help(self._send, message)

    def line(self, seconds: float) -> bytes | None:
        """The next line; an empty one when it has ended, None when there is none in that time."""
        try:
            line = self.lines.get(timeout=seconds)
        except Empty:
            return None
        return line if line.endswith(b"\n") else b""

    def close(self) -> None:
        """End it, and the threads: Python must not end while they read from pipes."""
        self.process.kill()
        self.process.wait()
        for helper in self._helpers:
            helper.join(5)
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with suppress(OSError, ValueError):
                    stream.close()

    def _help(self, what: Callable[..., None], *arguments: Any) -> None:
        self._helpers = [helper for helper in self._helpers if helper.is_alive()]
        self._helpers.append(Thread(target=what, args=arguments, daemon=True))
        self._helpers[-1].start()

    def _send(self, message: bytes) -> None:
        assert self.process.stdin is not None
        with suppress(OSError, ValueError):
            self.process.stdin.write(message)
            self.process.stdin.flush()

    def _receive(self) -> None:
        assert self.process.stdout is not None
        with suppress(OSError, ValueError):  # closed while it is read
            for line in self.process.stdout:
                self.lines.put(line)
        self.lines.put(b"")


def may_fork() -> bool:
    """Whether a fork of this process is as good as a new one.

    A fork has one thread, and what the others held stays locked; so this process must have one, as
    the system counts, which knows those of libraries too.  What it has mapped already counts as
    memory of the child, and must leave it room.
    """
    if sys.platform != "linux" or not sys.modules.keys().isdisjoint(_THREADED):
        return False  # macOS has no safe fork, and Windows none at all
    try:
        mapped = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        alone = _alone()
    except (OSError, ValueError, IndexError):
        return False
    return alone and mapped * os.sysconf("SC_PAGE_SIZE") < MEMORY // 4


def _alone() -> bool:
    """Whether this is the only thread.  One that has been joined is gone for the system soon."""
    for _ in range(10):
        if len(os.listdir("/proc/self/task")) == 1:
            return True
        if active_count() > 1:
            break
        time.sleep(0.001)
    return False


def _spawned(program: str) -> Process:
    import subprocess

    if not sys.executable:
        raise OSError(2, "sys.executable is empty")
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
    return subprocess.Popen(  # noqa: S603 - this Python, with a fixed command
        [sys.executable, "-P", "-c", program, root],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        # Threads of numpy's BLAS would reserve more address space than a check needs.
        env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip


class _Fork:
    """A fork of this process that serves."""

    def __init__(self, answers: Answers) -> None:
        request, asking = os.pipe()
        answering, answer = os.pipe()
        try:
            self.pid = os.fork()
        except OSError:
            for end in (request, asking, answering, answer):
                os.close(end)
            raise
        if not self.pid:
            _serve_forked(answers, request, answer)
        os.close(request)
        os.close(answer)
        self.stdin: IO[bytes] | None = open(asking, "wb")  # noqa: SIM115 - closed with the child
        self.stdout: IO[bytes] | None = open(answering, "rb")  # noqa: SIM115
        self._ended: int | None = None
        self._lock = Lock()
        """One thread may wait for it and another ask whether it has ended."""

    def poll(self) -> int | None:
        return self._reaped(os.WNOHANG)

    def wait(self) -> int:
        ended = self._reaped(0)
        assert ended is not None
        return ended

    def kill(self) -> None:
        if self.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)

    def _reaped(self, how: int) -> int | None:
        with self._lock:
            if self._ended is None:
                try:
                    found, status = os.waitpid(self.pid, how)
                except ChildProcessError:  # somebody else has waited for it, and knows
                    found, status = self.pid, 0
                if found:
                    self._ended = os.waitstatus_to_exitcode(status)
            return self._ended


def _serve_forked(answers: Answers, request: int, answer: int) -> NoReturn:
    """The child of a fork: let go of all that is the parent's, and serve."""
    try:
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                signal.signal(number, signal.SIG_DFL)
        signal.set_wakeup_fd(-1)
        sys.settrace(None)
        sys.setprofile(None)
        os.dup2(request, 0)
        os.dup2(answer, 1)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 2)
        os.closerange(3, max(os.sysconf("SC_OPEN_MAX"), nothing + 1))
        gc.freeze()
        os.environ["OPENBLAS_NUM_THREADS"] = "1"
        sys.setrecursionlimit(_STACK + _depth())
        # What the caller has set for itself, such as limits, is not set here.
        contextvars.Context().run(serve, lambda: answers)
    finally:
        os._exit(1)  # nothing of the parent's is to be cleaned up here


def _depth() -> int:
    frame, depth = sys._getframe(), 0
    while frame.f_back is not None:
        frame, depth = frame.f_back, depth + 1
    return depth


def serve(prepare: Callable[[], Answers]) -> None:
    """The child's end: answer requests until there are no more.

    ``prepare`` loads what is needed and gives the function from a request to its answers.
    """
    # Ctrl-C reaches all processes of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    with os.fdopen(os.dup(1), "wb") as out:
        os.dup2(2, 1)  # what a library prints must not come between the answers
        answers = prepare()
        out.write(_READY)
        out.flush()
        try:
            for line in _lines_of_parent():
                for answer in answers(json.loads(line)):
                    out.write(json.dumps(answer).encode() + b"\n")
                    out.flush()
        except MemoryError:
            os._exit(OUT_OF_MEMORY)


def _lines_of_parent() -> Iterator[bytes]:
    """The lines of standard input; the process ends with it, whatever it is doing.

    A parent that was killed cannot end its children, and its end of the pipe is closed.
    """
    lines: SimpleQueue[bytes] = SimpleQueue()

    def read() -> None:
        with open(0, "rb", closefd=False) as requests:
            for line in requests:
                lines.put(line)
        os._exit(0)

    Thread(target=read, daemon=True).start()
    while True:
        yield lines.get()


def limit_cpu(seconds: float | None) -> None:
    """End this process after so much more time of computing (where the system can)."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_CPU)
        soft = hard if seconds is None else math.ceil(time.process_time() + seconds)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, hard))


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # no such limit on this system
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
