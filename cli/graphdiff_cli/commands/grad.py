"""``graphdiff grad``: symbolic derivatives."""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import check_choice, read_source, reporting_errors, write_out
from ..options import Debug, ExprOption, Expression, FileOption

Wrt = Annotated[
    str | None, typer.Option("--wrt", metavar="x,y", help="Variables; by default all of them.")
]
Order = Annotated[int, typer.Option("--order", min=1, max=6, help="2 for second derivatives …")]
Format = Annotated[
    str, typer.Option("--format", metavar="text|unicode|latex|python", help="Notation.")
]


def grad(
    expression: Expression = None,
    wrt: Wrt = None,
    order: Order = 1,
    format: Format = "text",
    expr: ExprOption = None,
    file: FileOption = None,
    debug: Debug = False,
) -> None:
    """Differentiate an expression and print the derivatives.

    \b
    graphdiff grad "x^2*sin(y)" --wrt x,y
    graphdiff grad "x^2*sin(y)" --order 2 --format latex
    graphdiff grad "sigmoid(w*x+b)" --format python
    """
    with reporting_errors(debug=debug):
        check_choice("--format", format, ("text", "unicode", "latex", "python"))
        import graphdiff as gd
        from graphdiff.documents.derivatives import derivatives

        graph = gd.parse(read_source(expression, expr, file))
        variables = [name.strip() for name in wrt.split(",")] if wrt else list(graph.inputs)
        write_out(derivatives(graph, variables, order, format))
