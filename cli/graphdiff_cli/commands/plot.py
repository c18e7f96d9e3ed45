"""``graphdiff plot``: functions in one picture."""

from __future__ import annotations

from pathlib import Path

import click

from graphdiff.drawing.formats import PLOTS

from .. import options
from ..console import (
    read_source,
    read_targets,
    remark,
    reporting_errors,
    usage,
    working,
    write_target,
)


@click.command(short_help="Curves of several functions, maps, surfaces, arrows.")
@options.source
@click.option("--over", multiple=True, metavar="x=-4..4",
              help="One variable for curves, two for a map; repeatable.")  # fmt: skip
@options.at
@click.option("--derivatives", is_flag=True, help="The derivatives, too.")
@click.option("--grid", metavar="3x2", help="A panel for each function: columns by rows.")
@click.option("--points", type=click.Path(path_type=Path), metavar="FILE.csv",
              help="Rows as points over the column of the variable.")  # fmt: skip
@click.option("--heat", is_flag=True, help="Shades with a scale instead of lines of equal value.")
@click.option(
    "--regions",
    is_flag=True,
    help="The class everywhere: the largest score, or the whole number nearest.",
)
@click.option("--surface", is_flag=True, help="Seen in perspective.")
@options.choice("--field", ("none", "gradient", "descent"), "Arrows on a map: up or down.")
@options.output(PLOTS, "Write {}; repeatable; - for standard output.")
@options.choice("--theme", ("light", "dark"), "Colours.")
@options.debug
def plot(
    expression: str | None, expr: str | None, file: Path | None, over: tuple[str, ...],
    at: tuple[str, ...], derivatives: bool, grid: str | None, points: Path | None, heat: bool,
    regions: bool, surface: bool, field: str, output: tuple[str, ...], to: str | None, theme: str,
    debug: bool,
) -> None:  # fmt: skip
    """Draw functions: every statement without a name is one.

    \b
    graphdiff plot "sigmoid(x); tanh(x)" --over x=-4..4 --derivatives -o f.svg
    graphdiff plot "relu(x); elu(x); gelu(x)" --over x=-3..3 --grid 3x1 -o g.svg
    graphdiff plot "w*x + b" --at w=2,b=1 --over x=0..3 --points d.csv -o h.svg
    graphdiff plot "x^2+3*y^2" --over x=-1..1,y=-1..1 --field descent -o map.png
    graphdiff plot "x^2-y^2" --over x=-2..2,y=-2..2 --surface -o saddle.png
    graphdiff plot "W@[x,y]" --at @w.json --over x=0..1,y=0..1 --regions -o r.svg

    Kinks, jumps and poles are found as graphdiff analyze finds them, and drawn as they are.
    """
    with reporting_errors(debug=debug):
        targets = read_targets(output, to, PLOTS)
        if not targets:
            raise usage("no file is named", "-o f.svg")
        if not over:
            raise usage("no range is given", "--over x=-4..4")
        asked = {"heat": heat, "regions": regions, "surface": surface}
        kinds = [kind for kind, is_asked in asked.items() if is_asked] or ["auto"]
        if len(kinds) > 1:
            raise usage(f"--{kinds[0]} and --{kinds[1]} are two pictures", "choose one")
        from graphdiff.drawing.plots.functions import plot as drawn
        from graphdiff.language.reading.boxes import box_of
        from graphdiff.language.reading.point import read_point
        from graphdiff.study.descent import read_data

        source = read_source(expression, expr, file)
        with working("looking for kinks and poles"):
            found = drawn(
                source, box_of(list(over)), at=read_point(at), derivatives=derivatives,
                grid=grid or "", data=None if points is None else read_data(points), arrows=field,
                kind=kinds[0],
            )  # fmt: skip
        made = found.figure(theme=theme)
        for path, data in [(path, kind(made)) for path, kind in targets]:
            write_target(path, data)
        for note in found.notes:
            remark(f"note: {note}")


__all__ = ["plot"]
