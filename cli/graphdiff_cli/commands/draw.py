"""``graphdiff draw``: a figure, as a lecturer wants it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from graphdiff.drawing.formats import FIGURES

from .. import options
from ..console import (
    read_targets,
    reporting_errors,
    usage,
    write_out,
    write_target,
)
from ..looks import figure_options, read_figure_options
from ..programs import read_program, tell, tell_notes

if TYPE_CHECKING:
    from graphdiff import Graph, Trace
    from graphdiff.drawing.figure import Figure


@click.command(short_help="A figure for a slide: styles, themes, frames, remarks, formulas.")
@options.source
@options.at
@options.shape
@options.upstream
@options.output(FIGURES, "Write {}; repeatable; - for standard output.")
@click.option("--alt", is_flag=True, help="Print what the figure shows, as text and tables.")
@figure_options
@click.option(
    "--dpi", type=click.IntRange(36, 1200), default=192, show_default=True, help="Of PNG files."
)
@click.option("--width", type=click.IntRange(16, 20_000), help="Of PNG files, in pixels.")
@options.choice(
    "--tikz",
    ("absolute", "relative"),
    "Nodes of tex and tikz by coordinates, or right of and below each other.",
)
@options.lang("Words of an interactive page, of roles, and read aloud.")
@options.names("--wrt", "W,b", "Show only the gradients in these variables.")
@options.fuse
@options.no_share
@options.kink
@options.layout
@options.debug
def draw(
    expression: str | None,
    expr: str | None,
    file: Path | None,
    at: tuple[str, ...],
    shape: tuple[str, ...],
    upstream: str | None,
    output: tuple[str, ...],
    to: str | None,
    alt: bool,
    dpi: int,
    width: int | None,
    tikz: str,
    lang: str,
    wrt: list[str] | None,
    fuse: str,
    no_share: bool,
    kink: str,
    layout: str,
    debug: bool,
    **look: Any,
) -> None:
    """Draw the computation graph of an expression: with numbers, or without a point as formulas.

    \b
    graphdiff draw "(x+y)*z" --at x=-2,y=5,z=-4 -o figure.svg
    graphdiff draw "(x+y)*z" --at x=-2,y=5,z=-4 --style colah -o f.png
    graphdiff draw "y = sigmoid(w1*x1 + w2*x2 + b)" --style neurons -o f.svg
    graphdiff draw "(x+y)*z" --at x=1,y=2,z=3 --style saito -o f.svg
    graphdiff draw "(x+y)*z" --at x=-2,y=5,z=-4 --theme dark --dpi 300 -o f.png
    graphdiff draw "(x+y)*z" --at x=-2,y=5,z=-4 --highlight "path:x->f" -o f.tex
    graphdiff draw "(x+y)*z" --at x=-2,y=5,z=-4 --show +local,+roles -o f.svg
    graphdiff draw "(x+y)*z" --at x=-2,y=5,z=-4 --annotate "z: scale" -o f.pdf
    graphdiff draw "1/(1+exp(-w*x))" --group "sigmoid=1/(1+exp(-s))" -o f.svg
    graphdiff draw "exp(x)/y" --label 'y=\\hat{y}' --panel auto -o f.html
    graphdiff draw "(x+y)*z" --tikz relative -o f.tex
    graphdiff draw '\\sigma(wx + b)' -o neuron.svg
    graphdiff draw "relu(W@x)" --upstream ones -o f.svg
    graphdiff draw "for t in 1..3: h_t = tanh(w*h_{t-1} + x_t); h_3^2" -o f.svg
    graphdiff draw "(x+y)*z" --at x=-2,y=5,z=-4 --alt

    Gradients stand below their wires, never told by colour alone. Every file is the same on every
    run; nothing is written if anything is wrong.
    """
    with reporting_errors(debug=debug):
        targets = read_targets(output, to, FIGURES)
        if not targets and not alt:
            raise usage("no file is named to draw to", "-o figure.svg; or --alt for text")
        from graphdiff.drawing.figure import figure

        program = read_program(
            (expression, expr, file), at, shape, share=not no_share, fuse=fuse, upstream=upstream
        )
        variables = wrt or None
        subject = program.subject(kink, variables)
        drawing = figure(
            subject, layout=layout, wrt=variables, ppi=dpi, width=width, lang=lang, tikz=tikz,
            **read_figure_options(look),
        )  # fmt: skip
        files = [(path, drawing.render(kind.name)) for path, kind in targets]
        tell_notes(subject)
        tell(drawing.notes)
        for path, data in files:
            write_target(path, data)
        if alt:
            write_out(_told(drawing, subject, layout, variables))


def _told(
    drawing: Figure, subject: Trace | Graph, layout: str, variables: Sequence[str] | None
) -> str:
    """The figure in words, and its numbers as tables."""
    from graphdiff.program.runs.trace import Trace
    from graphdiff.study.report.numbers import Numbers
    from graphdiff.study.report.plain import plain_table
    from graphdiff.study.report.table import sections

    trace = subject if isinstance(subject, Trace) else None
    graph = subject.graph if isinstance(subject, Trace) else subject
    numbers = Numbers(trace, None, layout=layout) if trace else None
    program = drawing.told[0] if drawing.told else None
    wrt = None if variables is None else [graph.find(name) for name in variables]
    tables = sections(graph, trace, None, numbers, layout=layout, wrt=wrt, program=program)
    return "\n\n".join([drawing.alt, *map(plain_table, tables)])
