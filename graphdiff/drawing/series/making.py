"""Makes the files of figures, in this process or in several."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from graphdiff.core.limits import limited, overrides
from graphdiff.core.support.formats import chosen, of_file
from graphdiff.core.support.parts import cores
from graphdiff.drawing.formats import BUILDS, STEPS
from graphdiff.errors import GraphDiffError, ProgramMissing

from .frames import frame
from .manifest import Entry

if TYPE_CHECKING:
    from graphdiff.drawing.builds.builds import Builds
    from graphdiff.drawing.figure import Figure
    from graphdiff.program.graph import Graph
    from graphdiff.program.runs.trace import Trace

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
    """The files of a figure by target, with their content, or why there are none."""

    job: Job
    targets: Mapping[Path, Mapping[Path, bytes]]
    """A target is one file; of a numbered one there are as many as there are steps."""
    error: str = ""
    missing: bool = False
    """Whether the error is that a program is missing."""

    @property
    def files(self) -> dict[Path, bytes]:
        """All files and their content."""
        return {path: data for files in self.targets.values() for path, data in files.items()}


def processes(jobs: Sequence[Job]) -> int:
    """How many processes are worth starting for these jobs."""
    return max(1, min(cores(), sum(len(job.targets) for job in jobs) // _EACH))


def make(jobs: Sequence[Job], workers: int = 1) -> Iterator[Made]:
    """Make figures, each as soon as it is done; an error in one does not stop the others."""
    if workers <= 1 or len(jobs) <= 1 or not _may_start():
        yield from map(_make, jobs)
        return
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    # Not "fork": the libraries that typeset and lay out have threads.
    context = get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(jobs)), context, _begin)
    try:
        limits = overrides()
        for future in as_completed([pool.submit(_make, job, limits) for job in jobs]):
            yield future.result()
    except BrokenProcessPool:
        hint = "use --jobs 1 to see at which figure"
        raise GraphDiffError("a process that makes figures was killed", hint=hint) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _may_start() -> bool:
    """Whether this process can start others: it knows its Python and is no pool's own."""
    import multiprocessing.spawn
    import os

    program = multiprocessing.spawn.get_executable()
    pooled = multiprocessing.current_process().daemon
    return bool(program) and os.access(program, os.X_OK) and not pooled


def _begin() -> None:
    """Begin a process that makes figures: it ends with the first one, however that ends."""
    import signal
    from threading import Thread

    # Ctrl-C reaches all processes of a terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A first process that was killed ends nobody, and its queues look as if it still lived."""
    import os
    from multiprocessing import parent_process
    from multiprocessing.connection import wait

    parent = parent_process()
    assert parent is not None
    wait([parent.sentinel])
    os._exit(1)


def _make(job: Job, limits: Mapping[str, int | float] = MappingProxyType({})) -> Made:
    try:
        with limited(limits):
            return Made(job, _files(job))
    except GraphDiffError as error:
        return Made(job, {}, str(error), isinstance(error, ProgramMissing))


def drawing(entry: Entry) -> Figure:
    """The figure of an entry, before it is laid out and written."""
    from graphdiff.drawing.figure import figure

    return figure(_subject(entry), **dict[str, Any](entry.options))


def _files(job: Job) -> dict[Path, dict[Path, bytes]]:
    from graphdiff.drawing.builds.builds import builds

    entry = job.entry
    if entry.picture is not None:
        told = (*entry.arguments, f"--expr={entry.example.program}")
        return {t: {t: entry.picture(told, entry.folder, _kind(t))} for t in job.targets}
    drawn = drawing(entry)
    if entry.steps is None:
        return {t: {t: drawn.render(_kind(t))} for t in job.targets}
    steps = dict[str, Any](entry.steps)
    delay = float(steps.pop("delay", 1.0))
    made = builds(drawn, **steps)
    return {
        target: _numbered(target, drawn, made)
        if entry.is_numbered(target)
        else {target: chosen(_kind(target), BUILDS, "steps")(made, drawn, delay)}
        for target in job.targets
    }


def _kind(target: Path) -> str:
    return target.suffix[1:].lower()


def _numbered(target: Path, drawn: Figure, made: Builds) -> dict[Path, bytes]:
    """A picture for every step."""
    ppi = drawn.ppi if drawn.width is None else 72.0 * drawn.width / made.scenes[0].width
    pictures = of_file(target, STEPS)(made, ppi)
    return {frame(target, number): picture for number, picture in enumerate(pictures, 1)}


def _subject(entry: Entry) -> Graph | Trace:
    """The program with its numbers; with formulas where it has no point."""
    from graphdiff.language.reading.point import read_point
    from graphdiff.language.reading.shapes import read_shapes
    from graphdiff.program.graph import parse

    parsing: dict[str, Any] = dict(entry.parsing)
    running: dict[str, Any] = {key: parsing.pop(key) for key in ("kink",) if key in parsing}
    shapes = read_shapes(",".join(entry.shape)) if entry.shape else None
    upstream = parsing.pop("upstream", None)
    graph = parse(entry.example.program, shapes=shapes, **parsing)
    graph = graph if upstream is None else graph.under(upstream)
    if entry.at or not graph.inputs:
        return graph.backprop(
            read_point([_located(text, entry.folder) for text in entry.at]), **running
        ).certified()
    return graph


def _located(text: str, folder: Path) -> str:
    """A point; ``@point.json`` is a file beside the manifest."""
    return f"@{folder / text[1:]}" if text.startswith("@") else text
