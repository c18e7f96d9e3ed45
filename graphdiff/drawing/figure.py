"""A figure as a value: drawn on demand, in every format."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from graphdiff.core.ir.group import Group
from graphdiff.core.support import words
from graphdiff.core.support.formats import Format, chosen, of_file
from graphdiff.drawing.diagrams.drawing import draw
from graphdiff.drawing.diagrams.grouping import with_groups
from graphdiff.drawing.diagrams.neurons import draw_neurons
from graphdiff.drawing.diagrams.overview import is_large
from graphdiff.drawing.diagrams.overview_drawing import overview
from graphdiff.drawing.diagrams.selection import annotated, enclosed, highlighted
from graphdiff.drawing.diagrams.sums import with_long_sums
from graphdiff.drawing.formats import FIGURES
from graphdiff.drawing.labels.writing import Look
from graphdiff.drawing.parts.diagram import Diagram, Label
from graphdiff.drawing.parts.forks import needs_threads
from graphdiff.drawing.parts.numerals import ROUNDINGS, Numerals
from graphdiff.drawing.parts.styles import (
    BACKGROUNDS,
    CS231N,
    SHOWABLE,
    STYLES,
    THEMES,
    Style,
    themed,
)
from graphdiff.errors import Unsupported
from graphdiff.language.reading.unknown import one_of
from graphdiff.program.boxes import Boxed, boxed
from graphdiff.program.graph import Graph
from graphdiff.program.runs.trace import Trace

if TYPE_CHECKING:
    from graphdiff.drawing.parts.scene import Scene

__all__ = ["NARY", "Figure", "figure", "mimebundle"]

NARY = 4
"""Terms from which lectures draw a sum as one gate."""


@dataclass(frozen=True, eq=False)
class Figure:
    """A figure of a graph; ``render`` gives its bytes, ``save`` writes them."""

    diagram: Diagram
    look: Style = CS231N
    engine: str = "auto"
    direction: str | None = None
    fit: str | None = None
    ppi: float = 192.0
    """Pixels an inch of PNG."""
    width: int | None = None
    """Pixels of a PNG from left to right, instead of ``ppi``."""
    nary: int = 0
    """Terms from which a sum is one gate; 0 where each of its gates is drawn."""
    tikz: str = "absolute"
    """How TikZ places nodes: by coordinates (absolute), or beside each other (relative)."""
    told: tuple[Boxed, Look, str] | None = None
    """What the interactive page tells: the program, how it is written, and the language; None for
    an overview, which does not have every gate."""

    @property
    def style(self) -> str:
        """The name of its style."""
        return self.look.name

    @property
    def alt(self) -> str:
        """What it shows, for people who cannot see it."""
        return f"{self.diagram.title}. {self.diagram.description}"

    @cached_property
    def scene(self) -> Scene:
        """The figure after layout: what is drawn, where."""
        from graphdiff.drawing.layout.layout import arrange

        diagram = with_long_sums(self.diagram, self.nary)
        if diagram.columns:
            from graphdiff.drawing.layout.network import arrange_network

            scene = arrange_network(diagram, self.look, self.fit)
        else:
            scene = arrange(diagram, self.look, self.engine, self.direction, self.fit)
        if not (diagram.notes or diagram.enclosures or diagram.panel):
            return scene
        from graphdiff.drawing.diagrams.annotations import decorated

        return decorated(scene, diagram, self.fit)

    @property
    def notes(self) -> tuple[str, ...]:
        """What its reader should know: that its numbers are too small for the sheet it fits."""
        if not self.fit:
            return ()
        from graphdiff.drawing.layout.framing import LEGIBLE, letters, read_ratio

        size = letters(self.scene, read_ratio(self.fit))
        if size >= LEGIBLE:
            return ()
        note = f"numbers have {size:.1f} pt on a slide of {self.fit}; below {LEGIBLE:g} pt they are"
        return (f"{note} hard to read: draw layers as boxes (--collapse), or less (--show, --wrt)",)

    def render(self, kind: str) -> bytes:
        """The figure in one of the formats ``FIGURES``.  Raises Unsupported for others."""
        return self._rendered(chosen(kind, FIGURES))

    def _rendered(self, kind: Format) -> bytes:
        if "layout" not in kind.lacks:
            # First of all: another thread may be importing what comes when a process forks.
            needs_threads("typst")
        return bytes(kind(self))

    def save(self, path: str | Path) -> Path:
        """Write the figure in the format of the file's suffix, whole or not at all."""
        from graphdiff.core.support.files import replaced

        target = Path(path)
        kind = of_file(target, FIGURES)
        if not target.parent.is_dir():
            raise FileNotFoundError(f"the folder {target.parent} does not exist")
        data = self._rendered(kind)
        with replaced(target) as file:
            file.write(data)
        return target

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return mimebundle(lambda: self, self.alt)


