"""``graphdiff hessian``: second derivatives, eigenvalues, definiteness, the Newton step."""

from __future__ import annotations

from pathlib import Path

import click

from graphdiff.language.formats import NOTATIONS

from .. import options
from ..console import print_sections, reporting_errors, write_json
from ..programs import read_program


@click.command(short_help="Hessian: formulas, eigenvalues, definiteness, Newton step.")
@options.source
@options.at
@options.shape
@options.names("--wrt", "x,y", "Variables or statements; by default all variables.")
@click.option(
    "--vector",
    multiple=True,
    metavar="x=1,y=0",
    help="Multiply the Hessian by a vector, without forming it; parts left out are 0.",
)
@options.format_name(
    "--format", NOTATIONS, "Notation of the formulas: {}.", "formulas", metavar="FORMAT",
    default="text", show_default=True,
)  # fmt: skip
@click.option("--json", is_flag=True, help="Print JSON (schema graphdiff.hessian/1).")
@options.color
@options.debug
def hessian(
    expression: str | None, expr: str | None, file: Path | None, at: tuple[str, ...],
    shape: tuple[str, ...], wrt: list[str] | None, vector: tuple[str, ...], format: str,  # noqa: A002
    json: bool, color: str, debug: bool,
) -> None:  # fmt: skip
    """Second derivatives: as formulas, and at a point as numbers with proofs.

    \b
    graphdiff hessian "x^2*y"
    graphdiff hessian "(1-x)^2 + 100*(y-x^2)^2" --at x=1,y=1
    graphdiff hessian "x^2 - y^2" --at x=1,y=2 --vector x=1
    graphdiff hessian "sum((A@x)^2)" --at "A=[[1,2],[3,4]],x=[0,0]" --wrt x

    The eigenvalues are enclosed, and definiteness is proved: positive or negative definite,
    indefinite, semidefinite and singular, or undecided at this precision.  On a kink there is none,
    unless the program is twice differentiable all the same, like |x|³ at 0.

    Exit status: 0 done, 2 bad input, a kink, or no value at the point.
    """
    with reporting_errors(json=json, debug=debug):
        from graphdiff.language.reading.point import read_point
        from graphdiff.study.curvature import hessian as differentiate

        program = read_program((expression, expr, file), at, shape)
        found = differentiate(
            program.graph,
            at=program.point or None,
            wrt=wrt or None,
            vector=read_point(vector) if vector else None,
            shapes=program.shapes,
        )
        if json:
            write_json(found.document())
        else:
            print_sections(found.sections(format), color)
        program.tell_notes()


__all__ = ["hessian"]
