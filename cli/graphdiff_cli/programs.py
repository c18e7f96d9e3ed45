"""The program, the point and the shapes that a command is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from .console import read_source, remark

if TYPE_CHECKING:
    from graphdiff import Graph, Trace
    from graphdiff.core.ir.shape import Shape
    from graphdiff.language.reading.point import Constant

__all__ = ["Program", "read_program", "tell", "tell_notes"]

Source = tuple[str | None, str | None, Path | None]
"""The program as the argument, ``-e`` or ``-f``."""


class Program(NamedTuple):
    """A graph with the point and the shapes given for it."""

    graph: Graph
    point: dict[str, Constant]
    shapes: dict[str, Shape]
    placed: bool
    """Whether there is a point, or no variable that would need one."""

    def subject(self, kink: str, wrt: list[str] | None = None) -> Trace | Graph:
        """What a figure shows: the trace at the point, or the graph alone."""
        if not self.placed:
            return self.graph
        return self.traced(kink, wrt)

    def traced(
        self, kink: str, wrt: list[str] | None = None, *, partial: bool = False,
        certified: bool = True,
    ) -> Trace:  # fmt: skip
        """The trace at the point, with the numbers that every command shows.

        ``partial`` takes one that has a gradient although some of its nodes have none, which is a
        DomainError else; without ``certified`` large arrays stay as doubles have them.
        """
        trace = self.graph.backprop(self.point, kink=kink, wrt=wrt)  # type: ignore[arg-type]
        if partial and trace.singular:
            return trace
        return trace.certified() if certified else trace

    def tell_notes(self, *, shapes_told: bool = False) -> None:
        """Say on standard error what a reader should know of the program, where results do not
        show the statements that its output does not need; they may tell which shapes it has."""
        graph = self.graph
        if graph.unshaped is not None or self.point:
            graph = graph.shaped({**self.shapes, **{n: c.shape for n, c in self.point.items()}})
        if graph.unshaped is None:
            tell((replace(graph, assumed=()) if shapes_told else graph).notes_unshown)


def tell_notes(subject: Trace | Graph) -> None:
    """Say on standard error what a reader should know of the program that is shown."""
    graph: Any = getattr(subject, "graph", subject)
    tell(graph.notes if graph.unshaped is None else ())


def tell(notes: Iterable[str]) -> None:
    """Say some notes on standard error."""
    for note in notes:
        remark(f"note: {note}")


def read_program(
    source: Source,
    at: tuple[str, ...] = (),
    shape: tuple[str, ...] = (),
    *,
    share: bool = True,
    fuse: str = "none",
    upstream: str | None = None,
) -> Program:
    """Read ``--at``, ``--shape``, ``--upstream`` and the program.

    Raises BadPoint, ParseError, UnknownName, ShapeMismatch and usage errors.
    """
    import graphdiff as gd
    from graphdiff.language.reading.latex import is_latex
    from graphdiff.language.reading.point import read_point

    point = read_point(at)
    shapes = _read_shapes(shape, point)
    text = read_source(*source)
    asked = click.get_current_context().meta
    graph = gd.parse(
        text, share=share, fuse=fuse, shapes=shapes or None,
        windows=asked.get("graphdiff.windows", "floor"),
        odd_roots=asked.get("graphdiff.odd_roots", False),
    )  # fmt: skip
    if is_latex(text) and graph.source != text:
        tell([f"read as {graph.source}"])
    _check_names(shapes, graph)
    if upstream is not None:
        graph = graph.under(upstream)
    return Program(graph, point, shapes, bool(at) or not graph.inputs)


def _read_shapes(given: tuple[str, ...], point: Mapping[str, Constant]) -> dict[str, Shape]:
    """Shapes from ``--shape``.  Raises ParseError, and ShapeMismatch where the point differs."""
    from graphdiff.core.ir.shape import Dim, show_shape
    from graphdiff.errors import ShapeMismatch
    from graphdiff.language.reading.shapes import read_shapes as read

    shapes = read(",".join(given))
    for name, declared in shapes.items():
        have = point[name].shape if name in point else declared
        sizes = zip(declared, have, strict=False)
        if len(have) != len(declared) or any(a != b and not isinstance(a, Dim) for a, b in sizes):
            message = f"{name} is declared {show_shape(declared)} and given {show_shape(have)}"
            raise ShapeMismatch(message)
    return shapes


def _check_names(shapes: Mapping[str, Shape], graph: Graph) -> None:
    """Check that ``--shape`` names variables of the program.  Raises UnknownName."""
    if shapes and graph.unshaped is None:
        from graphdiff.study.report.parameters import find_input

        for name in shapes:
            find_input(graph, name)
