"""The drawing before layout: boxes, wires between them, and the labels on both.

A diagram says what is drawn and in which order, never where or in which format.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from .heat import Heat

__all__ = [
    "NOTATIONS", "Box", "BoxKind", "Column", "Diagram", "Enclosure", "Ink", "Label", "Note", "Wire",
    "is_block",
]  # fmt: skip

Ink = Literal["ink", "value", "gradient", "muted", "accent"]
BoxKind = Literal[
    "input", "gate", "layer", "fork", "output", "constant",
    "neuron",  # its cells are its name, and what stands below it
    "record", "card",  # cells side by side, and lines one below the other
    "local", "note", "group", "panel",  # made by the layout: what is added to wires and boxes
]  # fmt: skip


def is_block(kind: BoxKind) -> bool:
    """Whether a box of that kind has straight sides, which wires meet level."""
    return kind in ("layer", "record", "card")


@dataclass(frozen=True, slots=True)
class Label:
    """One piece of mathematics in the three notations that the formats need.

    ``typst`` is Typst math without dollar signs and is trusted (it reaches the compiler as it is);
    text from a user goes through `graphdiff.drawing.parts.typeset.plain_label`.  ``heat`` is a
    picture instead of text.
    """

    typst: str
    plain: str
    latex: str
    ink: Ink = "ink"
    heat: Heat | None = None

    @classmethod
    def of(cls, show: Callable[[str], str], ink: Ink = "ink") -> Label:
        """The label of a formula, which is shown in a notation."""
        return replace(cls.each(lambda kind: [show(kind)])[0], ink=ink)

    @classmethod
    def each(cls, show: Callable[[str], Sequence[str]]) -> list[Label]:
        """The labels of several formulas, which are shown together."""
        return [cls(*texts) for texts in zip(*map(show, NOTATIONS), strict=True)]

    @property
    def texts(self) -> tuple[str, str, str]:
        """The texts in the notations, in order."""
        return self.typst, self.plain, self.latex


NOTATIONS = ("typst", "unicode", "latex")
"""The notations of formulas in labels, in order."""


@dataclass(frozen=True, slots=True)
class Box:
    """A place where wires start or end; ``note`` is its tooltip.

    ``cells`` are what a record or a card holds instead of a label; ``strong`` boxes stand out.
    A ``small`` gate computes nothing.  ``weighted`` is a layer of a network, or many gates: inputs
    stand right before their use. The operands of a gate that ``commutes`` may change places.
    """

    id: str
    kind: BoxKind
    label: Label | None
    note: str = ""
    cells: tuple[Label, ...] = ()
    strong: bool = False
    weighted: bool = False
    small: bool = False
    commutes: bool = False


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge from one box to another, with the labels set above and below it.

    ``position`` is the operand's position at the target, from the top. Several labels on one side
    stand side by side. ``on`` is a label in a small box on the wire itself. ``flow`` is how much
    gradient comes down, in steps from 0 (none) up; None where that is not shown.
    """

    source: str
    target: str
    position: int
    above: tuple[Label, ...] = ()
    below: tuple[Label, ...] = ()
    on: Label | None = None
    strong: bool = False
    flow: int | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A remark with an arrow to a box."""

    target: str
    label: Label


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A frame with a caption around some boxes."""

    boxes: frozenset[str]
    caption: Label


@dataclass(frozen=True, slots=True)
class Column:
    """Neurons that stand one below the other, and what they have in common."""

    boxes: tuple[str, ...]
    caption: Label | None = None


@dataclass(frozen=True, slots=True)
class Diagram:
    """A whole figure before layout; ``title`` and ``description`` are what is read aloud.

    ``notes``, ``enclosures`` and the lines of the ``panel`` are added when all else has its place.
    ``columns`` are the layers of a network, which are not looked for then.
    """

    title: str
    description: str
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
    notes: tuple[Note, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()
    panel: tuple[Label, ...] = ()
    columns: tuple[Column, ...] = ()
