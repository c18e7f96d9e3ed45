"""Captions as shapes: their parts typeset, in rows on one baseline, in aligned columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from graphdiff.drawing.parts.diagram import Label
from graphdiff.drawing.parts.heat import typeset_heat
from graphdiff.drawing.parts.outlines import Typeset
from graphdiff.drawing.parts.scene import Placed, Shape
from graphdiff.drawing.parts.styles import Style
from graphdiff.drawing.parts.typeset import Text, typeset

from .captions import Caption, Row

__all__ = ["Legend", "legends"]

# Points: between the parts of a row and of the heading, between rows, and below the heading.
_GAP, _WORD, _LINE, _HEADING = 5.0, 7.0, 7.0, 9.0


@dataclass(frozen=True, slots=True)
class Legend:
    """A caption with the places of its labels, counted from its top left corner."""

    width: float
    height: float
    labels: tuple[Placed, ...]

    def shapes(self, x: float, y: float) -> Iterator[Shape]:
        """The labels at their places in a picture, each as a shape of its own."""
        for number, label in enumerate(self.labels):
            placed = Placed(
                label.label, round(x + label.x, 2), round(y + label.y, 2), label.size, label.text
            )
            middle = (placed.x + placed.w / 2, placed.y + placed.h / 2)
            name = f"caption{number}"
            yield Shape(name, "panel", "none", *middle, placed.w, placed.h, placed)


def legends(captions: Sequence[Caption], style: Style) -> list[Legend]:
    """All captions, typeset at once."""
    size = style.variable
    labels = dict.fromkeys(
        label for caption in captions for row in _rows(caption) for label in row if label
    )
    made = typeset([Text(label.typst, size) for label in labels])
    texts = {
        label: typeset_heat(label.heat, size) if label.heat else text
        for label, text in zip(labels, made, strict=True)
    }
    return [_legend(caption, texts, size) for caption in captions]


def _rows(caption: Caption) -> tuple[Row, ...]:
    return (caption.heading, *caption.rows)


def _legend(caption: Caption, texts: dict[Label, Typeset], size: float) -> Legend:
    placed: list[Placed] = []
    y = 0.0
    columns = [_widths([caption.heading], texts), *_all_widths(caption.rows, texts)]
    for number, (row, widths) in enumerate(zip(_rows(caption), columns, strict=True)):
        known = [texts[label] for label in row if label]
        rise = max((text.baseline for text in known), default=0.0)
        fall = max((text.height - text.baseline for text in known), default=0.0)
        x = 0.0
        for label, width in zip(row, widths, strict=True):
            if label and texts[label].marks:
                text = texts[label]
                # Numbers end below each other; other parts have their middles there.
                digits = label.ink != "ink" and text.height < 1.5 * size
                place = x + (width - text.width) / (1 if digits else 2)
                placed.append(Placed(label, place, y + rise - text.baseline, size, text))
            gap = _GAP if number else _WORD
            x += width + (gap if width else 0.0)
        y += rise + fall + (_LINE if number else _HEADING)
    right = max((label.rectangle[2] for label in placed), default=0.0)
    bottom = max((label.rectangle[3] for label in placed), default=0.0)
    return Legend(right, bottom, tuple(placed))


def _all_widths(rows: Sequence[Row], texts: dict[Label, Typeset]) -> list[list[float]]:
    """For each row the widths of its columns, as wide as in any row with as many columns."""
    alike: dict[int, list[Row]] = {}
    for row in rows:
        alike.setdefault(len(row), []).append(row)
    found = {count: _widths(group, texts) for count, group in alike.items()}
    return [found[len(row)] for row in rows]


def _widths(rows: Sequence[Row], texts: dict[Label, Typeset]) -> list[float]:
    return [
        max((texts[label].width for label in column if label), default=0.0)
        for column in zip(*rows, strict=True)
    ]
