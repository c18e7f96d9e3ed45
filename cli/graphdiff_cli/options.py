"""Options that several commands share, as click decorators."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.shell_completion import CompletionItem

from graphdiff.core.support.formats import Format, chosen, listed

__all__ = [
    "FINITE",
    "Decorator",
    "Finite",
    "FormatName",
    "Listing",
    "Names",
    "at",
    "choice",
    "color",
    "debug",
    "format_name",
    "fuse",
    "kink",
    "lang",
    "layout",
    "limit",
    "names",
    "no_share",
    "output",
    "shape",
    "source",
    "upstream",
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


class Names(click.types.StringParamType):
    """Names with commas between them, as a list."""

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if not isinstance(value, str):
            return value
        return [name.strip() for name in value.split(",") if name.strip()]


def names(option: str, metavar: str, told: str) -> Decorator:
    """An option that takes names with commas between them; None where it is not given."""
    return click.option(option, type=Names(), metavar=metavar, help=told)


class FormatName(click.types.StringParamType):
    """The name of a format of a table, which the shell completes."""

    def __init__(self, known: Mapping[str, Format], of: str = "") -> None:
        self.known, self.of = known, of

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return None if value is None else chosen(value, self.known, self.of).name

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        return [
            CompletionItem(row.name, help=row.help)
            for row in self.known.values() if row.name.startswith(incomplete)
        ]  # fmt: skip


class Listing(click.Option):
    """An option whose help lists the names of a table, as it is when the help is asked for."""

    def __init__(
        self, *given: Any, known: Iterable[str] | Callable[[], Iterable[str]], **how: Any
    ) -> None:
        super().__init__(*given, **how)
        self.known, self.told = known, self.help or ""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        names = self.known() if callable(self.known) else self.known
        self.help = self.told.format(listed(names), all=listed(names, "and"))
        return super().get_help_record(ctx)


def format_name(
    option: str, known: Mapping[str, Format], told: str, of: str = "", **how: Any
) -> Decorator:
    """An option that takes the name of a format; ``told`` may list them at ``{}``."""
    return click.option(
        option, *how.pop("names", ()), cls=Listing, known=known, help=told,
        type=FormatName(known, of), **how,
    )  # fmt: skip


def output(known: Mapping[str, Format], told: str, *, to: bool = True) -> Decorator:
    """``-o``, which writes files in the formats of a table, and ``--to``, for standard output."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        if to:
            command = format_name("--to", known, "Format of '-o -'.", metavar="FORMAT")(command)
        return click.option(
            "-o", "--output", multiple=True, metavar="FILE", cls=Listing, known=known, help=told
        )(command)

    return decorate


if TYPE_CHECKING:
    _Choice = click.Choice[str]
else:  # which is generic only from click 8.2 on
    _Choice = click.Choice


class _Languages(_Choice):
    """The languages of the catalogue; what is none is the error that the library gives."""

    def __init__(self) -> None:
        from graphdiff.core.support.words import languages

        super().__init__(languages())

    def convert(self, value: Any, param: Any, ctx: Any) -> str:
        from graphdiff.core.support.words import known
        from graphdiff.errors import Unsupported

        try:
            return known(value)
        except Unsupported as error:
            self.fail(f"{error.message}: {error.hint}", param, ctx)


def lang(help_text: str) -> Decorator:
    """The language of what is told."""
    return click.option(
        "--lang", type=_Languages(), default="en", show_default=True, help=help_text
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


def _remembered(context: click.Context, parameter: click.Parameter, given: Any) -> None:
    """Keep what the reader of the program asks for."""
    context.meta[f"graphdiff.{parameter.name}"] = given


windows = click.option(
    "--windows",
    type=click.Choice(("floor", "exact")),
    default="floor",
    show_default=True,
    expose_value=False,
    callback=_remembered,
    help="Entries that fill no window of a convolution or pooling: left over, or refused.",
)


odd_roots = click.option(
    "--odd-roots",
    is_flag=True,
    expose_value=False,
    callback=_remembered,
    help="x^(1/3) of a negative number is the real root, as in answers.",
)


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


def shape(command: Callable[..., Any]) -> Callable[..., Any]:
    """The shapes of variables, how windows fit into them, and which roots there are."""
    return click.option(
        "--shape",
        multiple=True,
        metavar="W:2x3,x:3",
        help="Shapes of variables; repeatable; sizes may be names (X:NxD).",
    )(windows(odd_roots(command)))


upstream = click.option(
    "--upstream",
    metavar="[1,0,-2]",
    help="The gradient from above, where the output is no number: an array, or ones.",
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
