"""How plots look: colours, type, lines; and how a figure becomes a file.

Only matplotlib's objects are used, never pyplot, so that nothing is kept between two plots.  A
figure is made inside ``drawing``, which replaces whatever settings the user's matplotlib has: the
same input gives the same bytes on every machine with the same version.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module, resources
from io import BytesIO
from typing import TYPE_CHECKING, Any

from graphdiff.core.support.formats import chosen
from graphdiff.core.support.parts import own_process, part
from graphdiff.drawing.formats import PLOTS
from graphdiff.drawing.labels.accessibility import describe_plot
from graphdiff.drawing.parts.escaping import xml_text
from graphdiff.language.reading.unknown import one_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["LINES", "LOOKS", "MARKERS", "Look", "drawing", "save"]

LINES: tuple[Any, ...] = ("-", "--", "-.", (0, (1, 1.2)), (0, (7, 2, 1, 2, 1, 2)), (0, (9, 3)))
"""Dashes by series: curves are told apart without colour."""

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
"""Marks by series."""


@dataclass(frozen=True, slots=True)
class Look:
    """Colours (``#rrggbb``) of a theme, and the plain parts of a plot.

    The series are the colours of Okabe & Ito 2008, Color Universal Design, which people who see
    red and green alike can tell apart, without those too pale for the paper.
    """

    name: str
    paper: str
    ink: str
    muted: str
    grid: str
    shade: str
    """A tint of the paper, for regions."""
    colours: tuple[str, ...]

    def figure(self, width: float, height: float, title: str = "") -> Figure:
        """An empty figure of a size in inches; the title goes into the file, not the picture."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        figure.set_label(title)
        return figure

    def series(self, k: int, *, marked: bool = False) -> dict[str, Any]:
        """Keywords for the k-th curve: colour and dashes, and its mark if wanted.

        >>> LOOKS["light"].series(1)
        {'color': '#d55e00', 'linestyle': '--'}
        """
        style = {
            "color": self.colours[k % len(self.colours)],
            "linestyle": LINES[k % len(LINES)],
        }
        return {**style, "marker": MARKERS[k % len(MARKERS)]} if marked else style

    def label(self, axes: Axes, x: str = "", y: str = "", title: str = "") -> None:
        """Words at the axes and above them."""
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        axes.set_title(title, loc="left")

    def legend(self, axes: Axes, **options: Any) -> None:
        """A legend, if any curve has a name."""
        if axes.get_legend_handles_labels()[0]:
            axes.legend(**options)


LOOKS = {
    "light": Look(
        "light", paper="#ffffff", ink="#1b1f24", muted="#6a737d", grid="#d8dee4", shade="#eef3f9",
        colours=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000"),
    ),
    "dark": Look(
        "dark", paper="#15191e", ink="#e6edf3", muted="#9aa4af", grid="#343b43", shade="#222a33",
        colours=("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#f0e442", "#d55e00", "#ffffff"),
    ),
}  # fmt: skip


@contextmanager
def drawing(theme: str = "light") -> Iterator[Look]:
    """Settings under which a figure is made; its colours.

    Raises ProgramMissing without matplotlib, Unsupported for a theme that there is not.

    >>> with drawing() as look:
    ...     figure = look.figure(4, 3, "a line")
    ...     _ = figure.add_subplot().plot([0, 1], **look.series(0))
    >>> save(figure, "png")[1:4]
    b'PNG'
    """
    matplotlib = _matplotlib()
    look = LOOKS[one_of("theme", theme, LOOKS)]
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_settings(look))
        yield look


def save(figure: Figure, kind: str) -> bytes:
    """The figure as a file, in one of the formats ``PLOTS``.  Raises Unsupported for others."""
    return bytes(chosen(kind, PLOTS, "plots")(figure))


def svg(figure: Figure) -> bytes:
    """An SVG whose letters are outlines, so that fonts do not matter; it tells what it shows."""
    file = _saved(figure, "svg", Date=None, Creator=None, Title=_title(figure)).decode()
    said = f" <desc>{xml_text(_told(figure))}</desc>\n"
    return (
        file.replace("<svg ", '<svg role="img" ', 1)
        .replace(" <defs>", said + " <defs>", 1)
        .encode()
    )


