"""The standard streams as a command may find them: full, closed, or with nobody who reads."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from graphdiff.errors import GraphDiffError

__all__ = ["standard_streams", "with_utf8_arguments"]


@contextmanager
def standard_streams() -> Iterator[None]:
    """Streams that a command can write to and read from, whatever they are.

    One that is closed is the null device.  A reader that went away is no error, and what goes to
    standard error never decides how a command ends; standard output that cannot be written
    (a full disk) raises GraphDiffError.
    """
    _open_what_is_closed()
    before = sys.stdout, sys.stderr
    for stream in before:
        # Formulas are Unicode; a pipe gets UTF-8 whatever the locale says.
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")
    out, err = _Guarded(sys.stdout, told=True), _Guarded(sys.stderr, told=False)
    sys.stdout, sys.stderr = out, err
    try:
        yield
    finally:
        sys.stdout, sys.stderr = before
        err.flush()


def _open_what_is_closed() -> None:
    """The null device for streams that are not there, and in no other file's place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            # The lowest number that is free is this one: no other file must get it, for what is
            # printed would go there.
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            how = "r" if name == "stdin" else "w"
            stream = open(os.devnull, how, encoding="utf-8", errors="replace")  # noqa: SIM115
            setattr(sys, name, stream)


class _Guarded:
    """A stream whose writing fails in one way only."""

    def __init__(self, stream: Any, *, told: bool) -> None:
        self._stream, self._told = stream, told
        self._lost: GraphDiffError | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    @property
    def buffer(self) -> _Guarded:
        return _Guarded(self._stream.buffer, told=self._told)

    def write(self, text: Any) -> int:
        with self._failing():
            self._stream.write(text)
        return len(text)

    def writelines(self, lines: Iterable[Any]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        with self._failing():
            self._stream.flush()

    @contextmanager
    def _failing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._give_up()
            if self._told and not isinstance(error, BrokenPipeError):
                from graphdiff.errors import GraphDiffError

                reason = f"cannot write to standard output: {error.strerror}"
                self._lost = GraphDiffError(reason, hint="free some space, or write elsewhere")
        if self._lost is not None:  # again and again: click tries a stream and hides what it says
            raise self._lost

    def _give_up(self) -> None:
        """Throw away what waits in buffers, or Python would fail again at its end."""
        with contextlib.suppress(OSError, ValueError):
            nothing = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nothing, self._stream.fileno())
            os.close(nothing)
            self._stream.flush()


def with_utf8_arguments() -> None:
    """Start again in UTF-8 mode where the locale (``LC_ALL=C``) cannot read the arguments."""
    if sys.getfilesystemencoding().lower() == "utf-8" or not sys.executable:
        return
    if any("\udc80" <= c <= "\udcff" for argument in sys.argv for c in argument):
        with contextlib.suppress(OSError):
            os.execv(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]])  # noqa: S606
