"""``graphdiff gallery``: the built-in examples."""

from __future__ import annotations

import click

from ..console import remark, reporting_errors, usage, write_out, write_told


@click.command(short_help="Worked examples of courses and books.")
@click.argument("name", metavar="[NAME]", required=False)
@click.option("--run", is_flag=True, help="Run it, as graphdiff backprop would.")
@click.option("-o", "--output", multiple=True, metavar="FILE", help="Run it and write a file.")
@click.pass_context
def gallery(context: click.Context, name: str | None, run: bool, output: tuple[str, ...]) -> None:
    """List the built-in examples of courses and books; show one; run it.

    \b
    graphdiff gallery
    graphdiff gallery cs231n-add-mul
    graphdiff gallery cs231n-add-mul --run -o figure.svg
    """
    with reporting_errors():
        from graphdiff.program import gallery as examples

        if name is None and (run or output):
            raise usage("no example is named", "graphdiff gallery lists them")
        if name is None:
            known = [examples.load(n) for n in examples.names()]
            width = max(len(e.name) for e in known)
            write_told("\n".join(f"{e.name:<{width}}  {e.title}" for e in known))
            return
        example = examples.load(name)
        command = (
            f'graphdiff backprop "{"; ".join(example.program.split(chr(10)))}" --at {example.at}'
        )
        if not run and not output:
            note = f"# {example.note}\n" if example.note else ""
            write_out(
                f"# {example.title}\n# {example.source}\n{note}\n{example.program}\n\n{command}"
            )
            return
        remark(f"{example.title}\n{command}\n")
        arguments = [f"--expr={example.program}", "--at", example.at]
        arguments += ["--fuse", example.fuse] if example.fuse else []
        for target in output:
            arguments += ["-o", target]
        group = context.find_root().command
        assert isinstance(group, click.Group)
        # The same command that the line above shows, in this process.
        again = group.commands["backprop"].make_context(
            "backprop", arguments, parent=context.parent
        )
        with again:
            group.commands["backprop"].invoke(again)
