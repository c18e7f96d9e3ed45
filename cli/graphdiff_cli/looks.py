"""How figures look: options that the commands that draw share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

from .console import usage
from .options import choice, names

__all__ = ["ENGINES", "figure_options", "read_figure_options"]

ENGINES = ("auto", "wasi", "pygraphviz", "dot")
_OPTIONS = (
    click.option(
        "--style", default="cs231n", show_default=True, metavar="NAME",
        help="cs231n, saito (two arrows an edge), colah, micrograd, neurons, minimal or mono.",
    ),
    click.option(
        "--theme", default="light", show_default=True, metavar="NAME",
        help="light, dark, or auto: SVG follows the reader's page.",
    ),
    choice("--background", ("card", "transparent"), "Paint the paper, or leave what is behind."),
    names(
        "--show", "PARTS",
        "What is shown, of values,gradients,local,symbols,roles,shapes,names; +local adds,"
        " -names removes.",
    ),
    click.option(
        "--digits", type=click.IntRange(0, 15), default=2, show_default=True,
        help="Decimals shown.",
    ),
    choice("--rounding", ("half-up", "half-even", "truncate"), "How decimals are rounded."),
    click.option("--exact", is_flag=True, help="Exact numbers as fractions, not decimals."),
    click.option(
        "--group", multiple=True, metavar='"NAME=FORMULA"',
        help="A frame around what computes a formula; with --collapse NAME, one box.",
    ),
    names(
        "--collapse", "s,dense",
        "Draw these layers or groups, by name or op, as one box each; layer for all.",
    ),
    names("--expand", "s,dense", "Draw all layers but these as boxes."),
    click.option(
        "--highlight", multiple=True, metavar="q,f", help="Let boxes stand out, or path:x->f."
    ),
    click.option(
        "--annotate", multiple=True, metavar='"q: TEXT"', help="A remark with an arrow to a box."
    ),
    click.option(
        "--label", multiple=True, metavar="q=LATEX",
        help=r"Another label for a name, q='\hat{y}', or in Typst, q=typst:hat(y).",
    ),
    click.option(
        "--panel", metavar="auto",
        help='Formulas below: of the functions used (auto), or of "exp(x); 1/x".',
    ),
    click.option(
        "--direction", type=click.Choice(("lr", "tb", "bt")),
        help="From left to right (lr), from top to bottom or from bottom to top. Default: lr, or"
        " what is larger with --fit.",
    ),
    click.option(
        "--fit", metavar="16:9",
        help="Fill a sheet: 16:9, 4:3 or 1280x720; says so if numbers get below 12 pt.",
    ),
    click.option(
        "--nary", type=click.IntRange(0, 1000), default=4, show_default=True, metavar="N",
        help="Sums of N terms or more are one gate; 0: none.",
    ),
    choice("--engine", ENGINES, "Layout engine."),
)  # fmt: skip


def figure_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """All options of a figure; the command gets them as further keyword arguments."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_figure_options(given: dict[str, Any]) -> dict[str, Any]:
    """The options as keyword arguments of ``graphdiff.drawing.figure.figure``.

    >>> read_figure_options({"label": (r"q=\\hat q",), "collapse": None})
    {'label': {'q': '\\\\hat q'}, 'collapse': []}
    """
    read = dict(given)
    if "show" in read:
        read["show"] = _shown(read["show"], read.get("style", "cs231n"))
    if "label" in read:
        read["label"] = dict(map(_label, read["label"]))
    for key in ("collapse", "expand"):
        if key in read:
            read[key] = read[key] or []
    return read


def _label(text: str) -> tuple[str, str]:
    name, equals, label = text.partition("=")
    if not equals or not name.strip():
        raise usage(f"a label is written name=label, not {text!r}", r"--label 'q=\hat{y}'")
    return name.strip(), label


def _shown(parts: Sequence[str] | None, style: str) -> Sequence[str] | None:
    """The parts to show; those with a sign change what the style shows."""
    if parts is None or not any(part[0] in "+-" for part in parts):
        return parts
    if not all(part[0] in "+-" for part in parts):
        raise usage("--show mixes signed and plain parts", "--show +local,-names")
    from graphdiff.drawing.parts.styles import CS231N, SHOWABLE, STYLES

    shows = set(STYLES.get(style, CS231N).shows)
    for part in parts:
        if part[0] == "+" or part[1:] not in SHOWABLE:  # a wrong part is refused later
            shows.add(part[1:])
        else:
            shows.discard(part[1:])
    return sorted(shows)
