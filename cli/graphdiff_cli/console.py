"""Reading input, printing results, writing files, reporting errors."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import click

if TYPE_CHECKING:
    from rich.console import Console

    from graphdiff.core.support.formats import Format
    from graphdiff.core.support.section import Section
    from graphdiff.errors import GraphDiffError

__all__ = [
    "check_target",
    "columns",
    "print_sections",
    "progress_bar",
    "read_file",
    "read_line",
    "read_source",
    "read_stdin",
    "read_targets",
    "remark",
    "reporting_errors",
    "usage",
    "wants_color",
    "working",
    "write_file",
    "write_json",
    "write_out",
    "write_target",
    "write_told",
]

PATIENCE = 2.0
"""Seconds of work after which a terminal is told that it goes on."""
_NARROWEST, _USUAL = 20, 80
"""Columns of a terminal: ``COLUMNS=0`` stands for a number that nobody knows."""


def usage(message: str, hint: str = "") -> Exception:
    """An error of usage: exit status 2."""
    from graphdiff.errors import GraphDiffError

    return GraphDiffError(message, hint=hint)


def read_source(argument: str | None, option: str | None, file: Path | None) -> str:
    """The program's text: from the argument, ``-e``, ``-f`` or standard input."""
    given = [x for x in (argument, option, file) if x is not None]
    if len(given) > 1:
        raise usage("more than one expression is given", "use one of EXPR, -e and -f")
    if not given:
        command = click.get_current_context().command
        examples = [line.strip() for line in (command.help or "").splitlines()]
        first = next((line for line in examples if line.startswith("graphdiff ")), "graphdiff -h")
        raise usage("no expression is given", f"for example {first}")
    if file is not None:
        return read_file(file)
    text = argument if argument is not None else option
    assert text is not None
    return read_stdin() if text == "-" else text


def read_stdin() -> str:
    """The text of standard input, bounded."""
    with _stdin() as stream:
        return _bounded(stream, "standard input")


def read_line(longest: int) -> str | None:
    """A line of standard input; None where there are no more."""
    with _stdin() as stream:
        line = stream.readline(longest)
    return line.decode("utf-8", "replace") if line else None


@contextlib.contextmanager
def _stdin() -> Iterator[BinaryIO]:
    try:
        yield sys.stdin.buffer
    except OSError as error:  # a file that is only written to
        reason = error.strerror or str(error)
        raise usage(f"cannot read standard input: {reason}") from None


def read_file(path: Path) -> str:
    """The text of a file, bounded."""
    try:
        with path.open("rb") as stream:
            return _bounded(stream, str(path))
    except OSError as error:
        raise usage(f"cannot read {path}: {error.strerror}") from None


