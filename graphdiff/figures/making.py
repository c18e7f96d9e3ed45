"""Makes the files of figures, in this process or in several."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import GraphDiffError, ProgramMissing, Unsupported
from .manifest import Entry

if TYPE_CHECKING:
    from ..graph import Graph
    from ..rendering.figure import Figure
    from ..trace import Trace

__all__ = ["Job", "Made", "drawing", "make", "processes"]

# Making a figure takes some 20 ms, starting a process 300 ms.
_EACH = 40


@dataclass(frozen=True, slots=True)
class Job:
    """A figure, and those of its files that are wanted."""

    entry: Entry
    targets: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """The files of a figure and their content, or why there are none."""

    job: Job
    files: Mapping[Path, bytes]
    error: str = ""
    missing: bool = False
    """Whether the error is that a program is missing."""


def processes(jobs: Sequence[Job]) -> int:
    """How many processes are worth starting for these jobs."""
    import os

    available = getattr(os, "sched_getaffinity", None)
    cores = len(available(0)) if available else os.cpu_count() or 1
    return max(1, min(cores, sum(len(job.targets) for job in jobs) // _EACH))


def make(jobs: Sequence[Job], workers: int = 1) -> Iterator[Made]:
    """Make figures, each as soon as it is done; an error in one does not stop the others."""
    if workers <= 1 or len(jobs) <= 1:
        yield from map(_make, jobs)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # Not "fork": the libraries that typeset and lay out have threads.
    context = get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(jobs)), context, _leave_interrupts)
    try:
        for future in as_completed([pool.submit(_make, job) for job in jobs]):
            yield future.result()
    except BrokenProcessPool:
        hint = "use --jobs 1 to see at which figure"
        raise GraphDiffError("a process that makes figures was killed", hint=hint) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_interrupts() -> None:
    """Ctrl-C reaches all processes of a terminal; the first one ends the others."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _make(job: Job) -> Made:
    try:
        return Made(job, _files(job))
    except GraphDiffError as error:
        return Made(job, {}, str(error), isinstance(error, ProgramMissing))


def drawing(entry: Entry) -> Figure:
    """The figure of an entry, before it is laid out and written."""
    from ..rendering.figure import figure

    return figure(_subject(entry), **dict[str, Any](entry.options))


def _files(job: Job) -> dict[Path, bytes]:
    drawn, steps = drawing(job.entry), job.entry.steps
    render = drawn.render if steps is None else _builds(drawn, dict(steps))
    return {target: render(target.suffix[1:].lower()) for target in job.targets}


def _builds(drawn: Figure, steps: dict[str, Any]) -> Callable[[str], bytes]:
    """The writer of a figure that is built up step by step, in formats that can hold all steps."""
    from ..rendering.animation import to_animated_svg, to_gif, to_pages
    from ..rendering.beamer import to_beamer
    from ..rendering.builds import builds

    delay = float(steps.pop("delay", 1.0))
    made = builds(drawn, **steps)
    writers: dict[str, Callable[[], bytes]] = {
        "svg": lambda: to_animated_svg(made, delay).encode(),
        "gif": lambda: to_gif(made, delay),
        "pdf": lambda: to_pages(made),
        "tex": lambda: to_beamer(made).encode(),
        "html": lambda: drawn.render("html"),
    }

    def render(kind: str) -> bytes:
        if kind not in writers:
            hint = f"one of {', '.join(writers)}"
            raise Unsupported(f"a manifest has no steps as {kind!r}", hint=hint)
        return writers[kind]()

    return render


def _subject(entry: Entry) -> Graph | Trace:
    """The program with its numbers; with formulas where it has no point."""
    from ..graph import parse
    from ..parsing.point import read_point
    from ..parsing.shapes import read_shapes

    parsing: dict[str, Any] = dict(entry.parsing)
    running: dict[str, Any] = {key: parsing.pop(key) for key in ("kink",) if key in parsing}
    shapes = read_shapes(",".join(entry.shape)) if entry.shape else None
    graph = parse(entry.example.program, shapes=shapes, **parsing)
    if entry.at or not graph.inputs:
        return graph.backprop(
            read_point([_located(text, entry.folder) for text in entry.at]), **running
        )
    if graph.has_arrays:
        from ..matrix.sizes import spread_out

        graph, _ = spread_out(graph)  # so that 1/N is told from 1/3
    return graph


def _located(text: str, folder: Path) -> str:
    """A point; ``@point.json`` is a file beside the manifest."""
    return f"@{folder / text[1:]}" if text.startswith("@") else text
