"""``graphdiff ops``: the op table."""

from __future__ import annotations

import click

from ..console import reporting_errors, write_told


@click.command(short_help="The functions of the language.")
@click.argument("name", metavar="[NAME]", required=False)
def ops(name: str | None) -> None:
    """List every function of the language, or show one: rule, domain, kinks and an example.

    \b
    graphdiff ops
    graphdiff ops sigmoid
    """
    with reporting_errors():
        from graphdiff.study.report.reference import op_list, op_page

        write_told(op_page(name) if name else op_list())