def _bounded(stream: BinaryIO, name: str) -> str:
    from graphdiff.core.limits import in_force
    from graphdiff.errors import LimitExceeded

    most = 4 * in_force().text  # bytes of one character
    data = stream.read(most + 1)
    if len(data) > most:
        raise LimitExceeded(f"{name} has more than {most:,} bytes", limit="text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise usage(f"{name} is not UTF-8 text (byte {error.start})") from None


_MORE_MEMORY = "give this process more (ulimit -v; a container's limit), or a smaller program"


@contextlib.contextmanager
def reporting_errors(*, json: bool = False, debug: bool = False) -> Iterator[None]:
    """Turn expected errors into one message and the right exit status; never a traceback."""
    from graphdiff.core.support.parts import missing
    from graphdiff.errors import GraphDiffError, LimitExceeded, ProgramMissing

    try:
        yield
    except (GraphDiffError, ImportError) as error:
        told = missing(error) if isinstance(error, ImportError) else error
        if told is None or debug:
            raise
        _report(told, json)
        raise click.exceptions.Exit(3 if isinstance(told, ProgramMissing) else 2) from None
    except MemoryError:
        if debug:
            raise
        _report(LimitExceeded("there is not enough memory", hint=_MORE_MEMORY), json)
        raise click.exceptions.Exit(2) from None
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        raise click.exceptions.Exit(130) from None


def _report(error: GraphDiffError, as_json: bool) -> None:
    if as_json:
        import json

        line, column = error.position or (None, None)
        content = {
            "kind": error.kind, "message": error.message, "line": line, "column": column,
            "hint": error.hint or None,
        }  # fmt: skip
        sys.stderr.write(json.dumps({"error": content}, ensure_ascii=False) + "\n")
    else:
        sys.stderr.write(f"error: {error}\n")


def write_out(text: str) -> None:
    """Print to standard output, at once."""
    sys.stdout.write(text if text.endswith("\n") else text + "\n")
    sys.stdout.flush()


def write_told(text: str) -> None:
    """Print what people read: on a terminal no number or name is in two of its lines."""
    if sys.stdout.isatty():
        from .fitting import fitted

        text = fitted(text, columns())
    write_out(text)


def remark(text: str) -> None:
    """Say on stderr what was not asked for; names of files and people cannot control a terminal."""
    from graphdiff.errors import printable

    click.echo(printable(text), err=True)


def columns() -> int:
    """Columns of the terminal; the usual number where nobody looks."""
    import shutil

    found = shutil.get_terminal_size((_USUAL, 24)).columns if sys.stdout.isatty() else _USUAL
    return found if found >= _NARROWEST else _USUAL


def write_json(document: Any) -> None:
    """Print a document as JSON; one that is text already as it is."""
    from itertools import islice

    from .encoding import encoded

    pieces = iter([document]) if isinstance(document, str) else encoded(document)
    text = ""
    while part := "".join(islice(pieces, _PIECES)):
        text = _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", part)
        sys.stdout.write(text)
    if not text.endswith("\n"):
        sys.stdout.write("\n")
    sys.stdout.flush()


_PIECES = 1_000
_UNSEEN = re.compile("[\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
"""Letters that steer a terminal, or turn what is read after them: JSON has other names for them."""


@contextlib.contextmanager
def progress_bar(text: str, total: int | None = None) -> Iterator[Callable[..., None] | None]:
    """Yield ``report(done, total)``, which shows a bar on a terminal after two seconds of work.

    None where nobody looks, so that the work need not count.
    """
    if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield None
        return
    bar: Any = None
    start = last = time.monotonic()

    def report(done: int, of: int | None = total) -> None:
        nonlocal bar, last
        now = time.monotonic()
        if now - last < 0.1 and done != of:  # drawing costs more than some of the steps
            return
        last = now
        if bar is None and now - start > PATIENCE:
            from rich.progress import Progress

            bar = Progress(console=_terminal(stderr=True), transient=True)
            bar.start()
            bar.add_task(text)
        if bar is not None:
            bar.update(bar.task_ids[0], completed=done, total=of)

    try:
        yield report
    finally:
        if bar is not None:
            bar.stop()


@contextlib.contextmanager
def working(text: str, after: float = PATIENCE) -> Iterator[None]:
    """Say on a terminal that work goes on, once it takes longer than ``after`` seconds."""
    if not sys.stderr.isatty():
        yield
        return
    from threading import Event, Thread

    done = Event()

    def show() -> None:
        if not done.wait(after):
            with _terminal(stderr=True).status(text):
                done.wait()

    thread = Thread(target=show, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def check_target(path: Path) -> None:
    """Refuse a place that cannot be written, before any work is done."""
    if path.is_dir():
        raise usage(f"{path} is a folder", "name a file in it")
    if not path.parent.is_dir():
        raise usage(f"the folder {path.parent} does not exist", "make it first")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise usage(f"cannot write {path}: permission denied")


def read_targets(
    names: Sequence[str], to: str | None, known: Mapping[str, Format]
) -> list[tuple[Path | None, Format]]:
    """Where each ``-o`` writes, None for standard output, and in which format.

    What cannot be written is refused before any work is done: an unknown format, a package that is
    missing, a place that nobody can write to.
    """
    return [_target(name, to, known) for name in names]


def _target(
    name: str, to: str | None, known: Mapping[str, Format]
) -> tuple[Path | None, Format]:  # fmt: skip
    from graphdiff.core.support.formats import of_file

    path = None if name == "-" else Path(name)
    if path is None:
        kind = known[to or "svg"]
    else:
        if path.is_dir():
            check_target(path)
        kind = of_file(name, known)
        check_target(path)
    kind.ready()
    return path, kind


def write_target(path: Path | None, data: bytes) -> None:
    """Write to a place that ``read_targets`` found."""
    if path is not None:
        write_file(path, data)
        return
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write a file whole or not at all; a new ``private`` one is nobody's but its owner's."""
    from graphdiff.core.support.files import replaced

    try:
        with replaced(path, private=private) as file:
            file.write(data)
    except OSError as error:
        raise usage(f"cannot write {path}: {error.strerror}") from None


def wants_color(choice: str) -> bool:
    """Whether to print for a terminal (rich tables, colours)."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"


def print_sections(tables: Sequence[Section], color: str) -> None:
    """Tables that fit on a terminal, in colours unless those are not wanted; else plain text."""
    if wants_color(color) or sys.stdout.isatty():
        _rich(tables, color)
    else:
        from graphdiff.study.report.protocol import report_text

        write_out(report_text(tables))


def _rich(tables: Sequence[Section], color: str) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    from .fitting import column_widths, records, wrapped

    colors: dict[str, Any] = {"force_terminal": True} if color == "always" else {}
    if not wants_color(color):
        colors = {"color_system": None}
    console = _terminal(highlight=False, **colors)
    for table in tables:
        bad = table.title.startswith("NOT")
        title_style = "bold red" if bad else "bold"
        # Three columns between any two, and one at either edge.
        room = console.width - 3 * len(table.headers)
        widths = column_widths([table.headers, *table.rows], room)
        if widths is None:
            console.print(Text(table.title, title_style))
            console.print(Text(records(table.headers, table.rows, console.width) + "\n"))
            continue
        view = Table(
            title=table.title, title_justify="left", title_style=title_style,
            box=SIMPLE_HEAD, pad_edge=False,
        )  # fmt: skip
        for k, (header, width) in enumerate(zip(table.headers, widths, strict=True)):
            view.add_column(
                Text(wrapped(header, width)), justify="right" if k in table.right else "left",
                overflow="fold", min_width=width,
            )  # fmt: skip
        for row in table.rows:
            view.add_row(*(
                Text(wrapped(cell, widths[k]), _style(table, k, cell)) for k, cell in enumerate(row)
            ))  # fmt: skip
        console.print(view)


def _terminal(**how: Any) -> Console:
    """Where rich prints: a terminal is not narrower than a table's headers, whatever it says."""
    from rich.console import Console

    console = Console(**how)
    return console if console.width >= _NARROWEST else Console(width=_USUAL, **how)


def _style(table: Section, column: int, cell: str) -> str:
    if cell in ("WRONG", "ok"):
        return "bold red" if cell == "WRONG" else "green"
    if table.title == "Forward" and column in table.right:
        return "green"
    return "red" if table.title == "Backward" and column in (2, 6) else ""
