"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "At", "Color", "Debug", "Digits", "Engine", "ExprOption", "Expression", "FileOption", "Fuse",
    "Json", "Kink", "NoShare", "Output", "To", "Verify",
]  # fmt: skip

Expression = Annotated[
    str | None,
    typer.Argument(metavar="EXPR", help="Expression or program; '-' reads standard input."),
]
ExprOption = Annotated[
    str | None, typer.Option("-e", "--expr", metavar="EXPR", help="The expression, as an option.")
]
FileOption = Annotated[
    Path | None, typer.Option("-f", "--file", metavar="FILE", help="Read the program from a file.")
]
At = Annotated[
    list[str] | None,
    typer.Option("--at", metavar="x=2,y=1/3", help="The point; repeatable; @file.json|.toml|.csv."),
]
Output = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write svg, pdf, png, dot, json or md."),
]
To = Annotated[
    str | None, typer.Option("--to", metavar="FORMAT", help="Format of '-o -' (default svg).")
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON (schema graphdiff.trace/1).")]
NoShare = Annotated[
    bool, typer.Option("--no-share", help="Keep equal subexpressions apart: the tree as written.")
]
Fuse = Annotated[
    str,
    typer.Option(
        "--fuse", metavar="PATTERNS",
        help="Draw known subgraphs as one gate: sigmoid,tanh,softplus,logsumexp,square, all or none.",
    ),
]  # fmt: skip
Kink = Annotated[
    str, typer.Option("--kink", metavar="zero|left|right|mean", help="Derivative used on a kink.")
]
Verify = Annotated[
    str,
    typer.Option("--verify", metavar="standard|symbolic|none", help="How to prove the numbers."),
]
Digits = Annotated[int, typer.Option("--digits", min=1, max=17, help="Significant digits shown.")]
Engine = Annotated[
    str,
    typer.Option("--engine", metavar="auto|wasi|pygraphviz|dot", help="Layout engine of figures."),
]
Color = Annotated[
    str, typer.Option("--color", metavar="auto|always|never", help="Colours and table lines.")
]
Debug = Annotated[bool, typer.Option("--debug", help="Show a traceback for errors.")]
