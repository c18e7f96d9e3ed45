"""Options that several commands share, as click decorators."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from graphdiff import Graph
    from graphdiff.ir.shape import Shape
    from graphdiff.parsing.point import Constant

__all__ = [
    "Decorator",
    "at",
    "check_names",
    "choice",
    "color",
    "debug",
    "fuse",
    "kink",
    "layout",
    "no_share",
    "read_shapes",
    "shape",
    "source",
]

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def choice(
    option: str, choices: tuple[str, ...], help_text: str, default: str | None = None
) -> Decorator:
    """An option with a few possible values."""
    return click.option(
        option,
        type=click.Choice(choices),
        default=default or choices[0],
        show_default=True,
        help=help_text,
    )


def source(command: Callable[..., Any]) -> Callable[..., Any]:
    """The program: EXPR, ``-e``, ``-f`` or standard input, as three parameters."""
    command = click.option(
        "-f",
        "--file",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Read the program from a file.",
    )(command)
    command = click.option("-e", "--expr", metavar="EXPR", help="The expression, as an option.")(
        command
    )
    return click.argument("expression", metavar="[EXPR]", required=False)(command)


at = click.option(
    "--at",
    multiple=True,
    metavar="x=2,y=1/3",
    help="The point; repeatable; x=[1,2]; @file.json, .npz, .toml or .csv.",
)
shape = click.option(
    "--shape",
    multiple=True,
    metavar="W:2x3,x:3",
    help="Shapes of variables; repeatable; sizes may be names (X:NxD).",
)
layout = choice(
    "--layout",
    ("gradient", "numerator"),
    "Gradients shaped like the variable, or as derivatives: rows 1×n, matrices m×n of n×m.",
)
no_share = click.option(
    "--no-share", is_flag=True, help="Keep equal subexpressions apart: the tree as written."
)
fuse = click.option(
    "--fuse",
    default="none",
    show_default=True,
    metavar="PATTERNS",
    help="Known subgraphs as one gate: sigmoid,tanh,softplus,logsumexp,square, or all.",
)
kink = choice("--kink", ("zero", "left", "right", "mean"), "Derivative used on a kink.")
color = choice("--color", ("auto", "always", "never"), "Colours and table lines.")
debug = click.option("--debug", is_flag=True, help="Show a traceback for errors.")


def read_shapes(given: tuple[str, ...], point: Mapping[str, Constant]) -> dict[str, Shape]:
    """Shapes from ``--shape``.  Raises ParseError, and ShapeMismatch where the point differs."""
    from graphdiff.errors import ShapeMismatch
    from graphdiff.ir.shape import Dim, show_shape
    from graphdiff.parsing.shapes import read_shapes as read

    shapes = read(",".join(given))
    for name, declared in shapes.items():
        have = point[name].shape if name in point else declared
        sizes = zip(declared, have, strict=False)
        if len(have) != len(declared) or any(a != b and not isinstance(a, Dim) for a, b in sizes):
            message = f"{name} is declared {show_shape(declared)} and given {show_shape(have)}"
            raise ShapeMismatch(message)
    return shapes


def check_names(shapes: Mapping[str, Shape], graph: Graph) -> None:
    """Check that ``--shape`` names variables of the program.  Raises UnknownName."""
    if shapes and graph.unshaped is None:
        from graphdiff.documents.parameters import find_input

        for name in shapes:
            find_input(graph, name)
