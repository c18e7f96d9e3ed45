"""How figures look: sizes in points and colours, nothing about where things go."""

from __future__ import annotations

from dataclasses import dataclass

from graphdiff.rendering.diagram import Ink

__all__ = ["CS231N", "STYLES", "Style"]


@dataclass(frozen=True, slots=True)
class Style:
    """Type sizes, strokes, distances (points) and colours (``#rrggbb``) of a figure."""

    name: str
    # Type sizes; gates of one letter or sign are set larger, so that they fill their disc alike.
    number: float = 11.0
    gate: float = 12.0
    symbol: float = 15.0
    variable: float = 13.0
    # Shapes.
    gate_diameter: float = 30.0
    gate_padding: float = 2.6
    fork_diameter: float = 5.0
    corner: float = 5.0
    # Strokes.
    wire_width: float = 0.9
    gate_width: float = 1.1
    head_length: float = 6.0
    head_width: float = 4.6
    # Distances: figure's edge, text to wire, text to text, between rows, beside a label.
    margin: float = 8.0
    text_gap: float = 3.0
    word_gap: float = 4.5
    row_gap: float = 8.5
    side_gap: float = 3.5
    # Colours.
    paper: str = "#ffffff"
    line: str = "#30363d"
    ink: str = "#1b1f24"
    value: str = "#117a37"
    gradient: str = "#c0182b"
    muted: str = "#6a737d"
    accent: str = "#0b57b7"

    def colour(self, ink: Ink) -> str:
        """The colour of an ink."""
        return str(getattr(self, ink))


# The look of Stanford's CS231n slides: value in green above the wire, gradient in red below it.
# Position alone tells the two apart, so nothing depends on seeing colours; the red is also darker
# in grey than the green's, and bluer, which is what colour-blind eyes go by.
CS231N = Style(name="cs231n")

STYLES = {style.name: style for style in (CS231N,)}
