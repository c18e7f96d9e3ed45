"""A process of our own that answers in lines of JSON, within bounds: both ends of the line.

The child has bounds on memory and computing, and ends with its parent, whatever it is doing.
Nothing but lines is read from either side: what starts with every Python here may print before our
program does, and what a library prints meanwhile does not come between the answers.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

__all__ = ["MEMORY", "OUT_OF_MEMORY", "Child", "limit_cpu", "serve"]

MEMORY = 512 << 20
"""Bytes of address space a child may have (where the system can limit it)."""
OUT_OF_MEMORY = 77
"""Its exit status when Python has no more."""
_READY = b"ready\n"
_AT_ONCE = 1 << 15
"""Bytes that an empty pipe holds on every system, so that writing them never waits."""


class Child:
    """The parent's end.  Raises OSError where no process can be started."""

    def __init__(self, program: str) -> None:
        if not sys.executable:
            raise OSError(2, "sys.executable is empty")
        root = str(Path(__file__).resolve().parents[2])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self.lines: SimpleQueue[bytes] = SimpleQueue()
        self.process = subprocess.Popen(  # noqa: S603 - this Python, with a fixed command
            [sys.executable, "-P", "-c", program, root],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            # Threads of numpy's BLAS would reserve more address space than a check needs.
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        )  # fmt: skip
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


def serve(prepare: Callable[[], Callable[[Any], Iterable[Any]]]) -> None:
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
        for line in sys.stdin.buffer:
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
