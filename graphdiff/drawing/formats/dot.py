"""A diagram as DOT, for people who go on with Graphviz: it needs no layout of ours.

Values and gradients are HTML-like labels of the edges, and operands keep their order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from graphdiff.drawing.parts.diagram import Box, Diagram, Label
from graphdiff.drawing.parts.escaping import clean, xml_text
from graphdiff.drawing.parts.styles import CS231N, Style

if TYPE_CHECKING:
    from graphdiff.drawing.figure import Figure

__all__ = ["to_dot"]

_SIMPLE = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_KEYWORDS = frozenset({"node", "edge", "graph", "digraph", "subgraph", "strict"})
_SHAPES = {
    "gate": {"shape": "circle", "margin": "0.02"},
    "neuron": {"shape": "circle", "margin": "0.02"},
    "layer": {"shape": "box", "style": "rounded", "margin": "0.08"},
    "fork": {"shape": "point", "width": "0.07"},
    "input": {"shape": "plain"},
    "constant": {"shape": "plain"},
    "output": {"shape": "plain"},
    "record": {"shape": "box", "margin": "0.05"},
    "card": {"shape": "box", "style": "rounded", "margin": "0.08"},
}


def write(figure: Figure) -> bytes:
    """The figure as a file."""
    return to_dot(figure.diagram, figure.look, figure.direction or "lr").encode()


def to_dot(diagram: Diagram, style: Style = CS231N, direction: str = "lr") -> str:
    """The diagram as DOT source, readable and the same on every run."""
    import graphviz

    paper = style.paper if style.background == "card" else "transparent"
    graph = graphviz.Digraph(
        # Graphviz 2.43 takes a comment of 16 KiB for the end of the file.
        comment=clean(diagram.title)[:1000],
        graph_attr={"rankdir": direction.upper(), "ordering": "in", "bgcolor": paper},
        node_attr={"fontname": "serif", "fontsize": f"{style.gate:g}", "color": style.line},
        edge_attr={
            "fontname": "serif",
            "fontsize": f"{style.number:g}",
            "color": style.line,
            "arrowsize": "0.6",
        },
    )
    names = _names(diagram.boxes)
    for box in diagram.boxes:
        graph.node(names[box.id], label=_box_label(box, style), **_attributes(box, style))
    forks = {box.id for box in diagram.boxes if box.kind == "fork"}
    order = {box.id: number for number, box in enumerate(diagram.boxes)}
    # Graphviz takes the operands' order from the order of the edges.
    for wire in sorted(diagram.wires, key=lambda wire: (order[wire.target], wire.position)):
        attributes = {"arrowhead": "none"} if wire.target in forks else {}
        if wire.strong:
            attributes |= {"color": style.accent, "penwidth": f"{style.strong:g}"}
        elif wire.flow is not None:
            colour, width = style.wire(False, wire.flow)
            attributes |= {"color": colour, "penwidth": f"{width:.3g}"}
        middle = [(wire.on,)] if wire.on else []
        label = _rows([wire.above, *middle, wire.below], style)
        if label:
            attributes["label"] = label
        graph.edge(names[wire.source], names[wire.target], **attributes)
    return str(graph.source)


def _names(boxes: Iterable[Box]) -> dict[str, str]:
    """A name in DOT for each box: its own if that is a plain word, else one of ours.

    The package reads a colon in an edge's end as a port, and so cannot take every name.
    """
    boxes = list(boxes)
    names = {
        box.id: box.id
        for box in boxes
        if _SIMPLE.fullmatch(box.id) and box.id.lower() not in _KEYWORDS
    }
    taken, number = set(names.values()), 0
    for box in boxes:
        while box.id not in names:
            number += 1
            if f"box{number}" not in taken:
                names[box.id] = f"box{number}"
    return names


def _attributes(box: Box, style: Style) -> dict[str, str]:
    import graphviz

    attributes = dict(_SHAPES[box.kind])
    if box.strong:
        attributes |= {"color": style.accent, "penwidth": f"{style.strong:g}"}
    if box.note:
        attributes["tooltip"] = graphviz.escape(clean(box.note))
    return attributes


def _box_label(box: Box, style: Style) -> str:
    """An HTML-like label; a box without one must say so, or Graphviz prints its name."""
    if box.cells:
        rows = [[cell] for cell in box.cells] if box.kind == "card" else [box.cells]
        return _rows(rows, style)
    return (_rows([[box.label]], style) if box.label else "") or ""


def _rows(rows: Iterable[Iterable[Label]], style: Style) -> str:
    """Rows of labels in their colours as one HTML-like label, empty if there is none."""
    lines = [
        " ".join(
            f'<font color="{style.colour(label.ink)}">{xml_text(label.plain)}</font>'
            for label in row
            if label.plain
        )
        for row in rows
    ]
    # An empty row keeps a gradient below its wire even where there is no value above it.
    text = "<br/>".join(line or " " for line in lines)
    return f"<{text}>" if any(lines) else ""
