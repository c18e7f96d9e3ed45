"""A diagram as a Mermaid flowchart, for Markdown pages that draw one.

Mermaid lays out by itself and knows no mathematics of ours, so labels are plain text: on an edge
the value, and in a line below it the gradient after ∂, since colours are not to be had there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from graphdiff.drawing.parts.diagram import Box, Diagram, Label, Wire
from graphdiff.drawing.parts.escaping import clean
from graphdiff.drawing.parts.styles import CS231N, Style

if TYPE_CHECKING:
    from graphdiff.drawing.figure import Figure

__all__ = ["to_mermaid"]

# All that Mermaid, its Markdown or HTML could read as more than a letter, and the two letters
# with which it marks the codes below while it works.
_UNSAFE = re.compile(r"[^\w\s.,=()\u0080-\U0010ffff]|_|\.(?!\d)|[ﬂ¶]", re.ASCII)
# Around the label of each kind of box; all others are rectangles. Longer words get a pill.
_SHAPES = {"gate": ("((", "))"), "fork": ("((", "))"), "layer": ("(", ")")}
_PILL, _SQUARE = ("([", "])"), ("[", "]")
_LETTERS = 4


def write(figure: Figure) -> bytes:
    """The figure as a file."""
    return to_mermaid(figure.diagram, figure.look, figure.direction or "lr").encode()


def write_markdown(figure: Figure) -> bytes:
    """The figure as a block of a Markdown file, as GitHub draws it."""
    return b"```mermaid\n" + write(figure) + b"```\n"


def to_mermaid(diagram: Diagram, style: Style = CS231N, direction: str = "lr") -> str:
    """The diagram as the source of a Mermaid flowchart, the same on every run."""
    names = {box.id: f"n{number}" for number, box in enumerate(diagram.boxes)}
    title = _escaped("; ".join(diagram.title.splitlines()))
    lines = [f"accTitle: {title}", f"accDescr: {_escaped(diagram.description)}"]
    lines += [_box(box, names[box.id]) for box in diagram.boxes]
    forks = {box.id for box in diagram.boxes if box.kind == "fork"}
    order = {box.id: number for number, box in enumerate(diagram.boxes)}
    # Operands in their order: Mermaid mostly keeps that of the edges.
    for wire in sorted(diagram.wires, key=lambda wire: (order[wire.target], wire.position)):
        line = "---" if wire.target in forks else "-->"
        lines.append(f"{names[wire.source]} {line}{_numbers(wire)} {names[wire.target]}")
    lines += _classes(diagram.boxes, names, style)
    return "\n".join([f"flowchart {direction.upper()}", *(f"  {line}" for line in lines)]) + "\n"


def _box(box: Box, name: str) -> str:
    long = box.kind == "gate" and box.label and len(box.label.plain) > _LETTERS
    start, end = _PILL if long else _SHAPES.get(box.kind, _SQUARE)
    labels = (box.label,) if box.label else box.cells
    text = "<br/>".join(_escaped(label.plain) for label in labels if label.plain)
    # Mermaid shows the name of a box whose label is empty.
    return f'{name}{start}"{text or " "}"{end}'


def _numbers(wire: Wire) -> str:
    """The label of an edge: a line of what is above the wire, and one of what is below it."""
    on = (wire.on,) if wire.on else ()
    above, below = _joined((*wire.above, *on)), _joined(wire.below)
    rows = [above, f"∂ {below}" if below else ""]
    text = "<br/>".join(row for row in rows if row)
    return f'|"{text}"|' if text else ""


def _joined(labels: Iterable[Label]) -> str:
    """Labels side by side; thumbnails have no letters."""
    return " ".join(_escaped(label.plain) for label in labels if label.plain)


def _classes(boxes: Iterable[Box], names: dict[str, str], style: Style) -> Iterator[str]:
    """How boxes look: names bare, forks as dots."""
    looks = {
        "gate": f"fill:{style.paper},stroke:{style.line},color:{style.ink}",
        "fork": f"fill:{style.line},stroke:{style.line},font-size:1px",
        "leaf": "fill:none,stroke:none",
    }
    classes: dict[str, list[str]] = {}
    for box in boxes:
        kind = {"layer": "gate", "gate": "gate", "fork": "fork"}.get(box.kind, "leaf")
        classes.setdefault("gate" if box.cells else kind, []).append(names[box.id])
    for kind, members in classes.items():
        yield f"classDef {kind} {looks[kind]}"
        yield f"class {','.join(members)} {kind}"


def _escaped(text: str) -> str:
    """Text in Mermaid's own codes wherever a letter could be read as more than itself.

    >>> _escaped('x*y "1." 0.5')
    'x#42;y #34;1#46;#34; 0.5'
    """
    return _UNSAFE.sub(lambda letter: f"#{ord(letter[0])};", clean(text))
