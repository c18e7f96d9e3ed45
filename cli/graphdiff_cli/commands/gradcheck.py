"""``graphdiff gradcheck``: difference quotients, their errors, and the verdict on a gradient."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphdiff.drawing.formats import PLOTS

from .. import options
from ..console import (
    print_sections,
    progress_bar,
    read_targets,
    reporting_errors,
    usage,
    write_json,
    write_target,
)
from ..programs import read_program

if TYPE_CHECKING:
    from graphdiff.study.differences import GradCheck


@click.command(short_help="Difference quotients over h, and a gradient judged by them.")
@options.source
@options.at
@options.shape
@options.upstream
@options.names("--wrt", "x,W", "Variables or statements; by default all variables.")
@click.option(
    "--h", "step", type=options.FINITE, metavar="H",
    help="Step of the verdict; 1e-4 in doubles, 1e-2 in single precision.",
)  # fmt: skip
@options.choice("--dtype", ("float64", "float32"), "Precision of the quotients.")
@click.option(
    "--gradient",
    multiple=True,
    metavar="x=0.2",
    help="A gradient to judge instead of backpropagation's; repeatable; @file.json.",
)
@click.option(
    "--entries", type=click.IntRange(1, 10_000), default=12, show_default=True,
    help="Entries of arrays to check, the same number of every variable.",
)  # fmt: skip
@click.option(
    "--directions", type=click.IntRange(1, 1_000), metavar="N",
    help="Check along N directions of ±1 in all entries instead.",
)  # fmt: skip
@options.output(PLOTS, "Plot errors over h as {}; repeatable.", to=False)
@options.choice("--theme", ("light", "dark"), "Colours of the plot.")
@options.lang("Words of the plot.")
@click.option("--json", is_flag=True, help="Print JSON (schema graphdiff.gradcheck/1).")
@options.kink
@options.color
@options.debug
def gradcheck(
    expression: str | None, expr: str | None, file: Path | None, at: tuple[str, ...],
    shape: tuple[str, ...], upstream: str | None, wrt: list[str] | None, step: float | None,
    dtype: str,
    gradient: tuple[str, ...], entries: int, directions: int | None, output: tuple[str, ...],
    theme: str, lang: str, json: bool, kink: str, color: str, debug: bool,
) -> None:  # fmt: skip
    """Compare gradients with difference quotients, and see what limits these.

    \b
    graphdiff gradcheck "0.01*x^2 + 0.1*x" --at x=5
    graphdiff gradcheck "sin(x)" --at x=1 -o sweep.svg
    graphdiff gradcheck "sin(x)" --at x=1 --dtype float32
    graphdiff gradcheck "x^3" --at x=2 --gradient x=12.1
    graphdiff gradcheck "mean(relu(W@x)^2)" --at "W=[[1,-2],[3,4]],x=[1,2]"
    graphdiff gradcheck "relu(x)" --at x=1e-5

    Forward and central quotients for h = 1e-1 … 1e-15, the complex step and Richardson's table,
    beside the derivative proved in ball arithmetic; truncation and rounding from the derivatives
    themselves.

    Exit status: 0 done, 1 the gradient is proved to be off by more than 1e-4, 2 bad input.
    """
    with reporting_errors(json=json, debug=debug):
        targets = read_targets(output, None, PLOTS)
        if targets and any(path is None for path, _ in targets) and json:
            raise usage("--json and -o - would both write to standard output", "-o sweep.svg")
        from graphdiff.language.reading.point import read_point
        from graphdiff.study.differences import gradcheck as run

        program = read_program((expression, expr, file), at, shape, upstream=upstream)
        with progress_bar("checking") as progress:
            found = run(
                program.graph, program.point, wrt=wrt or None, h=step, dtype=dtype,  # type: ignore[arg-type]
                gradient=read_point(gradient), most=entries, along=directions or 0,
                kink=kink, progress=progress,  # type: ignore[arg-type]
            )  # fmt: skip
        if targets:
            from graphdiff.drawing.plots.differences import figure

            plot = figure(found, language=lang, theme=theme)
            files = [(path, kind(plot)) for path, kind in targets]
            for path, data in files:
                write_target(path, data)
        _print(found, json, color, piped=any(path is None for path, _ in targets))
        program.tell_notes()
    if found.interrupted:
        done = f"{len(found.checks)} of the checks were done, and are shown"
        sys.stderr.write(f"interrupted: {done}\n")
        raise click.exceptions.Exit(130)
    if not found.ok:
        raise click.exceptions.Exit(1)


def _print(found: GradCheck, json: bool, color: str, *, piped: bool) -> None:
    if json:
        write_json(found.document())
    elif not piped:
        print_sections(found.sections(), color)


__all__ = ["gradcheck"]
