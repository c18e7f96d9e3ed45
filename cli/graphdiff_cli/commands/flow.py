"""``graphdiff flow``: where the gradient goes, and where it gets lost."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from graphdiff.core.support.formats import Format
from graphdiff.drawing.formats import FIGURES, PLOTS

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
    from graphdiff.study.flow import Flow

_SHOWN = ("graph", "bars", "histogram")


@click.command(short_help="Gradient flow: paths, layers, saturated gates, initial weights.")
@options.source
@options.at
@options.shape
@options.upstream
@click.option(
    "--paths", "most", type=click.IntRange(1, 1000), default=5, show_default=True, metavar="K",
    help="Paths to every input that a large graph shows: the strongest.",
)  # fmt: skip
@click.option(
    "--samples", type=click.IntRange(0, 1_000_000), default=100, show_default=True, metavar="N",
    help="Draws of the weights by which initial scales are measured; 0: none.",
)  # fmt: skip
@click.option(
    "--seed", type=click.IntRange(0, 2**63), default=0, show_default=True, help="Of draws."
)
@click.option(
    "--init", metavar="RULE",
    help="Draw what --at leaves out: weights by xavier, he, lecun or a standard deviation.",
)  # fmt: skip
@click.option(
    "--params", type=options.Names(), default="all", show_default=True, metavar="W,b",
    help="What is learned.",
)  # fmt: skip
@options.output(
    FIGURES, "Write the graph with wires by gradient, or a chart; repeatable.", to=False
)
@options.choice("--plot", _SHOWN, "What -o shows.")
@options.choice("--theme", ("light", "dark"), "Colours of the picture.")
@options.lang("Words in charts.")
@click.option("--json", is_flag=True, help="Print JSON (schema graphdiff.flow/1).")
@options.kink
@options.color
@options.debug
def flow(
    expression: str | None, expr: str | None, file: Path | None, at: tuple[str, ...],
    shape: tuple[str, ...], upstream: str | None, most: int, samples: int, seed: int,
    init: str | None, params: list[str], output: tuple[str, ...], plot: str, theme: str,
    lang: str, json: bool, kink: str, color: str, debug: bool,
) -> None:  # fmt: skip
    """Follow the gradient: the product of local gradients along every path, layer by layer.

    \b
    graphdiff flow "q = x + y; f = q*z" --at x=-2,y=5,z=-4
    graphdiff flow "h = sigmoid(w*x); f = h^2" --at w=3,x=4 -o flow.svg
    graphdiff flow -f network.gd --at @point.npz --plot bars -o bars.png
    graphdiff flow "h1 = tanh(W1@x); h2 = tanh(W2@h1); sum(h2^2)" \\
        --shape W1:100x100,W2:100x100,x:100 --init 0.01

    It says where gradients vanish or explode (by a factor of 100 from end to end), which gates
    saturate (slope below 0.01), which relus are off or dead, and which scale of the initial
    weights (LeCun, Xavier, He) keeps the variance, measured on samples.
    """
    with reporting_errors(json=json, debug=debug):
        wired = {name: row for name, row in FIGURES.items() if "wires" not in row.lacks}
        targets = read_targets(output, None, wired if plot == "graph" else PLOTS)
        if plot != "graph" and not targets:
            raise usage("--plot needs a file", f"-o {plot}.svg")
        from graphdiff.study.flow import flow as follow
        from graphdiff.study.report.parameters import learnable

        program = read_program((expression, expr, file), at, shape, upstream=upstream)
        chosen = None if params == ["all"] else list(learnable(program.graph, ",".join(params)))
        with progress_bar("measuring initial weights") as progress:
            found = follow(
                program.graph, program.point, most=most, samples=samples, seed=seed, init=init,
                parameters=chosen, shapes=program.shapes, kink=kink,  # type: ignore[arg-type]
                progress=progress,
            )  # fmt: skip
        files = [(path, _picture(found, plot, kind, theme, lang)) for path, kind in targets]
        for path, data in files:
            write_target(path, data)
        if json:
            write_json(found.document())
        else:
            print_sections(found.sections(), color)
        program.tell_notes()
        if found.interrupted:
            sys.stderr.write("interrupted: what was done is above\n")
            raise click.exceptions.Exit(130)


def _picture(found: Flow, plot: str, kind: Format, theme: str, lang: str) -> bytes:
    """The graph or a chart as a file."""
    if plot == "graph":
        from graphdiff.drawing.figure import figure

        return figure(found.trace, theme=theme, flow=True).render(kind.name)
    from graphdiff.drawing.plots.flow import figure as chart

    return bytes(kind(chart(found, plot, language=lang, theme=theme)))
