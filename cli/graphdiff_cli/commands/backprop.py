"""``graphdiff backprop``: forward, backward, proof, figure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from graphdiff.core.support.formats import Format, in_order
from graphdiff.drawing.formats import FIGURES
from graphdiff.study.report.formats import DOCUMENTS

from .. import options
from ..console import (
    print_sections,
    read_targets,
    remark,
    reporting_errors,
    usage,
    write_json,
    write_target,
)
from ..programs import read_program

if TYPE_CHECKING:
    from graphdiff import Graph, Trace
    from graphdiff.core.support.section import Section
    from graphdiff.program.boxes import Boxed
    from graphdiff.study.descent.update import Update
    from graphdiff.study.proof.report import Report

FORMATS = in_order(FIGURES, DOCUMENTS)


@click.command(short_help="Values, gradients, proof and figure of an expression.")
@options.source
@options.at
@options.shape
@options.upstream
@options.names("--wrt", "W,b", "Only the gradients in these variables or statements.")
@options.layout
@click.option(
    "--params",
    metavar="W1,b1",
    help="Count these learnable parameters, or all; shapes per layer.",
)
@options.names(
    "--collapse", "s,dense", "Show these layers, by name or op, as one box each; layer for all."
)
@options.names("--expand", "s,dense", "Show all layers but these as boxes.")
@options.output(FORMATS, "Write {}; repeatable.")
@click.option("--json", is_flag=True, help="Print JSON (schema graphdiff.trace/1).")
@click.option("--update", metavar="0.01", help="One step of gradient descent at this rate.")
@click.option("--closed", is_flag=True, help="Add closed forms in the inputs, simplified by sympy.")
@options.fuse
@options.no_share
@options.choice("--verify", ("standard", "symbolic", "none"), "How to prove the numbers.")
@options.kink
@click.option(
    "--digits", type=click.IntRange(1, 17), default=6, show_default=True, help="Digits shown."
)
@click.option(
    "--precision",
    type=click.IntRange(1, 1000),
    metavar="N",
    help="N digits, each of them certified.",
)
@options.choice("--engine", ("auto", "wasi", "pygraphviz", "dot"), "Layout engine of figures.")
@options.color
@options.debug
def backprop(
    expression: str | None,
    expr: str | None,
    file: Path | None,
    at: tuple[str, ...],
    shape: tuple[str, ...],
    upstream: str | None,
    wrt: list[str] | None,
    layout: str,
    params: str | None,
    collapse: list[str] | None,
    expand: list[str] | None,
    output: tuple[str, ...],
    json: bool,
    update: str | None,
    closed: bool,
    fuse: str,
    no_share: bool,
    verify: str,
    kink: str,
    digits: int,
    precision: int | None,
    to: str | None,
    engine: str,
    color: str,
    debug: bool,
) -> None:
    """Run backpropagation through an expression: every value, every gradient, and a proof.

    \b
    graphdiff backprop "(x+y)*z" --at x=-2,y=5,z=-4
    graphdiff backprop "(x+y)*z" --at x=-2,y=5,z=-4 -o figure.svg -o table.md
    graphdiff backprop "q = x + y; f = q*z"                   (symbols only)
    graphdiff backprop "1/(1+exp(-(w*x+b)))" --at w=2,x=-1,b=3 --fuse sigmoid
    graphdiff backprop "sqrt(x)" --at x=2 --precision 50
    graphdiff backprop "(w*x-y)^2" --at w=1,x=2,y=3 --wrt w --update 0.01 -o f.svg
    graphdiff backprop "W@x" --at "W=[[1,2],[3,4]],x=[5,6]" --upstream "[1,-1]"
    graphdiff backprop "sum((W@x)^2)" --at "W=[[1,2],[3,4]],x=[5,6]"
    graphdiff backprop "for i in 1..5: h_i = sin(w*h_{i-1}); h_5^2" --at w=2,h_0=1
    graphdiff backprop "sum(W@x+b)" --shape W:4x3,x:3,b:4 --params all
    graphdiff backprop "h = relu(dense(x,W,b)); sum(h)" --collapse layer -o f.svg

    Exit status: 0 proved, 1 the proof failed, 2 bad input, 3 a program is missing.
    """
    with reporting_errors(json=json, debug=debug):
        targets = read_targets(output, to, FORMATS)
        program = read_program(
            (expression, expr, file), at, shape, share=not no_share, fuse=fuse, upstream=upstream
        )
        graph = program.graph
        if graph.unshaped is None:
            for name in wrt or ():
                graph.target(name)
        trace = report = None
        if program.placed:
            proving = verify != "none"
            trace = program.traced(kink, wrt or None, partial=True, certified=proving)
            graph = trace.graph  # with the shapes of the point
        elif graph.has_arrays:
            from graphdiff.program.calculus.sizes import spread_out

            graph, _ = spread_out(graph)  # so that 1/N is told from 1/3
        if trace is not None and verify != "none":
            from graphdiff.study.proof.report import verify as prove

            report = prove(trace, verify, max(precision or 0, 17))
        elif verify == "symbolic":
            raise usage("--verify symbolic needs a point", "add --at")
        if update is not None and trace is None:
            raise usage("--update needs a point", "add --at")
        boxes = collapse or [], expand or []
        shown = Shown(digits, precision, layout, wrt, params, engine, boxes, update)
        document = _Document(graph, trace, report, closed, shown)
        for path, kind in targets:
            write_target(path, document.render(kind))
        if json:
            write_json(document.streamed())
        elif not any(path is None for path, _ in targets):
            from graphdiff.study.report.traces import MOST

            print_sections(document.sections(MOST), color)
            _messages(document, trace, report)
        if report is not None and not report.ok:
            raise click.exceptions.Exit(1)


def _messages(document: _Document, trace: Trace | None, report: Report | None) -> None:
    """Warnings and the mismatch, on standard error."""
    lines = [f"note: {note}" for note in document.graph.notes]
    lines += [f"warning: {w}" for w in (report.warnings if report else ())]
    if trace is not None:
        from graphdiff.study.report.contract import kink_warnings

        lines += [f"warning: {text}" for text in kink_warnings(trace, report)]
    if report is not None and not report.ok:
        lines.append("MISMATCH: the gradients above are not proved; see NOT VERIFIED")
    if lines:
        remark("\n".join(dict.fromkeys(lines)))


class Shown(NamedTuple):
    """What the options say of how results are shown."""

    digits: int
    precision: int | None
    layout: str
    wrt: list[str] | None
    params: str | None
    engine: str
    boxes: tuple[list[str], list[str]]
    """Layers to collapse, and to expand."""
    update: str | None
    """The learning rate of one step."""


class _Document:
    """What was computed, on demand in every format."""

    def __init__(
        self, graph: Graph, trace: Trace | None, report: Report | None, closed: bool, shown: Shown
    ) -> None:
        from graphdiff.study.report.numbers import Numbers

        self.graph, self.trace, self.report, self.shown = graph, trace, report, shown
        self.numbers = (
            Numbers(trace, report, shown.digits, shown.precision, layout=shown.layout)
            if trace is not None
            else None
        )
        self.wrt = self.parameters = None
        if shown.wrt is not None or shown.params is not None:
            from graphdiff.study.report.parameters import learnable

            if shown.wrt is not None:
                self.wrt = [graph.target(name) for name in shown.wrt]
            if shown.params is not None:
                self.parameters = learnable(graph, shown.params)
        self.update: Update | None = None
        if shown.update is not None and trace is not None:
            from graphdiff.study.descent.update import update

            self.update = update(trace, shown.update, shown.wrt or None)
        self.program: Boxed | None = None
        if any(shown.boxes):
            from graphdiff.program.boxes import boxed

            self.program = boxed(trace or graph, *shown.boxes)
        self.closed: dict[int, str] | None = None
        if closed and graph.has_arrays:
            from graphdiff.program.formulas import closed_matrices

            self.closed = closed_matrices(graph, shown.layout)
        elif closed:
            from graphdiff.study.proof.symbolic import simplified

            self.closed = simplified(graph)

    def sections(self, most: int | None = None) -> list[Section]:
        from graphdiff.study.report.table import sections

        tables = sections(
            self.graph, self.trace, self.report, self.numbers, self.closed, most,
            layout=self.shown.layout, wrt=self.wrt, program=self.program,
        )  # fmt: skip
        if self.parameters is not None:
            from graphdiff.study.report.parameters import parameter_sections

            tables += parameter_sections(self.graph, self.parameters)
        if self.update is not None:
            tables.append(self.update.table(self.shown.digits))
        return tables

    @property
    def source(self) -> str:
        return self.graph.source

    def document(self) -> dict[str, Any]:
        from graphdiff.study.report.contract import settled

        return settled(self.streamed())

    def streamed(self) -> dict[str, Any]:
        """The same with iterators of what is long."""
        from graphdiff.study.report.contract import streamed_document

        document = streamed_document(
            self.graph, self.trace, self.report, self.closed, layout=self.shown.layout,
            wrt=self.wrt,
        )  # fmt: skip
        if self.parameters is not None:
            from graphdiff.study.report.parameters import parameter_data

            document["parameters"] = parameter_data(self.graph, self.parameters)
        if self.update is not None:
            document["update"] = self.update.document()
        return document

    def render(self, kind: Format) -> bytes:
        if kind.name in DOCUMENTS:
            return bytes(kind(self))
        from graphdiff.drawing.figure import figure

        collapse, expand = self.shown.boxes
        drawing: Any = figure(
            self.trace or self.graph, engine=self.shown.engine, collapse=collapse, expand=expand,
            layout=self.shown.layout, wrt=self.shown.wrt or None,
            annotate=self.update.remarks() if self.update is not None else (),
        )  # fmt: skip
        return bytes(drawing.render(kind.name))
