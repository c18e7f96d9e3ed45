"""What reads text of others, each as a function of bytes: a result or a GraphDiffError, no more.

An input of the file targets begins with a line that says which kind of file it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory

import graphdiff as gd
from graphdiff.core.limits import Limits, limited
from graphdiff.drawing.series.manifest import read_manifest
from graphdiff.errors import GraphDiffError
from graphdiff.homework.asking import checked
from graphdiff.homework.grading.homework import read_homework, read_table
from graphdiff.homework.grading.submissions.reading import read_submissions
from graphdiff.language.reading.point import read_point
from graphdiff.study.report.derivatives import derivatives

__all__ = ["TARGETS", "run"]

SMALL = {"text": 3_000, "depth": 100, "nodes": 2_000, "elements": 1_000, "formula": 20_000}
"""Limits under which any input is read in well under a second."""
HOMEWORK = read_table(
    {
        "problem": [
            {"id": "p1", "function": "x^2"},
            {"id": "p2", "function": "x^2*y", "wrt": ["x", "y"]},
            {
                "id": "p3",
                "function": "q = x + y; q*z",
                "at": {"x": -2, "y": 5, "z": -4},
                "asked": ["q", "z"],
            },
        ]
    },
    "homework.toml",
)


def program(text: str) -> None:
    """Read, print, differentiate, run."""
    graph = gd.parse(text, limits=Limits())
    for notation in ("text", "unicode", "latex", "typst"):
        graph.show(notation)
    with suppress(GraphDiffError):
        derivatives(graph)
    point = {name: Fraction(k + 1, k + 2) for k, name in enumerate(graph.inputs)}
    graph.backprop(point)


def point(text: str) -> None:
    """``--at``, and files of points."""
    with kept(text, (".json", ".toml", ".csv")) as path:
        read_point([text] if path is None else [f"@{path}"])


def answer(text: str) -> None:
    """What a student wrote."""
    checked("x^2*sin(y)", text, wrt="x")


def key(text: str) -> None:
    """A key file."""
    with kept(text, (), ".toml") as path:
        assert path is not None
        read_homework(path)


def submissions(text: str) -> None:
    """What students handed in."""
    with kept(text, (".jsonl", ".json", ".txt", ".tex", ".ipynb"), ".csv") as path:
        assert path is not None
        for submission in read_submissions((path,), HOMEWORK, lambda _: None):
            str(submission)


def figures(text: str) -> None:
    """A manifest of figures."""
    with kept(text, (), ".toml") as path:
        assert path is not None
        read_manifest(path)


TARGETS: dict[str, Callable[[str], None]] = {
    row.__name__: row for row in (program, point, answer, key, submissions, figures)
}


def run(name: str, data: bytes) -> None:
    """One input through one target; whatever is raised is a fault of ours."""
    with limited(SMALL), suppress(GraphDiffError):
        TARGETS[name](data.decode(errors="surrogateescape"))


@contextmanager
def kept(text: str, suffixes: tuple[str, ...], usual: str = "") -> Iterator[Path | None]:
    """The text after its first line in a file of the kind that line names, or all of it in one of
    the usual kind, if there is one."""
    first, _, rest = text.partition("\n")
    suffix, content = (first, rest) if first in suffixes else (usual, text)
    if not suffix:
        yield None
        return
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"ann{suffix}"
        path.write_bytes(content.encode(errors="surrogateescape"))
        yield path
