"""``graphdiff explain``: the derivation in words."""

from __future__ import annotations

from pathlib import Path

import click

from graphdiff.core.support.formats import of_file
from graphdiff.language.formats import EXPLANATIONS

from .. import options
from ..console import check_target, columns, reporting_errors, write_file, write_out, write_told
from ..programs import read_program, tell_notes


@click.command(short_help="The derivation step by step, in words.")
@options.source
@options.at
@options.shape
@options.upstream
@options.lang("English or Korean.")
@options.format_name("--format", EXPLANATIONS, "Notation: {}.", "explanations", metavar="FORMAT")
@click.option(
    "--digits", type=click.IntRange(1, 15), default=2, show_default=True, help="Decimals shown."
)
@click.option(
    "-o", "--output", metavar="FILE", cls=options.Listing, help="Write {}.",
    known=lambda: [ending for row in EXPLANATIONS.values() for ending in row.endings],
)  # fmt: skip
@options.fuse
@options.no_share
@options.kink
@options.layout
@options.debug
def explain(
    expression: str | None,
    expr: str | None,
    file: Path | None,
    at: tuple[str, ...],
    shape: tuple[str, ...],
    upstream: str | None,
    lang: str,
    format: str | None,  # noqa: A002 - the option's name
    digits: int,
    output: str | None,
    fuse: str,
    no_share: bool,
    kink: str,
    layout: str,
    debug: bool,
) -> None:
    """Explain the derivation step by step: forward gate by gate, then backward.

    \b
    graphdiff explain "(x+y)*z" --at x=-2,y=5,z=-4
    graphdiff explain "(x+y)*z" --at x=-2,y=5,z=-4 --lang ko
    graphdiff explain "1/(1+exp(-(w*x+b)))" --at w=2,x=-1,b=3 --format latex
    graphdiff explain "W@x" --at "W=[[1,2],[3,4]],x=[5,6]" --upstream "[1,-1]"
    graphdiff explain "conv1d(x, w)" --shape x:5,w:3
    """
    with reporting_errors(debug=debug):
        path = Path(output) if output and output != "-" else None
        if path is not None:
            written = of_file(path, EXPLANATIONS).name
            check_target(path)
        notation = format or (written if path else "text")
        room = min(columns(), 80) if path is None else 80
        from graphdiff.lecture import explain as explain_trace
        from graphdiff.lecture import explain_symbolic

        program = read_program(
            (expression, expr, file), at, shape, share=not no_share, fuse=fuse, upstream=upstream
        )
        point = program.point
        graph = program.graph.shaped({name: constant.shape for name, constant in point.items()})
        if program.placed:
            trace = program.traced(kink)
            told = explain_trace(trace, lang, notation, digits, layout=layout, columns=room)
        else:
            told = explain_symbolic(graph, lang, notation, layout=layout, columns=room)
        tell_notes(graph)
        if path is None:
            (write_told if notation == "text" else write_out)(told)
        else:
            write_file(path, told.encode())
