"""``graphdiff grad``: symbolic derivatives."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..console import read_source, reporting_errors, write_out


@click.command(short_help="Symbolic derivatives.")
@options.source
@click.option("--wrt", metavar="x,y", help="Variables; by default all of them.")
@click.option(
    "--order", type=click.IntRange(1, 6), default=1, show_default=True, help="2 for second …"
)
@options.choice("--format", ("text", "unicode", "latex", "python"), "Notation.")
@options.debug
def grad(
    expression: str | None,
    expr: str | None,
    file: Path | None,
    wrt: str | None,
    order: int,
    format: str,  # noqa: A002 - the option's name
    debug: bool,
) -> None:
    """Differentiate an expression and print the derivatives.

    \b
    graphdiff grad "x^2*sin(y)" --wrt x,y
    graphdiff grad "x^2*sin(y)" --order 2 --format latex
    graphdiff grad "sigmoid(w*x+b)" --format python
    """
    with reporting_errors(debug=debug):
        import graphdiff as gd
        from graphdiff.documents.derivatives import derivatives

        graph = gd.parse(read_source(expression, expr, file))
        variables = [name.strip() for name in wrt.split(",")] if wrt else list(graph.inputs)
        write_out(derivatives(graph, variables, order, format))