def pdf(figure: Figure) -> bytes:
    """A PDF without a date, and without the names of programs."""
    empty = dict.fromkeys(("CreationDate", "Creator", "Producer"))
    return _saved(figure, "pdf", **empty, Title=_title(figure), Subject=_told(figure))


def png(figure: Figure) -> bytes:
    """A PNG without the names of programs."""
    told = {"Title": _title(figure), "Description": _told(figure)}
    return _saved(figure, "png", Software=None, **told)


def _title(figure: Figure) -> str:
    return str(figure.get_label())


def _told(figure: Figure) -> str:
    """What the figure shows, for people who cannot see it; a scale of colours is no panel."""
    panels = [
        (axes.get_xlabel(), axes.get_ylabel(), [*filter(str.strip, _names(axes))])
        for axes in figure.axes
        if axes.get_label() != "<colorbar>"
    ]
    return describe_plot(_title(figure), panels)


def _names(axes: Axes) -> list[str]:
    """The panel's title and its legend."""
    labels: list[str] = axes.get_legend_handles_labels()[1]
    return [axes.get_title(loc="left"), *labels]


def _saved(figure: Figure, kind: str, **metadata: Any) -> bytes:
    file = BytesIO()
    with drawing():
        import matplotlib

        # matplotlib announces the outlines of this Korean font as those of another type; drawn as
        # type 3, readers of PDF need not guess.
        if kind == "pdf":
            matplotlib.rcParams["pdf.fonttype"] = 3 if _is_korean(figure) else 42
        figure.savefig(
            file, format=kind, metadata=metadata,
            facecolor=figure.get_facecolor(), edgecolor="none",
        )  # fmt: skip
    return file.getvalue()


def _is_korean(figure: Figure) -> bool:
    from matplotlib.text import Text

    texts = (text.get_text() for text in figure.findobj(Text) if isinstance(text, Text))
    return any("가" <= letter <= "힣" for text in texts for letter in text)


def _matplotlib() -> Any:
    found = part("matplotlib", "plots need")
    if own_process() and "matplotlib.figure" not in sys.modules:
        # It writes the properties of a hundred classes into docstrings, which is a fifth of its
        # start; nobody reads them in a command.
        import_module("matplotlib.artist").kwdoc = lambda _: ""  # type: ignore[attr-defined]
    return found


@cache
def _families() -> list[str]:
    """Names of the type: matplotlib's own, and the Korean font that is shipped with graphdiff."""
    from matplotlib import font_manager

    fonts = resources.files("graphdiff.drawing") / "fonts"
    with resources.as_file(fonts / "GraphdiffSansKR-Regular.otf") as path:
        font_manager.fontManager.addfont(path)
        name = font_manager.FontProperties(fname=path).get_name()
    return ["DejaVu Sans", name]


def _settings(look: Look) -> dict[str, Any]:
    """matplotlib's settings: large type, thin axes, a faint grid, nothing that varies."""
    from cycler import cycler

    lines = [look.series(k) for k in range(len(LINES))]
    return {
        "font.family": _families(), "font.size": 13.0, "mathtext.fontset": "dejavusans",
        "axes.titlesize": 14.0, "axes.labelsize": 13.0, "legend.fontsize": 11.5,
        "xtick.labelsize": 11.5, "ytick.labelsize": 11.5, "legend.framealpha": 0.9,
        "figure.facecolor": look.paper, "axes.facecolor": look.paper, "savefig.dpi": 160,
        "text.color": look.ink, "axes.labelcolor": look.ink, "axes.edgecolor": look.muted,
        "xtick.color": look.muted, "ytick.color": look.muted, "xtick.labelcolor": look.ink,
        "ytick.labelcolor": look.ink, "legend.facecolor": look.paper,
        "legend.edgecolor": look.grid, "grid.color": look.grid, "axes.grid": True,
        "axes.axisbelow": True, "axes.spines.top": False, "axes.spines.right": False,
        "lines.linewidth": 2.2, "lines.markersize": 7.0,
        "axes.prop_cycle": cycler(
            color=[line["color"] for line in lines], linestyle=[line["linestyle"] for line in lines]
        ),
        "svg.fonttype": "path", "svg.hashsalt": "graphdiff",
    }  # fmt: skip
