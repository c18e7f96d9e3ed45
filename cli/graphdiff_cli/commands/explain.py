"""``graphdiff explain``: the derivation in words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..console import check_choice, check_target, read_source, reporting_errors, usage, write_file, write_out
from ..options import At, Debug, ExprOption, Expression, FileOption, Fuse, Kink, NoShare

Language = Annotated[str, typer.Option("--lang", metavar="en|ko", help="English or Korean.")]
Format = Annotated[
    str | None, typer.Option("--format", metavar="text|markdown|latex", help="Notation.")
]
Digits = Annotated[int, typer.Option("--digits", min=1, max=15, help="Decimals shown.")]
Target = Annotated[
    str | None, typer.Option("-o", "--output", metavar="FILE", help="Write .txt, .md or .tex.")
]
SUFFIXES = {".txt": "text", ".md": "markdown", ".tex": "latex"}


def explain(
    expression: Expression = None,
    at: At = None,
    lang: Language = "en",
    format: Format = None,
    digits: Digits = 2,
    output: Target = None,
    fuse: Fuse = "none",
    no_share: NoShare = False,
    kink: Kink = "zero",
    expr: ExprOption = None,
    file: FileOption = None,
    debug: Debug = False,
) -> None:
    """Explain the derivation step by step: forward gate by gate, then backward.

    \b
    graphdiff explain "(x+y)*z" --at x=-2,y=5,z=-4
    graphdiff explain "(x+y)*z" --at x=-2,y=5,z=-4 --lang ko
    graphdiff explain "1/(1+exp(-(w*x+b)))" --at w=2,x=-1,b=3 --format latex
    """
    with reporting_errors(debug=debug):
        check_choice("--lang", lang, ("en", "ko"))
        check_choice("--kink", kink, ("zero", "left", "right", "mean"))
        path = Path(output) if output and output != "-" else None
        if path is not None:
            if path.suffix not in SUFFIXES:
                raise usage(f"cannot write {output!r}: unknown format", "use .txt, .md or .tex")
            check_target(path)
        notation = format or (SUFFIXES[path.suffix] if path else "text")
        check_choice("--format", notation, ("text", "markdown", "latex"))
        import graphdiff as gd
        from graphdiff.explaining import explain as explain_trace
        from graphdiff.explaining import explain_symbolic
        from graphdiff.parsing.point import read_point

        graph = gd.parse(read_source(expression, expr, file), share=not no_share, fuse=fuse)
        if at or not graph.inputs:
            trace = graph.backprop(read_point(at or []), kink=kink)  # type: ignore[arg-type]
            text = explain_trace(trace, lang, notation, digits)
        else:
            text = explain_symbolic(graph, lang, notation)
        if path is None:
            write_out(text)
        else:
            write_file(path, text.encode())
