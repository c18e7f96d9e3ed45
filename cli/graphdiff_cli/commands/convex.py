"""``graphdiff convex``: convex over a box? A proof or a counterexample; stationary points."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from .. import options
from ..console import (
    print_sections,
    progress_bar,
    reporting_errors,
    write_json,
)
from ..programs import Program, read_program


@click.command(short_help="Convex over a box? Proof or counterexample; stationary points.")
@options.source
@click.option(
    "--over",
    multiple=True,
    metavar="x=-2..2,y=0..inf",
    help="The box: a range for every variable; repeatable; ends may be infinite.",
)
@options.at
@click.option("--data", type=click.Path(path_type=Path), metavar="FILE.csv",
              help="Columns for the other variables that are called like one.")  # fmt: skip
@options.shape
@click.option("--concave", is_flag=True, help="Ask whether it is concave instead.")
@click.option("--no-points", is_flag=True, help="Do not look for stationary points.")
@click.option("--json", is_flag=True, help="Print JSON (schema graphdiff.convex/1).")
@options.color
@options.debug
def convex(
    expression: str | None, expr: str | None, file: Path | None, over: tuple[str, ...],
    at: tuple[str, ...], data: Path | None, shape: tuple[str, ...], concave: bool, no_points: bool,
    json: bool, color: str, debug: bool,
) -> None:  # fmt: skip
    """Prove that an expression is convex over a box, or show that it is not.

    \b
    graphdiff convex "x^2/y" --over x=-inf..inf,y=0..inf
    graphdiff convex "x*y" --over x=0..1,y=0..1
    graphdiff convex "log(x)" --over x=0..4 --concave
    graphdiff convex "(x^2+y-11)^2 + (x+y^2-7)^2" --over x=-5..5,y=-5..5
    graphdiff convex "mean((w*x-y)^2)" --over w=-5..5 --at x=[1,2],y=[2,4]
    graphdiff convex "norm(A@x)" --over A=-1..1,x=-1..1 --shape A:2x2,x:2

    Proofs are by rules of composition, or by an interval Hessian over a finite box; where neither
    decides, the answer is "undecided" and why.  Stationary points are proved and classified.

    Exit status: 0 proved convex (with --concave: concave), 1 it is not or that is undecided, 2 bad
    input, 130 interrupted.
    """
    with reporting_errors(json=json, debug=debug):
        from graphdiff.study.curvature import convex as judge

        program = read_program((expression, expr, file), at, shape=shape)
        program = _with_data(program, data, over)
        with progress_bar("looking at boxes") as progress:
            found = judge(
                program.graph, over, at=program.point, shapes=program.shapes,
                stationary=not no_points, progress=progress,
            )  # fmt: skip
        if json:
            write_json(found.document())
        else:
            print_sections(found.sections(concave), color)
        program.tell_notes()
        wanted = found.concave if concave else found.convex
    if found.interrupted:
        sys.stderr.write("interrupted: what was found until then is printed\n")
        raise click.exceptions.Exit(130)
    if not wanted.holds:
        raise click.exceptions.Exit(1)


def _with_data(program: Program, data: Path | None, over: tuple[str, ...]) -> Program:
    """The program with columns as values; a variable with a range is a number then."""
    from graphdiff.language.reading.boxes import box_of
    from graphdiff.language.reading.point import read_value
    from graphdiff.language.reading.shapes import declarations, variables
    from graphdiff.study.descent import read_data

    if data is None:
        return program
    ranges = box_of(list(over))
    mentioned = set(variables(declarations(program.graph.written)[0]))
    columns = {
        name: read_value(name, column)
        for name, column in read_data(data).columns.items() if name in mentioned - ranges.keys()
    }  # fmt: skip
    numbers = {name: () for name in ranges if "[" not in name}
    return program._replace(
        point={**columns, **program.point}, shapes={**numbers, **program.shapes}
    )


__all__ = ["convex"]
