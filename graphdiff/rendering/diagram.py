"""The drawing before layout: boxes, wires between them, and the labels on both.

A diagram says what is drawn and in which order, never where or in which format.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graphdiff.rendering.heat import Heat

__all__ = ["Box", "BoxKind", "Diagram", "Ink", "Label", "Wire"]

Ink = Literal["ink", "value", "gradient", "muted", "accent"]
BoxKind = Literal["input", "gate", "layer", "fork", "output", "constant"]


@dataclass(frozen=True, slots=True)
class Label:
    """One piece of mathematics in the three notations that the formats need.

    ``typst`` is Typst math without dollar signs and is trusted (it reaches the compiler as it is);
    text from a user goes through `graphdiff.rendering.typeset.plain_label`.  ``heat`` is a picture
    instead of text.
    """

    typst: str
    plain: str
    latex: str
    ink: Ink = "ink"
    heat: Heat | None = None


@dataclass(frozen=True, slots=True)
class Box:
    """A place where wires start or end; ``note`` is its tooltip."""

    id: str
    kind: BoxKind
    label: Label | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Wire:
    """An edge from one box to another, with the labels set above and below it.

    ``position`` is the operand's position at the target, from the top. Several labels on one side
    stand side by side.
    """

    source: str
    target: str
    position: int
    above: tuple[Label, ...] = ()
    below: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagram:
    """A whole figure before layout; ``title`` and ``description`` are what is read aloud."""

    title: str
    description: str
    boxes: tuple[Box, ...]
    wires: tuple[Wire, ...]
