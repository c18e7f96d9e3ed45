"""A scene as a file, one module per format; and the tables of what pictures can be written as.

A row takes a `graphdiff.drawing.figure.Figure`, a figure of matplotlib, a result to set in motion,
or the steps of a build, and gives bytes: of single steps a list of them.
"""

from __future__ import annotations

from graphdiff.core.support.formats import Format, table

__all__ = ["ANIMATIONS", "BUILDS", "FIGURES", "PLOTS", "STEPS"]

_HERE, _BUILDS = "graphdiff.drawing.formats", "graphdiff.drawing.builds"
_PLOTS = "graphdiff.drawing.plots"
_MATPLOTLIB, _PILLOW = ("matplotlib", "plots need"), ("PIL", "animations need")
_FLAT = frozenset({"layout", "wires"})

FIGURES = table(
    Format("svg", "vectors, with letters as outlines", f"{_HERE}.svg:write"),
    Format("pdf", "vectors, with text that can be selected", f"{_HERE}.typst_document:write_pdf"),
    Format("png", "pixels", f"{_HERE}.typst_document:write_png"),
    Format("dot", "the source of Graphviz", f"{_HERE}.dot:write", lacks=frozenset({"layout"})),
    Format("tex", "a LaTeX document with TikZ", f"{_HERE}.tex:write_document"),
    Format("tikz", "a picture for a LaTeX document", f"{_HERE}.tex:write_picture"),
    Format("typ", "the source of Typst", f"{_HERE}.typst_document:write_typst"),
    Format("mmd", "the source of Mermaid", f"{_HERE}.mermaid:write", lacks=_FLAT),
    Format("md", "Markdown with Mermaid", f"{_HERE}.mermaid:write_markdown", lacks=_FLAT),
    Format("html", "an interactive page", "graphdiff.drawing.page.html:write",
           lacks=frozenset({"wires"})),
)  # fmt: skip
"""Figures of programs: a figure to bytes.  ``lacks`` says who needs no layout, and who does not
show how wide wires are."""

PLOTS = table(
    Format("svg", "vectors, with letters as outlines", f"{_PLOTS}.style:svg", needs=_MATPLOTLIB),
    Format("pdf", "vectors", f"{_PLOTS}.style:pdf", needs=_MATPLOTLIB),
    Format("png", "pixels", f"{_PLOTS}.style:png", needs=_MATPLOTLIB),
)
"""Plots: a figure of matplotlib to bytes."""

ANIMATIONS = table(
    Format("gif", "a plot that moves", f"{_PLOTS}.descent:animation", needs=_PILLOW),
)
"""Plots of runs that move: runs and the settings of a plot to bytes."""

BUILDS = table(
    Format("pdf", "a page a step", f"{_BUILDS}.animation:write_pages"),
    Format("gif", "an animation", f"{_BUILDS}.animation:write_gif",
           needs=("PIL", "a GIF needs", "or write an animated .svg")),
    Format("svg", "an animation without scripts", f"{_BUILDS}.animation:write_svg"),
    Format("tex", "a beamer slide with overlays", f"{_BUILDS}.beamer:write"),
    Format("pptx", "a presentation with a slide a step, text and shapes to edit",
           f"{_BUILDS}.slides:write", needs=("pptx", "a presentation needs", "or write a .pdf")),
    Format("html", "an interactive page", "graphdiff.drawing.page.html:write_build"),
)  # fmt: skip
"""A figure that is built up, all in one file: builds, the figure and the delay to bytes."""

STEPS = table(
    Format("svg", "vectors", f"{_BUILDS}.animation:to_svgs"),
    Format("png", "pixels", f"{_BUILDS}.animation:to_pngs"),
)
"""A figure that is built up, a file for every step: builds and pixels an inch to a list."""
