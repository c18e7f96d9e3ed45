"""``graphdiff jacobian``: the matrix of all derivatives, or what is known of it."""

from __future__ import annotations

from pathlib import Path

import click

from .. import options
from ..console import print_sections, reporting_errors, write_json
from ..programs import read_program


@click.command(short_help="Jacobian of a vector or matrix: matrix, structure, size.")
@options.source
@options.at
@options.shape
@options.names("--wrt", "x,y", "Variables or statements; by default all variables.")
@options.choice("--layout", ("numerator", "gradient"), "Rows are outputs, or inputs.")
@click.option(
    "--batch",
    type=click.IntRange(1),
    metavar="N",
    help="Say the size for a batch of N vectors; 100 where there is but one variable.",
)
@click.option("--json", is_flag=True, help="Print JSON (schema graphdiff.jacobian/1).")
@options.kink
@options.color
@options.debug
def jacobian(
    expression: str | None,
    expr: str | None,
    file: Path | None,
    at: tuple[str, ...],
    shape: tuple[str, ...],
    wrt: list[str] | None,
    layout: str,
    batch: int | None,
    json: bool,
    kink: str,
    color: str,
    debug: bool,
) -> None:
    """The derivatives of every entry of the output in every entry of a variable.

    \b
    graphdiff jacobian "relu(x)" --at "x=[1,-2,3,-1]"
    graphdiff jacobian "softmax(x)" --shape x:3              (formulas)
    graphdiff jacobian "relu(X)" --shape X:100x4096          (never formed)
    graphdiff jacobian "X@W" --shape X:NxD,W:DxC --wrt X
    graphdiff jacobian "sum(X@w)" --at "X=[[1,2],[3,4]],w=[5,6]" --layout gradient

    Its structure is recognised: identity, diagonal, permutation, banded, block-diagonal,
    Kronecker product, low rank …  A large matrix is never formed.

    Exit status: 0 done, 1 an entry disagrees with its difference quotient, 2 bad input.
    """
    with reporting_errors(json=json, debug=debug):
        from graphdiff.study.jacobians import jacobians
        from graphdiff.study.jacobians.tables import document

        program = read_program((expression, expr, file), at, shape)
        found = jacobians(
            program.graph, wrt or [], program.point or None, layout, program.shapes,  # type: ignore[arg-type]
            kink=kink,  # type: ignore[arg-type]
        )  # fmt: skip
        if json:
            write_json(document(found))
        else:
            print_sections([table for one in found for table in one.sections(batch)], color)
        program.tell_notes()
        if any(one.checked is not None and one.checked.ok is False for one in found):
            raise click.exceptions.Exit(1)
