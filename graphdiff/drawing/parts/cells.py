"""Boxes with several labels in them: records, cell by cell, and cards, line by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import fsum

from .diagram import Box
from .outlines import Typeset
from .scene import Form, Placed, Shape
from .styles import Style

__all__ = ["cell_room", "cell_shapes"]

# Points: beside a text in its cell, above and below it, and between the lines of a card.
_SIDE, _TOP, _LINE = 6.0, 6.5, 5.0


def cell_room(kind: str, texts: Sequence[Typeset], style: Style) -> tuple[float, float]:
    """Width and height of a record or card."""
    if kind == "record":
        width = fsum(text.width + 2 * _SIDE for text in texts)
        return width, _rise(texts) + _fall(texts) + 2 * _TOP
    height = fsum(text.height for text in texts) + _LINE * max(0, len(texts) - 1) + 2 * _TOP
    width = max((text.width for text in texts), default=0.0) + 2 * _SIDE
    return max(width, style.gate_diameter), max(height, style.gate_diameter)


def cell_shapes(
    box: Box, texts: Sequence[Typeset], middle: tuple[float, float], style: Style
) -> Iterator[Shape]:
    """The shapes of a record or card: first the box itself, then its parts."""
    x, y = middle
    width, height = cell_room(box.kind, texts, style)
    form: Form = "none" if box.kind == "record" else "block"
    yield Shape(box.id, box.kind, form, x, y, width, height, None, box.note, "", box.strong)
    make = _record if box.kind == "record" else _card
    for number, shape in enumerate(make(box, texts, middle, style)):
        name = f"{box.id}.{number}"
        yield Shape(
            name, box.kind, shape.form, shape.x, shape.y, shape.w, shape.h, shape.label,
            part_of=box.id, strong=box.strong,
        )  # fmt: skip


def _record(
    box: Box, texts: Sequence[Typeset], middle: tuple[float, float], style: Style
) -> Iterator[Shape]:
    """Cells side by side, their texts on one baseline."""
    width, height = cell_room(box.kind, texts, style)
    left = middle[0] - width / 2
    base = middle[1] + (_rise(texts) - _fall(texts)) / 2
    for label, text in zip(box.cells, texts, strict=True):
        wide = text.width + 2 * _SIDE
        placed = Placed(label, left + _SIDE, base - text.baseline, style.number, text)
        yield Shape("", box.kind, "cell", left + wide / 2, middle[1], wide, height, placed)
        left += wide


def _card(
    box: Box, texts: Sequence[Typeset], middle: tuple[float, float], style: Style
) -> Iterator[Shape]:
    """Lines one below the other, each in the middle."""
    height = fsum(text.height for text in texts) + _LINE * max(0, len(texts) - 1)
    top = middle[1] - height / 2
    for label, text in zip(box.cells, texts, strict=True):
        placed = Placed(label, middle[0] - text.width / 2, top, style.number, text)
        y = top + text.height / 2
        yield Shape("", box.kind, "none", middle[0], y, text.width, text.height, placed)
        top += text.height + _LINE


def _rise(texts: Sequence[Typeset]) -> float:
    return max((text.baseline for text in texts), default=0.0)


def _fall(texts: Sequence[Typeset]) -> float:
    return max((text.height - text.baseline for text in texts), default=0.0)
