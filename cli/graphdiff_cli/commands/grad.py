"""``graphdiff grad``: symbolic derivatives."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphdiff.core.support.formats import in_order
from graphdiff.language.formats import CODE, NOTATIONS

from .. import options
from ..console import reporting_errors, usage, write_out, write_told
from ..programs import read_program, tell

if TYPE_CHECKING:
    from graphdiff.program.calculus.gradients import Layout


@click.command(short_help="Symbolic derivatives.")
@options.source
@options.at
@options.shape
@options.names("--wrt", "x,y", "Variables or statements; by default all variables.")
@click.option(
    "--order", type=click.IntRange(1, 6), default=1, show_default=True, help="2 for second …"
)
@options.format_name(
    "--format", in_order(NOTATIONS, CODE), "Notation: {}; text by default, unicode for arrays.",
    "derivatives", metavar="FORMAT",
)  # fmt: skip
@options.choice(
    "--layout", ("gradient", "numerator"), "Of arrays: ∇f as they are, or ∂f/∂x with rows."
)
@click.option("--with-value", is_flag=True, help="Code that returns the value, too.")
@click.option("--chain", is_flag=True, help="Layer by layer: L_l, g_(l−1) = g_l L_l, the updates.")
@click.option(
    "--taylor", type=click.IntRange(0, 10), metavar="N",
    help="The polynomial of this degree around --at, and what it leaves.",
)  # fmt: skip
@options.debug
def grad(
    expression: str | None,
    expr: str | None,
    file: Path | None,
    at: tuple[str, ...],
    shape: tuple[str, ...],
    wrt: list[str] | None,
    order: int,
    format: str | None,  # noqa: A002 - the option's name
    layout: Layout,
    with_value: bool,
    chain: bool,
    taylor: int | None,
    debug: bool,
) -> None:
    """Differentiate an expression and print the derivatives.

    \b
    graphdiff grad "x^2*sin(y)" --wrt x,y
    graphdiff grad "x^2*sin(y)" --order 2 --format latex
    graphdiff grad "sigmoid(w*x+b)" --format python
    graphdiff grad "tanh(w*x+b)^2" --format python --with-value
    graphdiff grad "sum((W@x)^2)" --wrt W,x
    graphdiff grad "mean((A@x-b)^2)" --shape A:NxD,x:D --wrt x
    graphdiff grad "h = tanh(W1@x+b1); p = softmax(W2@h+b2); -log(p[y])" --chain
    graphdiff grad "sin(x)" --taylor 5 --at x=0
    """
    with reporting_errors(debug=debug):
        if at and taylor is None:
            raise usage(
                "--at is the place of a Taylor polynomial", "--taylor 3, or graphdiff backprop"
            )
        program = read_program((expression, expr, file), at, shape)
        graph = program.graph
        if taylor is not None:
            from graphdiff.study.landscape.polynomials import taylor_polynomial

            told = taylor_polynomial(
                graph, taylor, program.point, _one(wrt), format or "text"
            )  # fmt: skip
        elif chain:
            from graphdiff.study.report.derivatives import layers

            told = layers(graph, wrt or None, format or "unicode")
        else:
            from graphdiff.study.report.derivatives import derivatives

            told = derivatives(graph, wrt or None, order, format, layout, with_value=with_value)
        (write_out if format else write_told)(told)
        program.tell_notes(shapes_told=True)
        tell(graph.holes(wrt or list(graph.inputs)))


def _one(names: list[str] | None) -> str | None:
    """The variable of a polynomial."""
    if names and len(names) > 1:
        raise usage("a Taylor polynomial is one of one variable", f"--wrt {names[0]}")
    return names[0] if names else None
