"""Options that several commands share, as click decorators."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

__all__ = [
    "FINITE",
    "Decorator",
    "Finite",
    "at",
    "choice",
    "color",
    "debug",
    "fuse",
    "kink",
    "layout",
    "limit",
    "no_share",
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


class _Finite(click.types.FloatParamType):
    """A number; NaN is none, and in no range, though it compares as if it were."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no finite number.", param, ctx)
        return number


class Finite(_Finite, click.FloatRange):
    """A finite number in a range."""


FINITE = _Finite()
"""Any finite number."""


def _limited(context: click.Context, _: click.Parameter, given: tuple[str, ...]) -> None:
    """Put the limits that were given in force for as long as the command runs."""
    if not given:
        return
    from dataclasses import asdict

    from graphdiff.core.limits import Limits, limited

    known: dict[str, int | float] = asdict(Limits())
    read: dict[str, int | float] = {}
    for item in ",".join(given).split(","):
        name, _equals, text = (part.strip() for part in item.partition("="))
        if name not in known:
            message = f"there is no limit {name!r}; there are {', '.join(known)}"
            raise click.BadParameter(message)
        try:
            read[name] = type(known[name])(float(text))
        except (ValueError, OverflowError):
            read[name] = -1
        if not 0 < read[name] <= 10**12:  # NaN is not either
            raise click.BadParameter(f"{name}={text} is not a number from 1 to 1e12")
    context.with_resource(limited(read))


limit = click.option(
    "--limit",
    multiple=True,
    metavar="nodes=2e6,text=1e8",
    expose_value=False,
    callback=_limited,
    help="Bounds on large input instead of the usual ones; repeatable.",
)


def source(command: Callable[..., Any]) -> Callable[..., Any]:
    """The program: EXPR, ``-e``, ``-f`` or standard input, as three parameters; and its limits."""
    command = limit(command)
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
    "--no-share", is_flag=True, help="Keep equal parts without a name apart: the tree as written."
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
