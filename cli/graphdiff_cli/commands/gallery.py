"""``graphdiff gallery``: the built-in examples."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ..console import reporting_errors, write_out

Name = Annotated[str | None, typer.Argument(metavar="NAME", help="One example.")]
Run = Annotated[bool, typer.Option("--run", help="Run it, as graphdiff backprop would.")]
Output = Annotated[
    list[str] | None, typer.Option("-o", "--output", metavar="FILE", help="With --run: also write.")
]


def gallery(name: Name = None, run: Run = False, output: Output = None) -> None:
    """List the built-in examples of courses and books; show one; run it.

    \b
    graphdiff gallery
    graphdiff gallery cs231n-add-mul
    graphdiff gallery cs231n-add-mul --run -o figure.svg
    """
    with reporting_errors():
        from graphdiff import gallery as examples

        if name is None:
            known = [examples.load(n) for n in examples.names()]
            width = max(len(e.name) for e in known)
            write_out("\n".join(f"{e.name:<{width}}  {e.title}" for e in known))
            return
        example = examples.load(name)
        command = f'graphdiff backprop "{"; ".join(example.program.split(chr(10)))}" --at {example.at}'
        if not run and not output:
            note = f"# {example.note}\n" if example.note else ""
            write_out(f"# {example.title}\n# {example.source}\n{note}\n{example.program}\n\n{command}")
            return
        sys.stderr.write(f"{example.title}\n{command}\n\n")
        arguments = ["backprop", "--expr=" + example.program, "--at", example.at]
        if example.fuse:
            arguments += ["--fuse", example.fuse]
        for target in output or []:
            arguments += ["-o", target]
        _again(arguments)


def _again(arguments: list[str]) -> None:
    """Run another command of this program in this process."""
    root = typer.get_current_context() if hasattr(typer, "get_current_context") else None
    from click import get_current_context

    context = (root or get_current_context()).find_root()
    context.command.main(arguments, prog_name="graphdiff", standalone_mode=True)
