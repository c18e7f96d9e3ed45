"""``graphdiff ops``: the op table."""

from __future__ import annotations

from typing import Annotated

import typer

from ..console import reporting_errors, write_out

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="One op, with all details.")]


def ops(name: Name = None) -> None:
    """List every function of the language, or show one: rule, domain, kinks and an example.

    \b
    graphdiff ops
    graphdiff ops sigmoid
    """
    with reporting_errors():
        from graphdiff.documents.reference import op_list, op_page

        write_out(op_page(name) if name else op_list())
