"""``graphdiff figures``: all figures of a lecture, from one file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import click

from .. import options
from ..console import remark, reporting_errors, usage, write_file, write_out

if TYPE_CHECKING:
    from graphdiff.drawing.series.lock import Lock
    from graphdiff.drawing.series.making import Job, Made
    from graphdiff.drawing.series.manifest import Entry, Manifest


@click.command(short_help="All figures of a lecture from one file; only what changed.")
@click.argument("manifest", type=click.Path(path_type=Path), default=Path("figures.toml"))
@click.option("--only", multiple=True, metavar="NAME", help="Only these figures; repeatable.")
@click.option("--check", is_flag=True, help="Write nothing; name what is stale or missing.")
@click.option("--list", "listing", is_flag=True, help="List the figures and their files.")
@click.option("--force", is_flag=True, help="Make all figures, whatever the lock says.")
@click.option(
    "--jobs",
    type=click.IntRange(1, 256),
    metavar="N",
    help="Processes; by default one for every 40 files.",
)
@options.limit
@options.debug
def figures(
    manifest: Path,
    only: tuple[str, ...],
    check: bool,
    listing: bool,
    force: bool,
    jobs: int | None,
    debug: bool,
) -> None:
    """Make the figures that a manifest lists, as far as they changed.

    \b
    graphdiff figures                         (reads figures.toml)
    graphdiff figures lecture4.toml --jobs 4
    graphdiff figures lecture4.toml --check   (for pre-commit and CI)
    graphdiff figures lecture4.toml --list

    \b
    [defaults]                    # lecture4.toml
    folder = "pictures"
    formats = ["svg", "pdf"]
    [[figure]]
    name = "simple"
    program = "q = x + y; f = q*z"
    at = "x=-2,y=5,z=-4"
    [[figure]]
    command = "plot"
    name = "sigmoid"
    program = "sigmoid(x)"
    over = "x=-4..4"

    A figure has a program, or a file or gallery example to take it from, and the command that draws
    it: draw, or any other one that makes pictures. Its other keys are the options of that command;
    files are looked for beside the manifest. With steps = true it is built up step by step, in one
    file (pdf, gif, svg, tex, html) or with output = "step-%02d.svg" (or .png) in one for every
    step; when there are fewer steps, the pictures that are one too many are removed. A lock beside
    the manifest remembers what was made from what; with --check, what it does not vouch for is made
    and compared.

    Exit status: 0 done, 1 a figure is stale or missing (--check), 2 bad input, 3 a program is
    missing, 130 interrupted (what is done stays).
    """
    with reporting_errors(debug=debug):
        from graphdiff.drawing.series.lock import read_lock
        from graphdiff.drawing.series.manifest import read_manifest

        from ..picturing import PICTURES

        read = read_manifest(manifest, PICTURES)
        chosen = read.chosen(only)
        lock = read_lock(read)
        if listing:
            _list(chosen)
        elif check:
            _check(manifest, chosen, lock, jobs, force)
        else:
            _build(read, chosen, lock, jobs, force)


def _list(entries: Sequence[Entry]) -> None:
    width = max((len(entry.name) for entry in entries), default=0)
    for entry in entries:
        missing = [target for target in entry.targets if not _first(entry, target).exists()]
        state = "  (not made yet)" if missing else ""
        write_out(f"{entry.name:<{width}}  {', '.join(map(str, entry.targets))}{state}")


def _first(entry: Entry, target: Path) -> Path:
    """The file that a target is, or the first of many."""
    from graphdiff.drawing.series.frames import frame

    return frame(target, 1) if entry.is_numbered(target) else target


def _check(
    manifest: Path, entries: Sequence[Entry], lock: Lock, workers: int | None, force: bool
) -> None:
    """Name every file that is not what making it would give."""
    missing = {e.name: [t for t in e.targets if not _first(e, t).exists()] for e in entries}
    bad = [f"missing: {target}" for targets in missing.values() for target in targets]
    jobs = _jobs([entry for entry in entries if not missing[entry.name]], lock, force)
    failed = []
    for made in _made(jobs, workers):
        if made.error:
            failed.append(made)
        bad += _differences(made)
    if bad:
        write_out("\n".join(sorted(bad)))
        remark(f"run: graphdiff figures {manifest}")
    _report(failed)
    if bad:
        raise click.exceptions.Exit(1)
    write_out(f"{_count(entries)}: up to date")


def _differences(made: Made) -> Iterator[str]:
    """What is wrong with the files of a figure that was made again to compare them."""
    for path, data in made.files.items():
        if not path.exists():
            yield f"missing: {path}"
        elif path.read_bytes() != data:
            yield f"stale: {path}"
    yield from (f"left over: {path}" for path in _leftover(made))


def _leftover(made: Made) -> list[Path]:
    """Pictures of earlier builds that had more steps."""
    from graphdiff.drawing.series.lock import leftover

    numbered = [t for t in made.targets if made.job.entry.is_numbered(t)]
    return [path for t in numbered for path in leftover(t, len(made.targets[t]))]


def _build(
    manifest: Manifest, entries: Sequence[Entry], lock: Lock, workers: int | None, force: bool
) -> None:
    """Make what changed; the lock is written even if the work is interrupted."""
    from graphdiff.drawing.series.lock import origin

    if lock.foreign:
        hint = "rename the manifest, or remove that file if nothing needs it"
        raise usage(f"{lock.path} is another program's and would be overwritten", hint)
    jobs = _jobs(entries, lock, force)
    for folder in sorted({target.parent for job in jobs for target in job.targets}):
        _make_folder(folder)
    failed, written, removed = [], 0, 0
    try:
        for made in _made(jobs, workers):
            if made.error:
                failed.append(made)
            for path, data in made.files.items():
                if not path.exists() or path.read_bytes() != data:
                    write_file(path, data)
                    written += 1
            removed += _remove(_leftover(made), lock)
            for target, files in made.targets.items():
                lock.note(target, origin(made.job.entry, target), files)
    finally:
        if jobs and lock.hashes:
            write_file(lock.path, lock.content(manifest))
    _report(failed)
    total = sum(lock.count(entry, target) for entry in entries for target in entry.targets)
    gone = f", {removed} removed" if removed else ""
    write_out(f"{_count(entries)}: {written} written, {total - written} up to date{gone}")


def _remove(files: Sequence[Path], lock: Lock) -> int:
    """Remove pictures that are one too many; one that somebody else made is only named."""
    known = [path for path in files if lock.knows(path)]
    for path in known:
        try:
            path.unlink()
        except OSError as error:
            raise usage(f"cannot remove {path}: {error.strerror}") from None
    for path in (path for path in files if path not in known):
        remark(f"left over, and not as it was made; remove it by hand: {path}")
    return len(known)


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise usage(f"cannot make the folder {folder}: {error.strerror}") from None


def _jobs(entries: Sequence[Entry], lock: Lock, force: bool) -> list[Job]:
    """What the lock does not vouch for; everything, if it is forced."""
    from graphdiff.drawing.series.lock import origin
    from graphdiff.drawing.series.making import Job

    jobs = []
    for entry in entries:
        targets = [
            t for t in entry.targets if force or not lock.vouches_all(entry, t, origin(entry, t))
        ]
        if targets:
            jobs.append(Job(entry, tuple(targets)))
    return jobs


def _made(jobs: Sequence[Job], workers: int | None) -> Iterator[Made]:
    """Figures as they are made, with a progress bar on a terminal."""
    from graphdiff.drawing.series.making import make, processes

    with _progress(len(jobs)) as bar:
        for made in make(jobs, workers or processes(jobs)):
            yield made
            bar.update(1)


class _Bar(Protocol):
    def update(self, n_steps: int) -> None: ...


class _NoBar:
    def update(self, n_steps: int) -> None:
        """Where nobody looks there is nothing to show."""


@contextmanager
def _progress(length: int) -> Iterator[_Bar]:
    import os
    import sys

    if length < 2 or not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
        yield _NoBar()
        return
    with click.progressbar(length=length, label="figures", file=sys.stderr) as bar:
        yield bar


def _report(failed: Sequence[Made]) -> None:
    """Say which figures cannot be made, and end with their exit status."""
    for made in failed:
        remark(f"error: figure {made.job.entry.name!r}: {made.error}")
    if failed:
        raise click.exceptions.Exit(3 if all(made.missing for made in failed) else 2)


def _count(entries: Sequence[Entry]) -> str:
    return f"{len(entries)} figure{'' if len(entries) == 1 else 's'}"
