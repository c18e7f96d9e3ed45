"""``graphdiff analyze``: kinks, jumps, poles, flat and steep stretches of a function."""

from __future__ import annotations

from pathlib import Path

import click

from graphdiff.drawing.formats import PLOTS

from .. import options
from ..console import (
    print_sections,
    read_targets,
    reporting_errors,
    usage,
    working,
    write_json,
    write_target,
)
from ..programs import read_program


@click.command(short_help="Kinks, jumps, poles, flat and steep stretches; C^k for which k.")
@options.source
@click.option("--wrt", metavar="x", help="The variable or statement; by default that of --over.")
@click.option("--over", metavar="x=-3..3", help="The interval; its ends are constants (pi/2).")
@options.at
@options.shape
@click.option(
    "--flat",
    type=options.FINITE,
    default=1e-3,
    show_default=True,
    help="|f′| below this is vanishing.",
)
@click.option(
    "--steep",
    type=options.FINITE,
    default=1e3,
    show_default=True,
    help="|f′| above this is exploding.",
)
@options.output(PLOTS, "Plot f and f′ to {}; repeatable; - for standard output.")
@options.choice("--theme", ("light", "dark"), "Colours of the plot.")
@options.lang("Words of the plot.")
@click.option("--json", is_flag=True, help="Print the result as JSON (graphdiff.analyze/1).")
@options.color
@options.debug
def analyze(
    expression: str | None, expr: str | None, file: Path | None, wrt: str | None,
    over: str | None, at: tuple[str, ...], shape: tuple[str, ...], flat: float, steep: float,
    output: tuple[str, ...], to: str | None, theme: str, lang: str, json: bool, color: str,
    debug: bool,
) -> None:  # fmt: skip
    """Where is a function continuous, differentiable, smooth?  With one-sided derivatives.

    \b
    graphdiff analyze "relu(x)" --over x=-3..3
    graphdiff analyze "huber(x, 0)" --over x=-3..3 -o huber.svg
    graphdiff analyze "hinge(s, y)" --over s=-3..3 --at y=1
    graphdiff analyze "1/abs(theta)" --wrt theta --over=-1..1 --json

    Every statement says whether it is proved (exact numbers, ball arithmetic) or found numerically.
    """
    with reporting_errors(json=json, debug=debug):
        if over is None:
            raise usage("no interval is given", "--over x=-3..3")
        targets = read_targets(output, to, PLOTS)
        from graphdiff.study.landscape import analyze as analyzed

        program = read_program((expression, expr, file), at, shape)
        with working("looking for kinks and poles"):
            found = analyzed(program.graph, over, wrt, program.point, flat=flat, steep=steep)
        if targets:
            from graphdiff.drawing.plots.landscape import figure

            plot = figure(found, language=lang, theme=theme)
            files = [(path, kind(plot)) for path, kind in targets]
            for path, data in files:
                write_target(path, data)
        if json:
            write_json(found.document())
        elif all(path is not None for path, _ in targets):
            print_sections(found.sections(), color)
        program.tell_notes()


__all__ = ["analyze"]