def mimebundle(make: Callable[[], Figure], text: str) -> dict[str, str]:
    """A figure for notebooks; one that cannot be drawn shows as text, never as an exception.

    Ids come from what is drawn, so that several figures in one page do not share them.
    """
    from hashlib import sha256

    from graphdiff.drawing.formats.svg import to_svg

    try:
        figure = make()
        prefix = "g" + sha256(figure.render("svg")).hexdigest()[:10]
        return {"image/svg+xml": to_svg(figure.scene, prefix), "text/plain": figure.alt}
    except Exception as error:  # noqa: BLE001 - a notebook cell must not die of its picture
        return {"text/plain": f"{text} ({error})"}


def figure(
    subject: Trace | Graph,
    style: str = "cs231n",
    *,
    theme: str = "light",
    background: str = "card",
    show: Sequence[str] | None = None,
    digits: int = 2,
    rounding: str = "half-up",
    exact: bool = False,
    group: Sequence[str] = (),
    highlight: Sequence[str] = (),
    annotate: Sequence[str] = (),
    label: Mapping[str, str] | None = None,
    panel: str | None = None,
    direction: str | None = None,
    fit: str | None = None,
    ppi: float = 192.0,
    width: int | None = None,
    engine: str = "auto",
    lang: str = "en",
    collapse: Sequence[str] = (),
    expand: Sequence[str] = (),
    layout: str = "gradient",
    wrt: Sequence[str] | None = None,
    flow: bool = False,
    nary: int = NARY,
    tikz: str = "absolute",
) -> Figure:
    """Draw a trace (with numbers) or a graph (with formulas).

    Looks: ``style`` (cs231n, saito, colah, micrograd, neurons, minimal or mono), ``theme`` (light,
    dark or auto) and ``background`` (card or transparent).  ``show`` chooses among values,
    gradients, local, symbols, roles, shapes and names; by default the style does.  Numbers have
    ``digits`` decimals, with ``rounding`` half-up, half-even or truncate; ``exact`` keeps
    fractions.

    Additions: ``group`` frames what computes ``name=formula``; ``highlight`` makes ``q,f`` or
    ``path:x->f`` stand out; ``annotate`` adds remarks ``q: text``; ``label`` gives names a label
    in LaTeX (or Typst, after ``typst:``); ``panel`` lists formulas and their derivatives, those of
    all functions used if it is ``auto``.

    Layout: ``direction`` and ``fit`` as in `graphdiff.drawing.layout.layout.arrange`; ``collapse``
    and ``expand`` say which layers and groups are one box, as in `graphdiff.program.boxes.boxed`;
    ``layout="numerator"`` shows gradients of vectors as rows, those of matrices transposed;
    ``wrt`` leaves out the gradients that are not on the way to these inputs; ``lang`` (en or ko)
    is the language of the interactive page, of roles, and of what is read aloud; ``flow`` gives
    wires width and colour by gradient; sums of ``nary`` terms or more are one gate, none if it is
    0; ``tikz`` places the nodes of TikZ by coordinates (absolute) or beside each other (relative).

    >>> from graphdiff import parse
    >>> f = figure(parse("x*y").backprop(x=2, y=3))
    >>> [box.kind for box in f.diagram.boxes]
    ['input', 'input', 'gate', 'output']
    """
    if hasattr(subject, "complete"):
        subject.complete()
    if wrt is None:
        wrt = getattr(subject, "wrt", None)
    known = themed(
        one_of("style", style, STYLES),
        one_of("theme", theme, THEMES),
        one_of("background", background, BACKGROUNDS),
    )
    shows = known.shows
    if show is not None:
        shows = frozenset(one_of("part", part, SHOWABLE) for part in show)
    _check("digits", digits, 0, 15)
    _check("ppi", ppi, 36, 1200)
    _check("width", 16 if width is None else width, 16, 20_000)
    _check("nary", nary or 3, 3, 1_000)
    one_of("layout", layout, ("gradient", "numerator"))
    if tikz != "absolute":
        from graphdiff.drawing.formats.tex import WRITERS

        one_of("placing of TikZ", tikz, WRITERS)
    words.known(lang)
    if isinstance(subject, Graph) and subject.has_arrays:
        from graphdiff.program.calculus.sizes import spread_out

        subject, _ = spread_out(subject)  # so that 1/N is told from 1/3
    if not (subject.graph if isinstance(subject, Trace) else subject).starts:
        wrt = ()
    program, groups = _grouped(subject, group, collapse, expand)
    numerals = Numerals(digits, one_of("rounding", rounding, ROUNDINGS), exact)
    names = _labels(program.graph, label or {})
    look = Look(known, shows, numerals, layout, wrt, names, lang)
    large, hidden = known.form == "neurons" or is_large(program), dict[int, int]()
    if known.form == "neurons":
        diagram = draw_neurons(subject, look)
    elif large:
        diagram, hidden = overview(program, look)
    else:
        diagram = draw(program, look)
    diagram = highlighted(diagram, program, highlight, hidden)
    diagram = annotated(enclosed(diagram, program, groups, hidden), program, annotate, hidden)
    if flow:
        from graphdiff.drawing.diagrams.flowing import weighed

        diagram = weighed(diagram, program, large)
    if panel is not None:
        from graphdiff.drawing.labels.panel import panel_lines

        diagram = replace(diagram, panel=(*panel_lines(program, panel, layout), *diagram.panel))
    told = None if large else (program, look, lang)
    return Figure(
        diagram, known, engine, direction, fit, ppi, width, nary=nary, tikz=tikz, told=told
    )


def _check(what: str, size: float, least: int, most: int) -> None:
    """Raises Unsupported for a size out of its range."""
    if not least <= size <= most:
        raise Unsupported(f"{what} = {size} is not from {least} to {most}")


def _grouped(
    subject: Trace | Graph, patterns: Sequence[str], collapse: Sequence[str], expand: Sequence[str]
) -> tuple[Boxed, Sequence[Group]]:
    """The program as it is seen, and the groups that the user described."""
    graph = subject.graph if isinstance(subject, Trace) else subject
    if not patterns:
        return boxed(subject, collapse, expand), ()
    grouped = with_groups(graph, patterns)
    if isinstance(subject, Trace):
        program = boxed(replace(subject, graph=grouped), collapse, expand)
    else:
        program = boxed(grouped, collapse, expand)
    return program, grouped.groups[len(graph.groups) :]


def _labels(graph: Graph, given: Mapping[str, str]) -> dict[str, Label]:
    """The user's labels, typeset.  Raises UnknownName and ParseError."""
    if not given:
        return {}
    from graphdiff.drawing.labels.latex import user_label

    made = {}
    for name, text in given.items():
        found = graph.labels.get(graph.find(name), name)
        made[found] = user_label(name, text)
    return made
