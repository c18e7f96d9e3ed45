"""``graphdiff steps``: a figure built up step by step, for slides."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from graphdiff.core.support.formats import Format, of_file
from graphdiff.drawing.formats import BUILDS, STEPS

from .. import options
from ..console import check_target, reporting_errors, usage, write_file, write_told
from ..looks import figure_options, read_figure_options
from ..programs import read_program, tell_notes

if TYPE_CHECKING:
    from graphdiff.drawing.builds.builds import Builds
    from graphdiff.drawing.figure import Figure


@click.command(short_help="A figure built up step by step: slides, GIF, animated SVG.")
@options.source
@options.at
@options.shape
@options.upstream
@options.output(BUILDS, "Write {}, or step-%02d.svg or .png; repeatable.", to=False)
@options.choice("--from", ("forward", "backward"), "The pass to begin with.")
@options.names("--only", "q,f", "Only the steps at these nodes.")
@options.choice("--captions", ("on", "off"), "What is computed, below the figure.")
@options.lang("Captions in English or Korean.")
@click.option(
    "--delay",
    type=options.Finite(0.05, 60),
    default=1.0,
    show_default=True,
    metavar="SECONDS",
    help="Seconds a step, in GIF and animated SVG.",
)
@click.option(
    "--dpi", type=click.IntRange(36, 1200), default=192, show_default=True, help="Of PNG files."
)
@figure_options
@options.fuse
@options.no_share
@options.kink
@options.layout
@options.debug
def steps(
    expression: str | None,
    expr: str | None,
    file: Path | None,
    at: tuple[str, ...],
    shape: tuple[str, ...],
    upstream: str | None,
    output: tuple[str, ...],
    only: list[str] | None,
    captions: str,
    lang: str,
    delay: float,
    dpi: int,
    fuse: str,
    no_share: bool,
    kink: str,
    layout: str,
    debug: bool,
    **look: Any,
) -> None:
    """Build a figure up: values gate by gate, then gradients gate by gate.

    \b
    graphdiff steps "(x+y)*z" --at x=-2,y=5,z=-4 -o build.pdf  (a page a step)
    graphdiff steps "(x+y)*z" --at x=-2,y=5,z=-4 -o step-%02d.svg
    graphdiff steps "(x+y)*z" --at x=-2,y=5,z=-4 -o build.gif --delay 2
    graphdiff steps "sigmoid(w*x)" --at w=2,x=-1 --from backward -o slide.tex
    graphdiff steps "sigmoid(w*x)" --at w=2,x=-1 -o build.pptx (a slide a step)
    graphdiff steps "x*x + x" --at x=3                         (the captions)

    Each backward step frames its gate and says [upstream gradient] × [local gradient] =
    contribution; where paths join, the sum is a step of its own. An .svg moves by itself, .tex is
    a beamer slide with overlays; a .pptx has text and shapes that can be edited.
    """
    with reporting_errors(debug=debug):
        targets = [_Target.read(name) for name in output]
        from graphdiff.drawing.builds.builds import builds
        from graphdiff.drawing.figure import figure

        program = read_program(
            (expression, expr, file), at, shape, share=not no_share, fuse=fuse, upstream=upstream
        )
        start = look.pop("from")
        subject = program.subject(kink)
        tell_notes(subject)
        drawing = figure(
            subject,
            layout=layout,
            lang=lang,
            **read_figure_options(look),
        )
        made = builds(drawing, start=start, only=only or (), captions=captions == "on")
        files = [
            (path, data)
            for target in targets
            for path, data in target.files(made, drawing, delay, dpi)
        ]
        for path, data in files:
            write_file(path, data)
        if not targets:
            write_told("\n".join(f"{k:3}  {told}" for k, told in enumerate(made.captions, 1)))


class _Target(NamedTuple):
    """A file to write, or with a %d in its name one for every step."""

    name: str
    kind: Format
    numbered: bool

    @classmethod
    def read(cls, name: str) -> _Target:
        """What an ``-o`` asks for.  Raises GraphDiffError."""
        from graphdiff.drawing.series.frames import numbers as places

        numbers = places(Path(name))
        if len(numbers) > 1:
            raise usage(f"{name!r} has more than one number", "use one %02d")
        if not numbers and Path(name).suffix[1:].lower() in STEPS.keys() - BUILDS.keys():
            raise usage(f"{name!r} is one picture, and there are many", "use step-%02d.png")
        kind = of_file(name, STEPS if numbers else BUILDS)
        kind.ready()
        check_target(Path(name))
        return cls(name, kind, bool(numbers))

    def files(
        self, made: Builds, drawing: Figure, delay: float, dpi: int
    ) -> list[tuple[Path, bytes]]:
        """The files with their content."""
        from graphdiff.drawing.series.frames import frame

        if self.numbered:
            pages = self.kind(made, dpi)
            return [(frame(Path(self.name), k), page) for k, page in enumerate(pages, 1)]
        return [(Path(self.name), self.kind(made, drawing, delay))]
