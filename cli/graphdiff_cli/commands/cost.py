"""``graphdiff cost``: what a gradient costs, with and without sharing."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..console import print_sections, reporting_errors, working, write_json
from ..programs import read_program


@click.command(short_help="What backpropagation saves: shared factors, multiplications, sweeps.")
@options.source
@options.at
@options.shape
@options.upstream
@click.option("--no-share", is_flag=True, help="Count for the tree as written.")
@click.option("--no-time", is_flag=True, help="Count only; do not run function and gradient.")
@click.option("--json", is_flag=True, help="Print JSON (schema graphdiff.cost/1).")
@options.color
@options.debug
def cost(
    expression: str | None, expr: str | None, file: Path | None, at: tuple[str, ...],
    shape: tuple[str, ...], upstream: str | None, no_share: bool, no_time: bool,
    json: bool, color: str, debug: bool,
) -> None:  # fmt: skip
    """Show backpropagation as a dynamic program: every factor computed once, used often.

    \b
    graphdiff cost "q = x*y; r = q*q; f = r*r"
    graphdiff cost "h = tanh(W@x+b); sum(h^2)" --shape x:784,W:100x784
    graphdiff cost "1/(1+exp(-(w*x+b)))" --no-time --json

    Multiplications are counted with one for every factor, without listing the paths: path by
    path, by forward mode (a sweep for every input) and by reverse mode (one sweep). Function and
    gradient are also compared by their operations, and by the clock; with them, what central
    differences and the Hessian would take, and how many numbers wait for the way back.
    """
    with reporting_errors(json=json, debug=debug):
        from graphdiff.study.flow import cost as count

        source = (expression, expr, file)
        program = read_program(source, at, shape, share=not no_share, upstream=upstream)
        with working("counting"):
            found = count(program.graph, program.point, shapes=program.shapes, time=not no_time)
        if json:
            write_json(found.document())
        else:
            print_sections(found.sections(), color)
        program.tell_notes()
